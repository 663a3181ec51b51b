//! What other programs say, as `tests/golden/make_regimes.py` wrote it.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Golden {
    pub rounds: usize,
    pub seen: Vec<[f64; 2]>,
    pub models: Vec<Model>,
    pub changes: Changes,
}

#[derive(Deserialize)]
pub(super) struct Model {
    pub states: usize,
    pub start: Vec<f64>,
    pub moves: Vec<Vec<f64>>,
    pub means: Vec<[f64; 2]>,
    pub variances: Vec<[f64; 2]>,
    pub likelihood: f64,
    /// That of every 25th bar.
    pub filtered: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
pub(super) struct Changes {
    pub seed: usize,
    pub expected: f64,
    pub returns: Vec<f64>,
    pub known: Vec<(f64, usize)>,
}

pub(super) fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/golden/regimes.json")).unwrap()
}
