# /// script
# dependencies = ["pyarrow==26.0.1", "pandas==3.1.1"]
# ///
"""Writes arrow/: bundled prices as pyarrow and pandas write them into Arrow's files, Feather's and streams, in the types that occur.

`uv run tests/golden/make_arrow.py`, from the root of the repository.
"""

import decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather

HERE = Path(__file__).parent
OUT = HERE / "arrow"


def main():
    OUT.mkdir(exist_ok=True)
    table = pd.read_parquet(HERE.parent.parent / "data" / "stocks.parquet")
    rows = table[table.symbol.isin(["FB", "GOOG"]) & (pd.to_datetime(table.date) >= "2012-05-18")]
    # By day, so that the symbols take turns.
    rows = rows.sort_values(["date", "symbol"], kind="stable").reset_index(drop=True)
    day = pd.to_datetime(rows.date)
    prices = {it: rows[it].astype(float) for it in ["open", "high", "low", "close"]}
    adjusted = {"volume": rows.volume, "adj_close": rows.adj_close}

    # Apache Arrow's own file: text, instants in microseconds, doubles, several batches, nothing compressed.
    plain = pa.table({
        "symbol": pa.array(rows.symbol, pa.string()),
        "date": pa.array(day, pa.timestamp("us", tz="UTC")),
        **{it: pa.array(x, pa.float64()) for it, x in prices.items()},
        "volume": pa.array(rows.volume, pa.int64()),
        "adj_close": pa.array(rows.adj_close, pa.float64()),
    })  # fmt: skip
    with pa.ipc.new_file(OUT / "plain.arrow", plain.schema) as file:
        file.write_table(plain, max_chunksize=100)

    # As pandas writes Feather: symbols as a category, days as nanoseconds, compressed by LZ4, names as Yahoo has them.
    names = {"open": "Open", "high": "High", "low": "Low", "close": "Close", "volume": "Volume", "adj_close": "Adj Close"}
    frame = pd.DataFrame({"Symbol": rows.symbol.astype("category"), "Date": day.astype("datetime64[ns]"), **prices, **adjusted})
    frame.rename(columns=names).to_feather(OUT / "pandas.feather")

    # A stream: days, decimals, views of text, zstd, a column that is no bar's, and one that nobody needs between them.
    exact = lambda x: pa.array([decimal.Decimal(f"{it:.4f}") for it in x], pa.decimal128(9, 4))
    stream = pa.table({
        "ts": pa.array([it.date() for it in day], pa.date32()),
        "tags": pa.array([["a", "b"]] * len(rows), pa.list_(pa.string())),
        **{it: exact(x) for it, x in prices.items()},
        "ticker": pa.array(rows.symbol, pa.string_view()),
        "volume": pa.array(rows.volume.astype(float), pa.float64()),
        "adj_close": pa.array(rows.adj_close, pa.float64()),
    })  # fmt: skip
    with pa.ipc.new_stream(OUT / "stream.arrows", stream.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_table(stream, max_chunksize=150)

    # One symbol in a file of its name: seconds, large text that is the date, 32-bit figures for the volume, a price missing.
    fb = rows[rows.symbol == "FB"]
    close = [None if at == 3 else it for at, it in enumerate(prices["close"][fb.index])]
    own = pa.table({
        "date": pa.array([f"{it:%Y-%m-%d}" for it in day[fb.index]], pa.large_string()),
        **{it: pa.array(prices[it][fb.index], pa.float64()) for it in ["open", "high", "low"]},
        "close": pa.array(close, pa.float64()),
        "volume": pa.array(fb.volume.astype("uint32"), pa.uint32()),
    })  # fmt: skip
    feather.write_feather(own, OUT / "FB.feather", compression="zstd")


if __name__ == "__main__":
    main()
