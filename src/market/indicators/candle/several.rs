//! Patterns of two and three candles. In each, `a` is the first.

use super::{
    FOUND, Pattern,
    Setting::{BodyDoji, BodyLong, BodyShort, Equal, Far, Near, ShadowVeryShort},
    View, down, lookback, pattern, penetration, signed, up,
};
use crate::market::indicators::{registry::Indicator, state::Of};

/// Returns -100 or 100 against the first body where the second lies within it, 80 where they touch.
fn inside(c: &View) -> f64 {
    let (a, b) = (c.at(1), c.at(0));
    if b.top() < a.top() && b.bottom() > a.bottom() {
        -a.sign()
    } else if b.top() <= a.top() && b.bottom() >= a.bottom() {
        -a.sign() * 0.8
    } else {
        0.0
    }
}

fn engulfing(c: &View) -> f64 {
    let (a, b) = (c.at(1), c.at(0));
    let around = if b.rises() {
        a.falls() && ((b.close >= a.open && b.open < a.close) || (b.close > a.open && b.open <= a.close))
    } else {
        a.rises() && ((b.open >= a.close && b.close < a.open) || (b.open > a.close && b.close <= a.open))
    };
    let clear = (b.open - a.close).abs() > 0.0 && (b.close - a.open).abs() > 0.0;
    signed(around, if clear { b.sign() } else { b.sign() * 0.8 })
}

/// A black candle and a white one that opens below its low.
fn below_then_up(c: &View) -> bool {
    let (a, b) = (c.at(1), c.at(0));
    a.falls() && c.is_long(1) && b.rises() && b.open < a.low
}

/// The third candle goes so far into the first.
fn turned_up(c: &View) -> bool {
    let (a, b) = (c.at(2), c.at(0));
    a.falls() && b.rises() && b.close > a.close + a.body() * c.penetration
}

fn turned_down(c: &View) -> bool {
    let (a, b) = (c.at(2), c.at(0));
    a.rises() && b.falls() && b.close < a.close - a.body() * c.penetration
}

/// The third body is not short.
fn firm(c: &View) -> bool {
    c.at(0).body() > c.usual(BodyShort, 0)
}

fn kicking(c: &View) -> bool {
    let (a, b) = (c.at(1), c.at(0));
    let bare = |back| c.is_long(back) && c.has_no_upper(back) && c.has_no_lower(back);
    let apart = if a.rises() { b.falls() && b.below(a) } else { b.rises() && b.above(a) };
    apart && bare(1) && bare(0)
}

fn abandoned(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let way = (turned_down(c) && b.above(a) && last.below(b)) || (turned_up(c) && b.below(a) && last.above(b));
    way && c.is_long(2) && c.is_doji(1) && firm(c)
}

fn tristar(c: &View) -> f64 {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let most = c.usual(BodyDoji, 2);
    if ![a, b, last].iter().all(|it| it.body() <= most) {
        0.0
    } else if b.body_above(a) && last.top() < b.top() {
        -100.0
    } else {
        up(b.body_below(a) && last.bottom() > b.bottom())
    }
}

fn soldiers(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let white = [a, b, last].iter().all(|it| it.rises()) && (0..3).all(|it| c.has_no_upper(it));
    let within = b.open > a.open
        && b.open <= a.close + c.usual(Near, 2)
        && last.open > b.open
        && last.open <= b.close + c.usual(Near, 1);
    let strong = b.body() > a.body() - c.usual(Far, 2) && last.body() > b.body() - c.usual(Far, 1) && firm(c);
    white && last.close > b.close && b.close > a.close && within && strong
}

fn crows(c: &View) -> bool {
    let (before, a, b, last) = (c.at(3), c.at(2), c.at(1), c.at(0));
    let black = [a, b, last].iter().all(|it| it.falls()) && (0..3).all(|it| c.has_no_lower(it));
    let within = b.open < a.open && b.open > a.close && last.open < b.open && last.open > b.close;
    before.rises() && black && within && before.high > a.close && a.close > b.close && b.close > last.close
}

fn identical_crows(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let black = [a, b, last].iter().all(|it| it.falls()) && (0..3).all(|it| c.has_no_lower(it));
    let lower = a.close > b.close && b.close > last.close;
    black && lower && c.equal(b.open, a.close, 2) && c.equal(last.open, b.close, 1)
}

fn line_strike(c: &View) -> bool {
    let (first, a, b, last) = (c.at(3), c.at(2), c.at(1), c.at(0));
    let near = |open: f64, of: super::Candle, slack: f64| open >= of.bottom() - slack && open <= of.top() + slack;
    let on = near(a.open, first, c.usual(Near, 3)) && near(b.open, a, c.usual(Near, 2));
    let same = [first, a].iter().all(|it| it.rises() == b.rises()) && last.rises() != b.rises();
    let way = if b.rises() {
        b.close > a.close && a.close > first.close && last.open > b.close && last.close < first.open
    } else {
        b.close < a.close && a.close < first.close && last.open < b.close && last.close > first.open
    };
    on && same && way
}

fn outside(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    if b.rises() {
        a.falls() && b.close > a.open && b.open < a.close && last.close > b.close
    } else {
        a.rises() && b.open > a.close && b.close < a.open && last.close < b.close
    }
}

fn three_inside(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let within = b.top() < a.top() && b.bottom() > a.bottom();
    let way = if a.rises() { last.falls() && last.close < a.open } else { last.rises() && last.close > a.open };
    c.is_long(2) && c.is_small(1) && within && way
}

fn two_crows(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let shape = a.rises() && c.is_long(2) && b.falls() && b.body_above(a) && last.falls();
    shape && last.open < b.open && last.open > b.close && last.close > a.open && last.close < a.close
}

fn gap_crows(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let shape = a.rises() && c.is_long(2) && b.falls() && c.is_small(1) && b.body_above(a) && last.falls();
    shape && last.open > b.open && last.close < b.close && last.close > a.close
}

fn tasuki(c: &View) -> bool {
    let (a, b, last) = (c.at(2), c.at(1), c.at(0));
    let like = (b.body() - last.body()).abs() < c.usual(Near, 1);
    let into = last.open > b.bottom() && last.open < b.top();
    let way = if b.rises() {
        b.body_above(a) && last.falls() && last.close < b.open && last.close > a.top()
    } else {
        b.body_below(a) && last.rises() && last.close > b.open && last.close < a.bottom()
    };
    way && into && like
}

pub(in crate::market::indicators) const ALL: &[Indicator] = &[
    pattern!(
        "cdlengulfing",
        "engulfing",
        "Engulfing: a body around the opposite one before.",
        "opposite colours; the second body around the first; 80 where one end is equal",
        2,
        [],
        engulfing
    ),
    pattern!(
        "cdlharami",
        "harami",
        "Harami: a short body within the long one before.",
        "long body, then a short one within it; 80 where an end is equal; it points against the first",
        1,
        [(BodyLong, 1), (BodyShort, 0)],
        |c| if c.is_long(1) && c.is_small(0) { inside(c) } else { 0.0 }
    ),
    pattern!(
        "cdlharamicross",
        "harami_cross",
        "Harami cross: a doji within the long body before.",
        "long body, then a doji within it; 80 where an end is equal; it points against the first",
        1,
        [(BodyLong, 1), (BodyDoji, 0)],
        |c| if c.is_long(1) && c.is_doji(0) { inside(c) } else { 0.0 }
    ),
    pattern!(
        "cdldojistar",
        "doji_star",
        "Doji star: a doji beyond the long body before.",
        "long body, then a doji above a white or below a black one; it points against the first",
        1,
        [(BodyLong, 1), (BodyDoji, 0)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            let beyond = if a.rises() { b.body_above(a) } else { b.body_below(a) };
            signed(c.is_long(1) && c.is_doji(0) && beyond, -a.sign())
        }
    ),
    pattern!(
        "cdlpiercing",
        "piercing",
        "Piercing line: a white candle from below the low to above the middle of the black one before.",
        "long black, long white; open below the low, close above the middle of the body and below its open",
        1,
        [(BodyLong, 1), (BodyLong, 0)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            up(below_then_up(c) && c.is_long(0) && b.close < a.open && b.close > a.close + a.body() * 0.5)
        }
    ),
    pattern!(
        "cdldarkcloudcover",
        "dark_cloud_cover",
        "Dark cloud cover: a black candle from above the high into the white one before.",
        "long white, black; open above the high, close so far into the body",
        1,
        [(BodyLong, 1)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            let into = b.close > a.open && b.close < a.close - a.body() * c.penetration;
            down(a.rises() && c.is_long(1) && b.falls() && b.open > a.high && into)
        },
        [penetration(0.5)]
    ),
    pattern!(
        "cdlinneck",
        "in_neck",
        "In-neck: a white candle from below the low to the close of the black one before.",
        "long black, white; open below the low, close equal to or a little above the close before",
        1,
        [(Equal, 1), (BodyLong, 1)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            down(below_then_up(c) && b.close <= a.close + c.usual(Equal, 1) && b.close >= a.close)
        }
    ),
    pattern!(
        "cdlonneck",
        "on_neck",
        "On-neck: a white candle from below the low to the low of the black one before.",
        "long black, white; open below the low, close equal to the low before",
        1,
        [(Equal, 1), (BodyLong, 1)],
        |c| down(below_then_up(c) && c.equal(c.at(0).close, c.at(1).low, 1))
    ),
    pattern!(
        "cdlthrusting",
        "thrusting",
        "Thrusting: a white candle from below the low into the black one before, not to its middle.",
        "long black, white; open below the low, close above the close before, not above the middle",
        1,
        [(Equal, 1), (BodyLong, 1)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            let into = b.close > a.close + c.usual(Equal, 1) && b.close <= a.close + a.body() * 0.5;
            down(below_then_up(c) && into)
        }
    ),
    pattern!(
        "cdlkicking",
        "kicking",
        "Kicking: two opposite marubozus with a gap between.",
        "two marubozus of opposite colours with a gap the way of the second",
        1,
        [(ShadowVeryShort, 1), (ShadowVeryShort, 0), (BodyLong, 1), (BodyLong, 0)],
        |c| signed(kicking(c), c.at(0).sign())
    ),
    pattern!(
        "cdlmatchinglow",
        "matching_low",
        "Matching low: two black candles with the same close.",
        "two black candles with equal closes",
        1,
        [(Equal, 1)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            up(a.falls() && b.falls() && c.equal(b.close, a.close, 1))
        }
    ),
    pattern!(
        "cdlhomingpigeon",
        "homing_pigeon",
        "Homing pigeon: a short black body within a long black one.",
        "long black, then a short black body within it",
        1,
        [(BodyLong, 1), (BodyShort, 0)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            let shape = a.falls() && b.falls() && c.is_long(1) && c.is_small(0);
            up(shape && b.open < a.open && b.close > a.close)
        }
    ),
    pattern!(
        "cdlcounterattack",
        "counterattack",
        "Counterattack: two long opposite candles with the same close.",
        "two long bodies of opposite colours with equal closes",
        1,
        [(Equal, 1), (BodyLong, 1), (BodyLong, 0)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            let long = a.rises() != b.rises() && c.is_long(1) && c.is_long(0);
            signed(long && c.equal(b.close, a.close, 1), b.sign())
        }
    ),
    pattern!(
        "cdlseparatinglines",
        "separating_lines",
        "Separating lines: a belt hold from the open of the opposite candle before.",
        "opposite colours, equal opens; long second body with a very short shadow at the open",
        1,
        [(ShadowVeryShort, 0), (BodyLong, 0), (Equal, 1)],
        |c| {
            let (a, b) = (c.at(1), c.at(0));
            let bare = if b.rises() { c.has_no_lower(0) } else { c.has_no_upper(0) };
            signed(a.rises() != b.rises() && c.equal(b.open, a.open, 1) && c.is_long(0) && bare, b.sign())
        }
    ),
    pattern!(
        "cdlmorningstar",
        "morning_star",
        "Morning star: a short body below a long black one, then a white candle into the first.",
        "long black; short body below it; white, not short, so far into the first body",
        2,
        [(BodyLong, 2), (BodyShort, 1), (BodyShort, 0)],
        |c| up(turned_up(c) && c.is_long(2) && c.is_small(1) && c.at(1).body_below(c.at(2)) && firm(c)),
        [penetration(0.3)]
    ),
    pattern!(
        "cdleveningstar",
        "evening_star",
        "Evening star: a short body above a long white one, then a black candle into the first.",
        "long white; short body above it; black, not short, so far into the first body",
        2,
        [(BodyLong, 2), (BodyShort, 1), (BodyShort, 0)],
        |c| down(turned_down(c) && c.is_long(2) && c.is_small(1) && c.at(1).body_above(c.at(2)) && firm(c)),
        [penetration(0.3)]
    ),
    pattern!(
        "cdlmorningdojistar",
        "morning_doji_star",
        "Morning doji star: a morning star whose second body is a doji.",
        "long black; doji below it; white, not short, so far into the first body",
        2,
        [(BodyLong, 2), (BodyDoji, 1), (BodyShort, 0)],
        |c| up(turned_up(c) && c.is_long(2) && c.is_doji(1) && c.at(1).body_below(c.at(2)) && firm(c)),
        [penetration(0.3)]
    ),
    pattern!(
        "cdleveningdojistar",
        "evening_doji_star",
        "Evening doji star: an evening star whose second body is a doji.",
        "long white; doji above it; black, not short, so far into the first body",
        2,
        [(BodyLong, 2), (BodyDoji, 1), (BodyShort, 0)],
        |c| down(turned_down(c) && c.is_long(2) && c.is_doji(1) && c.at(1).body_above(c.at(2)) && firm(c)),
        [penetration(0.3)]
    ),
    pattern!(
        "cdlabandonedbaby",
        "abandoned_baby",
        "Abandoned baby: a doji star with gaps on both sides, shadows included.",
        "long body; doji beyond it with gaps before and behind; opposite body, not short, so far into the first",
        2,
        [(BodyLong, 2), (BodyDoji, 1), (BodyShort, 0)],
        |c| signed(abandoned(c), c.at(0).sign()),
        [penetration(0.3)]
    ),
    pattern!(
        "cdltristar",
        "tristar",
        "Tristar: three dojis, the second beyond the others.",
        "three dojis by the measure of the first; the second body beyond the first, the third back",
        2,
        [(BodyDoji, 2)],
        tristar
    ),
    pattern!(
        "cdl3whitesoldiers",
        "three_white_soldiers",
        "Three white soldiers: three rising white candles that close at their highs.",
        "three whites with very short upper shadows, each opening in or near the body before, none much shorter",
        2,
        [
            (ShadowVeryShort, 2),
            (ShadowVeryShort, 1),
            (ShadowVeryShort, 0),
            (Near, 2),
            (Near, 1),
            (Far, 2),
            (Far, 1),
            (BodyShort, 0)
        ],
        |c| up(soldiers(c))
    ),
    pattern!(
        "cdl3blackcrows",
        "three_black_crows",
        "Three black crows: after a white candle three falling black ones that close at their lows.",
        "white; three blacks with very short lower shadows, each opening within the body before",
        3,
        [(ShadowVeryShort, 2), (ShadowVeryShort, 1), (ShadowVeryShort, 0)],
        |c| down(crows(c))
    ),
    pattern!(
        "cdlidentical3crows",
        "identical_three_crows",
        "Identical three crows: three falling black candles, each from the close before.",
        "three blacks with very short lower shadows, each opening at the close before",
        2,
        [(ShadowVeryShort, 2), (ShadowVeryShort, 1), (ShadowVeryShort, 0), (Equal, 2), (Equal, 1)],
        |c| down(identical_crows(c))
    ),
    pattern!(
        "cdl3linestrike",
        "three_line_strike",
        "Three-line strike: three candles one way and a fourth that takes them all back.",
        "three of a colour with closes one way, each opening near the body before; the fourth beyond them",
        3,
        [(Near, 3), (Near, 2)],
        |c| signed(line_strike(c), c.at(1).sign())
    ),
    pattern!(
        "cdl3outside",
        "three_outside",
        "Three outside: an engulfing and a close further on.",
        "the second body around the opposite first; the third close beyond the second",
        3,
        [],
        |c| signed(outside(c), c.at(1).sign())
    ),
    pattern!(
        "cdl3inside",
        "three_inside",
        "Three inside: a harami and a close beyond the first open.",
        "long body; short body within it; the third against the first, closing beyond its open",
        2,
        [(BodyLong, 2), (BodyShort, 1)],
        |c| signed(three_inside(c), -c.at(2).sign())
    ),
    pattern!(
        "cdl2crows",
        "two_crows",
        "Two crows: a black body above a long white one, then a black candle into the first.",
        "long white; black body above it; black from within the second into the first",
        2,
        [(BodyLong, 2)],
        |c| down(two_crows(c))
    ),
    pattern!(
        "cdlupsidegap2crows",
        "upside_gap_two_crows",
        "Upside gap two crows: two black candles above a long white one, the second around the first.",
        "long white; short black body above it; black around that, still above the first close",
        2,
        [(BodyLong, 2), (BodyShort, 1)],
        |c| down(gap_crows(c))
    ),
    pattern!(
        "cdlsticksandwich",
        "stick_sandwich",
        "Stick sandwich: a white candle between two black ones with the same close.",
        "black; white with its low above that close; black with a close equal to the first",
        2,
        [(Equal, 2)],
        |c| {
            let (a, b, last) = (c.at(2), c.at(1), c.at(0));
            let colours = a.falls() && b.rises() && last.falls();
            up(colours && b.low > a.close && c.equal(last.close, a.close, 2))
        }
    ),
    pattern!(
        "cdltasukigap",
        "tasuki_gap",
        "Tasuki gap: a body beyond a gap, then an opposite one of the same size that does not close it.",
        "gap between the bodies; the third opens in the second and closes in the gap; bodies of near size",
        2,
        [(Near, 1)],
        |c| signed(tasuki(c), c.at(1).sign())
    ),
];
