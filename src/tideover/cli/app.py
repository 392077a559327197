"""The program: its commands are in ``asks``; here is how each of them ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from cyclopts import App, CycloptsError

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


def run(arguments: list[str]) -> int:
    """Run one command; return 0 when done, 1 for wrong input or a failed check, 2 for wrong usage."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        return wrong_usage(str(error), as_json="--json" in arguments)
    return code if isinstance(code, int) else 0


def wrong_usage(text: str, *, as_json: bool) -> int:
    """Say that the words were wrong; return 2."""
    from tideover.cli.say import complain, say_json

    if as_json:
        say_json({"ok": False, "error": text})
    complain(f"{text}\nSee: tideover --help, or --help behind a command.")
    return 2


def ending(work: Callable[[], int], *, as_json: bool) -> int:
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
