//! Columns of a strategy: one pass for each operation, NaN where there is no value yet.

use std::sync::Arc;

use super::graph::{Frame, Graph, Id, Node, Op};
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

/// What stands where a graph has no such node.
pub(super) const NOTHING: &Computed = &Computed { cells: Cells::Number(f64::NAN), first: 0 };

/// Bars with those of the slower timeframes that a graph reads.
pub(super) struct Frames<'a> {
    pub(super) bars: &'a BarSeries,
    slower: Vec<BarSeries>,
}

impl<'a> Frames<'a> {
    /// Returns the bars with slower ones of these lengths.
    pub(super) fn new(bars: &'a BarSeries, frames: &[Duration]) -> Result<Self, Fault> {
        let slower = |it: &Duration| {
            bars.resampled(*it).map_err(|why| Fault::input("a slower timeframe cannot be made").because(&why))
        };
        Ok(Self { bars, slower: frames.iter().map(slower).collect::<Result<_, _>>()? })
    }

    fn of(&self, frame: Frame) -> &BarSeries {
        match frame {
            Frame::Base => self.bars,
            Frame::Slower(at) => self.slower.get(at).unwrap_or(self.bars),
        }
    }
}

impl Columns {
    /// Computes a graph over bars. `scalars` has the number or truth of each node that follows from the parameters.
    pub(super) fn compute(graph: &Graph, scalars: &[Option<Cells>], frames: &Frames<'_>) -> Self {
        let mut it = Self { computed: Vec::new() };
        let mut pair = Pair::default();
        for ((_, node), scalar) in graph.nodes().zip(scalars) {
            let computed = match scalar {
                Some(cells) => Computed { cells: cells.clone(), first: 0 },
                None => compute(node, frames, &|id| it.at(id), &mut pair),
            };
            it.computed.push(computed);
        }
        it
    }

    /// Returns the values of a node.
    pub(super) fn at(&self, id: Id) -> &Computed {
        self.computed.get(id.index()).unwrap_or(NOTHING)
    }
}

/// The two columns that were compared last: rules tend to ask for both of their crossings.
#[derive(Default)]
pub(super) struct Pair(Option<(Id, Id, Compared)>);

impl Pair {
    /// Forgets: what stands in the places of nodes has changed.
    pub(super) fn forget(&mut self) {
        self.0 = None;
    }

    fn compared(&mut self, (a, of_a): (Id, &Computed), (b, of_b): (Id, &Computed), length: usize) -> &Compared {
        if self.0.as_ref().is_none_or(|it| (it.0, it.1) != (a, b)) {
            self.0 = None;
        }
        &self.0.get_or_insert_with(|| (a, b, compared(&of_a.cells, &of_b.cells, length))).2
    }
}

/// Returns the number of a node that is the same at every bar.
pub(super) fn number(it: &Computed) -> f64 {
    if let Cells::Number(it) = it.cells { it } else { f64::NAN }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a negative shift is refused before")]
fn count(it: &Computed) -> usize {
    number(it).max(0.0) as usize
}

/// Computes a node from those that it needs.
pub(super) fn compute<'a>(
    node: &Node,
    frames: &Frames<'_>,
    at: &dyn Fn(Id) -> &'a Computed,
    pair: &mut Pair,
) -> Computed {
    let bars = frames.of(node.frame);
    let length = bars.len();
    match &node.op {
        Op::Price(column) => Computed { cells: Cells::Numbers(price(bars, *column)), first: 0 },
        Op::Indicator { which, series, params } => {
            let params: Vec<f64> = params.iter().map(|it| number(at(*it))).collect();
            let first = series.iter().map(|it| at(*it).first).max().unwrap_or(0) + which.lookback(&params);
            let series: Vec<_> = series.iter().map(|it| at(*it).cells.numbers(length)).collect();
            Computed { cells: Cells::Outputs(indicator(which, &series, &params, bars)), first }
        }
        Op::Output(of, place) => {
            let of = at(*of);
            let column = if let Cells::Outputs(all) = &of.cells { all.get(*place).cloned() } else { None };
            Computed { cells: Cells::Numbers(column.unwrap_or_default()), first: of.first }
        }
        Op::Neg(it) => {
            let it = at(*it);
            Computed { cells: it.cells.map(length, |it| -it), first: it.first }
        }
        Op::Not(it) => {
            let it = at(*it);
            Computed { cells: Cells::Truths(it.cells.truths(length).not().into()), first: it.first }
        }
        Op::Binary(op, a, b) => {
            let (of_a, of_b) = (at(*a), at(*b));
            let first = of_a.first.max(of_b.first);
            Computed { cells: binary(*op, (*a, of_a), (*b, of_b), length, pair), first }
        }
        Op::Back(it, n) => {
            let (it, n) = (at(*it), count(at(*n)));
            let cells = match &it.cells {
                Cells::Truths(truths) => Cells::Truths(truths.back(n).into()),
                other => Cells::Numbers(back(&other.numbers(length), n)),
            };
            Computed { cells, first: it.first + n }
        }
        Op::Change(it, n) => {
            let (it, n) = (at(*it), count(at(*n)));
            let now = it.cells.numbers(length);
            let then = back(&now, n);
            let cells = Cells::Numbers(each(length, now.iter().zip(then.iter()).map(|(now, then)| now - then)));
            Computed { cells, first: it.first + n }
        }
        Op::Cross { above, a, b } => {
            let (of_a, of_b) = (at(*a), at(*b));
            let first = of_a.first.max(of_b.first) + 1;
            let Compared { above: over, below: under, equal } = pair.compared((*a, of_a), (*b, of_b), length);
            let (now, otherwise) = if *above { (over, under) } else { (under, over) };
            // Before the first bar there is nothing to cross from.
            let before = otherwise.zip(equal, |a, b| a | b).back(1);
            Computed { cells: Cells::Truths(now.zip(&before, |now, before| now & before).into()), first }
        }
        Op::Slower(of, slower) => of_slower(at(*of), frames.of(Frame::Slower(*slower)), frames.bars),
        // It follows from the parameters, which the caller knows.
        Op::Scalar(_) => NOTHING.clone(),
    }
}

/// Returns, at each bar, the value of the last slower bar that has closed by the close of this one.
fn of_slower(of: &Computed, slower: &BarSeries, bars: &BarSeries) -> Computed {
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
fn binary(op: BinaryOp, of_a: (Id, &Computed), of_b: (Id, &Computed), length: usize, pair: &mut Pair) -> Cells {
    use BinaryOp as Op;
    let (a, b) = (&of_a.1.cells, &of_b.1.cells);
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
            let Compared { above, below, equal } = pair.compared(of_a, of_b, length);
            match op {
                Op::Eq => truths(equal.clone()),
                Op::Ne => either(above, below),
                Op::Lt => truths(below.clone()),
                Op::Le => either(below, equal),
                Op::Gt => truths(above.clone()),
                _ => either(above, equal),
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
