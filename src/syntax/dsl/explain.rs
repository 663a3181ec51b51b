//! What is wrong with a stretch of text that the grammar does not take, in the writer's words.

use std::ops::Range;

use super::{build::reserved, cursor::Cursor, grammar::Rule, scan::Kind};
use crate::{
    source::{Code, Diagnostic, Span},
    syntax::{literal, words},
};

/// Returns the word that a person likely meant: one edit away, or two in a longer one.
pub(super) fn nearest<'w>(word: &str, among: &[&'w str]) -> Option<&'w str> {
    let lower = word.to_ascii_lowercase();
    let other = match lower.as_str() {
        "pipeline" | "flow" | "fn" | "func" | "def" | "job" => "workflow",
        "import" | "from" | "include" | "require" => "use",
        "var" | "const" | "set" => "let",
        "task" | "stage" | "node" => "step",
        "input" | "inputs" | "arg" | "parameter" => "param",
        "return" | "emit" => "yield",
        "result" | "outputs" => "output",
        "mode" => "modes",
        "limit" => "limits",
        "buy" => "enter",
        "sell" | "close" => "exit",
        _ => "",
    };
    if let Some(known) = among.iter().find(|it| **it == other || **it == lower) {
        return Some(known);
    }
    let distance = |it: &str| strsim::damerau_levenshtein(&lower, it);
    let best = among.iter().copied().filter(|_| word.len() <= 20).min_by_key(|it| distance(it))?;
    (distance(best) <= 1 + usize::from(best.len() > 4)).then_some(best)
}

/// Says that an item starts with another word.
pub(super) fn no_item(cursor: &Cursor<'_>, at: usize, meant: &str) -> Diagnostic {
    let span = cursor.span(at);
    let found = Diagnostic::new(Code::S001, span, format!("{} does not start anything here", named(cursor, at)));
    if meant.is_empty() {
        found.note("a file has use, type, workflow, strategy and test at its top")
    } else {
        found.fix(format!("did you mean `{meant}`?"), span, meant)
    }
}

/// Says that something stands outside every workflow.
pub(super) fn outside(cursor: &Cursor<'_>, at: usize) -> Diagnostic {
    let (word, span) = (cursor.text(at), cursor.span(at));
    if words::STATEMENTS.contains(&word) {
        let message = format!("`{word}` stands inside a workflow or a strategy, not at the top of a file");
        return Diagnostic::new(Code::S006, span, message).help("put it between the braces of a `workflow NAME { }`");
    }
    match nearest(word, words::ITEMS).filter(|_| cursor.kind(at) == Some(Kind::Word)) {
        Some(meant) => no_item(cursor, at, meant),
        None => no_item(cursor, at, ""),
    }
}

/// Says that a statement does not start as one.
pub(super) fn no_statement(cursor: &Cursor<'_>, chunk: &Range<usize>, among: &[&str]) -> Diagnostic {
    let at = chunk.start;
    let (word, span) = (cursor.text(at), cursor.span(at));
    if cursor.text(at + 1) == "=" {
        let found =
            Diagnostic::new(Code::S001, span, format!("`{word} = …` needs a word before it that says what it is"));
        let calls = chunk.clone().any(|it| cursor.is_bracket(it, "(") && cursor.text(it.saturating_sub(2)) == ".");
        let first = if calls && among.contains(&"step") { "step" } else { "let" };
        return found.fix(format!("make it a `{first}`"), span.before(), format!("{first} "));
    }
    let message = if cursor.kind(at) == Some(Kind::Word) {
        format!("{} does not start a statement", named(cursor, at))
    } else {
        format!("{} does not belong here", named(cursor, at))
    };
    let found = Diagnostic::new(Code::S001, span, message);
    if words::CLAUSES.contains(&word) {
        if cursor.text(at + 1) == ":" {
            let colon = cursor.span(at + 1);
            let found = Diagnostic::new(Code::S001, colon, format!("`{word}` takes its value without a colon"));
            return found.fix("remove the colon", colon, "");
        }
        return found.note("it is a clause: it follows a step");
    }
    let clauses = if among.contains(&"step") { words::CLAUSES } else { &[] };
    let meant = nearest(word, among).or_else(|| nearest(word, clauses));
    match meant.filter(|_| cursor.kind(at) == Some(Kind::Word)) {
        Some(meant) => found.fix(format!("did you mean `{meant}`?"), span, meant),
        None => found.note(format!("a statement starts with one of: {}", among.join(", "))),
    }
}

/// Says what does not fit in a chunk that starts as it should; `at` is the byte up to which it fits.
pub(super) fn unexpected(cursor: &Cursor<'_>, chunk: &Range<usize>, at: usize, wanted: &[Rule]) -> Diagnostic {
    let found = cursor.tokens.partition_point(|it| (it.end as usize) <= at).clamp(chunk.start, chunk.end);
    let before = found.saturating_sub(1).max(chunk.start);
    let head = cursor.text(chunk.start);
    if let Some(told) = clause_without_value(cursor, chunk, found) {
        return told;
    }
    if found < chunk.end
        && let Some(told) = reserved_word(cursor, chunk, found)
    {
        return told;
    }
    if found < chunk.end && cursor.kind(found) == Some(Kind::Word) && found == chunk.start {
        return no_statement(cursor, chunk, words::STATEMENTS);
    }
    let place = place(cursor, chunk, found);
    let what = if found < chunk.end { format!("found {}", named(cursor, found)) } else { "found none".to_owned() };
    let after = format!("after `{}`", cursor.text(before));
    if let Some(word) = missing_word(wanted) {
        let message = if found < chunk.end {
            format!("expected `{word}`, {what}")
        } else {
            format!("`{head}` needs `{word}` {after}")
        };
        return Diagnostic::new(Code::S001, place, message);
    }
    if wants_name(wanted) && (found == chunk.start + 1 || wanted.iter().all(|it| is_name(*it))) {
        let message = if found < chunk.end {
            format!("expected a name {after}, {what}")
        } else {
            format!("a name is missing {after}")
        };
        return Diagnostic::new(Code::S001, place, message);
    }
    if cursor.ends_value(before) && found > chunk.start + 1 {
        return after_value(cursor, chunk, found, place);
    }
    if wanted.contains(&Rule::named_type) || wanted.contains(&Rule::type_expr) {
        let message =
            if found < chunk.end { format!("expected a type, {what}") } else { format!("a type is missing {after}") };
        return Diagnostic::new(Code::S001, place, message);
    }
    if found < chunk.end && cursor.text(found) == "$" {
        return money(cursor, chunk, found);
    }
    let message =
        if found < chunk.end { format!("expected a value, {what}") } else { format!("a value is missing {after}") };
    Diagnostic::new(Code::S001, place, message)
}

/// Says how money is written, at a `$`.
fn money(cursor: &Cursor<'_>, chunk: &Range<usize>, dollar: usize) -> Diagnostic {
    let told = Diagnostic::new(Code::S001, cursor.span(dollar), "money is written with its currency behind it");
    let is_number = |at: usize| at < chunk.end && cursor.kind(at) == Some(Kind::Number);
    if !is_number(dollar + 1) {
        return told.help("write it as in `10_000 USD`");
    }
    let (mut last, mut amount) = (dollar + 1, cursor.text(dollar + 1).to_owned());
    // Thousands are often set apart by commas.
    while cursor.text(last + 1) == "," && is_number(last + 2) && cursor.text(last + 2).len() == 3 {
        last += 2;
        amount = format!("{amount}_{}", cursor.text(last));
    }
    let written = format!("{amount} USD");
    told.fix(format!("write `{written}`"), cursor.span(dollar).to(cursor.span(last)), written)
}

/// Returns the place of a mistake: what was found, or right behind what it is missing after.
fn place(cursor: &Cursor<'_>, chunk: &Range<usize>, found: usize) -> Span {
    if found < chunk.end { cursor.span(found) } else { cursor.span(found.saturating_sub(1)) }
}

/// Says what may follow a value where something else follows.
fn after_value(cursor: &Cursor<'_>, chunk: &Range<usize>, found: usize, place: Span) -> Diagnostic {
    let number = found.saturating_sub(1);
    // With a colon behind it, it is the name of the next argument.
    if found < chunk.end
        && cursor.text(found + 1) != ":"
        && (cursor.kind(number), cursor.kind(found)) == (Some(Kind::Number), Some(Kind::Word))
        && let span = cursor.span(number).to(cursor.span(found))
        && let Some(told) = literal::unit_in_words(span, cursor.text(number), cursor.text(found))
    {
        return told;
    }
    let mut open: Vec<usize> = Vec::new();
    for at in chunk.start..found.min(chunk.end) {
        match cursor.kind(at) {
            Some(Kind::Open) => open.push(at),
            Some(Kind::Close) => {
                open.pop();
            }
            _ => {}
        }
    }
    let before = cursor.span(found.saturating_sub(1));
    let closer = open.last().map(|it| match cursor.text(*it) {
        "(" => ")",
        "[" => "]",
        _ => "}",
    });
    match closer {
        Some(closer) if found < chunk.end => {
            let told = Diagnostic::new(
                Code::S001,
                place,
                format!("expected `,` or `{closer}`, found {}", named(cursor, found)),
            );
            let starts = !matches!(cursor.kind(found), Some(Kind::Mark | Kind::Close));
            if starts { told.fix("insert `,`", before.after(), ",") } else { told }
        }
        Some(closer) => Diagnostic::new(Code::S001, place, format!("expected `{closer}`")),
        None if cursor.text(found) == "?" => Diagnostic::new(Code::S006, place, "`?` is not an operator here")
            .help("choose with `when` and `else`, or with `match`"),
        None => {
            let told = Diagnostic::new(Code::S001, place, format!("{} does not belong here", named(cursor, found)));
            let looped = (chunk.start..found).any(|it| cursor.text(it) == "for");
            match nearest(cursor.text(found), &["where", "parallel"]).filter(|_| looped) {
                Some(meant) => told.fix(format!("did you mean `{meant}`?"), place, meant),
                None => told.note(format!("the statement could end after `{}`", cursor.text(found.saturating_sub(1)))),
            }
        }
    }
}

/// Finds `timeout` with nothing behind it on its line.
fn clause_without_value(cursor: &Cursor<'_>, chunk: &Range<usize>, found: usize) -> Option<Diagnostic> {
    let empty = |at: usize| {
        let clause = words::CLAUSES.contains(&cursor.text(at)) && cursor.kind(at) == Some(Kind::Word);
        clause && (at + 1 >= chunk.end || cursor.first(at + 1))
    };
    let at = [Some(found), found.checked_sub(1)].into_iter().flatten().find(|it| chunk.contains(it) && empty(*it))?;
    let (word, span) = (cursor.text(at), cursor.span(at));
    let told = Diagnostic::new(Code::S005, span, format!("`{word}` needs a value on the same line"));
    Some(match (words::usual(word), word) {
        (Some(usual), _) => told.fix(format!("for example `{word} {usual}`"), span.after(), format!(" {usual}")),
        (None, "when") => told.help("for example `when x != none`"),
        (None, "else") => told.help("for example `else none`, after which the value may be none"),
        (None, _) => told.help(format!("name the steps, as in `{word} prices, regime`")),
    })
}

/// Finds a reserved word where a name or a value is wanted.
fn reserved_word(cursor: &Cursor<'_>, chunk: &Range<usize>, found: usize) -> Option<Diagnostic> {
    let word = cursor.text(found);
    let value = cursor.kind(found) == Some(Kind::Word) && words::is_reserved(word);
    let wants = found > chunk.start && !cursor.ends_value(found - 1) && cursor.text(found - 1) != "not";
    let ends = !cursor.names(found + 1) && !matches!(cursor.kind(found + 1), Some(Kind::Number | Kind::Text))
        || found + 1 >= chunk.end;
    (value && wants && ends).then(|| reserved(word, cursor.span(found)))
}

/// Returns the one word that could have come.
fn missing_word(wanted: &[Rule]) -> Option<&'static str> {
    let word = |rule: &Rule| {
        Some(match rule {
            Rule::k_in => "in",
            Rule::k_when => "when",
            Rule::k_as => "as",
            Rule::assign => "=",
            Rule::colon | Rule::foreign_colon => ":",
            Rule::side => "long` or `short",
            Rule::block => "{",
            Rule::settings => "{",
            Rule::args => "(",
            _ => return None,
        })
    };
    match wanted {
        [only] => word(only),
        [Rule::foreign_colon, Rule::colon] | [Rule::colon, Rule::foreign_colon] => Some(":"),
        [Rule::assign, Rule::colon] | [Rule::colon, Rule::assign] => Some("="),
        _ if wanted.contains(&Rule::k_times) => Some("times"),
        _ if wanted.contains(&Rule::k_as) && wanted.contains(&Rule::by_part) => Some("as"),
        _ => None,
    }
}

fn is_name(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::decl | Rule::ident | Rule::name | Rule::plain | Rule::quoted | Rule::reserved_name | Rule::reserved
    )
}

fn wants_name(wanted: &[Rule]) -> bool {
    wanted.iter().any(|it| is_name(*it))
}

/// Returns how a token is called in a message.
fn named(cursor: &Cursor<'_>, at: usize) -> String {
    match (cursor.kind(at), cursor.text(at)) {
        (None, _) => "the end of the file".to_owned(),
        (_, text) if text.chars().count() > 24 => format!("`{}…`", text.chars().take(20).collect::<String>()),
        (_, text) => format!("`{text}`"),
    }
}
