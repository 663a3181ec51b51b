//! The command line, as clap reads it: one definition for parsing, help and completion.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A declarative, checked workflow engine for trading pipelines.
#[derive(Debug, Parser)]
#[command(
    name = "wf",
    version,
    arg_required_else_help = true,
    subcommand_required = true,
    disable_help_subcommand = true
)]
#[command(
    after_help = "Run:    run, demo\nWrite:  new, check, test, fmt, convert, explain, lsp\nLook:   plan, graph, diff, slices, schema\nPrices: data\n\n\
    Examples:\n  wf demo\n  wf run workflows/simple_backtest.wf --symbols AAPL MSFT\n  wf check workflows\n\n\
    Exit status: 0 done, 1 the run failed or check found errors, 2 wrong usage or an unreadable file, 130 cancelled."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks a workflow, then runs it
    #[command(
        after_help = "Examples:\n  wf run workflows/simple_backtest.wf\n  wf run simple_backtest --symbols AAPL MSFT --verbose\n  \
        wf run optimization --set fast=20 --seed 7 --format json\n  \
        wf run simple_backtest --report report.html\n  wf run simple_backtest --trade 3\n\nWithout FILE the bundled workflow of the mode runs."
    )]
    Run(Box<RunArgs>),
    /// Finds every problem in every workflow file under the paths, and runs nothing
    #[command(
        after_help = "Examples:\n  wf check workflows\n  wf check a.wf b.yaml --format json\n  wf check . --deny warnings"
    )]
    Check(CheckArgs),
    /// Runs the tests of every workflow file under the paths, in a virtual time and touching nothing real
    #[command(
        after_help = "Examples:\n  wf test workflows\n  wf test a.wf --filter \"fails\"\n  wf test . --format junit > tests.xml\n\n\
        Exit status: 0 all passed, 1 a test failed or a file has errors, 2 no test was found."
    )]
    Test(TestArgs),
    /// Puts workflow files into the canonical layout
    #[command(after_help = "Examples:\n  wf fmt workflows\n  wf fmt --check .\n  cat a.wf | wf fmt -")]
    Fmt(FmtArgs),
    /// Prints a workflow file in the other form, comments kept
    #[command(after_help = "Examples:\n  wf convert a.wf --to yaml\n  wf convert a.yaml --to wf > a.wf")]
    Convert(ConvertArgs),
    /// Prints what fills each input of a workflow, or the page of a check, an indicator or a metric
    #[command(
        after_help = "Examples:\n  wf explain workflows/simple_backtest.yaml\n  wf explain WF-T010\n  wf explain rsi\n  \
        wf explain sharpe"
    )]
    Explain(ExplainArgs),
    /// Prints what changed in meaning between two workflow files: steps, wiring, limits, effects
    #[command(after_help = "Examples:\n  wf diff old.wf new.wf\n  wf diff a.wf a.yaml --exit-code")]
    Diff(DiffArgs),
    /// Draws the graph of a workflow
    #[command(
        after_help = "Examples:\n  wf graph simple_backtest --format svg > graph.svg\n  wf graph a.wf --format mermaid"
    )]
    Graph(GraphArgs),
    /// Prints what a run would do: steps in order, effects, worst-case tries and time
    #[command(after_help = "Examples:\n  wf plan simple_backtest\n  wf plan a.wf --format json")]
    Plan(PlanArgs),
    /// Prints the catalogue of slices and their methods
    #[command(after_help = "Examples:\n  wf slices\n  wf slices backtest\n  wf slices backtest.execute --format json")]
    Slices(SlicesArgs),
    /// Prints a JSON Schema
    #[command(after_help = "Examples:\n  wf schema workflow > workflow.schema.json\n  wf schema result")]
    Schema(SchemaArgs),
    /// Runs the bundled example
    Demo(DemoArgs),
    /// Starts a project: a workflow, a strategy and a wf.yaml
    #[command(after_help = "Example:\n  wf new my_desk && cd my_desk && wf run my_desk.wf")]
    New(NewArgs),
    /// Keeps prices in a catalogue: imports, lists, describes and exports bars
    #[command(
        after_help = "Examples:\n  wf data import prices/ --symbol AAPL\n  wf data list\n  wf data describe AAPL\n  \
        wf data export AAPL --to aapl.csv --timeframe 1w\n  wf data export IBM --source bundled --to ibm.parquet\n\n\
        A run reads the catalogue where wf.yaml says `data: {source: \"catalogue:.wf/data\"}`."
    )]
    Data(DataArgs),
    /// Proves on data what is promised of text: that no decision knows the future
    #[command(
        after_help = "Examples:\n  wf audit look-ahead\n  wf audit look-ahead workflows/strategies/sma_cross.wf --symbol IBM\n\n\
        Each strategy is evaluated on all bars and on the first part of them only, cut at many places; what was decided\n\
        must stay decided. Ends with 1 where a decision changes."
    )]
    Audit(AuditArgs),
    /// Serves an editor: findings as you type, completion, hover, renaming and more, in .wf and YAML files
    #[command(
        after_help = "Editors start it by themselves; see docs/editors.md. It speaks the Language Server Protocol on its\n\
    standard input and output."
    )]
    Lsp {
        /// Speaks on standard input and output, which it does anyway
        #[arg(long, hide = true)]
        stdio: bool,
    },
    /// Prints the completion script of a shell
    #[command(after_help = "Example:\n  wf completions bash > /etc/bash_completion.d/wf")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Which workflow is meant, and what it runs with.
#[derive(Args, Clone, Debug, Default)]
pub struct Target {
    /// A workflow file, or the name of a local or bundled workflow
    pub file: Option<String>,
    /// Which workflow of the file
    pub name: Option<String>,
    /// Which workflow of the file, as an option
    #[arg(long = "workflow", value_name = "NAME", conflicts_with = "name")]
    pub workflow: Option<String>,
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show it as the help of the command")]
    pub context: ContextArgs,
}

/// What a run knows by itself.
#[derive(Args, Clone, Debug, Default)]
pub struct ContextArgs {
    /// How to run: backtest, paper, live or optimize
    #[arg(long, env = "WF_MODE", value_name = "MODE")]
    pub mode: Option<String>,
    /// The symbols to run on
    #[arg(long, env = "WF_SYMBOLS", num_args = 1.., value_delimiter = ',', value_name = "SYMBOL")]
    pub symbols: Vec<String>,
    /// What may be put at work, as in `10_000 USD`
    #[arg(long, env = "WF_CAPITAL", value_name = "MONEY")]
    pub capital: Option<String>,
    /// Sets a parameter of the workflow to a literal, as in fast=20; repeatable
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// The settings file, instead of the wf.yaml found upward from the workflow
    #[arg(long, env = "WF_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// From what all randomness follows
    #[arg(long, env = "WF_SEED", value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u64>,
}

/// The arguments of `wf run`.
#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show it as the help of the command")]
    pub target: Target,
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = RunFormat::Human, env = "WF_FORMAT")]
    pub format: RunFormat,
    /// Prints series in full in JSON
    #[arg(long)]
    pub full: bool,
    /// Writes the whole result as a page for a browser into this file, which needs nothing else
    #[arg(long, env = "WF_REPORT", value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// How many steps run at once; the processors of this machine where it is not said
    #[arg(long, env = "WF_PARALLEL", value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub parallel: Option<u16>,
    /// How long all of it may take, as in 10m
    #[arg(long, env = "WF_DEADLINE", value_name = "DURATION")]
    pub deadline: Option<String>,
    /// What the run is called in results
    #[arg(long, value_name = "ID")]
    pub run_id: Option<String>,
    /// Counts a degraded run as failed
    #[arg(long)]
    pub strict: bool,
    /// Prints nothing but the result
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Prints a line as each stage ends, even where nobody watches
    #[arg(long, short)]
    pub verbose: bool,
    /// Tells how a trade of each backtest came about, by its number from 1: why entered, how sized, filled and left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub trade: Vec<u32>,
}

/// How the result of a run is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// For people
    Human,
    /// Every step in a table
    Table,
    /// One object
    Json,
    /// One object a line as things happen, the result last
    Jsonl,
}

/// The arguments of `wf check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Files and folders; the current folder where none is given
    pub paths: Vec<PathBuf>,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub format: CheckFormat,
    /// Looks at the layout too, and at arguments that would be wired anyway
    #[arg(long)]
    pub style: bool,
    /// What else counts as a failure
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub deny: Option<Deny>,
    /// Applies every fix that is safe
    #[arg(long)]
    pub fix: bool,
    /// The settings file, instead of the wf.yaml found upward from each file
    #[arg(long, env = "WF_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Human,
    /// One object
    Json,
    /// A SARIF 2.1.0 log, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow
    Github,
    /// A JUnit report, a case for each finding
    Junit,
}

/// What else counts as a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings too
    Warnings,
    /// Hints too
    Hints,
}

/// The arguments of `wf test`.
#[derive(Args, Clone, Debug)]
pub struct TestArgs {
    /// Files and folders; the current folder where none is given
    pub paths: Vec<PathBuf>,
    /// Runs the tests alone that have this in their names, capitals or not
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// From what all randomness of the runs follows
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How the results are printed
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub format: TestFormat,
    /// The settings file, instead of the wf.yaml found upward from each file
    #[arg(long, env = "WF_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// How the results of tests are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people
    Human,
    /// One object
    Json,
    /// JUnit XML, as continuous integration reads it
    Junit,
}

/// The arguments of `wf fmt`.
#[derive(Args, Clone, Debug)]
pub struct FmtArgs {
    /// Files and folders, or - for standard input; the current folder where none is given
    pub paths: Vec<PathBuf>,
    /// Changes nothing; names the files that are not formatted and fails
    #[arg(long)]
    pub check: bool,
    /// Changes nothing; prints what would change
    #[arg(long)]
    pub diff: bool,
    /// Writes into each call what `wf explain` says fills its inputs, defaults left out
    #[arg(long)]
    pub explicit: bool,
}

/// The arguments of `wf convert`.
#[derive(Args, Clone, Debug)]
pub struct ConvertArgs {
    /// The workflow file
    pub file: PathBuf,
    /// The form to print
    #[arg(long, value_enum)]
    pub to: FormArg,
}

/// A form of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormArg {
    /// The language
    Wf,
    /// YAML
    Yaml,
}

/// The arguments of `wf explain`.
#[derive(Args, Clone, Debug)]
pub struct ExplainArgs {
    /// A workflow file or name, the code of a check, how codes begin (`WF-` is all of them), an indicator, a metric, or
    /// `indicators` or `metrics`
    #[arg(required_unless_present_any = ["write", "check"], default_value = "", hide_default_value = true)]
    pub what: String,
    /// Which workflow of the file
    pub name: Option<String>,
    /// The mode to explain it in
    #[arg(long, value_name = "MODE")]
    pub mode: Option<String>,
    /// Writes the pages of all checks, of all `indicators` or of all `metrics` into this file
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    pub write: Option<PathBuf>,
    /// Fails where this file is not what `--write` would put there
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

/// The arguments of `wf diff`.
#[derive(Args, Clone, Debug)]
pub struct DiffArgs {
    /// The file as it was, or the name of a workflow
    pub before: String,
    /// The file as it is
    pub after: String,
    /// How the differences are printed
    #[arg(long, value_enum, default_value_t = TextOrJson::Human)]
    pub format: TextOrJson,
    /// Exits with 1 where there are differences
    #[arg(long)]
    pub exit_code: bool,
}

/// The arguments of `wf graph`.
#[derive(Args, Clone, Debug)]
pub struct GraphArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show it as the help of the command")]
    pub target: Target,
    /// How the graph is written
    #[arg(long, value_enum, default_value_t = GraphFormat::Svg)]
    pub format: GraphFormat,
}

/// How a graph is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// A picture
    Svg,
    /// Graphviz
    Dot,
    /// Mermaid
    Mermaid,
    /// Nodes and edges
    Json,
}

/// The arguments of `wf plan`.
#[derive(Args, Clone, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show it as the help of the command")]
    pub target: Target,
    /// How the plan is printed
    #[arg(long, value_enum, default_value_t = TextOrJson::Human)]
    pub format: TextOrJson,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people
    Human,
    /// For programs
    Json,
}

/// The arguments of `wf slices`.
#[derive(Args, Clone, Debug)]
pub struct SlicesArgs {
    /// A slice, or a method as `slice.method`
    pub name: Option<String>,
    /// How the catalogue is printed
    #[arg(long, value_enum, default_value_t = TextOrJson::Human)]
    pub format: TextOrJson,
}

/// The arguments of `wf schema`.
#[derive(Args, Clone, Debug)]
pub struct SchemaArgs {
    /// What the schema is of
    #[arg(value_enum, default_value_t = SchemaKind::Workflow)]
    pub of: SchemaKind,
    /// Writes every schema, and the catalogue itself, into this folder
    #[arg(long, value_name = "DIR")]
    pub write: Option<PathBuf>,
    /// Fails where a file in this folder is not what `--write` would put there
    #[arg(long, value_name = "DIR", conflicts_with = "write")]
    pub check: Option<PathBuf>,
}

/// What a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// The YAML form of workflows
    Workflow,
    /// The catalogue of `wf slices --format json`
    Catalogue,
    /// The result of `wf run --format json`
    Result,
    /// The findings of `wf check --format json`
    Check,
    /// The results of `wf test --format json`
    Test,
    /// The settings file wf.yaml
    Config,
}

/// The arguments of `wf audit`.
#[derive(Args, Clone, Debug)]
pub struct AuditArgs {
    /// What to prove.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What to prove on data.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// Whether a decision changes once later bars are known
    LookAhead(LookAheadArgs),
}

/// The arguments of `wf audit look-ahead`.
#[derive(Args, Clone, Debug)]
pub struct LookAheadArgs {
    /// A file with strategies; those that come with wf where none is said
    pub file: Option<PathBuf>,
    /// On the bars of which symbol
    #[arg(long, default_value = "AAPL", value_name = "SYMBOL")]
    pub symbol: String,
    /// Where bars come from, as in csv:PATH; what wf.yaml says, else the bundled ones
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// At how many places the bars are cut
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub cuts: usize,
    /// The settings file, instead of the wf.yaml found upward from here
    #[arg(long, env = "WF_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The arguments of `wf data`.
#[derive(Args, Clone, Debug)]
pub struct DataArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DataCommand,
    /// The folder of the catalogue; .wf/data where neither this nor wf.yaml says it
    #[arg(long, global = true, value_name = "DIR")]
    pub catalogue: Option<PathBuf>,
    /// The settings file, instead of the wf.yaml found upward from here
    #[arg(long, global = true, env = "WF_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// What to do with the catalogue.
#[derive(Clone, Debug, Subcommand)]
pub enum DataCommand {
    /// Takes the bars of a CSV, Parquet or Arrow file or folder; what is there already stays as it is
    Import(ImportArgs),
    /// Prints what is in the catalogue
    List {
        /// How it is printed
        #[arg(long, value_enum, default_value_t = TextOrJson::Human)]
        format: TextOrJson,
    },
    /// Prints what the bars of a symbol are like: how many, from when to when, what is missing or odd
    Describe {
        #[command(flatten)]
        #[allow(missing_docs, reason = "clap would show it as the help of the command")]
        prices: PricesArgs,
        /// How it is printed
        #[arg(long, value_enum, default_value_t = TextOrJson::Human)]
        format: TextOrJson,
    },
    /// Writes the bars of a symbol into a CSV, Parquet or Arrow file
    Export(ExportArgs),
}

/// The arguments of `wf data import`.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    /// A file or folder of bars, as docs/data.md tells
    pub path: PathBuf,
    /// Whose bars they are, where the files do not say it; else the only symbol that is taken
    #[arg(long)]
    pub symbol: Option<String>,
    /// Lets the new bars count where they contradict those in the catalogue
    #[arg(long)]
    pub replace: bool,
}

/// Which bars are meant.
#[derive(Args, Clone, Debug)]
pub struct PricesArgs {
    /// The symbol
    pub symbol: String,
    /// Another source than the catalogue, as in bundled or csv:PATH
    #[arg(long, value_name = "SOURCE")]
    pub source: Option<String>,
    /// From the first to the last day, as in 2020-01-01..2020-12-31
    #[arg(long, value_name = "PERIOD")]
    pub period: Option<String>,
    /// How long a bar is, as in 5m, 1d, 1w or 1mo; as it is stored where it is not said
    #[arg(long, value_name = "TIMEFRAME")]
    pub timeframe: Option<String>,
}

/// The arguments of `wf data export`.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show it as the help of the command")]
    pub prices: PricesArgs,
    /// The file, whose name ends in .csv, .parquet, .arrow or .feather
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// For what prices are adjusted: all, splits or none
    #[arg(long, default_value = "none", value_parser = ["all", "splits", "none"])]
    pub adjust: String,
}

/// The arguments of `wf demo`.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// How the result is printed
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub format: RunFormat,
}

/// The arguments of `wf new`.
#[derive(Args, Clone, Debug)]
pub struct NewArgs {
    /// The name of the project, which becomes a folder
    pub name: String,
}
