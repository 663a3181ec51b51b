//! What an account would be worth, and how its weights drift, where it is held at weights from close to close.

/// An account in floating point: for rules that follow its size and for estimates; money is the business of the backtest.
pub(super) struct Drift {
    equity: f64,
    weights: Vec<f64>,
    prices: Vec<f64>,
}

impl Drift {
    /// Returns an account of cash alone.
    pub(super) fn new(equity: f64, symbols: usize) -> Self {
        Self { equity, weights: vec![0.0; symbols], prices: vec![f64::NAN; symbols] }
    }

    /// Returns what each symbol has grown by since it was last traded.
    fn growth<'a>(&'a self, prices: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        let grown = |(before, now): (&f64, &f64)| if before.is_nan() || now.is_nan() { 1.0 } else { now / before };
        self.prices.iter().zip(prices).map(grown)
    }

    /// Returns what it is worth at these prices.
    pub(super) fn worth(&self, prices: &[f64]) -> f64 {
        let earned = self.weights.iter().zip(self.growth(prices)).map(|(weight, grown)| weight * (grown - 1.0));
        self.equity * (1.0 + earned.sum::<f64>())
    }

    /// Returns what the weights have become at these prices.
    pub(super) fn weights(&self, prices: &[f64]) -> Vec<f64> {
        let whole = self.worth(prices) / self.equity;
        self.weights.iter().zip(self.growth(prices)).map(|(weight, grown)| weight * grown / whole).collect()
    }

    /// Trades to these weights at these prices and returns what that took, as a share of equity.
    pub(super) fn hold(&mut self, prices: &[f64], weights: &[f64], rate: f64) -> f64 {
        let traded: f64 = self.weights(prices).iter().zip(weights).map(|(a, b)| (a - b).abs()).sum();
        self.equity = self.worth(prices) * (1.0 - rate * traded);
        (self.weights, self.prices) = (weights.to_vec(), prices.to_vec());
        traded
    }
}
