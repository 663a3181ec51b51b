//! What editors get: the grammar is the one that follows from the words of the language.
//!
//! That it colours as it should is tested by running it, in `editors/vscode/test`.

use wf::syntax::textmate;

const FILE: &str = "editors/vscode/syntaxes/wf.tmLanguage.json";

/// With `UPDATE=1` it is written anew.
#[test]
fn the_grammar_of_editors_is_current() {
    let wanted = format!("{:#}\n", textmate::grammar());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &wanted).unwrap();
    }
    let kept = std::fs::read_to_string(FILE).unwrap_or_default();
    assert!(kept == wanted, "`{FILE}` is not current; write it with `UPDATE=1 cargo test --test it editors`");
}
