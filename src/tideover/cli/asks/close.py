"""What ``close`` may be asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending
from tideover.cli.arguments import Json, Names, Out, ReadingName, Several, day_of


@app.command
def close(
    network: Path,
    /,
    *,
    out: Out,
    clinic: Annotated[Names, Several, Parameter(help="Clinic that closes for good; repeatable.")] = None,
    on: Annotated[
        list[date] | None,
        Parameter(
            converter=lambda kind, tokens: [day_of(kind, [token]) for token in tokens],
            negative=(),
            help="First day without service, YYYY-MM-DD: once for all clinics, or once for each --clinic "
            "in their order.",
        ),
    ] = None,
    changes: Annotated[
        Path | None,
        Parameter(help="TOML file of further changes: departure, receiving_capacity, closure with moves ..."),
    ] = None,
    policy: Annotated[Path | None, Parameter(help="TOML file of weights, limits and norms.")] = None,
    reading: ReadingName = "literature",
    as_of: Annotated[
        date | None,
        Parameter(
            converter=day_of,
            help="Plan booked visits with what was booked by this day. Default: the last day on which a "
            "visit was booked before the first closing.",
        ),
    ] = None,
    visits: Annotated[
        bool,
        Parameter(
            negative=(),
            help="Plan the visits booked at the closed clinics again too, in a folder of their own; "
            "for thousands of visits this takes minutes.",
        ),
    ] = False,
    travel: Annotated[
        Path | None,
        Parameter(
            help="Journeys: a matrix file, as tideover travel writes one. "
            "Default: straight-line distance times the policy's detour factor."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Close clinics: where each patient goes, who receives them and how full they become; with proof.

    Parameters
    ----------
    network
        Network folder, as made by import or by hand.
    """
    from tideover.cli.close import CloseAsked
    from tideover.cli.close import close as command

    asked = CloseAsked(
        network, out, tuple(clinic or ()), tuple(on or ()), changes, policy, reading, as_of, visits, travel
    )
    return ending(lambda: command(asked, as_json=as_json), as_json=as_json)
