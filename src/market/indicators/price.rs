//! One price that stands for a bar.

use super::{
    registry::{Indicator, PRICE, in_unit},
    state::{Each, Hl, Hlc, Of, Ohlc, State},
};

/// Returns the price that most indicators of whole bars are computed on.
pub(super) fn typical(high: f64, low: f64, close: f64) -> f64 {
    (high + low + close) / 3.0
}

/// Bars whose open is the middle of the one before: each shows where prices go, without their gaps.
struct HeikinAshi(Option<(f64, f64)>);

impl State for HeikinAshi {
    type Row = Ohlc;
    type Out = [f64; 4];
    #[inline]
    fn push(&mut self, it: Ohlc) -> Option<[f64; 4]> {
        let close = (it.open + it.high + it.low + it.close) / 4.0;
        let (open_before, close_before) = self.0.unwrap_or((it.open, it.close));
        let open = f64::midpoint(open_before, close_before);
        self.0 = Some((open, close));
        Some([open, it.high.max(open).max(close), it.low.min(open).min(close), close])
    }
}

pub(super) const ALL: &[Indicator] = &[
    Indicator::new(
        "avgprice",
        "Average price.",
        &Of(|_: &[f64]| Each::new(|it: Ohlc| (it.high + it.low + it.close + it.open) / 4.0)),
        |_| 0,
    )
    .by("(open + high + low + close)/4", "common"),
    Indicator::new("medprice", "Median price.", &Of(|_: &[f64]| Each::new(|it: Hl| f64::midpoint(it.high, it.low))), |_| 0)
        .by("(high + low)/2", "common"),
    Indicator::new(
        "typprice",
        "Typical price.",
        &Of(|_: &[f64]| Each::new(|it: Hlc| typical(it.high, it.low, it.close))),
        |_| 0,
    )
    .by("(high + low + close)/3", "common"),
    Indicator::new(
        "wclprice",
        "Weighted close.",
        &Of(|_: &[f64]| Each::new(|it: Hlc| (it.high + it.low + it.close * 2.0) / 4.0)),
        |_| 0,
    )
    .by("(high + low + 2·close)/4", "common"),
    Indicator::new("ha", "Heikin-Ashi bars.", &Of(|_: &[f64]| HeikinAshi(None)), |_| 0)
        .aliases(&["heikin_ashi"])
        .outputs(&[
            in_unit("open", PRICE),
            in_unit("high", PRICE),
            in_unit("low", PRICE),
            in_unit("close", PRICE),
        ])
        .by("close' = (open + high + low + close)/4; open'[t] = (open'[t-1] + close'[t-1])/2; high' and low' reach to both; \
             the first open' is (open + close)/2", "M. Homma, 18th century"),
];
