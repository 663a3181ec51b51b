//! A plan as a picture that stands by itself: readable on light and dark pages, without scripts or fonts to load.

mod layout;

use std::fmt::Write as _;

use layout::{Layout, Placed, Rect};

use super::Plan;

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
  .tip { fill: #8591a5; fill: var(--edge); }
  .box { stroke-width: 1.4; }
  .pure { fill: #e8eefc; stroke: #4a6fd4; }
  .reads { fill: #e1f4e9; stroke: #2f8f5b; }
  .notifies { fill: #fdf3d8; stroke: #b58105; }
  .orders { fill: #fde6e4; stroke: #c8413a; }
  .let { fill: #eef0f4; stroke: #9aa4b5; }
  @media (prefers-color-scheme: dark) {
    svg { --ink: #e9edf4; --dim: #a3aec0; --page: #12161d; --frame: #1a2029; --rule: #36404f; --edge: #76849a; }
    .pure { fill: #1d2a4b; stroke: #6f92f2; }
    .reads { fill: #14352a; stroke: #4fc08a; }
    .notifies { fill: #3a2f10; stroke: #e0ae38; }
    .orders { fill: #431f1f; stroke: #f0736b; }
    .let { fill: #232a35; stroke: #69758a; }
  }
";

/// Returns a plan as SVG: a box for each step, coloured by its effect, and what a step runs inside of it.
pub fn svg(plan: &Plan) -> String {
    let layout = layout::lay_out(plan);
    let (width, height) = (layout.width.max(460.0) + 64.0, layout.height + 122.0);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<style>{STYLE}</style>\n"
    );
    let title = escaped(&format!("{} in mode {}", plan.workflow().name(), plan.workflow().mode()));
    let _ = writeln!(text, "<title>{title}</title>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>");
    let _ = writeln!(text, "<text class=\"title\" x=\"32\" y=\"42\">{title}</text>");
    draw(&layout, (width - layout.width) / 2.0, 64.0, &mut text);
    legend(height - 28.0, &mut text);
    text.push_str("</svg>\n");
    text
}

fn draw(layout: &Layout, x: f64, y: f64, text: &mut String) {
    for edge in &layout.edges {
        let Some((start, rest)) = edge.points.split_first() else { continue };
        let mut path = format!("M{:.1} {:.1}", start.0 + x, start.1 + y);
        let mut from = *start;
        for to in rest {
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
            from = *to;
        }
        let class = if edge.order_only { "edge order" } else { "edge" };
        let _ = writeln!(text, "<path class=\"{class}\" d=\"{path}\"/>");
        let (tip_x, tip_y) = (from.0 + x, from.1 + y);
        let _ = writeln!(text, "<path class=\"tip\" d=\"M{:.1} {:.1} l-4 -7 h8 z\"/>", tip_x, tip_y);
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
        "<rect class=\"box {}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"9\"/>",
        it.class
    );
    let middle = left + width / 2.0;
    let name = escaped(&it.name);
    let _ = writeln!(
        text,
        "<text class=\"name\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>\n\
         <text class=\"does\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        top + 20.0,
        top + 36.0,
        escaped(&it.does)
    );
    for (title, rect, inner) in &it.inner {
        let (left, top) = (rect.x + left, rect.y + top);
        let _ = writeln!(
            text,
            "<rect class=\"cluster\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"7\"/>\n\
             <text class=\"does\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            rect.width,
            rect.height,
            left + 10.0,
            top + 17.0,
            escaped(title)
        );
        draw(inner, left + (rect.width - inner.width) / 2.0, top + layout::HEAD, text);
    }
}

fn legend(y: f64, text: &mut String) {
    let mut x = 32.0;
    for (class, what) in [
        ("pure", "computes"),
        ("reads", "reads"),
        ("notifies", "notifies"),
        ("orders", "places orders"),
        ("let", "let"),
    ] {
        let _ = writeln!(
            text,
            "<rect class=\"box {class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"14\" height=\"14\" rx=\"4\"/>\n\
             <text class=\"does\" x=\"{:.1}\" y=\"{y:.1}\">{what}</text>",
            y - 11.0,
            x + 20.0
        );
        x += 44.0 + what.len() as f64 * 6.0;
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
