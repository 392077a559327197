"""What the command on offers may be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending
from tideover.cli.arguments import Json, ReadingName


@app.command
def offer(
    roster: Path,
    offers: list[Path],
    /,
    *,
    current: Annotated[
        Path | None,
        Parameter(
            help="TOML file of the current contract. Default, for a synthetic roster alone: "
            "the made-up one that ships."
        ),
    ] = None,
    comparator: Annotated[
        Path | None,
        Parameter(help="TOML file of other pay, such as a hospital's grid: the gap to it by role is shown."),
    ] = None,
    reading: ReadingName = "literature",
    why: Annotated[
        str | None,
        Parameter(help="Identifier of one clinician: every line with its rule, like a pay slip. Local only."),
    ] = None,
    series: Annotated[
        Path | None,
        Parameter(help="CSV file of year, pay: what pay was, told in real terms by CPI-U beside the offers."),
    ] = None,
    base_year: Annotated[
        int | None, Parameter(help="Year in whose prices the series is told. Default: its first.")
    ] = None,
    packages: Annotated[
        bool,
        Parameter(
            help="Search a grid of changes to the current contract, too: how far packages with the mean of "
            "an offer range.",
            negative="",
        ),
    ] = False,
    out: Annotated[
        Path | None,
        Parameter(
            help="Folder to write, or a workbook with live formulas (NAME.xlsx); it appears whole or not at "
            "all, for its owner only."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Say what offers pay each clinician and cost the employer, beside the current contract.

    Parameters
    ----------
    roster
        Network folder with a roster, or a roster's file (CSV or Parquet).
    offers
        TOML files of offers, or names of shipped ones: illustrative-minus-5, illustrative-demand.
    """
    from tideover.cases.offer import Asked
    from tideover.cli import offer as command

    asked = Asked(roster, tuple(offers), current, comparator)
    more = command.More(reading, why, series, base_year, out, packages)
    return ending(lambda: command.offer(asked, more, as_json=as_json), as_json=as_json)
