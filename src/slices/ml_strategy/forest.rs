//! The model: a random forest that says how probable it is that a candidate does better than the median candidate.

use smartcore::{
    ensemble::random_forest_regressor::{RandomForestRegressor, RandomForestRegressorParameters},
    linalg::basic::matrix::DenseMatrix,
};

use crate::slice::Fault;

/// How many trees the forest has.
pub(super) const TREES: usize = 60;
/// Shallow trees with large leaves: there are few windows, and what they tell is faint.
const DEPTH: u16 = 4;
const LEAF: usize = 16;

/// A fitted forest.
pub(super) struct Forest(RandomForestRegressor<f64, f64, DenseMatrix<f64>, Vec<f64>>);

impl Forest {
    /// Fits a forest to rows of features and what came of each; equal input and seed give the same forest.
    pub(super) fn fit(rows: &[Vec<f64>], outcomes: &[f64], seed: u64) -> Result<Self, Fault> {
        let width = rows.first().map_or(0, Vec::len);
        let parameters = RandomForestRegressorParameters::default()
            .with_n_trees(TREES)
            .with_max_depth(DEPTH)
            .with_min_samples_leaf(LEAF)
            .with_m((width / 3).max(1))
            .with_seed(seed);
        RandomForestRegressor::fit(&matrix(rows)?, &outcomes.to_vec(), parameters).map(Self).map_err(|it| failed(&it))
    }

    /// Returns what the trees say of each row on average, from 0 to 1.
    pub(super) fn predict(&self, rows: &[Vec<f64>]) -> Result<Vec<f64>, Fault> {
        self.0.predict(&matrix(rows)?).map_err(|it| failed(&it))
    }
}

fn matrix(rows: &[Vec<f64>]) -> Result<DenseMatrix<f64>, Fault> {
    let width = rows.first().map_or(0, Vec::len);
    DenseMatrix::new(rows.len(), width, rows.concat(), false).map_err(|it| failed(&it))
}

fn failed(error: &smartcore::error::Failed) -> Fault {
    Fault::permanent("the model could not be trained").because(error)
}
