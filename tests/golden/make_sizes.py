# /// script
# dependencies = ["scikit-learn==1.9.*", "scipy", "PyPortfolioOpt==1.6.*", "TA-Lib==0.8.*", "packaging", "pandas", "numpy", "pyarrow"]
# ///
"""Writes sizes.json: positions and weights on the bundled prices, found with other programs.

`uv run tests/golden/make_sizes.py`, from the root of the repository. Average true ranges are TA-Lib's, shrunk covariances
scikit-learn's, the weights of least variance PyPortfolioOpt's, those of equal risk the minimum that SciPy finds of the convex
function that has it there. What is left are formulas, computed here anew with NumPy.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import talib
from pypfopt import EfficientFrontier
from scipy.optimize import minimize
from sklearn.covariance import LedoitWolf

HERE = Path(__file__).parent
TABLE = pd.read_parquet(HERE.parent.parent / "data" / "stocks.parquet")
SYMBOLS = ["AAPL", "IBM", "MSFT"]
YEAR = 252
LOOKBACK = 63


def bars(symbol):
    """Returns the bars as wf reads them: every price by the factor of the adjusted close, which adjusts to the last day."""
    rows = TABLE[TABLE.symbol == symbol].set_index("date")
    factor = (rows.adj_close / rows.close.astype(float)).to_numpy()
    return pd.DataFrame({name: rows[name].astype(float) * factor for name in ("open", "high", "low", "close")})


def sizes(symbol):
    """Returns the share of equity of each method at some days, by bars up to each of them."""
    it = bars(symbol)
    returns = it.close.pct_change()
    days = it.index[[100, 777, 1500, 2222, 3000, len(it) - 1]]
    sigma = returns.rolling(20).std(ddof=1) * np.sqrt(YEAR)
    stop = 2.5 * talib.ATR(it.high.to_numpy(), it.low.to_numpy(), it.close.to_numpy(), 20) / it.close
    at = lambda values: [float(values.loc[day]) for day in days]
    return {
        "days": [str(day)[:10] for day in days],
        "volatility_target": at((0.10 / sigma).clip(upper=1.0)),
        "fixed_risk": at((0.01 / stop).clip(upper=1.0)),
        # Of 250,000 at the last close, in lots of ten.
        "lots_of_ten": int(250_000 * min(0.10 / sigma.iloc[-1], 1.0) / it.close.iloc[-1] // 10 * 10),
    }


def kelly():
    """Returns the shares of a binary bet at which the mean logarithm of wealth is greatest, found by search."""
    found = []
    for p, payoff in [(0.5, 1.0), (0.55, 1.0), (0.6, 2.0), (0.5, 2.0), (0.3, 2.0), (0.9, 0.5), (1 / 3, 2.0), (0.8, 0.2)]:
        growth = lambda f: -(p * np.log1p(f * payoff) + (1 - p) * np.log1p(-f))
        best = minimize(lambda f: growth(f[0]), [0.1], bounds=[(0, 0.999999)], tol=1e-14, method="L-BFGS-B").x[0]
        found.append([p, payoff, float(best)])
    return found


def equal_risk(covariance):
    """Returns the weights of equal risk: the minimum of x'Sx/2 - sum(ln x)/n, scaled to 1 (Maillard, Roncalli, Teiletche)."""
    n = len(covariance)
    scaled = covariance / np.mean(np.diag(covariance))
    value = lambda x: x @ scaled @ x / 2 - np.log(x).sum() / n
    slope = lambda x: scaled @ x - 1 / (n * x)
    x = minimize(value, np.ones(n), jac=slope, bounds=[(1e-9, None)] * n, method="L-BFGS-B", tol=1e-16).x
    for _ in range(50):
        x = x - np.linalg.solve(scaled + np.diag(1 / (n * x * x)), slope(x))
    return x / x.sum()


def least_variance(covariance):
    frontier = EfficientFrontier(None, covariance * YEAR, weight_bounds=(0, 1), solver="CLARABEL",
                                 solver_options={"tol_gap_abs": 1e-14, "tol_gap_rel": 1e-14, "tol_feas": 1e-14})
    frontier.min_volatility()
    return frontier.weights


def scaled(weights):
    total = weights.sum()
    return (weights / total if total > 0 else weights * 0).tolist()


def portfolio():
    """Returns the weights of each method at the first trading days of some months, and what each adds to the variance."""
    closes = pd.DataFrame({it: bars(it).close for it in SYMBOLS})
    logs = np.log(closes).diff()
    dates = pd.DatetimeIndex(closes.index)
    starts = [at for at in range(LOOKBACK + 1, len(dates)) if dates[at].month != dates[at - 1].month]
    found = []
    for at in starts[5::13]:
        window = logs.iloc[at - LOOKBACK + 1 : at + 1].to_numpy()
        fit = LedoitWolf().fit(window)
        covariance, sigma = fit.covariance_, window.std(axis=0)
        shares = lambda w: (w * (covariance @ w) / (w @ covariance @ w)).tolist()
        parity, least = equal_risk(covariance), least_variance(covariance)
        found.append({
            "day": str(dates[at])[:10],
            "shrinkage": float(fit.shrinkage_),
            "equal": scaled(np.ones(3)),
            "inverse_volatility": scaled(1 / sigma),
            "risk_parity": scaled(parity),
            "minimum_variance": scaled(least),
            "momentum": scaled(np.maximum(window.sum(axis=0) / sigma, 0)),
            "risk_of_equal": shares(np.ones(3) / 3),
            "risk_of_parity": shares(parity),
        })
    return found


if __name__ == "__main__":
    result = {"symbols": SYMBOLS, "sizing": {it: sizes(it) for it in ("AAPL", "IBM")}, "kelly": kelly(), "portfolio": portfolio()}
    (HERE / "sizes.json").write_text(json.dumps(result, indent=1) + "\n")
