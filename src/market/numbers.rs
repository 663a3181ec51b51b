//! Columns of numbers, whose memory is used again: a page that the system has to hand out costs more than what is computed
//! into it.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

/// A number for each bar, NaN where there is none.
#[derive(Clone)]
pub struct Numbers(Store);

#[derive(Clone)]
enum Store {
    /// A column of bars.
    Bars(Arc<[f64]>),
    /// A column that was computed.
    Computed(Arc<Buffer>),
}

/// Memory that goes back to where it came from.
struct Buffer(Vec<f64>);

/// Columns that nobody reads any more.
static FREE: Mutex<Vec<Vec<f64>>> = Mutex::new(Vec::new());

/// Shorter columns are left to the allocator, which keeps their memory anyway.
const SHORT: usize = 1 << 14;
/// How many numbers are kept: 64 MiB.
const KEPT: usize = 1 << 23;

impl Numbers {
    /// Returns a column that `fill` writes; what it leaves out may hold anything.
    pub fn filled(length: usize, fill: impl FnOnce(&mut [f64])) -> Self {
        let mut buffer = Buffer::take(length);
        fill(&mut buffer.0);
        Self(Store::Computed(Arc::new(buffer)))
    }

    /// Returns several columns that `fill` writes together.
    pub fn several(count: usize, length: usize, fill: impl FnOnce(&mut [&mut [f64]])) -> Vec<Self> {
        let mut buffers: Vec<_> = (0..count).map(|_| Buffer::take(length)).collect();
        let mut columns: Vec<&mut [f64]> = buffers.iter_mut().map(|it| &mut it.0[..]).collect();
        fill(&mut columns);
        buffers.into_iter().map(|it| Self(Store::Computed(Arc::new(it)))).collect()
    }
}

impl Buffer {
    fn take(length: usize) -> Self {
        let fits = |it: &Vec<f64>| (length..=length.saturating_mul(4)).contains(&it.capacity());
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let found = if length < SHORT { None } else { free.iter().rposition(fits) };
        let found = found.map(|at| free.swap_remove(at));
        drop(free);
        let mut values = found.unwrap_or_else(|| Vec::with_capacity(length));
        values.truncate(length);
        values.resize(length, f64::NAN);
        Self(values)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.0);
        if values.capacity() < SHORT {
            return;
        }
        let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        if free.iter().map(Vec::capacity).sum::<usize>() + values.capacity() <= KEPT {
            free.push(values);
        }
    }
}

impl Deref for Numbers {
    type Target = [f64];
    #[inline]
    fn deref(&self) -> &[f64] {
        match &self.0 {
            Store::Bars(it) => it,
            Store::Computed(it) => &it.0,
        }
    }
}

impl From<Arc<[f64]>> for Numbers {
    fn from(column: Arc<[f64]>) -> Self {
        Self(Store::Bars(column))
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(column: Vec<f64>) -> Self {
        Self(Store::Computed(Arc::new(Buffer(column))))
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl PartialEq for Numbers {
    /// Says whether they are the same to the last bit, so that there is none in the same places.
    fn eq(&self, other: &Self) -> bool {
        self.iter().map(|it| it.to_bits()).eq(other.iter().map(|it| it.to_bits()))
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", self.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may fail loudly")]

    use super::*;

    #[test]
    fn memory_is_used_again_and_no_column_sees_another() {
        let length = 2 * SHORT;
        let ones = Numbers::filled(length, |it| it.fill(1.0));
        let read_on = ones.clone();
        drop(ones);
        let twos = Numbers::filled(length, |it| it.fill(2.0));
        assert!(read_on.iter().all(|it| (it - 1.0).abs() < 1e-12));
        assert!(twos.iter().all(|it| (it - 2.0).abs() < 1e-12));
        drop((read_on, twos));
        let both = Numbers::several(2, length, |it| {
            it[0].fill(3.0);
            it[1].fill(4.0);
        });
        assert!(both[0].iter().zip(&*both[1]).all(|(a, b)| (b - a - 1.0).abs() < 1e-12));
        assert_eq!([both.len(), both[0].len()], [2, length]);
    }
}
