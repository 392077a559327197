"""What the commands that make and read networks may be asked."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending, imports
from tideover.cli.arguments import Json, Out, ReadingName, TravelCache, day_of, whole_of


@app.command
def check(network: Path, /, *, as_json: Json = False) -> int:
    """List every fault of a network folder, with file, row, column and what to do.

    Parameters
    ----------
    network
        Folder with clinics, visits and what else is known, as CSV or Parquet.
    """
    from tideover.cli import commands

    return ending(lambda: commands.check(network, as_json=as_json), as_json=as_json)


@app.command
def synth(
    *,
    out: Out,
    clinics: Annotated[
        int | None,
        Parameter(
            converter=whole_of,
            help="Sites with sessions; one in four is an urgent care. What is left out is the reading's: 65.",
        ),
    ] = None,
    clinicians: Annotated[
        int | None, Parameter(converter=whole_of, help="Posts of physicians, PAs and NPs; left out: 620.")
    ] = None,
    patients: Annotated[
        int | None,
        Parameter(converter=whole_of, help="Patients; at least 100 to a clinician; left out: 700000."),
    ] = None,
    hospitals: Annotated[
        int | None,
        Parameter(converter=whole_of, help="Hospitals: places on the map, without sessions; left out: 12."),
    ] = None,
    start: Annotated[
        date | None,
        Parameter(converter=day_of, help="First day of the book, YYYY-MM-DD; left out: 2025-10-13."),
    ] = None,
    weeks: Annotated[int | None, Parameter(converter=whole_of, help="Weeks of the book; without: 6.")] = None,
    fill: Annotated[
        float | None, Parameter(help="Share of bookable minutes that is booked in the end; left out: 0.9.")
    ] = None,
    reading: ReadingName = "literature",
    seed: Annotated[int, Parameter(converter=whole_of, help="Same seed and options, same bytes.")] = 1,
    as_json: Json = False,
) -> int:
    """Make a network of made-up people on the census tracts of Minnesota and Wisconsin."""
    from tideover.cli import synth as command

    asked = {
        "clinics": clinics,
        "clinicians": clinicians,
        "patients": patients,
        "hospitals": hospitals,
        "start": start,
        "weeks": weeks,
        "fill": fill,
        "seed": seed,
    }
    return ending(lambda: command.synth(asked, out, reading, as_json=as_json), as_json=as_json)


@imports.command(name="csv")
def import_csv(
    file: Path,
    /,
    *,
    mapping: Annotated[Path, Parameter(help="TOML file that says which column is what.")],
    out: Out,
    as_json: Json = False,
) -> int:
    """Make a network folder of any appointment export.

    Parameters
    ----------
    file
        The export, one row for each appointment.
    """
    from tideover.cli import commands

    return ending(lambda: commands.import_csv(file, mapping, out, as_json=as_json), as_json=as_json)


@app.command
def travel(
    network: Path,
    /,
    *,
    osrm: Annotated[str, Parameter(help="Address of a table service, as http://localhost:5000.")],
    out: Annotated[Path, Parameter(name="--out", help="File to write, .csv or .parquet.")],
    travel_cache: TravelCache = None,
    table_size: Annotated[int, Parameter(help="Places in one question: the service's max-table-size.")] = 100,
    as_json: Json = False,
) -> int:
    """Ask a table service for every journey of a network, and write them as a matrix for strike --travel.

    The service is sent the places of homes, each once and to about a metre, without saying who lives there.

    Parameters
    ----------
    network
        Network folder, as made by import or by hand.
    """
    from tideover.cli import travel as command

    return ending(
        lambda: command.travel(network, osrm, out, travel_cache, table_size, as_json=as_json),
        as_json=as_json,
    )
