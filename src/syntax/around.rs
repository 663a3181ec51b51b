//! Formatting a file with mistakes: each statement that has one stays as it is, and the rest is laid out around it.

use std::{cmp::Reverse, ops::Range};

use super::{
    Parsed,
    ast::{ArmBody, Block, ClauseKind, Form, Item, Rhs, Stmt},
    parse_as, write,
};
use crate::source::{Code, Diagnostic, FileId, Source, Span};

/// What stays as it is.
struct Hole {
    range: Range<usize>,
    /// What stands for it while the rest is laid out.
    stand_in: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Item,
    Stmt,
    Trial,
}

/// Returns the canonical text of a file in its own form, in which each statement with a mistake stays as it is.
///
/// Where the rest cannot be told from what is broken, all of the text stays.
pub fn format(parsed: &Parsed, source: &Source) -> String {
    let wrong = |it: &Parsed| it.diagnostics.iter().filter(|it| it.is_error()).map(|it| it.message.clone()).collect();
    let before: Vec<String> = wrong(parsed);
    if before.is_empty() {
        return write(&parsed.file, source, parsed.file.form);
    }
    let formatted = laid_out(parsed, source).filter(|text| {
        let again = Source::new(source.name(), None, text.as_str());
        let read = parse_as(parsed.file.id, &again, parsed.file.form);
        let after: Vec<String> = wrong(&read);
        after == before && laid_out(&read, &again).as_ref() == Some(text)
    });
    formatted.unwrap_or_else(|| source.text().to_string())
}

fn laid_out(parsed: &Parsed, source: &Source) -> Option<String> {
    let (text, form) = (source.text(), parsed.file.form);
    let mut holes: Vec<Hole> = Vec::new();
    for found in parsed.diagnostics.iter().filter(|it| it.is_error()) {
        holes.push(hole(&parsed.file.items, text, form, found)?);
    }
    holes.sort_by_key(|it| (it.range.start, Reverse(it.range.end)));
    let mut stem = "hole".to_owned();
    while text.contains(&stem) {
        stem.push('_');
    }
    let (mut whole, mut at) = (String::with_capacity(text.len()), 0);
    let mut kept: Vec<(String, &str, usize)> = Vec::new();
    for hole in &holes {
        if hole.range.start < at {
            // One inside of another needs no place of its own; two that overlap cannot be told apart.
            if hole.range.end > at {
                return None;
            }
            continue;
        }
        let stand_in = hole.stand_in.text(form, &format!("{stem}{}x", kept.len()));
        whole.push_str(text.get(at..hole.range.start)?);
        whole.push_str(&stand_in);
        at = hole.range.end;
        let column = text.get(..hole.range.start)?.chars().rev().take_while(|it| *it != '\n').count();
        kept.push((stand_in, text.get(hole.range.clone())?, column));
    }
    whole.push_str(text.get(at..)?);
    let whole = Source::new(source.name(), None, whole);
    let read = parse_as(FileId::default(), &whole, form);
    if read.diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let mut out = write(&read.file, &whole, form);
    for (stand_in, original, column) in kept {
        let place = out.find(&stand_in)?;
        let now = out.get(..place)?.chars().rev().take_while(|it| *it != '\n').count();
        let shifted = if form == Form::Yaml { shift(original, column, now) } else { original.to_owned() };
        out.replace_range(place..place + stand_in.len(), &shifted);
    }
    Some(out)
}

impl Kind {
    /// Returns what is written of a stand-in, as the canonical layout writes it.
    fn text(self, form: Form, name: &str) -> String {
        match (form, self) {
            (Form::Wf, Self::Item) => format!("type {name} = Int"),
            (Form::Wf, Self::Stmt) => format!("step {name} = none"),
            (Form::Wf, Self::Trial) => format!("fail {name}.x"),
            (Form::Yaml, Self::Item) => format!("{name}:\n  steps: []"),
            (Form::Yaml, Self::Stmt) => format!("{name}: null"),
            (Form::Yaml, Self::Trial) => format!("fail: {name}.x"),
        }
    }
}

/// Moves the lines behind the first as far as the first was moved: in YAML indentation has a meaning.
fn shift(text: &str, from: usize, to: usize) -> String {
    let mut lines = text.split_inclusive('\n');
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let spare = line.len() - line.trim_start_matches(' ').len();
        out.push_str(&" ".repeat(to.saturating_sub(from)));
        out.push_str(line.get(spare.min(from.saturating_sub(to))..).unwrap_or_default());
    }
    out
}

/// Returns the innermost statement that a mistake spoils.
fn hole(items: &[Item], text: &str, form: Form, found: &Diagnostic) -> Option<Hole> {
    let place = found.span;
    // Without a brace, or with one too many, where a statement ends is a guess.
    if form == Form::Wf && found.code == Code::S002 && matches!(text.get(place.range()), Some("{" | "}")) {
        return None;
    }
    let item = items.iter().rev().find(|it| it.span().start <= place.start)?;
    let span = item.span();
    let whole = span.range().start..span.range().end.max(place.range().end);
    let range = if form == Form::Yaml { section(text, place.range().start) } else { whole };
    let mut hole = Hole { range, stand_in: Kind::Item };
    let mut blocks: Vec<&Block> = match item {
        Item::Workflow(it) => vec![&it.body],
        Item::Strategy(it) => vec![&it.body],
        Item::Test(it) => {
            let spoilt = it.stmts.iter().map(|it| it.span()).find(|it| spoils(text, *it, place));
            if let Some(range) = spoilt.and_then(|it| stretch(text, form, it, place)) {
                return Some(Hole { range, stand_in: Kind::Trial });
            }
            return Some(hole);
        }
        Item::Use(_) | Item::Type(_) | Item::Bad(_) => return Some(hole),
    };
    while let Some(stmt) = blocks.iter().flat_map(|it| &it.stmts).find(|it| spoils(text, it.span(), place)) {
        let Some(range) = stretch(text, form, stmt.span(), place) else { break };
        hole = Hole { range, stand_in: Kind::Stmt };
        blocks = inner(stmt);
    }
    Some(hole)
}

/// Says whether a mistake stands in a statement, or behind it on its line.
fn spoils(text: &str, stmt: Span, place: Span) -> bool {
    let behind = |it: &str| it.trim_matches([' ', '\t']).is_empty();
    let end = stmt.range().end;
    stmt.start <= place.start && (place.start < stmt.end || text.get(end..place.range().start).is_some_and(behind))
}

/// Returns the stretch of the text that is a statement; nothing where, in YAML, it is no entry of a list.
fn stretch(text: &str, form: Form, stmt: Span, place: Span) -> Option<Range<usize>> {
    let (start, mut end) = (stmt.range().start, stmt.range().end.max(place.range().end));
    if form == Form::Wf {
        return Some(start..end);
    }
    let line = text.get(..start)?.rsplit('\n').next()?;
    let dash = line.find('-').filter(|_| line.trim() == "-")?;
    // Up to its line's end, and all lines below that stand deeper than the dash.
    for line in text.get(start..)?.split_inclusive('\n').scan(start, |at, line| {
        *at += line.len();
        Some((*at, line))
    }) {
        let (stop, line) = line;
        let said = line.trim_end();
        let first = stop - line.len() == start;
        let deeper = said.len() - said.trim_start_matches(' ').len() > dash;
        if !first && !said.is_empty() && !deeper {
            break;
        }
        if !said.is_empty() {
            end = end.max(stop - line.len() + said.len());
        }
    }
    Some(start..end)
}

/// Returns the lines from the key at the top that a place belongs to up to the next one.
fn section(text: &str, place: usize) -> Range<usize> {
    let heads = |line: &str| line.starts_with(|it: char| !it.is_whitespace() && !"#-}]".contains(it));
    let (mut at, mut range) = (0, 0..text.len());
    for line in text.split_inclusive('\n') {
        if heads(line) {
            if at > place {
                range.end = at;
                break;
            }
            range.start = at;
        }
        at += line.len();
    }
    let said = text.get(range.clone()).unwrap_or_default().trim_end().len();
    range.start..range.start + said
}

fn inner(stmt: &Stmt) -> Vec<&Block> {
    match stmt {
        Stmt::Step(step) => {
            let others = step.clauses.iter().filter_map(|it| match &it.kind {
                ClauseKind::Else(rhs) => Some(rhs),
                _ => None,
            });
            std::iter::once(&step.rhs).chain(others).flat_map(blocks).collect()
        }
        Stmt::On(on) => vec![&on.body],
        _ => Vec::new(),
    }
}

fn blocks(rhs: &Rhs) -> Vec<&Block> {
    match rhs {
        Rhs::For(each) => vec![&each.body],
        Rhs::Match(choice) => {
            let blocks = choice.arms.iter().map(|it| match &it.body {
                ArmBody::Block(it) => Some(it),
                ArmBody::Expr(_) => None,
            });
            blocks.flatten().collect()
        }
        Rhs::Expr(_) => Vec::new(),
    }
}
