//! The settings of a run: `wf.yaml`, then the command line and the environment over it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use super::{args::ContextArgs, stop::Stop};
use crate::{
    expr::Context,
    market::{Calendar, Limits},
    slice::ports::MarketData,
    slices::data::source::{self, Layout},
    source::{Allow, Code, Source},
    syntax::literal,
    value::{Name, Symbol, Ty, Value, fields_of, from_json},
};

/// The name of the settings file.
pub const FILE: &str = "wf.yaml";

/// What people set outside of workflow files.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The folder of the settings file, which is the root of the project.
    pub root: Option<PathBuf>,
    /// The context values that a person gave.
    pub given: BTreeMap<Context, Value>,
    /// The house policy: a workflow may be tighter, never looser.
    pub limits: Vec<(Name, Value)>,
    /// The checks that may find something, each with the reason.
    pub allow: Vec<(Code, String)>,
    /// Where prices come from.
    pub data: Data,
}

/// Where prices come from, and what its files do not say themselves.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// As in `bundled` or `csv:PATH`.
    pub source: Option<String>,
    /// How its files are laid out.
    pub layout: Layout,
}

impl Data {
    /// What may be said of data; the settings' schema lists the same.
    const SETTINGS: &[&str] = &["source", "columns", "symbol", "timeframe", "timezone", "calendar"];

    fn read(section: &serde_json::Map<String, Json>) -> Result<Self, Stop> {
        if let Some(wrong) = section.keys().find(|it| !Self::SETTINGS.contains(&it.as_str())) {
            return Err(Stop::usage(format_args!("`data` has no `{wrong}`")).help(nearest(wrong, Self::SETTINGS)));
        }
        let refused =
            |name: &str, problem: &dyn std::fmt::Display| Stop::usage(format_args!("`data.{name}`: {problem}"));
        let text = |name: &str| text_in(section, "data", name);
        let mut data = Self { source: text("source")?, layout: Layout::default() };
        match section.get("columns") {
            None | Some(Json::Null) => {}
            Some(Json::Object(columns)) => {
                for role in columns.keys() {
                    let Some(name) = text_in(columns, "data.columns", role)? else { continue };
                    data.layout.column(role, &name).map_err(|it| refused("columns", &it.message))?;
                }
            }
            Some(_) => {
                return Err(refused("columns", &"it names columns, as in `columns: {date: Day, close: Last}`"));
            }
        }
        let read = |name: &str, ty: &Ty| {
            let json = section.get(name).filter(|it| !it.is_null());
            json.map(|it| from_json(it, ty).map_err(|it| refused(name, &it))).transpose()
        };
        data.layout.symbol = read("symbol", &Ty::Symbol)?.and_then(|it| it.to().ok());
        data.layout.timeframe = read("timeframe", &Ty::Duration)?.and_then(|it| it.to().ok());
        data.layout.timezone = text("timezone")?
            .map(|it| TimeZone::get(&it).map_err(|_| refused("timezone", &format!("there is no time zone `{it}`"))))
            .transpose()
            .map_err(|it| it.help("write it as `America/New_York` or `UTC`"))?;
        if let Some(name) = text("calendar")? {
            let names: Vec<_> = Calendar::ALL.iter().map(|it| it.name()).collect();
            data.layout.calendar = Calendar::find(&name).ok_or_else(|| {
                refused("calendar", &format!("there is no calendar `{name}`")).help(nearest(&name, &names))
            })?;
        }
        Ok(data)
    }

    /// Opens the source; the bundled prices where none is named.
    pub fn open(&self) -> Result<Arc<dyn MarketData>, Stop> {
        source::open_with(self.source.as_deref().unwrap_or("bundled"), &self.layout)
            .map_err(|fault| Stop::usage(format_args!("the data source: {fault}")))
    }
}

/// The sections of a settings file. `store` is read so that a file for durable runs is no error here.
const SECTIONS: &[&str] = &["context", "limits", "allow", "data", "store"];

impl Config {
    /// Reads the settings file that `explicit` names, else the nearest one in `start` or above it.
    pub fn find(explicit: Option<&Path>, start: &Path) -> Result<Self, Stop> {
        if let Some(path) = explicit {
            return Self::read(path);
        }
        let start = std::path::absolute(start).unwrap_or_else(|_| start.to_path_buf());
        let found = start.ancestors().map(|it| it.join(FILE)).find(|it| it.is_file());
        found.map_or_else(|| Ok(Self::default()), |it| Self::read(&it))
    }

    fn read(path: &Path) -> Result<Self, Stop> {
        let source = Source::read(path).map_err(|it| Stop::usage(format_args!("the settings: {it}")))?;
        let mut config = Self::parse(source.text()).map_err(|mut stop| {
            stop.message = format!("{}: {}", path.display(), stop.message);
            stop
        })?;
        let root = path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
        config.data.source = config.data.source.map(|it| relative_to(&root, it));
        config.root = Some(root);
        Ok(config)
    }

    /// Reads the text of a settings file.
    pub fn parse(text: &str) -> Result<Self, Stop> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let whole: Json = serde_yaml::from_str(text).map_err(|error| {
            let error = error.to_string();
            let line = error.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Stop::usage(format_args!("this is not YAML: {line}")).help("`wf schema config` prints what may stand there")
        })?;
        let mut config = Self::default();
        let Json::Object(whole) = whole else {
            return Err(
                Stop::usage("settings are `key: value` lines").help(format_args!("there are: {}", SECTIONS.join(", ")))
            );
        };
        if let Some(wrong) = whole.keys().find(|it| !SECTIONS.contains(&it.as_str())) {
            return Err(Stop::usage(format_args!("there is no setting `{wrong}`")).help(nearest(wrong, SECTIONS)));
        }
        let section = |name: &str| match whole.get(name) {
            None | Some(Json::Null) => Ok(serde_json::Map::new()),
            Some(Json::Object(fields)) => Ok(fields.clone()),
            Some(_) => Err(Stop::usage(format_args!("`{name}` holds settings of its own, as in `{name}: {{…}}`"))),
        };
        config.data = Data::read(&section("data")?)?;
        text_of(&section("store")?, "store", "path")?;
        for (name, json) in section("context")? {
            let Some(context) = Context::find(&name) else {
                let names: Vec<_> = Context::ALL.iter().map(|it| it.name()).collect();
                return Err(Stop::usage(format_args!("`context` has no `{name}`")).help(nearest(&name, &names)));
            };
            config.set_json(context, &json)?;
        }
        let fields = fields_of::<Limits>().unwrap_or_default();
        for (name, json) in section("limits")? {
            let Some(field) = fields.iter().find(|it| *it.name == *name) else {
                let names: Vec<_> = fields.iter().map(|it| &*it.name).collect();
                return Err(Stop::usage(format_args!("`limits` has no `{name}`")).help(nearest(&name, &names)));
            };
            let value = from_json(&json, &field.ty).and_then(|it| field.refuses(&it).map_or(Ok(it), Err));
            let value = value.map_err(|error| Stop::usage(error.at(&format!("limits.{name}"))))?;
            config.limits.push((name.into(), value));
        }
        config.allow = section("allow")?.iter().map(|(name, why)| allowed(name, why)).collect::<Result<_, _>>()?;
        Ok(config)
    }

    fn set_json(&mut self, context: Context, json: &Json) -> Result<(), Stop> {
        let field = context.field();
        let value = from_json(json, &field.ty)
            .and_then(|it| field.refuses(&it).map_or(Ok(it), Err))
            .map_err(|error| Stop::usage(error.at(&format!("context.{}", context.name()))))?;
        self.given.insert(context, value);
        Ok(())
    }

    /// Puts what the command line and the environment say over the file; `--set` is the workflow's affair.
    pub fn overlay(&mut self, args: &ContextArgs) -> Result<(), Stop> {
        if let Some(mode) = &args.mode {
            self.set_text(Context::Mode, "--mode", mode)?;
        }
        if let Some(capital) = &args.capital {
            self.set_text(Context::Capital, "--capital", capital)?;
        }
        if let Some(seed) = args.seed {
            let seed = i64::try_from(seed).map_err(|_| Stop::usage("`--seed` is too large: at most 2^63 - 1"))?;
            self.given.insert(Context::Seed, Value::Int(seed));
        }
        if !args.symbols.is_empty() {
            let read = |it: &String| Symbol::new(it).map(Value::from);
            let symbols: Result<Vec<_>, _> = args.symbols.iter().map(read).collect();
            let symbols = symbols.map_err(|error| Stop::usage(format_args!("`--symbols`: {error}")))?;
            self.given.insert(Context::Symbols, Value::list(symbols));
        }
        Ok(())
    }

    /// Sets a context value from the text of an option.
    pub fn set_text(&mut self, context: Context, option: &str, text: &str) -> Result<(), Stop> {
        let ty = context.ty();
        let value = match ty.required() {
            Ty::Members(_) | Ty::Text => Value::text(text),
            Ty::Symbol => Symbol::new(text).map_err(|error| Stop::usage(format_args!("`{option}`: {error}")))?.into(),
            _ => literal::read(text).unwrap_or_else(|| Value::text(text)),
        };
        if let Some(error) = context.field().refuses(&value) {
            let stop = Stop::usage(format_args!("`{option}`: {error}"));
            return Err(match context {
                Context::Capital if value.kind() != "Money" => {
                    stop.help("name the currency, as in `--capital \"10_000 USD\"`")
                }
                _ => stop,
            });
        }
        self.given.insert(context, value);
        Ok(())
    }
}

/// The settings of many files, each settings file read once.
pub struct Cache<'a> {
    explicit: Option<&'a Path>,
    by_folder: BTreeMap<PathBuf, Config>,
}

impl<'a> Cache<'a> {
    /// Returns an empty one; where a settings file is named, it counts for every file.
    pub fn new(explicit: Option<&'a Path>) -> Self {
        Self { explicit, by_folder: BTreeMap::new() }
    }

    /// Returns the settings of a workflow file.
    pub fn of(&mut self, file: &Path) -> Result<&Config, Stop> {
        let folder = file.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !self.by_folder.contains_key(folder) {
            let config = Config::find(self.explicit, folder)?;
            self.by_folder.insert(folder.to_path_buf(), config);
        }
        self.by_folder.get(folder).ok_or_else(|| Stop::usage("the settings were read and lost"))
    }
}

/// Returns a data source with its path made relative to the folder of the settings file.
fn relative_to(root: &Path, source: String) -> String {
    match source.split_once(':') {
        Some((kind, path)) if Path::new(path).is_relative() => format!("{kind}:{}", root.join(path).display()),
        _ => source,
    }
}

/// Reads which check is allowed, and why.
fn allowed(name: &str, why: &Json) -> Result<(Code, String), Stop> {
    let Some(code) = Code::parse(name) else {
        let names: Vec<_> = Code::ALL.iter().map(|it| it.as_str()).collect();
        let help = nearest(&name.to_ascii_uppercase(), &names);
        let help = if help.starts_with("did") { help } else { "`wf explain WF-` lists the checks".to_owned() };
        return Err(Stop::usage(format_args!("`allow`: there is no check `{name}`")).help(help));
    };
    if code.allow() == Allow::Never {
        let stop = Stop::usage(format_args!("`allow`: {code} cannot be allowed"));
        return Err(stop.help("what it reports cannot run"));
    }
    match why.as_str().map(str::trim).filter(|it| !it.is_empty()) {
        Some(why) => Ok((code, why.to_owned())),
        None => Err(Stop::usage(format_args!("`allow.{code}` gives no reason"))
            .help(format_args!("say why this is meant, as in `allow: {{{code}: \"…\"}}`"))),
    }
}

/// Returns the text of the only setting that a section takes.
fn text_of(section: &serde_json::Map<String, Json>, name: &str, only: &str) -> Result<Option<String>, Stop> {
    if let Some(wrong) = section.keys().find(|it| *it != only) {
        return Err(Stop::usage(format_args!("`{name}` has no `{wrong}`")).help(nearest(wrong, &[only])));
    }
    text_in(section, name, only)
}

fn text_in(section: &serde_json::Map<String, Json>, name: &str, setting: &str) -> Result<Option<String>, Stop> {
    match section.get(setting) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(it)) => Ok(Some(it.clone())),
        Some(other) => Err(Stop::usage(format_args!("`{name}.{setting}`: expected a text, found `{other}`"))),
    }
}

/// Returns advice that names the nearest of `names`, or all of them.
pub fn nearest(wrong: &str, names: &[&str]) -> String {
    let distance = |it: &&&str| strsim::damerau_levenshtein(wrong, it);
    match names.iter().min_by_key(distance).filter(|it| distance(it) <= 2) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("there are: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]
    use super::*;

    #[test]
    fn settings_use_the_literals_of_the_language() {
        let text = "context: {mode: backtest, symbols: [AAPL, MSFT], capital: 10_000 USD, costs: {fee: 1bps, slippage: 2bps}}\n\
                    limits: {max_position: 20%, max_daily_loss: 2%}      # house policy\n\
                    data: {source: bundled}\nstore: {path: .wf}\n";
        let config = Config::parse(text).unwrap();
        assert_eq!(config.given[&Context::Capital].to_string(), "10_000 USD");
        assert_eq!(config.given[&Context::Costs].to_string(), "{ fee: 0.01%, slippage: 0.02% }");
        assert_eq!(config.given[&Context::Symbols].to_string(), "[AAPL, MSFT]");
        assert_eq!(config.limits.len(), 2);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let message = |text| {
            let stop = Config::parse(text).unwrap_err();
            format!("{} / {}", stop.message, stop.help.unwrap_or_default())
        };
        assert_eq!(message("context: {capitl: 5 USD}"), "`context` has no `capitl` / did you mean `capital`?");
        assert_eq!(message("context: {capital: 5}"), "`context.capital`: expected Money, found `5` / ");
        assert_eq!(
            message("limits: {max_positon: 5%}"),
            "`limits` has no `max_positon` / did you mean `max_position`?"
        );
        assert_eq!(message("contxt: {}"), "there is no setting `contxt` / did you mean `context`?");
        assert_eq!(message("context: 5"), "`context` holds settings of its own, as in `context: {…}` / ");
        assert_eq!(message("data: {sorce: x}"), "`data` has no `sorce` / did you mean `source`?");
        assert_eq!(message("allow: {WF-P04: x}"), "`allow`: there is no check `WF-P04` / did you mean `WF-P004`?");
        assert_eq!(message("allow: {WF-N002: x}"), "`allow`: WF-N002 cannot be allowed / what it reports cannot run");
        assert!(message("allow: {P005: ' '}").starts_with("`allow.WF-P005` gives no reason / say why"));
        assert_eq!(message("data: {source: 5}"), "`data.source`: expected a text, found `5` / ");
        assert!(message("data: {columns: {closing: x}}").starts_with("`data.columns`: there is no column `closing`"));
        assert!(message("data: {timezone: Mars}").starts_with("`data.timezone`: there is no time zone `Mars` / write"));
        assert!(message("data: {timeframe: 5}").starts_with("`data.timeframe`: "));
        assert_eq!(
            message("data: {calendar: XNYZ}"),
            "`data.calendar`: there is no calendar `XNYZ` / did you mean `XNYS`?"
        );
        assert!(message("a: [").starts_with("this is not YAML: line 1"));
        assert!(message("- a").starts_with("settings are `key: value` lines"));
    }
}
