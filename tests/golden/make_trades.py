# /// script
# requires-python = "==3.12.*"
# dependencies = ["backtesting==0.6.6", "vectorbt==1.2.0", "ta-lib==0.8.2", "pandas", "numpy", "pyarrow"]
# ///
"""Writes trades.csv and equity.csv: what backtesting.py and vectorbt trade on the bundled prices.

`uv run tests/golden/make_trades.py`, from the root of the repository. The rules stand in trades.wf in the language of wf, and here once
more in NumPy and TA-Lib; what they decide is traded by both engines wherever both can. README.md says what their conventions are
and how each is set so that it means what wf means.
"""

import csv
import warnings
from pathlib import Path

import backtesting
import numpy as np
import pandas as pd
import talib
import vectorbt as vbt
from backtesting import Backtest, Strategy

warnings.filterwarnings("ignore")
backtesting.backtesting._tqdm = lambda it, **_: it
HERE = Path(__file__).parent
CASH = 100_000
SYMBOLS = ["AAPL", "FB", "GOOG", "IBM", "MSFT"]


def prices(table, symbol):
    """Returns the bars of a symbol, adjusted for splits and dividends as wf adjusts them."""
    rows = table[table.symbol == symbol]
    day = pd.DatetimeIndex(rows.date)
    raw = {it: rows[it].astype(float).to_numpy() for it in ["open", "high", "low", "close"]}
    close = rows.adj_close.to_numpy(float)
    factor = close / raw["close"]
    bars = {"Open": raw["open"] * factor, "High": np.maximum(raw["high"] * factor, close)}
    bars |= {"Low": np.minimum(raw["low"] * factor, close), "Close": close, "Volume": rows.volume.to_numpy(float)}
    return pd.DataFrame(bars, index=day)


def mean(x, n):
    """Returns the mean of the last n, from a sum made afresh at every bar."""
    out = np.full(len(x), np.nan)
    if len(x) >= n:
        out[n - 1 :] = np.lib.stride_tricks.sliding_window_view(x, n).mean(axis=1)
    return out


def back(x, n=1):
    return np.concatenate([np.full(n, np.nan), x[:-n]])


def over(a, b):
    """Says where a is above b and was not at the bar before."""
    b = np.broadcast_to(np.asarray(b, float), a.shape)
    return (a > b) & (back(a) <= back(b))


def under(a, b):
    return over(np.broadcast_to(np.asarray(b, float), a.shape), a)


# --- The rules: what each decides at every bar, and the distances of its stops. They mirror trades.wf.


def sma_cross(d):
    # Windows whose averages are never equal on these prices: what is equal in exact numbers is a matter of rounding.
    fast, slow = mean(d.close, 10), mean(d.close, 31)
    return {"long": over(fast, slow), "leave_long": under(fast, slow)}


def ema_reversal(d):
    fast, slow = talib.EMA(d.close, 12), talib.EMA(d.close, 26)
    up, down = over(fast, slow), under(fast, slow)
    return {"long": up, "leave_long": down, "short": down, "leave_short": up}


def rsi_reversion(d):
    rsi = talib.RSI(d.close, 14)
    return {"long": rsi < 35, "leave_long": rsi > 55}


def bollinger_breakout(d):
    upper, middle, _ = talib.BBANDS(d.close, 20, 2, 2)
    close = {"long": over(d.close, upper), "leave_long": d.close < middle}
    return close | {"stop": 0.04 * d.close, "target": 0.08 * d.close}


def macd_cross(d):
    line, signal, _ = talib.MACD(d.close, 12, 26, 9)
    return {"long": over(line, signal), "leave_long": under(line, signal)}


def donchian_trail(d):
    atr = talib.ATR(d.high, d.low, d.close, 20)
    high, low = back(talib.MAX(d.high, 20)), back(talib.MIN(d.low, 20))
    both = {"long": d.close > high, "short": d.close < low}
    never = np.zeros(len(d.close), bool)
    return both | {"leave_long": never, "leave_short": never, "trail": 3 * atr}


def short_breakdown(d):
    atr = talib.ATR(d.high, d.low, d.close, 14)
    low, high = back(talib.MIN(d.low, 15)), back(talib.MAX(d.high, 10))
    rules = {"short": d.close < low, "leave_short": d.close > high}
    return rules | {"stop": 2 * atr, "target": 2 * (2 * atr)}


def dip_limit(d):
    rsi = talib.RSI(d.close, 4)
    rules = {"long": (rsi < 30) & (d.close > mean(d.close, 100)), "leave_long": rsi > 65}
    return rules | {"limit": d.close * 0.98}


def breakout_trigger(d):
    rules = {"long": d.close > mean(d.close, 50), "leave_long": d.close < mean(d.close, 20)}
    return rules | {"trigger": talib.MAX(d.high, 20)}


def columns(rules, bars):
    d = type("Bars", (), {it.lower(): bars[it].to_numpy() for it in bars})
    out = {it: np.asarray(column) for it, column in rules(d).items()}
    for it in ["long", "leave_long", "short", "leave_short"]:
        out.setdefault(it, np.zeros(len(bars), bool))
    return out


# --- backtesting.py


class Broker(backtesting.backtesting._Broker):
    """Its stops and targets are levels that are known before the entry fills; here they are distances from the fill."""

    moves = False

    def _open_trade(self, price, size, sl, tp, time_index, tag):
        if Broker.moves:
            stop, target = tag
            sign = 1 if size > 0 else -1
            sl, tp = price - sign * stop, price + sign * target
        super()._open_trade(price, size, sl, tp, time_index, tag)


backtesting.backtesting._Broker = Broker


def by_backtesting(bars, rules, size, at_close=False, commission=0.0, valid=1, holding=None):
    """Trades by backtesting.py. `size` tells how many shares from equity, price and the stop's distance."""
    c = columns(rules, bars)
    Broker.moves = "stop" in c

    class Case(Strategy):
        def init(self):
            self.waiting = None

        def next(self):
            at = len(self.data) - 1
            close = self.data.Close[-1]
            # What waits longer than it may is withdrawn, and so is what the strategy leaves.
            if self.waiting and (at - self.waiting.tag >= valid or c["leave_long"][at]):
                self.withdraw()
            self.trail(at)
            sides = [("long", 1), ("short", -1)]
            wants = [sign for side, sign in sides if c[side][at] and not c[f"leave_{side}"][at]]
            wants = wants[0] if len(wants) == 1 else 0
            held = 1 if self.position.is_long else -1 if self.position.is_short else 0
            leaves = (held > 0 and c["leave_long"][at]) or (held < 0 and c["leave_short"][at])
            if held and holding:
                leaves = leaves or at + 1 - self.trades[-1].entry_bar >= holding
            if leaves or (held and wants == -held):
                self.position.close()
                held = 0
            if wants and not held:
                self.enter(at, wants, close)

        def enter(self, at, sign, close):
            stop = c.get("stop", c.get("trail", np.full(len(bars), np.nan)))[at]
            if ("stop" in c or "trail" in c) and np.isnan(stop):
                return
            price = c["limit"][at] if "limit" in c else c["trigger"][at] if "trigger" in c else close
            if np.isnan(price):
                return
            shares = int(size(self.equity, price, stop))
            if shares <= 0:
                return
            # A newer decision takes the place of one that waits.
            self.withdraw()
            give = self.buy if sign > 0 else self.sell
            if "stop" in c:
                target = c["target"][at]
                give(size=shares, sl=close - sign * stop, tp=close + sign * target, tag=(stop, target))
            elif "trail" in c:
                give(size=shares, sl=close - sign * stop)
            elif "limit" in c:
                self.waiting = give(size=shares, limit=price, tag=at)
            elif "trigger" in c:
                self.waiting = give(size=shares, stop=price, tag=at)
            else:
                give(size=shares)

        def withdraw(self):
            if self.waiting in self.orders:
                self.waiting.cancel()
            self.waiting = None

        def trail(self, at):
            """Draws the stop after the best price since the entry, once the bar is over."""
            if "trail" not in c:
                return
            for trade in self.trades:
                sign = 1 if trade.is_long else -1
                first = trade.entry_bar + (1 if at_close else 0)
                reached = bars.High.iloc[first : at + 1].max() if sign > 0 else bars.Low.iloc[first : at + 1].min()
                best = max(trade.entry_price, reached) if sign > 0 else min(trade.entry_price, reached)
                level = best - sign * c["trail"][at]
                if sign * level > sign * trade.sl:
                    trade.sl = level

    stats = Backtest(
        bars, Case, cash=CASH, trade_on_close=at_close, commission=commission, finalize_trades=False
    ).run()
    trades = stats["_trades"].sort_values(["ExitTime", "EntryTime"])
    rows = [
        ("long" if it.Size > 0 else "short", abs(it.Size), it.EntryTime, it.EntryPrice, it.ExitTime, it.ExitPrice, it.Commission)
        for it in trades.itertuples()
    ]
    # Its profit of a trade leaves the commissions out or in, by version: it follows from the prices.
    return rows, stats["_equity_curve"].Equity


# --- vectorbt


def signals(rules, bars, at_close):
    """Returns what is decided, at the bar at which it fills."""
    c = columns(rules, bars)
    late = 0 if at_close else 1
    moved = {it: np.concatenate([np.zeros(late, bool), x[: len(x) - late]]) for it, x in c.items() if x.dtype == bool}
    return c, moved


def by_vectorbt(bars, rules, size, at_close=False, fees=0.0, fixed=0.0, slippage=0.0):
    """Trades by vectorbt. `size` is a column of shares, or infinity for all that the cash buys."""
    c, moved = signals(rules, bars, at_close)
    stops = {}
    if "stop" in c:
        stops = {
            "sl_stop": c["stop"] / c_close(bars),
            "tp_stop": c["target"] / c_close(bars),
            "stop_entry_price": "FillPrice",
            "stop_exit_price": "StopMarket",
            "upon_stop_exit": "Close",
        }
    portfolio = vbt.Portfolio.from_signals(
        bars.Close,
        entries=moved["long"],
        exits=moved["leave_long"],
        short_entries=moved["short"],
        short_exits=moved["leave_short"],
        price=bars.Close if at_close else bars.Open,
        open=bars.Open,
        high=bars.High,
        low=bars.Low,
        size=size,
        size_granularity=1,
        fees=fees,
        fixed_fees=fixed,
        slippage=slippage,
        upon_opposite_entry="Reverse",
        init_cash=CASH,
        freq="1D",
        **stops,
    )
    return of_records(portfolio.trades.records_readable), portfolio.value()


def c_close(bars):
    return bars.Close.to_numpy()


def of_records(records):
    closed = records[records.Status == "Closed"].sort_values(["Exit Timestamp", "Entry Timestamp"])
    return [
        (it["Direction"].lower(), it["Size"], it["Entry Timestamp"], it["Avg Entry Price"], it["Exit Timestamp"],
         it["Avg Exit Price"], it["Entry Fees"] + it["Exit Fees"])
        for _, it in closed.iterrows()
    ]  # fmt: skip


def together(all_bars, rules, shares, fees):
    """Trades all symbols in one account by vectorbt, long only, at the next open."""
    frame = lambda column: pd.DataFrame({symbol: bars[column] for symbol, bars in all_bars.items()})
    decided = {symbol: pd.DataFrame(signals(rules, bars, False)[1], index=bars.index) for symbol, bars in all_bars.items()}
    column = lambda name: pd.DataFrame({it: x[name] for it, x in decided.items()}).fillna(False).astype(bool)
    portfolio = vbt.Portfolio.from_signals(
        frame("Close"), entries=column("long"), exits=column("leave_long"), price=frame("Open"), size=shares, fees=fees,
        init_cash=CASH, cash_sharing=True, group_by=True, freq="1D",
    )  # fmt: skip
    records = portfolio.trades.records_readable
    return {it: of_records(records[records.Column == it]) for it in all_bars}, portfolio.value()


# --- The cases. Each is by both engines where both can do what it asks.


def shares(count):
    return lambda equity, price, stop: count


def share(part):
    return lambda equity, price, stop: part * equity // price


def notional(amount):
    return lambda equity, price, stop: amount // price


def at_risk(part):
    return lambda equity, price, stop: part * equity // stop


def least(rate, each, minimum):
    return lambda size, price: max(rate * abs(size) * price + each * abs(size), minimum)


def cases(bars):
    before = np.concatenate([[np.nan], bars.Close.to_numpy()[:-1]])
    yield "sma_cross", "backtesting.py", by_backtesting(bars, sma_cross, share(1), at_close=True)
    yield "sma_cross", "vectorbt", by_vectorbt(bars, sma_cross, np.inf, at_close=True)
    yield "sma_cross_costs", "vectorbt", by_vectorbt(bars, sma_cross, np.inf, at_close=True, fees=0.001, slippage=0.0005)
    yield "ema_reversal", "backtesting.py", by_backtesting(bars, ema_reversal, shares(100), commission=0.001)
    yield "ema_reversal", "vectorbt", by_vectorbt(bars, ema_reversal, 100, fees=0.001)
    yield "ema_reversal_slips", "vectorbt", by_vectorbt(bars, ema_reversal, 100, fees=0.001, slippage=0.0005)
    yield "rsi_reversion", "backtesting.py", by_backtesting(bars, rsi_reversion, notional(10_000), commission=0.0005)
    yield "rsi_reversion", "vectorbt", by_vectorbt(bars, rsi_reversion, np.floor(10_000 / before), fees=0.0005)
    yield "bollinger_breakout", "backtesting.py", by_backtesting(bars, bollinger_breakout, shares(50), at_close=True)
    yield "bollinger_breakout", "vectorbt", by_vectorbt(bars, bollinger_breakout, 50, at_close=True)
    yield "bollinger_next_open", "backtesting.py", by_backtesting(
        bars, bollinger_breakout, share(0.25), commission=least(0, 0.005, 1)
    )
    yield "macd_cross", "backtesting.py", by_backtesting(bars, macd_cross, shares(200), commission=(5, 0))
    yield "macd_cross", "vectorbt", by_vectorbt(bars, macd_cross, 200, fixed=5)
    yield "donchian_trail", "backtesting.py", by_backtesting(bars, donchian_trail, share(0.3), at_close=True)
    yield "short_breakdown", "backtesting.py", by_backtesting(
        bars, short_breakdown, at_risk(0.01), commission=least(0.0002, 0, 2)
    )
    yield "dip_limit", "backtesting.py", by_backtesting(bars, dip_limit, share(0.5), valid=3, holding=10)
    yield "breakout_trigger", "backtesting.py", by_backtesting(bars, breakout_trigger, share(0.5), commission=0.0005)


def main():
    table = pd.read_parquet(HERE.parent.parent / "data" / "stocks.parquet")
    all_bars = {symbol: prices(table, symbol) for symbol in SYMBOLS}
    trades, curves = [], []

    def keep(case, engine, symbol, rows):
        for side, size, entry, entry_price, exit, exit_price, fees in rows:
            sign = 1 if side == "long" else -1
            pnl = sign * size * (exit_price - entry_price) - fees
            days = [f"{it:%Y-%m-%d}" for it in (entry, exit)]
            figures = [f"{entry_price:.6f}", days[1], f"{exit_price:.6f}", f"{fees:.4f}", f"{pnl:.4f}"]
            trades.append([case, engine, symbol, side, f"{size:.0f}", days[0], *figures])

    def draw(case, engine, symbol, curve):
        last = curve.groupby(curve.index.year).tail(1)
        curves.extend([case, engine, symbol, f"{day:%Y-%m-%d}", f"{it:.4f}"] for day, it in last.items())

    def same(a, b):
        exact = lambda rows: [(it[0], it[1], it[2], it[4]) for it in rows]
        figures = lambda rows: np.array([(it[3], it[5], it[6]) for it in rows])
        return exact(a[0]) == exact(b[0]) and np.allclose(figures(a[0]), figures(b[0]), rtol=0, atol=1e-9)

    for symbol, bars in all_bars.items():
        found = {}
        for case, engine, what in cases(bars):
            found.setdefault(case, {})[engine] = what
        for case, engines in found.items():
            if len(engines) == 2 and same(*engines.values()):
                engines = {"both": engines["backtesting.py"]}
            for engine, (rows, curve) in engines.items():
                keep(case, engine, symbol, rows)
                draw(case, engine, symbol, curve)
    by_symbol, curve = together(all_bars, ema_reversal, 100, 0.001)
    for symbol, rows in by_symbol.items():
        keep("together", "vectorbt", symbol, rows)
    draw("together", "vectorbt", "all", curve)
    for name, head, rows in [
        ("trades", ["case", "engine", "symbol", "side", "size", "entry", "entry_price", "exit", "exit_price", "fees", "pnl"], trades),
        ("equity", ["case", "engine", "symbol", "day", "equity"], curves),
    ]:
        with open(HERE / f"{name}.csv", "w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(head)
            writer.writerows(rows)


if __name__ == "__main__":
    main()
