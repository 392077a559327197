"""The command ``synth``: a synthetic network, and what a planner wants to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tideover.cases import Asked, reading_facts
from tideover.cases.stated import answered
from tideover.claims import Reading, read_ledger, read_reading
from tideover.cli.say import progress, say, say_json, show
from tideover.cli.words import SYNTHETIC
from tideover.nouns import Network
from tideover.readers import check_network_target, write_network
from tideover.reports.words import plural
from tideover.synthetic import Recipe, check_recipe, figures, synthetic_network

#: Steps that the progress bar shows: three of making, one of writing.
_STEPS = 4
_ROLES = {"physician": "physician", "pa": "PA", "np": "NP"}
_KINDS = {"primary": "clinic", "urgent_care": "urgent care", "hospital": "hospital"}


#: The claim that answers what is left out of a recipe.
ASKED = {
    "clinics": "sites-before-closures",
    "clinicians": "synthetic-posts",
    "patients": "synthetic-patients",
    "hospitals": "hospitals",
    "start": "synthetic-start",
    "weeks": "synthetic-weeks",
    "fill": "synthetic-fill",
}


def synth(asked: Mapping[str, Any], out: Path, reading: str, *, as_json: bool) -> int:
    """Write a synthetic network; ``asked`` has the fields of a ``Recipe``, ``None`` where left out."""
    taken = read_reading(reading, read_ledger())
    recipe = Recipe(**recipe_of(asked, taken))
    network = make(recipe, out)
    found = figures(network)
    if as_json:
        rows = {name: table.height for name, table in network.tables().items()}
        named = reading_facts(taken, taken.asked)
        say_json({"out": str(out), "tables": rows, "figures": found, "reading": named})
        return 0
    for line in lines(network, found):
        say(line)
    say()
    if taken.asked:
        say(f"Reading {taken.id}: {taken.title}, for {', '.join(a.claim.id for a in taken.asked)}.")
    say(f"Written to {out}. Plan a strike day on it with:")
    show(f"tideover strike {out} --on DATE --working SHARE --out PLAN")
    return 0


def recipe_of(asked: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Return the fields of a recipe: what is stated, else what the reading takes of its claim."""
    left = {name: Asked(ASKED[name]) if value is None else value for name, value in asked.items()}
    return dict(answered(left, "", reading, numbers=True))


def make(recipe: Recipe, out: Path) -> Network:
    """Write the network of ``recipe`` to ``out``, whole or not at all, and return it."""
    check_recipe(recipe)
    check_network_target(out)
    with progress(_STEPS) as report:
        network = synthetic_network(recipe, report)
        report(f"writing {out}")
        write_network(network, out, "parquet")
    return network


def lines(network: Network, found: Mapping[str, Any]) -> list[str]:
    """Return the figures of a synthetic network as a planner reads them."""
    sites, posts, people, book = (found[name] for name in ("sites", "posts", "patients", "book"))
    states = " and ".join(f"{count:,} in {state}" for state, count in sites["by_state"].items())
    rows = [
        (f"{sum(sites['by_kind'].values()):,}", f"sites: {_counted(sites['by_kind'], _KINDS)}; {states}"),
        (f"{posts['count']:,}", f"posts: {_counted(posts['by_role'], _ROLES)}"),
        (
            f"{posts['full_time']:,.0f}",
            f"full-time equivalents; {plural(posts['in_a_unit'], 'post')} in the unit",
        ),
        (f"{people['count']:,}", f"patients in {people['households']:,} households"),
        (f"{book['sessions']:,}", f"sessions, {book['by_video']:.0%} of them by video"),
        (f"{book['visits']:,}", f"visits from {book['first']} to {book['last']}"),
    ]
    made = [SYNTHETIC, "", network.name, *(f"  {count:>9}  {text}" for count, text in rows)]
    return [*made, "", *_spreads(found), "", *_shares(found)]


def _counted(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    return ", ".join(plural(counts[key], word) for key, word in words.items() if key in counts)


def _spreads(found: Mapping[str, Any]) -> list[str]:
    fill, lead = found["fill"], found["lead_days"]
    rows = [
        ("patients to a clinician", found["panels"]["per_clinician"], "{:,.0f}"),
        ("patients to a full-time post", found["panels"]["per_full_time_post"], "{:,.0f}"),
        ("km from home to the own clinic", found["journey_km"], "{:,.1f}"),
        ("booked share of a session, clinics", fill["primary"], "{:.0%}"),
        ("booked share of a session, urgent cares", fill.get("urgent_care"), "{:.0%}"),
        ("days from booking to visit, clinics", lead, "{:,.0f}"),
    ]
    heads = f"  {'at most so much, for':<40}{'1 in 10':>10}{'half':>10}{'9 in 10':>10}"
    table = [
        f"  {text:<40}" + "".join(f"{_cell(spread[key], form):>10}" for key in ("p10", "median", "p90"))
        for text, spread, form in rows
        if spread is not None
    ]
    return [heads, *table]


def _cell(value: float | None, form: str) -> str:
    return "unknown" if value is None else form.format(value)


def _shares(found: Mapping[str, Any]) -> list[str]:
    people, book = found["patients"], found["book"]
    rows = [
        (found["fill"]["primary"]["all"], "of the bookable minutes at clinics are booked"),
        (found["lead_days"]["same_day"], "of the visits at clinics are booked on the day itself"),
        (book["with_own_clinician"], "of them are with the patient's own clinician"),
        (people["across_the_line"], "of patients live in another state than their clinic"),
        (people["other_language"], "prefer another language than English"),
        (people["no_car"], "live in a household without a car"),
    ]
    return [f"  {_cell(share, '{:.1%}'):>9}  {text}" for share, text in rows]
