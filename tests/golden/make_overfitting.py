"""Writes overfitting.json: trials' returns and what combinatorially symmetric cross-validation finds of them.

    python3 tests/golden/make_overfitting.py

The steps are those of D. H. Bailey, J. M. Borwein, M. Lopez de Prado and Q. J. Zhu, "The Probability of Backtest
Overfitting", section 3, taken one after another from the full matrix of returns, with exact fractions for ranks and
compensated sums for the rest. Nothing is shared with the engine but the paper. The standard library is enough.
"""

import itertools
import json
import math
import pathlib
import random


def sharpe(returns):
    """Mean over standard deviation (ddof 1); 0 where the returns do not vary."""
    mean = math.fsum(returns) / len(returns)
    squares = math.fsum((it - mean) ** 2 for it in returns)
    deviation = math.sqrt(squares / (len(returns) - 1))
    return mean / deviation if deviation > 1e-12 else 0.0


def cscv(trials, parts):
    length = len(trials[0])
    edges = [length * at // parts for at in range(parts + 1)]
    blocks = [range(edges[at], edges[at + 1]) for at in range(parts)]
    logits, pairs = [], []
    for chosen in itertools.combinations(range(parts), parts // 2):
        here = [bar for at in range(parts) if at in chosen for bar in blocks[at]]
        there = [bar for at in range(parts) if at not in chosen for bar in blocks[at]]
        inside = [sharpe([trial[bar] for bar in here]) for trial in trials]
        outside = [sharpe([trial[bar] for bar in there]) for trial in trials]
        best = max(range(len(trials)), key=lambda it: inside[it])
        below = sum(it < outside[best] for it in outside)
        equal = sum(it == outside[best] for it in outside)
        rank = (below + (equal + 1) / 2) / (len(trials) + 1)
        logits.append(math.log(rank / (1 - rank)))
        pairs.append((inside[best], outside[best]))
    x = math.fsum(a for a, _ in pairs) / len(pairs)
    y = math.fsum(b for _, b in pairs) / len(pairs)
    slope = math.fsum((a - x) * (b - y) for a, b in pairs) / math.fsum((a - x) ** 2 for a, _ in pairs)
    return {
        "probability": sum(it <= 0 for it in logits) / len(logits),
        "slope": slope,
        "loss": sum(b < 0 for _, b in pairs) / len(pairs),
        "logits": sorted(logits),
    }


def main():
    cases = []
    for name, parts, bars, means in [
        ("noise", 8, 101, [0.0] * 12),
        ("one that wins", 8, 120, [0.0] * 7 + [0.008] + [0.0] * 2),
        ("better ones and one that never traded", 10, 133, [0.0005 * at for at in range(6)] + [None]),
        ("two", 6, 60, [0.0, 0.001]),
    ]:
        draw = random.Random(name)
        trials = [[0.0 if mean is None else round(draw.gauss(mean, 0.01), 9) for _ in range(bars)] for mean in means]
        cases.append({"name": name, "parts": parts, "trials": trials, **cscv(trials, parts)})
    to = pathlib.Path(__file__).with_name("overfitting.json")
    to.write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
