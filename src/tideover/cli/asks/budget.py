"""What the command on a network's budget may be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending
from tideover.cli.arguments import Json, ReadingName, Several


@app.command
def budget(
    network: Path,
    offers: list[Path],
    /,
    *,
    coverage_loss: Annotated[
        list[str] | None,
        Several,
        Parameter(
            help="PAYER=SHARE: part of this payer's patients who lose cover, such as medicaid=0.1; "
            "repeatable."
        ),
    ] = None,
    rate_cut: Annotated[
        list[str] | None,
        Several,
        Parameter(
            help="PAYER=SHARE: part of this payer's rate that is cut, such as medicare=0.03; repeatable."
        ),
    ] = None,
    current: Annotated[
        Path | None,
        Parameter(
            help="TOML file of the current contract. Default, for a synthetic network alone: "
            "the made-up one that ships."
        ),
    ] = None,
    reading: ReadingName = "literature",
    out: Annotated[Path | None, Parameter(help="Folder to write; it appears whole or not at all.")] = None,
    as_json: Json = False,
) -> int:
    """Say what comes in and goes out before and under offers, and what would have to be for them to pay.

    Parameters
    ----------
    network
        Network folder with roster, clinics, payers and support staff.
    offers
        TOML files of offers, or names of shipped ones: illustrative-minus-5, illustrative-demand.
    """
    from tideover.cases.offer import Asked
    from tideover.cli import budget as command

    asked = Asked(network, tuple(offers), current)
    wanted = command.Wanted(tuple(coverage_loss or ()), tuple(rate_cut or ()), reading, out)
    return ending(lambda: command.budget(asked, wanted, as_json=as_json), as_json=as_json)
