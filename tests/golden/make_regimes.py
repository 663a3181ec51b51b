# /// script
# dependencies = ["hmmlearn==0.3.3", "numpy", "scipy"]
# ///
"""Writes regimes.json: what other programs say of regimes and changes of a made-up market.

`uv run tests/golden/make_regimes.py`. A hidden Markov model is fitted by hmmlearn (MAP, the same prior on moves) and
filtered by a forward recursion in logarithms written here anew; change points come from the exact recursion of Adams and MacKay
(2007), no run left out, with the Student t of SciPy.
"""

import json
from pathlib import Path

import numpy as np
from hmmlearn.hmm import GaussianHMM
from scipy import stats
from scipy.special import logsumexp

HERE = Path(__file__).parent
ROUNDS = 12
STAY, MOVE = 10.0, 0.5


def market(count=500, seed=20):
    """Returns a market that is calm, drifts, and crashes, with its exponentially weighted volatility."""
    rng = np.random.default_rng(seed)
    moods = [(0.001, 0.006), (0.0, 0.011), (-0.002, 0.028)]
    returns = np.array([rng.normal(*moods[(at // 90) % 3]) for at in range(count)])
    variance, volatility = returns[0] ** 2 + 1e-5, []
    for it in returns:
        variance = 0.94 * variance + 0.06 * it * it
        volatility.append(0.5 * np.log(variance))
    return returns, np.array(volatility)


def initial(seen, states):
    """Equal groups by volatility."""
    order = np.argsort(seen[:, 1], kind="stable")
    size = -(-len(seen) // states)
    groups = [seen[order[at * size : (at + 1) * size]] for at in range(states)]
    moves = np.where(np.eye(states) == 1, 0.95, 0.05 / (states - 1))
    return np.full(states, 1 / states), moves, np.array([g.mean(0) for g in groups]), np.array([g.var(0) for g in groups])


def fitted(seen, states):
    start, moves, means, variances = initial(seen, states)
    prior = np.where(np.eye(states) == 1, STAY, MOVE) + 1
    model = GaussianHMM(states, "diag", init_params="", n_iter=ROUNDS, tol=-np.inf, transmat_prior=prior,
                        startprob_prior=1 + 1e-3, covars_prior=0, covars_weight=1, min_covar=0)
    model.startprob_, model.transmat_, model.means_, model.covars_ = start, moves, means, variances
    return model.fit(seen)


def filtered(model, seen):
    dens = np.stack([stats.norm.logpdf(seen, model.means_[k], np.sqrt(model._covars_[k])).sum(1) for k in range(model.n_components)], 1)
    rows = [np.log(model.startprob_) + dens[0]]
    for it in dens[1:]:
        rows.append(logsumexp(rows[-1][:, None] + np.log(model.transmat_), axis=0) + it)
    rows = np.array(rows)
    total = logsumexp(rows, axis=1)
    return np.exp(rows - total[:, None]), total[-1]


def runs(returns, seed, expected, recent=21):
    variance = (returns[:seed] ** 2).mean()
    hazard = 1 / expected
    chance = np.array([1.0])
    mean, kappa, alpha, beta = np.array([0.0]), np.array([1.0]), np.array([1.0]), np.array([variance])
    known = []
    for x in returns[seed:]:
        told = stats.t.pdf(x, 2 * alpha, mean, np.sqrt(beta * (kappa + 1) / (alpha * kappa)))
        grown, ended = chance * told * (1 - hazard), (chance * told * hazard).sum()
        beta = np.append(variance, beta + kappa * (x - mean) ** 2 / (2 * (kappa + 1)))
        mean = np.append(0.0, (kappa * mean + x) / (kappa + 1))
        kappa, alpha = np.append(1.0, kappa + 1), np.append(1.0, alpha + 0.5)
        chance = np.append(ended, grown)
        chance /= chance.sum()
        known.append([float(chance[:recent].sum()), int(chance.argmax())])
    return known


returns, volatility = market()
seen = np.stack([returns, volatility], 1)
models = []
for states in (2, 3, 4):
    model = fitted(seen, states)
    chances, likelihood = filtered(model, seen)
    # hmmlearn's own forward pass must agree with the one here before either is a reference.
    assert abs(model.score(seen) - likelihood) < 1e-6
    models.append({
        "states": states, "start": model.startprob_.tolist(), "moves": model.transmat_.tolist(),
        "means": model.means_.tolist(), "variances": model._covars_.tolist(), "likelihood": likelihood,
        "filtered": chances[::25].tolist(),
    })
changes = {"seed": 63, "expected": 250.0, "returns": returns.tolist(), "known": runs(returns, 63, 250.0)}
text = json.dumps({"rounds": ROUNDS, "seen": seen.tolist(), "models": models, "changes": changes})
(HERE / "regimes.json").write_text(text + "\n")
