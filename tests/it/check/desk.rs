//! How the pages and the corpus are checked: the whole library, the settings of a desk, and fixes applied.

use std::{collections::BTreeMap, path::Path};

use super::catalogue;
use wf::{
    check::{Options, check},
    expr::Context,
    plan::unsupported,
    slice::Registry,
    slices::data::source,
    source::{Code, Diagnostic, Fix, Source, Sources},
    trial::{Bench, Tested, attempt},
    value::{Percent, Value},
};

thread_local! {
    static DESK: &'static Registry = Box::leak(Box::new(catalogue::desk()));
}

/// What was said of a text.
pub struct Said {
    pub sources: Sources,
    pub findings: Vec<Diagnostic>,
}

impl Said {
    pub fn has(&self, code: Code) -> bool {
        self.findings.iter().any(|it| it.code == code)
    }
}

/// Checks a text as if it stood at `path`, for the sake of `code`, with the settings that a desk has.
pub fn check_text(code: Code, path: &Path, text: &str) -> Said {
    let house = Value::Percent(Percent("0.2".parse().unwrap()));
    // Costs come from `wf.yaml`, as in every project, save where their absence is the matter.
    let given = if code == Code::B007 { Vec::new() } else { vec![Context::Costs] };
    let style = matches!(code, Code::F001 | Code::F003);
    let root_dir = path.starts_with("tests/check").then(|| "tests/check".into());
    let options =
        Options { given, root_dir, house_limits: vec![("max_position".into(), house)], style, ..Options::default() };
    let mut sources = Sources::default();
    let name = path.file_name().unwrap().to_str().unwrap();
    let root = sources.add(Source::new(name, Some(path.to_owned()), text));
    let checked = DESK.with(|it| check(&mut sources, root, it, &options));
    let mut findings = checked.diagnostics.clone();
    // What a run refuses is said of the workflow that would run.
    if code == Code::S012 {
        findings.extend(checked.workflow(None, None).iter().flat_map(|it| unsupported(it)));
    }
    // What a test expects is said when it runs.
    if matches!(code, Code::E001 | Code::E002) && !checked.has_errors() {
        let file = Tested { sources: &sources, root, checked: &checked };
        let bench = Bench {
            registry: DESK.with(|it| *it),
            options: &options,
            market: source::open("bundled").unwrap(),
            start: "2013-03-04T00:00Z".parse().unwrap(),
            context: BTreeMap::new(),
        };
        findings.extend((0..checked.tests().len()).flat_map(|test| attempt(file, test, &bench)));
    }
    Said { sources, findings }
}

/// Returns a text with a fix applied, where all of it is in that text.
pub fn mended(said: &Said, fix: &Fix) -> Option<String> {
    let file = fix.edits.first()?.span.file;
    if fix.edits.iter().any(|it| it.span.file != file) {
        return None;
    }
    Some(said.sources.get(file)?.edited(fix.edits.iter().collect()))
}

/// Returns what is wrong with the fixes of the findings of `code`: one that leaves its finding, or brings an error.
pub fn bad_fixes(code: Code, path: &Path, text: &str) -> Vec<String> {
    let said = check_text(code, path, text);
    let key = |it: &Diagnostic| (it.code, it.message.clone());
    let mut wrong = Vec::new();
    for found in said.findings.iter().filter(|it| it.code == code) {
        for fix in found.fixes.iter().filter(|it| !it.edits.is_empty()) {
            let Some(text) = mended(&said, fix) else { continue };
            let after = check_text(code, path, &text);
            let mut before: Vec<_> = said.findings.iter().map(key).collect();
            before.remove(before.iter().position(|it| *it == key(found)).unwrap());
            let mut left = Vec::new();
            for it in &after.findings {
                match before.iter().position(|old| *old == key(it)) {
                    Some(at) => drop(before.remove(at)),
                    None if it.is_error() || it.code == code => left.push(format!("{}: {}", it.code, it.message)),
                    None => {}
                }
            }
            if !left.is_empty() {
                let name = path.display();
                wrong.push(format!("{name}: {} / {}\n  {}\n{text}", found.message, fix.title, left.join("\n  ")));
            }
        }
    }
    wrong
}
