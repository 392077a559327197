"""The commands and how they end."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter

import tideover

app = App(
    name="tideover",
    help="Plan a clinic network through a labour dispute: who is seen, who moves, and proof that anybody can check.",
    version=tideover.__version__,
    result_action="return_value",
)
imports = App(name="import", help="Make a network folder of what a health system can export.")
app.command(imports)

Json = Annotated[bool, Parameter(name="--json", negative=(), help="Put one JSON document on standard output.")]
Out = Annotated[Path, Parameter(name="--out", help="Folder to write; it appears whole or not at all.")]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(arguments, exit_on_error=False, print_error=True)
    except CycloptsError:
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; nothing was written\n")
        return 130
    return code if isinstance(code, int) else 0


def _ending(work: Callable[[], int], *, as_json: bool) -> int:
    """Run ``work``; report the errors that Tideover raises on purpose, and return 1 for them."""
    from tideover.cli.say import say_error
    from tideover.errors import TideoverError

    try:
        return work()
    except TideoverError as error:
        say_error(error, as_json=as_json)
        return 1


@app.command
def check(network: Path, /, *, as_json: Json = False) -> int:
    """List every fault of a network folder, with file, row, column and what to do.

    Parameters
    ----------
    network
        Folder with clinics, visits and what else is known, as CSV or Parquet.
    """
    from tideover.cli import commands

    return _ending(lambda: commands.check(network, as_json=as_json), as_json=as_json)


@imports.command(name="csv")
def import_csv(
    file: Path,
    /,
    *,
    mapping: Annotated[Path, Parameter(help="TOML file that says which column is what.")],
    out: Out,
    as_json: Json = False,
) -> int:
    """Make a network of any appointment export.

    Parameters
    ----------
    file
        The export, one row for each appointment.
    """
    from tideover.cli import commands

    return _ending(lambda: commands.import_csv(file, mapping, out, as_json=as_json), as_json=as_json)


@app.command
def strike(
    network: Path,
    /,
    *,
    on: Annotated[list[date], Parameter(help="Date of the strike, YYYY-MM-DD; repeat for several.")],
    working: Annotated[float, Parameter(help="Share of the struck posts that is worked, 0 to 1.")],
    out: Out,
    as_of: Annotated[
        date | None, Parameter(help="Plan with what was booked by this day [default: notice, else last booking day].")
    ] = None,
    notice: Annotated[date | None, Parameter(help="Day on which notice was given.")] = None,
    hours: Annotated[str, Parameter(help="Struck stretch of the day, as 00:00-17:00.")] = "00:00-24:00",
    unit: Annotated[list[str] | None, Parameter(help="Bargaining unit whose posts are struck; repeatable [default: all].")] = None,
    role: Annotated[list[str] | None, Parameter(help="Only posts of this role; repeatable.")] = None,
    site_kind: Annotated[list[str] | None, Parameter(help="Only sites of this kind; repeatable.")] = None,
    clinic: Annotated[list[str] | None, Parameter(help="Only this clinic; repeatable.")] = None,
    changes: Annotated[Path | None, Parameter(help="TOML file of further changes: leave, extra sessions ...")] = None,
    policy: Annotated[Path | None, Parameter(help="TOML file of weights, limits and lead times.")] = None,
    pins: Annotated[Path | None, Parameter(help="CSV file of decisions that stay.")] = None,
    as_json: Json = False,
) -> int:
    """Plan a strike day: which visits stand, which move and where to, who must be told; with proof.

    Parameters
    ----------
    network
        Network folder.
    """
    from tideover.cli import commands

    stated: dict[str, Any] = {
        "dates": tuple(on),
        "working": working,
        "hours": hours,
        "units": tuple(unit or ()),
        "roles": tuple(role or ()),
        "site_kinds": tuple(site_kind or ()),
        "clinics": tuple(clinic or ()),
        "notice_on": notice,
    }
    files = commands.StrikeFiles(network, out, changes, policy, pins)
    return _ending(lambda: commands.strike(stated, as_of, files, as_json=as_json), as_json=as_json)


@app.command
def verify(
    folder: Path,
    /,
    *,
    network: Annotated[Path | None, Parameter(help="Network folder, where it lies elsewhere than the plan says.")] = None,
    as_json: Json = False,
) -> int:
    """Check plans again from their inputs, with code that shares nothing with the planner.

    Parameters
    ----------
    folder
        A plan folder, or a folder with plans in it.
    """
    from tideover.cli import commands

    return _ending(lambda: commands.verify(folder, network, as_json=as_json), as_json=as_json)


@app.command
def demo(*, out: Out = Path("tideover-out"), as_json: Json = False) -> int:
    """Plan a strike day on the example network that ships with Tideover, and check the plan."""
    from tideover.cli import commands

    return _ending(lambda: commands.demo(out, as_json=as_json), as_json=as_json)
