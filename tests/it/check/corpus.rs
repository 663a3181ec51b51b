//! The corpus: `tests/check/<code>/` holds small files with one mistake each, and beside each what is said of it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::desk::{Said, bad_fixes, check_text};
use wf::source::{Code, Remedy, Source, Sources, render};

/// How many cases each check has at least.
const LEAST: usize = 3;

/// The cases whose fix brings another error, and why it is offered.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("N011/no_name.wf", "what calls it by the old name is told next"),
    ("G004/constant.wf", "what reads the step that never runs is told next"),
];

fn cases() -> Vec<(Code, PathBuf)> {
    let folders = std::fs::read_dir("tests/check").unwrap().map(|it| it.unwrap().path());
    let codes = folders.filter_map(|it| Some((Code::parse(it.file_name()?.to_str()?)?, it)));
    let files = |(code, folder): (Code, PathBuf)| {
        let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        files.filter(|it| it.extension().is_some_and(|it| it != "txt")).map(move |it| (code, it))
    };
    let mut cases: Vec<_> = codes.flat_map(files).collect();
    cases.sort();
    cases
}

/// Checks a case as `wf check` does.
fn said_of(code: Code, path: &Path) -> Said {
    match Source::read(path) {
        Ok(source) => check_text(code, path, source.text()),
        Err(unreadable) => {
            let mut sources = Sources::default();
            let findings = vec![unreadable.diagnostic(&mut sources)];
            Said { sources, findings }
        }
    }
}

/// With `UPDATE=1` the expected texts are written anew; read them before you keep them.
#[test]
fn every_case_is_answered_as_written_beside_it() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut wrong = Vec::new();
    for (code, path) in cases() {
        let said = said_of(code, &path);
        let text = render(&said.sources, &said.findings, false);
        let beside = PathBuf::from(format!("{}.txt", path.display()));
        if update {
            std::fs::write(&beside, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if text != expected || !said.has(code) {
            wrong.push(format!("== {}\n-- expected\n{expected}\n-- said\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_has_its_cases() {
    let mut counts: BTreeMap<Code, usize> = Code::ALL.iter().map(|it| (*it, 0)).collect();
    cases().iter().for_each(|(code, _)| *counts.entry(*code).or_default() += 1);
    counts.retain(|_, count| *count < LEAST);
    assert!(counts.is_empty(), "fewer than {LEAST} cases: {counts:?}");
}

#[test]
fn every_fix_mends_its_case() {
    let wrong: Vec<_> = (cases().iter())
        .filter(|(_, path)| !EXCEPTIONS.iter().any(|(name, _)| path.ends_with(name)))
        .filter_map(|(code, path)| Some((code, path, Source::read(path).ok()?)))
        .flat_map(|(code, path, source)| bad_fixes(*code, path, source.text()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the page of a check says of its fixes is so in its cases.
#[test]
fn every_check_offers_what_its_page_says() {
    let mut offered: BTreeMap<Code, Remedy> = BTreeMap::new();
    for (code, path) in cases() {
        let said = said_of(code, &path);
        for fix in said.findings.iter().filter(|it| it.code == code).flat_map(|it| &it.fixes) {
            let remedy = match (fix.edits.is_empty(), fix.safe) {
                (true, _) => Remedy::None,
                (false, false) => Remedy::Review,
                (false, true) => Remedy::Safe,
            };
            let best = offered.entry(code).or_insert(Remedy::None);
            *best = remedy.max(*best);
        }
    }
    let of = |code: &Code| offered.get(code).copied().unwrap_or(Remedy::None);
    let wrong: Vec<_> = (Code::ALL.iter())
        .filter(|it| of(it) != it.remedy())
        .map(|it| format!("{it}: {:?}, its cases show {:?}", it.remedy(), of(it)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
