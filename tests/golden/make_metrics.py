# /// script
# dependencies = ["empyrical-reloaded==0.7.1", "quantstats==0.0.86", "backtesting==0.6.6", "scipy", "pandas", "numpy", "pyarrow"]
# ///
"""Writes metrics.json: what other programs say of the bundled prices and of a made-up series.

`uv run tests/golden/make_metrics.py`, from the root of the repository. A figure is named after the metric of wf that must equal
it to 1e-9. Where programs mean different things by one name, `differs` holds what the others say and why; wf need not agree
with it. Figures that no program has in wf's convention are computed here anew, from their formula, with NumPy alone.
"""

import json
import warnings
from pathlib import Path

import empyrical
import numpy as np
import pandas as pd
import quantstats.stats as qs
from backtesting._stats import compute_drawdown_duration_peaks, compute_stats
from scipy import stats

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
YEAR = 252


def prices(symbol):
    table = pd.read_parquet(HERE.parent.parent / "data" / "stocks.parquet")
    rows = table[table.symbol == symbol]
    return pd.Series(rows.adj_close.to_numpy(), index=pd.DatetimeIndex(rows.date))


def made_up():
    """Returns a curve that any language computes alike: waves of sines on a slope, on weekdays."""
    at = np.arange(600)
    returns = 0.0004 + 0.012 * np.sin(at * 1.7) * np.cos(at * 0.13) + 0.006 * np.sin(at * at * 0.01)
    return pd.Series(100 * np.cumprod(1 + returns), index=pd.bdate_range("2015-01-01", periods=600))


def of_curve(curve, periods=YEAR):
    returns = (curve / curve.shift(1) - 1).iloc[1:]
    r = returns.to_numpy()
    n = len(r)
    drawdown = curve / curve.cummax() - 1
    cagr = empyrical.annual_return(returns, annualization=periods)
    sharpe = empyrical.sharpe_ratio(returns, annualization=periods)
    # A drawdown lasts from a high until it is reached again, or to the last bar.
    d = drawdown.to_numpy()
    highs = [int(it) for it in np.flatnonzero(d == 0)]
    spans = [(a, b) for a, b in zip(highs, [*highs[1:], n]) if d[a : b + 1].min() < 0]
    depths = np.sort([d[a : b + 1].min() for a, b in spans])
    days = np.array([(curve.index[b] - curve.index[a]) / pd.Timedelta(days=1) for a, b in spans])
    bars = max(b - a for a, b in spans)
    its_days, its_depths = compute_drawdown_duration_peaks(-drawdown)
    worst = depths[:5]
    # Of one observation, with the moments of the whole population: Bailey and Lopez de Prado (2012).
    one = sharpe / np.sqrt(periods)
    error = np.sqrt(1 - stats.skew(r) * one + (stats.kurtosis(r, fisher=False) - 1) / 4 * one**2)
    month = curve.resample("ME").last().dropna()
    year = curve.resample("YE").last().dropna()
    months = (month / month.shift(1).fillna(curve.iloc[0])) - 1
    years = (year / year.shift(1).fillna(curve.iloc[0])) - 1
    found = {
        "total_return": empyrical.cum_returns_final(returns),
        "cagr": cagr,
        "volatility": empyrical.annual_volatility(returns, annualization=periods),
        "downside_deviation": empyrical.downside_risk(returns, annualization=periods),
        "sharpe": sharpe,
        "sortino": empyrical.sortino_ratio(returns, annualization=periods),
        "max_drawdown": empyrical.max_drawdown(returns),
        "calmar": empyrical.calmar_ratio(returns, annualization=periods),
        "omega": empyrical.omega_ratio(returns),
        "gain_to_pain": qs.gain_to_pain_ratio(returns),
        "var_95": empyrical.value_at_risk(returns, 0.05),
        "cvar_95": empyrical.conditional_value_at_risk(returns, 0.05),
        "var_normal_95": qs.value_at_risk(returns),
        "tail_ratio": empyrical.tail_ratio(returns),
        "common_sense_ratio": qs.common_sense_ratio(returns),
        "skew": qs.skew(returns),
        "kurtosis": qs.kurtosis(returns),
        "autocorrelation": float(np.sum((r[1:] - r.mean()) * (r[:-1] - r.mean())) / np.sum((r - r.mean()) ** 2)),
        "positive_bars": qs.win_rate(returns),
        "probabilistic_sharpe": float(stats.norm.cdf(one * np.sqrt(n - 1) / error)),
        "stability": empyrical.stability_of_timeseries(returns),
        "average_drawdown": float(depths.mean()),
        "longest_drawdown": float(bars),
        "longest_drawdown_days": float(days.max()),
        "average_drawdown_days": float(days.mean()),
        "time_under_water": float(np.sum(d < 0) / n),
        "ulcer_index": qs.ulcer_index(returns),
        "martin_ratio": cagr / qs.ulcer_index(returns),
        "pain_index": float(-d.sum() / n),
        "pain_ratio": cagr / float(-d.sum() / n),
        "recovery_factor": empyrical.cum_returns_final(returns) / -empyrical.max_drawdown(returns),
        "sterling": cagr / -worst.mean(),
        "burke": cagr / np.sqrt(np.sum(worst**2)),
        "best_day": qs.best(returns),
        "worst_day": qs.worst(returns),
        "best_month": months.max(),
        "worst_month": months.min(),
        "best_year": years.max(),
        "worst_year": years.min(),
        "positive_months": float((months > 0).mean()),
    }
    differs = {
        "backtesting.Avg. Drawdown": [
            float(-its_depths.mean()), "the same, but for one that began with the last bar, which it leaves out"],
        "backtesting.Avg. Drawdown Duration": [float((its_days / pd.Timedelta(days=1)).mean()), "likewise"],
        "quantstats.cvar": [qs.cvar(returns), "the mean of all below the normal value at risk, not of the worst twentieth"],
        "quantstats.ulcer_performance_index": [
            qs.ulcer_performance_index(returns), "the whole return over the ulcer index, not the return a year"],
        "quantstats.recovery_factor": [qs.recovery_factor(returns), "the sum of the returns, not the compound one"],
        "quantstats.probabilistic_sharpe_ratio": [
            qs.probabilistic_sharpe_ratio(returns, rf=0.0), "excess kurtosis of a sample in place of that of the population"],
        "quantstats.autocorr_penalty": [qs.autocorr_penalty(returns), "another figure, from the correlation with the next"],
    }
    return returns, found, differs


def beside(returns, benchmark):
    excess = returns - benchmark
    cagr, its = empyrical.annual_return(returns), empyrical.annual_return(benchmark)
    beta = empyrical.beta(returns, benchmark)
    correlation = float(np.corrcoef(returns, benchmark)[0, 1])
    found = {
        "benchmark_return": empyrical.cum_returns_final(benchmark),
        "excess_return": cagr - its,
        "alpha": empyrical.alpha(returns, benchmark),
        "beta": beta,
        "correlation": correlation,
        "r_squared": qs.r_squared(returns, benchmark),
        "tracking_error": float(excess.std(ddof=1) * np.sqrt(YEAR)),
        "information_ratio": empyrical.excess_sharpe(returns, benchmark) * np.sqrt(YEAR),
        "treynor": cagr / beta,
        "up_capture": empyrical.up_capture(returns, benchmark),
        "down_capture": empyrical.down_capture(returns, benchmark),
    }
    differs = {
        "quantstats.treynor_ratio": [
            qs.treynor_ratio(returns, benchmark), "the whole return over beta, not the return a year"],
        "quantstats.greeks.alpha": [float(qs.greeks(returns, benchmark)["alpha"]), "a year's worth of alpha, not compounded"],
        "empyrical.excess_sharpe": [empyrical.excess_sharpe(returns, benchmark), "of a period: not annualised"],
    }
    return found, differs


def traded():
    """Trades of round sums, as backtesting.py sees them."""
    pnl = [120.0, -45.5, 30.0, 60.25, -80.0, -12.0, 5.0, 0.0, 44.0, -31.5, 210.0, 18.0]
    entry = [5, 12, 20, 31, 44, 52, 60, 77, 85, 96, 101, 130]
    held = [4, 6, 9, 11, 5, 2, 14, 7, 8, 3, 22, 10]
    curve = made_up().iloc[:200]
    days = curve.index
    table = pd.DataFrame({
        "Size": 1, "EntryBar": entry, "ExitBar": [a + b for a, b in zip(entry, held)], "EntryPrice": 100.0, "ExitPrice": 100.0,
        "PnL": pnl, "Commission": 0.0, "ReturnPct": [it / 1000 for it in pnl], "EntryTime": days[entry],
        "ExitTime": days[[a + b for a, b in zip(entry, held)]], "Tag": None,
    })
    table["Duration"] = table.ExitTime - table.EntryTime
    ohlc = pd.DataFrame({it: curve for it in ["Open", "High", "Low", "Close"]})
    said = compute_stats(table, curve.to_numpy(), ohlc, None, 0.0)
    won, lost = [it for it in pnl if it > 0], [it for it in pnl if it < 0]
    return {
        "trades": [{"pnl": p, "gain": p / 1000, "bars": b, "days": float(d / pd.Timedelta(days=1))}
                   for p, b, d in zip(pnl, held, table.Duration)],
        "bars": 200,
        "exposed": 150,
        "metrics": {
            "closed_trades": float(said["# Trades"]),
            "win_rate": said["Win Rate [%]"] / 100,
            "expectancy": float(np.mean(pnl)),
            "average_trade": float(np.mean(pnl)) / 1000,
            "average_win": float(np.mean(won)),
            "average_loss": float(np.mean(lost)),
            "payoff_ratio": float(np.mean(won) / -np.mean(lost)),
            "largest_win": max(pnl),
            "largest_loss": min(pnl),
            "sqn": said["SQN"],
            "kelly": said["Kelly Criterion"],
            "profit_factor": float(sum(won) / -sum(lost)),
            "average_bars": float(np.mean(held)),
            "average_days": float((table.Duration / pd.Timedelta(days=1)).mean()),
            "winning_streak": 2.0,
            "losing_streak": 2.0,
            "trades_per_year": 12 / (199 / 252),
            "exposure": 0.75,
        },
        "differs": {
            "backtesting.Profit Factor": [said["Profit Factor"], "of the trades' returns, not of their profits"],
            "backtesting.Avg. Trade [%]": [said["Avg. Trade [%]"], "the geometric mean of the trades' returns"],
            "backtesting.Sharpe Ratio": [said["Sharpe Ratio"], "annualises by the geometric mean of daily returns"],
            "backtesting.Expectancy [%]": [said["Expectancy [%]"], "the mean return of a trade in percent"],
        },
    }


def plain(it):
    if isinstance(it, dict):
        return {name: plain(value) for name, value in it.items()}
    if isinstance(it, (list, tuple)):
        return [plain(value) for value in it]
    return it.item() if isinstance(it, np.generic) else it


def main():
    curves = {"AAPL": prices("AAPL"), "IBM": prices("IBM"), "MSFT": prices("MSFT"), "made_up": made_up()}
    cases = {}
    for name, curve in curves.items():
        returns, metrics, differs = of_curve(curve)
        cases[name] = {"values": len(curve), "metrics": metrics, "differs": differs}
        if name in ("AAPL", "MSFT"):
            own, its = returns, of_curve(curves["IBM"])[0]
            found, others = beside(own, its)
            metrics.update(found)
            differs.update(others)
    cases["made_up"]["times"] = [int(it.timestamp()) for it in curves["made_up"].index]
    cases["made_up"]["curve"] = curves["made_up"].tolist()
    year = of_curve(curves["made_up"], 365)[1]
    yearly = {name: year[name] for name in ["sharpe", "sortino", "cagr", "volatility", "calmar"]}
    text = json.dumps(plain({"curves": cases, "of_365_periods": yearly, "trades": traded()}), indent=1)
    (HERE / "metrics.json").write_text(text + "\n")


main()
