# /// script
# requires-python = ">=3.10"
# dependencies = ["bokeh_sampledata==2026.1", "pyarrow==26.0.1"]
# ///
"""Makes stocks.parquet, the prices that wf brings along, from PyPI's bokeh_sampledata 2026.1.

    uv run data/make.py
    # or, without uv:
    python -m venv /tmp/v && /tmp/v/bin/pip install --no-deps bokeh_sampledata==2026.1 && /tmp/v/bin/pip install pyarrow==26.0.1
    /tmp/v/bin/python data/make.py

Prices are stored as scaled integers, so nothing is lost: the script reads its own file back and compares every figure
with the text of the source. It prints the SHA-256 that README.md names.
"""

import csv
import gzip
import hashlib
import importlib.util
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

SOURCE = "_data/stocks.csv.gz"
SOURCE_SHA256 = "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd"
TARGET = Path(__file__).with_name("stocks.parquet")
PRICE = pa.decimal128(9, 4)
PRICES = ["open", "high", "low", "close"]


def source() -> list[dict[str, str]]:
    """Returns the rows of the package's file as text, by symbol and date."""
    # The package is found, not imported: importing it would pull in pandas and shapely.
    package = Path(importlib.util.find_spec("bokeh_sampledata").origin).parent
    packed = (package / SOURCE).read_bytes()
    if (found := hashlib.sha256(packed).hexdigest()) != SOURCE_SHA256:
        raise SystemExit(f"{SOURCE} is not the one of bokeh_sampledata 2026.1: its SHA-256 is {found}")
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    named = [{name.lower().replace(" ", "_"): text for name, text in row.items()} for row in rows]
    return sorted(named, key=lambda row: (row["ticker"], row["date"]))


def table(rows: list[dict[str, str]]) -> pa.Table:
    """Returns the rows as columns without nulls."""
    columns = {
        "symbol": pa.array([row["ticker"] for row in rows], pa.string()),
        "date": pa.array([date.fromisoformat(row["date"]) for row in rows], pa.date32()),
        **{name: pa.array([Decimal(row[name]) for row in rows], PRICE) for name in PRICES},
        "volume": pa.array([int(row["volume"]) for row in rows], pa.int64()),
        "adj_close": pa.array([float(row["adj_close"]) for row in rows], pa.float64()),
    }
    schema = pa.schema([pa.field(name, column.type, nullable=False) for name, column in columns.items()])
    return pa.table(columns, schema)


def write(it: pa.Table) -> None:
    """Writes one row group: integers as packed differences, doubles with their bytes split, all under zstd."""
    packed = {name: "DELTA_BINARY_PACKED" for name in ["date", *PRICES, "volume"]}
    pq.write_table(
        it,
        TARGET,
        compression="zstd",
        compression_level=19,
        use_dictionary=["symbol"],
        column_encoding=packed | {"adj_close": "BYTE_STREAM_SPLIT"},
        store_decimal_as_integer=True,
        store_schema=False,
        write_statistics=False,
    )


def compare(rows: list[dict[str, str]]) -> None:
    """Fails unless the file says exactly what the source says."""
    for row, stored in zip(rows, pq.read_table(TARGET).to_pylist(), strict=True):
        assert (stored["symbol"], stored["date"].isoformat()) == (row["ticker"], row["date"]), row
        assert all(stored[name] == Decimal(row[name]) for name in PRICES), row
        assert stored["volume"] == int(row["volume"]), row
        assert stored["adj_close"] == float(row["adj_close"]), row


if __name__ == "__main__":
    rows = source()
    write(table(rows))
    compare(rows)
    print(len(rows), "rows,", TARGET.stat().st_size, "bytes, sha256", hashlib.sha256(TARGET.read_bytes()).hexdigest())
