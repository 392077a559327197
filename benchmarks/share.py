"""Share the sums of strike plans and check them, each step in a process of its own; print size and time.

    python benchmarks/share.py

The synthetic network (12 sites to 65), one strike day to three; the plan itself is not timed here.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

#: Clinics, clinicians, patients, and the dates of the strike.
CASES = (
    (12, 120, 120_000, ("2025-11-05",)),
    (65, 620, 700_000, ("2025-11-05",)),
    (65, 620, 700_000, ("2025-11-04", "2025-11-05", "2025-11-06")),
)


def _step(name: str, *words: str) -> dict[str, Any]:
    """Return what one step prints, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, name, *words], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def plan(folder: Path, size: tuple[int, int, int], dates: tuple[str, ...]) -> dict[str, Any]:
    """Write the network and its plan, without those for other working shares; return its counts."""
    from tideover.cases import strike as strike_case
    from tideover.disruptions import DISRUPTIONS
    from tideover.nouns import Policy
    from tideover.readers import read_network, write_network
    from tideover.reports import write_strike
    from tideover.synthetic import Recipe, synthetic_network

    strike_case.WORKING_SHARES = ()  # type: ignore[assignment]
    clinics, clinicians, patients = size
    recipe = Recipe(clinics=clinics, clinicians=clinicians, patients=patients)
    write_network(synthetic_network(recipe), folder / "network", "parquet")
    change = DISRUPTIONS["strike"].from_facts({"dates": list(dates), "working": 0.25})
    result = strike_case.run_strike(
        read_network(folder / "network"), [change], Policy.default(), date(2025, 10, 27)
    )
    write_strike(result, folder / "plan")
    return dict(result.plan.facts["counts"])


def share(folder: Path) -> dict[str, Any]:
    """Share the plan, its verification included; return rows, bytes, seconds and peak memory."""
    from tideover.verify import share as share_plan

    began = time.perf_counter()
    made = share_plan(folder / "plan", folder / "shared")
    return {"rows": dict(made.rows), "bytes": made.size_bytes, **_spent(began)}


def check(folder: Path) -> dict[str, Any]:
    """Check the shared instance; return whether it is right, seconds and peak memory."""
    from tideover.verify import verify

    began = time.perf_counter()
    (verdict,) = verify(folder / "shared")
    return {"ok": verdict.ok, **_spent(began)}


def _spent(began: float) -> dict[str, float]:
    """Return the seconds since ``began`` and the most memory that was held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - began, "peak_mib": peak}


def main() -> None:
    """Run every case, or one step of one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", nargs="?")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    if given.step == "plan":
        folder, clinics, clinicians, patients, *dates = given.words
        size = (int(clinics), int(clinicians), int(patients))
        print(json.dumps(plan(Path(folder), size, tuple(dates))))
    elif given.step:
        print(json.dumps({"share": share, "check": check}[given.step](Path(given.words[0]))))
    else:
        for *size, dates in CASES:
            with tempfile.TemporaryDirectory() as folder:
                _step("plan", folder, *map(str, size), *dates)
                written, checked = _step("share", folder), _step("check", folder)
            rows = written["rows"]
            print(
                f"{rows['items']:>7,} visits, {rows['bins']:>7,} bins, {rows['pairs']:>11,} pairs: "
                f"{written['bytes'] / 1e6:,.1f} MB; verified and written in {written['seconds']:.1f} s, "
                f"{written['peak_mib']:,.0f} MiB; checked in {checked['seconds']:.1f} s, "
                f"{checked['peak_mib']:,.0f} MiB{'' if checked['ok'] else ', NOT CONFIRMED'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
