//! One strategy with many sets of parameters over the same bars. Every column that several sets need is computed once for
//! all of them: each set then costs its own comparisons and its trades.

use std::{ops::Range, sync::Arc};

use super::{
    columns::{Computed, Frames, NOTHING, Pair, compute, number},
    graph::{Id, Node, Op},
    instance::{Compiled, Definition, Fixed, Params, check_op, scalar},
    value::Strategy,
};
use crate::{
    expr::{Expr, Kind, Template as _, check_within},
    market::{BarSeries, Signals, spread},
    slice::{Cancel, Fault, FaultKind},
    value::{Field, Mismatch, Name, Value},
};

/// A parameter that varies, and the values that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The parameter.
    pub name: Name,
    /// Its values.
    pub values: Vec<Value>,
}

/// A strategy of the language, whatever its parameters.
#[derive(Clone, Debug)]
pub struct Family(pub(super) Arc<Definition>);

/// How many numbers the shared columns of a block of sets may have: 256 MiB.
const ROOM: usize = 1 << 25;

impl Family {
    /// Returns the parameters that it takes.
    pub fn params(&self) -> &[Field] {
        &self.0.params
    }

    /// Returns the values that a parameter may have, where it says.
    pub fn within(&self, param: &str) -> Option<&Value> {
        let at = self.0.params.iter().position(|it| *it.name == *param)?;
        self.0.within.get(at)?.as_ref()
    }

    /// Returns the strategy with the parameters of `base` but for those of `params`.
    ///
    /// # Errors
    /// Parameters that make no strategy.
    pub fn with(&self, base: &Value, params: &Value) -> Result<Strategy, Mismatch> {
        let chosen = |param: &Field| {
            let value = params.field(&param.name).or_else(|| base.field(&param.name));
            value.map(|it| (param.name.clone(), it))
        };
        let given: Vec<(Name, Value)> = self.0.params.iter().filter_map(chosen).collect();
        Compiled(self.0.clone()).make(&Value::Record(given.into()))?.to()
    }

    /// Evaluates the strategy over bars for each set of parameters, and returns what `judge` makes of its decisions, or of
    /// why there are none, in the order of the sets. `base` has the parameters that do not vary; a set is a place on each
    /// axis. Sets are judged side by side on all processors, until `cancel` says to stop.
    ///
    /// # Errors
    /// An axis of a parameter that the strategy does not take, a value outside of what the parameter says, sets that are
    /// not places on the axes, a slower timeframe that cannot be made of the bars, or that it was to stop.
    pub fn sweep<T: Send>(
        &self,
        bars: &BarSeries,
        base: &Value,
        axes: &[Axis],
        sets: &[Vec<u32>],
        cancel: &Cancel,
        judge: &(dyn Fn(usize, Result<&Signals, &Mismatch>) -> T + Sync),
    ) -> Result<Vec<T>, Fault> {
        let sweep = Sweep::new(&self.0, base, axes, sets, bars)?;
        let mut judged: Vec<(usize, T)> = Vec::with_capacity(sets.len());
        for block in sweep.blocks() {
            let shared = sweep.shared(&block);
            let of_block = spread(block.len(), &|range: Range<usize>| {
                let mut own = Own::default();
                let sets = block.get(range).unwrap_or_default().iter().take_while(|_| !cancel.is_cancelled());
                sets.filter_map(|at| Some((*at, own.judge(&sweep, &shared, *at, sets_at(sweep.sets, *at)?, judge))))
                    .collect()
            });
            judged.extend(of_block);
            if cancel.is_cancelled() {
                return Err(Fault::new(FaultKind::Cancelled, "the trials were no longer wanted"));
            }
        }
        judged.sort_by_key(|it| it.0);
        Ok(judged.into_iter().map(|it| it.1).collect())
    }
}

fn sets_at(sets: &[Vec<u32>], at: usize) -> Option<&[u32]> {
    sets.get(at).map(|it| &**it)
}

/// On which axes a node depends, and where the column of a set is among those of all sets.
#[derive(Clone, Debug, Default)]
struct Reach {
    /// The axes with how far apart neighbours on them are.
    strides: Vec<(usize, usize)>,
    /// Whether more than one set uses each, so that they are worth keeping.
    shared: bool,
}

impl Reach {
    fn variant(&self, set: &[u32]) -> usize {
        self.strides.iter().map(|(axis, stride)| set.get(*axis).map_or(0, |it| *it as usize) * stride).sum()
    }
}

/// A column, or why there is none.
type Outcome = Result<Computed, Mismatch>;

/// The columns of nodes that several sets share: by node, then by variant.
type Shared = Vec<Vec<Option<Outcome>>>;

struct Sweep<'a> {
    definition: &'a Definition,
    base: Vec<(Name, Value)>,
    /// The parameter of each axis, and its values.
    axes: Vec<(usize, &'a Axis)>,
    sets: &'a [Vec<u32>],
    frames: Frames<'a>,
    reach: Vec<Reach>,
    /// What `orders` say, where that is the same for all sets.
    fixed: Option<Result<Fixed, Mismatch>>,
}

impl<'a> Sweep<'a> {
    fn new(
        definition: &'a Definition,
        base: &Value,
        axes: &'a [Axis],
        sets: &'a [Vec<u32>],
        bars: &'a BarSeries,
    ) -> Result<Self, Fault> {
        let mut placed = Vec::new();
        for axis in axes {
            let at = definition.params.iter().position(|it| it.name == axis.name).ok_or_else(|| {
                let names: Vec<_> = definition.params.iter().map(|it| &*it.name).collect();
                let has =
                    if names.is_empty() { "it takes none".into() } else { format!("it takes {}", names.join(", ")) };
                Fault::input(format_args!("`{}` has no parameter `{}`: {has}", definition.name, axis.name))
            })?;
            let param = definition.params.get(at);
            let within = definition.within.get(at).and_then(Option::as_ref);
            for value in &axis.values {
                let wrong = param.and_then(|it| it.ty.mismatch(value));
                let outside = within.map_or(Ok(()), |it| check_within(value, it)).err();
                if let Some(why) = wrong.or(outside) {
                    return Err(Fault::input(why.at(&axis.name)));
                }
            }
            placed.push((at, axis));
        }
        let legal = |set: &Vec<u32>| {
            set.len() == axes.len() && set.iter().zip(axes).all(|(place, axis)| (*place as usize) < axis.values.len())
        };
        if !sets.iter().all(legal) {
            return Err(Fault::permanent("a set of parameters is no place on the axes"));
        }
        let value = |param: &Field| {
            let value = base.field(&param.name).or_else(|| param.default.clone()).unwrap_or_default();
            (param.name.clone(), value)
        };
        let base: Vec<_> = definition.params.iter().map(value).collect();
        let timeframes = definition.timeframes(&Params(&base)).map_err(Fault::input)?;
        let mut sweep = Self {
            definition,
            base,
            axes: placed,
            sets,
            frames: Frames::new(bars, &timeframes)?,
            reach: Vec::new(),
            fixed: None,
        };
        if definition.graph.frames.iter().any(|it| !sweep.axes_of(it).is_empty()) {
            return Err(Fault::input("a timeframe that a rule reads cannot vary: try each in a run of its own"));
        }
        sweep.reach = sweep.reaches();
        let steady = sweep.definition.orders.exprs().all(|it| sweep.axes_of(it).is_empty());
        sweep.fixed = steady.then(|| Fixed::new(&definition.orders, &Params(&sweep.base)));
        Ok(sweep)
    }

    /// Returns the axes whose parameters an expression reads.
    fn axes_of(&self, expr: &Expr) -> Vec<usize> {
        let mut found = Vec::new();
        expr.visit(&mut |it| {
            if let Kind::Slot(slot) = &it.kind {
                let at = |it: &(usize, &Axis)| it.0 == slot.index as usize;
                found.extend(self.axes.iter().position(at));
            }
        });
        found
    }

    fn reaches(&self) -> Vec<Reach> {
        let mut all: Vec<Reach> = Vec::new();
        for (_, node) in self.definition.graph.nodes() {
            let mut axes: Vec<usize> = match &node.op {
                Op::Scalar(expr) => self.axes_of(expr),
                op => {
                    let needs = op.needs().into_iter().filter_map(|it| all.get(it.index()));
                    needs.flat_map(|it| it.strides.iter().map(|(axis, _)| *axis)).collect()
                }
            };
            axes.sort_unstable();
            axes.dedup();
            let mut variants = 1_usize;
            let mut strides = Vec::with_capacity(axes.len());
            for axis in axes {
                strides.push((axis, variants));
                variants = variants.saturating_mul(self.axes.get(axis).map_or(1, |it| it.1.values.len()));
            }
            all.push(Reach { strides, shared: variants == 1 || variants <= self.sets.len() / 2 });
        }
        all
    }

    /// Returns the sets in blocks whose shared columns have room, near ones together.
    fn blocks(&self) -> Vec<Vec<usize>> {
        let columns = (ROOM / self.frames.bars.len().max(1)).max(2);
        let edge = u32::try_from((columns / self.axes.len().max(1)).max(1)).unwrap_or(u32::MAX);
        let mut order: Vec<usize> = (0..self.sets.len()).collect();
        let tile = |at: &usize| sets_at(self.sets, *at).map(|it| it.iter().map(|it| it / edge).collect::<Vec<_>>());
        if self.axes.iter().any(|it| it.1.values.len() > edge as usize) {
            order.sort_by_cached_key(tile);
        }
        order.chunk_by(|a, b| tile(a) == tile(b)).map(<[usize]>::to_vec).collect()
    }

    /// Returns the parameters of a set.
    fn params(&self, set: &[u32]) -> Vec<(Name, Value)> {
        let mut params = self.base.clone();
        for ((at, axis), place) in self.axes.iter().zip(set) {
            if let (Some(param), Some(value)) = (params.get_mut(*at), axis.values.get(*place as usize)) {
                param.1 = value.clone();
            }
        }
        params
    }

    /// Computes what the sets of a block share.
    fn shared(&self, block: &[usize]) -> Shared {
        let mut shared: Shared = Vec::new();
        for ((_, node), reach) in self.definition.graph.nodes().zip(&self.reach) {
            let mut wanted: Vec<(usize, &[u32])> = Vec::new();
            if reach.shared {
                let sets = block.iter().filter_map(|at| sets_at(self.sets, *at));
                wanted = sets.map(|it| (reach.variant(it), it)).collect();
                wanted.sort_by_key(|it| it.0);
                wanted.dedup_by_key(|it| it.0);
            }
            let found = spread(wanted.len(), &|range: Range<usize>| {
                let mut pair = Pair::default();
                let one = |(variant, set): &(usize, &[u32])| {
                    pair.forget();
                    let at = |id: Id| self.find(&shared, id, set).unwrap_or(NOTHING);
                    (*variant, self.node(node, set, &at, &mut pair))
                };
                wanted.get(range).unwrap_or_default().iter().map(one).collect()
            });
            let mut variants = Vec::new();
            variants.resize_with(found.last().map_or(0, |it| it.0 + 1), || None);
            for (variant, outcome) in found {
                if let Some(place) = variants.get_mut(variant) {
                    *place = Some(outcome);
                }
            }
            shared.push(variants);
        }
        shared
    }

    /// Returns the shared column of a node for a set, or why it cannot be computed; nothing where it is not shared.
    fn outcome<'s>(&self, shared: &'s Shared, id: Id, set: &[u32]) -> Option<&'s Outcome> {
        let reach = self.reach.get(id.index())?;
        shared.get(id.index())?.get(reach.variant(set))?.as_ref()
    }

    fn find<'s>(&self, shared: &'s Shared, id: Id, set: &[u32]) -> Option<&'s Computed> {
        self.outcome(shared, id, set)?.as_ref().ok()
    }

    fn node<'s>(&self, node: &Node, set: &[u32], at: &dyn Fn(Id) -> &'s Computed, pair: &mut Pair) -> Outcome {
        if let Op::Scalar(expr) = &node.op {
            let params = self.params(set);
            return scalar(expr, &Params(&params)).map(|cells| Computed { cells, first: 0 });
        }
        check_op(&node.op, &|id| number(at(id)))?;
        Ok(compute(node, &self.frames, at, pair))
    }
}

/// The columns of the nodes that are of one set alone.
#[derive(Default)]
struct Own {
    columns: Vec<Option<Computed>>,
    pair: Pair,
}

impl Own {
    fn judge<T>(
        &mut self,
        sweep: &Sweep<'_>,
        shared: &Shared,
        at: usize,
        set: &[u32],
        judge: &(dyn Fn(usize, Result<&Signals, &Mismatch>) -> T + Sync),
    ) -> T {
        match self.decide(sweep, shared, set) {
            Ok(signals) => judge(at, Ok(&signals)),
            Err(why) => judge(at, Err(&why)),
        }
    }

    fn decide(&mut self, sweep: &Sweep<'_>, shared: &Shared, set: &[u32]) -> Result<Signals, Mismatch> {
        let Self { columns, pair } = self;
        columns.clear();
        pair.forget();
        for ((id, node), reach) in sweep.definition.graph.nodes().zip(&sweep.reach) {
            let own = if reach.shared {
                if let Some(Err(why)) = sweep.outcome(shared, id, set) {
                    return Err(why.clone());
                }
                None
            } else {
                Some(sweep.node(node, set, &|id| find(columns, sweep, shared, id, set), pair)?)
            };
            columns.push(own);
        }
        let fixed = if let Some(fixed) = &sweep.fixed {
            fixed.clone()?
        } else {
            Fixed::new(&sweep.definition.orders, &Params(&sweep.params(set)))?
        };
        let at = |id: Id| find(columns, sweep, shared, id, set);
        Ok(sweep.definition.decisions(&fixed, sweep.frames.bars, &at))
    }
}

fn find<'s>(own: &'s [Option<Computed>], sweep: &Sweep<'_>, shared: &'s Shared, id: Id, set: &[u32]) -> &'s Computed {
    let of_set = own.get(id.index()).and_then(Option::as_ref);
    of_set.or_else(|| sweep.find(shared, id, set)).unwrap_or(NOTHING)
}
