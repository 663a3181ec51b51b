//! Covariance of a few symbols from few returns, and what each of them adds to the risk of all.

/// A square matrix, by rows.
pub type Matrix = Vec<Vec<f64>>;

/// Returns the covariance of columns of returns, shrunk towards a multiple of the identity.
///
/// The intensity is that of O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance
/// matrices", Journal of Multivariate Analysis 88(2), 2004, lemma 3.2 to 3.4: S* = (b²/d²) m I + (a²/d²) S.
pub fn shrunk(returns: &[Vec<f64>]) -> Matrix {
    let size = returns.len() as f64;
    let count = returns.first().map_or(0, Vec::len);
    let centred: Vec<Vec<f64>> = returns
        .iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / count as f64;
            column.iter().map(|it| it - mean).collect()
        })
        .collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let sample: Matrix =
        centred.iter().map(|a| centred.iter().map(|b| product(a, b) / count as f64).collect()).collect();
    let mean = trace(&sample) / size;
    let norm = |it: &dyn Fn(usize, usize, f64) -> f64| {
        let rows = sample.iter().enumerate();
        rows.flat_map(|(i, row)| row.iter().enumerate().map(move |(j, x)| it(i, j, *x).powi(2))).sum::<f64>() / size
    };
    let spread = norm(&|i, j, x| if i == j { x - mean } else { x });
    let error = (0..count).map(|at| {
        let now: Vec<f64> = centred.iter().map(|it| it.get(at).copied().unwrap_or_default()).collect();
        norm(&|i, j, x| now.get(i).zip(now.get(j)).map_or(0.0, |(a, b)| a * b) - x)
    });
    let error = (error.sum::<f64>() / (count as f64).powi(2)).min(spread);
    let share = if spread > 0.0 { error / spread } else { 1.0 };
    let mut matrix = sample;
    for (i, row) in matrix.iter_mut().enumerate() {
        for (j, x) in row.iter_mut().enumerate() {
            *x = (1.0 - share) * *x + if i == j { share * mean } else { 0.0 };
        }
    }
    matrix
}

/// Returns what each weight adds to the variance of all, as a share of it: they sum to 1. None where nothing varies.
pub fn risk_shares(covariance: &Matrix, weights: &[f64]) -> Option<Vec<f64>> {
    let of = |(row, weight): (&Vec<f64>, &f64)| weight * row.iter().zip(weights).map(|(a, b)| a * b).sum::<f64>();
    let parts: Vec<f64> = covariance.iter().zip(weights).map(of).collect();
    let whole: f64 = parts.iter().sum();
    (whole > 0.0).then(|| parts.iter().map(|it| it / whole).collect())
}

fn trace(of: &Matrix) -> f64 {
    of.iter().enumerate().filter_map(|(at, row)| row.get(at)).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::Noise;

    #[test]
    fn shrinks_more_where_there_is_less_to_go_by() {
        let mut noise = Noise::new(5);
        let mut columns = |count: usize| -> Vec<Vec<f64>> {
            let common: Vec<f64> = (0..count).map(|_| noise.normal()).collect();
            (0..4).map(|_| common.iter().map(|it| 0.8 * it + 0.6 * noise.normal()).collect()).collect()
        };
        let (few, many) = (shrunk(&columns(20)), shrunk(&columns(5_000)));
        let correlation = |it: &Matrix| it[0][1] / (it[0][0] * it[1][1]).sqrt();
        assert!((correlation(&many) - 0.64).abs() < 0.03);
        assert!(few.iter().enumerate().all(|(i, row)| row[i] > 0.0));
    }
}
