//! Diagnostics for people: the lines of the text, what is marked in them, and the edits that mend it.

use std::{borrow::Cow, ops::Range};

use annotate_snippets::{
    Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet, normalize_untrusted_str,
};

use super::{
    Diagnostic, Edit, Fix, Severity, Source, Sources, Span,
    report::{name, shown},
};

/// How many ways to mend one mistake are shown.
const MAX_FIXES: usize = 3;

/// The longest line, in bytes, of which an excerpt is drawn: drawing takes time with the length of the line.
const MAX_LINE: usize = 20_000;

/// Returns the diagnostics as people read them in a terminal, by place, at most 100 of a file.
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let shown = shown(diagnostics);
    let mut text = String::new();
    for each in &shown.diagnostics {
        text.push_str(&renderer.render(&report(sources, each)));
        text.push_str("\n\n");
    }
    for (file, hidden) in &shown.hidden {
        let line = Level::NOTE.secondary_title(clean(&format!("{hidden} more in {} not shown", name(sources, *file))));
        text.push_str(&renderer.render(&[Group::with_title(line)]));
        text.push_str("\n\n");
    }
    text
}

fn report<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::INFO.with_name("hint"),
    };
    let title = level.primary_title(clean(&diagnostic.message)).id(diagnostic.code.as_str());
    let mut main = Group::with_title(title).elements(excerpts(sources, diagnostic));
    for note in &diagnostic.notes {
        main = main.element(Level::NOTE.message(clean(note)));
    }
    let fixes = diagnostic.fixes.iter().take(MAX_FIXES).map(|fix| help(sources, diagnostic.span, fix));
    std::iter::once(main).chain(fixes).collect()
}

/// Returns the lines that are marked, the file of the primary place first.
fn excerpts<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let mut files = vec![diagnostic.span.file];
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let mut elements = Vec::new();
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let primary = (file == diagnostic.span.file).then_some((diagnostic.span, diagnostic.label.as_deref(), true));
        let context = diagnostic.labels.iter().filter(|it| it.span.file == file);
        let marks = primary.into_iter().chain(context.map(|it| (it.span, Some(it.message.as_str()), false)));
        let marks: Vec<(Span, Option<&str>, bool)> = marks.collect();
        let window = Window::over(source, marks.iter().map(|it| it.0));
        let Some(window) = window.filter(Window::drawable) else {
            elements.push(origin(source, marks.first().map(|it| it.0)).into());
            continue;
        };
        let annotations = marks.into_iter().map(|(span, label, primary)| {
            let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            let annotation: Annotation<'a> = kind.span(window.place(span));
            annotation.label(label.map(clean))
        });
        elements.push(
            Snippet::source(window.text.clone())
                .line_start(window.line)
                .path(clean(source.name()))
                .annotations(annotations.collect::<Vec<_>>())
                .into(),
        );
    }
    elements
}

/// Returns where a place is without its lines.
fn origin<'a>(source: &Source, span: Option<Span>) -> Origin<'a> {
    let origin = Origin::path(clean(source.name()));
    match span {
        Some(span) if !source.text().is_empty() => {
            let at = source.line_column(span.start);
            origin.line(at.line).char_column(at.column)
        }
        _ => origin,
    }
}

/// Returns a way to mend a mistake: its title, and the lines as they would be.
fn help<'a>(sources: &'a Sources, at: Span, fix: &'a Fix) -> Group<'a> {
    let mut group = Group::with_title(Level::HELP.secondary_title(clean(&fix.title)));
    let mut files: Vec<_> = fix.edits.iter().map(|it| it.span.file).collect();
    files.dedup();
    for file in files {
        let Some(source) = sources.get(file) else { continue };
        let edits: Vec<&Edit> = fix.edits.iter().filter(|it| it.span.file == file).collect();
        let Some(window) = Window::over(source, edits.iter().map(|it| it.span)).filter(Window::drawable) else {
            continue;
        };
        let mut places: Vec<(Range<usize>, &Edit)> = edits.into_iter().map(|it| (window.place(it.span), it)).collect();
        places.sort_by_key(|it| (it.0.start, it.0.end));
        let overlap = places.windows(2).any(|it| matches!(it, [a, b] if a.0.end > b.0.start));
        if overlap {
            continue;
        }
        let patches = places.into_iter().map(|(place, edit)| Patch::new(place, edit.text.as_str()));
        let path = (file != at.file).then(|| clean(source.name()));
        group = group.element(
            Snippet::source(window.text.clone())
                .line_start(window.line)
                .path(path)
                .patches(patches.collect::<Vec<_>>()),
        );
    }
    group
}

/// Takes out of a text what would command a terminal.
fn clean(text: &str) -> String {
    normalize_untrusted_str(text)
}

/// The lines of a text that some spans touch.
struct Window<'a> {
    text: Cow<'a, str>,
    /// The byte at which they start in the whole text.
    start: usize,
    /// The number of the first, from 1.
    line: usize,
}

impl<'a> Window<'a> {
    /// Returns the lines that the spans touch, or nothing where there is no span.
    fn over(source: &'a Source, spans: impl Iterator<Item = Span>) -> Option<Self> {
        let whole: &'a str = source.text();
        let (low, high) = spans.fold(None, |ends: Option<(usize, usize)>, span| {
            let Range { start, end } = span.range();
            let (low, high) = ends.unwrap_or((start, end));
            Some((low.min(start), high.max(end)))
        })?;
        let (low, high) = (floor(whole, low), floor(whole, high));
        let start = whole.get(..low)?.rfind('\n').map_or(0, |it| it + 1);
        // A span that ends right behind a line break does not touch the next line.
        let last = if high > low && whole.get(..high)?.ends_with('\n') { high - 1 } else { high };
        let end = whole.get(last..)?.find('\n').map_or(whole.len(), |it| last + it);
        // The break of a line may be two bytes; neither is part of what it says.
        let text = whole.get(start..end)?;
        let text = text.strip_suffix('\r').filter(|it| start + it.len() >= high).unwrap_or(text);
        let line = source.line_column(u32::try_from(start).ok()?).line;
        // The renderer sees no line behind a last line break; a blank makes it one.
        let text = if text.ends_with('\n') { Cow::Owned(format!("{text} ")) } else { Cow::Borrowed(text) };
        Some(Self { text, start, line })
    }

    /// Returns a span within the window.
    fn place(&self, span: Span) -> Range<usize> {
        let at = |byte: usize| floor(&self.text, byte.saturating_sub(self.start));
        at(span.range().start)..at(span.range().end)
    }

    /// Says whether it can be drawn in reasonable time; an empty text has nothing to draw.
    fn drawable(&self) -> bool {
        !(self.text.is_empty() && self.start == 0) && self.text.lines().all(|it| it.len() <= MAX_LINE)
    }
}

/// Returns the nearest start of a character at or before `byte`.
fn floor(text: &str, byte: usize) -> usize {
    text.floor_char_boundary(byte)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use proptest::prelude::*;

    use super::*;
    use crate::source::{Code, FileId};

    const TEXT: &str = "simple_backtest:\n  steps:\n    - fetch: {slice: data, method: get_historic}\n";

    fn at(id: FileId, text: &str, part: &str) -> Span {
        let start = text.find(part).unwrap();
        Span::new(id, start, start + part.len())
    }

    #[test]
    fn a_mistake_is_shown_in_its_line_with_its_fix() {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("simple_backtest.yaml", None, TEXT));
        let place = at(id, TEXT, "get_historic");
        let diagnostic = Diagnostic::new(Code::N002, place, "slice `data` has no method `get_historic`")
            .here("no such method")
            .label(at(id, TEXT, "data"), "in this slice")
            .note("`data` has: get_historical, get_recent, get_cached, stream")
            .fix("a method with a similar name exists", place, "get_historical");
        let want = "\
error[WF-N002]: slice `data` has no method `get_historic`
 --> simple_backtest.yaml:3:36
  |
3 |     - fetch: {slice: data, method: get_historic}
  |                      ----          ^^^^^^^^^^^^ no such method
  |                      |
  |                      in this slice
  |
  = note: `data` has: get_historical, get_recent, get_cached, stream
help: a method with a similar name exists
  |
3 |     - fetch: {slice: data, method: get_historical}
  |                                                ++

";
        assert_eq!(render(&sources, &[diagnostic], false), want);
    }

    #[test]
    fn what_has_no_lines_is_shown_without() {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("empty.wf", None, ""));
        let diagnostic =
            Diagnostic::new(Code::S001, Span::new(id, 0, 0), "nothing is written here").help("write a workflow");
        let want = "error[WF-S001]: nothing is written here\n--> empty.wf\n |\nhelp: write a workflow\n\n";
        assert_eq!(render(&sources, &[diagnostic], false), want);
    }

    #[test]
    fn a_terminal_is_not_commanded_by_the_text() {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("\u{1b}[2Ja.wf", None, "\u{1b}[31mred\u{202e}"));
        let diagnostic = Diagnostic::new(Code::S001, Span::new(id, 0, 3), "\u{1b}[31m is odd").here("\u{7}");
        let text = render(&sources, &[diagnostic], false);
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    }

    #[test]
    fn a_line_without_end_is_not_drawn() {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("long.wf", None, "x".repeat(1_000_000)));
        let diagnostic = Diagnostic::new(Code::S001, Span::new(id, 500_000, 500_001), "odd");
        assert!(render(&sources, &[diagnostic], false).starts_with("error[WF-S001]: odd\n--> long.wf:1:500001\n"));
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_can_be_shown(
            text in "([ a-c{}:é漢\u{301}\t#-]{0,9}(\n|\r\n|\r)?){0,6}",
            spans in prop::collection::vec((0..80usize, 0..30usize), 1..5),
            edits in prop::collection::vec((0..80usize, 0..9usize, "[ax\n\té漢]{0,5}"), 0..4),
        ) {
            let mut sources = Sources::default();
            let id = sources.add(Source::new("any.wf", None, text.as_str()));
            let (start, len) = spans[0];
            let mut diagnostic = Diagnostic::new(Code::S001, Span::new(id, start, start + len), "odd").here("here");
            for (start, len) in &spans[1..] {
                diagnostic = diagnostic.label(Span::new(id, *start, start + len), "there");
            }
            let edits = edits.into_iter().map(|(start, len, text)| Edit { span: Span::new(id, start, start + len), text });
            let diagnostic = diagnostic.with_fix(Fix { title: "mend it".into(), safe: true, edits: edits.collect() });
            for color in [false, true] {
                prop_assert!(render(&sources, std::slice::from_ref(&diagnostic), color).contains("odd"));
            }
            crate::source::to_json(&sources, &diagnostic);
        }
    }
}
