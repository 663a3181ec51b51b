//! The models that can be fitted here: each says how probable it is that a candidate does better than the median candidate.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smartcore::{
    ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters},
    linalg::basic::{arrays::Array as _, matrix::DenseMatrix},
    linear::logistic_regression::{LogisticRegression, LogisticRegressionParameters},
    xgboost::{XGRegressor, XGRegressorParameters},
};

use crate::slice::Fault;

type Matrix = DenseMatrix<f64>;

/// Which model is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A random forest.
    #[default]
    Forest,
    /// Gradient-boosted trees.
    Boosted,
    /// A logistic regression.
    Logistic,
}

/// How many trees a model has.
const TREES: usize = 60;
/// The forest: shallow trees with large leaves, since there are few windows, and what they tell is faint.
const DEPTH: u16 = 4;
const LEAF: usize = 16;
/// Boosting: stumps of stumps, learnt slowly, each from half of the rows.
const BOOSTED_DEPTH: u16 = 2;
const RATE: f64 = 0.05;
const SHARE: f64 = 0.5;
/// How strongly the weights of the logistic regression are held to zero.
const RIDGE: f64 = 10.0;

/// What says how probable it is that a candidate does better than the median candidate.
pub(super) trait Predicts: Send + Sync + std::fmt::Debug {
    /// Returns what it says of each row of features, from 0 to 1.
    fn predict(&self, rows: &[Vec<f64>]) -> Result<Vec<f64>, Fault>;
}

/// A fitted model.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fitted {
    Forest(RandomForestRegressor<f64, f64, Matrix, Vec<f64>>),
    Boosted(XGRegressor<f64, f64, Matrix, Vec<f64>>),
    Logistic(Logistic),
}

/// A logistic regression on features of mean 0 and variance 1.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Logistic {
    /// Mean and standard deviation of each feature where it was trained.
    scales: Vec<(f64, f64)>,
    weights: Vec<f64>,
    intercept: f64,
}

impl Kind {
    /// Returns what people call it.
    pub(super) fn describe(self) -> String {
        match self {
            Kind::Forest => format!("random forest of {TREES} trees"),
            Kind::Boosted => format!("{TREES} gradient-boosted trees"),
            Kind::Logistic => "logistic regression".to_owned(),
        }
    }

    /// Fits a model to rows of features and what came of each: 1 better than the median candidate, 1/2 as good, 0 worse.
    /// Equal input and seed give the same model.
    pub(super) fn fit(self, rows: &[Vec<f64>], outcomes: &[f64], seed: u64) -> Result<Fitted, Fault> {
        let target = outcomes.to_vec();
        match self {
            Kind::Forest => {
                let width = rows.first().map_or(0, Vec::len);
                let parameters = RandomForestRegressorParameters::default()
                    .with_n_trees(TREES)
                    .with_max_depth(DEPTH)
                    .with_min_samples_leaf(LEAF)
                    .with_m((width / 3).max(1))
                    .with_seed(seed);
                RandomForestRegressor::fit(&matrix(rows)?, &target, parameters).map(Fitted::Forest)
            }
            // A squared error on what came of it is the Brier score, which a probability minimises.
            Kind::Boosted => {
                let parameters = XGRegressorParameters::default()
                    .with_n_estimators(TREES)
                    .with_max_depth(BOOSTED_DEPTH)
                    .with_learning_rate(RATE)
                    .with_min_child_weight(LEAF)
                    .with_subsample(SHARE)
                    .with_seed(seed);
                XGRegressor::fit(&matrix(rows)?, &target, parameters).map(Fitted::Boosted)
            }
            Kind::Logistic => return Logistic::fit(rows, outcomes).map(Fitted::Logistic),
        }
        .map_err(|it| failed(&it))
    }
}

impl Predicts for Fitted {
    fn predict(&self, rows: &[Vec<f64>]) -> Result<Vec<f64>, Fault> {
        let said = match self {
            Fitted::Forest(it) => it.predict(&matrix(rows)?),
            Fitted::Boosted(it) => it.predict(&matrix(rows)?),
            Fitted::Logistic(it) => Ok(rows.iter().map(|row| it.say(row)).collect()),
        };
        Ok(said.map_err(|it| failed(&it))?.into_iter().map(|it| it.clamp(0.0, 1.0)).collect())
    }
}

impl Logistic {
    fn fit(rows: &[Vec<f64>], outcomes: &[f64]) -> Result<Self, Fault> {
        let width = rows.first().map_or(0, Vec::len);
        let scale = |at: usize| {
            let column = || rows.iter().filter_map(|it| <[f64]>::get(it, at));
            let count = rows.len().max(1) as f64;
            let mean = column().sum::<f64>() / count;
            let variance = column().map(|it| (it - mean).powi(2)).sum::<f64>() / count;
            (mean, if variance > 1e-18 { variance.sqrt() } else { 1.0 })
        };
        let scales: Vec<_> = (0..width).map(scale).collect();
        // What came out even counts for both sides.
        let sides = rows.iter().zip(outcomes).flat_map(|(row, outcome)| {
            let lost = (*outcome < 1.0).then_some((row, 0_i32));
            lost.into_iter().chain((*outcome > 0.0).then_some((row, 1)))
        });
        let (scaled, classes): (Vec<_>, Vec<_>) = sides.map(|(row, class)| (scaled(row, &scales), class)).unzip();
        let parameters = LogisticRegressionParameters::default().with_alpha(RIDGE);
        let model: LogisticRegression<f64, i32, Matrix, Vec<i32>> =
            LogisticRegression::fit(&matrix(&scaled)?, &classes, parameters).map_err(|it| failed(&it))?;
        let weights = model.coefficients().iterator(0).copied().collect();
        Ok(Self { scales, weights, intercept: *model.intercept().get((0, 0)) })
    }

    fn say(&self, row: &[f64]) -> f64 {
        let weighed: f64 = scaled(row, &self.scales).iter().zip(&self.weights).map(|(x, weight)| x * weight).sum();
        1.0 / (1.0 + (-(self.intercept + weighed)).exp())
    }
}

fn scaled(row: &[f64], scales: &[(f64, f64)]) -> Vec<f64> {
    row.iter().zip(scales).map(|(x, (mean, deviation))| (x - mean) / deviation).collect()
}

fn matrix(rows: &[Vec<f64>]) -> Result<Matrix, Fault> {
    let width = rows.first().map_or(0, Vec::len);
    DenseMatrix::new(rows.len(), width, rows.concat(), false).map_err(|it| failed(&it))
}

fn failed(error: &smartcore::error::Failed) -> Fault {
    Fault::permanent("the model could not be trained").because(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::Noise;

    /// Rows of three features of which the first decides how probable a 1 is.
    fn rows(count: usize) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let mut noise = Noise::new(1);
        let mut truth = Vec::new();
        let mut row = || {
            let row: Vec<f64> = (0..3).map(|_| noise.normal()).collect();
            truth.push(1.0 / (1.0 + (-1.5 * row[0]).exp()));
            (row, f64::from(u8::from(noise.uniform() < truth[truth.len() - 1])))
        };
        let (rows, outcomes) = (0..count).map(|_| row()).unzip();
        (rows, outcomes, truth)
    }

    #[test]
    fn every_model_finds_what_decides_and_is_the_same_from_the_same_seed() {
        let (rows, outcomes, truth) = rows(1_200);
        for kind in [Kind::Forest, Kind::Boosted, Kind::Logistic] {
            let said = kind.fit(&rows[..800], &outcomes[..800], 3).unwrap().predict(&rows[800..]).unwrap();
            let error = said.iter().zip(&truth[800..]).map(|(said, truth)| (said - truth).abs()).sum::<f64>() / 400.0;
            assert!(error < 0.12, "{kind:?}: {error}");
            let again = kind.fit(&rows[..800], &outcomes[..800], 3).unwrap();
            let kept = serde_json::to_string(&again).unwrap();
            let read: Fitted = serde_json::from_str(&kept).unwrap();
            assert_eq!(read.predict(&rows[800..]).unwrap(), said, "{kind:?}");
        }
    }

    #[test]
    fn what_came_out_even_says_nothing() {
        let (rows, ..) = rows(100);
        for kind in [Kind::Forest, Kind::Boosted, Kind::Logistic] {
            let said = kind.fit(&rows, &[0.5; 100], 0).unwrap().predict(&rows).unwrap();
            assert!(said.iter().all(|it| (it - 0.5).abs() < 1e-6), "{kind:?}");
        }
    }
}
