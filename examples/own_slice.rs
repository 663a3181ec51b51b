//! A program that embeds wf and brings a slice of its own.
//!
//! Run it with `cargo run --release --example own_slice`.

use std::num::NonZeroUsize;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use wf::{
    market::Bars,
    slice::{Fault, Pure, Slice},
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
    let window = input.window.get();
    let (Some(closes), Some(last)) = (input.bars.close.rchunks(window).next(), input.bars.close.last()) else {
        return Err(Fault::input("there are no bars"));
    };
    let mean = closes.iter().sum::<f64>() / closes.len() as f64;
    Ok(Stretched { mean, ratio: last / mean })
}

const WORKFLOW: &str = r#"
workflow stretched {
  step history = data.get_historical
  step stretch = desk.stretch(window: 100)
  output ratio = stretch.ratio
}
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let desk = Slice::new("desk", "What our own desk looks at.").compute("stretch", stretch);
    let wf = wf::Engine::new(wf::library().with(desk))?;
    let result = wf.run_text("stretched.wf", WORKFLOW)?;
    println!("{:#}", result.outputs_json());
    Ok(())
}
