//! The canonical text of files.

use wf::{
    source::{FileId, Source},
    syntax::{self, ast::Form, same},
};

use super::examples;

/// Returns the canonical text, having seen that it is stable and says the same.
pub fn formatted(text: &str) -> String {
    let source = Source::new("test.wf", None, text);
    let parsed = syntax::parse(FileId(0), &source);
    let out = syntax::write(&parsed.file, &source, Form::Wf);
    let again_source = Source::new("test.wf", None, out.clone());
    let again = syntax::parse(FileId(0), &again_source);
    assert_eq!(syntax::write(&again.file, &again_source, Form::Wf), out, "not stable, from:\n{text}");
    if parsed.diagnostics.is_empty() {
        assert_eq!(again.diagnostics, vec![], "from:\n{text}\nto:\n{out}");
        assert_eq!(same::canonical(&parsed.file), same::canonical(&again.file), "from:\n{text}\nto:\n{out}");
        let said =
            |it: &wf::syntax::ast::File| it.comments.iter().map(|it| it.text.trim().to_owned()).collect::<Vec<_>>();
        assert_eq!(said(&parsed.file).len(), said(&again.file).len(), "a comment is lost from:\n{text}\nto:\n{out}");
    }
    out
}

#[test]
fn the_examples_are_canonical() {
    for (name, text) in examples::all() {
        assert_eq!(formatted(text), text, "{name}");
    }
}

#[test]
fn what_an_open_quote_spoils_is_kept() {
    assert_eq!(formatted("\"abc\n"), "\"abc\n");
    assert_eq!(formatted("\"\u{dd6}\u{2000}"), "\"\u{dd6}\n");
}

#[test]
fn layout_is_made_canonical() {
    let text = "workflow  w{modes live,paper step a=b.c( x:1,y : [ 1,2 ],) timeout  5s retry 3 backoff 1s..2s\n\n\n\nlet z=-a*( 1+2 ) yield z}\nuse \"x.wf\" as y";
    let wanted = "workflow w {\n  modes live, paper\n  step a = b.c(x: 1, y: [1, 2])\n    timeout 5s\n    retry 3 backoff 1s..2s\n\n  let z = -a * (1 + 2)\n  yield z\n}\n\nuse \"x.wf\" as y\n";
    assert_eq!(formatted(text), wanted);
}

#[test]
fn comments_keep_their_place() {
    let text = "#top\n\n## doc\nworkflow w { # open\n  # first\n  step a = b.c( # call\n    x: 1, # one\n    # two\n    y: 2\n  ) # end\n    # before\n    timeout 5s # t\n  # last\n}\n# tail\n";
    let wanted = "# top\n\n## doc\nworkflow w { # open\n  # first\n  step a = b.c( # call\n    x: 1, # one\n    # two\n    y: 2,\n  ) # end\n    # before\n    timeout 5s # t\n  # last\n}\n# tail\n";
    assert_eq!(formatted(text), wanted);
}

#[test]
fn names_get_the_backticks_they_need() {
    let text = "workflow w {\n  step `match` = `a b`.`c d`(`in`: 1, `e f`: `for`, ..`x`)\n}\n";
    assert_eq!(formatted(text), "workflow w {\n  step `match` = `a b`.`c d`(in: 1, `e f`: `for`, ..x)\n}\n");
}

#[test]
fn a_long_call_is_broken_one_argument_a_line() {
    let argument = "a_rather_long_name: another_rather_long_name";
    let text = format!("workflow w {{\n  step a = b.c({argument}, {argument}, {argument})\n}}\n");
    let wanted =
        format!("workflow w {{\n  step a = b.c(\n    {argument},\n    {argument},\n    {argument},\n  )\n}}\n");
    assert_eq!(formatted(&text), wanted);
}

#[test]
fn what_cannot_be_read_stays_as_it_stands() {
    let text = "workflow w {\n  step a = b c(  x:1 )\n    timeout 5s\n  stp  z = 3\n  step d=e.f\n}\n";
    assert_eq!(
        formatted(text),
        "workflow w {\n  step a = b c(  x:1 )\n    timeout 5s\n  stp  z = 3\n  step d = e.f\n}\n"
    );
}

#[test]
fn a_comment_inside_a_statement_moves_above_it_once_and_is_no_doc() {
    let text = "workflow w {\n  param p: Int in {\n    k: 1, ..r\n  } =\n\n\n## d\n  f(1)\n\n\n## d\n  param q: Int = # c\n    (1) # d\n}\n";
    let wanted =
        "workflow w {\n  # d\n  param p: Int in { k: 1, ..r } = f(1)\n\n  ## d\n  # c\n  param q: Int = (1) # d\n}\n";
    assert_eq!(formatted(text), wanted);
}
