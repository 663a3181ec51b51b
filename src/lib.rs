//! A declarative workflow engine for trading pipelines.
//!
//! Text becomes a tree, the tree a checked workflow, the workflow a plan, the plan a run. Each stage is a type that only
//! its stage can make, so what is unchecked cannot run.
//!
//! ```
//! use std::sync::Arc;
//!
//! use wf::{
//!     check,
//!     engine::{self, RealClock, RunOptions, Status},
//!     plan,
//!     slice::Services,
//!     slices::{self, data},
//!     source::{Source, Sources},
//!     value::Value,
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = r#"workflow closes {
//!   step history = data.get_historical(symbol: "IBM")
//!   output symbol = history.symbol
//! }"#;
//! let mut sources = Sources::default();
//! let file = sources.add(Source::new("closes.wf", None, text));
//! let checked = check::check(&mut sources, file, &slices::library(), &check::Options::default());
//! let workflow = checked.workflow(None, None)?;
//!
//! let services = Services {
//!     clock: Arc::new(RealClock),
//!     market: data::source::open("bundled")?,
//!     notifier: Arc::new(|topic: &str, message: &str, _: Value| println!("[{topic}] {message}")),
//!     limits: Value::None,
//! };
//! let options = RunOptions::new(Arc::new(services));
//! let runtime = tokio::runtime::Runtime::new()?;
//! let result = runtime.block_on(engine::run(Arc::new(plan::plan(workflow)), options)).map_err(|_| "the plan is refused")?;
//! assert_eq!(result.status, Status::Succeeded);
//! # Ok(())
//! # }
//! ```

pub mod check;
pub mod cli;
pub mod engine;
pub mod expr;
pub mod lsp;
pub mod market;
pub mod plan;
pub mod slice;
pub mod slices;
pub mod source;
pub mod strategy;
pub mod syntax;
pub mod trial;
pub mod value;
pub mod web;
