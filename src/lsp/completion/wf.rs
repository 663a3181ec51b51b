//! What may stand at the cursor of a `.wf` file.

use std::ops::Range;

use lsp_types::CompletionItemKind as Kind;

use super::{MARK, Offer, Question, mark, offers as known};
use crate::{
    check::index::{DeclKind, Expected, Target},
    lsp::{hover::word_at, state::Analysis},
    source::Span,
    syntax::{
        ast::{Block, ClauseKind, Item, Rhs, Stmt},
        dsl::{Kind as Sort, Token, scan},
        words,
    },
};

/// What the innermost open bracket before the cursor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Nothing is open.
    Top,
    /// Statements.
    Block,
    /// `name: value`.
    Fields,
    /// `pattern => value`.
    Arms,
    /// The names of an import.
    Import,
    /// An expression.
    Expr,
}

/// The tokens before the cursor, and what follows from them.
struct Before<'t> {
    text: &'t str,
    /// The tokens before the word at the cursor, comments left out.
    tokens: Vec<Token>,
    /// The open brackets, the outermost first.
    open: Vec<usize>,
}

impl<'t> Before<'t> {
    fn new(text: &'t str, tokens: &[Token], at: usize) -> Self {
        let own = |it: &&Token| it.kind != Sort::Comment && it.end as usize <= at;
        let tokens: Vec<Token> = tokens.iter().filter(own).copied().collect();
        let mut open = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            match token.kind {
                Sort::Open => open.push(at),
                Sort::Close => _ = open.pop(),
                _ => {}
            }
        }
        Self { text, tokens, open }
    }

    fn word(&self, at: usize) -> &'t str {
        self.tokens.get(at).map_or("", |it| it.text(self.text))
    }

    /// Returns the last token.
    fn last(&self) -> &'t str {
        self.tokens.last().map_or("", |it| it.text(self.text))
    }

    fn within(&self) -> Within {
        let Some(open) = self.open.last() else { return Within::Top };
        if self.word(*open) != "{" {
            return Within::Expr;
        }
        let before = open.checked_sub(1).and_then(|it| self.tokens.get(it));
        let word = before.map_or("", |it| it.text(self.text));
        match before.map(|it| it.kind) {
            _ if matches!(word, "limits" | "orders") => Within::Fields,
            Some(Sort::Text) if open.checked_sub(2).is_some_and(|it| self.word(it) == "use") => Within::Import,
            Some(Sort::Mark) if word != "=>" => Within::Fields,
            Some(Sort::Open) => Within::Fields,
            _ if self.head(*open) == "match" => Within::Arms,
            _ => Within::Block,
        }
    }

    /// Returns the nearest word before a token that starts what it belongs to.
    fn head(&self, at: usize) -> &'t str {
        const HEADS: &[&str] = &["match", "for", "workflow", "strategy", "test", "on", "step", "limits", "orders"];
        let before = (0..at).rev().map(|it| self.word(it));
        before.take_while(|it| !matches!(*it, "{" | "}")).find(|it| HEADS.contains(it)).unwrap_or_default()
    }

    /// Returns the word that starts the statement at the cursor.
    fn statement(&self) -> &'t str {
        let words = self.tokens.iter().rev().filter(|it| it.first).map(|it| it.text(self.text));
        words.take(64).find(|it| words::STATEMENTS.contains(it) || words::ITEMS.contains(it)).unwrap_or_default()
    }

    fn ends_value(&self) -> bool {
        let Some(last) = self.tokens.last() else { return false };
        match last.kind {
            // A value follows the word of a clause.
            Sort::Word if words::CLAUSES.contains(&self.last()) || matches!(self.last(), "backoff" | "deadline") => {
                false
            }
            Sort::Word => !words::is_reserved(self.last()) || matches!(self.last(), "true" | "false" | "none"),
            Sort::Mark => self.last() == "?",
            Sort::Open => false,
            _ => true,
        }
    }

    /// Returns what closes the brackets of an expression that nothing behind the cursor closes.
    fn closers(&self, after: &[Token]) -> String {
        let is_block = |at: usize| {
            self.word(at) == "{" && {
                let before = at.checked_sub(1).and_then(|it| self.tokens.get(it));
                !before.is_some_and(|it| it.kind == Sort::Mark && it.text(self.text) != "=>" || it.kind == Sort::Open)
            }
        };
        let own: Vec<usize> = self.open.iter().rev().copied().take_while(|it| !is_block(*it)).collect();
        let (mut depth, mut closed) = (0_usize, 0_usize);
        for token in after.iter().filter(|it| it.kind != Sort::Comment) {
            let word = token.text(self.text);
            if token.first && (words::STATEMENTS.contains(&word) || words::CLAUSES.contains(&word)) {
                break;
            }
            match token.kind {
                Sort::Open => depth += 1,
                Sort::Close if depth > 0 => depth -= 1,
                Sort::Close => {
                    let opener = own.get(closed).map_or("", |it| self.word(*it));
                    if !matches!((opener, word), ("(", ")") | ("[", "]") | ("{", "}")) {
                        break;
                    }
                    closed += 1;
                }
                _ => {}
            }
        }
        let rest = own.get(closed..).unwrap_or_default().iter().map(|it| match self.word(*it) {
            "(" => ')',
            "[" => ']',
            _ => '}',
        });
        rest.collect()
    }
}

/// Returns what may stand at the cursor, and what it replaces.
pub(super) fn offers(question: &mut Question<'_, '_>) -> (Range<usize>, Vec<Offer>) {
    let text = question.source.text().clone();
    let at = question.at;
    let none = (at..at, Vec::new());
    let tokens = scan(&text);
    let inside = |it: &&Token| (it.start as usize) < at && at <= it.end as usize;
    match tokens.iter().find(inside) {
        Some(it) if it.kind == Sort::Comment => return none,
        Some(it) if it.kind == Sort::OpenText || (it.kind == Sort::Text && at < it.end as usize) => {
            return in_text(question, *it, &tokens);
        }
        Some(it) if it.kind == Sort::Number => return after_number(question, *it),
        _ => {}
    }
    let word = word_at(&text, at);
    let before = Before::new(&text, &tokens, word.start);
    let line = text.get(..word.start).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    let first = line.trim().is_empty();
    let within = before.within();
    let last = before.last();
    let starts = last.is_empty() || matches!(last, "{" | "}") || (first && before.ends_value());
    match within {
        Within::Top | Within::Block if starts => return (word.clone(), statements(question, &word, within, &before)),
        Within::Import => return (word.clone(), imported(question, &word)),
        _ => {}
    }
    if matches!(last, "use") {
        return (word.clone(), known::files(question, "").into_iter().map(quoted).collect());
    }
    if matches!(last, "enter" | "exit") {
        let sides = ["long", "short"].map(|it| known::keyword(it, Some(&format!("{it} when $0")), 0));
        return (word, sides.to_vec());
    }
    if before.ends_value() && !first && within != Within::Arms {
        return (word, continued(&before));
    }
    let fields = within == Within::Fields && (matches!(last, "{" | ",") || first);
    let arms = within == Within::Arms && (matches!(last, "{" | "," | "}") || first);
    let suffixes: &[&str] = match (fields, arms) {
        (true, _) => &[": none"],
        (_, true) => &[" => none"],
        _ => &["", " = none", " { }"],
    };
    let after: Vec<Token> = tokens.iter().filter(|it| it.start as usize >= word.end).copied().collect();
    let closers = before.closers(&after);
    for suffix in suffixes {
        let probe = question.probe(&word, &format!("{MARK}{suffix}{closers}"));
        let found = known::at(question.state, &probe, mark(&probe, word.start));
        if !found.is_empty() {
            return (word, found);
        }
    }
    (word, Vec::new())
}

/// Returns the words with which a statement goes on behind a value.
fn continued(before: &Before<'_>) -> Vec<Offer> {
    let mut words: Vec<&str> = match before.statement() {
        "step" => words::CLAUSES.iter().copied().chain(["where", "parallel", "backoff"]).collect(),
        "param" => vec!["in"],
        "enter" | "exit" if matches!(before.last(), "long" | "short") => return vec![known::keyword("when", None, 0)],
        "on" => vec!["in", "where", "every", "by", "as"],
        "let" => vec!["on"],
        "use" => vec!["as"],
        _ => Vec::new(),
    };
    words.extend(["and", "or", "of", "in", "by"]);
    words.dedup();
    words.into_iter().map(|it| known::keyword(it, None, 3)).collect()
}

/// Returns the statements that may start at the cursor, and the clauses of a step that stands before it.
fn statements(question: &mut Question<'_, '_>, word: &Range<usize>, within: Within, before: &Before<'_>) -> Vec<Offer> {
    if within == Within::Top {
        return words::ITEMS.iter().map(|it| known::keyword(it, item_snippet(it), 1)).collect();
    }
    let probe = question.probe(word, MARK);
    let mark = mark(&probe, word.start);
    let around = |it: Span| it.start < mark.start && mark.end <= it.end;
    let items = probe.file().map_or(&[][..], |it| &it.items);
    let block = items.iter().find_map(|it| match it {
        Item::Workflow(it) if around(it.span) => Some(&it.body),
        Item::Strategy(it) if around(it.span) => Some(&it.body),
        _ => None,
    });
    let nested = before.open.len() > 1;
    let kind = probe.index.decls.iter().find(|it| around(it.whole)).map(|it| it.kind);
    let legal: &[&str] = match kind {
        Some(DeclKind::Strategy) => &["param", "let", "enter", "exit", "orders"],
        Some(DeclKind::Test) => words::TEST_STATEMENTS,
        _ if nested => &["step", "let", "yield"],
        _ => &["step", "let", "param", "output", "on", "modes", "limits", "deadline"],
    };
    let mut offers: Vec<Offer> = legal.iter().map(|it| known::keyword(it, statement_snippet(it), 1)).collect();
    let above = block.and_then(|it| last_before(it, mark.start));
    if let Some(Stmt::Step(step)) = above {
        let given = |word: &str| {
            let mut clauses = step.clauses.iter();
            clauses.any(|it| !matches!(it.kind, ClauseKind::Else(_)) && probe.sources.slice(it.keyword) == word)
        };
        let own = |word: &&&str| **word != "tolerate" || matches!(step.rhs, Rhs::For(_));
        let free = words::CLAUSES.iter().filter(|it| !given(it)).filter(own);
        offers.extend(free.map(|it| known::keyword(it, clause_snippet(it), 2)));
    }
    offers
}

/// Returns the last statement that stands before a byte in the innermost block around it.
fn last_before(block: &Block, at: u32) -> Option<&Stmt> {
    let inner = block.stmts.iter().find_map(|it| {
        let Stmt::Step(step) = it else { return None };
        let body = match &step.rhs {
            Rhs::For(it) => Some(&it.body),
            _ => None,
        };
        body.filter(|it| it.span.start < at && at < it.span.end)
    });
    match inner {
        Some(inner) => last_before(inner, at),
        None => block.stmts.iter().filter(|it| it.span().start < at).rfind(|it| !matches!(it, Stmt::Bad(_))),
    }
}

fn item_snippet(word: &str) -> Option<&'static str> {
    Some(match word {
        "use" => "use \"$1\" { $0 }",
        "type" => "type ${1:Name} = $0",
        "workflow" => "workflow ${1:name} {\n  $0\n}",
        "strategy" => "strategy ${1:name} {\n  enter long when $0\n}",
        "test" => "test \"$1\" {\n  run $0\n}",
        _ => return None,
    })
}

fn statement_snippet(word: &str) -> Option<&'static str> {
    Some(match word {
        "step" => "step ${1:name} = $0",
        "let" => "let ${1:name} = $0",
        "param" => "param ${1:name}: ${2:Type} = $0",
        "output" => "output ${1:name} = $0",
        "yield" => "yield $0",
        "on" => "on ${1:x} in ${2:stream} {\n  $0\n}",
        "modes" => "modes $0",
        "limits" => "limits {\n  $0\n}",
        "orders" => "orders {\n  $0\n}",
        "enter" => "enter ${1:long} when $0",
        "exit" => "exit ${1:long} when $0",
        "deadline" => "deadline ${1:10m}",
        _ => return None,
    })
}

fn clause_snippet(word: &str) -> Option<&'static str> {
    Some(match word {
        "retry" => "retry ${1:3} backoff ${2:1s..20s}",
        "timeout" => "timeout ${1:30s}",
        "tolerate" => "tolerate ${1:20%}",
        "when" => "when $0",
        "after" => "after $0",
        "every" => "every ${1:1d}",
        "cache" => "cache ${1:1d}",
        "accept" => "accept $0",
        "else" => "else $0",
        _ => return None,
    })
}

/// Returns the names that an import can bring in.
fn imported(question: &mut Question<'_, '_>, word: &Range<usize>) -> Vec<Offer> {
    let probe = question.probe(word, MARK);
    let mark = mark(&probe, word.start);
    let items = probe.file().map_or(&[][..], |it| &it.items);
    let here = items.iter().find_map(|it| match it {
        Item::Use(it) if it.span.start < mark.start && mark.end <= it.span.end => Some(it),
        _ => None,
    });
    let target = here.and_then(|it| probe.index.refs.iter().find(|at| at.span == it.path_span));
    let Some(Target::File(file)) = target.map(|it| &it.target) else { return Vec::new() };
    let names = probe.index.decls.iter().filter(|it| it.span.file == *file);
    let names = names.filter(|it| matches!(it.kind, DeclKind::Workflow | DeclKind::Strategy | DeclKind::Type));
    let offer = names.map(|it| {
        let signature = crate::lsp::describe::signature(&probe, it);
        Offer::new(&*it.name, Kind::FUNCTION).detail(signature).doc(it.doc.as_deref().unwrap_or_default())
    });
    offer.collect()
}

/// Returns what may stand in a quoted text.
fn in_text(question: &mut Question<'_, '_>, token: Token, tokens: &[Token]) -> (Range<usize>, Vec<Offer>) {
    let text = question.source.text().clone();
    let closed = token.kind == Sort::Text;
    let inside = token.start as usize + 1..token.end as usize - usize::from(closed);
    let before = Before::new(&text, tokens, token.start as usize);
    if before.last() == "use" {
        let typed = text.get(inside.start..question.at).unwrap_or_default().to_owned();
        return (inside, known::files(question, &typed));
    }
    let probe = question.probe(&inside, &if closed { MARK.to_owned() } else { format!("{MARK}\"") });
    let whole = Span::new(probe.root, inside.start - 1, inside.start + MARK.len() + 1);
    let mut found = known::texts(probe.index.typed(whole).and_then(|it| it.want.as_ref()), false);
    for expected in probe.index.expected(whole) {
        if let Expected::Pattern(ty) = expected {
            found.extend(known::texts(Some(ty), false));
        }
    }
    found.retain(|it| it.kind == Kind::ENUM_MEMBER);
    (inside, found)
}

/// Returns what a number may be in its place: its units.
fn after_number(question: &mut Question<'_, '_>, token: Token) -> (Range<usize>, Vec<Offer>) {
    let range = token.start as usize..token.end as usize;
    let written = question.source.text().get(range.clone()).unwrap_or_default().to_owned();
    let digits = written.trim_end_matches(|it: char| !it.is_ascii_digit());
    let want = wanted(question, &range);
    (range, known::units(digits, want.as_ref()))
}

/// Returns the type that is wanted in place of some bytes.
fn wanted(question: &mut Question<'_, '_>, range: &Range<usize>) -> Option<crate::value::Ty> {
    for suffix in ["", " = none", " { }"] {
        let probe: Analysis = question.probe(range, &format!("{MARK}{suffix}"));
        if let Some(typed) = probe.index.typed(mark(&probe, range.start)) {
            return typed.want.clone();
        }
    }
    None
}

fn quoted(offer: Offer) -> Offer {
    let label = format!("\"{}\"", offer.label);
    Offer { label, ..offer }
}
