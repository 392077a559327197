"""The strike report: says what the plan says, holds no identifier, asks for nothing from outside."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from typing import Any

import polars as pl
import pytest

from reports_factory import STRIKE, make_network, make_plan, make_scenario
from tideover.cases.strike import run_strike
from tideover.disruptions import DISRUPTIONS
from tideover.impact import scorecard
from tideover.nouns import Network, Plan, Policy, Scenario
from tideover.reports import strike_report, words
from tideover.reports.book import book
from tideover.reports.headline import headline
from tideover.reports.sites import openings
from tideover.reports.tables import sites

DATES = (STRIKE, STRIKE + dt.timedelta(days=1))
VOID = {"meta", "br", "link", "img", "input", "hr", "rect", "line", "path", "circle"}


def render(scenario: Scenario, plan: Plan) -> str:
    return strike_report(plan, scorecard(scenario, plan, Policy.default()), scenario)


@cache
def case(
    visits: int = 300, clinics: int = 6, dates: tuple[dt.date, ...] = (STRIKE,), nothing: bool = False
) -> tuple[Scenario, Plan, str]:
    scenario = make_scenario(make_network(visits, clinics, dates=dates), dates=dates)
    plan = make_plan(scenario, waitlist=0.03, nothing=nothing)
    return scenario, plan, render(scenario, plan)


def identifiers(network: Network) -> set[str]:
    people = {*network.patients["patient_id"], *network.clinicians["clinician_id"]}
    return people | {*network.visits["visit_id"], *network.sessions["session_id"]}


class Page(HTMLParser):
    """The page as lists: tags in order with the tags around them, and the rows of each table."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.rows: list[list[str]] = []
        self.caption = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs), tuple(self.open)))
        if tag == "table":
            self.rows, self.caption = [], ""
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self.open.pop() == tag, f"{tag} closes nothing"
        if tag == "table":
            self.tables[self.caption] = self.rows

    def handle_data(self, data: str) -> None:
        if "caption" in self.open:
            self.caption += data
        elif self.open and {"td", "th"} & set(self.open) and "svg" not in self.open:
            self.rows[-1][-1] += data.strip()

    def count(self, tag: str, inside: str | None = None) -> int:
        return sum(name == tag and (inside is None or inside in around) for name, _, around in self.seen)


def test_the_headline_is_the_plan_in_one_sentence() -> None:
    """A plan with known counts gives the sentence that was written by hand before."""
    scenario, plan, _ = case()
    day = dt.datetime(2016, 5, 4, 9)
    options = ["stand"] * 8 + ["standby"] * 2 + ["own_clinician"] * 9 + ["waitlist"]
    new = [day] * 10 + [day + dt.timedelta(days=5)] * 9 + [None]
    decisions = plan.decisions.head(20).with_columns(
        option=pl.Series(options), start=pl.lit(day), new_start=pl.Series(new, dtype=pl.Datetime("us")),
        urgency=pl.lit(4), safe_by=pl.lit(dt.date(2016, 6, 1)),
    )  # fmt: skip
    pools = scenario.pools.with_columns(date=pl.lit(day.date()))
    seen = book(replace(plan, decisions=decisions), scenario.replace(pools=pools))
    assert headline(seen) == (
        "On Wednesday 4 May 2016, with 25\u202f% of posts worked, 8 of 20 booked visits stand, "
        "2 wait on standby, 9 move (median 5 days) and 1 is left without a date; "
        "no urgent visit becomes unsafe."
    )
    late = decisions.with_columns(urgency=pl.lit(1), safe_by=pl.lit(day.date()))
    assert headline(book(replace(plan, decisions=late), scenario.replace(pools=pools))).endswith(
        "; 10 urgent visits become unsafe."
    )


def test_what_was_unsafe_before_does_not_become_unsafe() -> None:
    """Urgent visits that the book itself holds too late are named as such."""
    scenario, plan, _ = case(nothing=True)
    early = plan.decisions.with_columns(safe_by=pl.lit(STRIKE - dt.timedelta(days=1)))
    urgent = early.filter(pl.col("urgency") <= 2).height
    said = headline(book(replace(plan, decisions=early), scenario))
    assert said.endswith(f"no urgent visit becomes unsafe ({urgent} already were, in the book).")


@pytest.mark.parametrize("dates", [(STRIKE,), DATES])
def test_the_page_holds_no_identifier_of_a_person_or_visit(dates: tuple[dt.date, ...]) -> None:
    """No patient, visit, session or clinician of the network is named in the page."""
    scenario, _, html = case(dates=dates)
    network = scenario.network
    for ids in (
        network.patients["patient_id"],
        network.visits["visit_id"],
        network.clinicians["clinician_id"],
    ):
        assert [each for each in ids if re.search(rf"\b{each}\b", html)] == []
    assert "P-0" not in html
    assert "V-0" not in html


def test_the_page_asks_for_nothing_outside_itself() -> None:
    """There is no address, no script and no file to load, and the page's own policy forbids all of them."""
    html = case()[2]
    page = Page(html)
    assert "//" not in html
    assert {"script", "link", "img", "iframe", "object", "embed", "form"} & {
        tag for tag, _, _ in page.seen
    } == set()
    assert [a for _, a, _ in page.seen if {"src", "srcset", "action"} & a.keys()] == []
    links = {a["href"] for _, a, _ in page.seen if a.get("href")}
    assert {link for link in links if not link.startswith("#")} == {"cover.html"}  # beside it in its folder
    assert [name for _, a, _ in page.seen for name in a if name.startswith("on")] == []
    assert set(re.findall(r"url\((.)", html)) == {"#"}
    assert "@import" not in html
    policy = [a["content"] for _, a, _ in page.seen if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize("dates", [(STRIKE,), DATES])
def test_every_chart_has_its_table_and_says_what_it_is(dates: tuple[dt.date, ...]) -> None:
    """Each figure holds one table and charts with title and description; identifiers are unique."""
    html = case(dates=dates)[2]
    page, figures = Page(html), re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    assert len(figures) == 2 + 2 * len(dates)
    for figure in figures:
        assert (figure.count("<table>"), figure.count('role="img"'), figure.count("<desc ")) == (1, 2, 2)
    assert page.count("title", "svg") == html.count('role="img"')
    ids = [a["id"] for _, a, _ in page.seen if "id" in a]
    assert len(ids) == len(set(ids))


def test_links_and_references_reach_something() -> None:
    """Each link of the page, each pattern and each label refers to an identifier that is there."""
    html = case()[2]
    ids = {a["id"] for _, a, _ in Page(html).seen if "id" in a}
    used = set(re.findall(r'href="#([^"]+)"', html)) | set(re.findall(r"url\(#([^)]+)\)", html))
    assert used | set(re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', html)) <= ids


@pytest.mark.parametrize("dates", [(STRIKE,), DATES])
def test_headings_are_in_order(dates: tuple[dt.date, ...]) -> None:
    """There is one first heading, and no level is skipped."""
    levels = [int(tag[1]) for tag, _, _ in Page(case(dates=dates)[2]).seen if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_tables_repeat_the_decisions() -> None:
    """The table by urgency, counted again by loops over the decisions, is the same to the last number."""
    _, plan, html = case()
    rows = {row[0]: row[1:] for row in Page(html).tables["Affected visits by urgency (1 is most urgent)"]}
    for level in range(1, 7):
        here = [v for v in plan.decisions.iter_rows(named=True) if v["urgency"] == level]
        moved = sum(v["option"] in ("own_clinician", "another_clinician", "another_clinic") for v in here)
        single = [sum(v["option"] == name for v in here) for name in ("video", "urgent_care", "waitlist")]
        kept = ("stand", "another_site", "standby")
        first = [len(here), *(sum(v["option"] == name for v in here) for name in kept)]
        assert [int(cell) for cell in rows[str(level)][:8]] == [*first, moved, *single]
    assert int(rows["All"][0]) == plan.decisions.height


def test_who_opens_is_said_for_each_date_and_site() -> None:
    """A row for each site, counted again by loops: posts, who opens, and what becomes of its visits."""
    scenario, plan, html = case(visits=400, dates=DATES)
    tables = openings(book(plan, scenario))
    assert [table.caption.partition(":")[0] for table in tables] == [words.day(day) for day in DATES]
    names = dict(scenario.network.clinics.select("name", "clinic_id").iter_rows())
    for day, table in zip(DATES, tables, strict=True):
        said = {row["clinic_id"]: row for row in plan.facts["sites"] if row["date"] == str(day)}
        visits = [v for v in plan.decisions.iter_rows(named=True) if v["start"].date() == day]
        for name, opens, *cells in table.rows:
            site = said[names[name]]
            assert opens == ("yes" if site["opens"] else "no")
            own = [v["option"] for v in visits if v["clinic_id"] == names[name]]
            came = sum(v["option"] == "another_site" and v["new_clinic_id"] == names[name] for v in visits)
            kept = [own.count(option) for option in ("stand", "another_site", "standby")]
            assert [int(cell) for cell in cells] == [
                *(site[key] for key in ("posts", "outside", "fewest")),
                *(len(own), *kept[:2], came, kept[2], len(own) - sum(kept)),
            ]
        assert [row[1] for row in table.rows] == sorted((row[1] for row in table.rows), reverse=True)
        assert table.caption in html


def test_small_sites_open_together() -> None:
    """Sites with few patients on a date are one row that says how many of them open; none is named alone."""
    scenario, plan, _ = case(visits=300, clinics=40)
    (table,) = openings(book(plan, scenario))
    last = table.rows[-1]
    assert last[0].endswith("small sites together")
    assert re.fullmatch(r"\d+ of \d+", last[1])
    assert sum(int(row[2]) for row in table.rows) == sum(row["posts"] for row in plan.facts["sites"])
    assert openings(book(replace(plan, facts={**plan.facts, "sites": []}), scenario)) == []


def test_sites_add_up_and_small_ones_are_together() -> None:
    """With 40 sites of few patients, small sites are one row, larger ones a row each, and all add up."""
    scenario, plan, html = case(visits=300, clinics=40)
    table = sites(book(plan, scenario))
    assert table.rows[-1][0].endswith("small sites together")
    for column, option in ((3, "stand"), (4, "another_site"), (5, "standby"), (7, "waitlist")):
        total = plan.decisions.filter(pl.col("option") == option).height
        assert sum(int(row[column].replace(",", "")) for row in table.rows) == total
    people = plan.decisions.group_by("clinic_id").agg(pl.col("patient_id").n_unique())
    assert len(table.rows) - 1 == people.filter(pl.col("patient_id") >= 11).height
    assert "small sites together" in html


def test_words_of_the_data_are_escaped() -> None:
    """A site called with markup, and a note with a script, are shown as the words they are."""
    scenario, plan, html = case()
    assert "North &lt;Ridge&gt; &amp; Quay" in html
    assert "<Ridge>" not in html
    note = {"kind": "found", "about": "<b>x</b>", "text": "<script>alert(1)</script>", "rows": None}
    assert "<script" not in render(scenario, replace(plan, facts={**plan.facts, "notes": [note]}))


def test_the_same_plan_gives_the_same_page() -> None:
    """There is no clock and no chance: two renderings are equal, also with the decisions in another order."""
    scenario, plan, html = case()
    shuffled = replace(plan, decisions=plan.decisions.sample(fraction=1, shuffle=True, seed=7))
    assert render(scenario, plan) == html
    assert render(scenario, shuffled) == html


def test_the_banner_is_there_for_made_up_people_only() -> None:
    """Synthetic networks carry the label; others carry none."""
    scenario, plan, html = case()
    label = "Synthetic people, clinics, rosters, books and pay. Says nothing about any real organisation."
    real = {**plan.facts, "network": {**plan.facts["network"], "synthetic": False}}
    assert label in html
    assert "Synthetic" not in render(scenario, replace(plan, facts=real))


@pytest.mark.parametrize(
    "facts",
    [
        {"later": None}, {"shares": []}, {"pools": []}, {"notes": []}, {"hours": []},
        {"minimum_safe_cover": {"sessions": 0, "by_pool": [], "method": "nothing is missing"}},
        {"policy": {**Policy.default().as_dict(), "approved_by": "Dr A. Example"}},
    ],
    ids=lambda facts: next(iter(facts)),
)  # fmt: skip
def test_a_plan_without_a_part_still_has_its_page(facts: dict[str, Any]) -> None:
    """Where a plan lacks later visits, shares, pools, notes or a need for cover, the page says so."""
    scenario, plan, _ = case()
    html = render(scenario, replace(plan, facts={**plan.facts, **facts}))
    assert ("nobody has signed off" in html) == ("policy" not in facts)
    assert Page(html).open == []


def test_a_plan_that_changes_nothing_says_so() -> None:
    """With every visit standing there is nothing to tell, and no chart of affected visits or new dates."""
    html = case(nothing=True)[2]
    assert "300 of 300 booked visits stand and none is left without a date" in html
    assert "No booked visit is in a session that is struck or lost." in html
    assert "No visit gets a new time." in html


def test_several_dates_are_shown_by_date() -> None:
    """With two strike dates the page has a table by date, and each date its own charts."""
    _, plan, html = case(dates=DATES)
    rows = Page(html).tables["The plan by booked date"]
    assert [row[0] for row in rows[1:]] == ["Wednesday 5 November 2025", "Thursday 6 November 2025"]
    assert sum(int(row[1]) for row in rows[1:]) == plan.decisions.height


def test_a_site_that_only_receives_is_counted() -> None:
    """Visits that go to a site with no booked visit of its own are received somewhere in the table."""
    scenario, plan, _ = case()
    away = pl.when(pl.col("option") == "urgent_care").then(pl.lit("c99")).otherwise("new_clinic_id")
    decisions = plan.decisions.with_columns(new_clinic_id=away)
    table = sites(book(replace(plan, decisions=decisions), scenario))
    sent = decisions.filter(pl.col("option") == "urgent_care").height
    assert table.rows[-1][0] == "Sites where no visit was booked"
    assert int(str(table.rows[-1][-1])) == sent > 0


def test_the_page_of_a_real_plan_holds_what_the_plan_says(tiny: Network) -> None:
    """The tiny example, planned for a strike, has a page with its counts and shares, no identifiers."""
    strike = DISRUPTIONS["strike"].from_facts({"kind": "strike", "dates": ["2026-03-11"], "working": 0.25})
    result = run_strike(tiny, [strike], Policy.default(), as_of=dt.date(2026, 3, 4))
    html = strike_report(result.plan, result.scorecard, result.scenario)
    counts, page = result.plan.facts["counts"], Page(html)
    assert f"{counts['stand']} of {counts['booked']} booked visits stand" in html
    assert len(page.tables["The plan by share of posts worked"]) == len(result.plan.facts["shares"]) + 2
    assert identifiers(tiny) & set(re.findall(r"[\w-]+", html)) == set()
