//! Sizes a position in one instrument.

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fractions::{kelly, stop_distance, volatility};
use crate::{
    market::{BarSeries, Bars, Limits, Regime, RegimeKind, Sizing, SizingSeries, bar_in_force, metrics::Basis},
    slice::{Fault, Limited},
    slices::{backtest::lot, risk::share},
    strategy::StrategyChoice,
    value::{BarCount, Money, Percent, Quantity},
};

/// How a position is sized.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// So much that its volatility is `target_volatility` a year.
    #[default]
    VolatilityTarget,
    /// `fraction` of equity.
    FixedFraction,
    /// So much that a stop of `stop_atr` average true ranges loses `risk` of equity.
    FixedRisk,
    /// `kelly_fraction` of what makes capital grow fastest, where the choice is right as often as it is sure.
    Kelly,
}

impl Method {
    fn as_str(self) -> &'static str {
        match self {
            Self::VolatilityTarget => "volatility_target",
            Self::FixedFraction => "fixed_fraction",
            Self::FixedRisk => "fixed_risk",
            Self::Kelly => "kelly",
        }
    }
}

/// Sizes a position at each bar from bars up to it: by volatility, by a fixed share, by risk to a stop, or by Kelly.
///
/// The share is multiplied with the confidence of the choice (Kelly has it in itself) and with what the regime allows, the
/// shares for its kinds weighted by their probabilities; then it is capped by `max_fraction` and by the limits.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Calculate {
    /// The bars of the instrument.
    bars: Bars,
    /// The strategy that was chosen; nothing is held before the first choice.
    choice: StrategyChoice,
    /// What kind of market it is; each kind allows a share of the size.
    regime: Option<Regime>,
    /// What the account begins with.
    #[schemars(extend("x-within" = "above 0"))]
    capital: Money,
    /// How it is sized.
    #[serde(default)]
    method: Method,
    /// For `volatility_target`: how much the position may vary, a year.
    #[serde(default = "percent::<15>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    target_volatility: Percent,
    /// Over how many bars volatility or the average true range is measured.
    #[serde(default = "twenty")]
    #[schemars(extend("x-within" = "in 2 bars.."))]
    window: BarCount,
    /// For `fixed_fraction`: the share of equity.
    #[serde(default = "percent::<20>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    fraction: Percent,
    /// For `fixed_risk`: the share of equity that is lost where the stop is hit.
    #[serde(default = "percent::<1>")]
    #[schemars(extend("x-within" = "in 0%..100%"))]
    risk: Percent,
    /// For `fixed_risk`: how many average true ranges the stop is away.
    #[serde(default = "two")]
    #[schemars(extend("x-within" = "above 0"))]
    stop_atr: f64,
    /// For `kelly`: the share of the full Kelly size.
    #[serde(default = "percent::<50>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    kelly_fraction: Percent,
    /// For `kelly`: what a winning trade earns for each unit that a losing one loses.
    #[serde(default = "two")]
    #[schemars(extend("x-within" = "above 0"))]
    payoff: f64,
    /// Whether the size is multiplied with the confidence of the choice.
    #[serde(default = "yes")]
    by_confidence: bool,
    /// The share of the size in a bull market.
    #[serde(default = "percent::<100>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    in_bull: Percent,
    /// The share of the size in a sideways market.
    #[serde(default = "percent::<75>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    in_sideways: Percent,
    /// The share of the size in a bear market.
    #[serde(default = "percent::<50>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    in_bear: Percent,
    /// The share of the size in a crisis.
    #[serde(default = "percent::<25>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    in_crisis: Percent,
    /// The most that is held, as a share of equity.
    #[serde(default = "percent::<100>")]
    #[schemars(extend("x-within" = "in 0%.."))]
    max_fraction: Percent,
    /// The smallest quantity that is traded: `1 share` where it is not said.
    #[schemars(extend("x-within" = "above 0"))]
    lot: Option<Quantity>,
}

fn percent<const P: i64>() -> Percent {
    Percent(Decimal::new(P, 2))
}

fn twenty() -> BarCount {
    BarCount(20)
}

fn two() -> f64 {
    2.0
}

fn yes() -> bool {
    true
}

fn float(it: Percent) -> f64 {
    it.0.to_f64().unwrap_or(f64::NAN)
}

pub(super) fn calculate(limits: Limited, input: Calculate) -> Result<Sizing, Fault> {
    let bars = &*input.bars;
    let base = input.base(bars);
    let most = cap(&limits.0, input.capital, float(input.max_fraction))?;
    let shares: Vec<f64> = base
        .enumerate()
        .map(|(bar, base)| {
            let scale = input.confidence(bars, bar).and_then(|it| Some(it * input.allowed(bars, bar)?));
            // Not `min`, which takes the cap for a size that is not known.
            scale.map_or(f64::NAN, |it| if base * it > most { most } else { base * it })
        })
        .collect();
    let Some(first) = shares.iter().position(|it| !it.is_nan()) else {
        let need = "it takes more bars than its window, a choice and, where one is given, a regime";
        return Err(Fault::input(format_args!("no bar of `{}` can be sized: {need}", bars.symbol)));
    };
    // A hole later on, as bars without any movement leave one, holds what was known before it.
    let mut last = 0.0;
    let fractions: Vec<f64> = shares
        .into_iter()
        .skip(first)
        .map(|it| {
            last = if it.is_nan() { last } else { it };
            last
        })
        .collect();
    let lot = lot(input.lot)?;
    let sizing = SizingSeries::new(input.bars, input.capital, lot, first, fractions);
    Ok(SizingSeries { method: input.method.as_str().into(), ..sizing }.into())
}

/// Returns the largest share of equity that the limits leave; amounts are taken as shares of the capital.
fn cap(limits: &Limits, capital: Money, most: f64) -> Result<f64, Fault> {
    let position = share(limits.max_position.as_ref(), "max_position", Some(capital))?;
    let gross = share(limits.max_gross.as_ref(), "max_gross", Some(capital))?;
    let leverage = limits.max_leverage.and_then(|it| it.0.to_f64()).unwrap_or(f64::INFINITY);
    Ok([position, gross, leverage].into_iter().fold(most, f64::min))
}

impl Calculate {
    /// Returns the share of equity at each bar before it is scaled; NaN where too few bars came before.
    fn base(&self, bars: &BarSeries) -> Box<dyn Iterator<Item = f64>> {
        let window = usize::try_from(self.window.0).unwrap_or(usize::MAX);
        // What does not vary at all says nothing about its risk: no size.
        let inverse =
            |share: f64, of: Vec<f64>| of.into_iter().map(move |it| if it > 0.0 { share / it } else { f64::NAN });
        match self.method {
            Method::VolatilityTarget => Box::new(inverse(
                float(self.target_volatility),
                volatility(bars, window, Basis::of(bars.timeframe).periods),
            )),
            Method::FixedRisk => Box::new(inverse(float(self.risk), stop_distance(bars, window, self.stop_atr))),
            Method::FixedFraction => Box::new(std::iter::repeat_n(float(self.fraction), bars.len())),
            Method::Kelly => Box::new(std::iter::repeat_n(float(self.kelly_fraction), bars.len())),
        }
    }

    /// Returns what the confidence of the choice in force makes of the size; none before the first choice.
    fn confidence(&self, bars: &BarSeries, bar: usize) -> Option<f64> {
        let of = self.choice.bars.as_deref();
        let sure = self.choice.at(bar_in_force(of, bars, bar)?)?.confidence;
        Some(match self.method {
            Method::Kelly => kelly(sure, self.payoff),
            _ if self.by_confidence => sure,
            _ => 1.0,
        })
    }

    /// Returns what the regime in force allows of the size: all of it without one, none before it is known.
    fn allowed(&self, bars: &BarSeries, bar: usize) -> Option<f64> {
        let Some(regime) = &self.regime else { return Some(1.0) };
        let at = regime.at(bar_in_force(regime.bars.as_deref(), bars, bar)?)?;
        let share = |(kind, probability): (&RegimeKind, &f64)| {
            let allowed = match kind {
                RegimeKind::Bull => self.in_bull,
                RegimeKind::Bear => self.in_bear,
                RegimeKind::Sideways => self.in_sideways,
                RegimeKind::Crisis => self.in_crisis,
            };
            float(allowed) * probability
        };
        Some(RegimeKind::ALL.iter().zip(&at.probabilities).map(share).sum())
    }
}
