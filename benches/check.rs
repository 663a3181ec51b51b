//! How long `wf check` takes: a folder of 1,000 workflows stage by stage in one process, and one file as a whole process.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

use std::{
    hint::black_box,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use wf::{
    check::{Options, check},
    slice::Registry,
    slices,
    source::{Source, Sources},
    strategy, syntax,
};

const FILES: usize = 1_000;

/// What the files are variations of.
const MODELS: [(&str, &str); 4] = [
    ("wf", include_str!("../workflows/simple_backtest.wf")),
    ("wf", include_str!("../workflows/portfolio.wf")),
    ("wf", include_str!("../workflows/optimization.wf")),
    ("yaml", include_str!("../workflows/simple_backtest.yaml")),
];

/// Writes the workflows: each one model under another name, with other numbers and some further statements.
fn write_all(folder: &Path) -> Vec<PathBuf> {
    std::fs::create_dir_all(folder).unwrap();
    let file = |at: usize| {
        let (ending, model) = MODELS[at % MODELS.len()];
        let text = if ending == "wf" { varied(model, at) } else { format!("{model}# variation {at}\n") };
        let path = folder.join(format!("w{at}.{ending}"));
        std::fs::write(&path, text).unwrap();
        path
    };
    (0..FILES).map(file).collect()
}

fn varied(model: &str, at: usize) -> String {
    let (before, last) = model.rsplit_once('}').unwrap();
    let mut text = format!("# variation {at}\n{before}");
    for more in 0..8 + at % 24 {
        text.push_str(&format!(
            "\n  let bound_{more} = min({}, {more} * 2 + {}) # a bound\n  output kept_{more} = bound_{more} + {}",
            at + more,
            at % 7,
            more + 1
        ));
    }
    text + "\n}" + last
}

/// Does something for every file, on every processor as the command does, or on one.
fn each(paths: &[PathBuf], workers: usize, work: impl Fn(&Path) + Sync) -> Duration {
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    work(path);
                }
            });
        }
    });
    begun.elapsed()
}

fn parse(path: &Path) {
    let mut sources = Sources::default();
    let id = sources.add(Source::read(path).unwrap());
    black_box(syntax::parse(id, sources.get(id).unwrap()));
}

fn whole(path: &Path, registry: &Registry) -> usize {
    let mut sources = Sources::default();
    let id = sources.add(Source::read(path).unwrap());
    let checked = check(&mut sources, id, registry, &Options::default());
    checked.diagnostics.iter().filter(|it| it.is_error()).count()
}

/// The least and the middle of several runs.
fn several(times: usize, mut once: impl FnMut() -> Duration) -> (Duration, Duration) {
    let mut all: Vec<_> = (0..times).map(|_| once()).collect();
    all.sort();
    (all[0], all[times / 2])
}

fn row(what: &str, (least, middle): (Duration, Duration), more: &str) {
    let ms = |it: Duration| it.as_secs_f64() * 1e3;
    println!("{what:44} {:>10.2} {:>10.2}   {more}", ms(least), ms(middle));
}

fn process(program: &str, args: &[&Path]) -> Duration {
    let begun = Instant::now();
    let mut command = Command::new(program);
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    begun.elapsed()
}

fn main() {
    let folder = std::env::temp_dir().join(format!("wf-bench-check-{}", std::process::id()));
    let paths = write_all(&folder);
    let texts: Vec<String> = paths.iter().map(|it| std::fs::read_to_string(it).unwrap()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let lines: usize = texts.iter().map(|it| it.lines().count()).sum();
    println!("{FILES} files, {lines} lines, {:.2} MB; milliseconds", bytes as f64 / 1e6);
    println!("{:44} {:>10} {:>10}", "", "least", "middle");

    row("catalogue", several(20, || time(slices::library)), "");
    row("the strategies that come with wf", several(1, || time(strategy::library)), "once a process");
    let registry = slices::library();
    let errors = AtomicUsize::new(0);
    let all = |path: &Path| {
        errors.fetch_add(whole(path, &registry), Ordering::Relaxed);
    };
    let cores = thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    let read = several(9, || each(&paths, 1, |it| drop(black_box(Source::read(it).unwrap()))));
    row("read, one core", read, "");
    let parsed = several(9, || each(&paths, 1, parse));
    let speed = bytes as f64 / 1e6 / parsed.0.saturating_sub(read.0).as_secs_f64();
    row("read, parse, one core", parsed, &format!("parse {speed:.1} MB/s"));
    row("read, parse, check, one core", several(9, || each(&paths, 1, all)), "");
    row(&format!("read, parse, check, {cores} cores"), several(9, || each(&paths, cores, all)), "");
    println!("{:44} {:>10}", "errors found in each pass", errors.load(Ordering::Relaxed) / 18);

    let wf = env!("CARGO_BIN_EXE_wf");
    row("process: true", several(30, || process("true", &[])), "");
    row("process: wf --version", several(30, || process(wf, &[Path::new("--version")])), "");
    row("process: wf check, one file", several(30, || process(wf, &[Path::new("check"), &paths[0]])), "");
    row("process: wf check, 1,000 files", several(7, || process(wf, &[Path::new("check"), &folder])), "");
    std::fs::remove_dir_all(folder).unwrap();
}

fn time<T>(once: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    black_box(once());
    begun.elapsed()
}
