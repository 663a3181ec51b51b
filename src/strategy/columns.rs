//! Columns of a strategy: one pass for each operation, NaN where there is no value yet.

use std::{cmp::Ordering, sync::Arc};

use super::graph::{Frame, Graph, Id, Op};
use crate::{
    market::{
        BarSeries,
        indicators::{Column, Indicator, Inputs},
    },
    slice::Fault,
    syntax::ast::BinaryOp,
    value::Duration,
};

/// The values of a node.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// One number for all bars.
    Number(f64),
    /// One truth for all bars.
    Truth(bool),
    /// A number for each bar.
    Numbers(Arc<[f64]>),
    /// A truth for each bar: false where there is no value yet.
    Truths(Arc<[bool]>),
    /// The outputs of an indicator.
    Outputs(Vec<Arc<[f64]>>),
}

/// The values of a node and the first bar that has one.
#[derive(Clone, Debug)]
pub(super) struct Computed {
    pub(super) cells: Cells,
    pub(super) first: usize,
}

/// Every node of a graph over some bars.
pub(super) struct Columns {
    computed: Vec<Computed>,
}

impl Columns {
    /// Computes a graph over bars. `scalars` has the number or truth of each node that follows from the parameters,
    /// `frames` the lengths of the slower timeframes.
    pub(super) fn compute(
        graph: &Graph,
        scalars: &[Option<Cells>],
        frames: &[Duration],
        bars: &BarSeries,
    ) -> Result<Self, Fault> {
        let slower = frames
            .iter()
            .map(|it| {
                bars.resampled(*it).map_err(|why| Fault::input("a slower timeframe cannot be made").because(&why))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut it = Self { computed: Vec::new() };
        for ((_, node), scalar) in graph.nodes().zip(scalars) {
            let on = match node.frame {
                Frame::Base => bars,
                Frame::Slower(at) => slower.get(at).unwrap_or(bars),
            };
            let computed = match (scalar, &node.op) {
                (Some(cells), _) => Computed { cells: cells.clone(), first: 0 },
                (None, Op::Slower(of, at)) => it.of_slower(*of, slower.get(*at).unwrap_or(bars), bars),
                (None, op) => it.op(op, on),
            };
            it.computed.push(computed);
        }
        Ok(it)
    }

    /// Returns the values of a node.
    pub(super) fn at(&self, id: Id) -> &Computed {
        const NOTHING: &Computed = &Computed { cells: Cells::Number(f64::NAN), first: 0 };
        self.computed.get(id.index()).unwrap_or(NOTHING)
    }

    fn op(&self, op: &Op, bars: &BarSeries) -> Computed {
        let length = bars.len();
        match op {
            Op::Price(column) => Computed { cells: Cells::Numbers(price(bars, *column)), first: 0 },
            Op::Indicator { which, series, params } => {
                let params: Vec<f64> = params.iter().map(|it| self.number(*it)).collect();
                let first = series.iter().map(|it| self.at(*it).first).max().unwrap_or(0) + which.lookback(&params);
                let series: Vec<_> = series.iter().map(|it| self.at(*it).cells.numbers(length)).collect();
                Computed { cells: Cells::Outputs(indicator(which, &series, &params, bars)), first }
            }
            Op::Output(of, at) => {
                let of = self.at(*of);
                let column = if let Cells::Outputs(all) = &of.cells { all.get(*at).cloned() } else { None };
                Computed { cells: Cells::Numbers(column.unwrap_or_default()), first: of.first }
            }
            Op::Neg(it) => {
                let it = self.at(*it);
                Computed { cells: it.cells.map(length, |it| -it), first: it.first }
            }
            Op::Not(it) => {
                let it = self.at(*it);
                let truths = it.cells.truths(length).iter().map(|it| !it).collect();
                Computed { cells: Cells::Truths(truths), first: it.first }
            }
            Op::Binary(op, a, b) => {
                let (a, b) = (self.at(*a), self.at(*b));
                Computed { cells: binary(*op, &a.cells, &b.cells, length), first: a.first.max(b.first) }
            }
            Op::Back(it, n) => {
                let (it, n) = (self.at(*it), self.count(*n));
                let cells = match &it.cells {
                    Cells::Truths(truths) => Cells::Truths(back(truths, n, false)),
                    other => Cells::Numbers(back(&other.numbers(length), n, f64::NAN)),
                };
                Computed { cells, first: it.first + n }
            }
            Op::Change(it, n) => {
                let (it, n) = (self.at(*it), self.count(*n));
                let now = it.cells.numbers(length);
                let then = back(&now, n, f64::NAN);
                let cells = Cells::Numbers(now.iter().zip(then.iter()).map(|(now, then)| now - then).collect());
                Computed { cells, first: it.first + n }
            }
            Op::Cross { above, a, b } => {
                let (a, b) = (self.at(*a), self.at(*b));
                let first = a.first.max(b.first) + 1;
                let (a, b) = (a.cells.numbers(length), b.cells.numbers(length));
                let (over, under) = if *above { (a, b) } else { (b, a) };
                let pairs = || over.iter().zip(under.iter());
                // Before the first bar there is nothing to cross from.
                let crossed = pairs().zip(pairs().skip(1)).map(|(before, now)| before.0 <= before.1 && now.0 > now.1);
                let cells = Cells::Truths(std::iter::once(false).chain(crossed).take(length).collect());
                Computed { cells, first }
            }
            // Both are made by the caller.
            Op::Scalar(_) | Op::Slower(..) => Computed { cells: Cells::Number(f64::NAN), first: 0 },
        }
    }

    /// Returns, at each bar, the value of the last slower bar that has closed by the close of this one.
    fn of_slower(&self, of: Id, slower: &BarSeries, bars: &BarSeries) -> Computed {
        let of = self.at(of);
        let (own, long) = (bars.timeframe.0 / 1_000, slower.timeframe.0 / 1_000);
        let mut closed = 0;
        let seen: Vec<usize> = bars
            .time
            .iter()
            .map(|time| {
                while slower.time.get(closed).is_some_and(|start| start + long <= time + own) {
                    closed += 1;
                }
                closed
            })
            .collect();
        let first = seen.partition_point(|count| *count <= of.first);
        let pick = |count: &usize| count.checked_sub(1);
        let cells = match &of.cells {
            Cells::Truths(truths) => {
                let at = |it: &usize| pick(it).and_then(|at| truths.get(at)).is_some_and(|it| *it);
                Cells::Truths(seen.iter().map(at).collect())
            }
            other => {
                let numbers = other.numbers(slower.len());
                let at = |it: &usize| pick(it).and_then(|at| numbers.get(at)).copied().unwrap_or(f64::NAN);
                Cells::Numbers(seen.iter().map(at).collect())
            }
        };
        Computed { cells, first }
    }

    fn number(&self, id: Id) -> f64 {
        if let Cells::Number(it) = self.at(id).cells { it } else { f64::NAN }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a negative shift is refused before")]
    fn count(&self, id: Id) -> usize {
        self.number(id).max(0.0) as usize
    }
}

impl Cells {
    /// Returns a number for each bar.
    pub(super) fn numbers(&self, length: usize) -> Arc<[f64]> {
        match self {
            Cells::Numbers(it) => it.clone(),
            Cells::Number(it) => std::iter::repeat_n(*it, length).collect(),
            Cells::Outputs(all) => all.first().cloned().unwrap_or_default(),
            Cells::Truth(_) | Cells::Truths(_) => std::iter::repeat_n(f64::NAN, length).collect(),
        }
    }

    /// Returns a truth for each bar.
    pub(super) fn truths(&self, length: usize) -> Arc<[bool]> {
        match self {
            Cells::Truths(it) => it.clone(),
            Cells::Truth(it) => std::iter::repeat_n(*it, length).collect(),
            _ => std::iter::repeat_n(false, length).collect(),
        }
    }

    fn map(&self, length: usize, of: impl Fn(f64) -> f64) -> Cells {
        match self {
            Cells::Number(it) => Cells::Number(of(*it)),
            other => Cells::Numbers(other.numbers(length).iter().map(|it| of(*it)).collect()),
        }
    }

    /// Combines numbers without making a column of what is the same at every bar.
    fn zip<T>(&self, other: &Cells, length: usize, of: impl Fn(f64, f64) -> T) -> Arc<[T]> {
        match (self, other) {
            (Cells::Numbers(a), Cells::Number(b)) => a.iter().map(|a| of(*a, *b)).collect(),
            (Cells::Number(a), Cells::Numbers(b)) => b.iter().map(|b| of(*a, *b)).collect(),
            (a, b) => a.numbers(length).iter().zip(b.numbers(length).iter()).map(|(a, b)| of(*a, *b)).collect(),
        }
    }
}

/// Applies an operator; a comparison with NaN is false.
fn binary(op: BinaryOp, a: &Cells, b: &Cells, length: usize) -> Cells {
    use BinaryOp as Op;
    let truths = |of: fn(f64, f64) -> bool| Cells::Truths(a.zip(b, length, of));
    let numbers = |of: fn(f64, f64) -> f64| Cells::Numbers(a.zip(b, length, of));
    let is_truth = |it: &Cells| matches!(it, Cells::Truth(_) | Cells::Truths(_));
    let both = |of: fn(bool, bool) -> bool| {
        let (a, b) = (a.truths(length), b.truths(length));
        Cells::Truths(a.iter().zip(b.iter()).map(|(a, b)| of(*a, *b)).collect())
    };
    match op {
        Op::And => both(|a, b| a && b),
        Op::Or => both(|a, b| a || b),
        Op::Eq if is_truth(a) => both(|a, b| a == b),
        Op::Ne if is_truth(a) => both(|a, b| a != b),
        // What has no value yet is neither equal nor different.
        Op::Eq => truths(|a, b| a.partial_cmp(&b).is_some_and(Ordering::is_eq)),
        Op::Ne => truths(|a, b| a.partial_cmp(&b).is_some_and(Ordering::is_ne)),
        Op::Lt => truths(|a, b| a < b),
        Op::Le => truths(|a, b| a <= b),
        Op::Gt => truths(|a, b| a > b),
        Op::Ge => truths(|a, b| a >= b),
        Op::Add => numbers(|a, b| a + b),
        Op::Sub => numbers(|a, b| a - b),
        Op::Mul | Op::Of => numbers(|a, b| a * b),
        // A division by zero has no value.
        Op::Div => numbers(|a, b| Some(a / b).filter(|it| it.is_finite()).unwrap_or(f64::NAN)),
        Op::In | Op::By | Op::Range => numbers(|_, _| f64::NAN),
    }
}

/// Returns the values of `n` bars ago.
fn back<T: Copy>(values: &[T], n: usize, before: T) -> Arc<[T]> {
    std::iter::repeat_n(before, n.min(values.len())).chain(values.iter().copied()).take(values.len()).collect()
}

fn price(bars: &BarSeries, column: Column) -> Arc<[f64]> {
    match column {
        Column::Open => bars.open.clone(),
        Column::High | Column::First => bars.high.clone(),
        Column::Low | Column::Second => bars.low.clone(),
        Column::Close | Column::Values => bars.close.clone(),
        Column::Volume => bars.volume.clone(),
    }
}

/// Computes an indicator, straight into the columns that are kept.
fn indicator(which: &Indicator, series: &[Arc<[f64]>], params: &[f64], bars: &BarSeries) -> Vec<Arc<[f64]>> {
    let series: Vec<&[f64]> = series.iter().map(|it| &**it).collect();
    let inputs = Inputs::of(bars).with(which.inputs, &series);
    let mut columns: Vec<Arc<[f64]>> =
        which.outputs.iter().map(|_| std::iter::repeat_n(f64::NAN, bars.len()).collect()).collect();
    let mut slots: Vec<&mut [f64]> = columns.iter_mut().filter_map(Arc::get_mut).collect();
    which.fill(&inputs, params, &mut slots);
    columns
}
