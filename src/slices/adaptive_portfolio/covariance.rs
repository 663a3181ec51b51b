//! Covariance of a few symbols from few returns.

/// A square matrix, by rows.
pub(super) type Matrix = Vec<Vec<f64>>;

/// Returns the covariance of columns of returns, shrunk towards a multiple of the identity.
///
/// The intensity is that of O. Ledoit and M. Wolf, "A well-conditioned estimator for large-dimensional covariance
/// matrices", Journal of Multivariate Analysis 88(2), 2004, lemma 3.2 to 3.4: S* = (b²/d²) m I + (a²/d²) S.
pub(super) fn shrunk(returns: &[Vec<f64>]) -> Matrix {
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

fn trace(of: &Matrix) -> f64 {
    of.iter().enumerate().filter_map(|(at, row)| row.get(at)).sum()
}

/// Returns x with `matrix` x = `right` by Gaussian elimination with partial pivoting; none where the matrix is singular.
pub(super) fn solve(mut matrix: Matrix, right: &[f64]) -> Option<Vec<f64>> {
    let size = right.len();
    for (row, it) in matrix.iter_mut().zip(right) {
        row.push(*it);
    }
    for column in 0..size {
        let of = |it: &Vec<f64>| it.get(column).map_or(0.0, |it| it.abs());
        let pivot = (column..size).max_by(|a, b| {
            let (a, b) = (matrix.get(*a).map_or(0.0, of), matrix.get(*b).map_or(0.0, of));
            a.total_cmp(&b)
        })?;
        matrix.swap(column, pivot);
        let (above, below) = matrix.split_at_mut(column + 1);
        let lead = above.last_mut()?;
        let head = *lead.get(column)?;
        if head.abs() < 1e-300 {
            return None;
        }
        for it in lead.iter_mut() {
            *it /= head;
        }
        for row in below {
            let factor = *row.get(column)?;
            row.iter_mut().zip(lead.iter()).for_each(|(it, lead)| *it -= factor * lead);
        }
    }
    let mut solved: Vec<f64> = Vec::new();
    for row in matrix.iter().rev() {
        let known = row.get(size - solved.len()..size)?;
        let sum: f64 = known.iter().zip(solved.iter().rev()).map(|(a, b)| a * b).sum();
        solved.push(row.last()? - sum);
    }
    solved.reverse();
    Some(solved)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;
    use crate::slices::sample::Noise;

    #[test]
    fn solves() {
        let solved = solve(vec![vec![0.0, 2.0, 1.0], vec![1.0, 1.0, 1.0], vec![2.0, 0.0, 3.0]], &[7.0, 6.0, 11.0]);
        let solved = solved.unwrap();
        for (a, b) in solved.iter().zip([1.0, 2.0, 3.0]) {
            assert!((a - b).abs() < 1e-12, "{solved:?}");
        }
        assert!(solve(vec![vec![1.0, 1.0], vec![1.0, 1.0]], &[1.0, 2.0]).is_none());
    }

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
