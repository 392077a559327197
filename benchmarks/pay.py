"""How long the pay of many clinicians takes, and how many lines a float32 program would get wrong.

    python benchmarks/pay.py [--people 100000] [--rounds 5]

The pay system is fixed: base by role and step, FTE, three increases, work-RVU pay over a threshold, a
retirement match and a premium share, over three years.
"""

from __future__ import annotations

import argparse
import json
import time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from tideover import schema
from tideover.nouns.offer import Offer
from tideover.nouns.payroll import Payroll
from tideover.pay import KINDS, payroll
from tideover.pay.people import People
from tideover.readers import read_offer

STEPS = 12
OFFER = """
name = "Benchmark"
currency = "USD"
[period]
start = 2026-01-01
end = 2028-12-31
[rounding]
mode = "half_even"
at = "{at}"
[[term]]
kind = "base_grid"
[term.grid]
{grid}
[[term]]
kind = "general_increase"
rate = 0.03
from = 2026-07-01
[[term]]
kind = "general_increase"
rate = 0.025
from = 2027-01-01
[[term]]
kind = "general_increase"
rate = 0.0275
from = 2028-01-01
[[term]]
kind = "work_rvu"
tiers = [{{ over = 4200, rate = 44.25 }}]
[[term]]
kind = "retirement_match"
match = 0.5
up_to = 0.04
[[term]]
kind = "health_premium"
monthly = {{ single = 720, family = 2050 }}
clinician_share = 0.18
trend = 0.06
"""


def people_of(count: int, seed: int = 1) -> pl.DataFrame:
    """Return a roster of so many made-up clinicians."""
    draw = np.random.default_rng(seed)
    roles = np.array(["physician", "pa", "np"])
    frame = pl.DataFrame(
        {
            "clinician_id": [f"K{number:07}" for number in range(count)],
            "role": roles[draw.choice(3, count, p=[0.55, 0.17, 0.28])],
            "step": draw.integers(1, STEPS + 1, count),
            "fte": draw.integers(50, 101, count) / 100,
            "work_rvu_per_year": np.round(draw.uniform(1500, 7000, count), 2),
            "retirement_share": draw.choice([0.0, 0.03, 0.05, 0.08], count),
            "health_cover": np.array(["none", "single", "family"])[draw.integers(0, 3, count)],
        }
    )
    return schema.complete("roster", frame)


def offer_of(at: str) -> Offer:
    """Return the fixed offer, which rounds rates or lines."""
    first = {"physician": 196_000.37, "pa": 112_000.53, "np": 110_000.19}
    grid = "\n".join(
        f"{role} = [{', '.join(f'{start + 2917.31 * step:.2f}' for step in range(STEPS))}]"
        for role, start in first.items()
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "offer.toml"
        path.write_text(OFFER.format(at=at, grid=grid), encoding="utf-8")
        return read_offer(path, KINDS)


def off_in_float32(found: Payroll, rows: int = 2000) -> float:
    """Return the share of clinicians whose pay over three years is off by half a cent or more in float32."""
    pay = found.total("pay")[:, :rows]
    single = np.zeros(pay.shape[1], np.float32)
    for line in found.lines:
        if line.side == "pay":
            for year in line.cents[:, :rows]:
                single += (year.astype(np.float32) / np.float32(100)).astype(np.float32)
    off = [
        abs(Fraction(float(one)) - Fraction(int(exact), 100)) >= Fraction(1, 200)
        for one, exact in zip(single, pay.sum(axis=0), strict=True)
    ]
    return sum(off) / len(off)


def main() -> None:
    """Time the payroll and print one JSON line for each way of rounding."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    table = people_of(given.people)
    for at in ("rate", "line"):
        offer = offer_of(at)
        times = []
        for _ in range(given.rounds):
            start = time.perf_counter()
            found = payroll(People(table), offer)
            times.append(time.perf_counter() - start)
        figures = {
            "rounding_at": at,
            "people": given.people,
            "years": len(found.years),
            "seconds": round(min(times), 4),
            "pay_cents": int(found.total("pay").sum()),
            "off_in_float32": round(off_in_float32(found), 3),
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
