//! What may stand at the cursor of a YAML file.

use std::ops::Range;

use lsp_types::CompletionItemKind as Kind;

use super::{MARK, Offer, Question, mark, offers as known};
use crate::{
    check::index::{DeclKind, Expected},
    lsp::hover::word_at,
    source::Span,
    syntax::{
        words,
        yaml::{Wanted, wanted},
    },
};

/// Returns what may stand at the cursor, and what it replaces.
pub(super) fn offers(question: &mut Question<'_, '_>) -> (Range<usize>, Vec<Offer>) {
    let text = question.source.text().clone();
    let line = text.get(..question.at).unwrap_or_default().rsplit('\n').next().unwrap_or_default();
    if line.trim_start().starts_with('#') || line.contains(" #") {
        return (question.at..question.at, Vec::new());
    }
    let word = word_at(&text, question.at);
    let before = text.get(..word.start).unwrap_or_default();
    // A mark right behind a colon would be part of the key.
    let blank = if before.ends_with(':') { " " } else { "" };
    for suffix in ["", ":"] {
        let probe = question.probe(&word, &format!("{blank}{MARK}{suffix}"));
        let mark = mark(&probe, word.start + blank.len());
        let number = text.get(word.clone()).filter(|it| it.starts_with(|it: char| it.is_ascii_digit()));
        if let (Some(number), Some(typed)) = (number, probe.index.typed(mark)) {
            let digits = number.trim_end_matches(|it: char| !it.is_ascii_digit());
            return (word.clone(), known::units(digits, typed.want.as_ref()));
        }
        let found: Vec<Offer> = match probe.source().and_then(|it| wanted(probe.root, it, mark.start)) {
            Some(Wanted::Key(keys)) => keys.into_iter().map(key).collect(),
            Some(Wanted::Slice) => {
                let slice =
                    |it| Offer::new(it, Kind::MODULE).doc(crate::lsp::describe::slice(question.state.registry, it));
                question.state.registry.slices().map(slice).collect()
            }
            Some(Wanted::Method(Some(slice))) => known::members(question.state, &probe, &slice),
            Some(Wanted::Method(None)) => Vec::new(),
            Some(Wanted::File) => {
                let start = before.rfind([' ', '\n', '"', '\'', '[', ',', ':']).map_or(0, |it| it + 1);
                let typed = text.get(start..question.at).unwrap_or_default();
                let found = known::files(question, typed);
                return (start..word.end, if blank.is_empty() { found } else { behind_colon(found) });
            }
            Some(Wanted::Workflow) => known::items(&probe, DeclKind::Workflow, 0),
            None => at(question, &probe, mark),
        };
        if !found.is_empty() {
            return (word, if blank.is_empty() { found } else { behind_colon(found) });
        }
    }
    (word, Vec::new())
}

/// Returns what may stand behind a colon that no blank follows yet.
fn behind_colon(mut found: Vec<Offer>) -> Vec<Offer> {
    found.iter_mut().for_each(|it| it.insert = Some(format!(" {}", it.insert.as_ref().unwrap_or(&it.label))));
    found
}

fn key(key: &'static str) -> Offer {
    Offer::new(key, Kind::PROPERTY).doc(words::meaning(key).unwrap_or_default()).insert(format!("{key}: ")).rank(1)
}

/// Returns what the checker knows may stand at a mark: in an expression as in the language, else with its `$`.
fn at(question: &Question<'_, '_>, probe: &super::Analysis, mark: Span) -> Vec<Offer> {
    let before = probe.source().and_then(|it| it.text().get(..mark.start as usize)).unwrap_or_default();
    let scalar = before.rsplit([' ', '[', '{', ',', '"', '\'']).next().unwrap_or_default();
    let names = probe.index.expected(mark).any(|it| !matches!(it, Expected::Callee | Expected::Pattern(_)));
    if scalar.starts_with('$') || names {
        return known::at(question.state, probe, mark);
    }
    let Some(typed) = probe.index.typed(mark) else {
        let patterns =
            probe.index.expected(mark).filter_map(|it| if let Expected::Pattern(it) = it { Some(it) } else { None });
        return patterns.flat_map(|it| known::texts(Some(it), false)).collect();
    };
    let mut found = known::texts(typed.want.as_ref(), false);
    found.retain(|it| it.label != "none");
    let plain = found.len();
    found.extend(known::values(question.state, probe, mark, typed.want.as_ref()));
    for offer in found.iter_mut().skip(plain) {
        let text = offer.insert.take().unwrap_or_else(|| offer.label.clone());
        offer.insert = Some(format!("${text}"));
        offer.snippet = None;
        offer.label = format!("${}", offer.label);
    }
    found.retain(|it| !it.label.starts_with("$\""));
    found
}
