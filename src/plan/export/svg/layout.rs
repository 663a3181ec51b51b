//! Where each box of a picture goes: rows by level, within a row near to what it is joined with (Sugiyama, Tagawa and
//! Toda 1981). An edge over several rows is led through a narrow place in each row between.

use super::super::{BodyId, Cluster, Drawn, Plan, edges, lines};

/// The height of a line of small text.
pub(super) const LINE: f64 = 16.0;
/// From the upper edge of a box to the foot of its name.
pub(super) const NAME: f64 = 20.0;
/// The height of the line over what stands in a cluster.
const HEAD: f64 = 30.0;
const GAP: f64 = 26.0;
const ROW: f64 = 46.0;
const PAD: f64 = 14.0;
/// About the width of a letter of small text.
pub(super) const SMALL: f64 = 6.1;
/// How far apart edges leave and enter a box.
const PORT: f64 = 18.0;

/// A body, laid out from its upper left corner.
pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    pub boxes: Vec<Placed>,
    pub edges: Vec<Line>,
}

/// A box.
pub(super) struct Placed {
    pub name: String,
    pub does: Vec<String>,
    pub class: &'static str,
    /// Whether it runs only where something is true.
    pub conditional: bool,
    pub rect: Rect,
    /// What it runs: each with its place in the box.
    pub inner: Vec<Inner>,
}

/// What a step runs.
pub(super) struct Inner {
    /// What it is, where there are several or the step does not say it.
    pub title: Option<String>,
    pub rect: Rect,
    /// From its upper edge to what is in it.
    pub head: f64,
    /// What is in it; nothing where it has been drawn before.
    pub layout: Option<Layout>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A line through these points.
pub(super) struct Line {
    pub points: Vec<(f64, f64)>,
    pub order_only: bool,
}

/// A box or a place where an edge goes through.
struct Item {
    is_box: bool,
    row: usize,
    width: f64,
    height: f64,
    x: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

pub(super) fn lay_out(plan: &Plan) -> Layout {
    body(plan, BodyId::ROOT, &mut Drawn::default())
}

#[expect(clippy::indexing_slicing, reason = "items and rows are numbered by their places in their lists")]
fn body(plan: &Plan, id: BodyId, drawn: &mut Drawn) -> Layout {
    let planned = plan.body(id);
    let mut boxes: Vec<_> = planned.steps.iter().map(|it| sized(plan, it, drawn)).collect();
    let mut items: Vec<_> = boxes
        .iter()
        .zip(planned.levels())
        .map(|(it, level)| Item {
            is_box: true,
            row: level as usize,
            width: it.rect.width,
            height: it.rect.height,
            x: 0.0,
            above: Vec::new(),
            below: Vec::new(),
        })
        .collect();
    let mut routes = Vec::new();
    for (from, to, order_only) in edges(planned) {
        let (from, to) = (from as usize, to as usize);
        let mut route = vec![from];
        for row in items[from].row + 1..items[to].row {
            items.push(Item {
                is_box: false,
                row,
                width: 8.0,
                height: 0.0,
                x: 0.0,
                above: Vec::new(),
                below: Vec::new(),
            });
            route.push(items.len() - 1);
        }
        route.push(to);
        for pair in route.windows(2) {
            items[pair[0]].below.push(pair[1]);
            items[pair[1]].above.push(pair[0]);
        }
        routes.push((route, order_only));
    }
    let mut rows = vec![Vec::new(); items.iter().map(|it| it.row + 1).max().unwrap_or(0)];
    (0..items.len()).for_each(|it| rows[items[it].row].push(it));
    arrange(&mut items, &mut rows);
    let left = items.iter().map(|it| it.x - it.width / 2.0).fold(f64::INFINITY, f64::min);
    let right = items.iter().map(|it| it.x + it.width / 2.0).fold(f64::NEG_INFINITY, f64::max);
    let heights: Vec<f64> = rows.iter().map(|row| row.iter().map(|it| items[*it].height).fold(0.0, f64::max)).collect();
    let tops: Vec<f64> = heights
        .iter()
        .scan(0.0, |top, height| {
            let here = *top;
            *top += height + ROW;
            Some(here)
        })
        .collect();
    for (it, item) in boxes.iter_mut().zip(&items) {
        it.rect.x = item.x - item.width / 2.0 - left;
        it.rect.y = tops[item.row];
    }
    let leaves = ports(&items, &routes, |route| (route[0], route[1]));
    let enters = ports(&items, &routes, |route| (route[route.len() - 1], route[route.len() - 2]));
    let lines = routes.into_iter().enumerate().map(|(number, (route, order_only))| {
        let last = route.len() - 1;
        let points = route.iter().enumerate().flat_map(|(at, it)| {
            let (item, top) = (&items[*it], tops[items[*it].row]);
            let x = item.x - left;
            let (leave, enter) = (leaves[number] - left, enters[number] - left);
            // A box is left at its foot and entered at its head; a row between is gone through from top to bottom.
            match at {
                0 => vec![(leave, top + item.height)],
                _ if at == last => vec![(enter, top)],
                _ => vec![(x, top), (x, top + heights[item.row])],
            }
        });
        Line { points: points.collect(), order_only }
    });
    let edges = lines.collect();
    let height = (tops.last().copied().unwrap_or(0.0) + heights.last().copied().unwrap_or(0.0)).max(0.0);
    Layout { width: (right - left).max(0.0), height, boxes, edges }
}

/// Sorts each row by what it is joined with, then moves its items there as far as there is room.
#[expect(clippy::indexing_slicing, reason = "rows hold the places of items")]
fn arrange(items: &mut [Item], rows: &mut [Vec<usize>]) {
    for row in rows.iter() {
        pack(items, row);
    }
    for sweep in 0..32 {
        let down = sweep % 2 == 0;
        let order: Vec<usize> = if down { (0..rows.len()).collect() } else { (0..rows.len()).rev().collect() };
        for at in order {
            let wish = |it: usize| {
                let joined = if down { &items[it].above } else { &items[it].below };
                // In the end both sides count, so that long edges become straight.
                let other = if down { &items[it].below } else { &items[it].above };
                let joined = joined.iter().chain(other.iter().filter(|_| sweep >= 16));
                let (mut sum, mut weights) = (0.0, 0.0);
                for other in joined {
                    let weight = match (items[it].is_box, items[*other].is_box) {
                        (true, true) => 1.0,
                        (false, false) => 8.0,
                        _ => 2.0,
                    };
                    sum += weight * items[*other].x;
                    weights += weight;
                }
                if weights == 0.0 { items[it].x } else { sum / weights }
            };
            let mut wishes: Vec<_> = rows[at].iter().map(|it| (*it, wish(*it))).collect();
            // The order settles first, the places after it.
            if sweep < 12 {
                wishes.sort_by(|a, b| a.1.total_cmp(&b.1));
                rows[at] = wishes.iter().map(|it| it.0).collect();
            }
            settle(items, &wishes);
        }
    }
}

#[expect(clippy::indexing_slicing, reason = "rows hold the places of items")]
fn pack(items: &mut [Item], row: &[usize]) {
    let total: f64 = row.iter().map(|it| items[*it].width + GAP).sum();
    let mut x = -total / 2.0;
    for it in row {
        items[*it].x = x + items[*it].width / 2.0;
        x += items[*it].width + GAP;
    }
}

/// Gives each item of a row the place that it wants, or the nearest that leaves room for the others: the middle of what
/// comes out from the left and from the right.
#[expect(clippy::indexing_slicing, reason = "wishes hold the places of items")]
fn settle(items: &mut [Item], wishes: &[(usize, f64)]) {
    let apart = |items: &[Item], a: usize, b: usize| f64::midpoint(items[a].width, items[b].width) + GAP;
    let mut from_left: Vec<f64> = wishes.iter().map(|it| it.1).collect();
    let mut from_right = from_left.clone();
    for at in 1..wishes.len() {
        let least = from_left[at - 1] + apart(items, wishes[at - 1].0, wishes[at].0);
        from_left[at] = from_left[at].max(least);
        let back = wishes.len() - 1 - at;
        let greatest = from_right[back + 1] - apart(items, wishes[back].0, wishes[back + 1].0);
        from_right[back] = from_right[back].min(greatest);
    }
    for (at, (item, _)) in wishes.iter().enumerate() {
        items[*item].x = f64::midpoint(from_left[at], from_right[at]);
    }
}

/// Returns for each edge where it meets the box at one end: towards the other end, and apart from other edges there.
#[expect(clippy::indexing_slicing, reason = "routes hold the places of items")]
fn ports(items: &[Item], routes: &[(Vec<usize>, bool)], ends: impl Fn(&[usize]) -> (usize, usize)) -> Vec<f64> {
    let mut found = vec![0.0; routes.len()];
    let mut at_box = vec![Vec::new(); items.len()];
    for (number, (route, _)) in routes.iter().enumerate() {
        let (here, there) = ends(route);
        at_box[here].push((number, items[there].x));
    }
    for (item, edges) in items.iter().zip(&mut at_box) {
        edges.sort_by(|a, b| a.1.total_cmp(&b.1));
        let gaps = edges.len().saturating_sub(1).max(1) as f64;
        let room = (item.width - 36.0).max(0.0);
        let apart = PORT.min(room / gaps);
        let start = item.x - apart * (edges.len().saturating_sub(1)) as f64 / 2.0;
        for (place, (number, there)) in edges.iter().enumerate() {
            let even = start + apart * place as f64;
            // An edge that could run straight down does.
            found[*number] = if edges.len() == 1 && (there - item.x).abs() < room / 2.0 { *there } else { even };
        }
    }
    found
}

/// Returns the box of a step, with what it runs inside.
fn sized(plan: &Plan, step: &crate::plan::Step, drawn: &mut Drawn) -> Placed {
    let does = lines(step);
    // About what the letters take in the fonts of the style.
    let wide = |text: &str, letter: f64| text.chars().count() as f64 * letter + 28.0;
    let width = does.iter().map(|it| wide(it, SMALL)).fold(wide(&step.name, 7.6), f64::max).max(92.0);
    let top = NAME + LINE * does.len() as f64 + 10.0;
    let clusters = drawn.clusters(step);
    let several = clusters.len() > 1;
    let (mut x, mut height) = (PAD, top);
    let mut inner = Vec::new();
    for Cluster { title, body: id, again } in clusters {
        let layout = (!again).then(|| body(plan, id, drawn));
        let title = if again { Some(format!("{title}, as drawn above")) } else { several.then_some(title) };
        let head = if title.is_some() { HEAD } else { PAD };
        let (within, tall) = layout.as_ref().map_or((0.0, -PAD), |it| (it.width, it.height));
        let least = title.as_ref().map_or(0.0, |it| wide(it, SMALL));
        let rect = Rect { x, y: top, width: (within + 2.0 * PAD).max(least), height: tall + head + PAD };
        x += rect.width + PAD;
        height = height.max(top + rect.height + PAD);
        inner.push(Inner { title, rect, head, layout });
    }
    if let [only] = &mut *inner {
        // One alone takes the whole width.
        only.rect.width = only.rect.width.max(width - 2.0 * PAD);
        x = only.rect.width + 2.0 * PAD;
    }
    let spare = if inner.is_empty() { 0.0 } else { ((width - x) / 2.0).max(0.0) };
    inner.iter_mut().for_each(|it| it.rect.x += spare);
    let width = if inner.is_empty() { width } else { width.max(x) };
    let class = if step.is_let { "let" } else { step.effect.as_str() };
    let rect = Rect { x: 0.0, y: 0.0, width, height };
    Placed { name: step.name.to_string(), does, class, conditional: step.when.is_some(), rect, inner }
}
