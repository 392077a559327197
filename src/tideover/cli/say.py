"""How the command line speaks: words on the terminal, JSON for programs, progress on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from tideover.errors import Fault, InputError, TideoverError

#: Faults that are printed; the rest is counted (``--json`` has them all).
SHOWN = 40

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)


def say(text: str, style: str = "") -> None:
    """Print a line on standard output."""
    out.print(Text(text, style=style))


def say_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")


def fault_rows(faults: tuple[Fault, ...] | list[Fault]) -> list[dict[str, Any]]:
    """Return the faults as plain JSON values."""
    return [fault.as_dict() for fault in faults]


def say_faults(faults: tuple[Fault, ...] | list[Fault]) -> None:
    """Print faults on standard error: what is wrong, then what to do."""
    count = sum(fault.times for fault in faults)
    err.print(Text(f"{count:,} fault{'s' if count != 1 else ''}; nothing was written.", style="bold red"))
    for fault in faults[:SHOWN]:
        place = fault.file + (f", row {fault.row}" if fault.row is not None else "")
        place += f", column {fault.column}" if fault.column is not None else ""
        times = f"  ({fault.times:,} times, first here)" if fault.times > 1 else ""
        err.print(Text(f"  {place}{times}", style="bold"))
        err.print(Text(f"    found {fault.found}; expected {fault.expected}. {fault.remedy}"))
    if len(faults) > SHOWN:
        err.print(Text(f"  and {len(faults) - SHOWN:,} more kinds; --json lists them all."))


def say_error(error: TideoverError, *, as_json: bool) -> None:
    """Report an error that Tideover raised on purpose."""
    if isinstance(error, InputError):
        if as_json:
            say_json({"ok": False, "faults": fault_rows(error.faults)})
        say_faults(error.faults)
        return
    if as_json:
        say_json({"ok": False, "error": str(error)})
    err.print(Text(str(error), style="bold red"))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Yield a function that shows what is being done, on a terminal's standard error."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda text: bar.update(task, description=text)
