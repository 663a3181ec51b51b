//! The metrics of a report: one table, from which fields, schema, JSON, conventions and the manual follow.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::{market::metrics::Basis, value::Duration};

/// In what a metric is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureUnit {
    /// A share of a whole.
    Percent,
    /// A plain number.
    Number,
}

/// What metrics that are found together are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureGroup {
    /// Growth, risk, and the one for the other.
    Performance,
    /// The tails and the shape of returns.
    Distribution,
    /// How far and how long equity stood below its highest.
    Drawdown,
    /// Days, months and years.
    Calendar,
    /// Closed trades.
    Trades,
    /// What was traded, merely held.
    Benchmark,
}

/// Which of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The greater.
    More,
    /// The lesser.
    Less,
}

/// A metric of a report: how it is called, what it says and how it is found.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// With which others it is found.
    pub group: MeasureGroup,
    /// In what it is told.
    pub unit: MeasureUnit,
    /// Which of two values a search prefers; none where it merely describes, and is nothing to search for.
    pub better: Option<Better>,
    /// What it says.
    pub doc: &'static str,
    /// How it is computed: r the returns of periods, E equity, A periods a year, rf the risk-free return, b the benchmark's.
    pub formula: &'static str,
    /// What else has to be said to compute the same; `{A}`, `{rf}`, `{target}` and `{benchmark}` are a report's own.
    convention: &'static str,
    /// Who described it, where it is not common knowledge.
    pub source: Option<&'static str>,
}

/// What the benchmark of a report is.
pub(super) const HELD: &str =
    "the traded symbols in equal parts, bought at the first close and held, at closes, without costs";

use Better::{Less, More};
use MeasureGroup::{Benchmark, Calendar, Distribution, Drawdown, Performance, Trades};
use MeasureUnit::{Number, Percent as Share};

impl MeasureGroup {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [Performance, Distribution, Drawdown, Calendar, Trades, Benchmark];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Performance => "performance",
            Distribution => "distribution",
            Drawdown => "drawdown",
            Calendar => "calendar",
            Trades => "trades",
            Benchmark => "benchmark",
        }
    }

    const fn measure(
        self,
        name: &'static str,
        unit: MeasureUnit,
        better: Option<Better>,
        doc: &'static str,
    ) -> Measure {
        Measure { name, group: self, unit, better, doc, formula: "", convention: "", source: None }
    }
}

pub(super) const SHARPE: Measure = Performance
    .measure("sharpe", Number, Some(More), "Mean return over its standard deviation, a year.")
    .by("mean(r − rf) / sd(r) · √A", "ddof 1, risk-free {rf} a period, {A} periods a year")
    .after("Sharpe (1994)");

/// Every metric of a report, in the order in which it is shown.
pub const MEASURES: &[Measure] = &[
    Performance
        .measure("total_return", Share, Some(More), "Final equity over capital, less 1.")
        .by("E[N] / E[0] − 1", "the capital is the first value"),
    Performance
        .measure("cagr", Share, Some(More), "Compound growth a year.")
        .by("(E[N] / E[0])^(A/N) − 1", "N periods, {A} a year"),
    Performance
        .measure("volatility", Share, Some(Less), "Standard deviation of the returns, a year.")
        .by("sd(r) · √A", "ddof 1, {A} periods a year"),
    Performance
        .measure("downside_deviation", Share, Some(Less), "How far returns fell below the target, a year.")
        .by("√mean(min(r − target, 0)²) · √A", "over all periods, target {target} a period, {A} periods a year")
        .after("Sortino and Price (1994)"),
    SHARPE,
    Performance
        .measure("sortino", Number, Some(More), "Mean return over the downside deviation, a year.")
        .by(
            "mean(r − target) / √mean(min(r − target, 0)²) · √A",
            "downside over all periods, target {target} a period, {A} periods a year",
        )
        .after("Sortino and Price (1994)"),
    Performance
        .measure(
            "max_drawdown",
            Share,
            Some(More),
            "The furthest that equity fell below its highest so far: a negative share.",
        )
        .by("min(E[t] / max(E[..t]) − 1)", "at closes"),
    Performance
        .measure("calmar", Number, Some(More), "`cagr` over the size of `max_drawdown`.")
        .by("cagr / −max_drawdown", "over the whole period, {A} periods a year")
        .after("Young (1991)"),
    Performance
        .measure("omega", Number, Some(More), "Gains over losses of the returns.")
        .by("Σ max(r − target, 0) / Σ max(target − r, 0)", "target {target} a period")
        .after("Keating and Shadwick (2002)"),
    Performance
        .measure("gain_to_pain", Number, Some(More), "All returns over the size of the negative ones.")
        .by("Σ r / Σ max(−r, 0)", "returns of periods, not of months")
        .after("Schwager (2012)"),
    Distribution
        .measure("var_95", Share, Some(More), "Value at risk: the 5th percentile of the returns, a negative share.")
        .by("5th percentile of r", "historical, interpolated between returns"),
    Distribution
        .measure("cvar_95", Share, Some(More), "The mean of the worst twentieth of the returns, a negative share.")
        .by("mean of the ⌊(N − 1)/20⌋ + 1 least r", "historical"),
    Distribution
        .measure("var_normal_95", Share, None, "Value at risk if returns were normal, a negative share.")
        .by("mean(r) − 1.645 · sd(r)", "ddof 1, the quantile of the normal distribution in full"),
    Distribution
        .measure("tail_ratio", Number, Some(More), "The 95th percentile of the returns over the size of the 5th.")
        .by("p95(r) / −p5(r)", "interpolated percentiles"),
    Distribution
        .measure("common_sense_ratio", Number, None, "`tail_ratio` times gains over losses.")
        .by("tail_ratio · Σ max(r, 0) / Σ max(−r, 0)", "returns of periods"),
    Distribution
        .measure("skew", Number, None, "Whether great returns are rather gains (above 0) or losses.")
        .by("√(N(N − 1)) / (N − 2) · m3 / m2^1.5", "of a sample: adjusted for N"),
    Distribution.measure("kurtosis", Number, None, "How fat the tails are: 0 for normal returns.").by(
        "(N − 1) / ((N − 2)(N − 3)) · ((N + 1) m4 / m2² − 3(N − 1))",
        "excess over the normal, of a sample: adjusted for N",
    ),
    Distribution
        .measure("autocorrelation", Number, None, "How much a return says about the next.")
        .by("Σ (r[t] − m)(r[t−1] − m) / Σ (r − m)²", "lag 1, m the mean of all"),
    Distribution
        .measure("positive_bars", Share, None, "The share of bars with a gain among those that moved.")
        .by("#(r > 0) / #(r ≠ 0)", "bars without a change left out"),
    Distribution
        .measure("probabilistic_sharpe", Share, Some(More), "The probability that the true Sharpe ratio is above 0.")
        .by(
            "Φ(S √(N − 1) / √(1 − g S + (k − 1) S² / 4))",
            "S a period with ddof 1, g skewness and k kurtosis with ddof 0, risk-free {rf} a period",
        )
        .after("Bailey and López de Prado (2012)"),
    Distribution
        .measure("stability", Number, Some(More), "How straight the line of log equity is, from 0 to 1.")
        .by("R² of log E[t] on t", "least squares; the capital before the first period left out"),
    Drawdown
        .measure("average_drawdown", Share, None, "The mean depth of the drawdowns, a negative share.")
        .by("mean of each drawdown's deepest", "a drawdown lasts from a high until it is reached again"),
    Drawdown
        .measure("longest_drawdown", Number, None, "The bars of the longest drawdown.")
        .by("max bars from high to recovery", "one that goes on counts to the last bar"),
    Drawdown
        .measure("longest_drawdown_days", Number, None, "The days of the longest drawdown.")
        .by("max days from high to recovery", "calendar days; one that goes on counts to the last bar"),
    Drawdown
        .measure("average_drawdown_days", Number, None, "The mean days of a drawdown.")
        .by("mean days from high to recovery", "calendar days; one that goes on counts to the last bar"),
    Drawdown
        .measure("time_under_water", Share, None, "The share of bars below the highest equity so far.")
        .by("#(E[t] < max(E[..t])) / N", "at closes"),
    Drawdown
        .measure("ulcer_index", Share, Some(Less), "How deep and how long equity was below its highest.")
        .by("√(Σ d² / (N − 1))", "d the drawdown at each close")
        .after("Martin (1987)"),
    Drawdown
        .measure("martin_ratio", Number, Some(More), "Growth a year over `ulcer_index`.")
        .by("(cagr − rf) / ulcer_index", "{A} periods a year, risk-free {rf} a period")
        .after("Martin (1987)"),
    Drawdown
        .measure("pain_index", Share, None, "The mean drawdown at all closes.")
        .by("mean(−d)", "closes at the highest count as 0")
        .after("Zephyr Associates (2006)"),
    Drawdown
        .measure("pain_ratio", Number, None, "Growth a year over `pain_index`.")
        .by("(cagr − rf) / pain_index", "{A} periods a year, risk-free {rf} a period")
        .after("Zephyr Associates (2006)"),
    Drawdown
        .measure("recovery_factor", Number, Some(More), "`total_return` over the size of `max_drawdown`.")
        .by("total_return / −max_drawdown", "compound return"),
    Drawdown
        .measure("sterling", Number, None, "Growth a year over the mean of the deepest drawdowns.")
        .by(
            "(cagr − rf) / −mean(5 deepest drawdowns)",
            "all where there are fewer than 5; without the 10 points of the original; {A} periods a year",
        )
        .after("Bacon (2008)"),
    Drawdown
        .measure("burke", Number, None, "Growth a year over the root of the squares of the deepest drawdowns.")
        .by("(cagr − rf) / √Σ (5 deepest drawdowns)²", "all where there are fewer than 5; {A} periods a year")
        .after("Burke (1994)"),
    Calendar
        .measure("best_day", Share, None, "The best day.")
        .by("max over days of last / previous last − 1", "days of UTC with a bar"),
    Calendar.measure("worst_day", Share, None, "The worst day.").by("min over days", "days of UTC with a bar"),
    Calendar
        .measure("best_month", Share, None, "The best month.")
        .by("max over months", "begun ones count as they are"),
    Calendar
        .measure("worst_month", Share, None, "The worst month.")
        .by("min over months", "begun ones count as they are"),
    Calendar.measure("best_year", Share, None, "The best year.").by("max over years", "begun ones count as they are"),
    Calendar.measure("worst_year", Share, None, "The worst year.").by("min over years", "begun ones count as they are"),
    Calendar
        .measure("positive_months", Share, None, "The share of months that earned something.")
        .by("#(month > 0) / #months", "begun ones count as they are"),
    Trades
        .measure("closed_trades", Number, None, "How many trades were closed.")
        .by("#trades", "a part of a position that is closed is one"),
    Trades
        .measure("win_rate", Share, Some(More), "The share of closed trades that won, after costs.")
        .by("#(pnl > 0) / #trades", "commissions deducted"),
    Trades
        .measure("profit_factor", Number, Some(More), "What closed trades won over what they lost, after costs.")
        .by("Σ max(pnl, 0) / Σ max(−pnl, 0)", "commissions deducted"),
    Trades
        .measure("payoff_ratio", Number, Some(More), "The mean win over the mean loss, after costs.")
        .by("average_win / −average_loss", "commissions deducted"),
    Trades
        .measure(
            "expectancy",
            Number,
            Some(More),
            "The mean profit of a closed trade in the currency of the account, after costs.",
        )
        .by("mean(pnl)", "commissions deducted"),
    Trades
        .measure("average_trade", Share, Some(More), "The mean return of a closed trade, after costs.")
        .by("mean(pnl / cost)", "each trade counts the same"),
    Trades
        .measure("average_win", Number, None, "The mean profit of a trade that won, in the currency of the account.")
        .by("mean of pnl > 0", "commissions deducted"),
    Trades
        .measure("average_loss", Number, None, "The mean loss of a trade that lost, in the currency of the account.")
        .by("mean of pnl < 0", "commissions deducted"),
    Trades
        .measure("largest_win", Number, None, "The greatest profit of a trade, in the currency of the account.")
        .by("max(pnl)", "commissions deducted"),
    Trades
        .measure("largest_loss", Number, None, "The greatest loss of a trade, in the currency of the account.")
        .by("min(pnl)", "commissions deducted"),
    Trades
        .measure("winning_streak", Number, None, "The most trades in a row that won.")
        .by("longest run of pnl > 0", "by time of exit"),
    Trades
        .measure("losing_streak", Number, None, "The most trades in a row that lost.")
        .by("longest run of pnl < 0", "by time of exit"),
    Trades
        .measure("kelly", Share, None, "The share of capital that a bet of such trades is worth.")
        .by("win_rate − (1 − win_rate) / payoff_ratio", "of closed trades")
        .after("Kelly (1956)"),
    Trades
        .measure("sqn", Number, Some(More), "System quality number: how sure the mean trade is above 0.")
        .by("√n · mean(pnl) / sd(pnl)", "ddof 1, all trades")
        .after("Tharp (2008)"),
    Trades
        .measure("average_bars", Number, Some(More), "The mean number of bars of a closed trade.")
        .by("mean(bars)", "from the bar of entry to that of exit"),
    Trades
        .measure("average_days", Number, None, "The mean number of days of a closed trade.")
        .by("mean(exit − entry)", "calendar days"),
    Trades
        .measure("trades_per_year", Number, None, "Closed trades a year.")
        .by("#trades / (N / A)", "{A} periods a year"),
    Trades
        .measure("exposure", Share, Some(More), "The share of bars at whose close something was held.")
        .by("#(bars with a position) / #bars", "time in the market, whatever the size"),
    Trades
        .measure("turnover", Number, Some(Less), "What was bought and sold over the mean equity, in all.")
        .by("Σ |notional of fills| / mean(E)", "over the whole period"),
    Benchmark
        .measure("benchmark_return", Share, None, "What the traded symbols gave, merely held.")
        .by("B[N] / B[0] − 1", "{benchmark}"),
    Benchmark
        .measure("excess_return", Share, Some(More), "Growth a year above that of the benchmark.")
        .by("cagr − cagr of the benchmark", "{A} periods a year"),
    Benchmark
        .measure("alpha", Share, Some(More), "The return a year that `beta` does not explain.")
        .by("(1 + mean(r − rf − beta (b − rf)))^A − 1", "compounded, risk-free {rf} a period, {A} periods a year")
        .after("Jensen (1968)"),
    Benchmark
        .measure("beta", Number, None, "How much equity moves with the benchmark.")
        .by("cov(r, b) / var(b)", "returns of periods")
        .after("Sharpe (1964)"),
    Benchmark
        .measure("correlation", Number, None, "How closely equity moves with the benchmark, from −1 to 1.")
        .by("cov(r, b) / (sd(r) sd(b))", "Pearson, returns of periods"),
    Benchmark
        .measure("r_squared", Number, None, "The share of the variance that the benchmark explains.")
        .by("correlation²", "returns of periods"),
    Benchmark
        .measure("tracking_error", Share, None, "How far returns stray from the benchmark's, a year.")
        .by("sd(r − b) · √A", "ddof 1, {A} periods a year"),
    Benchmark
        .measure("information_ratio", Number, Some(More), "Return above the benchmark over `tracking_error`.")
        .by("mean(r − b) / sd(r − b) · √A", "ddof 1, {A} periods a year")
        .after("Grinold and Kahn (1995)"),
    Benchmark
        .measure("treynor", Number, None, "Growth a year over `beta`.")
        .by("(cagr − rf) / beta", "risk-free {rf} a period, {A} periods a year")
        .after("Treynor (1965)"),
    Benchmark
        .measure("up_capture", Number, None, "What share of the benchmark's gains it had: 1 is all.")
        .by("annual growth over periods with b > 0, over the benchmark's", "geometric, {A} periods a year"),
    Benchmark
        .measure("down_capture", Number, None, "What share of the benchmark's losses it had: 1 is all.")
        .by("annual growth over periods with b < 0, over the benchmark's", "geometric, {A} periods a year"),
];

impl Measure {
    const fn by(self, formula: &'static str, convention: &'static str) -> Self {
        Self { formula, convention, ..self }
    }

    const fn after(self, source: &'static str) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Returns what else has to be said to compute the same, on this basis.
    pub fn convention(&self, basis: &Basis) -> String {
        self.convention
            .replace("{A}", &basis.periods.to_string())
            .replace("{rf}", &basis.risk_free.to_string())
            .replace("{target}", &basis.target.to_string())
            .replace("{benchmark}", HELD)
    }

    /// Returns what its field is in the schema of a report.
    pub(super) fn schema(&self) -> Json {
        match self.unit {
            Share => json!({ "description": self.doc, "anyOf": [{ "x-unit": "Percent" }, { "type": "null" }] }),
            Number => json!({ "description": self.doc, "type": ["number", "null"] }),
        }
    }
}

/// Returns the manual of all metrics, as `docs/metrics.md` has it.
pub fn measures_page() -> String {
    let mut page = String::from(MANUAL);
    let basis = Basis::of(Duration::DAY);
    for group in MeasureGroup::ALL {
        let name = group.name();
        let title = name.get(..1).unwrap_or_default().to_uppercase() + name.get(1..).unwrap_or_default();
        let _ = write!(page, "\n## {title}\n\n| metric | says | formula | convention | better | source |\n");
        page += "|---|---|---|---|---|---|\n";
        for it in MEASURES.iter().filter(|it| it.group == group) {
            let cells = [it.doc, it.formula, &it.convention(&basis)].map(|it| it.replace('|', "\\|"));
            let [doc, formula, convention] = cells;
            let better = it.better.map_or("–", |it| if it == Less { "less" } else { "more" });
            let source = it.source.unwrap_or("–");
            let _ = writeln!(page, "| `{}` | {doc} | {formula} | {convention} | {better} | {source} |", it.name);
        }
    }
    page
}

/// How the manual of the metrics begins.
const MANUAL: &str = "# Metrics

What a backtest's report says of its result. Every metric is a field of the report, so that `report.sharpe` is a number in
an expression and `objective: \"sharpe\"` what a search looks for. Where one is undefined it is none, and JSON says why:
`{\"value\": null, \"reason\": \"there is no drawdown\"}`. The conventions here are those of daily bars; a report has its own.

E is equity at closes, its first value the capital; r[t] = E[t] / E[t−1] − 1 the return of a period (a bar), N of them; A
the periods a year (252 days of 6.5 hours; weeks 52, months 12); rf the risk-free return of a period, 0; target the least
acceptable one, 0; d the drawdown at a close; m2, m3, m4 central moments with ddof 0; sd the standard deviation with ddof
1; b the returns of the benchmark: the traded symbols in equal parts, bought at the first close and held, without costs.

\"Better\" says which of two values a search prefers; what merely describes is no objective.

Where other programs differ: QuantStats agrees in growth a year, volatility, Sharpe, Sortino and Calmar ratio, but takes the
whole return for the Martin and the Treynor ratio where these tables take the one a year, and the sum of the returns for the
recovery factor where they take the compound one. backtesting.py annualises by the geometric mean, so its Sharpe ratio is
another, and its profit factor is of returns where this one is of profits. empyrical's excess Sharpe ratio is the information
ratio before it is annualised. `tests/golden/make_metrics.py` computes what all agree on, and names what they do not.
";
