"""What the command on access may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending
from tideover.cli.arguments import Json, Names, ReadingName, Several, TravelCache, TravelSource, day_of


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class _Counted:
    """Who and what counts, and by which groups."""

    people: Annotated[
        str, Parameter(help="Who shares the supply: patients, or the population of the areas.")
    ] = "patients"
    by: Annotated[
        Names,
        Several,
        Parameter(help="Show a group: area, county, deprivation, age, language or car; repeatable."),
    ] = None
    kind: Annotated[
        Names, Several, Parameter(help="Kind of clinics that count; repeatable. Default: primary.")
    ] = None
    counties: Annotated[
        Path | None,
        Parameter(help="CSV file of county_fips, population, land_square_miles: what type each county is."),
    ] = None


@app.command
def access(
    network: Path,
    /,
    *,
    on: Annotated[
        date | None,
        Parameter(
            converter=day_of,
            help="Day that is looked at, YYYY-MM-DD. Default: the last closing since the book began, "
            "else the last day of the book.",
        ),
    ] = None,
    before: Annotated[
        date | None,
        Parameter(
            converter=day_of,
            help="Day with which it is compared. Default: the day before the first closing since "
            "the book began.",
        ),
    ] = None,
    close: Annotated[
        Names, Several, Parameter(help="Clinic that is closed from the day of --on; repeatable.")
    ] = None,
    counted: _Counted = _Counted(),
    policy: Annotated[
        Path | None, Parameter(help="TOML file: detour factor, speed, minutes of the standards.")
    ] = None,
    reading: ReadingName = "literature",
    travel: TravelSource = None,
    travel_cache: TravelCache = None,
    out: Annotated[
        Path | None,
        Parameter(name="--out", help="Folder to write page and tables to; it appears whole or not at all."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Say how near care is and how much of it there is, before and after clinics close, and for whom.

    Parameters
    ----------
    network
        Network folder. Closings are dates on its clinics (closes_on), or stated with --close.
    """
    from tideover.cli import access as command

    asked = command.AccessAsked(
        network, before, on, tuple(close or ()), counted.people, tuple(counted.by or ()),
        tuple(counted.kind or ("primary",)), counted.counties, policy, travel, travel_cache, out, reading,
    )  # fmt: skip
    return ending(lambda: command.access(asked, as_json=as_json), as_json=as_json)
