"""What ``strike`` may be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from tideover.cli.app import app, ending, wrong_usage
from tideover.cli.arguments import (
    Json,
    Names,
    Out,
    ReadingName,
    Several,
    TravelCache,
    TravelSource,
    day_of,
    days_of,
    share_of,
    whole_of,
)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class _Called:
    """The strike as it is called."""

    on: Annotated[
        list[Any] | None,
        Parameter(
            converter=days_of,
            negative=(),
            help="Date of the strike, YYYY-MM-DD, or a range, 2025-11-05..2025-11-19, of which the dates "
            "with sessions count; repeatable. With --previous it may be left out: then its strikes count.",
        ),
    ] = None
    working: Annotated[
        float | str | None,
        Parameter(
            converter=share_of,
            help="Share of the struck posts that is worked, from 0 to 1: 0.25 is a quarter. As a range "
            "0.15..0.25..0.40: between 15 % and 40 % on nine days in ten, most likely 25 %. "
            "Needed with the dates.",
        ),
    ] = None
    notice: Annotated[date | None, Parameter(converter=day_of, help="Day on which notice was given.")] = None
    hours: Annotated[str, Parameter(help="Struck stretch of the day, as 00:00-17:00.")] = "00:00-24:00"
    unit: Annotated[
        Names, Several, Parameter(help="Bargaining unit whose posts are struck; repeatable. Default: all.")
    ] = None
    role: Annotated[Names, Several, Parameter(help="Only posts of this role; repeatable.")] = None
    site_kind: Annotated[Names, Several, Parameter(help="Only sites of this kind; repeatable.")] = None
    clinic: Annotated[Names, Several, Parameter(help="Only this clinic; repeatable.")] = None

    def stated(self) -> dict[str, Any]:
        """Return the facts of the change ``strike``."""
        return {
            "dates": tuple(self.on or ()),
            "working": self.working,
            "hours": self.hours,
            "units": tuple(self.unit or ()),
            "roles": tuple(self.role or ()),
            "site_kinds": tuple(self.site_kind or ()),
            "clinics": tuple(self.clinic or ()),
            "notice_on": self.notice,
        }


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class _Given:
    """What else the plan is made from."""

    as_of: Annotated[
        date | None,
        Parameter(
            converter=day_of,
            help="Plan with what was booked by this day. Default: the day of notice, "
            "else the last day on which a visit was booked before the strike.",
        ),
    ] = None
    changes: Annotated[
        Path | None, Parameter(help="TOML file of further changes: leave, extra sessions ...")
    ] = None
    policy: Annotated[Path | None, Parameter(help="TOML file of weights, limits and lead times.")] = None
    pins: Annotated[Path | None, Parameter(help="CSV file of decisions that must stay.")] = None
    days: Annotated[
        int,
        Parameter(converter=whole_of, help="How many days of the strike to try under chance; 0 for none."),
    ] = 1000
    travel: TravelSource = None
    travel_cache: TravelCache = None
    reading: ReadingName = "literature"


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class _Since:
    """The plan that this one follows, and what became known since."""

    previous: Annotated[
        Path | None,
        Parameter(
            help="Plan folder that this plan follows: what patients were told is changed least. "
            "Strikes, other changes and policy are taken from it where they are not stated."
        ),
    ] = None
    answers: Annotated[
        Path | None,
        Parameter(help="CSV file of calls since: visit_id, answer (accepted, declined, not_reached, told)."),
    ] = None
    held: Annotated[
        Path | None,
        Parameter(
            help="On the morning: CSV file of the struck sessions that will be held (session_id). "
            "It is read, summed by pool and hour, and stored nowhere."
        ),
    ] = None
    called_off: Annotated[
        bool,
        Parameter(
            negative=(),
            help="The strike of the previous plan is called off (on the dates of --on only, if any): "
            "give booked times back with the fewest further calls.",
        ),
    ] = False
    called_off_chance: Annotated[
        float | None,
        Parameter(help="Chance that the strike is called off, 0 to 1: how many calls would be in vain."),
    ] = None


@app.command
def strike(
    network: Path,
    /,
    *,
    out: Out,
    called: _Called = _Called(),
    given: _Given = _Given(),
    since: _Since = _Since(),
    as_json: Json = False,
) -> int:
    """Plan a strike day: which visits stand, which move and where to, and who must be told; with proof.

    Parameters
    ----------
    network
        Network folder, as made by import or by hand.
    """
    from tideover.cli import commands
    from tideover.cli.again import Since

    stated = called.stated()
    wrong = _unclear(stated, planned=since.previous is not None, called_off=since.called_off)
    if wrong:
        return wrong_usage(wrong, as_json=as_json)
    before = Since(since.previous, since.answers, since.held, since.called_off, since.called_off_chance)
    files = commands.StrikeFiles(
        network,
        out,
        given.changes,
        given.policy,
        given.pins,
        given.days,
        given.travel,
        given.travel_cache,
        before,
        given.reading,
    )
    return ending(lambda: commands.strike(stated, given.as_of, files, as_json=as_json), as_json=as_json)


def _unclear(stated: dict[str, Any], *, planned: bool, called_off: bool) -> str:
    """Return what is wrong with the words about the strike, or nothing; ``planned``: there is one before."""
    names = {"units": "unit", "roles": "role", "site_kinds": "site-kind", "clinics": "clinic"}
    names |= {"notice_on": "notice"}
    usual = {"dates": stated["dates"], "hours": "00:00-24:00"}
    more = [
        f"--{names.get(key, key)}"
        for key, value in stated.items()
        if value not in (None, ()) and value != usual.get(key)
    ]
    if not stated["dates"] and not planned:
        return "--on is required: the date of the strike (or --previous, the plan that this one follows)."
    if more and (called_off or not stated["dates"]):
        why = (
            "of a strike that is called off, only --on is asked" if called_off else "name its dates with --on"
        )
        return f"{', '.join(more)} would have no effect: {why}."
    if stated["dates"] and stated["working"] is None and not called_off:
        return "--working is required with --on: the share of the struck posts that is worked."
    return ""
