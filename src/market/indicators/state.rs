//! What every indicator is: a state that takes bars one at a time. A column is what the state gives bar after bar.

use std::fmt;

use super::window::{STEPS, at_place};

/// A column that an indicator reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Any series; the close where none is said.
    Values,
    /// The first of two series; the highest prices where none is said.
    First,
    /// The second of two series; the lowest prices where none is said.
    Second,
    /// First prices.
    Open,
    /// Highest prices.
    High,
    /// Lowest prices.
    Low,
    /// Last prices.
    Close,
    /// Volumes.
    Volume,
}

impl Column {
    /// Returns the column of bars that a series is read from where none is said, and nothing for a column of bars.
    pub fn series(self) -> Option<Self> {
        match self {
            Self::Values => Some(Self::Close),
            Self::First => Some(Self::High),
            Self::Second => Some(Self::Low),
            _ => None,
        }
    }

    /// Returns what files call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Values => "values",
            Self::First => "first",
            Self::Second => "second",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
        }
    }
}

/// What an indicator computes on; all columns that it reads have the same length, the others may be empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inputs<'a> {
    /// The series of an indicator of [`Column::Values`] or [`Column::First`].
    pub values: &'a [f64],
    /// The series of an indicator of [`Column::Second`].
    pub other: &'a [f64],
    /// First prices.
    pub open: &'a [f64],
    /// Highest prices.
    pub high: &'a [f64],
    /// Lowest prices.
    pub low: &'a [f64],
    /// Last prices.
    pub close: &'a [f64],
    /// Volumes.
    pub volume: &'a [f64],
}

impl<'a> Inputs<'a> {
    /// Returns the columns of bars; the series is the close.
    pub fn of(bars: &'a crate::market::BarSeries) -> Self {
        Self {
            values: &bars.close,
            other: &bars.low,
            open: &bars.open,
            high: &bars.high,
            low: &bars.low,
            close: &bars.close,
            volume: &bars.volume,
        }
    }

    /// Returns the columns with these series in the order in which the indicator names them; those that are not given are
    /// read from the bars.
    #[must_use]
    pub fn with(self, columns: &[Column], series: &[&'a [f64]]) -> Self {
        let mut it = self;
        let named = columns.iter().filter_map(|column| Some((*column, column.series()?)));
        for (at, (column, usual)) in named.enumerate() {
            let price = match usual {
                Column::High => self.high,
                Column::Low => self.low,
                _ => self.close,
            };
            let values = series.get(at).copied().unwrap_or(price);
            match column {
                Column::Second => it.other = values,
                _ => it.values = values,
            }
        }
        it
    }

    /// Returns the columns from a bar on.
    fn from(self, at: usize) -> Self {
        let cut = |it: &'a [f64]| it.get(at..).unwrap_or_default();
        Self {
            values: cut(self.values),
            other: cut(self.other),
            open: cut(self.open),
            high: cut(self.high),
            low: cut(self.low),
            close: cut(self.close),
            volume: cut(self.volume),
        }
    }
}

/// One bar of what an indicator computes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// The value of its series, or of the first of two.
    pub values: f64,
    /// The value of the second of two series.
    pub other: f64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Volume.
    pub volume: f64,
}

/// What an indicator reads of a bar.
pub(super) trait Row: Copy {
    const COLUMNS: &'static [Column];
    fn rows<'a>(of: &Inputs<'a>) -> impl ExactSizeIterator<Item = Self> + 'a;
    fn of(it: &Sample) -> Self;
    /// Returns the sum of all that is read: what is not finite stays so in a sum.
    fn sum(self) -> f64;
    /// Says whether something is missing: what is not finite would stay in running sums for good.
    #[inline(always)]
    fn is_gap(self) -> bool {
        !self.sum().is_finite()
    }
}

impl Row for f64 {
    const COLUMNS: &'static [Column] = &[Column::Values];
    fn rows<'a>(of: &Inputs<'a>) -> impl ExactSizeIterator<Item = Self> + 'a {
        of.values.iter().copied()
    }
    fn of(it: &Sample) -> Self {
        it.values
    }
    #[inline(always)]
    fn sum(self) -> f64 {
        self
    }
}

macro_rules! row {
    ($doc:literal, $name:ident { $($field:ident: $column:ident = $from:ident),+ }, $tuple:pat, $of:ident => $rows:expr) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub(super) struct $name {
            $(pub(super) $field: f64),+
        }

        impl Row for $name {
            const COLUMNS: &'static [Column] = &[$(Column::$column),+];
            fn rows<'a>($of: &Inputs<'a>) -> impl ExactSizeIterator<Item = Self> + 'a {
                $rows.map(|$tuple| Self { $($field: *$field),+ })
            }
            fn of(it: &Sample) -> Self {
                Self { $($field: it.$from),+ }
            }
            #[inline(always)]
            fn sum(self) -> f64 {
                [$(self.$field),+].into_iter().reduce(|a, b| a + b).unwrap_or_default()
            }
        }
    };
}

row!("Two series.", Pair { first: First = values, second: Second = other }, (first, second),
    of => of.values.iter().zip(of.other));
row!("High and low.", Hl { high: High = high, low: Low = low }, (high, low), of => of.high.iter().zip(of.low));
row!("High, low and close.", Hlc { high: High = high, low: Low = low, close: Close = close }, ((high, low), close),
    of => of.high.iter().zip(of.low).zip(of.close));
row!("All prices.", Ohlc { open: Open = open, high: High = high, low: Low = low, close: Close = close },
    (((open, high), low), close), of => of.open.iter().zip(of.high).zip(of.low).zip(of.close));
row!("Open and close.", Oc { open: Open = open, close: Close = close }, (open, close),
    of => of.open.iter().zip(of.close));
row!("Close and volume.", Cv { close: Close = close, volume: Volume = volume }, (close, volume),
    of => of.close.iter().zip(of.volume));
row!("High, low, close and volume.", Hlcv { high: High = high, low: Low = low, close: Close = close, volume: Volume = volume },
    (((high, low), close), volume), of => of.high.iter().zip(of.low).zip(of.close).zip(of.volume));

/// What an indicator gives at a bar: a number, or one for each output.
pub(super) trait Out: Copy {
    /// What stands where there is no value.
    const NONE: Self;
    type Slots<'a>;
    /// Returns where it is written, so many bars from a bar on.
    fn slots<'a>(columns: &'a mut [&mut [f64]], from: usize, bars: usize) -> Self::Slots<'a>;
    fn put(self, slots: &mut Self::Slots<'_>, at: usize);
    fn put_four(four: [Self; STEPS], slots: &mut Self::Slots<'_>, at: usize);
    fn write(self, to: &mut [f64]);
}

/// Returns so many bars of a column from a bar on, fewer where there are no more.
fn part(column: &mut [f64], from: usize, bars: usize) -> &mut [f64] {
    let rest = column.get_mut(from..).unwrap_or_default();
    let bars = bars.min(rest.len());
    rest.get_mut(..bars).unwrap_or_default()
}

impl Out for f64 {
    const NONE: Self = f64::NAN;
    type Slots<'a> = &'a mut [f64];
    fn slots<'a>(columns: &'a mut [&mut [f64]], from: usize, bars: usize) -> Self::Slots<'a> {
        columns.first_mut().map(|it| part(it, from, bars)).unwrap_or_default()
    }
    fn put(self, slots: &mut Self::Slots<'_>, at: usize) {
        if let Some(slot) = slots.get_mut(at) {
            *slot = self;
        }
    }
    #[inline(always)]
    fn put_four(four: [Self; STEPS], slots: &mut Self::Slots<'_>, at: usize) {
        if let Some(slots) = slots.get_mut(at..).and_then(|it| it.first_chunk_mut()) {
            *slots = four;
        }
    }
    fn write(self, to: &mut [f64]) {
        to.iter_mut().for_each(|it| *it = self);
    }
}

impl<const N: usize> Out for [f64; N] {
    const NONE: Self = [f64::NAN; N];
    type Slots<'a> = [&'a mut [f64]; N];
    fn slots<'a>(columns: &'a mut [&mut [f64]], from: usize, bars: usize) -> Self::Slots<'a> {
        let mut columns = columns.iter_mut();
        std::array::from_fn(|_| columns.next().map(|it| part(it, from, bars)).unwrap_or_default())
    }
    fn put(self, slots: &mut Self::Slots<'_>, at: usize) {
        for (slots, value) in slots.iter_mut().zip(self) {
            value.put(slots, at);
        }
    }
    #[inline(always)]
    fn put_four(four: [Self; STEPS], slots: &mut Self::Slots<'_>, at: usize) {
        for (output, slots) in slots.iter_mut().enumerate() {
            f64::put_four(four.map(|it| at_place(&it, output)), slots, at);
        }
    }
    fn write(self, to: &mut [f64]) {
        to.iter_mut().zip(self).for_each(|(slot, it)| *slot = it);
    }
}

/// An indicator under way.
pub(super) trait State {
    type Row: Row;
    type Out: Out;
    /// Takes the next bar; gives nothing as long as there are too few.
    fn push(&mut self, it: Self::Row) -> Option<Self::Out>;
    /// Says whether it has its first value behind it, and can take four bars at once from here on.
    #[inline(always)]
    fn takes_four(&self) -> bool {
        false
    }
    /// Takes four bars at once, where it can, and comes to the same bits.
    #[inline(always)]
    fn push_four(&mut self, it: [Self::Row; STEPS]) -> [Self::Out; STEPS] {
        it.map(|it| self.push(it).unwrap_or(Self::Out::NONE))
    }
    /// Takes the bars of a column from the first up to a gap, fresh as the state is, and returns how many they are. A state may
    /// have a faster way than one bar after the other; it comes to the same bits.
    #[inline(always)]
    fn column(self, inputs: &Inputs<'_>, slots: &mut <Self::Out as Out>::Slots<'_>) -> usize
    where
        Self: Sized,
    {
        run(self, inputs, slots)
    }
}

/// An indicator whose kind of state is not known; a gap starts it anew.
pub(super) trait Live: Send {
    fn push(&mut self, it: &Sample, to: &mut [f64]) -> bool;
}

/// How an indicator is made and run.
pub(super) trait Kind: Sync {
    fn start(&self, params: &[f64]) -> Box<dyn Live>;
    fn length(&self, inputs: &Inputs<'_>) -> usize;
    fn fill(&self, params: &[f64], inputs: &Inputs<'_>, columns: &mut [&mut [f64]]);
}

/// The kind of a state, from what makes one of parameters: a type of its own, so that a column is one loop from the making of
/// the state on, and the state's numbers stay in registers.
pub(super) struct Of<F>(pub(super) F);

struct Restarting<S, F> {
    new: F,
    params: Box<[f64]>,
    state: S,
}

impl<S: State + Send, F: Fn(&[f64]) -> S + Send> Live for Restarting<S, F> {
    #[inline]
    fn push(&mut self, it: &Sample, to: &mut [f64]) -> bool {
        let row = S::Row::of(it);
        let given = if row.is_gap() {
            self.state = (self.new)(&self.params);
            None
        } else {
            self.state.push(row)
        };
        given.unwrap_or(S::Out::NONE).write(to);
        given.is_some()
    }
}

impl<S: State + Send + 'static, F: Fn(&[f64]) -> S + Copy + Send + Sync + 'static> Kind for Of<F> {
    fn start(&self, params: &[f64]) -> Box<dyn Live> {
        Box::new(Restarting { new: self.0, params: params.into(), state: (self.0)(params) })
    }

    fn length(&self, inputs: &Inputs<'_>) -> usize {
        S::Row::rows(inputs).len()
    }

    fn fill(&self, params: &[f64], inputs: &Inputs<'_>, columns: &mut [&mut [f64]]) {
        let length = self.length(inputs);
        let mut at = 0;
        while at < length {
            at += (self.0)(params).column(&inputs.from(at), &mut S::Out::slots(columns, at, length - at));
            let gaps = S::Row::rows(&inputs.from(at)).take_while(|it| it.is_gap()).count();
            for slot in columns.iter_mut().flat_map(|it| it.iter_mut().skip(at).take(gaps)) {
                *slot = f64::NAN;
            }
            at += gaps;
        }
        for column in columns {
            column.iter_mut().skip(length).for_each(|it| *it = f64::NAN);
        }
    }
}

/// Runs a fresh state up to a gap, and returns how many bars that took. The state is a local variable, so that its running
/// sums stay in registers.
#[inline(always)]
fn run<S: State>(mut state: S, inputs: &Inputs<'_>, slots: &mut <S::Out as Out>::Slots<'_>) -> usize {
    let mut at = 0;
    for row in S::Row::rows(inputs) {
        if row.is_gap() {
            break;
        }
        state.push(row).unwrap_or(S::Out::NONE).put(slots, at);
        at += 1;
    }
    at
}

/// As [`run`], four bars at once where the state can.
#[inline(always)]
pub(super) fn by_fours<S: State<Row = f64>>(
    mut state: S,
    inputs: &Inputs<'_>,
    slots: &mut <S::Out as Out>::Slots<'_>,
) -> usize {
    let mut at = head(&mut state, inputs, slots);
    // A variable that nothing else has a reference to stays in registers.
    let mut state = state;
    for four in inputs.from(at).values.as_chunks().0 {
        if !state.takes_four() || four.iter().map(|it| it * 0.0).sum::<f64>() != 0.0 {
            break;
        }
        S::Out::put_four(state.push_four(*four), slots, at);
        at += STEPS;
    }
    tail(state, inputs, slots, at)
}

/// Takes bars up to where the state can take four at once, or up to a gap; returns how many.
#[inline(always)]
pub(super) fn head<S: State>(state: &mut S, inputs: &Inputs<'_>, slots: &mut <S::Out as Out>::Slots<'_>) -> usize {
    let mut at = 0;
    for row in S::Row::rows(inputs) {
        if state.takes_four() || row.is_gap() {
            break;
        }
        state.push(row).unwrap_or(S::Out::NONE).put(slots, at);
        at += 1;
    }
    at
}

/// Takes the bars from one on up to a gap, and returns where that is.
#[inline(always)]
pub(super) fn tail<S: State>(
    mut state: S,
    inputs: &Inputs<'_>,
    slots: &mut <S::Out as Out>::Slots<'_>,
    mut at: usize,
) -> usize {
    for row in S::Row::rows(&inputs.from(at)).take_while(|it| !it.is_gap()) {
        state.push(row).unwrap_or(S::Out::NONE).put(slots, at);
        at += 1;
    }
    at
}

/// A state that remembers nothing.
pub(super) struct Each<R, F>(F, std::marker::PhantomData<fn(R)>);

impl<R: Row, O: Out, F: Fn(R) -> O> Each<R, F> {
    pub(super) fn new(of: F) -> Self {
        Self(of, std::marker::PhantomData)
    }
}

impl<R: Row, O: Out, F: Fn(R) -> O> State for Each<R, F> {
    type Row = R;
    type Out = O;
    #[inline]
    fn push(&mut self, it: R) -> Option<O> {
        Some((self.0)(it))
    }
}

/// An indicator that takes bars as they come. A bar that lacks something it reads is a gap, behind which it starts anew.
pub struct Stream {
    live: Box<dyn Live>,
    outputs: Box<[f64]>,
}

impl Stream {
    pub(super) fn new(live: Box<dyn Live>, outputs: usize) -> Self {
        Self { live, outputs: vec![f64::NAN; outputs].into() }
    }

    /// Takes the next bar. Returns its outputs, or nothing as long as there are too few bars.
    pub fn push(&mut self, it: &Sample) -> Option<&[f64]> {
        self.live.push(it, &mut self.outputs).then_some(&*self.outputs)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("outputs", &self.outputs).finish_non_exhaustive()
    }
}
