"""What ``close`` may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter, Token

from tideover.cli.app import app, ending, wrong_usage
from tideover.cli.arguments import (
    Json,
    Names,
    ReadingName,
    Several,
    TravelCache,
    TravelSource,
    day_of,
    whole_of,
)


def _listed(_kind: object, tokens: Sequence[Token]) -> list[str]:
    """Return the clinics that words name, several in one word with commas between."""
    return [name.strip() for token in tokens for name in token.value.split(",")]


def _each_day(kind: object, tokens: Sequence[Token]) -> list[date]:
    """Return the date that each word states."""
    return [day_of(kind, [token]) for token in tokens]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class _Which:
    """Which clinics: instead of a plan, where a set stands among all, or the set with least harm."""

    rank: Annotated[
        Names,
        Parameter(
            converter=_listed,
            negative=(),
            help="Clinics A,B,C: the place of closing them among all sets of as many primary-care clinics. "
            "Closings in several steps count as their union.",
        ),
    ] = None
    choose: Annotated[
        int | None,
        Parameter(
            converter=whole_of,
            help="How many clinics to choose: those whose closing does least harm within the others' room.",
        ),
    ] = None
    why: Annotated[
        Names,
        Parameter(
            converter=_listed,
            negative=(),
            help="Clinics of which is told what closing each alone costs whom. Without --rank and --choose, "
            "they are the set that is ranked.",
        ),
    ] = None
    keep: Annotated[
        Names,
        Parameter(
            converter=_listed, negative=(), help="Clinics that stay open in every set of --rank or --choose."
        ),
    ] = None
    measure: Annotated[
        Literal["minutes", "beyond", "points", "load"] | None,
        Parameter(
            help="What --rank counts: minutes more to the clinic (default), people beyond the standard, "
            "points of the policy, or panels' load over target."
        ),
    ] = None
    objective: Annotated[
        Literal["minutes", "beyond", "points"] | None,
        Parameter(help="What --choose makes least; as --measure."),
    ] = None
    seconds: Annotated[
        float | None,
        Parameter(help="How long --choose may search; its bound then says what is left. Default: 60."),
    ] = None
    money_per_hour: Annotated[
        float | None,
        Parameter(
            help="Lets clinics' fixed costs count in --choose: how many dollars a year weigh as much to you "
            "as one hour added to journeys, one journey of each person (3 visits a year at 20 dollars an "
            "hour: 60). Without it costs do not count."
        ),
    ] = None

    @property
    def asked(self) -> bool:
        """Whether any of it was asked for."""
        return any(value is not None for value in vars(self).values())

    def answered(
        self,
        network: Path,
        out: Path | None,
        by: tuple[Path | None, str, str | None, Path | None],
        also: Sequence[str],
        *,
        as_json: bool,
    ) -> int:
        """Run the ranking or the choice; ``by``: policy, reading, travel, its cache; ``also`` stated too."""
        if self.rank is None and self.choose is None and self.why is None:
            return wrong_usage("Say which clinics: --rank A,B,C, --choose K or --why A.", as_json=as_json)
        from tideover.cli.choosing import ChoosingAsked, choosing

        asked = ChoosingAsked(
            network, out, tuple(self.rank or ()), self.choose, tuple(self.keep or ()), tuple(self.why or ()),
            self.measure, self.objective, self.seconds, self.money_per_hour, *by, tuple(also),
        )  # fmt: skip
        return ending(lambda: choosing(asked, as_json=as_json), as_json=as_json)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class _Closing:
    """The clinics that close, and what else changes."""

    clinic: Annotated[Names, Several, Parameter(help="Clinic that closes for good; repeatable.")] = None
    on: Annotated[
        list[date] | None,
        Parameter(
            converter=_each_day,
            negative=(),
            help="First day without service, YYYY-MM-DD: once for all clinics, or once for each --clinic "
            "in their order.",
        ),
    ] = None
    changes: Annotated[
        Path | None,
        Parameter(help="TOML file of further changes: departure, receiving_capacity, closure with moves ..."),
    ] = None
    as_of: Annotated[
        date | None,
        Parameter(
            converter=day_of,
            help="Plan booked visits with what was booked by this day. Default: the last day on which a "
            "visit was booked before the first closing.",
        ),
    ] = None
    visits: Annotated[
        bool,
        Parameter(
            negative=(),
            help="Plan the visits booked at the closed clinics again too, in a folder of their own.",
        ),
    ] = False

    @property
    def stated(self) -> list[str]:
        """The options that were stated."""
        return [f"--{key.replace('_', '-')}" for key, value in vars(self).items() if value]


@app.command
def close(
    network: Path,
    /,
    *,
    closing: _Closing = _Closing(),
    out: Annotated[
        Path | None,
        Parameter(
            help="Folder to write; it appears whole or not at all. --rank and --choose need none to print."
        ),
    ] = None,
    policy: Annotated[Path | None, Parameter(help="TOML file of weights, limits and norms.")] = None,
    reading: ReadingName = "literature",
    travel: TravelSource = None,
    travel_cache: TravelCache = None,
    which: _Which = _Which(),
    as_json: Json = False,
) -> int:
    """Close clinics: where each patient goes, who receives them and how full they become; with proof.

    With --rank, --choose or --why: which clinics, instead.

    Parameters
    ----------
    network
        Network folder, as made by import or by hand.
    """
    if which.asked:
        by = (policy, reading, travel, travel_cache)
        return which.answered(network, out, by, closing.stated, as_json=as_json)
    if out is None:
        return wrong_usage("Name the folder to write with --out.", as_json=as_json)
    from tideover.cli.close import CloseAsked
    from tideover.cli.close import close as command

    asked = CloseAsked(
        network, out, tuple(closing.clinic or ()), tuple(closing.on or ()), closing.changes, policy, reading,
        closing.as_of, closing.visits, travel, travel_cache,
    )  # fmt: skip
    return ending(lambda: command(asked, as_json=as_json), as_json=as_json)
