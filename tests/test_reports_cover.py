"""The table to sign: what is in it, what is withheld, and the page."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from tideover.reports.cover import cover_page, cover_rows, cover_table, unsafe_visits

LEVELS = ["not_placed", "told+standby"]
Facts = dict[str, Any]


def asked(roles: list[str], sessions: int, clinic_id: str = "A") -> Facts:
    """Return a row of what is asked for in the morning."""
    return {"clinic_id": clinic_id, "roles": roles, "start": "08:00", "end": "12:00", "sessions": sessions}


def group(pool_id: str, visits: int, *by_role: Facts) -> Facts:
    """Return the safe cover of a pool on the strike date."""
    number = sum(row["sessions"] for row in by_role)
    return {
        "pool_id": pool_id,
        "date": "2025-11-05",
        "visits": visits,
        "minutes": 15 * visits,
        "sessions": number,
        "lower_bound": number,
        "by_role": list(by_role),
    }


def one(pool_id: str, roles: list[str], visits: int, least: list[int], most: list[int]) -> Facts:
    """Return the worth of a morning session."""
    return {
        "pool_id": pool_id,
        "date": "2025-11-05",
        "start": "08:00",
        "end": "12:00",
        "roles": roles,
        "clinic_id": "A",
        "visits": visits,
        "at_least": least,
        "at_most": most,
        "held": ["SECRET-VISIT"],
    }


def facts(groups: list[Facts], sessions: list[Facts] | None) -> Facts:
    """Return what the page asks of a plan's facts."""
    need = sum(row["sessions"] for row in groups)
    cover = {"sessions": need, "lower_bound": need, "by_pool": groups, "not_helped": 3, "method": "by hand"}
    worth = None if sessions is None else {"sessions": sessions, "levels": LEVELS, "method": "by prices"}
    return {
        "minimum_safe_cover": cover,
        "worth": worth,
        "as_of": "2025-11-03",
        "tideover": "0",
        "levels": [{"name": name, "terms": name.split("+")} for name in LEVELS],
        "network": {"name": "Net", "synthetic": True},
        "pools": [{"pool_id": row["pool_id"], "date": "2025-11-05"} for row in groups],
    }


BOTH = ["np", "physician"]


def test_asked_and_worth_are_one_row_each() -> None:
    """What is asked at two sites is added; a session that nobody asks for is there with its worth."""
    some = facts(
        [group("p", 20, asked(BOTH, 1), asked(BOTH, 2, "B"))],
        [one("p", BOTH, 30, [1, 40], [2, 90]), one("p", ["physician"], 60, [3, 0], [3, 5])],
    )
    first, second = cover_rows(some)
    assert (first["roles"], first["sessions_asked"], first["at_most"]) == ("NP or physician", 3, [2, 90])
    assert (second["roles"], second["sessions_asked"], second["visits"]) == ("physician", 0, "60")
    assert first["pool_sessions_asked"] == second["pool_lower_bound"] == 3


def test_small_counts_are_withheld_with_what_would_give_them_back() -> None:
    """4 visits are not shown; nor are 12 of another pool, which the total would turn into 4; 30 are."""
    some = facts([group("p", 4), group("q", 30), group("r", 12)], [])
    assert unsafe_visits(some) == ["fewer than 11", "30", "withheld"]


def test_the_worth_for_a_few_visits_is_empty() -> None:
    """Where fewer than 11 visits may use a session, neither they nor their points are shown; nobody is 0."""
    rows = cover_rows(facts([], [one("p", BOTH, 10, [1, 40], [2, 90]), one("q", BOTH, 0, [0, 0], [0, 7])]))
    assert [(row["visits"], row["at_least"]) for row in rows] == [("fewer than 11", None), ("0", [0, 0])]


def test_counts_that_differ_by_a_few_are_not_both_shown() -> None:
    """Physicians may hold 20 and all roles 15 of them: the 5 that need a physician are not shown."""
    rows = cover_rows(
        facts([], [one("p", BOTH, 15, [1, 1], [2, 2]), one("p", ["physician"], 20, [1, 1], [2, 2])])
    )
    assert [row["visits"] for row in rows] == ["withheld", "20"]


def test_the_table_has_a_column_for_each_level_and_no_visit() -> None:
    """Its columns are named for the levels, its types are the same where it is empty."""
    some = facts([group("p", 20, asked(BOTH, 1))], [one("p", BOTH, 30, [1, 40], [2, 90])])
    table = cover_table(some)
    assert table["at_most_told+standby"].to_list() == [90]
    assert table["at_least_not_placed"].to_list() == [1]
    assert "SECRET" not in table.write_csv()
    assert cover_table(facts([], [])).schema == table.schema
    assert table.schema["visits"] == pl.String()


def test_the_page_is_for_two_sides_to_sign() -> None:
    """It has the banner, the rows, the proof and lines to sign; no script, no visit, no link outside."""
    some = facts([group("p", 20, asked(BOTH, 1))], [one("p", BOTH, 30, [1, 40], [1, 90])])
    page = cover_page(some, "ab" * 32)
    headline = "1 half-day session more would keep urgent visits safe; fewer would not do"
    for words in (headline, "For the employer", "For the union", "Signature", "Nothing here is legal"):
        assert words in page
    for words in (
        "40\u201390",
        "NP or physician",
        "Fewer than 11 urgent visits cannot be",
        "Synthetic people",
    ):
        assert words in page
    assert "ab" * 32 in page
    assert "SECRET" not in page
    assert not re.search(r"<script|href=|src=|//", page)


def test_the_page_of_a_plan_without_worth_says_so() -> None:
    """On a morning, and where nothing is struck, the page says what it lacks; so with an old plan's facts."""
    some = facts([group("p", 20, asked(BOTH, 1))], None)
    assert "states no worth" in cover_page(some, "ab")
    del some["worth"]
    assert "states no worth" in cover_page(some, "ab")
    assert "No post is struck" in cover_page(facts([], []), "ab")
