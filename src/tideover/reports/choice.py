"""The folder and the page of a rank or a choice: where a set of closings stands, and what each costs whom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from tideover.cases.choosing import ChoosingResult
from tideover.readers import whole_folder
from tideover.reports import svg, words
from tideover.reports.grounds import told_of
from tideover.reports.pages import draw_page
from tideover.reports.parts import Figure, Table
from tideover.travel import rows_used

#: The file that holds the facts, by what was asked; a folder has one of them.
MARKS = {"rank": "rank.json", "choice": "choice.json"}
TABLES = ("tried.parquet", "placed.parquet")
PAGE = "report.html"
UNIT_WORDS = {
    "minutes": "minutes more",
    "beyond": "people beyond the standard",
    "points": "points",
    "load": "tenths of a patient over target",
}
WITH_MONEY = "minutes, fixed costs included"
_LESS_WORDS = {
    "minutes": "would add fewer minutes of journey",
    "beyond": "would leave fewer people beyond the standard",
    "points": "would cost fewer points",
    "load": "would put less load over target",
}


def outputs(kind: str) -> tuple[str, ...]:
    """Return the names of the files that a rank or a choice may have."""
    return (MARKS[kind], PAGE, "travel.parquet", *(TABLES if kind == "choice" else ()))


def write_choosing(result: ChoosingResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole, or what was there before stays.

    Who goes where and the journeys speak of single patients: only their owner may read all but the page (mode
    600). ``OutputError`` if it cannot be written.
    """
    mark = MARKS[result.kind]
    with whole_folder(out, mark, outputs(result.kind)) as draft:
        for name, table in result.tables.items():
            table.write_parquet(draft / f"{name}.parquet")
        if result.network.travel is not None:
            rows_used(result.network, result.asked).write_parquet(draft / "travel.parquet")
        (draft / PAGE).write_text(choice_page(result), encoding="utf-8")
        files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(draft.iterdir())}
        text = json.dumps({**result.facts, "files": files}, indent=1, ensure_ascii=False)
        (draft / mark).write_text(text + "\n", encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o644 if path.name == PAGE else 0o600)


def choice_page(result: ChoosingResult) -> str:
    """Return the page as one HTML document: sets of clinics, counts of people, no person."""
    facts = result.facts
    names = names_of(result)
    ranked = result.kind == "rank"
    return draw_page(
        "choice.html",
        title="Which clinics to close",
        rests=told_of(facts),
        synthetic=facts["network"]["synthetic"],
        dateline=facts["network"]["name"] or "Clinic network",
        headline=headline(facts),
        keys=_keys(facts),
        sets=sets_table(facts, names),
        histogram=histogram(facts, "h") if ranked else None,
        receiving=None if ranked else _receiving(facts, names),
        why=[_why(one, names) for one in facts["why"]],
        said=_closed_said(facts, names) + sentences(facts, names),
        facts=facts,
        patterns=svg.patterns(),
    )


def names_of(result: ChoosingResult) -> dict[str, str]:
    """Return the name of each clinic, by its id."""
    rows = result.network.clinics.select("clinic_id", pl.coalesce("name", "clinic_id"))
    return dict(rows.iter_rows())


def headline(facts: Mapping[str, Any]) -> str:
    """Return the result in one sentence."""
    if facts["kind"] == "rank":
        better = facts["rank"] - 1
        return (
            f"Of {words.plural(facts['of'], 'choice')} of "
            f"{words.plural(len(facts['announced']), 'clinic')}, {words.count(better) if better else 'none'} "
            f"{_LESS_WORDS[facts['measure']]} than the named one."
        )
    proven = "no choice costs less" if facts["cost"] == facts["bound"] else (
        f"at most {words.share(facts['gap'], 2)} could be saved"
    )  # fmt: skip
    if facts["money"] is not None:
        return _headline_with_money(facts)
    return (
        f"Closing {words.plural(facts['count'], 'clinic')} with least harm costs "
        f"{words.count(facts['cost'])} {UNIT_WORDS[facts['objective']]}; {proven}."
    )


def _headline_with_money(facts: Mapping[str, Any]) -> str:
    """Return the same where fixed costs count: what it adds, what it saves, what could be better."""
    money, left = facts["money"], facts["cost"] - facts["bound"]
    closed = words.plural(facts["count"], "clinic")
    proven = f"at most {words.plural(left, 'minute')} could be gained" if left else "no choice is better"
    return (
        f"Closing {closed} adds {words.count(money['harm'])} minutes of journey and saves "
        f"{dollars(money['saved_per_year'])} a year of fixed costs; weighed at {dollars(money['per_hour'])} "
        f"a year for one hour, {proven}."
    )


def dollars(amount: float) -> str:
    """Return dollars without cents where there are none: ``$1,200``, ``$17.50``."""
    return f"${amount:,.0f}" if amount == round(amount) else f"${amount:,.2f}"


def _closed_said(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return which clinics close, where the table has its rows for what counts."""
    if facts["kind"] == "rank" or facts["money"] is None:
        return []
    return [f"These close: {words.listed([names[name] for name in facts['clinics']])}."]


def _money_said(facts: Mapping[str, Any]) -> list[str]:
    """Return whether fixed costs count in a choice, at whose rate, and what an added hour saves."""
    money = facts["money"]
    if money is None:
        return ["What the clinics cost does not count: nobody stated what an hour weighs (--money-per-hour)."]
    rate, standing = dollars(money["per_hour"]), dollars(money["open_per_year"])
    stated = (
        f"Fixed costs count as whoever asked stated it: {rate} a year weigh as much as one hour added to "
        "journeys, one journey of each person; the rate is theirs, not Tideover's."
    )
    left = (
        f"The clinics that could close and stay open cost {standing} a year: at this rate as much as "
        f"{words.count(money['standing'])} minutes."
    )
    whole = (
        "The saving is the whole fixed cost of the closed clinics; whether all of it ends with them is not "
        "looked at."
    )
    if facts["unplaced"]:
        limit = words.plural(facts["policy"]["transfer_limit_minutes"], "minute")
        whole += f" Whoever has no place counts as {limit} more."
    if not money["harm"]:
        return [stated, left, whole]
    each = dollars(round(60 * money["saved_per_year"] / money["harm"]))
    return [stated, f"This choice saves {each} a year for each hour that it adds.", left, whole]


def sentences(facts: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    """Return what else is to be said: ties, the rank with room, who is not measured, who has no place."""
    found = []
    if facts["kind"] == "rank":
        if facts["equal"]:
            found.append(f"{words.count(facts['equal'])} other choices cost the same.")
        room = facts["with_room"]
        among = "" if room["among"] else ", of which the named set is none"
        found.append(
            f"With the room of the clinics: beside the {words.count(room['of'])} choices with fewest minutes"
            f"{among}, it is number {words.count(room['rank'])} by load over target "
            f"({words.count(room['load'] / 10)} patients over). The other choices are not ranked so."
        )
    else:
        if facts["unplaced"]:
            needed, there = facts["room"]["needed"] / 10, facts["room"]["there"] / 10
            found.append(
                f"{words.plural(facts['unplaced'], 'person has', 'people have')} no place within reach: "
                f"{words.count(needed)} panel places are needed, {words.count(there)} are there in all."
            )
        kept = [names[name] for name in facts["keep"]]
        if kept:
            found.append(f"Kept open: {words.listed(kept)}.")
        found += _money_said(facts)
    counts = facts["counts"]
    for key, said in (
        ("from_clinic", "without a known home start from their clinic"),
        ("journey_unknown", "without a known journey to their clinic are in no figure here"),
        (
            "without_clinic",
            "belong to no clinic, having neither a clinician nor a visit, and are not counted",
        ),
        ("of_other_clinics", "belong to clinics that are not open primary care, and are not counted"),
    ):
        if counts[key]:
            found.append(f"{words.plural(counts[key], 'patient')} {said}.")
    return found


def _keys(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    if facts["kind"] == "rank":
        unit = UNIT_WORDS[facts["measure"]]
        shown = [
            ("rank", facts["rank"], f"of {words.count(facts['of'])}"),
            ("the named set", facts["cost"], unit),
            ("the best", facts["best"]["cost"], unit),
            ("half cost at most", facts["median"], unit),
        ]
    else:
        unit = UNIT_WORDS[facts["objective"]] if facts["money"] is None else WITH_MONEY
        shown = [
            ("this choice", facts["cost"], unit),
            ("no choice can cost less than", facts["bound"], unit),
            ("people who change clinic", facts["people"], ""),
            ("without a place", facts["unplaced"], ""),
        ]
    return [
        {"words": said, "number": words.count(number), "alert": False, "remark": remark}
        for said, number, remark in shown
    ]


def sets_table(facts: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    """Return the sets worth naming, with what each costs."""

    def clinics(some: list[str]) -> str:
        """Return the names of clinics as a list in words."""
        return ", ".join(names[name] for name in some)

    if facts["kind"] == "choice" and facts["money"] is not None:
        return _money_table(facts)
    if facts["kind"] == "choice":
        rows = ((clinics(facts["clinics"]), words.count(facts["cost"]), words.count(facts["bound"])),)
        heads = ("Clinics that close", UNIT_WORDS[facts["objective"]].capitalize(), "No choice can cost less")
        return Table("The choice with least harm", heads, rows, frozenset({0}))
    lines = [
        ("Best", facts["best"]["clinics"], facts["best"]["cost"]),
        ("Named here", facts["announced"], facts["cost"]),
        ("Median", None, facts["median"]),
        ("Worst", facts["worst"]["clinics"], facts["worst"]["cost"]),
    ]
    made = tuple(
        (label, clinics(some) if some else "half of the choices cost at most this", words.count(cost))
        for label, some, cost in lines
    )
    heads = ("Choice", "Clinics that close", UNIT_WORDS[facts["measure"]].capitalize())
    return Table("Best, median and worst choice", heads, made, frozenset({0, 1}))


def _money_table(facts: Mapping[str, Any]) -> Table:
    """Return what of a choice's cost is journeys and what is money, in both units where there are two."""
    money = facts["money"]

    journeys, gain = (
        part / 60 * money["per_hour"] for part in (money["harm"], facts["cost"] - facts["bound"])
    )
    both = journeys + money["open_per_year"]
    rows = (
        ("Minutes more of journey", words.count(money["harm"]), dollars(round(journeys))),
        ("Fixed costs of the clinics left open", words.count(money["standing"]),
         dollars(round(money["open_per_year"]))),
        ("Both together", words.count(facts["cost"]), dollars(round(both))),
        ("No choice can come below", words.count(facts["bound"]), dollars(round(both - gain))),
        ("Fixed costs that end", "", dollars(round(money["saved_per_year"]))),
    )  # fmt: skip
    heads = ("What counts", "Minutes", f"Dollars a year, an hour at {dollars(money['per_hour'])}")
    return Table("The choice with least harm and fixed costs", heads, rows, frozenset({0}))


def _receiving(facts: Mapping[str, Any], names: Mapping[str, str]) -> Table:
    rows = tuple((names[one["clinic_id"]], words.count(one["people"])) for one in facts["receiving"])
    return Table("Who takes people in", ("Clinic", "People"), rows)


def histogram(facts: Mapping[str, Any], key: str) -> Figure:
    """Return how many sets of as many clinics cost how much; ``key`` begins the ids of the picture."""
    edges, counts, mine = facts["histogram"]["edges"], facts["histogram"]["counts"], facts["cost"]
    last = len(counts) - 1
    here = next((at for at in range(last) if mine < edges[at + 1]), last)
    rows = []
    bars = {True: [], False: []}  # type: dict[bool, list[svg.Bar]]
    for at, number in enumerate(counts):
        part = svg.Part("moved" if at == here else "stand", number, "choices")
        band = "named here" if at == here else ""
        rows.append((f"{words.count(edges[at])} to {words.count(edges[at + 1])}", words.count(number), band))
        bars[True].append(svg.Bar(_short(edges[at]), (part,), band=band))
        bars[False].append(svg.Bar(_short(edges[at]), (part,), band=band))
    unit = UNIT_WORDS[facts["measure"]]
    title = f"Choices of {len(facts['announced'])} clinics by {unit}"
    desc = f"{words.count(facts['of'])} choices; the named one costs {words.count(mine)} {unit}."
    table = Table(title, (unit.capitalize(), "Choices", ""), tuple(rows), frozenset({0, 2}))
    wide, narrow = (
        svg.columns(bars[True], title=title, desc=desc, key=f"{key}-{width}", width=width, unit="choices")
        for width in (900, 360)
    )
    legend: tuple[tuple[Markup, str], ...] = (
        (svg.swatch("stand"), "choices"),
        (svg.swatch("moved"), "choices that cost about as much as the named one"),
    )
    return Figure(title, wide, narrow, table, legend, table_folded=True)


def _short(number: float) -> str:
    if number >= 1_000_000:
        return f"{number / 1_000_000:.1f}m"
    return f"{number / 1000:.0f}k" if number >= 10_000 else words.count(number)


def _why(one: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of the page about closing one clinic alone."""
    place = one["rank"]
    stands = f"; number {place['rank']} of {place['of']} closings of one clinic" if place else ""
    to = [f"{names[row['clinic_id']]} ({words.count(row['people'])})" for row in one["to"][:5]]
    cells = {(row["group"], row["member"], row["measure"]): row for row in one["groups"]}
    rows: list[tuple[str, ...]] = []
    for group, member in dict.fromkeys((row["group"], row["member"]) for row in one["groups"]):
        near, far = cells[group, member, "minutes"], cells[group, member, "beyond"]
        label = "everybody" if group == "all" else f"{group.replace('_', ' ')}: {member}"
        if near["people"] is None:
            rows.append((label, "withheld", "", "", "", ""))
            continue
        journeys = (
            words.UNKNOWN if near[when] is None else f"{near[when]:.1f}" for when in ("before", "after")
        )
        shares = (words.share(far[when]) for when in ("before", "after"))
        rows.append((label, words.count(near["people"]), *journeys, *shares))
    nowhere = (
        "Fewer than 11 people have"
        if one["nowhere"] is None
        else words.plural(one["nowhere"], "person has", "people have")
    )
    heads = ("Group", "People", "Minutes before", "after", "Beyond the standard before", "after")
    name = names[one["clinic_id"]]
    return {
        "heading": f"Closing {name} alone",
        "said": (
            f"{words.plural(one['people'], 'person', 'people')} change clinic, "
            f"{words.count(one['minutes'])} minutes more in all{stands}. "
            f"{nowhere} no clinic in reach." + (f" Most go to {words.listed(to)}." if to else "")
        ),
        "table": Table(f"What closing {name} costs whom", heads, tuple(rows)),
    }
