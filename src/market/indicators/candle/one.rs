//! Patterns of a single candle, some of which look at the one before.

use super::{
    FOUND, Pattern,
    Setting::{BodyDoji, BodyLong, BodyShort, Near, ShadowLong, ShadowShort, ShadowVeryLong, ShadowVeryShort},
    View, down, lookback, pattern, signed, up,
};
use crate::market::indicators::{registry::Indicator, state::Of};

/// A small body below a very short shadow, above a long one.
fn hammer_shape(c: &View) -> bool {
    let it = c.at(0);
    it.body() < c.usual(BodyShort, 0) && it.lower() > c.usual(ShadowLong, 0) && c.has_no_upper(0)
}

/// The same upside down.
fn star_shape(c: &View) -> bool {
    let it = c.at(0);
    it.body() < c.usual(BodyShort, 0) && it.upper() > c.usual(ShadowLong, 0) && c.has_no_lower(0)
}

fn rickshaw(c: &View) -> bool {
    let it = c.at(0);
    let (middle, near) = (it.low + it.range() / 2.0, c.usual(Near, 0));
    let long = it.lower() > c.usual(ShadowLong, 0) && it.upper() > c.usual(ShadowLong, 0);
    c.is_doji(0) && long && it.bottom() <= middle + near && it.top() >= middle - near
}

pub(in crate::market::indicators) const ALL: &[Indicator] = &[
    pattern!("cdldoji", "doji", "Doji: it closes about where it opened.", "body ≤ doji", 0, [(BodyDoji, 0)], |c| {
        up(c.is_doji(0))
    }),
    pattern!(
        "cdldragonflydoji",
        "dragonfly_doji",
        "Dragonfly doji: a doji at the top of its range.",
        "doji; upper shadow very short, lower one not",
        0,
        [(BodyDoji, 0), (ShadowVeryShort, 0)],
        |c| up(c.is_doji(0) && c.has_no_upper(0) && c.at(0).lower() > c.usual(ShadowVeryShort, 0))
    ),
    pattern!(
        "cdlgravestonedoji",
        "gravestone_doji",
        "Gravestone doji: a doji at the bottom of its range.",
        "doji; lower shadow very short, upper one not",
        0,
        [(BodyDoji, 0), (ShadowVeryShort, 0)],
        |c| up(c.is_doji(0) && c.has_no_lower(0) && c.at(0).upper() > c.usual(ShadowVeryShort, 0))
    ),
    pattern!(
        "cdllongleggeddoji",
        "long_legged_doji",
        "Long-legged doji: a doji with a long shadow.",
        "doji; a shadow longer than the body",
        0,
        [(BodyDoji, 0), (ShadowLong, 0)],
        |c| {
            let (it, long) = (c.at(0), c.usual(ShadowLong, 0));
            up(c.is_doji(0) && (it.lower() > long || it.upper() > long))
        }
    ),
    pattern!(
        "cdlrickshawman",
        "rickshaw_man",
        "Rickshaw man: a long-legged doji in the middle of its range.",
        "doji; both shadows longer than the body; body near the middle of the range",
        0,
        [(BodyDoji, 0), (ShadowLong, 0), (Near, 0)],
        |c| up(rickshaw(c))
    ),
    pattern!(
        "cdltakuri",
        "takuri",
        "Takuri: a dragonfly doji with a very long lower shadow.",
        "doji; upper shadow very short, lower one more than twice the body",
        0,
        [(BodyDoji, 0), (ShadowVeryShort, 0), (ShadowVeryLong, 0)],
        |c| up(c.is_doji(0) && c.has_no_upper(0) && c.at(0).lower() > c.usual(ShadowVeryLong, 0))
    ),
    pattern!(
        "cdlhammer",
        "hammer",
        "Hammer: a small body at the top of a long lower shadow, near the low before.",
        "short body; lower shadow longer than it; upper one very short; bottom near or below the low before",
        1,
        [(BodyShort, 0), (ShadowLong, 0), (ShadowVeryShort, 0), (Near, 1)],
        |c| up(hammer_shape(c) && c.at(0).bottom() <= c.at(1).low + c.usual(Near, 1))
    ),
    pattern!(
        "cdlhangingman",
        "hanging_man",
        "Hanging man: a hammer near the high before.",
        "short body; lower shadow longer than it; upper one very short; bottom near or above the high before",
        1,
        [(BodyShort, 0), (ShadowLong, 0), (ShadowVeryShort, 0), (Near, 1)],
        |c| down(hammer_shape(c) && c.at(0).bottom() >= c.at(1).high - c.usual(Near, 1))
    ),
    pattern!(
        "cdlinvertedhammer",
        "inverted_hammer",
        "Inverted hammer: a small body at the bottom of a long upper shadow, below the body before.",
        "short body; upper shadow longer than it; lower one very short; body below that before",
        1,
        [(BodyShort, 0), (ShadowLong, 0), (ShadowVeryShort, 0)],
        |c| up(star_shape(c) && c.at(0).body_below(c.at(1)))
    ),
    pattern!(
        "cdlshootingstar",
        "shooting_star",
        "Shooting star: an inverted hammer above the body before.",
        "short body; upper shadow longer than it; lower one very short; body above that before",
        1,
        [(BodyShort, 0), (ShadowLong, 0), (ShadowVeryShort, 0)],
        |c| down(star_shape(c) && c.at(0).body_above(c.at(1)))
    ),
    pattern!(
        "cdlmarubozu",
        "marubozu",
        "Marubozu: a long body with next to no shadows.",
        "long body; both shadows very short",
        0,
        [(BodyLong, 0), (ShadowVeryShort, 0)],
        |c| signed(c.is_long(0) && c.has_no_upper(0) && c.has_no_lower(0), c.at(0).sign())
    ),
    pattern!(
        "cdlclosingmarubozu",
        "closing_marubozu",
        "Closing marubozu: a long body with next to no shadow where it closed.",
        "long body; very short shadow at the close",
        0,
        [(BodyLong, 0), (ShadowVeryShort, 0)],
        |c| {
            let bare = if c.at(0).rises() { c.has_no_upper(0) } else { c.has_no_lower(0) };
            signed(c.is_long(0) && bare, c.at(0).sign())
        }
    ),
    pattern!(
        "cdlbelthold",
        "belt_hold",
        "Belt hold: a long body with next to no shadow where it opened.",
        "long body; very short shadow at the open",
        0,
        [(BodyLong, 0), (ShadowVeryShort, 0)],
        |c| {
            let bare = if c.at(0).rises() { c.has_no_lower(0) } else { c.has_no_upper(0) };
            signed(c.is_long(0) && bare, c.at(0).sign())
        }
    ),
    pattern!(
        "cdllongline",
        "long_line",
        "Long line: a long body with short shadows.",
        "long body; both shadows short",
        0,
        [(BodyLong, 0), (ShadowShort, 0)],
        |c| {
            let (it, short) = (c.at(0), c.usual(ShadowShort, 0));
            signed(c.is_long(0) && it.upper() < short && it.lower() < short, it.sign())
        }
    ),
    pattern!(
        "cdlshortline",
        "short_line",
        "Short line: a short body with short shadows.",
        "short body; both shadows short",
        0,
        [(BodyShort, 0), (ShadowShort, 0)],
        |c| {
            let (it, short) = (c.at(0), c.usual(ShadowShort, 0));
            signed(it.body() < c.usual(BodyShort, 0) && it.upper() < short && it.lower() < short, it.sign())
        }
    ),
    pattern!(
        "cdlspinningtop",
        "spinning_top",
        "Spinning top: a short body between longer shadows.",
        "short body; both shadows longer than it",
        0,
        [(BodyShort, 0)],
        |c| {
            let it = c.at(0);
            let short = it.body() < c.usual(BodyShort, 0);
            signed(short && it.upper() > it.body() && it.lower() > it.body(), it.sign())
        }
    ),
    pattern!(
        "cdlhighwave",
        "high_wave",
        "High wave: a short body between very long shadows.",
        "short body; both shadows more than twice as long",
        0,
        [(BodyShort, 0), (ShadowVeryLong, 0)],
        |c| {
            let (it, long) = (c.at(0), c.usual(ShadowVeryLong, 0));
            signed(it.body() < c.usual(BodyShort, 0) && it.upper() > long && it.lower() > long, it.sign())
        }
    ),
];
