"""A million patients to 60 clinics, or to 600 clinicians of 60 clinics; prints one JSON line.

Generated (fixed seed): places at random in a square of 60 minutes, sizes of 1 to 4 units of risk weight,
room for 1.05 times all units, shares of up to 4 to 1. Costs are hundredths of minutes. Clinicians cost what
their clinic does; seven patients in ten have an own one at one of their three nearest clinics, who is ten
minutes better. The clock starts when the tables are there and the kernels compiled.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np

from tideover.engines.transport import TransportProblem, solve

CLINICS, MINUTE, ROOM, SEED = 60, 100, 1.05, 1


def instance(patients: int, clinics: int, each: int) -> TransportProblem:
    """Return the problem with ``each`` clinicians in every clinic (1: the clinics themselves)."""
    rng = np.random.default_rng(SEED)
    here, there = rng.random((patients, 2)), rng.random((clinics, 2))
    cost = np.empty((patients, clinics), np.int32)
    for j in range(clinics):
        cost[:, j] = np.rint(np.hypot(*(here - there[j]).T) * 60 * MINUTE)
    size = rng.integers(1, 5, patients).astype(np.int32)
    share = rng.random(clinics * each) + 0.3
    capacity = (size.sum() * ROOM * share / share.sum()).astype(np.int64)
    outside = np.full(patients, 200 * MINUTE, np.int64)
    if each == 1:
        return TransportProblem(size, capacity, outside, cost)
    near = np.argpartition(cost, 3, axis=1)[:, :3]
    clinic = near[np.arange(patients), rng.integers(0, 3, patients)]
    has = rng.random(patients) < 0.7
    own = (clinic * each + rng.integers(0, each, patients))[has].astype(np.int32)
    better = np.maximum(cost[has, clinic[has]] - 10 * MINUTE, 0).astype(np.int32)
    start = np.concatenate([[0], np.cumsum(has)])
    group = np.repeat(np.arange(clinics), each).astype(np.int32)
    return TransportProblem(size, capacity, outside, cost, start, own, better, group)


def transfer(patients: int, each: int) -> dict[str, object]:
    """Return seconds, peak memory, cost, bound and gap."""
    solve(instance(500, 6, each))
    problem = instance(patients, CLINICS, each)
    began, spent = time.perf_counter(), time.process_time()
    got = solve(problem)
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    load = np.bincount(got.choice[got.choice >= 0], problem.size[got.choice >= 0], problem.capacity.size)
    if (load > problem.capacity).any():
        raise RuntimeError("a bin is above its capacity")
    return {
        "patients": patients, "bins": CLINICS * each, "seconds": seconds, "cpu_seconds": cpu,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cost": got.cost, "bound": got.bound, "gap": got.gap, "outside": int((got.choice < 0).sum()),
    }  # fmt: skip


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--each", type=int, default=1, help="clinicians of a clinic; 1: clinics receive")
    arguments.add_argument("--patients", type=int, default=1_000_000)
    given = arguments.parse_args()
    print(json.dumps(transfer(given.patients, given.each)))
