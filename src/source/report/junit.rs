//! Diagnostics as a JUnit report, which every CI service shows.

use std::collections::{BTreeMap, BTreeSet};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{ends, name, shown};
use crate::source::{Diagnostic, Severity, Sources, render};

/// Returns a report with a suite for each of the `checked` files and each other that something was found in.
///
/// Every finding is a test case; one that is as bad as `denied` is a failure. A file without findings has one case, which
/// passes.
pub fn junit(sources: &Sources, checked: &[String], diagnostics: &[Diagnostic], denied: Severity) -> String {
    let mut by_file: BTreeMap<String, Vec<&Diagnostic>> = BTreeMap::new();
    for it in shown(diagnostics).diagnostics {
        by_file.entry(name(sources, it.span.file)).or_default().push(it);
    }
    let files: BTreeSet<&String> = checked.iter().chain(by_file.keys()).collect();
    let mut report = Report::new("wf check");
    for file in files {
        let mut suite = TestSuite::new(file);
        for it in by_file.get(file).into_iter().flatten() {
            suite.add_test_case(case(sources, file, it, denied));
        }
        if !by_file.contains_key(file) {
            suite.add_test_case(TestCase::new("check", TestCaseStatus::success()));
        }
        report.add_test_suite(suite);
    }
    // The report writes to memory, which takes everything; what it refuses to write would be a mistake of ours.
    report.to_string().unwrap_or_default()
}

fn case(sources: &Sources, file: &str, it: &Diagnostic, denied: Severity) -> TestCase {
    let (start, _) = ends(sources, it.span);
    let whole = render(sources, std::slice::from_ref(it), false);
    let status = if it.severity >= denied {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(it.message.as_str()).set_type(it.code.as_str()).set_description(whole.as_str());
        status
    } else {
        TestCaseStatus::success()
    };
    let mut case = TestCase::new(format!("{} {file}:{}:{}", it.code, start.line, start.column), status);
    case.set_classname(file);
    if it.severity < denied {
        case.set_system_out(whole);
    }
    case
}
