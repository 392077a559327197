"""Where the rows of a text lie, when they are not simply its lines: quotes, and rows of uneven length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tideover.errors import Fault
from tideover.readers._kind import SHOWN, grouped

_QUOTE, _NEWLINE, _RETURN = 34, 10, 13


@dataclass(frozen=True)
class Layout:
    """Where the rows of a text end, on which line each starts, and how many cells each has.

    The heading is row 0. ``newlines`` are the places of all line ends, those within quotes too.
    """

    ends: np.ndarray
    lines: np.ndarray
    cells: np.ndarray
    newlines: np.ndarray

    @classmethod
    def of(cls, text: bytes, separator: str) -> Layout:
        """Return the layout of ``text`` in a few passes over its bytes."""
        codes = np.frombuffer(text, np.uint8)
        newlines = np.flatnonzero(codes == _NEWLINE)
        commas = np.flatnonzero(codes == ord(separator))
        ends = newlines
        if b'"' in text:
            inside = np.bitwise_xor.accumulate((codes == _QUOTE).view(np.uint8))
            ends, commas = ends[inside[ends] == 0], commas[inside[commas] == 0]
        if not len(ends) or ends[-1] != len(text) - 1:
            ends = np.append(ends, len(text))
        starts = np.concatenate(([0], ends[:-1] + 1))
        cells = np.diff(np.searchsorted(commas, ends), prepend=0) + 1
        return cls(ends, np.searchsorted(newlines, starts) + 1, cells, newlines)

    def quote_faults(self, file: str, text: bytes, separator: str) -> list[Fault]:
        """Return the quotes that neither open nor close a whole cell, and the one that is never closed."""
        codes = np.frombuffer(text, np.uint8)
        places = np.flatnonzero(codes == _QUOTE)
        if not len(places):
            return []
        opening, closing = places[0::2], places[1::2]
        before = np.where(opening > 0, codes[opening - 1], _NEWLINE)
        after = np.append(codes, _NEWLINE)[closing + 1]
        stray = (
            opening[~np.isin(before, (ord(separator), _NEWLINE, _QUOTE))],
            closing[~np.isin(after, (ord(separator), _NEWLINE, _RETURN, _QUOTE))],
            opening[-1:] if len(places) % 2 else opening[:0],
        )
        wrong = np.unique(np.concatenate(stray))
        expected = "quotes only around a whole cell, and doubled inside it"
        found = "a quote out of place or never closed"
        lines = np.searchsorted(self.newlines, wrong[:SHOWN]) + 1
        shown = [Fault(file, int(line), None, found, expected, "Mend the row.") for line in lines]
        return grouped(shown, len(wrong))

    def ragged_faults(self, file: str, width: int) -> list[Fault]:
        """Return the rows that do not have ``width`` cells."""
        rows = np.flatnonzero(self.cells != width)
        expected = f"{width} cells, as in the heading"
        remedy = "Fill or remove the row; put quotes around cells with separators or line ends."
        shown = [
            Fault(file, int(self.lines[row]), None, f"{int(self.cells[row])} cells", expected, remedy)
            for row in rows[:SHOWN]
        ]
        return grouped(shown, len(rows))
