# /// script
# requires-python = ">=3.10"
# dependencies = ["TA-Lib==0.8.2", "numpy", "pyarrow"]
# ///
"""Makes series.csv and talib.csv: prices, and what TA-Lib computes on them.

    uv run tests/golden/make_indicators.py
    # or, without uv:
    python -m venv /tmp/v && /tmp/v/bin/pip install TA-Lib==0.8.2 numpy pyarrow
    /tmp/v/bin/python tests/golden/make_indicators.py

`series.csv` has the bars of each series. `talib.csv` has a row for each output of each indicator at each of several settings on
each series: the first bar with a value, then the values. Of most series only some bars are told (the first ten, then every
seventh, and the last), of candlestick patterns those that are not zero, as `bar:value`.
"""

import csv
import math
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import talib
from talib import abstract

HERE = Path(__file__).parent
STOCKS = HERE.parents[1] / "data" / "stocks.parquet"

Series = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def stock(symbol: str, start: int, count: int) -> Series:
    """Returns real prices as traded, a split included."""
    table = pq.read_table(STOCKS)
    table = table.filter(pc.equal(table["symbol"], symbol)).slice(start, count)
    return tuple(np.array([float(it) for it in table[name].to_pylist()]) for name in ("open", "high", "low", "close", "volume"))


def around(rng: np.random.Generator, opens: np.ndarray, closes: np.ndarray) -> Series:
    """Returns bars whose shadows are random."""
    count = len(closes)
    high = np.maximum(opens, closes) * (1 + abs(rng.normal(0, 0.005, count)))
    low = np.minimum(opens, closes) * (1 - abs(rng.normal(0, 0.005, count)))
    volume = rng.integers(1_000, 90_000, count).astype(float)
    return *(np.round(it, 4) for it in (opens, high, low, closes)), volume


def walk(rng: np.random.Generator, count: int) -> Series:
    """Returns a random walk."""
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    opens = np.concatenate([[100], close[:-1]]) * (1 + rng.normal(0, 0.003, count))
    return around(rng, opens, close)


def flat(count: int) -> Series:
    """Returns prices that never move and are no binary fraction."""
    price = np.full(count, 50.1)
    return price, price.copy(), price.copy(), price.copy(), np.full(count, 1_000.0)


def spikes(rng: np.random.Generator, count: int) -> Series:
    """Returns a walk with closes of five times their neighbours, and a stretch where nothing moves."""
    close = 100 + np.cumsum(rng.normal(0, 0.5, count))
    close[rng.integers(0, count, 6)] *= 5
    close[100:140] = close[100]
    return around(rng, np.concatenate([[100], close[:-1]]), close)


def ticks(rng: np.random.Generator, count: int) -> Series:
    """Returns prices on a coarse grid: equal values, bars of no range, bars without volume."""
    close = np.abs(20 + np.cumsum(rng.integers(-2, 3, count)) * 0.25) + 1
    opens = np.concatenate([[20], close[:-1]]) + rng.integers(-1, 2, count) * 0.25
    high = np.maximum(opens, close) + rng.integers(0, 3, count) * 0.25
    low = np.minimum(opens, close) - rng.integers(0, 3, count) * 0.25
    still = rng.random(count) < 0.15
    for it in (opens, high, low):
        it[still] = close[still]
    volume = rng.integers(1_000, 90_000, count).astype(float)
    volume[rng.random(count) < 0.05] = 0
    return opens, high, low, close, volume


# Candles of patterns that chance hardly makes: open, high, low, close, from the close before.
RARE = [
    [(0, 0, -4, -4), (1, 5, 1, 5)],
    [(0, 4, 0, 4), (-1, -1, -5, -5)],
    [(0, 4.25, 0, 4), (5, 5.25, 4.75, 5), (4, 4.25, 0.5, 0.5)],
    [(0, 0, -4.25, -4), (-5, -4.75, -5.25, -5), (-4, -0.5, -4.25, -0.5)],
    [(0, 4, 0, 4), (5.5, 5.5, 4.75, 4.75), (5, 5, 2, 2)],
    [(0, 4, 0, 4), (5, 5, 4.75, 4.75), (5.5, 5.5, 4.5, 4.5)],
    [(0, 2.5, 0, 2), (2, 2, 1, 1), (1.5, 1.5, 0.25, 0.25), (1, 1, -0.5, -0.5)],
    [(3, 3, 2, 2), (2, 2, 1, 1), (1, 1, 0, 0)],
    [(0, 0, -4, -4), (-5, -1.5, -5, -1.5)],
    [(0, 4, 0, 4), (5, 5, 1.5, 1.5)],
]


def candles(rng: np.random.Generator, count: int) -> Series:
    """Returns bars of quarters, among which there are all kinds of candlestick patterns."""
    close = np.abs(20 + np.cumsum(rng.integers(-3, 4, count)) * 0.25) + 15
    opens = close + rng.integers(-4, 5, count) * 0.25 * rng.integers(0, 2, count)
    # Here and there a run of candles of one colour, each from within the one before, and then all of it taken back.
    for at in range(40, count - 60, 60):
        way = 1 if at % 120 else -1
        for step in range(3):
            opens[at + step] = opens[at] + way * step
            close[at + step] = opens[at + step] + way * 1.5
        opens[at + 3] = close[at + 2] + way * 0.5
        close[at + 3] = opens[at] - way
        # A gap, a body beyond it, and an opposite one into the gap.
        opens[at + 30], close[at + 30] = close[at + 29], close[at + 29] + way * 0.5
        opens[at + 31], close[at + 31] = close[at + 30] + way * 2, close[at + 30] + way * 3
        opens[at + 32], close[at + 32] = close[at + 30] + way * 2.5, close[at + 30] + way * 1.5
    high = np.maximum(opens, close) + rng.integers(0, 4, count) * 0.25 * rng.integers(0, 2, count)
    low = np.minimum(opens, close) - rng.integers(0, 4, count) * 0.25 * rng.integers(0, 2, count)
    for at in range(80, count - 60, 60):
        for step, bar in enumerate(RARE[at // 60 % len(RARE)]):
            opens[at + step], high[at + step], low[at + step], close[at + step] = (close[at - 1] + it for it in bar)
    return opens, high, low, close, rng.integers(1_000, 90_000, count).astype(float)


def on(columns: str):
    """Returns what calls a function of TA-Lib with these of the columns o, h, l, c, v."""
    return lambda function: lambda bars, *params: function(*(bars["ohlcv".index(it)] for it in columns), *params)


CLOSE, HL, HLC, HLCV, OHLC, CV, OC = map(on, ("c", "hl", "hlc", "hlcv", "ohlc", "cv", "oc"))


def stoch(bars, fast_k, slow_k, slow_d):
    return talib.STOCH(*bars[1:4], fast_k, slow_k, 0, slow_d, 0)


def macdext(bars, fast, fast_kind, slow, slow_kind, signal, signal_kind):
    return talib.MACDEXT(bars[3], fast, fast_kind, slow, slow_kind, signal, signal_kind)


# Our name: the call, then the settings.
CALLS = {
    **{it: (CLOSE(getattr(talib, it.upper())), (30,), (5,), (1,)) for it in ("sma", "ema", "rma", "wma", "dema", "tema", "trima")},
    "kama": (CLOSE(talib.KAMA), (30,), (5,), (2,)),
    "t3": (CLOSE(talib.T3), (5, 0.7), (3, 0.4)),
    "hma": (CLOSE(talib.HMA), (20,), (9,), (3,)),
    "ma": (CLOSE(talib.MA), *((period, kind) for kind in range(7) for period in (1, 7))),
    "midpoint": (CLOSE(talib.MIDPOINT), (14,), (5,)),
    "midprice": (HL(talib.MIDPRICE), (14,), (5,)),
    **{it: (CLOSE(getattr(talib, it.upper())), (10,), (1,), (3,)) for it in ("mom", "roc", "rocp", "rocr", "rocr100")},
    "rsi": (CLOSE(talib.RSI), (14,), (2,), (7,)),
    "cmo": (CLOSE(talib.CMO), (14,), (2,), (7,)),
    "macd": (CLOSE(talib.MACD), (12, 26, 9), (5, 9, 3), (26, 12, 9), (3, 10, 1)),
    "macdfix": (CLOSE(talib.MACDFIX), (9,), (4,)),
    "macdext": (macdext, (12, 0, 26, 0, 9, 0), (5, 1, 12, 2, 4, 0), (12, 3, 7, 1, 5, 6), (5, 4, 9, 5, 3, 1)),
    "apo": (CLOSE(talib.APO), (12, 26, 1), (9, 3, 0), (4, 9, 3)),
    "ppo": (CLOSE(talib.PPO), (12, 26, 1), (9, 3, 0), (4, 9, 4)),
    "trix": (CLOSE(talib.TRIX), (30,), (5,), (1,)),
    "stoch": (stoch, (14, 3, 3), (5, 3, 3), (5, 1, 4)),
    "stochf": (lambda bars, k, d: talib.STOCHF(*bars[1:4], k, d, 0), (5, 3), (14, 1)),
    "stochrsi": (lambda bars, period, k, d: talib.STOCHRSI(bars[3], period, k, d, 0), (14, 5, 3), (5, 7, 2)),
    "willr": (HLC(talib.WILLR), (14,), (5,)),
    "cci": (HLC(talib.CCI), (14,), (5,)),
    "aroon": (HL(talib.AROON), (14,), (5,)),
    "aroonosc": (HL(talib.AROONOSC), (14,), (5,)),
    "ultosc": (HLC(talib.ULTOSC), (7, 14, 28), (3, 9, 5)),
    "bop": (OHLC(talib.BOP), ()),
    "imi": (OC(talib.IMI), (14,), (5,)),
    "ao": (HL(talib.AO), (5, 34), (3, 8)),
    "adx": (HLC(talib.ADX), (14,), (5,), (2,)),
    "adxr": (HLC(talib.ADXR), (14,), (5,)),
    "dx": (HLC(talib.DX), (14,), (5,)),
    "plus_di": (HLC(talib.PLUS_DI), (14,), (5,), (2,)),
    "minus_di": (HLC(talib.MINUS_DI), (14,), (5,), (2,)),
    "plus_dm": (HL(talib.PLUS_DM), (14,), (2,), (1,)),
    "minus_dm": (HL(talib.MINUS_DM), (14,), (2,), (1,)),
    "sar": (HL(talib.SAR), (0.02, 0.2), (0.05, 0.3)),
    "vortex": (HLC(talib.VORTEX), (14,), (5,)),
    "trange": (HLC(talib.TRANGE), ()),
    "atr": (HLC(talib.ATR), (14,), (5,), (1,)),
    "natr": (HLC(talib.NATR), (14,), (5,)),
    "adr": (HL(talib.ADR), (14,), (5,)),
    "obv": (CV(talib.OBV), ()),
    "ad": (HLCV(talib.AD), ()),
    "adosc": (HLCV(talib.ADOSC), (3, 10), (10, 4)),
    "cmf": (HLCV(talib.CMF), (20,), (5,)),
    "mfi": (HLCV(talib.MFI), (14,), (5,)),
    "vwap": (HLCV(talib.VWAP), ()),
    "vwma": (CV(talib.VWMA), (30,), (5,)),
    "efi": (CV(talib.EFI), (13,), (4,)),
    "avgprice": (OHLC(talib.AVGPRICE), ()),
    "medprice": (HL(talib.MEDPRICE), ()),
    "typprice": (HLC(talib.TYPPRICE), ()),
    "wclprice": (HLC(talib.WCLPRICE), ()),
    "ha": (OHLC(talib.HA), ()),
    "stddev": (CLOSE(talib.STDDEV), (5, 1.0), (20, 2.0)),
    "var": (CLOSE(talib.VAR), (5,), (20,)),
    "avgdev": (CLOSE(talib.AVGDEV), (14,), (5,)),
    **{it: (CLOSE(getattr(talib, it.upper())), (14,), (2,)) for it in ("linearreg", "linearreg_slope", "linearreg_intercept", "linearreg_angle", "tsf")},
    "correl": (HL(talib.CORREL), (30,), (5,)),
    "beta": (HL(talib.BETA), (5,), (20,)),
    "highest": (CLOSE(talib.MAX), (30,), (5,)),
    "lowest": (CLOSE(talib.MIN), (30,), (5,)),
    **{it: (CLOSE(getattr(talib, it.upper())), (30,), (5,)) for it in ("maxindex", "minindex", "minmax", "minmaxindex", "sum")},
    "bbands": (CLOSE(talib.BBANDS), (20, 2.0, 2.0), (5, 1.5, 3.0)),
    "accbands": (HLC(talib.ACCBANDS), (20,), (5,)),
    "donchian": (HL(talib.DONCHIAN), (20,), (5,)),
    "keltner": (HLC(talib.KC), (20, 10, 2.0), (5, 9, 1.0)),
    "supertrend": (HLC(talib.SUPERTREND), (10, 3.0), (5, 1.0)),
}

# TA-Lib's integers have no NaN: these say where their first value is.
WHOLE = {"maxindex": lambda p: p - 1, "minindex": lambda p: p - 1, "minmaxindex": lambda p: p - 1, "supertrend": lambda p, _: p}

PATTERNS = """doji dragonflydoji gravestonedoji longleggeddoji rickshawman takuri hammer hangingman invertedhammer shootingstar
    marubozu closingmarubozu belthold longline shortline spinningtop highwave engulfing harami haramicross dojistar piercing
    darkcloudcover inneck onneck thrusting kicking matchinglow homingpigeon counterattack separatinglines morningstar eveningstar
    morningdojistar eveningdojistar abandonedbaby tristar 3whitesoldiers 3blackcrows identical3crows 3linestrike 3outside 3inside
    2crows upsidegap2crows sticksandwich tasukigap""".split()
PENETRATION = {"darkcloudcover": (0.5, 0.2), **dict.fromkeys(("morningstar", "eveningstar", "morningdojistar", "eveningdojistar", "abandonedbaby"), (0.3, 0.1))}


def outputs(given) -> list[np.ndarray]:
    """Returns the outputs of a call as columns of numbers."""
    return [np.asarray(it, float) for it in (given if isinstance(given, (tuple, list)) else (given,))]


def told(column: np.ndarray, first: int) -> str:
    """Returns the values of the bars that are told."""
    return " ".join(f"{column[at]:.13g}" for at in range(first, len(column)) if at < first + 10 or (at - first) % 7 == 0 or at == len(column) - 1)


def first_of(column: np.ndarray) -> int:
    """Returns the first bar with a value."""
    return next(at for at, it in enumerate(column) if not math.isnan(it))


def main() -> None:
    rng = np.random.default_rng(20_261_121)
    series = {
        "aapl": stock("AAPL", 1_200, 260),
        "walk": walk(rng, 200),
        "flat": flat(110),
        "spikes": spikes(rng, 220),
        "ticks": ticks(rng, 240),
        "candles": candles(rng, 3_000),
    }
    with (HERE / "series.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["series", "open", "high", "low", "close", "volume"])
        for name, bars in series.items():
            rows.writerows([name, *(f"{it:.10g}" for it in bar)] for bar in zip(*bars))
    with (HERE / "talib.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["series", "indicator", "parameters", "output", "first", "values"])
        for name, bars in series.items():
            for indicator, (call, *settings) in CALLS.items() if name != "candles" else ():
                for params in settings:
                    for at, column in enumerate(outputs(call(bars, *params))):
                        first = WHOLE[indicator](*params) if indicator in WHOLE else first_of(column)
                        rows.writerow([name, indicator, " ".join(map(str, params)), at, first, told(column, first)])
            for pattern in PATTERNS if name in ("aapl", "candles", "flat", "ticks") else ():
                call = getattr(talib, f"CDL{pattern.upper()}")
                for params in [(it,) for it in PENETRATION.get(pattern, ())] or [()]:
                    column = call(*bars[:4], *params)
                    found = " ".join(f"{at}:{column[at]}" for at in np.flatnonzero(column))
                    lookback = abstract.Function(f"CDL{pattern.upper()}").lookback
                    rows.writerow([name, f"cdl{pattern}", " ".join(map(str, params)), 0, lookback, found])


if __name__ == "__main__":
    main()
