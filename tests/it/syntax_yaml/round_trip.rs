//! `.wf` to YAML: the same tree, every comment, and a text that is written again as it stands.

use wf::{
    source::{FileId, Source},
    syntax::{
        self,
        ast::{File, Form},
    },
};

use super::same_tree::{read, shape};

pub const FILES: &[(&str, &str)] = &[
    ("simple_backtest.wf", include_str!("../../../workflows/simple_backtest.wf")),
    ("portfolio.wf", include_str!("../../../workflows/portfolio.wf")),
    ("optimization.wf", include_str!("../../../workflows/optimization.wf")),
    ("sma_cross.wf", include_str!("../../../workflows/strategies/sma_cross.wf")),
    ("paper_trading.wf", include_str!("../../syntax/files/paper_trading.wf")),
    ("signal_trading.wf", include_str!("../../syntax/files/signal_trading.wf")),
];

pub fn to_yaml(name: &str, text: &str) -> String {
    syntax::write(&read(name, text), &Source::new(name, None, text), Form::Yaml)
}

fn comments(file: &File) -> Vec<String> {
    file.comments.iter().map(|it| it.text.to_string()).collect()
}

#[test]
fn keeps_tree_and_comments() {
    for (name, text) in FILES {
        let yaml = to_yaml(name, text);
        if std::env::var_os("SHOW").is_some() {
            println!("{yaml}");
        }
        let (before, after) = (read(name, text), read("a.yaml", &yaml));
        assert_eq!(shape(&before), shape(&after), "{name}\n{yaml}");
        assert_eq!(comments(&before), comments(&after), "{name}\n{yaml}");
        assert_eq!(to_yaml("a.yaml", &yaml), yaml, "{name}");
    }
}

#[test]
fn the_six_lines_are_written_as_they_are() {
    let text = "simple_backtest:
  steps:
    - fetch_data: {slice: data, method: get_historical}
    - analyze: {slice: analyze, method: find_patterns}
";
    assert_eq!(to_yaml("a.yaml", text), text);
    assert_eq!(FileId(0), read("a.yaml", text).id);
}

/// Returns the `.wf` text of a text in either form.
pub fn to_wf_text(name: &str, text: &str) -> String {
    syntax::write(&read(name, text), &Source::new(name, None, text), Form::Wf)
}

#[test]
fn gives_back_the_text() {
    for (name, text) in FILES {
        let canonical = to_wf_text(name, text);
        let yaml = to_yaml(name, &canonical);
        let back = to_wf_text("a.yaml", &yaml);
        assert!(back == canonical, "{name}\n{yaml}\n{}", first_difference(&canonical, &back));
    }
}

/// Returns the lines around the first difference of two texts.
pub fn first_difference(left: &str, right: &str) -> String {
    let at = left.lines().zip(right.lines()).position(|it| it.0 != it.1).unwrap_or(0);
    let near = |it: &str| it.lines().skip(at.saturating_sub(3)).take(8).collect::<Vec<_>>().join("\n");
    format!("--- before\n{}\n--- after\n{}", near(left), near(right))
}
