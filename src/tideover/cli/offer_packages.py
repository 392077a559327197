"""What is said of a search over packages: the grid, and how far packages of one mean range."""

from __future__ import annotations

from collections.abc import Iterator

from tideover.cases.offer import OffersResult
from tideover.cases.packages import NEAR, Search, Told
from tideover.reports.offer_words import percent, signed
from tideover.reports.words import plural


def packages_lines(search: Search, result: OffersResult) -> Iterator[str]:
    """Yield the lines on a search: its grid and, for each offer, the packages that have its mean."""
    grid = {name: _span(values) for name, values in search.grid.items()}
    rises = [rise * 100 for rise in search.grid["increase_of_each_year"]]
    yield ""
    yield (
        f"Packages: {search.size:,} changes to {result.current.offer.name}, in {search.seconds:.1f} s. The "
        f"grid: increase of each year, in per cent, {_span(rises)}; work-RVU rates times "
        f"{grid['rvu_rates_times']}, thresholds plus {grid['rvu_thresholds_plus']}; quality pay times "
        f"{grid['quality_pay_times']}; bonus {grid['bonus']}; match {grid['match']}; premium share "
        f"{grid['premium_share']}. It says nothing of packages outside it."
    )
    for peers, outcome in zip(search.peers, result.outcomes, strict=True):
        yield ""
        if not peers.count or peers.fewest is None or peers.most is None:
            yield f"  - None of them has the mean of {peers.offer} ({signed(peers.mean)})."
            continue
        told = outcome.spread
        yield (
            f"  - With the mean of {peers.offer} ({signed(peers.mean)}, give or take {NEAR * 100:g} points): "
            f"{plural(peers.count, 'package')} that differ in pay. From {percent(peers.losing[0])} to "
            f"{percent(peers.losing[1])} of clinicians lose more than 5 %, and the lowest change lies "
            f"between {signed(peers.worst[0])} and {signed(peers.worst[1])}. The offer itself: "
            f"{percent(told.losing['0.05'])} and {signed(told.worst)}."
        )
        yield from _ends(peers.fewest, peers.most)


def _ends(fewest: Told, most: Told) -> Iterator[str]:
    for words, one in (("Fewest losers", fewest), ("Most losers", most)):
        levers = one.levers
        rises = ", ".join(f"{rise * 100:+g} %" for rise in levers["increases"])
        yield (
            f"  - {words}: increases {rises}; work-RVU rates times {levers['rvu_rates_times']:g}, "
            f"thresholds plus {levers['rvu_thresholds_plus']:g}; quality pay times "
            f"{levers['quality_pay_times']:g}; bonus {levers['bonus']:,.0f}. By the payroll: mean "
            f"{signed(one.spread.mean)}, {percent(one.spread.losing['0.05'])} lose more than 5 %, "
            f"lowest {signed(one.spread.worst)}."
        )


def _span(values: list[float]) -> str:
    low, high = min(values), max(values)
    return f"{low:,g}" if low == high else f"{low:,g} to {high:,g} ({len(values)} values)"
