"""How the command line speaks: words on the terminal, JSON for programs, progress on standard error."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tideover.errors import Fault, InputError

#: Faults that are printed; the rest is counted (``--json`` has them all).
SHOWN = 40
#: Lines are wrapped at the terminal's width, but not wider than is easily read; into a pipe at this width.
PIPED, WIDEST = 80, 100

# a mark at the head of a line ("1. ", "- ", "   39  "), under which its further lines are indented
_HEAD = re.compile(r"\s*(?:- |[\d,]+\.?\s+)?")


def say(text: str = "", style: str = "") -> None:
    """Print a line on standard output, wrapped; the further lines of a list item hang under its first."""
    _print(Console(soft_wrap=True, highlight=False), text, style)


def show(text: str, style: str = "") -> None:
    """Print a path or a command on a line of its own, never broken, so that it can be copied."""
    Console(soft_wrap=True, highlight=False).print(Text(f"  {text}", style=style))


def complain(text: str, style: str = "bold red") -> None:
    """Print lines on standard error, wrapped."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    for line in text.splitlines():
        _print(console, line, style)


def _print(console: Console, text: str, style: str) -> None:
    width = min(console.width, WIDEST) if console.is_terminal else PIPED
    head = _HEAD.match(text)
    hang = " " * (head.end() if head else 0)
    lines = textwrap.wrap(
        text, width, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    ) or [""]
    console.print(Text("\n".join(lines), style=style))


def say_json(value: Any) -> None:
    """Print one JSON document on standard output; ASCII, so that any name passes any pipe."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")


def fault_rows(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    """Return the faults as plain JSON values."""
    return [fault.as_dict() for fault in faults]


def say_faults(faults: Sequence[Fault], *, after: str = "; nothing was written") -> None:
    """Print faults on standard error: what is wrong, then what to do."""
    count = sum(fault.times for fault in faults)
    complain(f"{count:,} fault{'s' if count != 1 else ''}{after}.")
    for fault in faults[:SHOWN]:
        complain(f"  {_place(fault)}", "bold")
        complain(f"    found {fault.found}; expected {fault.expected}.", "")
        complain(f"    {fault.remedy}", "")
    if len(faults) > SHOWN:
        complain(f"  and {len(faults) - SHOWN:,} more kinds; --json lists them all.", "")


def _place(fault: Fault) -> str:
    place = fault.file + (f", row {fault.row:,}" if fault.row is not None else "")
    if fault.column is not None:
        # an option is no column
        place += f", {'' if fault.column.startswith('--') else 'column '}{fault.column}"
    return place + (f"  ({fault.times:,} times, first here)" if fault.times > 1 else "")


def say_error(error: Exception, *, as_json: bool) -> None:
    """Report why a command ended: every fault of the input, or the one reason."""
    if isinstance(error, InputError):
        if as_json:
            say_json({"ok": False, "faults": fault_rows(error.faults)})
        say_faults(error.faults)
        return
    if as_json:
        say_json({"ok": False, "error": str(error)})
    complain(str(error))


def own_fault(error: Exception) -> str:
    """Return what is said when Tideover itself is wrong: what failed and where, for whoever mends it."""
    if os.environ.get("TIDEOVER_TRACEBACK") == "1":
        raise error
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_globals.get('__name__')}, line {place.tb_lineno})" if place else ""
    return (
        f"Tideover failed by a fault of its own: {type(error).__name__}: {error}{where}.\n"
        "Please report this line, with the command and tideover --version. Nothing was written.\n"
        "With TIDEOVER_TRACEBACK=1 in the environment, the whole trace is shown."
    )


@contextmanager
def progress(steps: int | None = None) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told before each step, and shows it where standard error is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), BarColumn(20), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None if steps is None else steps + 1)
        yield lambda text: bar.update(task, description=text, advance=1)
