"""The payroll beside OpenFisca-Core and policyengine-core: the same pay system, 100,000 people, three years.

    python benchmarks/pay_openfisca.py [--people 100000] [--rounds 5]

Each runs in an environment of its own: the Python named by TIDEOVER_OPENFISCA_PYTHON and
TIDEOVER_POLICYENGINE_PYTHON, else one that this benchmark makes in build/ by pip (once). Prints one JSON line
for each: seconds of both programs (the best round), the ratio, and the share of people whose pay over three
years is off by a cent or more.
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

from pay import STEPS, offer_of, people_of
from tideover.nouns.amounts import COVERS, ROLES
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
            ours = []
            for _ in range(given.rounds):
                start = time.perf_counter()
                found = payroll(People(table), offer)
                ours.append(time.perf_counter() - start)
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
