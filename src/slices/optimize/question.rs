//! What every search is asked: of which strategy, on which bars, among which sets, by what measure and on what terms.

use super::{
    judge::{Constraint, Rule},
    search::{Found, Plan, Search},
    space::Space,
};
use crate::{
    market::{
        Assumptions, BacktestReport, BarSeries, Bars, Bits, Costs, FillAt, Limits, Objective, Script, Setup, Signals,
        report, run_signals,
    },
    slice::{Cancel, Fault, Limited},
    slices::backtest::{Decider, Execute, Terms, execute},
    strategy::{Family, Strategy},
    value::{Mismatch, Money, Percent, Quantity, Value},
};

/// What a search is asked; the fields of [`question`] that all searches have.
pub(super) struct Question {
    pub strategy: Strategy,
    pub bars: Bars,
    pub sets: Option<Vec<Value>>,
    pub ascending: Vec<String>,
    pub objective: Objective,
    pub constraints: Vec<Constraint>,
    pub capital: Money,
    pub costs: Option<Costs>,
    pub lot: Option<Quantity>,
    pub participation: Option<Percent>,
    pub margin: Option<Percent>,
}

/// Declares the input of a search: what all of them are asked, and what is its own. One that begins with `by sharpe` asks
/// neither for an objective nor for constraints.
macro_rules! question {
    (by sharpe $(#[$meta:meta])* $Name:ident { $($own:tt)* }) => {
        question! { @declare $(#[$meta])* $Name [|_| (Default::default(), None)] { $($own)* } }
    };
    (@declare $(#[$meta:meta])* $Name:ident [$measure:expr] { $($(#[$of:meta])* $field:ident: $T:ty,)* }) => {
        $(#[$meta])*
        #[derive(serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $Name {
            /// The strategy; its parameters that do not vary stay as they are.
            strategy: $crate::strategy::Strategy,
            /// The bars to try it on.
            bars: $crate::market::Bars,
            $($(#[$of])* $field: $T,)*
            /// The sets of parameters, as `grid(fast: 5..50 by 5, slow: 20..200 by 20)` gives them; where it is not said,
            /// all that the strategy's own parameters say with `in 5..50 by 5`.
            #[schemars(with = "Option<Vec<serde_json::Value>>")]
            sets: Option<Vec<$crate::value::Value>>,
            /// Parameters whose values must ascend within a set, as in `["fast", "slow"]`; other sets are not tried.
            ascending: Option<Vec<String>>,
            /// The cash at the first bar.
            #[schemars(extend("x-within" = "above 0"))]
            capital: $crate::value::Money,
            /// What trading costs; nothing where it is not said.
            costs: Option<$crate::market::Costs>,
            /// The smallest quantity that is traded: `1 share` where it is not said.
            #[schemars(extend("x-within" = "above 0"))]
            lot: Option<$crate::value::Quantity>,
            /// The share of a bar's volume that an order may take; what is more does not fill in that bar.
            #[schemars(extend("x-within" = "above 0%..100%"))]
            participation: Option<$crate::value::Percent>,
            /// The maintenance margin: the least equity for each unit that is held, below which at a close everything is
            /// closed at the next open; 25% where it is not said.
            #[schemars(extend("x-within" = "in 0%..100%"))]
            margin: Option<$crate::value::Percent>,
        }

        impl $Name {
            /// Takes what all searches are asked.
            fn question(&mut self) -> $crate::slices::optimize::question::Question {
                let measure: fn(&mut Self) -> (_, _) = $measure;
                let (objective, constraints) = measure(self);
                $crate::slices::optimize::question::Question {
                    strategy: self.strategy.clone(),
                    bars: self.bars.clone(),
                    sets: self.sets.take(),
                    ascending: self.ascending.take().unwrap_or_default(),
                    objective,
                    constraints: constraints.unwrap_or_default(),
                    capital: self.capital,
                    costs: self.costs,
                    lot: self.lot,
                    participation: self.participation,
                    margin: self.margin,
                }
            }
        }
    };
    ($(#[$meta:meta])* $Name:ident { $($own:tt)* }) => {
        question! { @declare $(#[$meta])* $Name [|it| (it.objective, it.constraints.take())] {
            $($own)*
            /// Which metric of a report decides.
            #[serde(default)]
            objective: $crate::market::Objective,
            /// What the metrics of a set must keep for it to be chosen, as in
            /// `[{ metric: "max_drawdown", at_least: -20% }]`.
            constraints: Option<Vec<$crate::slices::optimize::judge::Constraint>>,
        } }
    };
}
pub(super) use question;

/// A question that can be answered: its strategy can vary, its sets are known, its terms hold.
pub(super) struct Asked {
    pub question: Question,
    pub family: Family,
    pub space: Space,
    rules: Vec<Rule>,
    limits: Limits,
    setup: Setup,
}

impl Asked {
    /// Reads a question.
    ///
    /// # Errors
    /// A strategy whose parameters cannot vary, sets that are none, constraints without bounds, terms that do not hold.
    pub fn new(question: Question, limits: Limited) -> Result<Self, Fault> {
        let family = question.strategy.rules.family();
        let family = family.ok_or_else(|| Fault::input("the parameters of this strategy cannot vary"))?;
        let Question { strategy, sets, ascending, constraints, .. } = &question;
        let space = Space::new(strategy, &family, sets.as_deref(), ascending)?;
        let rules = constraints.iter().map(Constraint::rule).collect::<Result<_, _>>()?;
        let Question { capital, costs, lot, participation, margin, .. } = question;
        let terms = Terms { capital, costs, limits: limits.0.clone(), lot, participation, margin };
        // What became of each order is asked of the one that is chosen alone.
        let setup = Setup { keeps_orders: false, ..terms.setup()? };
        Ok(Self { question, family, space, rules, limits: limits.0, setup })
    }

    /// Searches on these bars.
    ///
    /// # Errors
    /// As those of [`Search::run`].
    pub fn search(&self, bars: &BarSeries, plan: &Plan, cancel: &Cancel) -> Result<Found, Fault> {
        self.search_by(bars, plan, None, cancel)
    }

    /// Searches on these bars, and keeps what the sets came to in these parts of them.
    ///
    /// # Errors
    /// As those of [`Search::run`].
    pub fn search_by(
        &self,
        bars: &BarSeries,
        plan: &Plan,
        edges: Option<&[usize]>,
        cancel: &Cancel,
    ) -> Result<Found, Fault> {
        let Question { strategy, objective, capital, costs, .. } = &self.question;
        let search = Search {
            strategy,
            family: &self.family,
            space: &self.space,
            objective: *objective,
            rules: &self.rules,
            setup: &self.setup,
            capital: *capital,
            costs: *costs,
            edges,
        };
        search.run(bars, plan, cancel)
    }

    /// Replays the strategy with the parameters of a set, exactly as `backtest.execute` does.
    ///
    /// # Errors
    /// As those of `backtest.execute`.
    pub fn execute(&self, bars: Bars, params: &Value) -> Result<BacktestReport, Fault> {
        let Question { capital, costs, lot, participation, margin, .. } = &self.question;
        let chosen = self.with(params).map_err(Fault::input)?;
        let input = Execute {
            bars,
            strategy: Decider::Strategy(chosen),
            sizing: None,
            capital: *capital,
            costs: *costs,
            lot: *lot,
            participation: *participation,
            margin: *margin,
        };
        execute(Limited(self.limits.clone()), input)
    }

    /// Returns the strategy with the parameters of a set.
    fn with(&self, params: &Value) -> Result<Strategy, Mismatch> {
        self.family.with(&self.question.strategy.params, params)
    }

    /// Returns the report of bars on which nothing is traded.
    ///
    /// # Errors
    /// Prices that are none.
    pub fn idle(&self, bars: &BarSeries) -> Result<BacktestReport, Fault> {
        let never = || Bits::none(bars.len());
        let signals = Signals {
            enter_long: never(),
            exit_long: never(),
            enter_short: never(),
            exit_short: never(),
            ..Signals::default()
        };
        let script = Script { signals: &[signals], turns: &[(0, 0)], shares: None, start: bars.warmup };
        let outcome = run_signals(bars, &script, &self.setup).map_err(Fault::input)?;
        let Question { strategy, capital, costs, .. } = &self.question;
        let made = Assumptions {
            label: format!("{}: no set was chosen, nothing is traded", strategy.name),
            bars: vec![bars],
            currency: capital.currency,
            costs: *costs,
            fill: FillAt::default(),
            size: "nothing".into(),
            others: Vec::new(),
        };
        Ok(report(&outcome, &made).into())
    }

    /// Returns how many bars of this length the sets look back at most; that grows or shrinks with each parameter.
    pub fn lookback(&self, bars: &BarSeries) -> usize {
        let lookback =
            |place: &[u32]| self.with(&self.space.params(place)).map_or(0, |it| it.rules.lookback_on(bars.timeframe));
        let mut place = vec![0; self.space.axes.len()];
        for (at, axis) in self.space.axes.iter().enumerate() {
            let last = u32::try_from(axis.values.len().saturating_sub(1)).unwrap_or(u32::MAX);
            let mut other = place.clone();
            other.iter_mut().skip(at).take(1).for_each(|it| *it = last);
            if lookback(&other) > lookback(&place) {
                place = other;
            }
        }
        lookback(&place)
    }
}
