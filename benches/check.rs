//! How long `wf check` takes: folders of workflows that are right, stage by stage and as a whole command, one file, and
//! one file of 10,000 mistakes. Linters of YAML check workflows of the same length in the same run, where installed.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a bench may fail loudly and reads the time"
)]

use std::{
    fs,
    hint::black_box,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use wf::{
    check::{Options, check},
    expr::Context,
    slice::Registry,
    slices,
    source::{Source, Sources},
    strategy,
    syntax::{self, ast::Form},
};

/// The workflows that the files are variations of.
const MODELS: [(&str, &str); 3] = [
    ("simple_backtest", include_str!("../workflows/simple_backtest.wf")),
    ("portfolio", include_str!("../workflows/portfolio.wf")),
    ("optimization", include_str!("../workflows/optimization.wf")),
];

/// The strategies that come with them: imported by some, and a variation of one is in each file.
const STRATEGIES: [(&str, &str); 4] = [
    ("sma_cross", include_str!("../workflows/strategies/sma_cross.wf")),
    ("rsi_reversion", include_str!("../workflows/strategies/rsi_reversion.wf")),
    ("donchian_breakout", include_str!("../workflows/strategies/donchian_breakout.wf")),
    ("macd_trend", include_str!("../workflows/strategies/macd_trend.wf")),
];

// As the command does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SETTINGS: &str = include_str!("../wf.yaml");

/// How many files stand in one folder, beside the folder of the strategies that they import.
const A_FOLDER: usize = 1_000;

/// How many files the whole command is held against other linters on.
const MANY: usize = 10_000;

/// How many mistakes the file of mistakes has.
const MISTAKES: usize = 10_000;

/// Returns a workflow file: two models under names of their own, with other numbers and some further statements.
fn varied(at: usize) -> String {
    let (name, model) = MODELS[at % MODELS.len()];
    let (strategy, rules) = STRATEGIES[at / MODELS.len() % STRATEGIES.len()];
    let model = model.replace(&format!("workflow {name} "), &format!("workflow {name}_{at} "));
    let model =
        model.replace("10_000 USD", &format!("{} USD", 10_000 + at)).replace("10m", &format!("{}m", at % 9 + 1));
    let rules = rules.replace(&format!("strategy {strategy} "), &format!("strategy {strategy}_{at} "));
    let (before, last) = model.rsplit_once('}').unwrap();
    let mut text = format!("# variation {at}\n{before}");
    for more in 0..at % 8 {
        let value = format!("min([{}, {more} * 2 + {}])", at + more, at % 7);
        text.push_str(&format!(
            "\n  let bound_{more} = {value} # a bound\n  output kept_{more} = bound_{more} + {more}"
        ));
    }
    format!("{text}\n}}{last}\n{rules}")
}

/// Writes `count` files into folders, every fourth in YAML or all in it, each beside the strategies that it may import.
fn write(root: &Path, count: usize, only_yaml: bool) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for at in 0..count {
        let folder = root.join(format!("f{}", at / A_FOLDER));
        if at % A_FOLDER == 0 {
            fs::create_dir_all(folder.join("strategies")).unwrap();
            fs::write(folder.join("wf.yaml"), SETTINGS).unwrap();
            for (name, text) in STRATEGIES {
                fs::write(folder.join(format!("strategies/{name}.wf")), text).unwrap();
            }
        }
        let text = varied(at);
        let (ending, text) = if only_yaml || at % 4 == 3 { ("yaml", in_yaml(&text)) } else { ("wf", text) };
        paths.push(folder.join(format!("w{at}.{ending}")));
        fs::write(&paths[at], text).unwrap();
    }
    paths
}

fn in_yaml(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("model.wf", None, text));
    let source = sources.get(id).unwrap();
    syntax::write(&syntax::parse(id, source).file, source, Form::Yaml)
}

/// Writes workflows of GitHub, which `actionlint` reads: a step of a job for each step of ours.
fn write_actions(root: &Path, count: usize) {
    let folder = root.join(".github/workflows");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    for at in 0..count {
        let step = |it: usize| {
            let when = format!("if: ${{{{ github.ref != 'r{at}' }}}}");
            format!("      - name: step {it}\n        id: step_{it}\n        {when}\n        run: echo {it}\n")
        };
        let steps: String = (0..14 + at % 12).map(step).collect();
        let text =
            format!("name: variation {at}\non: push\njobs:\n  main:\n    runs-on: ubuntu-latest\n    steps:\n{steps}");
        fs::write(folder.join(format!("w{at}.yaml")), text).unwrap();
    }
}

/// Returns files of one kind of mistake each, [`MISTAKES`] times.
fn mistaken() -> Vec<(&'static str, String)> {
    let of = |head: &str, line: &dyn Fn(usize) -> String| {
        let lines: String = (0..MISTAKES).map(|at| format!("  {}\n", line(at))).collect();
        format!("workflow mistaken {{\n{head}{lines}}}\n")
    };
    let prices = "  step prices = data.get_historical(symbol: \"AAPL\")\n";
    vec![
        ("steps: `prices_7` is `prise_7`", of("", &|at| format!("let prices_{at} = len(prise_{})", at + 1))),
        ("references: `capital` is `captal`", of("", &|at| format!("let kept_{at} = captal * {at}"))),
        ("slices: `data` is `dta`", of("", &|at| format!("step s_{at} = dta.get_historical"))),
        ("methods: `get_historical` is `get_hystorical`", of("", &|at| format!("step s_{at} = data.get_hystorical"))),
        ("arguments: `symbol` is `symbl`", of("", &|at| format!("step s_{at} = data.get_historical(symbl: \"AAPL\")"))),
        ("fields: `symbol` is `symbl`", of(prices, &|at| format!("let f_{at} = prices.symbl"))),
        ("text: `step` is `stpe`", of("", &|at| format!("stpe s_{at} = data.get_historical"))),
        ("text: a value is missing", of("", &|at| format!("let v_{at} = {at} +"))),
    ]
}

/// Does something for every file, on as many processors as are said.
fn each<T: Sync>(all: &[T], workers: usize, work: impl Fn(&T) + Sync) -> Duration {
    let share = all.len().div_ceil(workers).max(1);
    time(|| {
        thread::scope(|scope| {
            for part in all.chunks(share) {
                scope.spawn(|| part.iter().for_each(&work));
            }
        });
    })
}

/// Checks a file that has no mistake.
fn right(source: &Source, registry: &Registry) {
    let mut sources = Sources::default();
    let id = sources.add(source.clone());
    let options = Options { given: vec![Context::Costs], ..Options::default() };
    let checked = check(&mut sources, id, registry, &options);
    assert!(!checked.has_errors(), "{}", wf::source::render(&sources, &checked.diagnostics, false));
}

fn parse(source: &Source) {
    let mut sources = Sources::default();
    let id = sources.add(source.clone());
    black_box(syntax::parse(id, source));
}

/// The least and the middle of several runs.
fn several(times: usize, mut once: impl FnMut() -> Duration) -> (Duration, Duration) {
    let mut all: Vec<_> = (0..times).map(|_| once()).collect();
    all.sort();
    (all[0], all[times / 2])
}

/// What one row of the table is about.
#[derive(Clone, Copy)]
struct Size {
    files: usize,
    bytes: usize,
}

const ONE: Size = Size { files: 1, bytes: 0 };

fn row(what: &str, (least, middle): (Duration, Duration), size: Size) {
    let ms = |it: Duration| it.as_secs_f64() * 1e3;
    let a_file = ms(least) * 1e3 / size.files as f64;
    let speed = size.bytes as f64 / 1e6 / least.as_secs_f64();
    let speed = if size.bytes == 0 { String::new() } else { format!("{speed:9.1}") };
    println!("{what:52} {:>10.2} {:>10.2} {a_file:>10.1} {speed}", ms(least), ms(middle));
}

/// Says how much longer the other one takes for as many files.
fn ratio((theirs, _): (Duration, Duration), (ours, _): (Duration, Duration)) {
    println!("{:52} {:>10.1} times as long as `wf check`", "", theirs.as_secs_f64() / ours.as_secs_f64());
}

fn head(what: &str) {
    println!("\n{what:52} {:>10} {:>10} {:>10} {:>9}", "least ms", "middle ms", "µs a file", "MB/s");
}

fn process(program: &str, args: &[&Path]) -> Duration {
    time(|| Command::new(program).args(args).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap())
}

/// Says whether a program can be run at all.
fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !there {
        println!("{program:52}    not installed, so not measured");
    }
    there
}

fn time<T>(once: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    black_box(once());
    begun.elapsed()
}

fn main() {
    let root = std::env::temp_dir().join(format!("wf-bench-check-{}", std::process::id()));
    let wf = env!("CARGO_BIN_EXE_wf");
    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    head("a process");
    row("true", several(30, || process("true", &[])), ONE);
    row("wf --version", several(30, || process(wf, &[Path::new("--version")])), ONE);
    row("catalogue of methods, in process", several(20, || time(slices::library)), ONE);
    row("the strategies that come with wf, once a process", several(1, || time(strategy::library)), ONE);

    let registry = slices::library();
    let folder = root.join("some");
    let paths = write(&folder, 1_000, false);
    let sources: Vec<Source> = paths.iter().map(|it| Source::read(it).unwrap()).collect();
    let files = paths.len();
    let size = Size { files, bytes: sources.iter().map(|it| it.text().len()).sum() };
    let lines: usize = sources.iter().map(|it| it.text().lines().count()).sum();
    head(&format!("{files} files, {lines} lines, {:.2} MB", size.bytes as f64 / 1e6));
    row("read", several(9, || each(&paths, 1, |it| drop(black_box(Source::read(it).unwrap())))), size);
    for (form, ending) in [("wf", ".wf"), ("YAML", ".yaml")] {
        let of: Vec<Source> = sources.iter().filter(|it| it.name().ends_with(ending)).cloned().collect();
        let size = Size { files: of.len(), bytes: of.iter().map(|it| it.text().len()).sum() };
        row(&format!("parse {form}"), several(9, || each(&of, 1, parse)), size);
    }
    row("parse", several(9, || each(&sources, 1, parse)), size);
    row("parse, check", several(9, || each(&sources, 1, |it| right(it, &registry))), size);
    row(&format!("parse, check, {cores} cores"), several(9, || each(&sources, cores, |it| right(it, &registry))), size);
    row("wf check, one file", several(30, || process(wf, &[Path::new("check"), &paths[0]])), ONE);
    row("wf check", several(15, || process(wf, &[Path::new("check"), &folder])), size);

    let many = root.join("many");
    let size = Size { files: write(&many, MANY, false).len(), bytes: 10 * size.bytes };
    row("wf check, 10,000 files", several(3, || process(wf, &[Path::new("check"), &many])), size);

    let yaml = root.join("yaml");
    let paths = write(&yaml, MANY, true);
    let bytes = paths.iter().map(|it| usize::try_from(fs::metadata(it).unwrap().len()).unwrap()).sum();
    let size = Size { files: MANY, bytes };
    head(&format!("{MANY} files of YAML, {:.2} MB", bytes as f64 / 1e6));
    let ours = several(3, || process(wf, &[Path::new("check"), &yaml]));
    row("wf check", ours, size);
    if is_there("yamllint") {
        let theirs = several(1, || process("yamllint", &[&yaml]));
        row("yamllint", theirs, size);
        ratio(theirs, ours);
    }
    if is_there("actionlint") {
        let actions = root.join("actions");
        write_actions(&actions, MANY);
        let lint = || {
            let mut command = Command::new("actionlint");
            command.args(["-shellcheck=", "-pyflakes="]).current_dir(&actions);
            time(|| command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap())
        };
        let theirs = several(1, lint);
        row("actionlint, of workflows for GitHub", theirs, Size { bytes: 0, ..size });
        ratio(theirs, ours);
    }

    head(&format!("one file of {MISTAKES} mistakes"));
    for (what, text) in mistaken() {
        let path = root.join("mistaken.wf");
        fs::write(&path, text).unwrap();
        row(what, several(5, || process(wf, &[Path::new("check"), &path])), ONE);
    }
    fs::remove_dir_all(root).unwrap();
}
