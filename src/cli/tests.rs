//! How tests went, for people and for programs.

use std::{fmt::Write as _, time::Duration};

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value as Json, json};

use super::progress::time;
use crate::{
    source::{Diagnostic, Sources, Span, render, to_json},
    value::Name,
};

/// How a test went.
pub struct Tried<'f> {
    /// The texts of its file.
    pub sources: &'f Sources,
    /// What it is called.
    pub name: Name,
    /// Where its name stands.
    pub span: Span,
    /// What was not as it expects.
    pub found: Vec<Diagnostic>,
    /// How long it took.
    pub took: Duration,
}

/// How all tests went.
pub struct Report<'f> {
    /// The tests, in the order of the files.
    pub tests: Vec<Tried<'f>>,
    /// The files whose tests cannot run, with what is wrong with them.
    pub broken: Vec<(&'f Sources, &'f [Diagnostic])>,
    /// How long all of it took.
    pub took: Duration,
}

impl Tried<'_> {
    fn passed(&self) -> bool {
        self.found.is_empty()
    }

    fn file(&self) -> &str {
        name_of(self.sources, self.span)
    }

    fn line(&self) -> usize {
        self.sources.get(self.span.file).map_or(0, |it| it.line_column(self.span.start).line)
    }
}

fn name_of(sources: &Sources, span: Span) -> &str {
    sources.get(span.file).map_or("", |it| it.name())
}

impl Report<'_> {
    fn failed(&self) -> usize {
        self.tests.iter().filter(|it| !it.passed()).count()
    }

    /// Says whether every test passed and every file could be tested.
    pub fn is_right(&self) -> bool {
        self.failed() == 0 && self.broken.is_empty()
    }

    /// Returns the tests by their files, with what went wrong at its place, and the counts.
    pub fn human(&self) -> String {
        let mut out = String::new();
        let mut file = "";
        for test in &self.tests {
            if test.file() != file {
                let apart = if file.is_empty() { "" } else { "\n" };
                file = test.file();
                let _ = writeln!(out, "{apart}{file}");
            }
            let sign = if test.passed() { "\u{1b}[32m✓\u{1b}[0m" } else { "\u{1b}[31m✗\u{1b}[0m" };
            let _ = writeln!(out, "  {sign} {} ({})", test.name, time(test.took));
            if !test.passed() {
                let _ = write!(out, "\n{}", render(test.sources, &test.found, true));
            }
        }
        for (sources, found) in &self.broken {
            let _ = write!(out, "{}", render(sources, found, true));
        }
        let _ = writeln!(out, "\n{}", self.summary());
        out
    }

    fn summary(&self) -> String {
        let failed = self.failed();
        let mut parts = vec![format!("{} passed", self.tests.len() - failed)];
        if failed > 0 {
            parts.push(format!("{failed} failed"));
        }
        match self.broken.len() {
            0 => {}
            1 => parts.push("1 file could not be tested".to_owned()),
            many => parts.push(format!("{many} files could not be tested")),
        }
        format!("{} in {:.1} s", parts.join(", "), self.took.as_secs_f64())
    }

    /// Returns all of it as one object.
    pub fn json(&self) -> Json {
        let told =
            |sources: &Sources, found: &[Diagnostic]| found.iter().map(|it| to_json(sources, it)).collect::<Vec<_>>();
        let test = |it: &Tried<'_>| {
            json!({
                "file": it.file(),
                "line": it.line(),
                "name": &*it.name,
                "status": if it.passed() { "passed" } else { "failed" },
                "seconds": it.took.as_secs_f64(),
                "diagnostics": told(it.sources, &it.found),
            })
        };
        json!({
            "version": 1,
            "passed": self.tests.len() - self.failed(),
            "failed": self.failed(),
            "seconds": self.took.as_secs_f64(),
            "tests": self.tests.iter().map(test).collect::<Vec<_>>(),
            "diagnostics": self.broken.iter().flat_map(|(sources, found)| told(sources, found)).collect::<Vec<_>>(),
        })
    }

    /// Returns all of it as JUnit XML: a suite for each file, an error for each file that could not be tested.
    pub fn junit(&self) -> Result<String, SerializeError> {
        let mut report = quick_junit::Report::new("wf test");
        report.set_time(self.took);
        for tests in self.tests.chunk_by(|a, b| a.file() == b.file()) {
            let mut suite = TestSuite::new(tests.first().map_or("", Tried::file));
            for test in tests {
                let mut case = TestCase::new(&*test.name, status(NonSuccessKind::Failure, test.sources, &test.found));
                case.set_classname(test.file());
                case.set_time(test.took);
                case.extra.insert("file".into(), test.file().into());
                case.extra.insert("line".into(), test.line().to_string().into());
                suite.add_test_case(case);
            }
            suite.set_time(tests.iter().map(|it| it.took).sum());
            report.add_test_suite(suite);
        }
        for (sources, found) in &self.broken {
            let file = found.first().map_or("", |it| name_of(sources, it.span));
            let mut suite = TestSuite::new(file);
            let mut case = TestCase::new("wf check", status(NonSuccessKind::Error, sources, found));
            case.set_classname(file);
            suite.add_test_case(case);
            report.add_test_suite(suite);
        }
        report.to_string()
    }
}

fn status(kind: NonSuccessKind, sources: &Sources, found: &[Diagnostic]) -> TestCaseStatus {
    let Some(first) = found.first() else { return TestCaseStatus::success() };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_type(first.code.as_str())
        .set_message(first.message.as_str())
        .set_description(render(sources, found, false));
    status
}
