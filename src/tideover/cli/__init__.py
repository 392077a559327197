"""The command line: words and files in, words and files out; no arithmetic.

Every command takes ``--json`` (one JSON document on standard output; everything else goes to standard
error) and ends with 0 when it is done, 1 for wrong input or a failed check, 2 for wrong usage, 130 when
it is stopped.
"""

from __future__ import annotations

import signal
import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; without ``arguments``, those of this process."""
    if arguments is None:
        arguments = sys.argv[1:]
        _as_process()
    try:
        from tideover.cli import asks  # noqa: F401 -- registers the commands; a stop may come while this is read
        from tideover.cli.app import run

        return run(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. The output folder is as it was before.\n")
        return 130


def _as_process() -> None:
    """Take a request to end like Ctrl-C, and write what the terminal cannot show as a question mark."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
