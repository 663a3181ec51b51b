//! The sets of parameters that a search chooses from.

use std::collections::HashMap;

use crate::{
    expr::axis,
    slice::Fault,
    strategy::{Axis, Family, Strategy},
    value::{Name, Value, compare},
};

/// How many sets may be listed one by one.
pub(super) const MOST: u64 = 1_000_000;

/// Where a set is on each axis.
pub(super) type Place = Vec<u32>;

/// Sets of parameters: all combinations of the values of axes, or some of them.
pub(super) struct Space {
    pub axes: Vec<Axis>,
    /// The sets one by one, and which is where, where they are not all combinations.
    listed: Option<(Vec<Place>, HashMap<Place, u64>)>,
    /// Axes whose values must ascend within a set.
    ascending: Vec<usize>,
}

impl Space {
    /// Returns the sets that are given; else those of the strategy's own parameters that say from where to where and by
    /// which step they vary.
    ///
    /// # Errors
    /// Sets that differ in what they name, and a strategy that says of no parameter how it varies.
    pub fn new(strategy: &Strategy, family: &Family, sets: Option<&[Value]>, rising: &[String]) -> Result<Self, Fault> {
        let mut space = match sets {
            Some(sets) => Self::listed(sets)?,
            None => Self::of(own_axes(strategy, family)?),
        };
        for name in rising {
            let at = space.axes.iter().position(|it| *it.name == **name).ok_or_else(|| {
                let names: Vec<_> = space.axes.iter().map(|it| &*it.name).collect();
                let names = names.join(", ");
                Fault::input(format_args!("`ascending` names `{name}`, which does not vary: {names} do"))
            })?;
            space.ascending.push(at);
        }
        Ok(space)
    }

    /// Returns all combinations of the values of axes.
    pub fn of(axes: Vec<Axis>) -> Self {
        Self { axes, listed: None, ascending: Vec::new() }
    }

    fn listed(sets: &[Value]) -> Result<Self, Fault> {
        let Some(Value::Record(first)) = sets.first() else {
            return Err(Fault::input(
                "`sets` holds no set of parameters: say which to try, as in `grid(fast: 5..50 by 5)`",
            ));
        };
        let names: Vec<Name> = first.iter().map(|(name, _)| name.clone()).collect();
        let mut axes: Vec<Axis> = names.iter().map(|it| Axis { name: it.clone(), values: Vec::new() }).collect();
        let mut rows = Vec::with_capacity(sets.len());
        for set in sets {
            let fields = if let Value::Record(it) = set { &**it } else { &[] };
            let value = |name: &Name| fields.iter().find(|it| it.0 == *name).map(|it| it.1.clone());
            let row: Option<Vec<Value>> = names.iter().map(value).collect();
            let row = row.filter(|it| it.len() == fields.len()).ok_or_else(|| {
                let names: Vec<_> = names.iter().map(|it| &**it).collect();
                let names = names.join(", ");
                Fault::input(format_args!("every set must have the parameters of the first ({names}), not {set}"))
            })?;
            for (axis, value) in axes.iter_mut().zip(&row) {
                if !axis.values.contains(value) {
                    axis.values.push(value.clone());
                }
            }
            rows.push(row);
        }
        // Neighbours are next to each other in size, however the sets were listed.
        for axis in &mut axes {
            axis.values.sort_by(|a, b| compare(a, b).unwrap_or(std::cmp::Ordering::Equal));
        }
        let at = |axis: &Axis, value: &Value| {
            axis.values.iter().position(|it| it == value).and_then(|it| u32::try_from(it).ok()).unwrap_or(u32::MAX)
        };
        let places: Vec<Place> =
            rows.iter().map(|row| axes.iter().zip(row).map(|(axis, it)| at(axis, it)).collect()).collect();
        // Of equal ones the first.
        let index = places.iter().enumerate().rev().map(|(at, place)| (place.clone(), at as u64)).collect();
        Ok(Self { axes, listed: Some((places, index)), ascending: Vec::new() })
    }

    /// Returns how many sets there are, with those that break a rule; the greatest number where there are more.
    pub fn count(&self) -> u64 {
        let product = || {
            let lengths = self.axes.iter().map(|it| it.values.len() as u64);
            lengths.fold(1_u64, u64::saturating_mul)
        };
        self.listed.as_ref().map_or_else(product, |it| it.0.len() as u64)
    }

    /// Returns a set by its number; the last axis is the fastest.
    pub fn place(&self, number: u64) -> Place {
        if let Some((places, _)) = &self.listed {
            return usize::try_from(number).ok().and_then(|it| places.get(it)).cloned().unwrap_or_default();
        }
        let mut rest = number;
        let mut place: Place = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            let length = (axis.values.len() as u64).max(1);
            place.push(u32::try_from(rest % length).unwrap_or(u32::MAX));
            rest /= length;
        }
        place.reverse();
        place
    }

    /// Returns the number of the set at a place, where there is one.
    pub fn number(&self, place: &[u32]) -> Option<u64> {
        match &self.listed {
            Some((_, index)) => index.get(place).copied(),
            None => self.axes.iter().zip(place).try_fold(0_u64, |number, (axis, at)| {
                let within = (*at as usize) < axis.values.len();
                within.then(|| number.saturating_mul(axis.values.len() as u64).saturating_add(u64::from(*at)))
            }),
        }
    }

    /// Returns the parameters of a set.
    pub fn params(&self, place: &[u32]) -> Value {
        let value =
            |(axis, at): (&Axis, &u32)| (axis.name.clone(), axis.values.get(*at as usize).cloned().unwrap_or_default());
        Value::Record(self.axes.iter().zip(place).map(value).collect())
    }

    /// Says which rule a set breaks, where it breaks one.
    pub fn broken(&self, place: &[u32]) -> Option<String> {
        let of = |axis: usize| {
            let (axis, at) = (self.axes.get(axis)?, *place.get(axis)? as usize);
            Some((&axis.name, axis.values.get(at)?))
        };
        self.ascending.windows(2).find_map(|pair| {
            let [(low, a), (high, b)] = [of(*pair.first()?)?, of(*pair.last()?)?];
            let rises = compare(a, b).is_some_and(std::cmp::Ordering::is_lt);
            (!rises).then(|| format!("`{low}` is {a}, which is not below `{high}`, {b}"))
        })
    }
}

/// Returns the places one step away on one axis, be there a set or none.
pub(super) fn neighbours(place: &[u32]) -> impl Iterator<Item = Place> {
    let sides = place.iter().enumerate().flat_map(|(at, it)| [(at, it.checked_sub(1)), (at, it.checked_add(1))]);
    sides.filter_map(|(at, to)| {
        let mut next = place.to_vec();
        *next.get_mut(at)? = to?;
        Some(next)
    })
}

/// Returns the parameters of a strategy that say how they vary: `in LOW..HIGH by STEP`, or in a list.
fn own_axes(strategy: &Strategy, family: &Family) -> Result<Vec<Axis>, Fault> {
    let mut axes = Vec::new();
    for param in family.params() {
        let varies = match family.within(&param.name) {
            Some(within @ Value::Range(it)) if it.by.is_some() => within,
            Some(within @ Value::List(_)) => within,
            _ => continue,
        };
        axes.push(Axis { name: param.name.clone(), values: axis(varies)? });
    }
    if axes.is_empty() {
        return Err(Fault::input(format_args!(
            "no parameter of `{}` says how it varies: write `param n: Int in 5..50 by 5 = 20` there, or give `sets`",
            strategy.name
        )));
    }
    Ok(axes)
}
