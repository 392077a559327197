"""The page after a strike: the backlog, how soon it can be gone, dates to tick off, planned and happened."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl

from tideover.after import MEASURES
from tideover.cases.after import AfterResult
from tideover.impact import FEWEST_PEOPLE
from tideover.readers import whole_folder
from tideover.reports import svg, words
from tideover.reports.book import site_names
from tideover.reports.pages import draw_page
from tideover.reports.parts import Figure, Table

MARK = "after.json"
OUTPUTS = (MARK, "backlog.csv", "backlog.parquet", "happened.csv", "report.html")
KIND_WORDS = {
    "rescheduled": "rescheduled: they have a new date",
    "without_date": "without a date: on the wait-list",
    "never_booked": "never booked: expected, in no book",
}
CHECKS = {
    "sessions_held_again": "Sessions are held again; visits on standby are settled",
    "urgency_1_2_held": "The last moved visit of urgency 1 or 2 is held",
    "urgency_3_4_held": "The last moved visit of urgency 3 or 4 is held",
    "urgency_5_6_held": "The last moved visit of urgency 5 or 6 is held",
    "without_date": "Visits on the wait-list are given a date",
    "sites_cleared_at_best": "Backlog can be gone at the earliest",
    "sites_not_cleared": "Backlog is not gone within the plan's window, even at best",
}


def write_after(result: AfterResult, out: Path) -> None:
    """Write the folder ``out``; it appears whole or not at all. Only the page may go round (mode 644)."""
    with whole_folder(out, MARK, OUTPUTS) as draft:
        text = json.dumps(result.facts, indent=1, ensure_ascii=False)
        (draft / MARK).write_text(text + "\n", encoding="utf-8")
        result.decay.write_csv(draft / "backlog.csv")
        result.decay.write_parquet(draft / "backlog.parquet")
        if result.table is not None:
            result.table.write_csv(draft / "happened.csv")
        (draft / "report.html").write_text(after_page(result), encoding="utf-8")
        for path in draft.iterdir():
            path.chmod(0o644 if path.name == "report.html" else 0o600)


def after_page(result: AfterResult) -> str:
    """Return the page as one HTML document: counts and hours, no identifier of a person or visit.

    Sites whose backlog is about fewer than 11 patients are shown together.
    """
    facts = result.facts
    last = dt.date.fromisoformat(facts["last_strike_date"])
    view = {
        "title": f"After the strike of {words.plain_day(last)}",
        "synthetic": facts["synthetic"],
        "dateline": f"Backlog at the end of {words.day(last)}",
        "headline": headline(facts),
        "keys": _keys(facts),
        "figure_": _figure(result),
        "sites": _sites(result),
        "checks": _checks(facts),
        "tables": _tables(result),
        "happened": facts["happened"],
        "patterns": svg.patterns(),
        "words": words,
        "until": words.day(dt.date.fromisoformat(facts["until"])),
    }
    return draw_page("after.html", **view)


def headline(facts: dict[str, Any]) -> str:
    """Return what the strike leaves behind and when it can be gone, in one sentence."""
    backlog = facts["backlog"]
    hours = sum(part["minutes"] for part in backlog.values()) / 60
    if not hours:
        return "The strike leaves no backlog."
    when = (
        f"at the earliest on {words.day(dt.date.fromisoformat(facts['clears_on']))}"
        if facts["clears_on"]
        else f"even at best not by {words.day(dt.date.fromisoformat(facts['until']))} at "
        f"{words.plural(facts['clinics_not_cleared'], 'site')}"
    )
    return f"The strike leaves {hours:,.0f} hours of visits behind; they can be made up {when}."


def _keys(facts: dict[str, Any]) -> list[dict[str, Any]]:
    keys = []
    for kind, about in KIND_WORDS.items():
        part = facts["backlog"][kind]
        count = f"{words.plural(part['visits'], 'visit')}, " if "visits" in part else ""
        name, _, remark = about.partition(": ")
        keys.append({"words": f"hours {name}", "number": f"{part['minutes'] / 60:,.0f}", "alert": False,
                     "remark": f"{count}{remark}"})  # fmt: skip
    return keys


def _figure(result: AfterResult) -> Figure | None:
    sums = result.decay.group_by("date").agg(pl.col("least", "planned").sum()).sort("date")
    if sums.is_empty():
        return None
    days = list(sums.iter_rows())
    fixed = {kind: result.facts["backlog"][kind]["minutes"] / 60 for kind in ("without_date", "never_booked")}
    bars = [_bar(day, least / 60, planned / 60, fixed) for day, least, planned in days]
    drawn = [
        svg.columns(
            bars, key=f"backlog-{name}", width=width, unit="hours of visits", title="How the backlog shrinks",
            desc="Columns: hours left at the end of each date as planned. Line: hours left at best.",
        ) for name, width in (("w", 824), ("n", 350))
    ]  # fmt: skip
    rows = tuple(
        (words.short_day(day), f"{planned / 60:,.1f}", f"{least / 60:,.1f}") for day, least, planned in days
    )
    table = Table("Hours of backlog left at the end of each date", ("Date", "As planned", "At best"), rows)
    fills = (("moved", "rescheduled"), ("waitlist", "without a date"), ("booked", "never booked"))
    legend = (*((svg.swatch(fill), text) for fill, text in fills), (svg.level_swatch(), "left at best"))
    return Figure("How the backlog shrinks", drawn[0], drawn[1], table, legend, table_folded=True)


def _bar(day: dt.date, least: float, planned: float, fixed: dict[str, float]) -> svg.Bar:
    # what is fixed was rounded for the file; a grain of it is no bar
    moved = max(0.0, round(planned - sum(fixed.values()), 2))
    parts = (
        svg.Part("booked", fixed["never_booked"], "never booked"),
        svg.Part("waitlist", fixed["without_date"], "without a date"),
        svg.Part("moved", moved, "rescheduled"),
    )
    return svg.Bar(f"{day.day} {day:%b}", parts, mark=least)


def _sites(result: AfterResult) -> Table:
    names = site_names(result.scenario)
    opening = result.decay.group_by("clinic_id", maintain_order=True).first()
    rows = opening.join(result.people, on="clinic_id", how="left").join(
        pl.DataFrame(result.facts["clinics"], schema={"clinic_id": pl.String, "clears_on": pl.String}),
        on="clinic_id",
    )
    small = pl.col("people").fill_null(0) < FEWEST_PEOPLE
    shown = rows.filter(~small).sort("least", "clinic_id", descending=[True, False])
    cells = [
        (names[r["clinic_id"]], _hours(r["least"]), _clears(r["clears_on"]))
        for r in shown.iter_rows(named=True)
    ]
    rest = rows.filter(small)
    if rest.height:
        days = rest["clears_on"].to_list()
        label = words.plural(rest.height, "smaller site")
        cells.append(
            (label, _hours(float(rest["least"].sum())), _clears(None if None in days else max(days)))
        )
    return Table(
        "Backlog by site",
        ("Site", "Hours at the end", "Gone at the earliest"),
        tuple(cells),
        frozenset({0, 2}),
    )


def _hours(minutes: float) -> str:
    return f"{minutes / 60:,.1f}"


def _clears(day: str | None) -> str:
    return words.short_day(dt.date.fromisoformat(day)) if day else "not within the window"


def _checks(facts: dict[str, Any]) -> Table:
    rows = []
    for check in facts["checklist"]:
        of_visits = not check["what"].startswith("s")
        number = words.plural(check["number"], "visit" if of_visits else "site")
        if of_visits and check["number"] < FEWEST_PEOPLE:
            number = f"fewer than {FEWEST_PEOPLE} visits"
        on = words.short_day(dt.date.fromisoformat(check["on"])) if check["on"] else "open"
        rows.append((on, CHECKS[check["what"]], number, ""))
    return Table("Dates to tick off", ("Date", "What", "How many", "Done"), tuple(rows), frozenset({0, 1, 2}))


def _tables(result: AfterResult) -> list[Table]:
    if result.table is None:
        return []
    names = site_names(result.scenario)
    heads = ("", "Planned", "Happened", "Difference")
    everyone = result.table.filter(pl.col("group") == "all")
    first = tuple((MEASURES[row["measure"]], *_cells(row)) for row in everyone.iter_rows(named=True))
    tables = [Table("All visits of the plan", heads, first)]
    for group in ("option", "urgency", "clinic"):
        rows = result.table.filter(pl.col("group") == group)
        members = rows["member"].unique(maintain_order=True).sort().to_list()
        cells = {(row["member"], row["measure"]): row for row in rows.iter_rows(named=True)}
        label = names if group == "clinic" else words.OPTION_WORDS if group == "option" else {}
        used = [
            m for m in MEASURES if any(cells[one, m]["before"] or cells[one, m]["after"] for one in members)
        ]
        lines = tuple((label.get(one, one), *(_pair(cells[one, m]) for m in used)) for one in members)
        caption = f"By {'site' if group == 'clinic' else group}: happened of planned"
        tables.append(Table(caption, ("", *(MEASURES[m] for m in used)), lines))
    return tables


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if row["suppressed"]:
        return (f"fewer than {FEWEST_PEOPLE} people", "", "")
    difference = words.difference(row["difference"], "visit")
    return words.count(row["before"]), words.count(row["after"]), difference


def _pair(row: dict[str, Any]) -> str:
    if row["suppressed"]:
        return "\u00b7"
    planned, found = words.count(row["before"]), words.count(row["after"])
    return f"{found} of {planned}" if row["before"] else found
