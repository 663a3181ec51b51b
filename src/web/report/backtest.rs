//! One backtest, as the page reads it.

use rust_decimal::prelude::ToPrimitive as _;
use serde_json::{Value as Json, json};

use super::series::{POINTS, candles, extremes, number, numbers, times};
use crate::{
    market::{
        BacktestReport, DAY_SECONDS, MEASURES, OpenRecord, SymbolRecord, TradeRecord,
        metrics::{Basis, Span, by, falls, intervals, returns_of, rolling},
    },
    value::{Duration, Money},
};

/// How many points all reports of a page may have together.
const ALL_POINTS: usize = 100_000;
/// How many candles all reports of a page may have together.
const ALL_CANDLES: usize = 40_000;
/// How many trades and events of a report are told.
const ROWS: usize = 10_000;
/// How many trades of all reports are told step by step.
const WALKS: usize = 1_000;
/// How many of the deepest drawdowns are told.
const FALLS: usize = 10;
/// How many returns a rolling figure looks at: half a year of days.
const WINDOW: usize = 126;
/// How many points a rolling figure has at most.
const ROLLING: usize = 1_500;
/// How many returns all resamples of a page may draw together.
const DRAWS: usize = 40_000_000;

/// Returns what the page shows of a report, one of so many.
pub(super) fn figures(label: &str, report: &BacktestReport, basis: usize, of: usize, seed: i64) -> Json {
    let (curve, stamps, bench) = (report.curve(), report.stamps(), report.benchmark());
    let kept = extremes(&curve, (ALL_POINTS / of).clamp(400, POINTS));
    let pick = |values: &[f64]| kept.iter().filter_map(|it| values.get(*it)).copied().collect::<Vec<f64>>();
    let picked: Vec<i64> = kept.iter().filter_map(|it| stamps.get(*it)).copied().collect();
    let (returns, its) = (returns_of(&curve), returns_of(&bench));
    let first = report.times.first().copied().unwrap_or_default();
    let most = (ALL_CANDLES / of / report.traded.len().max(1)).clamp(250, POINTS);
    let time = |it: usize| stamps.get(it);
    let months = by(&stamps, &curve, Span::Month);
    let months: Vec<_> = months.iter().map(|(day, it)| json!([day.year(), day.month(), number(*it)])).collect();
    let years = by(&stamps, &curve, Span::Year).into_iter().zip(by(&stamps, &bench, Span::Year));
    let years: Vec<_> = years.map(|((day, own), (_, its))| json!([day.year(), number(own), number(its)])).collect();
    let mut deepest = falls(&curve);
    deepest.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    let fall = |it: &crate::market::metrics::Fall| {
        let end = it.back.unwrap_or(curve.len().saturating_sub(1));
        let days = stamps.get(end).zip(stamps.get(it.high)).map(|(end, high)| (end - high) / DAY_SECONDS);
        json!([time(it.high), time(it.low), it.back.and_then(time), number(it.depth), end - it.high, days])
    };
    let held = report.holdings();
    // The curve may begin with the capital, at whose time nothing is held yet.
    let ahead = curve.len() - report.times.len();
    let weights = held.weights.iter().map(|it| {
        let at = |place: &usize| place.checked_sub(ahead).and_then(|at| it.get(at)).copied().unwrap_or_default();
        numbers(&kept.iter().map(at).collect::<Vec<f64>>())
    });
    let walks = report.trades.len().min(WALKS / of);
    let timeframe = report.traded.first().map_or(Duration::DAY, |it| it.timeframe);
    json!({
        "label": label,
        "strategy": report.strategy,
        "symbols": report.symbols.iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "timeframe": timeframe.to_string(),
        "currency": report.capital.currency.to_string(),
        "capital": money(&report.capital),
        "final_equity": money(&report.final_equity),
        "fees": money(&report.fees),
        "start": report.start.to_string(),
        "end": report.end.to_string(),
        "bars": report.bars,
        "basis": basis,
        "times": times(&picked),
        "equity": numbers(&pick(&curve)),
        "benchmark": numbers(&pick(&bench)),
        "weights": weights.collect::<Vec<_>>(),
        "symbols_came_to": report.by_symbol().iter().map(symbol).collect::<Vec<_>>(),
        "walks": (0..walks).map(|it| report.walk(it)).collect::<Vec<_>>(),
        "prices": report.traded.iter().map(|it| candles(it, first, most)).collect::<Vec<_>>(),
        "metrics": MEASURES.iter().map(|it| metric(report, it.name)).collect::<Vec<_>>(),
        "months": months,
        "years": years,
        "histogram": histogram(&returns),
        "rolling": windows(&returns, &its, &stamps, &report.basis()),
        "falls": deepest.iter().take(FALLS).map(fall).collect::<Vec<_>>(),
        "all_falls": deepest.len(),
        "intervals": sure(report, &curve, &stamps, of, seed),
        "trades": report.trades.iter().take(ROWS).map(trade).collect::<Vec<_>>(),
        "all_trades": report.trades.len(),
        "open": report.open.iter().map(open).collect::<Vec<_>>(),
        "events": report.events.iter().take(ROWS).map(|it| {
            let symbol = it.instrument.and_then(|it| report.symbols.get(it)).map(|it| it.as_str());
            json!([it.time, symbol, it.what.as_str(), it.message])
        }).collect::<Vec<_>>(),
        "conventions": report.conventions,
        "notes": report.traded.iter().map(|it| json!([it.symbol.as_str(), &*it.notes])).collect::<Vec<_>>(),
    })
}

fn money(it: &Money) -> Json {
    number(it.amount.to_f64().unwrap_or(f64::NAN))
}

/// Returns a metric as a number, or as the reason why it is none.
fn metric(report: &BacktestReport, name: &str) -> Json {
    match report.measured(name).map(|it| it.value) {
        Some(Ok(it)) => number(it.to_f64().unwrap_or(f64::NAN)),
        Some(Err(reason)) => reason.into(),
        None => Json::Null,
    }
}

fn trade(it: &TradeRecord) -> Json {
    json!([
        it.symbol.as_str(),
        it.side,
        it.quantity.to_f64(),
        it.entry_date,
        it.entry_price.to_f64(),
        it.exit_date,
        it.exit_price.to_f64(),
        money(&it.fees),
        money(&it.pnl),
        it.gain.0.to_f64().map(number),
        it.bars,
        it.exit_reason,
    ])
}

fn symbol(it: &SymbolRecord) -> Json {
    let risk = it.risk.and_then(|it| it.0.to_f64()).map(number);
    json!([it.symbol.as_str(), it.trades, money(&it.pnl), money(&it.fees), it.weight.0.to_f64().map(number), risk])
}

/// Returns what is held as a trade without an exit, at the last price.
fn open(it: &OpenRecord) -> Json {
    json!([
        it.symbol.as_str(),
        it.side,
        it.quantity.to_f64(),
        it.entry_date,
        it.entry_price.to_f64(),
        null,
        it.price.to_f64(),
        money(&it.fees),
        money(&it.pnl),
        it.gain.0.to_f64().map(number),
        it.bars,
        "open",
    ])
}

/// Returns how often returns fell where: `{from, width, counts, still}`, the few furthest out counted in the outermost
/// bins. Where most bars did not move, as without a position, they would hide all others: they are `still`.
fn histogram(returns: &[f64]) -> Json {
    let mut sorted: Vec<f64> = returns.iter().copied().filter(|it| it.is_finite() && *it != 0.0).collect();
    let still = returns.len() - sorted.len();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |part: usize| sorted.get(sorted.len().saturating_sub(1) * part / 400).copied().unwrap_or_default();
    let (low, high) = (at(1), at(399));
    let spread = at(300) - at(100);
    let width = (2.0 * spread / (sorted.len() as f64).cbrt()).max((high - low) / 60.0);
    if width.is_nan() || width <= 0.0 {
        return Json::Null;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 61")]
    let count = ((high - low) / width).ceil() as usize + 1;
    let mut counts = vec![0_usize; count];
    for it in &sorted {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is below 0 becomes 0")]
        let place = (((it - low) / width).floor() as usize).min(count - 1);
        counts.iter_mut().skip(place).take(1).for_each(|it| *it += 1);
    }
    json!({ "from": number(low), "width": number(width), "counts": counts, "still": still })
}

fn windows(returns: &[f64], its: &[f64], stamps: &[i64], basis: &Basis) -> Json {
    let window = if returns.len() >= 2 * WINDOW { WINDOW } else { returns.len() / 4 };
    if window < 10 {
        return Json::Null;
    }
    let found = rolling(returns, its, window, basis);
    let step = found.sharpe.len().div_ceil(ROLLING).max(1);
    // The last of every so many, so that the end is there.
    let kept: Vec<usize> = (0..found.sharpe.len()).rev().step_by(step).collect();
    let kept = || kept.iter().rev().copied();
    let of = |values: &[Option<f64>]| -> Json {
        kept().map(|it| values.get(it).copied().flatten().map_or(Json::Null, number)).collect()
    };
    let at: Vec<i64> = kept().filter_map(|it| stamps.get(it + window)).copied().collect();
    let volatility: Vec<f64> = kept().filter_map(|it| found.volatility.get(it)).copied().collect();
    json!({
        "window": window, "times": times(&at),
        "sharpe": of(&found.sharpe), "beta": of(&found.beta), "volatility": numbers(&volatility),
    })
}

/// Returns the intervals of the main metrics; bars shorter than a day are taken together by days.
fn sure(report: &BacktestReport, curve: &[f64], stamps: &[i64], of: usize, seed: i64) -> Json {
    let short = report.traded.first().is_some_and(|it| it.timeframe.0 < Duration::DAY.0);
    let (returns, basis) = if short {
        (by(stamps, curve, Span::Day).into_iter().map(|it| it.1).collect(), Basis::of(Duration::DAY))
    } else {
        (returns_of(curve), report.basis())
    };
    let resamples = (DRAWS / of / returns.len().max(1)).clamp(100, 1_000);
    let found = intervals(&returns, &basis, resamples, seed.cast_unsigned());
    let rows = found.iter().map(|it| json!([it.name, number(it.value), number(it.low), number(it.high)]));
    let what = if short { "days" } else { "returns" };
    json!({ "of": what, "resamples": resamples, "rows": rows.collect::<Vec<_>>() })
}
