"""All census tracts of the United States to 5,000 sites of which 500 close; prints one JSON line.

People of a tract may be split between sites; the 614 tracts without people are left out. Sites are tracts
drawn in proportion to people (fixed seed); 500 of them close, and the others then have room for 1.06 times
all people, 0.5 to 1.5 shares each. Staying outside costs as much as 500 km. The bound holds over all
84,781 x 4,500 pairs: a listing of the cheapest sites at the final prices looks at every site that could
matter (none is further away than what a person pays).
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time

import numba as nb
import numpy as np

import areas
from tideover.engines.transport import solve_split

SITES, CLOSING, ROOM, SEED, OUTSIDE = 5_000, 500, 1.06, 11, 50_000


@nb.njit(cache=True)
def _cheapest(here, there, height, price, outside, most):
    """Return each tract's cheapest sites at these prices; sites are in order of height (third coordinate)."""
    n, m = here.shape[0], there.shape[0]
    bins = np.full((n, most), -1, np.int32)
    costs = np.zeros((n, most), np.int32)
    value = np.empty(most, np.int64)
    for i in range(n):
        count = 0
        limit = np.int64(outside)
        middle = np.searchsorted(height, here[i, 2])
        for way in range(2):
            j = middle - 1 if way == 0 else middle
            while 0 <= j < m:
                # a chord is at least the difference in height, an arc at least its chord
                if areas.RADIUS * abs(there[j, 2] - here[i, 2]) > limit + 1:
                    break
                dx, dy = here[i, 0] - there[j, 0], here[i, 1] - there[j, 1]
                dz = here[i, 2] - there[j, 2]
                chord = areas.RADIUS * np.sqrt(dx * dx + dy * dy + dz * dz)
                if chord + price[j] < limit + 1:
                    c = areas.apart(here[i], there[j])
                    v = c + price[j]
                    if v < limit:
                        k = count if count < most else most - 1
                        count = min(count + 1, most)
                        while k > 0 and value[k - 1] > v:
                            value[k], bins[i, k], costs[i, k] = value[k - 1], bins[i, k - 1], costs[i, k - 1]
                            k -= 1
                        value[k], bins[i, k], costs[i, k] = v, j, c
                        if count == most:
                            limit = value[most - 1]
                j += -1 if way == 0 else 1
    return bins, costs


def nation(tracts: int | None, sites: int) -> dict[str, object]:
    """Return seconds after reading, peak memory, cost, bound and gap."""
    people, places = areas.tracts("census-tracts-2020-us.csv.gz")
    if tracts:
        people, places = people[:tracts], places[:tracts]
    began, spent = time.perf_counter(), time.process_time()
    all_sites = areas.sites(people, places, sites, SEED)
    closing = np.random.default_rng(SEED).choice(sites, sites // 10, replace=False)
    there = np.delete(all_sites, closing, axis=0)
    there = np.ascontiguousarray(there[np.argsort(there[:, 2], kind="stable")])
    height = np.ascontiguousarray(there[:, 2])
    capacity = areas.capacities(int(people.sum()), there.shape[0], ROOM, SEED)
    outside = np.full(people.size, OUTSIDE, np.int64)

    def tell(words: str) -> None:
        """Say how far it is, and after how long."""
        print(f"{time.perf_counter() - began:.1f} s: {words}", file=sys.stderr)

    got = solve_split(
        people, capacity, outside, lambda price, most: _cheapest(places, there, height, price, OUTSIDE, most),
        progress=tell,
    )  # fmt: skip
    load = np.bincount(got.bin[got.flow > 0], got.flow[got.flow > 0], capacity.size)
    whole = ((got.flow > 0).sum(axis=1) + (got.outside > 0)) == 1
    if (load > capacity).any() or (got.flow.sum(axis=1) + got.outside != people).any():
        raise RuntimeError("a site is above its capacity, or people are missing")
    return {
        "tracts": int(people.size), "people": int(people.sum()), "sites": sites, "closing": int(closing.size),
        "seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - spent,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "cost": got.cost, "bound": got.bound, "gap": got.gap, "outside": int(got.outside.sum()),
        "tracts_split": int((~whole).sum()),
    }  # fmt: skip


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tracts", type=int, default=None, help="only the first so many tracts")
    arguments.add_argument("--sites", type=int, default=SITES)
    given = arguments.parse_args()
    print(json.dumps(nation(given.tracts, given.sites)))
