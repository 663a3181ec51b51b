//! What must hold for any text, whoever made it: each law panics where it is broken.
//!
//! The fuzz targets and the tests of the main crate, which keep every text that once broke one, both call these.

use std::sync::OnceLock;

use wf::{
    check::{Checked, Options, check_and_index, index::Index},
    plan::{self, export, plan},
    slice::Registry,
    slices,
    source::{
        Code, Diagnostic, FileId, Fix, Severity, Source, Sources, Span, github, junit, render, report_json, safe_fixes,
        sarif,
    },
    syntax::{self, Parsed, ast::Form, dsl, format::expr_to_wf, literal, same},
};

/// How often safe fixes are applied, as the command line does.
const ROUNDS: usize = 8;

/// A text of either form is read: every place in the tree and in what is said of it is in the text, and the tree can be
/// written whatever is missing in it.
pub fn read(form: Form, text: &str) {
    let source = source(form, text);
    let parsed = syntax::parse(FileId::default(), &source);
    for span in spans(&format!("{:?}", parsed.file)) {
        assert!(is_inside(text, span), "{span:?} of the tree is not in the text");
    }
    findings_are_inside(&parsed.diagnostics, |_| Some(&source));
    for form in [Form::Wf, Form::Yaml] {
        syntax::write(&parsed.file, &source, form);
    }
}

/// A text of either form is laid out: once is enough, its tree and its comments stay, in the other form too.
pub fn format(form: Form, text: &str) {
    let first = source(form, text);
    let parsed = syntax::parse(FileId::default(), &first);
    if parsed.diagnostics.iter().any(Diagnostic::is_error) {
        // What is broken stays as it is, and the rest is laid out for good.
        let once = syntax::format_around(&parsed, &first);
        let again = source(form, &once);
        let read = syntax::parse(FileId::default(), &again);
        let errors =
            |it: &Parsed| it.diagnostics.iter().filter(|it| it.is_error()).map(|it| it.code).collect::<Vec<_>>();
        assert_eq!(errors(&read), errors(&parsed), "other errors in\n{once}");
        assert_eq!(syntax::format_around(&read, &again), once, "laid out anew");
        return;
    }
    let same_form = rewritten(&parsed, &first, form);
    let other = if form == Form::Wf { Form::Yaml } else { Form::Wf };
    let Some(there) = same_form.and_then(|(read, source)| rewritten(&read, &source, other)) else { return };
    rewritten(&there.0, &there.1, form);
}

/// Writes a tree without errors in a form and returns what is read from that: the same tree and the same comments, and a
/// text that is written again as it stands. Nothing where YAML cannot say it: a key stands there once, and one must.
fn rewritten(parsed: &Parsed, from: &Source, form: Form) -> Option<(Parsed, Source)> {
    if form == Form::Yaml && parsed.file.items.is_empty() {
        return None;
    }
    let text = syntax::write(&parsed.file, from, form);
    let to = source(form, &text);
    let read = syntax::parse(FileId::default(), &to);
    let errors: Vec<_> = read.diagnostics.iter().filter(|it| it.is_error()).collect();
    if form != parsed.file.form && form == Form::Yaml && errors.iter().any(|it| it.code == Code::S008) {
        return None;
    }
    assert!(errors.is_empty(), "{errors:?} in what was written\n{text}");
    let (before, after) = (same::canonical(&parsed.file), same::canonical(&read.file));
    assert!(before == after, "another tree: {}\n{text}", difference(&before, &after));
    assert_eq!(comments(parsed), comments(&read), "other comments in\n{text}");
    let again = syntax::write(&read.file, &to, form);
    assert!(again == text, "written once\n{text}\ntwice\n{again}");
    Some((read, to))
}

/// A text of either form is checked as the command line does it: what is said is shown in every way, the edits of every
/// mend are in the text, the safe ones are applied, and what is right is planned and drawn.
pub fn check(form: Form, text: &str) {
    let mut text = text.to_owned();
    for round in 0..ROUNDS {
        let mut sources = Sources::default();
        let root = sources.add(source(form, &text));
        let options = Options { style: true, ..Options::default() };
        let (checked, index) = check_and_index(&mut sources, root, registry(), &options);
        findings_are_inside(&checked.diagnostics, |file| sources.get(file));
        if round == 0 {
            for span in places(&index) {
                assert!(is_inside(sources.get(span.file).map_or("", |it| it.text()), span), "{span:?} of the index");
            }
            report(&sources, &checked.diagnostics);
            draw(&checked);
        }
        let safe: Vec<_> = safe_fixes(&checked.diagnostics).into_iter().flat_map(|(_, fix)| &fix.edits).collect();
        if safe.is_empty() {
            break;
        }
        let Some(source) = sources.get(root) else { break };
        text = source.edited(safe.into_iter().filter(|it| it.span.file == root).collect());
    }
}

/// A text is read as an expression and as a literal: what is written of it reads as the same.
pub fn expression(text: &str) {
    let parse = |text: &str| {
        let source = source(Form::Wf, text);
        let whole = Span::new(FileId::default(), 0, text.len());
        let (read, found) = dsl::parse_expr(FileId::default(), &source, whole);
        findings_are_inside(&found, |_| Some(&source));
        (!found.iter().any(Diagnostic::is_error)).then(|| (plain(&format!("{read:?}")), expr_to_wf(&read, &source)))
    };
    if let Some((before, written)) = parse(text) {
        let (after, again) = parse(&written).unwrap_or_default();
        assert!(before == after, "{written}: {}", difference(&before, &after));
        assert_eq!(written, again);
    }
    let Some(read) = literal::parse(text) else { return };
    match read {
        Ok(value) => {
            let said = value.to_string();
            if let Some(Ok(again)) = literal::parse(&said) {
                assert_eq!(again, value, "{said}");
            }
        }
        Err(bad) => {
            let source = source(Form::Wf, text);
            let found = bad.diagnostic(text, Span::new(FileId::default(), 0, text.len()));
            findings_are_inside(&[found], |_| Some(&source));
        }
    }
}

fn source(form: Form, text: &str) -> Source {
    Source::new(if form == Form::Yaml { "a.yaml" } else { "a.wf" }, None, text)
}

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(slices::library)
}

fn is_inside(text: &str, span: Span) -> bool {
    span.start <= span.end && text.get(span.range()).is_some()
}

fn findings_are_inside<'s>(found: &[Diagnostic], source: impl Fn(FileId) -> Option<&'s Source>) {
    let inside = |span: Span| source(span.file).is_some_and(|it| is_inside(it.text(), span));
    for it in found {
        let spans = std::iter::once(it.span).chain(it.labels.iter().map(|it| it.span));
        for span in spans {
            assert!(inside(span), "{span:?} of {it:?}");
        }
        for fix in &it.fixes {
            assert!(fix.edits.iter().all(|it| inside(it.span)), "{fix:?}");
            assert!(apart(fix), "{fix:?} overlaps itself");
        }
    }
}

/// Says whether no two edits of a fix change the same bytes.
fn apart(fix: &Fix) -> bool {
    let mut spans: Vec<_> = fix.edits.iter().map(|it| it.span).collect();
    spans.sort_unstable();
    spans.windows(2).all(|it| matches!(it, [a, b] if a.file != b.file || a.end <= b.start))
}

/// Returns the places that an index speaks of.
fn places(index: &Index) -> Vec<Span> {
    let mut all: Vec<Span> = index.refs.iter().map(|it| it.span).collect();
    all.extend(index.decls.iter().flat_map(|it| [it.span, it.whole]));
    all.extend(index.typed.iter().map(|it| it.span));
    all.extend(index.expected.iter().map(|it| it.0));
    all.extend(index.bodies.iter().map(|it| it.span));
    for call in &index.calls {
        all.push(call.head);
        all.extend(call.args.iter().chain(call.given.iter().map(|it| &it.1)).chain(&call.unnamed));
    }
    all
}

/// Returns the places in what `Debug` writes.
fn spans(debug: &str) -> Vec<Span> {
    let number = |text: &str, key: &str| -> Option<usize> {
        let rest = text.split_once(key)?.1;
        rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()
    };
    let span = |text: &str| -> Option<Span> {
        let text = text.split('}').next()?;
        let file = u32::try_from(number(text, "FileId(")?).ok()?;
        Some(Span::new(FileId(file), number(text, "start: ")?, number(text, "end: ")?))
    };
    unquoted(debug).split("Span { ").skip(1).filter_map(span).collect()
}

/// Returns what `Debug` writes without places.
fn plain(debug: &str) -> String {
    let mut parts = debug.split("Span { ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |out, it| out + it.split_once('}').map_or("", |(_, rest)| rest))
}

/// Returns a text without what stands in quotes.
fn unquoted(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |it: &char| {
        match it {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        !quoted
    };
    text.chars().filter(keep).collect()
}

/// Returns what the comments say, without what YAML has nowhere.
fn comments(parsed: &Parsed) -> Vec<String> {
    let odd =
        |it: char| it.is_control() || matches!(it, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}');
    let said =
        parsed.file.comments.iter().map(|it| it.text.trim_start_matches('#').replace(odd, " ").trim().to_owned());
    let mut all: Vec<String> = said.collect();
    all.sort();
    all
}

/// Shows findings in every way.
fn report(sources: &Sources, found: &[Diagnostic]) {
    for color in [false, true] {
        render(sources, found, color);
    }
    report_json(sources, 1, found);
    sarif(sources, found);
    github(sources, found);
    let names: Vec<_> = sources.iter().map(|it| it.1.name().to_owned()).collect();
    junit(sources, &names, found, Severity::Warning);
}

/// Plans what is right, and draws the plans in every way.
fn draw(checked: &Checked) {
    for listed in checked.workflows() {
        for mode in &listed.modes {
            let Ok(workflow) = checked.workflow(Some(&listed.name), Some(mode)) else { continue };
            wf::check::wiring(&workflow);
            plan::unsupported(&workflow);
            let plan = plan(workflow);
            plan.bounds();
            plan::describe(&plan);
            plan::describe_json(&plan);
            export::dot(&plan);
            export::mermaid(&plan);
            export::json(&plan);
            export::svg(&plan);
        }
    }
}

/// Returns what stands around the first difference of two texts.
fn difference(before: &str, after: &str) -> String {
    let at = before.chars().zip(after.chars()).position(|it| it.0 != it.1).unwrap_or(0);
    let near = |it: &str| it.chars().skip(at.saturating_sub(60)).take(160).collect::<String>();
    format!("…{}… became …{}…", near(before), near(after))
}
