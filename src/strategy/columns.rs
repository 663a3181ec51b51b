//! Columns of a strategy: one pass for each operation, NaN where there is no value yet.

use std::sync::Arc;

use super::graph::{Frame, Graph, Id, Op};
use crate::{
    market::{
        Against, BarSeries, Bits, Compared, Numbers, compare,
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
    Numbers(Numbers),
    /// A truth for each bar: false where there is no value yet.
    Truths(Arc<Bits>),
    /// The outputs of an indicator.
    Outputs(Vec<Numbers>),
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
                Computed { cells: Cells::Truths(it.cells.truths(length).not().into()), first: it.first }
            }
            Op::Binary(op, a, b) => {
                let (a, b) = (self.at(*a), self.at(*b));
                Computed { cells: binary(*op, &a.cells, &b.cells, length), first: a.first.max(b.first) }
            }
            Op::Back(it, n) => {
                let (it, n) = (self.at(*it), self.count(*n));
                let cells = match &it.cells {
                    Cells::Truths(truths) => Cells::Truths(truths.back(n).into()),
                    other => Cells::Numbers(back(&other.numbers(length), n)),
                };
                Computed { cells, first: it.first + n }
            }
            Op::Change(it, n) => {
                let (it, n) = (self.at(*it), self.count(*n));
                let now = it.cells.numbers(length);
                let then = back(&now, n);
                let cells = Cells::Numbers(each(length, now.iter().zip(then.iter()).map(|(now, then)| now - then)));
                Computed { cells, first: it.first + n }
            }
            Op::Cross { above, a, b } => {
                let (a, b) = (self.at(*a), self.at(*b));
                let first = a.first.max(b.first) + 1;
                let Compared { above: over, below: under, equal } = compared(&a.cells, &b.cells, length);
                let (now, otherwise) = if *above { (over, under) } else { (under, over) };
                // Before the first bar there is nothing to cross from.
                let before = otherwise.zip(&equal, |a, b| a | b).back(1);
                let cells = Cells::Truths(now.zip(&before, |now, before| now & before).into());
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
                let at = |it: &usize| pick(it).is_some_and(|at| truths.get(at));
                Cells::Truths(Arc::new(seen.iter().map(at).collect()))
            }
            other => {
                let numbers = other.numbers(slower.len());
                let at = |it: &usize| pick(it).and_then(|at| numbers.get(at)).copied().unwrap_or(f64::NAN);
                Cells::Numbers(each(bars.len(), seen.iter().map(at)))
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

/// Returns a column of these numbers.
fn each(length: usize, numbers: impl Iterator<Item = f64>) -> Numbers {
    Numbers::filled(length, |column| column.iter_mut().zip(numbers).for_each(|(to, from)| *to = from))
}

impl Cells {
    /// Returns a number for each bar.
    pub(super) fn numbers(&self, length: usize) -> Numbers {
        match self {
            Cells::Numbers(it) => it.clone(),
            Cells::Number(it) => each(length, std::iter::repeat_n(*it, length)),
            Cells::Outputs(all) => all.first().cloned().unwrap_or_default(),
            Cells::Truth(_) | Cells::Truths(_) => each(length, std::iter::repeat_n(f64::NAN, length)),
        }
    }

    /// Returns a truth for each bar.
    pub(super) fn truths(&self, length: usize) -> Arc<Bits> {
        match self {
            Cells::Truths(it) => it.clone(),
            Cells::Truth(it) => Bits::all(length, *it).into(),
            _ => Bits::none(length).into(),
        }
    }

    fn map(&self, length: usize, of: impl Fn(f64) -> f64) -> Cells {
        match self {
            Cells::Number(it) => Cells::Number(of(*it)),
            other => Cells::Numbers(each(length, other.numbers(length).iter().map(|it| of(*it)))),
        }
    }

    /// Combines numbers without making a column of what is the same at every bar.
    fn zip(&self, other: &Cells, length: usize, of: impl Fn(f64, f64) -> f64) -> Numbers {
        match (self, other) {
            (Cells::Numbers(a), Cells::Number(b)) => each(length, a.iter().map(|a| of(*a, *b))),
            (Cells::Number(a), Cells::Numbers(b)) => each(length, b.iter().map(|b| of(*a, *b))),
            (a, b) => {
                let (a, b) = (a.numbers(length), b.numbers(length));
                each(length, a.iter().zip(b.iter()).map(|(a, b)| of(*a, *b)))
            }
        }
    }
}

/// Compares two columns, or a column with a number.
fn compared(a: &Cells, b: &Cells, length: usize) -> Compared {
    match b {
        Cells::Number(b) => compare(&a.numbers(length), Against::Number(*b)),
        b => compare(&a.numbers(length), Against::Column(&b.numbers(length))),
    }
}

/// Applies an operator; a comparison with NaN is false.
fn binary(op: BinaryOp, a: &Cells, b: &Cells, length: usize) -> Cells {
    use BinaryOp as Op;
    let numbers = |of: fn(f64, f64) -> f64| Cells::Numbers(a.zip(b, length, of));
    let truths = |it: Bits| Cells::Truths(it.into());
    let both = |of: fn(u64, u64) -> u64| truths(a.truths(length).zip(&b.truths(length), of));
    let either = |a: &Bits, b: &Bits| truths(a.zip(b, |a, b| a | b));
    let is_truth = |it: &Cells| matches!(it, Cells::Truth(_) | Cells::Truths(_));
    match op {
        Op::And => both(|a, b| a & b),
        Op::Or => both(|a, b| a | b),
        Op::Eq if is_truth(a) => both(|a, b| !(a ^ b)),
        Op::Ne if is_truth(a) => both(|a, b| a ^ b),
        // What has no value yet is neither equal nor different.
        Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
            let Compared { above, below, equal } = compared(a, b, length);
            match op {
                Op::Eq => truths(equal),
                Op::Ne => either(&above, &below),
                Op::Lt => truths(below),
                Op::Le => either(&below, &equal),
                Op::Gt => truths(above),
                _ => either(&above, &equal),
            }
        }
        Op::Add => numbers(|a, b| a + b),
        Op::Sub => numbers(|a, b| a - b),
        Op::Mul | Op::Of => numbers(|a, b| a * b),
        // A division by zero has no value.
        Op::Div => numbers(|a, b| Some(a / b).filter(|it| it.is_finite()).unwrap_or(f64::NAN)),
        Op::In | Op::By | Op::Range => numbers(|_, _| f64::NAN),
    }
}

/// Returns the values of `n` bars ago.
fn back(values: &[f64], n: usize) -> Numbers {
    each(values.len(), std::iter::repeat_n(f64::NAN, n.min(values.len())).chain(values.iter().copied()))
}

fn price(bars: &BarSeries, column: Column) -> Numbers {
    let column = match column {
        Column::Open => bars.open.clone(),
        Column::High | Column::First => bars.high.clone(),
        Column::Low | Column::Second => bars.low.clone(),
        Column::Close | Column::Values => bars.close.clone(),
        Column::Volume => bars.volume.clone(),
    };
    column.into()
}

/// Computes an indicator, straight into the columns that are kept.
fn indicator(which: &Indicator, series: &[Numbers], params: &[f64], bars: &BarSeries) -> Vec<Numbers> {
    let series: Vec<&[f64]> = series.iter().map(|it| &**it).collect();
    let inputs = Inputs::of(bars).with(which.inputs, &series);
    Numbers::several(which.outputs.len(), bars.len(), |columns| which.fill(&inputs, params, columns))
}
