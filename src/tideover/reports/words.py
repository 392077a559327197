"""Numbers, dates and names as the pages write them; no locale, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

#: Narrow no-break space, between a number and its unit.
GAP = "\u202f"
#: What a page shows where a value is not known; never a nought.
UNKNOWN = "not measured"

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

#: What each option of a plan is called.
OPTION_WORDS = {
    "stand": "stand",
    "another_site": "at another site",
    "standby": "on standby",
    "moved": "move",
    "own_clinician": "own clinician",
    "another_clinician": "another clinician",
    "another_clinic": "another clinic",
    "video": "by video",
    "urgent_care": "urgent care",
    "waitlist": "no date",
}

#: What each cost term counts.
TERM_WORDS = {
    "past_safe_by": "days past the safe-by date",
    "not_placed": "visits left without a date",
    "days_moved": "days moved",
    "continuity_broken": "change of clinician",
    "added_travel": "added journey",
    "told": "patients told",
    "told_again": "patients told again",
    "standby": "standby",
}
#: Units of measures, as a heading writes them; counts of visits and patients need none.
UNIT_WORDS = {
    "visit": "",
    "patient": "",
    "share": "",
    "day": "days",
    "minute": "minutes",
    "visit per post": "visits per post",
    "visit per day": "visits a day",
    "visit per hour": "visits an hour",
    "FTE per post": "full-time posts for each",
    "hour": "hours",
    "night": "",
    "site day": "",
    "session": "",
}


def count(number: float) -> str:
    """Return a whole number with thousands apart: ``1,971``."""
    return f"{round(number):,}"


def share(value: float, digits: int = 0) -> str:
    """Return a share of 1 in per cent: ``25 %``; trailing noughts are kept only where asked for."""
    return f"{100 * value:,.{digits}f}{GAP}%"


def working(value: float) -> str:
    """Return a working share in per cent, with one decimal only where it has one: ``25 %``, ``12.5 %``."""
    return share(value, 0 if abs(100 * value - round(100 * value)) < 1e-6 else 1)


def stated(share_: str) -> str:
    """Return a working share as it was stated: ``25 %``, or ``15 to 40 %, most likely 25 %``."""
    parts = [working(float(part)) for part in share_.split("..")]
    if len(parts) == 1:
        return parts[0]
    low, likely, high = parts
    return f"{low.removesuffix(f'{GAP}%')} to {high}, most likely {likely}"


def day(date: dt.date) -> str:
    """Return the date in full: ``Wednesday 4 May 2016``."""
    return f"{_DAYS[date.weekday()]} {plain_day(date)}"


def plain_day(date: dt.date) -> str:
    """Return the date without its weekday: ``4 May 2016``."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"


def short_day(date: dt.date) -> str:
    """Return the date as tables write it, never broken into two lines: ``Wed 4 May``."""
    return f"{_DAYS[date.weekday()][:3]}\u00a0{date.day}\u00a0{_MONTHS[date.month - 1][:3]}"


def days(dates: Sequence[dt.date]) -> str:
    """Return one date in full, or several as a list: ``Tuesday 3 and Wednesday 4 May 2016``."""
    if len(dates) == 1:
        return day(dates[0])
    same_month = len({(date.year, date.month) for date in dates}) == 1
    named = [f"{_DAYS[date.weekday()]} {date.day}" if same_month else day(date) for date in dates[:-1]]
    return listed([*named, day(dates[-1])])


def listed(parts: Sequence[str]) -> str:
    """Return the parts as a list in a sentence: ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def plural(number: int, one: str, several: str | None = None) -> str:
    """Return a count with its noun: ``1 visit``, ``1,971 visits``."""
    return f"{count(number)} {one if number == 1 else several or one + 's'}"


def term(name: str) -> str:
    """Return what a cost term counts, in words; an unknown term is shown by its own name."""
    return TERM_WORDS.get(name, name.replace("_", " "))


def titled(row: Mapping[str, Any]) -> str:
    """Return the title of a row of the scorecard with its unit in words, where it has one."""
    return f"{row['title']} ({UNIT_WORDS.get(row['unit'], row['unit'])})".removesuffix(" ()")


def value(number: float | None, unit: str) -> str:
    """Return a value of the scorecard: counts whole, shares in per cent, others with one decimal."""
    if number is None:
        return UNKNOWN
    if unit == "share":
        return share(number)
    if unit == "FTE per post":
        return f"{number:,.2f}"
    if unit in ("visit", "patient", "night", "site day", "session") or abs(number) >= 1000:
        return count(number)
    return f"{number:,.1f}"


def difference(number: float | None, unit: str) -> str:
    """Return a difference with its sign; shares differ by percentage points."""
    if number is None:
        return UNKNOWN
    text = f"{100 * abs(number):.0f} points" if unit == "share" else value(abs(number), unit)
    if text in ("0", "0.0", "0.00", "0 points"):
        return "0"
    return ("+" if number > 0 else "\u2212") + text
