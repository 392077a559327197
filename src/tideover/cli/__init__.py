"""The command line: words and files in, words and files out; no arithmetic.

Every command takes ``--json`` (one JSON document on standard output; everything else goes to standard
error) and ends with 0 when it is done, 1 for wrong input or a failed check, 2 for wrong usage.
"""

from tideover.cli.app import main

__all__ = ["main"]
