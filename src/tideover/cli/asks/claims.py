"""What the commands on claims and cases may be asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending, ledger
from tideover.cli.arguments import Json, Names, Out, OwnClaims, ReadingName, Several, day_of, whole_of


@ledger.default
def claims(
    *,
    claim: Annotated[Names, Several, Parameter(help="Only this claim, with its sources; repeatable.")] = None,
    conflicts: Annotated[bool, Parameter(negative=(), help="Only what is disputed.")] = False,
    reading: Annotated[
        str | None,
        Parameter(help="Show what this reading takes: a name, or a TOML file. Default: every reading."),
    ] = None,
    own: OwnClaims = None,
    as_json: Json = False,
) -> int:
    """Show the ledger of claims: what is disputed first, each side's word beside the other's.

    Every fact and assumption of the model is a claim with its source. A reading takes one side's word for
    each: employer, union, literature, press-a, press-b, or a file of your own.
    """
    from tideover.cli import claims as command

    asked = command.ClaimsAsked(tuple(own or ()), reading, tuple(claim or ()), conflicts)
    return ending(lambda: command.claims(asked, as_json=as_json), as_json=as_json)


@ledger.command(name="read")
def read_claims(
    *files: Path,
    own: OwnClaims = None,
    dated: Annotated[
        date | None,
        Parameter(converter=day_of, help="Day on which the documents were written. Default: what they say."),
    ] = None,
    dispute: Annotated[
        str | None,
        Parameter(help="Dispute of the ledger that they are about. Default: the one that fits best."),
    ] = None,
    accept: Annotated[
        Names, Several, Parameter(help="Numbers of proposals to accept, as 3,7; repeatable. Needs --out.")
    ] = None,
    out: Annotated[
        Path | None,
        Parameter(name="--out", help="Folder for the claim files of what is accepted; others in it stay."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Read news reports and statements (plain text, HTML), and propose claims beside the ledger.

    Dates of strikes, closings and sessions, counts of people and sites, percentages, money, durations and
    places, each with its sentence, speaker and side: new to the ledger, in agreement, or in conflict.
    Nothing enters the ledger unless you accept it.

    Parameters
    ----------
    files
        Documents, plain text or HTML.
    """
    from tideover.cli import documents as command

    asked = command.ReadAsked(files, tuple(own or ()), dated, dispute, tuple(accept or ()), out)
    return ending(lambda: command.read_documents(asked, as_json=as_json), as_json=as_json)


@app.command(name="run")
def run_(
    case: str,
    /,
    *,
    out: Out,
    reading: ReadingName = "literature",
    all_readings: Annotated[
        bool,
        Parameter(
            negative=(),
            help="Also run the case under every reading, and with each claim answered otherwise by itself: "
            "which conclusions hold, and what turns on whom one believes.",
        ),
    ] = False,
    workers: Annotated[
        int, Parameter(converter=whole_of, help="Processes for that; the result is the same for any number.")
    ] = 2,
    as_json: Json = False,
) -> int:
    """Run a case: all results of a dispute in one folder, with one page to read first.

    A case is one TOML file: a network, a timeline, scenarios and what is asked of the ledger of claims.

    Parameters
    ----------
    case
        Name of a case that ships (twin-cities-2025, northland-2025, two-employers), or a TOML file.
    """
    from tideover.cli import run as command

    asked = command.RunAsked(case, out, reading, all_readings, workers)
    return ending(lambda: command.run(asked, as_json=as_json), as_json=as_json)
