//! Files that are made to break the program, or only happened to.

use std::time::{Duration, Instant};

use crate::support::{Folder, WF, YAML, found};

/// Checks a file and asserts that it is refused soon, with a code and a text.
#[track_caller]
fn refused(name: &str, bytes: impl AsRef<[u8]>, code: &str, text: &str) {
    let folder = Folder::new().with(name, bytes);
    let start = Instant::now();
    let said = folder.wf(&["check", name, "--format", "json"]).ends(1);
    assert!(start.elapsed() < Duration::from_secs(20), "{name} took {:?}", start.elapsed());
    let all = found(&said, "error");
    let is_it = |it: &&serde_json::Value| it["code"] == code && it["message"].as_str().unwrap().contains(text);
    assert!(all.iter().any(|it| is_it(&it)), "{name}: {all:#?}");
    let run = folder.wf(&["run", name, "--quiet"]);
    assert!([1, 2].contains(&run.code), "{run:?}");
    assert!(!run.err.is_empty());
}

#[test]
fn aliases_that_stand_for_too_much() {
    let mut text = String::from("x0: &x0 [x, x, x, x, x, x, x, x, x]\n");
    for it in 1..10 {
        let all = vec![format!("*x{}", it - 1); 9].join(", ");
        text.push_str(&format!("x{it}: &x{it} [{all}]\n"));
    }
    refused("bomb.yaml", text, "WF-S010", "the aliases of this file stand for too much");
}

#[test]
fn brackets_without_end() {
    let deep = "nested ";
    refused("a.wf", format!("workflow d {{\n step a = {}\n}}\n", "(".repeat(100_000)), "WF-S010", deep);
    let both = format!("workflow d {{\n let a = {}1{}\n}}\n", "[".repeat(100_000), "]".repeat(100_000));
    refused("b.wf", both, "WF-S010", deep);
    refused("c.yaml", format!("d:\n  steps:\n    - a: {}\n", "[".repeat(100_000)), "WF-S010", deep);
    refused("d.yaml", format!("d:\n  steps:\n    - a: {}\n", "[{".repeat(50_000)), "WF-S010", deep);
}

#[test]
fn fifty_megabytes() {
    for name in ["big.wf", "big.yaml"] {
        refused(name, "# a line of a comment\n".repeat(2_400_000), "WF-S010", "8_388_608 at most (8 MB)");
    }
}

#[test]
fn what_is_no_text() {
    refused(
        "a.wf",
        b"workflow a {\n step b\0= data.get_historical\n}\n",
        "WF-S011",
        "NUL byte stands at line 2, column 8",
    );
    refused("a.yaml", b"a:\n  steps:\0\n", "WF-S011", "NUL byte stands at line 2, column 9");
    refused("b.wf", b"workflow a {\n # caf\xe9\n}\n", "WF-S011", "byte 0xE9 is not UTF-8 at line 2, column 7");
    refused("c.yaml", b"\xff\xfea\0", "WF-S011", "is UTF-16; only UTF-8 is read");
}

#[test]
fn nothing_at_all() {
    for (name, text) in [("a.wf", ""), ("a.yaml", ""), ("b.wf", "  \n\n# nothing\n"), ("b.yaml", "  \n\n# nothing\n")] {
        refused(name, text, "WF-S001", "nothing is written here");
    }
}

#[test]
fn imports_that_lead_nowhere_good() {
    let import = |it: &str| format!("use \"{it}\" {{ a }}\nworkflow s {{\n  step x = a()\n  output x = x\n}}\n");
    refused("self.wf", import("./self.wf"), "WF-N011", "a file cannot import itself");
    refused("out.wf", import("../../../etc/passwd"), "WF-N011", "it is outside the project's folder");
    refused("abs.wf", import("/etc/passwd"), "WF-N011", "the path must be relative to this file");
    refused("net.wf", import("https://example.org/a.wf"), "WF-N011", "imports are files of the project");
    let ring = |it: &str, name: &str, other: &str| {
        format!("use \"./{it}.wf\" {{ {other} }}\nworkflow {name} {{\n  step x = {other}()\n  output x = x\n}}\n")
    };
    let folder = Folder::new().with("a.wf", ring("b", "a", "b")).with("b.wf", ring("a", "b", "a"));
    folder.wf(&["check", "a.wf"]).ends(1).says("the files import each other in a circle");
}

#[cfg(unix)]
#[test]
fn links_folders_and_pipes() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("b.wf", folder.0.join("a.wf")).unwrap();
    std::os::unix::fs::symlink("a.wf", folder.0.join("b.wf")).unwrap();
    std::fs::create_dir(folder.0.join("dir.wf")).unwrap();
    folder.wf(&["run", "a.wf"]).ends(2).says("`a.wf` cannot be read");
    folder.wf(&["check", "a.wf"]).ends(1).says("`a.wf` cannot be read");
    folder.wf(&["run", "dir.wf"]).ends(2).says("`dir.wf` is a folder, not a file");
    folder.wf(&["run", "nope.wf"]).ends(2).says("there is no file `nope.wf`");
    folder.wf(&["check", "nope.wf"]).ends(2).says("there is no file `nope.wf`");
    folder.wf(&["check", "dir.wf"]).ends(2).says("there is no workflow file under `dir.wf`");
    // A folder that holds itself is walked once.
    std::os::unix::fs::symlink(".", folder.0.join("loop")).unwrap();
    let folder = folder.with("good.wf", WF);
    std::fs::remove_file(folder.0.join("a.wf")).unwrap();
    std::fs::remove_file(folder.0.join("b.wf")).unwrap();
    folder.wf(&["check", "."]).ends(0).says("0 errors in 1 file");
}

#[test]
fn line_ends_and_byte_order_marks_are_read() {
    for (name, text) in [("a.wf", WF), ("a.yaml", YAML)] {
        for text in [text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            let folder = Folder::new().with(name, text);
            folder.wf(&["check", name]).ends(0).says("0 errors in 1 file");
        }
    }
}

#[test]
fn a_file_with_a_strategy_alone() {
    let text = "strategy t {\n  enter long when close > 5\n  exit long when close < 4\n}\n";
    let folder = Folder::new().with("t.wf", text);
    folder.wf(&["check", "t.wf"]).ends(0);
    folder.wf(&["run", "t.wf"]).ends(2).says("the file has no workflow to run").says("help: a workflow starts with");
}

#[test]
fn what_cannot_be_read_keeps_nothing_else_from_being_formatted() {
    let folder =
        Folder::new().with("a.wf", b"\xff\xfe").with("b.wf", "workflow   b { step c = data.get_historical }\n");
    let said = folder.wf(&["fmt", "."]).ends(2);
    assert!(said.err.contains("1 of 2 files formatted") && said.err.contains("`./a.wf` is UTF-16"), "{said:?}");
    assert!(folder.text("b.wf").starts_with("workflow b {\n  step c"));
}
