//! `wf test`: runs the tests of every workflow file under the paths.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use jiff::Timestamp;

use crate::{
    check::{self, Checked},
    cli::{
        args::{TestArgs, TestFormat},
        config::{Cache, Config},
        files, project, say,
        stop::{Exit, Outcome, Stop},
        tests::{self, Tried},
        workers,
    },
    engine::RealClock,
    expr::Context,
    slice::{Registry, ports::Clock as _},
    slices::data::source::Bundled,
    source::{Diagnostic, FileId, Source, Sources},
    trial::{Bench, Tested, attempt},
    value::Value,
};

/// When the clock of every run starts: at midnight of the first Monday after the last of the bundled prices.
const START: &str = "2013-03-04T00:00:00Z";

/// Runs the tests and prints how they went.
pub fn run(args: &TestArgs, registry: &Registry) -> Outcome {
    let started = RealClock.now();
    let paths = files::workflows(&args.paths)?;
    let cache = || Cache::new(args.config.as_deref());
    let opened =
        workers::each(&paths, cache, |cache, path| cache.of(path).map(|it| open(path, it, args.seed, registry)));
    let files = opened.into_iter().collect::<Result<Vec<_>, _>>()?;
    let jobs = jobs(&files, args.filter.as_deref())?;
    let results = workers::each(&jobs, || (), |(), (file, test)| tried(file, *test, registry));
    let broken =
        files.iter().filter(|it| !it.errors.is_empty()).map(|it| (&it.sources, it.errors.as_slice())).collect();
    let report = tests::Report { tests: results.into_iter().flatten().collect(), broken, took: since(started) };
    match args.format {
        TestFormat::Human => say::out(report.human()),
        TestFormat::Json => say::data(format_args!("{:#}\n", report.json())),
        TestFormat::Junit => {
            let xml = report.junit().map_err(|it| Stop::usage(format_args!("cannot write XML: {it}")))?;
            say::data(xml);
        }
    }
    Ok(if report.is_right() { Exit::Done } else { Exit::Failed })
}

/// A file that has been checked.
struct File {
    sources: Sources,
    root: FileId,
    checked: Option<Checked>,
    /// What keeps its tests from running.
    errors: Vec<Diagnostic>,
    options: check::Options,
    context: BTreeMap<Context, Value>,
}

fn open(path: &Path, config: &Config, seed: Option<u64>, registry: &Registry) -> File {
    let mut sources = Sources::default();
    let options = project::options(config);
    let mut context = config.given.clone();
    // The mode is the test's to say.
    context.remove(&Context::Mode);
    if let Some(seed) = seed {
        context.insert(Context::Seed, Value::Int(seed.cast_signed()));
    }
    let (root, checked, found) = match Source::read(path) {
        Ok(source) => {
            let root = sources.add(source);
            let checked = check::check(&mut sources, root, registry, &options);
            let found = checked.diagnostics.clone();
            (root, Some(checked), found)
        }
        Err(unreadable) => {
            let found = unreadable.diagnostic(&mut sources);
            (FileId::default(), None, vec![found])
        }
    };
    let errors = found.into_iter().filter(Diagnostic::is_error).collect();
    File { sources, root, checked, errors, options, context }
}

/// Returns which tests are to run, in the order of the files.
fn jobs<'f>(files: &'f [File], filter: Option<&str>) -> Result<Vec<(&'f File, usize)>, Stop> {
    let sound = files.iter().filter(|it| it.errors.is_empty());
    let all = sound.flat_map(|file| {
        let tests = file.checked.iter().flat_map(Checked::tests).enumerate();
        tests.map(move |(at, test)| (file, at, &test.name))
    });
    let all: Vec<_> = all.collect();
    let wanted = filter.map(str::to_lowercase);
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|it| name.to_lowercase().contains(it));
    let jobs: Vec<_> = all.iter().filter(|it| is_wanted(it.2)).map(|it| (it.0, it.1)).collect();
    let broken = files.iter().any(|it| !it.errors.is_empty());
    match (filter, &all[..]) {
        _ if !jobs.is_empty() || broken => Ok(jobs),
        (Some(filter), [first, ..]) => Err(Stop::usage(format_args!("no test has `{filter}` in its name"))
            .help(format_args!("there are {}, the first is `{}`", all.len(), first.2))),
        _ => {
            let count = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
            Err(Stop::usage(format_args!("no test was found in {count}"))
                .help("a test is `test \"what it shows\" { run WORKFLOW(…) expect … }` beside the workflows of a file"))
        }
    }
}

fn tried<'f>(file: &'f File, test: usize, registry: &Registry) -> Option<Tried<'f>> {
    let started = RealClock.now();
    let checked = file.checked.as_ref()?;
    let known = checked.tests().get(test)?;
    let bench = Bench {
        registry,
        options: &file.options,
        market: Arc::new(Bundled),
        start: START.parse().unwrap_or_default(),
        context: file.context.clone(),
    };
    let found = attempt(Tested { sources: &file.sources, root: file.root, checked }, test, &bench);
    let took = since(started);
    Some(Tried { sources: &file.sources, name: known.name.clone(), span: known.span, found, took })
}

fn since(start: Timestamp) -> Duration {
    Duration::try_from(RealClock.now().duration_since(start)).unwrap_or_default()
}
