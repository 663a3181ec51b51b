//! What stands under the cursor.

use super::support::{Editor, Folder};

#[test]
fn everything_says_what_it_is() {
    let folder = Folder::new("hover");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let text = "## Tests one.\nworkflow a {\n  ## What is at stake.\n  param capital: Money<USD> = 10_000 USD\n  step history = data.get_historical\n  step regime = market_regime.detect(bars: history)\n    timeout 30s\n  let days = history.symbol\n  output regime = regime\n  output days = days\n  output best = max_by([{ a: 1 }], \"a\")\n}\n\nstrategy s {\n  let fast = sma(close, 20)\n  enter long when crosses_above(close, fast)\n  exit long when close < fast\n  orders { stop: 5%, size: 10% of equity }\n}\n";
    let mut at = |marked: &str| {
        let plain = marked.replace('¦', "");
        assert_eq!(text.matches(&plain).count(), 1, "{plain}");
        editor.hover(&file, &text.replace(&plain, marked))
    };
    for (marked, wanted) in [
        ("step h¦istory = data", "step history: Bars"),
        ("= da¦ta.get", "data\n```\n\n"),
        ("data.get¦_historical", "data.get_historical(\n"),
        ("(ba¦rs: history)", "bars: Bars"),
        ("(bars: hist¦ory)", "step history: Bars"),
        ("time¦out", "`timeout`: How long one try may take."),
        ("30¦s", "30s: Duration"),
        ("param cap¦ital", "param capital: Money<USD> = 10_000 USD\n```\n\nWhat is at stake."),
        ("Mon¦ey<USD>", "type Money"),
        ("history.sym¦bol", "symbol: Symbol"),
        ("max¦_by", "max_by(list: [T], path: Text) -> T"),
        ("workflow ¦a", "workflow a(capital: Money<USD>)\n```\n\nTests one."),
        ("strategy ¦s", "strategy s()"),
        ("= sm¦a(", "sma(values: Series = close, period: Int = 30)"),
        ("sma(clo¦se", "close: Series<Decimal>"),
        ("when crosses_¦above", "crosses_above(a: Series, b: Series)"),
        ("(close, f¦ast)", "let fast: Series<Decimal>"),
        ("st¦op: 5%", "How far from the entry a loss is taken"),
        ("5¦%", "5%: Percent"),
    ] {
        let said = at(marked);
        assert!(said.contains(wanted), "{marked}: {said}");
    }
}

#[test]
fn yaml_says_the_same() {
    let folder = Folder::new("hover-yaml");
    let file = folder.0.join("a.yaml");
    let mut editor = Editor::new(None);
    let text = "a:\n  params:\n    capital: {type: Money<USD>, default: 10_000 USD}\n  steps:\n    - history: {slice: data, method: get_historical}\n    - regime: {slice: market_regime, method: detect, with: {bars: $history}}\n";
    let mut at = |marked: &str| editor.hover(&file, &text.replace(&marked.replace('¦', ""), marked));
    for (marked, wanted) in [
        ("slice: da¦ta", "```wf\ndata\n```"),
        ("get_¦historical", "data.get_historical("),
        ("$his¦tory", "step history: Bars"),
        ("{ba¦rs:", "bars: Bars"),
        ("cap¦ital", "param capital: Money<USD>"),
        ("- reg¦ime", "step regime: Regime"),
    ] {
        let said = at(marked);
        assert!(said.contains(wanted), "{marked}: {said}");
    }
}

#[test]
fn a_file_with_errors_is_told_of_too() {
    let folder = Folder::new("hover-broken");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let said =
        editor.hover(&file, "workflow a {\n  step history = data.get_historical\n  step x = (\n  step y = his¦tory\n");
    assert!(said.contains("step history: Bars"), "{said}");
}

#[test]
fn a_finding_has_the_page_of_its_check() {
    let folder = Folder::new("hover-finding");
    let file = folder.0.join("a.wf");
    let mut editor = Editor::new(None);
    let said = editor.hover(&file, "workflow a {\n  step x = data.get_¦historic\n}\n");
    let page = "**WF-N002: a slice has no such method**\n\nThe slice exists and has no method of this name.\n";
    assert!(said.starts_with(page), "{said}");
    assert!(said.contains("\n#### Mending it\n") && !said.contains("#### Passes"), "{said}");
    assert!(said.ends_with("\n\n`wf explain WF-N002` has examples."), "{said}");
    // Beside what else is known of the place.
    let said = editor.hover(&file, "workflow a {\n  step x = data.get_historical(symbol: 3¦0s)\n}\n");
    assert!(said.starts_with("```wf\n30s: Duration") && said.contains("\n---\n\n**WF-T0"), "{said}");
}
