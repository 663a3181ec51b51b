//! `wf audit look-ahead`: what was decided stays decided.

use super::support::Folder;

#[test]
fn the_strategies_that_come_along_know_no_future() {
    let folder = Folder::new();
    let said = folder.wf(&["audit", "look-ahead", "--symbol", "FB", "--cuts", "8"]).ends(0).out;
    assert!(said.starts_with("FB 1d: 196 bars, cut at 8 places\n"), "{said}");
    assert!(said.contains("  ✓ sma_cross: every decision stays as it was\n"), "{said}");
    assert_eq!(said.lines().count(), 9, "{said}");
}

#[test]
fn a_file_is_audited_or_it_is_said_why_not() {
    let own = "strategy own {\n  param n: Int\n  enter long when close > sma(close, n)\n  exit long when close < sma(close, n)\n}\n";
    let folder = Folder::new().with("own.wf", own).with("none.wf", "workflow w {\n}\n");
    let said = folder.wf(&["audit", "look-ahead", "own.wf", "--symbol", "IBM"]).ends(0).out;
    assert!(said.contains("own: not tried, since a parameter of it has no default"), "{said}");
    let said = folder.wf(&["audit", "look-ahead", "none.wf"]).ends(2).err;
    assert!(said.contains("`none.wf` holds no strategy that is right"), "{said}");
    let said = folder.wf(&["audit", "look-ahead", "gone.wf"]).ends(2).err;
    assert!(said.contains("cannot read `gone.wf`"), "{said}");
    let said = folder.wf(&["audit", "look-ahead", "--symbol", "NOPE"]).ends(2).err;
    assert!(said.contains("there is no `NOPE`"), "{said}");
}
