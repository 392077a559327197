"""The commands and how they end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter, Token

import tideover

# plain text: a help page that reads Markdown starts a third slower
app = App(
    name="tideover",
    help="Plan a clinic network through a labour dispute: who is seen, who moves, and a proof to check. "
    "Start with: tideover demo",
    help_format="plaintext",
    version=tideover.__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
imports = App(name="import", help="Make a network folder of what a health system can export.")
app.command(imports)
ledger = App(name="claims", help_format="plaintext")
app.command(ledger)


def _day(_kind: object, tokens: Sequence[Token]) -> date:
    # by itself a date may carry a time of day, which would be dropped in silence
    try:
        return date.fromisoformat(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a date written YYYY-MM-DD") from None


def _whole(_kind: object, tokens: Sequence[Token]) -> int:
    # by itself a whole number may be written 1.5, and is cut off in silence
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number") from None


def _days(_kind: object, tokens: Sequence[Token]) -> list[date | tuple[date, date]]:
    return [_day_or_days(token.value) for token in tokens]


def _day_or_days(text: str) -> date | tuple[date, date]:
    first, dots, last = text.partition("..")
    try:
        return (date.fromisoformat(first), date.fromisoformat(last)) if dots else date.fromisoformat(text)
    except ValueError:
        said = f"{text!r} is neither a date written YYYY-MM-DD nor a range YYYY-MM-DD..YYYY-MM-DD"
        raise ValueError(said) from None


def _share(_kind: object, tokens: Sequence[Token]) -> float | str:
    text = tokens[0].value
    try:
        return text if ".." in text else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a share such as 0.25 nor a range 0.15..0.25..0.40") from None


Json = Annotated[
    bool, Parameter(name="--json", negative=(), help="Put one JSON document on standard output.")
]
Out = Annotated[Path, Parameter(name="--out", help="Folder to write; it appears whole or not at all.")]
TravelCache = Annotated[
    Path | None,
    Parameter(help="Folder in which a service's answers are kept. Default: the system's folder for caches."),
]
ReadingName = Annotated[
    str,
    Parameter(
        name="--reading",
        help="Whose word is taken of each claim: employer, union, literature, press-a, press-b, "
        "or a TOML file.",
    ),
]
Names = list[str] | None
Several = Parameter(negative=())


def run(arguments: list[str]) -> int:
    """Run one command; return 0 when done, 1 for wrong input or a failed check, 2 for wrong usage."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return _wrong_usage(str(error), as_json="--json" in arguments)
    return code if isinstance(code, int) else 0


def _wrong_usage(text: str, *, as_json: bool) -> int:
    from tideover.cli.say import complain, say_json

    if as_json:
        say_json({"ok": False, "error": text})
    complain(f"{text}\nSee: tideover --help, or --help behind a command.")
    return 2


def _ending(work: Callable[[], int], *, as_json: bool) -> int:
    """Run ``work``; report whatever goes wrong in words, never as a trace, and return 1 for it."""
    from tideover.cli.say import own_fault, say_error
    from tideover.errors import TideoverError

    try:
        return work()
    except TideoverError as error:
        say_error(error, as_json=as_json)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 -- whoever read has gone
    except MemoryError:
        say_error(TideoverError("There is not enough memory for a book of this size."), as_json=as_json)
    except Exception as error:  # the roof: whoever plans cannot read a trace, whoever mends can ask for it
        say_error(TideoverError(own_fault(error)), as_json=as_json)
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


@app.command
def synth(
    *,
    out: Out,
    clinics: Annotated[
        int, Parameter(converter=_whole, help="Sites with sessions; one in four is an urgent care.")
    ] = 65,
    clinicians: Annotated[int, Parameter(converter=_whole, help="Posts of physicians, PAs and NPs.")] = 620,
    patients: Annotated[
        int, Parameter(converter=_whole, help="Patients; at least 100 to a clinician.")
    ] = 700_000,
    hospitals: Annotated[
        int, Parameter(converter=_whole, help="Hospitals: places on the map, without sessions.")
    ] = 12,
    start: Annotated[date, Parameter(converter=_day, help="First day of the book, YYYY-MM-DD.")] = date(
        2025, 10, 13
    ),
    weeks: Annotated[int, Parameter(converter=_whole, help="Weeks of the book.")] = 6,
    fill: Annotated[float, Parameter(help="Share of bookable minutes that is booked in the end.")] = 0.9,
    seed: Annotated[int, Parameter(converter=_whole, help="Same seed and options, same bytes.")] = 1,
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
    return _ending(lambda: command.synth(asked, out, as_json=as_json), as_json=as_json)


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

    return _ending(lambda: commands.import_csv(file, mapping, out, as_json=as_json), as_json=as_json)


@app.command
def strike(
    network: Path,
    /,
    *,
    out: Out,
    on: Annotated[
        list[Any] | None,
        Parameter(
            converter=_days,
            negative=(),
            help="Date of the strike, YYYY-MM-DD, or a range, 2025-11-05..2025-11-19, of which the dates "
            "with sessions count; repeatable. With --previous it may be left out: then its strikes count.",
        ),
    ] = None,
    working: Annotated[
        float | str | None,
        Parameter(
            converter=_share,
            help="Share of the struck posts that is worked, from 0 to 1: 0.25 is a quarter. As a range "
            "0.15..0.25..0.40: between 15 % and 40 % on nine days in ten, most likely 25 %. "
            "Needed with the dates.",
        ),
    ] = None,
    as_of: Annotated[
        date | None,
        Parameter(
            converter=_day,
            help="Plan with what was booked by this day. Default: the day of notice, "
            "else the last day on which a visit was booked before the strike.",
        ),
    ] = None,
    notice: Annotated[date | None, Parameter(converter=_day, help="Day on which notice was given.")] = None,
    hours: Annotated[str, Parameter(help="Struck stretch of the day, as 00:00-17:00.")] = "00:00-24:00",
    unit: Annotated[
        Names, Several, Parameter(help="Bargaining unit whose posts are struck; repeatable. Default: all.")
    ] = None,
    role: Annotated[Names, Several, Parameter(help="Only posts of this role; repeatable.")] = None,
    site_kind: Annotated[Names, Several, Parameter(help="Only sites of this kind; repeatable.")] = None,
    clinic: Annotated[Names, Several, Parameter(help="Only this clinic; repeatable.")] = None,
    changes: Annotated[
        Path | None, Parameter(help="TOML file of further changes: leave, extra sessions ...")
    ] = None,
    policy: Annotated[Path | None, Parameter(help="TOML file of weights, limits and lead times.")] = None,
    pins: Annotated[Path | None, Parameter(help="CSV file of decisions that must stay.")] = None,
    days: Annotated[
        int, Parameter(converter=_whole, help="How many days of the strike to try under chance; 0 for none.")
    ] = 1000,
    travel: Annotated[
        str | None,
        Parameter(
            help="Journeys: a matrix file, or the address of a table service as OSRM has one. "
            "Default: straight-line distance times the policy's detour factor."
        ),
    ] = None,
    travel_cache: TravelCache = None,
    previous: Annotated[
        Path | None,
        Parameter(
            help="Plan folder that this plan follows: what patients were told is changed least. "
            "Strikes, other changes and policy are taken from it where they are not stated."
        ),
    ] = None,
    answers: Annotated[
        Path | None,
        Parameter(help="CSV file of calls since: visit_id, answer (accepted, declined, not_reached, told)."),
    ] = None,
    held: Annotated[
        Path | None,
        Parameter(
            help="On the morning: CSV file of the struck sessions that will be held (session_id). "
            "It is read, summed by pool and hour, and stored nowhere."
        ),
    ] = None,
    called_off: Annotated[
        bool,
        Parameter(
            negative=(),
            help="The strike of the previous plan is called off (on the dates of --on only, if any): "
            "give booked times back with the fewest further calls.",
        ),
    ] = False,
    reading: ReadingName = "literature",
    called_off_chance: Annotated[
        float | None,
        Parameter(help="Chance that the strike is called off, 0 to 1: how many calls would be in vain."),
    ] = None,
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

    stated: dict[str, Any] = {
        "dates": tuple(on or ()),
        "working": working,
        "hours": hours,
        "units": tuple(unit or ()),
        "roles": tuple(role or ()),
        "site_kinds": tuple(site_kind or ()),
        "clinics": tuple(clinic or ()),
        "notice_on": notice,
    }
    wrong = _unclear(stated, planned=previous is not None, called_off=called_off)
    if wrong:
        return _wrong_usage(wrong, as_json=as_json)
    since = Since(previous, answers, held, called_off, called_off_chance)
    files = commands.StrikeFiles(
        network, out, changes, policy, pins, days, travel, travel_cache, since, reading
    )
    return _ending(lambda: commands.strike(stated, as_of, files, as_json=as_json), as_json=as_json)


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

    return _ending(
        lambda: command.travel(network, osrm, out, travel_cache, table_size, as_json=as_json),
        as_json=as_json,
    )


@app.command
def verify(
    folder: Path,
    /,
    *,
    network: Annotated[
        Path | None, Parameter(help="Network folder, where it lies elsewhere than the plan says.")
    ] = None,
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

    return _ending(lambda: commands.verify(folder, network, travel, held, as_json=as_json), as_json=as_json)


@app.command
def days(
    plan: Path,
    /,
    *,
    days: Annotated[
        int | None, Parameter(converter=_whole, help="How many days to try. Default: the reading's, 1000.")
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
    seed: Annotated[int, Parameter(converter=_whole, help="The same seed gives the same days.")] = 1,
    workers: Annotated[
        int, Parameter(converter=_whole, help="Processes; the days are the same for any number of them.")
    ] = 1,
    out: Annotated[
        Path | None, Parameter(help="Folder to write every day to; without it, nothing is written.")
    ] = None,
    network: Annotated[
        Path | None, Parameter(help="Network folder, where it lies elsewhere than the plan says.")
    ] = None,
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
    return _ending(lambda: trying.days(files, stated, reading, workers, as_json=as_json), as_json=as_json)


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
    network: Annotated[
        Path | None, Parameter(help="Network folder, where it lies elsewhere than the plan says.")
    ] = None,
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
    return _ending(lambda: aftermath.after(files, as_json=as_json), as_json=as_json)


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
    network: Annotated[
        Path | None, Parameter(help="Network folder, where it lies elsewhere than the plan says.")
    ] = None,
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
    return _ending(lambda: sharing.share(files, salt, as_json=as_json), as_json=as_json)


@ledger.default
def claims(
    *,
    claim: Annotated[Names, Several, Parameter(help="Only this claim, with its sources; repeatable.")] = None,
    conflicts: Annotated[bool, Parameter(negative=(), help="Only what is disputed.")] = False,
    reading: Annotated[
        str | None,
        Parameter(help="Show what this reading takes: a name, or a TOML file. Default: every reading."),
    ] = None,
    own: Annotated[
        list[Path] | None,
        Several,
        Parameter(help="Claim file of your own, or a folder of them, beside the ledger; repeatable."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Show the ledger of claims: what is disputed first, each side's word beside the other's.

    Every fact and assumption of the model is a claim with its source. A reading takes one side's word for
    each: employer, union, literature, press-a, press-b, or a file of your own.
    """
    from tideover.cli import claims as command

    asked = command.ClaimsAsked(tuple(own or ()), reading, tuple(claim or ()), conflicts)
    return _ending(lambda: command.claims(asked, as_json=as_json), as_json=as_json)


@ledger.command(name="read")
def read_claims(
    *files: Path,
    own: Annotated[
        list[Path] | None,
        Several,
        Parameter(help="Claim file of your own, or a folder of them, beside the ledger; repeatable."),
    ] = None,
    dated: Annotated[
        date | None,
        Parameter(converter=_day, help="Day on which the documents were written. Default: what they say."),
    ] = None,
    dispute: Annotated[
        str | None,
        Parameter(help="Dispute of the ledger that they are about. Default: the one that fits best."),
    ] = None,
    accept: Annotated[
        Names, Several, Parameter(help="Numbers of proposals to accept, as 3,7; repeatable. Needs --out.")
    ] = None,
    out: Annotated[
        Path | None, Parameter(name="--out", help="New folder for the claim files of what is accepted.")
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
    return _ending(lambda: command.read_documents(asked, as_json=as_json), as_json=as_json)


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
        int, Parameter(converter=_whole, help="Processes for that; the result is the same for any number.")
    ] = 2,
    as_json: Json = False,
) -> int:
    """Run a case: all results of a dispute in one folder, with one page to read first.

    A case is one TOML file: a network, a timeline, scenarios and what is asked of the ledger of claims.

    Parameters
    ----------
    case
        Name of a case that ships with Tideover (twin-cities-2025, northland-2025), or a TOML file.
    """
    from tideover.cli import run as command

    asked = command.RunAsked(case, out, reading, all_readings, workers)
    return _ending(lambda: command.run(asked, as_json=as_json), as_json=as_json)


@app.command
def demo(*, out: Out = Path("tideover-out"), as_json: Json = False) -> int:
    """Make a synthetic network, plan a strike day on it, and check the plan."""
    from tideover.cli import commands

    return _ending(lambda: commands.demo(out, as_json=as_json), as_json=as_json)
