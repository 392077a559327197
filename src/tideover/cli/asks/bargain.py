"""What the command on packages of open terms may be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending
from tideover.cli.arguments import Json


@app.command
def bargain(
    roster: Path,
    issues: Path,
    /,
    *,
    reading_a: Annotated[
        str,
        Parameter(
            help="Whose word the employer's side is guessed to take of each claim: a reading, or a TOML file."
        ),
    ] = "employer",
    reading_b: Annotated[
        str, Parameter(help="Whose word the union's side is guessed to take: a reading, or a TOML file.")
    ] = "union",
    current: Annotated[
        Path | None,
        Parameter(
            help="TOML file of the current contract. Default, for a synthetic roster alone: "
            "the made-up one that ships."
        ),
    ] = None,
    out: Annotated[Path | None, Parameter(help="Folder to write; it appears whole or not at all.")] = None,
    as_json: Json = False,
) -> int:
    """Say which packages of open terms both sides could sign, as their wishes are guessed.

    Parameters
    ----------
    roster
        Network folder with a roster, or a roster's file (CSV or Parquet).
    issues
        TOML file of open terms, or the name of the shipped one: illustrative-issues.
    """
    from tideover.cases.bargain import OnTable
    from tideover.cli import bargain as command

    wanted = command.Wanted(reading_a, reading_b, out)
    return ending(
        lambda: command.bargain(OnTable(roster, issues, current), wanted, as_json=as_json), as_json=as_json
    )
