//! `.wf` to YAML: the same tree, every comment, and a text that is written again as it stands.

use wf::{
    source::{FileId, Source},
    syntax::{ast::File, yaml},
};

use crate::same_tree::{read, shape};

pub const FILES: &[(&str, &str)] = &[
    ("simple_backtest.wf", include_str!("../../workflows/simple_backtest.wf")),
    ("portfolio.wf", include_str!("../../workflows/portfolio.wf")),
    ("optimization.wf", include_str!("../../workflows/optimization.wf")),
    ("sma_cross.wf", include_str!("../../workflows/strategies/sma_cross.wf")),
    ("paper_trading.wf", include_str!("../syntax/files/paper_trading.wf")),
    ("signal_trading.wf", include_str!("../syntax/files/signal_trading.wf")),
];

pub fn to_yaml(name: &str, text: &str) -> String {
    yaml::write(&read(name, text), &Source::new(name, None, text))
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
