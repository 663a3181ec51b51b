//! Systems of linear equations.

use crate::market::Matrix;

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
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn solves() {
        let solved = solve(vec![vec![0.0, 2.0, 1.0], vec![1.0, 1.0, 1.0], vec![2.0, 0.0, 3.0]], &[7.0, 6.0, 11.0]);
        let solved = solved.unwrap();
        for (a, b) in solved.iter().zip([1.0, 2.0, 3.0]) {
            assert!((a - b).abs() < 1e-12, "{solved:?}");
        }
        assert!(solve(vec![vec![1.0, 1.0], vec![1.0, 1.0]], &[1.0, 2.0]).is_none());
    }
}
