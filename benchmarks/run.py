"""Every figure that Tideover states about speed and quality, measured now: `make bench`.

The engine and HiGHS (its simplex and its interior point, on the linear relaxation alone) run one after the
other on the same generated instances, each in a process of its own; model building counts on both sides.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
TIDEOVER = Path(sys.executable).parent / "tideover"
#: Visits, free units over demanded units, and what is asked for.
LARGER = (
    (10_000, 3.0, ""),
    (100_000, 3.0, "15 s, 2,048 MiB, 0.1 %"),
    (300_000, 3.0, ""),
    (100_000, 0.8, "2 %"),
)
LEVELS = ("past_safe_by", "not_placed", "burden")
#: Free units over demanded units (loose to overloaded), and the gap that is asked for as a share.
CASES = ((6.0, 0.0005), (3.0, 0.0005), (1.3, 0.0005), (0.8, 0.015))


def _json(*command: str) -> Any:
    """Return what a benchmark prints as JSON."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=True, cwd=HERE)
    return json.loads(done.stdout)


def against_highs(limit: float) -> None:
    """Print the engine beside HiGHS, and its gap by level beside first-come re-booking."""
    print("Generated strike days: 10,000 affected visits of 1 or 2 units")
    for free, asked in CASES:
        ours = _json("engine.py", str(free))
        print(
            f"\nfree capacity {free} x demand: {ours['intervals']:,} intervals, {ours['pairs']:,} pairs; "
            f"{ours['seconds']:.2f} s, {ours['peak_mib']:,.0f} MiB"
        )
        for name, level in zip(LEVELS, ours["levels"], strict=True):
            share = level["gap"] / level["cost"] if level["cost"] else 0.0
            verdict = "" if share <= asked else f"   (asked for: at most {asked:.2%})"
            print(
                f"  {name:<13} cost {level['cost']:>9,}  bound {level['bound']:>9,}"
                f"  gap {level['gap']:>6,} = {share:.3%}  first-come {level['first_come']:>9,}{verdict}"
            )
        others = [
            _json("highs_relaxation.py", method, str(free), "--limit", str(limit))
            for method in ("simplex", "ipm")
        ]
        for other in others:
            print(
                f"  HiGHS {other['method']:<8} {other['seconds']:>7.2f} s (build {other['build']:.2f} s), "
                f"{other['peak_mib']:,.0f} MiB, {other['status']}"
            )
        best = min(other["seconds"] for other in others)
        print(
            f"  ratio: {best / ours['seconds']:.1f} times as fast as the better of the two relaxations alone"
        )


def growth() -> None:
    """Print how the engine grows with the number of visits, and a large day that is overloaded."""
    print("\nGrowth: 220 pairs for each visit")
    for visits, free, asked in LARGER:
        ours = _json("engine.py", str(free), "--visits", str(visits))
        shares = [level["gap"] / level["cost"] if level["cost"] else 0.0 for level in ours["levels"]]
        wanted = f" (asked for: at most {asked})" if asked else ""
        print(
            f"  {visits:>7,} visits, {ours['pairs']:>10,} pairs, free capacity {free} x demand: "
            f"{ours['seconds']:.1f} s, {ours['peak_mib']:,.0f} MiB, gaps by level "
            + " / ".join(f"{share:.3%}" for share in shares)
            + wanted
        )


def vitoria(data: Path) -> None:
    """Print how long the real book takes, and whether two runs give the same bytes."""
    book = data / "appointments-vitoria-2016.csv"
    if not book.exists():
        print(f"\nVitória: skipped, {book} is not there (TIDEOVER_DATA)")
        return
    with tempfile.TemporaryDirectory() as folder:
        network, first, second = (str(Path(folder) / name) for name in ("network", "first", "second"))
        mapping = str(ROOT / "examples" / "vitoria-2016" / "mapping.toml")
        _timed("Vitória: import", "import", "csv", str(book), "--mapping", mapping, "--out", network)
        strike = (
            "strike",
            network,
            "--on",
            "2016-05-04",
            "--as-of",
            "2016-04-29",
            "--working",
            "0.25",
            "--out",
        )
        seconds = _timed("Vitória: plan and report", *strike, first)
        seconds += _timed("Vitória: verify", "verify", first)
        print(f"Vitória: plan, report and verify together {seconds:.1f} s (asked for: under 30 s)")
        _timed("Vitória: the same again", *strike, second)
        digests = {
            hashlib.sha256((Path(f) / "decisions.parquet").read_bytes()).hexdigest() for f in (first, second)
        }
        print(f"Vitória: decisions.parquet of two runs {'identical' if len(digests) == 1 else 'DIFFERENT'}")


def synthetic() -> None:
    """Print how long the whole synthetic network takes, its memory, and whether two runs write the same."""
    with tempfile.TemporaryDirectory() as folder:
        first, second = (str(Path(folder) / name) for name in ("first", "second"))
        made = _json("synth.py", first)
        print(
            f"\nSynthetic network: {made['clinics']:,} sites, {made['clinicians']:,} posts, "
            f"{made['patients']:,} patients, {made['visits']:,} visits: {made['seconds']:.1f} s, "
            f"{made['peak_mib']:,.0f} MiB (asked for: under 60 s and 4,096 MiB)"
        )
        again = _json("synth.py", second)
        same = "identical" if made["sha256"] == again["sha256"] else "DIFFERENT"
        print(f"Synthetic network: files of two runs {same}")
        _timed("Synthetic network: check", "check", first)
        plan = str(Path(folder) / "plan")
        strike = ("--on", "2025-11-05", "--as-of", "2025-10-24", "--working", "0.25", "--out", plan)
        _timed("Synthetic network: plan and report", "strike", first, *strike)
        _timed("Synthetic network: verify", "verify", plan)
        days(first)
        travel(first)
        morning(first)
        week(first)
        rolling(first)
    cases()


def cases() -> None:
    """Print how long the shipped cases take, and whether scenarios share their tables."""
    for name, more, asked in (
        ("twin-cities-2025", (), "120 s and 6,144 MiB"),
        ("twin-cities-2025", ("--all-readings",), "360 s and 6,144 MiB"),
        ("northland-2025", (), "no limit"),
    ):
        got = _json("case.py", name, *more)
        print(
            f"Case {' '.join((name, *more))}: {got['seconds']:.0f} s, at most {got['peak_mib']:,.0f} MiB in "
            f"a process (asked for: under {asked})"
        )
    got = _json("case.py", "--scenarios", "20")
    print(
        f"Scenarios: {got['scenarios']} of the whole synthetic network hold {got['ratio']:.2f} times the "
        "memory of one (asked for: at most 1.3)"
    )


def travel(network: str) -> None:
    """Print how long the journeys of all patients to all clinics take, from each source, and the memory."""
    got = _json("travel.py", network)
    print(
        f"Journeys of {got['patients']:,} patients to {got['clinics']:,} sites, {got['starts']:,} starts: "
        f"by distance {got['s_distance']:.2f} s; by a matrix of {got['rows']:,} rows {got['s_matrix']:.2f} s "
        f"(reading it {got['s_read_matrix']:.2f} s); peak {got['mib_read']:,.0f} MiB with the network read, "
        f"{got['mib_matrix']:,.0f} MiB after both"
    )
    print(
        f"Journeys by a service on this machine: {got['questions']:,} questions, {got['s_service']:.1f} s; "
        f"again from the cache {got['questions_again']:,} questions, {got['s_again']:.1f} s; "
        f"peak {got['mib_service']:,.0f} MiB"
    )


def morning(network: str) -> None:
    """Print how fast a morning is planned again, and how many patients who were told change again."""
    got = _json("morning.py", network)
    print(
        f"Morning: made ready before in {got['ready']:.1f} s; {got['struck']} struck sessions, "
        f"{got['expected']} expected to be held"
    )
    for other in ("+50", "-50"):
        one = got[other]
        seconds = one["seconds"]
        print(
            f"Morning: {other} sessions held: {seconds[0]:.2f} to {seconds[-1]:.2f} s in process (asked for: "
            f"under 1 s); of {one['told']:,} visits told before {one['changed']:,} change again (asked for: "
            f"at most 2 %), from scratch {one['changed_from_scratch']:,}"
        )


def week(network: str) -> None:
    """Print how long a strike of five days takes, and how well its levels are proven."""
    got = _json("week.py", network)
    gaps = " / ".join(f"{(cost - bound) / cost if cost else 0:.2%}" for cost, bound in got["levels"])
    print(
        f"A strike of {got['days']} days: {got['counts']['affected']:,} visits in {got['seconds']:.0f} s "
        f"({got['cpu_seconds']:.0f} s of CPU), {got['peak_mib']:,.0f} MiB, gaps by level {gaps}"
    )


def rolling(network: str) -> None:
    """Print what twenty days of planning anew ask of patients."""
    done = subprocess.run(
        [sys.executable, "rolling.py", network], capture_output=True, text=True, check=True, cwd=HERE
    )
    *each, whole = (json.loads(line) for line in done.stdout.splitlines())
    longest = max(day["seconds"] for day in each)
    times = ", ".join(f"{number:,} {k} times" for k, number in whole["times"].items())
    print(
        f"Rolling plan: {len(each)} days, at most {longest:.1f} s each; {whole['told']:,} visits told: "
        f"{times}; told again because {whole['again']}; more than twice by the plan's choice: "
        f"{whole['more_than_twice_by_choice']} (asked for: none unless capacity fell)"
    )


def days(network: str) -> None:
    """Print how long 1,000 days of a strike take with one and two processes, and whether they agree."""
    tried = _json("days.py", network)
    same = "identical" if tried["sha256_1"] == tried["sha256_2"] else "DIFFERENT"
    print(
        f"Synthetic network: 1,000 days of {tried['pools']} pools, {tried['posts']:,} posts: "
        f"{tried['seconds_1']:.1f} s in one process, {tried['seconds_2']:.1f} s in two "
        f"(asked for: under 60 s); bytes {same}"
    )


def _timed(what: str, *words: str) -> float:
    """Run a command of Tideover, print its seconds and return them."""
    began = time.perf_counter()
    subprocess.run([str(TIDEOVER), *words], check=True, capture_output=True)
    seconds = time.perf_counter() - began
    print(f"{what}: {seconds:.1f} s")
    return seconds


def documents() -> None:
    """Print precision and recall of what is read in documents, and how long a long article takes."""
    print("\nclaims read: statements found in texts of our own, with answers by hand")
    done = subprocess.run(
        [sys.executable, "claims_read.py"], capture_output=True, text=True, check=True, cwd=HERE
    )
    print(done.stdout)


def transfers(data: Path) -> None:
    """Print how the transport engine does: a million patients, beside spopt, and the whole nation."""
    print("\nTransport engine")
    for each, asked in ((1, "5 s, 3,072 MiB, 0.02 %"), (10, "60 s, 0.2 %")):
        got = _json("transfer.py", "--each", str(each))
        print(
            f"  {got['patients']:,} patients to {got['bins']} bins: {got['seconds']:.1f} s "
            f"({got['cpu_seconds']:.1f} s of CPU), {got['peak_mib']:,.0f} MiB, gap {got['gap']:.4%} "
            f"(asked for: at most {asked})"
        )
    if not (data / "census-tracts-2020-us.csv.gz").exists():
        print(f"  tracts: skipped, {data} has none (TIDEOVER_DATA)")
        return
    got = _json("nation.py")
    print(
        f"  {got['tracts']:,} tracts, {got['people']:,} people to {got['sites']:,} sites, "
        f"{got['closing']} of them closing: {got['seconds']:.0f} s ({got['cpu_seconds']:.0f} s of CPU), "
        f"{got['peak_mib']:,.0f} MiB, gap {got['gap']:.4%}, {got['tracts_split']:,} tracts split, "
        f"{got['outside']:,} people out of reach of room (asked for: under 120 s, 3,072 MiB, 0.02 %)"
    )
    got = _json("transfer_spopt.py")
    print(
        f"  {got['tracts']:,} tracts whole to {got['sites']} sites: {got['seconds']:.2f} s, "
        f"cost {got['cost']:,}, gap {got['gap']:.3%}"
    )
    for other in got["others"]:
        print(
            f"    spopt with {other['solver']}: build {other['build']:.1f} s, solve {other['solve']:.1f} s "
            f"({other['pulp_status']}), cost {other['objective']}; {other['ratio']:.0f} times as long"
        )


def locations() -> None:
    """Print the location engine beside HiGHS's MIP, and how long a set takes to be ranked among all."""
    done = subprocess.run(
        [sys.executable, "pmedcap.py"], capture_output=True, text=True, check=True, cwd=HERE
    )
    print(f"\n{done.stdout}", end="")
    got = _json("rank.py")
    if "skipped" in got:
        print(f"Rank: skipped, {got['skipped']}")
        return
    print(
        f"Rank of a set among {got['sets']:,} by {got['items']:,} tracts: {got['seconds']:.2f} s "
        f"({got['cpu_seconds']:.2f} s of CPU; asked for: under 2 s); the best 1,000 sets in "
        f"{got['best_thousand_seconds']:.2f} s"
    )


def closings(data: Path) -> None:
    """Print how long closing clinics takes on the whole synthetic network, and a p-median beside spopt."""
    with tempfile.TemporaryDirectory() as folder:
        _json("synth.py", folder)
        got = _json("closing.py", folder)
    print(
        f"\nClosing 4 clinics: {got['transfer_people']:,} people placed in {got['transfer_seconds']:.1f} s, "
        f"gap {got['transfer_gap']:.4%}; who could go where {got['field_seconds']:.1f} s"
    )
    for name, (rank, seconds) in got["rank"].items():
        print(f"  rank by {name}: {rank:,} of {got['sets']:,} in {seconds:.2f} s (asked for: under 2 s)")
    for name, (cost, bound, seconds) in got["choose"].items():
        print(f"  choice by {name}: {cost:,}, no choice below {bound:,}, in {seconds:.1f} s")
    python = os.environ.get("TIDEOVER_SPOPT_PYTHON")
    if not python or not (data / "sf-locate").exists():
        print("  p-median beside spopt: skipped (TIDEOVER_SPOPT_PYTHON, TIDEOVER_DATA)")
        return
    got = _json("closing.py", "--median", python)
    other = got["spopt"]
    print(
        f"  four of 16 stores: {got['cost']:,.0f} in {got['seconds']:.3f} s; spopt {other['cost']:,.0f} in "
        f"{other['seconds']:.2f} s"
    )


def offers() -> None:
    """Print how long the pay of many clinicians takes, and how many float32 would get wrong."""
    done = subprocess.run([sys.executable, "pay.py"], capture_output=True, text=True, check=True, cwd=HERE)
    for found in map(json.loads, done.stdout.splitlines()):
        print(
            f"\npay of {found['people']:,} clinicians over {found['years']} years, "
            f"each {found['rounding_at']} rounded: {found['seconds']:.3f} s, to the cent; summed in float32, "
            f"{found['off_in_float32']:.0%} would be off by half a cent or more"
        )
    done = subprocess.run(
        [sys.executable, "pay_openfisca.py"], capture_output=True, text=True, check=True, cwd=HERE
    )
    for found in map(json.loads, done.stdout.splitlines()):
        if "skipped" in found:
            print(f"{found['other']}: skipped, {found['skipped']}")
            continue
        print(
            f"the same pay in {found['other']}: {found['other_seconds']:.3f} s beside "
            f"{found['seconds']:.4f} s of CPU, {found['ratio']:.1f} times as long (asked for: 50 and 10); "
            f"{found['off_by_a_cent_or_more']:.0%} of people off by a cent or more"
        )
    got = _json("packages.py")
    print(
        f"packages over {got['clinicians']} clinicians: {got['per_second']:,} a second (asked for: 100,000); "
        f"cost within {got['largest_difference']['cost_cents']:.0f} cents of the payroll's"
    )
    got = _json("workbook.py")
    print(
        f"workbook of {got['clinicians']} clinicians and {got['offers_beside_the_current']} offers beside "
        f"the current contract: {got['seconds']:.1f} s (asked for: under 5 s)"
    )


def bargains() -> None:
    """Print how long the frontier of a million packages takes, beside NegMAS, and whether both agree."""
    got = _json("bargain.py")
    agree = ", ".join(
        f"{name} {'the same' if got[key] else 'DIFFERENT'}"
        for name, key in (
            ("frontier", "frontier_same"),
            ("Nash point", "nash_same"),
            ("egalitarian point", "egalitarian_same"),
            ("Kalai-Smorodinsky point, with the ideal of the zone", "ks_same_with_ideal_of_zone"),
        )
    )
    print(
        f"\nFrontier and points of {got['outcomes']:,} packages: {got['seconds'] * 1000:.2f} ms, NegMAS "
        f"{got['negmas_seconds']:.1f} s, {got['ratio']:,.0f} times as long "
        f"(asked for: at least 1,000); {agree}"
    )


def help_text() -> None:
    """Print the CPU time of ``tideover --help``, the least of five."""
    spent = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([str(TIDEOVER), "--help"], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"\ntideover --help: {min(spent):.2f} s of CPU (asked for: under 0.3 s)")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--limit", type=float, default=240.0, help="seconds that HiGHS may take on each relaxation"
    )
    arguments.add_argument("--no-highs", action="store_true", help="leave out the comparison with HiGHS")
    given = arguments.parse_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    help_text()
    offers()
    bargains()
    documents()
    synthetic()
    shared = Path(os.environ.get("TIDEOVER_DATA", ROOT.parent / "shared" / "data"))
    vitoria(shared)
    transfers(shared)
    locations()
    closings(shared)
    if not given.no_highs:
        against_highs(given.limit)
    growth()
