#!/usr/bin/env python3
"""Writes tests/fixtures/rate.json: random and edge cases of the response rate with the figures that
lifelines, statsmodels and scipy give. Needs: pip install lifelines statsmodels scipy
(last run with lifelines 0.30.3, statsmodels 0.15.0, scipy 1.17.1)

Nothing here follows the Rust code: counts are recounted from the definition, everything else is a
library's. A pursuit is [first touch, first response, d(elivered) b(ounced) r(efused), read until], times
in whole seconds from an arbitrary zero.
"""
import json
import random
import statistics
import warnings
from pathlib import Path

import numpy as np
from lifelines import KaplanMeierFitter
from scipy import integrate, stats
from statsmodels.stats.proportion import proportion_confint

DAY = 86_400
warnings.filterwarnings("ignore")


def reference(case):
    window, (lo, hi) = case["window_days"] * DAY, case["goal"]
    rows = case["pursuits"]
    delivered = [r for r in rows if r[2] == "d"]
    out = {
        "sent": len(rows),
        "bounced": sum(r[2] == "b" for r in rows),
        "refused": sum(r[2] == "r" for r in rows),
        "delivered": len(delivered),
    }
    answer_times = [max(0, r[1] - r[0]) for r in delivered if r[1] is not None]
    out["median"] = statistics.median(answer_times) / DAY if answer_times else None

    passed = [r for r in delivered if r[3] is not None and r[3] - r[0] >= window]
    n = len(passed)
    k = sum(r[1] is not None and r[1] - r[0] <= window for r in passed)
    out["observed"], out["probability"], out["verdict"] = None, None, "too_early"
    if n:
        interval = proportion_confint(k, n, alpha=0.05, method="wilson")
        out["observed"] = [k, n, k / n, max(0.0, float(interval[0])), min(1.0, float(interval[1]))]
        posterior = stats.beta(k + 0.5, n - k + 0.5)
        reached, above = posterior.sf(lo), posterior.sf(hi)
        out["probability"] = float(reached)
        if n >= 10:
            if reached <= 0.2:
                out["verdict"] = "below"
            elif above >= 0.8:
                out["verdict"] = "above"
            elif reached >= 0.8:
                out["verdict"] = "reached"

    out["expected"] = None
    followed = [(max(0, r[1] - r[0]), 1) if r[1] is not None else (r[3] - r[0], 0)
                for r in delivered if r[1] is not None or (r[3] is not None and r[3] >= r[0])]
    if any(e and t <= window for t, e in followed):
        times, events = zip(*followed)
        km = KaplanMeierFitter(alpha=0.05)
        km.fit(np.array(times) / DAY, events)
        survival = float(km.survival_function_at_times(case["window_days"]).iloc[0])
        if survival < 1e-12:
            # log-log has no value at 0: the documented stand-in, Wilson over the answers so far
            if any(r[3] is not None and r[3] - r[0] >= window for r in delivered):
                d = sum(e for t, e in followed if t <= window)
                low = float(proportion_confint(d, d, alpha=0.05, method="wilson")[0])
                out["expected"] = [1.0, low, 1.0]
        elif max(times) >= window:
            ends = km.confidence_interval_.loc[: case["window_days"]].iloc[-1]
            out["expected"] = [1 - survival, 1 - float(ends.iloc[1]), 1 - float(ends.iloc[0])]
    return out


def random_case(rng):
    size = rng.choice([1, 2, 3, 5, 8, 12, 20, 30, 45])
    if rng.random() < 0.02:
        size = rng.randint(150, 400)
    grain = rng.choice([1, 3_600, DAY])  # coarse times make ties
    window_days = rng.choice([7, 14, 21, 21, 21, 30])
    chance, slow = rng.random() ** 2, rng.choice([1, 4, 15])
    read_until = rng.randint(5, 120) * DAY
    stale = rng.randint(0, 60) * DAY
    lo = rng.choice([0.25, 0.25, 0.1, 0.4])
    pursuits = []
    for _ in range(size):
        touch = rng.randrange(0, 121 * DAY, grain)
        until = rng.choices([read_until, stale, None], [90, 8, 2])[0]
        response = None
        if rng.random() < chance:
            response = touch + int(rng.expovariate(1 / slow) * DAY) // grain * grain
            if rng.random() < 0.05:
                response = touch - rng.randrange(0, 2 * DAY)  # a clock that is wrong
            if until is None or response > until:
                response = None
        fate = rng.choices(["d", "b", "r"], [88, 9, 3])[0]
        pursuits.append([touch, response, fate, until])
    return {"window_days": window_days, "goal": [lo, lo + 0.05], "pursuits": pursuits}


def edge_cases():
    base = {"window_days": 21, "goal": [0.25, 0.30]}

    def case(*pursuits):
        return {**base, "pursuits": [list(p) for p in pursuits]}

    old, window = 60 * DAY, 21 * DAY
    yield case()
    yield case((0, None, "d", old))
    yield case((0, DAY, "d", old))
    yield case((0, None, "d", None))
    yield case((0, None, "b", old), (0, None, "r", old))
    yield case(*[(0, DAY, "d", old)] * 12)
    yield case(*[(0, None, "d", old)] * 12)
    yield case(*[(0, DAY, "d", 2 * DAY)] * 3)
    yield case((0, window, "d", window), (0, None, "d", window))
    yield case((0, window + 1, "d", old), (0, None, "d", old))
    yield case((0, window, "d", window - 1), (0, None, "d", window - 1))
    yield case((0, -DAY, "d", old), (0, None, "d", old), (0, None, "d", None))
    yield case((0, DAY, "d", old), (old, None, "d", old), (old + DAY, None, "d", old))
    yield case(*[(0, DAY, "d", old)] * 5, *[(50 * DAY, None, "d", old)] * 5)
    for k in range(0, 32):
        yield case(*[(0, DAY * (i % 9), "d", old) for i in range(k)],
                   *[(0, None, "d", old)] * (31 - k))
    for n in (9, 10):
        yield case(*[(0, None, "d", old)] * n)
    yield case(*[(i, i + DAY * (i % 20), "d", old) for i in range(500)],
               *[(0, None, "d", old)] * 1500)


def a_is_higher(a, b):
    (ka, na), (kb, nb) = a, b
    pa, pb = stats.beta(ka + 0.5, na - ka + 0.5), stats.beta(kb + 0.5, nb - kb + 0.5)
    # over A's quantiles: no singular end, no narrow peak to miss
    grid = np.linspace(0, 1, 41)
    parts = [integrate.quad(lambda q: pb.cdf(pa.ppf(q)), u, v, epsabs=1e-13, epsrel=1e-13)[0]
             for u, v in zip(grid, grid[1:])]
    return float(sum(parts))


def shrunk(parts):
    k, n = np.array([p[0] for p in parts], float), np.array([p[1] for p in parts], float)
    mean = k.sum() / n.sum()
    if mean in (0, 1):
        return [float(mean)] * len(parts)
    rho = (np.arange(200) + 0.5) / 200
    m = ((1 - rho) / rho)[:, None]
    # the whole beta-binomial likelihood, from scipy; its binomial coefficients cancel
    log = stats.betabinom.logpmf(k, n, m * mean, m * (1 - mean)).sum(axis=1)
    weight = np.exp(log - log.max())
    posterior_means = (k + m * mean) / (n + m)
    return [float(x) for x in (weight[:, None] * posterior_means).sum(axis=0) / weight.sum()]


def main():
    rng = random.Random(20_261_120)
    cases = list(edge_cases()) + [random_case(rng) for _ in range(360)]
    for case in cases:
        case["expect"] = reference(case)
    pairs = [((0, 1), (1, 1)), ((0, 10), (0, 10)), ((3, 3), (0, 3)), ((7, 31), (7, 31)), ((10, 10), (9, 400))]
    pairs += [tuple((rng.randint(0, n), n) for n in (rng.randint(1, 300), rng.randint(1, 300))) for _ in range(35)]
    breakdowns = [[(0, 1), (1, 1)], [(3, 3), (0, 3)], [(0, 4), (0, 9)], [(5, 5)], [(100, 400), (1, 1), (0, 3)]]
    breakdowns += [[(rng.randint(0, n), n) for n in (rng.randint(1, 40) for _ in range(rng.randint(1, 8)))]
                   for _ in range(35)]
    result = {
        "cases": cases,
        "higher": [[*a, *b, a_is_higher(a, b)] for a, b in pairs],
        "shrunk": [[parts, shrunk(parts)] for parts in breakdowns],
    }
    path = Path(__file__).parent.parent / "fixtures" / "rate.json"
    lines = [f'"{key}":[\n' + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]"
             for key, rows in result.items()]
    path.write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
