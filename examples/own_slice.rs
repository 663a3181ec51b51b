//! A program that embeds wf and brings a slice of its own.
//!
//! Run it with `cargo run --release --example own_slice`.

use std::{num::NonZeroUsize, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wf::{
    check,
    engine::{self, RealClock, RunOptions},
    market::Bars,
    plan,
    slice::{Fault, Pure, Services, Slice},
    slices::{self, data},
    source::{Source, Sources, render},
    value::{Detail, Value},
};

/// Compares the last close with the mean of the closes before it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stretch {
    /// The bars to look at.
    bars: Bars,
    /// How many closes the mean covers.
    #[serde(default = "window")]
    window: NonZeroUsize,
}

fn window() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(49)
}

/// How far the last close is from its mean.
#[derive(Serialize, JsonSchema)]
struct Stretched {
    /// The mean of the closes.
    mean: f64,
    /// The last close as a multiple of it.
    ratio: f64,
}

fn stretch(_: Pure, input: Stretch) -> Result<Stretched, Fault> {
    let (Some(closes), Some(last)) = (input.bars.close.rchunks(input.window.get()).next(), input.bars.close.last())
    else {
        return Err(Fault::input("there are no bars"));
    };
    let mean = closes.iter().sum::<f64>() / closes.len() as f64;
    Ok(Stretched { mean, ratio: last / mean })
}

const WORKFLOW: &str = r#"
workflow stretched {
  param symbol: Symbol = "IBM"
  step history = data.get_historical
  step stretch = desk.stretch(window: 100)
  output ratio = stretch.ratio
}
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = Slice::new("desk", "What our own desk looks at.").compute("stretch", stretch);
    let registry = slices::library().with(desk);
    registry.validate()?;

    let mut sources = Sources::default();
    let file = sources.add(Source::new("stretched.wf", None, WORKFLOW));
    let checked = check::check(&mut sources, file, &registry, &check::Options::default());
    eprint!("{}", render(&sources, &checked.diagnostics, false));
    let workflow = checked.workflow(None, None)?;

    let services = Services {
        clock: Arc::new(RealClock),
        market: data::source::open("bundled")?,
        notifier: Arc::new(|topic: &str, message: &str, _: Value| println!("[{topic}] {message}")),
        limits: Value::None,
    };
    let options = RunOptions::new(Arc::new(services));
    let result = engine::run(Arc::new(plan::plan(workflow)), options).await.map_err(|faults| {
        let all: Vec<_> = faults.iter().map(ToString::to_string).collect();
        all.join("; ")
    })?;
    println!("{:#}", result.to_json(Detail::Summary));
    if result.status == engine::Status::Succeeded { Ok(()) } else { Err("the run failed".into()) }
}
