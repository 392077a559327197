"""What the commands on a finished plan may be asked, and the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tideover.cli.app import app, ending
from tideover.cli.arguments import Json, NetworkElsewhere, Out, ReadingName, whole_of


@app.command
def verify(
    folder: Path,
    /,
    *,
    network: NetworkElsewhere = None,
    travel: Annotated[
        Path | None, Parameter(help="Matrix file of one's own, by which the plan's journeys are checked too.")
    ] = None,
    held: Annotated[
        Path | None,
        Parameter(help="File of the sessions that will be held: sums a morning's cover again from it."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check plans again from their inputs, with code that shares no rule, cost or bound with the planner.

    Parameters
    ----------
    folder
        A plan folder, or a folder with plans in it.
    """
    from tideover.cli import commands

    return ending(lambda: commands.verify(folder, network, travel, held, as_json=as_json), as_json=as_json)


@app.command
def days(
    plan: Path,
    /,
    *,
    days: Annotated[
        int | None, Parameter(converter=whole_of, help="How many days to try. Default: the reading's, 1000.")
    ] = None,
    no_shows: Annotated[
        float | None,
        Parameter(
            help="Share of the plan's visits whose patient does not come: 0.1 is one in ten. "
            "Default: the reading's."
        ),
    ] = None,
    walk_ins: Annotated[
        float | None,
        Parameter(
            help="Patients who walk in for each 100 booked visits; they count as urgency 2. "
            "Default: the reading's."
        ),
    ] = None,
    reading: ReadingName = "literature",
    seed: Annotated[int, Parameter(converter=whole_of, help="The same seed gives the same days.")] = 1,
    workers: Annotated[
        int, Parameter(converter=whole_of, help="Processes; the days are the same for any number of them.")
    ] = 1,
    out: Annotated[
        Path | None, Parameter(help="Folder to write every day to; without it, nothing is written.")
    ] = None,
    network: NetworkElsewhere = None,
    as_json: Json = False,
) -> int:
    """Try a plan on many days under chance: how often is an urgent visit not seen, and the night before.

    Who works, who comes, who books later and who walks in is drawn for each day. The plan is verified first.

    Parameters
    ----------
    plan
        A plan folder, as strike writes it.
    """
    from tideover.cli import trying

    stated = {"days": days, "seed": seed, "no_shows": no_shows, "walk_ins": walk_ins}
    files = trying.DaysFiles(plan, out, network)
    return ending(lambda: trying.days(files, stated, reading, workers, as_json=as_json), as_json=as_json)


@app.command
def after(
    folder: Path,
    /,
    *,
    out: Out,
    happened: Annotated[
        Path | None,
        Parameter(
            help="CSV file of what became of each visit: visit_id, outcome, date. See after/README.md."
        ),
    ] = None,
    network: NetworkElsewhere = None,
    as_json: Json = False,
) -> int:
    """Look back on a strike: the backlog it leaves, when it can be gone, and planned against happened.

    The plan is verified first. The bound on the backlog is a fluid queue; it is no promise.

    Parameters
    ----------
    folder
        A plan folder.
    """
    from tideover.cli import aftermath

    files = aftermath.AfterFiles(folder, out, happened, network)
    return ending(lambda: aftermath.after(files, as_json=as_json), as_json=as_json)


@app.command
def share(
    folder: Path,
    /,
    *,
    out: Out,
    salt: Annotated[
        str | None,
        Parameter(
            help="Secret of 16 letters or more that numbers the rows; the same gives the same bytes again, "
            "and with it whoever holds the book can find every visit. Default: random, kept nowhere."
        ),
    ] = None,
    network: NetworkElsewhere = None,
    as_json: Json = False,
) -> int:
    """Write a plan's sums without people, for those who may not hold the book: verify checks them alone.

    Sizes, costs by level, allowed pairs, capacities, prices and chosen pairs; no identifiers, names, places
    or dates. The plan is verified first. That names are gone does not make it anonymous.

    Parameters
    ----------
    folder
        A plan folder.
    """
    from tideover.cli import sharing

    files = sharing.ShareFiles(folder, out, network)
    return ending(lambda: sharing.share(files, salt, as_json=as_json), as_json=as_json)


@app.command
def demo(
    *, out: Out = Path("tideover-out"), reading: ReadingName = "literature", as_json: Json = False
) -> int:
    """Run the shipped case of a dispute, end to end, and check every plan in it."""
    from tideover.cli import run as command

    return ending(lambda: command.demo(out, reading, as_json=as_json), as_json=as_json)
