//! The words of the language: which are reserved, which start what.

/// The words that no name may be without backticks, as the rule `reserved` of the grammar lists them.
pub const RESERVED: &[&str] = &[
    "use", "type", "workflow", "strategy", "modes", "param", "limits", "let", "step", "on", "output", "yield", "enter",
    "exit", "orders", "for", "in", "where", "parallel", "match", "when", "else", "and", "or", "not", "of", "by", "as",
    "true", "false", "none",
];

/// The words that start an item at the top of a file.
pub const ITEMS: &[&str] = &["use", "type", "workflow", "strategy", "test"];

/// The words that start a statement of a workflow, a strategy or a block.
pub const STATEMENTS: &[&str] =
    &["modes", "param", "limits", "let", "step", "on", "output", "yield", "enter", "exit", "orders", "deadline"];

/// The words that start a statement of a test.
pub const TEST_STATEMENTS: &[&str] = &["let", "mock", "fail", "delay", "at", "run", "expect"];

/// The words that start a clause of a step.
pub const CLAUSES: &[&str] = &["when", "after", "timeout", "retry", "every", "cache", "tolerate", "accept", "else"];

/// Says whether a word may not be a name without backticks.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Says whether a text is a word: a letter or `_`, then letters, digits and `_`, of any script.
pub fn is_word(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_word) && chars.all(continues_word)
}

/// Says whether a character may start a word.
pub fn starts_word(it: char) -> bool {
    it.is_ascii_alphabetic() || it == '_' || (!it.is_ascii() && pest::unicode::XID_START(it))
}

/// Says whether a character may stand inside a word.
pub fn continues_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '_' || (!it.is_ascii() && pest::unicode::XID_CONTINUE(it))
}

/// Returns what often stands behind the word of a clause, where that depends on nothing else.
pub fn usual(clause: &str) -> Option<&'static str> {
    Some(match clause {
        "timeout" => "30s",
        "retry" => "3",
        "every" => "60s",
        "cache" => "1d",
        "tolerate" => "20%",
        _ => return None,
    })
}

/// What each word of statements and clauses says, in a sentence.
const MEANINGS: &[(&str, &str)] = &[
    ("use", "Brings in what another file declares: `use \"p.wf\" { a, b }`, or all of it `as ns`."),
    ("type", "Gives a name to a type: `type Pick = { symbol: Symbol, weight: Percent }`."),
    ("workflow", "What is done, step by step: params in, outputs out."),
    ("strategy", "Rules over bars: when to enter and exit, and with what orders."),
    ("test", "Runs a workflow with stand-ins for the world, and says what is expected of it."),
    ("modes", "In which modes the workflow runs; the first is the default."),
    ("param", "A value that whoever runs or calls this gives: `param fast: Int in 2..100 by 1 = 20`."),
    ("limits", "What the orders of a run may never exceed."),
    ("deadline", "How long all of the workflow may take."),
    ("let", "A name for a value: `let best = max_by(trials, \"report.sharpe\")`."),
    ("step", "Something that is done, and a name for what it gives: `step history = data.get_historical`."),
    ("on", "Runs its body for each event of a stream; after a `let` in a strategy, the slower timeframe."),
    ("output", "What the workflow gives to whoever ran it."),
    ("yield", "The value of this body: of a turn of `for`, or of an arm of `match`."),
    ("enter", "When a position is opened: `enter long when …`, decided at the close of each bar."),
    ("exit", "When a position is closed: `exit long when …`, decided at the close of each bar."),
    ("orders", "With what orders the strategy trades: size, stop, target, fill."),
    ("for", "Does its body for each item of a list: `for x in LIST where COND parallel N { … yield E }`."),
    (
        "in",
        "What a loop runs over; after a param, the range it must be in; between values, whether one is in the other.",
    ),
    ("where", "Which items or events count."),
    ("parallel", "How many turns run at once; one where it is not said."),
    ("match", "Does one of several things, by a value: `match mode { \"backtest\" => …, _ => … }`."),
    ("when", "Runs the step only where this is true; else it is skipped and its value is none."),
    ("after", "Waits for these steps, whose values it does not read."),
    ("timeout", "How long one try may take."),
    ("retry", "How often it is tried again after an error that may pass: `retry 3 backoff 1s..20s`."),
    ("backoff", "How long to wait between tries: from the first to the longest, doubling."),
    ("every", "How often the step is done again in the background."),
    ("cache", "How long a result may be used again."),
    ("tolerate", "Which share of the elements of a `for` may fail: those are dropped and counted."),
    ("accept", "The values of lesser worth from which this step may place orders."),
    ("else", "What stands in when the step has failed for good: a call, a value or `none`."),
    ("and", "True where both sides are."),
    ("or", "True where either side is."),
    ("not", "True where what follows is not."),
    ("of", "A share of a whole: `5% of capital`."),
    ("by", "The step of a range: `5..50 by 5`."),
    ("as", "Under which name."),
    ("long", "The side that gains when prices rise."),
    ("short", "The side that gains when prices fall."),
    ("mock", "Gives a method another value in this test."),
    ("fail", "Makes a method fail in this test."),
    ("delay", "Makes a method take this long in this test."),
    ("run", "Runs the workflow that is tested."),
    ("expect", "What must be true after the run."),
    ("true", "The truth value."),
    ("false", "The truth value."),
    ("none", "No value: what a `T?` is where nothing is there."),
];

/// Returns what a word of the language says, in a sentence.
pub fn meaning(word: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|it| it.0 == word).map(|it| it.1)
}
