//! A plan as a picture that stands by itself: readable on light and dark pages, without scripts or fonts to load.

mod layout;

use std::fmt::Write as _;

use layout::{LINE, Layout, NAME, Placed, Rect, SMALL};

use super::Plan;

const MARGIN: f64 = 32.0;
/// How long the tip of an edge is.
const TIP: f64 = 7.0;
/// What an entry of the legend takes beside its text.
const GAP: f64 = 44.0;

const STYLE: &str = "
  svg { --ink: #1c2330; --dim: #5b6678; --page: #ffffff; --frame: #f5f7fa; --rule: #cfd6e0; --edge: #8591a5;
    font-family: Inter, 'Segoe UI', Helvetica, Arial, sans-serif; }
  .page { fill: #ffffff; fill: var(--page); }
  .name { font-size: 13px; font-weight: 600; fill: #1c2330; fill: var(--ink); }
  .does { font-size: 11px; fill: #5b6678; fill: var(--dim); }
  .title { font-size: 17px; font-weight: 600; fill: #1c2330; fill: var(--ink); }
  .cluster { fill: #f5f7fa; fill: var(--frame); stroke: #cfd6e0; stroke: var(--rule); stroke-width: 1; }
  .edge { fill: none; stroke: #8591a5; stroke: var(--edge); stroke-width: 1.4; }
  .order { stroke-dasharray: 4 4; }
  .condition { stroke-dasharray: 6 3; }
  .mode { font-weight: 400; fill: #5b6678; fill: var(--dim); }
  .tip { fill: #8591a5; fill: var(--edge); }
  .box { stroke-width: 1.4; }
  .pure { fill: #e8eefc; stroke: #4a6fd4; }
  .reads { fill: #e1f4e9; stroke: #2f8f5b; }
  .writes { fill: #f1e8fb; stroke: #8a55c8; }
  .notifies { fill: #fdf3d8; stroke: #b58105; }
  .orders { fill: #fde6e4; stroke: #c8413a; }
  .let { fill: #eef0f4; stroke: #9aa4b5; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e9edf4; --dim: #a3aec0; --page: #12161d; --frame: #1a2029; --rule: #36404f; --edge: #76849a; }
    .pure { fill: #1d2a4b; stroke: #6f92f2; }
    .reads { fill: #14352a; stroke: #4fc08a; }
    .writes { fill: #2c2040; stroke: #b58ae8; }
    .notifies { fill: #3a2f10; stroke: #e0ae38; }
    .orders { fill: #431f1f; stroke: #f0736b; }
    .let { fill: #232a35; stroke: #69758a; }
  }
";

/// Returns a plan as SVG: a box for each step, coloured by its effect, and what a step runs inside of it.
pub fn svg(plan: &Plan) -> String {
    let layout = layout::lay_out(plan);
    let legend = legend(&layout);
    let doc = plan.workflow().doc().map(|it| it.lines().next().unwrap_or_default()).unwrap_or_default();
    let least = legend.iter().map(|it| it.1.len() as f64 * SMALL + GAP).sum::<f64>();
    let width = layout.width.max(least).max(400.0) + 2.0 * MARGIN;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width of some thousand at most")]
    let letters = ((width - 2.0 * MARGIN) / SMALL) as usize;
    let doc = wrapped(&doc.replace('`', ""), letters);
    let top = 62.0 + LINE * doc.len() as f64;
    let height = top + layout.height + 70.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<style>{STYLE}</style>\n"
    );
    let title = escaped(&format!("{} in mode {}", plan.workflow().name(), plan.workflow().mode()));
    let _ = writeln!(text, "<title>{title}</title>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>");
    let _ = writeln!(
        text,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"42\">{} <tspan class=\"mode\">{}</tspan></text>",
        escaped(plan.workflow().name()),
        escaped(plan.workflow().mode())
    );
    for (at, line) in doc.iter().enumerate() {
        let y = 62.0 + LINE * at as f64;
        let _ = writeln!(text, "<text class=\"does\" x=\"{MARGIN}\" y=\"{y:.1}\">{}</text>", escaped(line));
    }
    draw(&layout, (width - layout.width) / 2.0, top, &mut text);
    draw_legend(&legend, height - 28.0, &mut text);
    text.push_str("</svg>\n");
    text
}

fn draw(layout: &Layout, x: f64, y: f64, text: &mut String) {
    for edge in &layout.edges {
        let Some((start, rest)) = edge.points.split_first() else { continue };
        let mut path = format!("M{:.1} {:.1}", start.0 + x, start.1 + y);
        let mut from = *start;
        for (at, to) in (1..).zip(rest) {
            // The last curve ends upright at the foot of the tip, so that the tip points where the line comes from.
            let to = if at == rest.len() { (to.0, to.1 - TIP) } else { *to };
            let bend = (to.1 - from.1) / 2.0;
            let _ = write!(
                path,
                " C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
                from.0 + x,
                from.1 + bend + y,
                to.0 + x,
                to.1 - bend + y,
                to.0 + x,
                to.1 + y
            );
            from = to;
        }
        let class = if edge.order_only { "edge order" } else { "edge" };
        let _ = writeln!(text, "<path class=\"{class}\" d=\"{path}\"/>");
        let (tip_x, tip_y) = (from.0 + x, from.1 + y + TIP);
        let _ = writeln!(text, "<path class=\"tip\" d=\"M{tip_x:.1} {tip_y:.1} l-4 -{TIP} h8 z\"/>");
    }
    for it in &layout.boxes {
        place(it, x, y, text);
    }
}

fn place(it: &Placed, x: f64, y: f64, text: &mut String) {
    let Rect { x: left, y: top, width, height } = it.rect;
    let (left, top) = (left + x, top + y);
    let _ = writeln!(
        text,
        "<rect class=\"box {}{}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"9\"/>",
        it.class,
        if it.conditional { " condition" } else { "" }
    );
    let middle = left + width / 2.0;
    let mut y = top + NAME;
    let _ = writeln!(
        text,
        "<text class=\"name\" x=\"{middle:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
        escaped(&it.name)
    );
    for line in &it.does {
        y += LINE;
        let _ = writeln!(
            text,
            "<text class=\"does\" x=\"{middle:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>",
            escaped(line)
        );
    }
    for inner in &it.inner {
        let (left, top) = (inner.rect.x + left, inner.rect.y + top);
        let Rect { width, height, .. } = inner.rect;
        let _ = writeln!(
            text,
            "<rect class=\"cluster\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"7\"/>"
        );
        if let Some(title) = &inner.title {
            let (x, y) = (left + 12.0, top + 18.0);
            let _ = writeln!(text, "<text class=\"does\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(title));
        }
        if let Some(layout) = &inner.layout {
            draw(layout, left + (width - layout.width) / 2.0, top + inner.head, text);
        }
    }
}

/// Returns what a picture needs explained: the classes that occur in it, each with what it means.
fn legend(layout: &Layout) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("box pure", "computes"),
        ("box reads", "reads"),
        ("box writes", "writes"),
        ("box notifies", "notifies"),
        ("box orders", "places orders"),
        ("box let", "let"),
        ("box condition", "on condition"),
        ("edge order", "order alone"),
    ];
    let mut found = Vec::new();
    classes(layout, &mut found);
    all.into_iter().filter(|it| found.contains(&it.0.split(' ').next_back().unwrap_or_default())).collect()
}

fn classes(layout: &Layout, found: &mut Vec<&'static str>) {
    found.extend(layout.edges.iter().any(|it| it.order_only).then_some("order"));
    for it in &layout.boxes {
        found.push(it.class);
        found.extend(it.conditional.then_some("condition"));
        it.inner.iter().filter_map(|it| it.layout.as_ref()).for_each(|it| classes(it, found));
    }
}

fn draw_legend(legend: &[(&str, &str)], y: f64, text: &mut String) {
    let mut x = MARGIN;
    for (class, what) in legend {
        let top = y - 11.0;
        let _ = match *class {
            "edge order" => writeln!(text, "<path class=\"{class}\" d=\"M{x:.1} {:.1} h16\"/>", y - 4.0),
            "box condition" => writeln!(
                text,
                "<rect class=\"edge condition\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"14\" height=\"14\" rx=\"4\"/>"
            ),
            _ => writeln!(
                text,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"14\" height=\"14\" rx=\"4\"/>"
            ),
        };
        let _ = writeln!(text, "<text class=\"does\" x=\"{:.1}\" y=\"{y:.1}\">{what}</text>", x + 21.0);
        x += GAP + what.len() as f64 * SMALL;
    }
}

/// Breaks a text into lines of about so many letters.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
