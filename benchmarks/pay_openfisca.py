"""The payroll beside OpenFisca-Core and policyengine-core: the same pay system, 100,000 people, three years.

    python benchmarks/pay_openfisca.py [--people 100000] [--rounds 5]

Each runs in an environment of its own: the Python named by TIDEOVER_OPENFISCA_PYTHON and
TIDEOVER_POLICYENGINE_PYTHON, else one that this benchmark makes in build/ by pip (once). Counted is CPU time
from columns in memory to base pay, work-RVU pay, all pay, match and own part of premiums of every person and
year. Every program has roles as codes and reads nothing; rates with their increases and premiums of persons
are worked out for the others beforehand, here they are part of the time. Kernels are compiled once and kept
on disk: the first round, which may compile, does not count. Prints one JSON line for each: CPU seconds of
both programs (the best round), the ratio, and the share of people whose pay over three years is off by a cent
or more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from pay import STEPS, offer_of, people_of
from tideover.nouns.amounts import COVERS, ROLES
from tideover.nouns.offer import Offer
from tideover.nouns.payroll import Payroll
from tideover.pay import payroll
from tideover.pay.people import People

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent / "build"
OTHERS = {
    "openfisca_core": ("OPENFISCA", "openfisca-core"),
    "policyengine_core": ("POLICYENGINE", "policyengine-core"),
}
MONTHLY = {"none": 0, "single": 720, "family": 2050}
#: Increases of benchmarks/pay.py: half a year of the first, then the others on top.
FACTORS = (1 + 0.03 / 2, 1.03 * 1.025, 1.03 * 1.025 * 1.0275)


def python_of(name: str) -> Path:
    """Return the Python that has a package; made under build/ if none is named."""
    variable, distribution = OTHERS[name]
    if named := os.environ.get(f"TIDEOVER_{variable}_PYTHON"):
        return Path(named)
    python = BUILD / name / "bin" / "python"
    if not python.exists():
        venv.create(BUILD / name, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", distribution], check=True)
    return python


def written(table: People, path: Path) -> None:
    """Write the people and the yearly rates as the other programs read them."""
    grid = offer_of("line").of_kind("base_grid")[0]["grid"]
    full = np.array([grid[role] for role in ("physician", "pa", "np")]) / 100
    frame = table.table
    role = {name: number for number, name in enumerate(("physician", "pa", "np"))}
    np.savez(
        path,
        rates=np.stack([full * factor for factor in FACTORS]),
        role=np.array([role[name] for name in frame["role"]]),
        step=frame["step"].to_numpy() - 1,
        fte=frame["fte"].to_numpy(),
        wrvu=frame["work_rvu_per_year"].to_numpy(),
        saved=frame["retirement_share"].to_numpy(),
        monthly=np.array([float(MONTHLY[name]) for name in frame["health_cover"]]),
    )


def timed(table: pl.DataFrame, offer: Offer, rounds: int) -> tuple[list[float], Payroll]:
    """Return the CPU seconds of each round and the payroll, with all amounts that the other programs give."""
    spent = []
    table = table.with_columns(
        pl.col("role").cast(pl.Enum(ROLES)), pl.col("health_cover").cast(pl.Enum(COVERS))
    )
    for _ in range(rounds + 1):
        start = time.process_time()
        found = payroll(People(table), offer)
        for line in (found.base, *found.others):
            if line.side != "employer":
                line.cents  # noqa: B018 -- made when it is asked for
        found.total("pay")
        spent.append(time.process_time() - start)
    return spent[1:], found


def main() -> None:
    """Run both programs in turn and print what they took and where they differ."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--rounds", type=int, default=5)
    given = asked.parse_args()
    assert set(MONTHLY) == set(COVERS) and set(ROLES) == {"physician", "pa", "np"} and STEPS == 12  # noqa: PT018, S101
    table, offer = people_of(given.people), offer_of("line")
    for name in OTHERS:
        with TemporaryDirectory() as folder:
            inputs, out = Path(folder) / "people.npz", Path(folder) / "out.npz"
            written(People(table), inputs)
            done = subprocess.run(
                [python_of(name), HERE / "pay_other.py", name, inputs, out, str(given.rounds)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            ours, found = timed(table, offer, given.rounds)
            if done.returncode:
                print(json.dumps({"other": name, "skipped": done.stderr.strip().splitlines()[-1]}))
                continue
            theirs = min(json.loads(done.stdout.splitlines()[-1])["seconds"])
            pay = np.load(out)["pay"].astype(np.float64).sum(axis=0)
            off = np.abs(pay * 100 - found.total("pay").sum(axis=0)) >= 1
            figures = {"other": name, "people": given.people, "seconds": round(min(ours), 4),
                       "other_seconds": round(theirs, 3), "ratio": round(theirs / min(ours), 1),
                       "off_by_a_cent_or_more": round(float(off.mean()), 3),
                       "load": round(os.getloadavg()[0], 1)}  # fmt: skip
            print(json.dumps(figures))


if __name__ == "__main__":
    main()
