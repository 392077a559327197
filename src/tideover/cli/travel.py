"""Where journeys come from, as the command line states it: a file, or the address of a table service."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tideover.cli.say import progress, say, say_json, show
from tideover.errors import Fault, InputError, OutputError
from tideover.nouns import Network, Travel
from tideover.nouns.change import RecordedChange
from tideover.readers import is_travel, read_network, read_travel

if TYPE_CHECKING:
    from tideover.travel.service import Service


_COMMAND_LINE = "command line"
#: What ``--travel`` says to go by distance.
DISTANCE = "distance"


def stated_travel(text: str | None, cache: Path | None, network: Network | None) -> Travel | Service | None:
    """Return what ``--travel`` states: the matrix in a file, or a service that is yet to be asked.

    Raises ``InputError`` with every fault; ``network``, where it could be read, is what a matrix must fit.
    """
    if text is None or text == DISTANCE:
        return None
    if "://" in text:
        return _service(text, "travel", cache, None)
    return read_travel(Path(text), network)


def with_travel(
    network: Network,
    changes: Sequence[RecordedChange],
    source: Travel | Service | None,
    report: Callable[[str], None],
    *,
    closing: bool = False,
) -> Network:
    """Return the network with the journeys of ``source``, for which a service is asked now.

    ``closing``: asked for whoever needs a new place under ``changes``, too.
    """
    if source is None:
        return network
    found = source
    if not isinstance(found, Travel):
        from tideover.cases.travel import closing_travel, strike_travel

        found = (closing_travel if closing else strike_travel)(network, changes, found, report)
    return network.replace(travel=found, notes=(*network.notes, *found.notes))


def _service(url: str, option: str, cache: Path | None, table_size: int | None) -> Service:
    from tideover.travel.cache import Cache  # with the web client, which no other run needs
    from tideover.travel.service import TABLE_SIZE, Service

    size = TABLE_SIZE if table_size is None else table_size
    try:
        return Service.at(url, Cache.usual() if cache is None else Cache(cache), table_size=size)
    except InputError as error:
        raise InputError(
            replace(fault, file=_COMMAND_LINE, column=option) for fault in error.faults
        ) from error


def travel(folder: Path, url: str, out: Path, cache: Path | None, table_size: int, *, as_json: bool) -> int:
    """Write the journeys from every home to every clinic, as a table service answers."""
    from tideover.cases.travel import network_travel

    _check_out(out)
    service = _checked(url, cache, table_size)
    with progress() as report:
        report("reading")
        network = read_network(folder)
        found = network_travel(network, service, report)
        report(f"writing {out}")
        _write(found, out)
    known, beyond = _counts(found)
    if as_json:
        say_json({"out": str(out), "known": known, "unreachable": beyond, "service": found.name})
        return 0
    starts = found.rows.select("lat", "lon").n_unique()
    say(f"{known:,} journeys from {starts:,} places, and {beyond:,} pairs to which no way leads.")
    say()
    say(f"Written to {out}: holds places of homes, for you alone to read. Plan with it:")
    show(f"tideover strike {folder} --on DATE --working SHARE --travel {out} --out PLAN")
    return 0


def _checked(url: str, cache: Path | None, table_size: int) -> Service:
    faults = []
    if table_size < 2:
        remedy = "Leave it out, or state the service's max-table-size."
        faults.append(Fault(_COMMAND_LINE, None, "--table-size", str(table_size), "at least 2", remedy))
    try:
        service = _service(url, "--osrm", cache, table_size)
    except InputError as error:
        raise InputError([*faults, *error.faults]) from error
    if faults:
        raise InputError(faults)
    return service


def _counts(found: Travel) -> tuple[int, int]:
    reachable = int(found.rows["reachable"].sum())
    return reachable, found.rows.height - reachable


def _check_out(out: Path) -> None:
    """Raise ``OutputError`` if the file cannot be written, or is there and is no matrix of journeys."""
    if out.suffix.lower() not in {".csv", ".parquet"}:
        raise OutputError(f"{out}: name a file that ends in .csv or .parquet")
    if os.path.lexists(out) and not is_travel(out):
        raise OutputError(f"{out}: is there and is no matrix of journeys; name another file")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=out.parent).close()
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})") from error


def _write(found: Travel, out: Path) -> None:
    """Write the matrix beside ``out`` and put it in its place: it appears whole or not at all."""
    rows = found.rows.select(name for name in found.rows.columns if found.rows[name].is_not_null().any())
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    os.close(handle)
    draft = Path(name)
    try:
        if out.suffix.lower() == ".parquet":
            rows.write_parquet(draft)
        else:
            rows.write_csv(draft)
        draft.replace(out)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror or error})") from error
    finally:
        draft.unlink(missing_ok=True)
