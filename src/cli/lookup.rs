//! Which text is meant by a path or a name: a local file beats a bundled one, `.wf` beats `.yaml`.

use std::path::{Path, PathBuf};

use super::stop::Stop;
use crate::{source::Source, strategy};

macro_rules! bundled { ($($path:literal)+) => {
    /// The workflows that every program carries, by their path in the project.
    pub const BUNDLED: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../workflows/", $path)))),+];
} }

bundled! {
    "simple_backtest.wf"
    "simple_backtest.yaml"
    "portfolio.wf"
    "optimization.wf"
    "walk_forward.wf"
}

/// What the names of bundled texts begin with.
const FOLDER: &str = "bundled/";

/// Which endings a workflow file may have, the preferred first.
pub const ENDINGS: &[&str] = &["wf", "yaml", "yml"];

/// Returns the bundled workflow of a mode.
pub fn of_mode(mode: &str) -> Option<&'static str> {
    match mode {
        "backtest" => Some("simple_backtest"),
        "optimize" => Some("optimization"),
        "live" => Some("portfolio"),
        _ => None,
    }
}

/// Returns the text that a path or a name stands for.
pub fn find(named: &str) -> Result<Source, Stop> {
    let path = Path::new(named);
    if named == "-" {
        let text = std::io::read_to_string(std::io::stdin())
            .map_err(|error| Stop::usage(format_args!("cannot read the standard input: {error}")))?;
        return Ok(Source::new("<stdin>.wf", None, text));
    }
    // A link that leads nowhere exists too: reading it tells why it cannot be read.
    let exists = path.symlink_metadata().is_ok();
    let has_ending = path.extension().is_some_and(|it| ENDINGS.iter().any(|ending| it == *ending));
    let is_name = !named.contains(['/', '\\']);
    if exists || !is_name || (path.extension().is_some() && !has_ending) {
        return read(path).map_err(|stop| if exists { stop } else { with_nearest(stop, named) });
    }
    if has_ending {
        let local = Path::new("workflows").join(named);
        if local.is_file() {
            return read(&local);
        }
        let missing = || with_nearest(Stop::usage(format_args!("there is no file `{named}`")), named);
        return bundled(named).ok_or_else(missing);
    }
    let local = ["", "workflows"]
        .into_iter()
        .flat_map(|folder| ENDINGS.iter().map(move |ending| PathBuf::from(folder).join(format!("{named}.{ending}"))));
    if let Some(found) = local.into_iter().find(|it| it.is_file()) {
        return read(&found);
    }
    let bundled = ENDINGS.iter().find_map(|ending| bundled(&format!("{named}.{ending}")));
    bundled.ok_or_else(|| {
        with_nearest(Stop::usage(format_args!("there is no workflow `{named}`, here or bundled")), named)
    })
}

/// Returns the bundled text of this path.
fn bundled(path: &str) -> Option<Source> {
    let name = format!("{FOLDER}{path}");
    let text = text(&name)?;
    Some(Source::new(name, None, text))
}

/// Returns the bundled text that a source of this name has: a workflow, or a strategy that one imports.
pub fn text(name: &str) -> Option<&'static str> {
    let path = name.strip_prefix(FOLDER)?;
    let strategy = path.strip_prefix("strategies/").and_then(|it| it.strip_suffix(".wf"));
    let strategies = strategy::library_sources().iter().filter(|(it, _)| Some(*it) == strategy);
    BUNDLED.iter().filter(|(it, _)| *it == path).chain(strategies).map(|(_, text)| *text).next()
}

fn read(path: &Path) -> Result<Source, Stop> {
    Source::read(path).map_err(Stop::usage)
}

fn with_nearest(stop: Stop, named: &str) -> Stop {
    let wanted = Path::new(named).file_stem().and_then(|it| it.to_str()).unwrap_or(named);
    let near = |it: &str| strsim::damerau_levenshtein(wanted, it) <= 3;
    let folder = Path::new(named).parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let beside = beside.filter(|it| it.extension().is_some_and(|it| ENDINGS.iter().any(|ending| it == *ending)));
    let names = beside.map(|it| it.display().to_string()).chain(BUNDLED.iter().map(|(it, _)| (*it).to_string()));
    let stem = |it: &String| Path::new(it).file_stem().and_then(|it| it.to_str()).is_some_and(near);
    match names.into_iter().find(stem) {
        Some(name) => stop.help(format_args!("did you mean `{}`?", name.trim_start_matches("./"))),
        None => {
            stop.help("`wf new NAME` starts one; bundled are simple_backtest, portfolio, optimization, walk_forward")
        }
    }
}
