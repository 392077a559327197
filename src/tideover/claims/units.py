"""The units of claims, and with each unit what a value of it looks like."""

from __future__ import annotations

from dataclasses import dataclass

#: The unit of a value that is a date, and of one that is a word.
DATE, WORD = "date", "word"


@dataclass(frozen=True)
class Unit:
    """A unit: the least and the most that a number of it can be, and how it is written behind the number."""

    name: str
    low: float = 0.0
    high: float = float("inf")
    plural: str = ""


def _units(*units: Unit) -> dict[str, Unit]:
    return {unit.name: unit for unit in units}


#: Every unit that a claim may have; a share and a change are written as per cent.
UNITS = _units(
    Unit(DATE),
    Unit(WORD),
    Unit("share", 0, 1),
    Unit("probability", 0, 1),
    Unit("change", -1, 10),
    Unit("ratio", 0),
    Unit("odds ratio", 0),
    Unit("exponent", 0),
    Unit("degree", -180, 180, "degrees"),
    Unit("class", 1, 6, "class"),
    Unit("person", 0, plural="people"),
    Unit("person per square mile", 0, plural="people per square mile"),
    Unit("patient", 0, plural="patients"),
    Unit("visit", 0, plural="visits"),
    Unit("site", 0, plural="sites"),
    Unit("post", 0, plural="posts"),
    Unit("1.0 FTE", 0, plural="1.0 FTE"),
    Unit("FTE per post", 0, plural="FTE per post"),
    Unit("room per post", 0, plural="rooms per post"),
    Unit("patient per clinician", 0, plural="patients per clinician"),
    Unit("visit per 100 visits", 0, plural="visits per 100 booked visits"),
    Unit("minute", 0, plural="minutes"),
    Unit("hour", 0, plural="hours"),
    Unit("day", 0, plural="days"),
    Unit("week", 0, plural="weeks"),
    Unit("month", 0, plural="months"),
    Unit("year", 0, plural="years"),
    Unit("time", 0, plural="times"),
    Unit("km", 0, plural="km"),
    Unit("mile", 0, plural="miles"),
    Unit("km/h", 0, plural="km/h"),
    Unit("USD", 0, plural="USD"),
    Unit("USD per hour", 0, plural="USD per hour"),
    Unit("USD per year", 0, plural="USD per year"),
    Unit("USD per work RVU", 0, plural="USD per work RVU"),
    Unit("work RVU", 0, plural="work RVU"),
)
