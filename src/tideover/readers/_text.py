"""Text to cells: what must be right about the file before any cell is looked at."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from dataclasses import dataclass

import numpy as np
import polars as pl

from tideover.errors import Fault
from tideover.readers._kind import SHOWN, RawTable, grouped, quoted

#: A longer line is taken for a fault of the export, not for data.
LONGEST_LINE = 1_000_000
_QUOTE, _NEWLINE, _RETURN = 34, 10, 13


def read_text(file: str, data: bytes, separator: str = ",", encoding: str = "utf-8") -> RawTable:
    """Return the cells of ``data`` as text, empty cells as null, with every fault of the file's form.

    Faults: no bytes, wrong encoding, NUL bytes, line ends of old Macs, lines over ``LONGEST_LINE`` bytes, quotes
    out of place, an empty or repeated heading, rows with more or fewer cells than the heading.
    """
    digest = hashlib.sha256(data).hexdigest()
    text, faults = _decoded(file, data, encoding)
    if faults:
        return RawTable(file, digest, pl.DataFrame(), tuple(faults), whole=False)
    layout = Layout.of(text, separator)
    faults = [*_long_lines(file, layout), *_quotes(file, text, layout, separator)]
    if faults:
        return RawTable(file, digest, pl.DataFrame(), tuple(faults), whole=False)
    heading = layout.heading(text, separator)
    faults = [*_heading(file, heading), *_ragged(file, layout, len(heading))]
    try:
        frame = _cells(text, heading, separator)
    except pl.exceptions.PolarsError as error:
        faults.append(
            Fault(file, None, None, quoted(error), "comma-separated values", "Export the file again.")
        )
        return RawTable(file, digest, pl.DataFrame(), tuple(faults), whole=False)
    return _sound_rows(file, digest, frame, layout, faults)


@dataclass(frozen=True)
class Layout:
    """Where the records of a text end, on which line each starts, and how many cells each has.

    The heading is record 0. ``inside`` tells for each byte whether it lies within quotes (``None``: no quotes).
    """

    ends: np.ndarray
    lines: np.ndarray
    cells: np.ndarray
    newlines: np.ndarray
    inside: np.ndarray | None

    @classmethod
    def of(cls, text: bytes, separator: str) -> Layout:
        """Return the layout of ``text`` in a few passes over its bytes."""
        codes = np.frombuffer(text, np.uint8)
        newlines = np.flatnonzero(codes == _NEWLINE)
        commas = np.flatnonzero(codes == ord(separator))
        inside = None
        ends = newlines
        if b'"' in text:
            inside = np.bitwise_xor.accumulate((codes == _QUOTE).view(np.uint8))
            ends, commas = ends[inside[ends] == 0], commas[inside[commas] == 0]
        if not len(ends) or ends[-1] != len(text) - 1:
            ends = np.append(ends, len(text))
        starts = np.concatenate(([0], ends[:-1] + 1))
        cells = np.diff(np.searchsorted(commas, ends), prepend=0) + 1
        return cls(ends, np.searchsorted(newlines, starts) + 1, cells, newlines, inside)

    def heading(self, text: bytes, separator: str) -> list[str]:
        """Return the names in the heading, in order."""
        first = text[: int(self.ends[0])].decode("utf-8").rstrip("\r")
        return next(csv.reader(io.StringIO(first, newline=""), delimiter=separator), [""])

    def line_of(self, place: int) -> int:
        """Return the line on which the byte at ``place`` lies."""
        return int(np.searchsorted(self.newlines, place)) + 1


def _decoded(file: str, data: bytes, encoding: str) -> tuple[bytes, list[Fault]]:
    """Return the text in UTF-8 without byte-order mark and trailing empty lines, or the fault that forbids it."""
    if not data.strip():
        return b"", [_whole_file(file, "no text", "a heading and rows", "Export the file again.")]
    try:
        text = data.removeprefix(codecs.BOM_UTF8)
        decoded = text.decode(encoding)
    except UnicodeDecodeError as error:
        offset = error.start + len(data) - len(text)
        line = data.count(b"\n", 0, offset) + 1
        found = f"byte {data[offset]:#04x} at offset {offset:,}"
        return b"", [
            Fault(file, line, None, found, f"text in {encoding.upper()}", _encoding_remedy(data, encoding))
        ]
    if encoding != "utf-8":
        text = decoded.encode("utf-8")
    if (place := text.find(b"\0")) >= 0:
        found = f"a NUL byte at offset {place:,}"
        line = text.count(b"\n", 0, place) + 1
        return b"", [Fault(file, line, None, found, "text without NUL bytes", "Export the file again.")]
    if b"\r" in text and b"\n" not in text:
        remedy = "Save the file with line ends of LF or CR LF."
        return b"", [_whole_file(file, "line ends of CR alone", "line ends of LF or CR LF", remedy)]
    return _without_empty_end(text), []


def _without_empty_end(text: bytes) -> bytes:
    if text.endswith((b"\n\n", b"\n\r\n")):
        return text.rstrip(b"\r\n") + b"\n"
    return text


def _encoding_remedy(data: bytes, encoding: str) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "The file is UTF-16; save it as UTF-8."
    return (
        "Save the file as UTF-8." if encoding == "utf-8" else "State the file's own encoding in the mapping."
    )


def _whole_file(file: str, found: str, expected: str, remedy: str) -> Fault:
    return Fault(file, None, None, found, expected, remedy)


def _long_lines(file: str, layout: Layout) -> list[Fault]:
    lengths = np.diff(layout.ends, prepend=-1) - 1
    rows = np.flatnonzero(lengths > LONGEST_LINE)
    shown = [
        Fault(
            file,
            int(layout.lines[row]),
            None,
            f"a row of {int(lengths[row]):,} bytes",
            f"at most {LONGEST_LINE:,} bytes",
            "Look for a quote that is never closed, or export the file again.",
        )
        for row in rows[:SHOWN]
    ]
    return grouped(shown, len(rows))


def _quotes(file: str, text: bytes, layout: Layout, separator: str) -> list[Fault]:
    """Return the quotes that neither open nor close a whole cell, or the one that is never closed."""
    if layout.inside is None:
        return []
    codes = np.frombuffer(text, np.uint8)
    places = np.flatnonzero(codes == _QUOTE)
    opening, closing = places[0::2], places[1::2]
    before = np.where(opening > 0, codes[opening - 1], _NEWLINE)
    after = codes[np.minimum(closing + 1, len(codes) - 1)]
    after = np.where(closing + 1 < len(codes), after, _NEWLINE)
    wrong = np.concatenate(
        (
            opening[~np.isin(before, (ord(separator), _NEWLINE, _QUOTE))],
            closing[~np.isin(after, (ord(separator), _NEWLINE, _RETURN, _QUOTE))],
            opening[-1:] if len(places) % 2 else opening[:0],
        )
    )
    expected = "quotes only around a whole cell, and doubled inside it"
    shown = [
        Fault(
            file,
            layout.line_of(int(place)),
            None,
            "a quote out of place or never closed",
            expected,
            "Mend the row.",
        )
        for place in np.sort(wrong)[:SHOWN]
    ]
    return grouped(shown, len(wrong))


def _heading(file: str, heading: list[str]) -> list[Fault]:
    found = [
        Fault(file, 1, None, f"column {place} without a name", "a name", "Name the column or remove it.")
        for place, name in enumerate(heading, start=1)
        if not name.strip()
    ]
    for name in dict.fromkeys(name for name in heading if name.strip() and heading.count(name) > 1):
        expected = "each column once"
        found.append(
            Fault(file, 1, name, f"{heading.count(name)} columns of this name", expected, "Keep one.")
        )
    return found


def _ragged(file: str, layout: Layout, width: int) -> list[Fault]:
    rows = np.flatnonzero(layout.cells != width)
    shown = [
        Fault(
            file,
            int(layout.lines[row]),
            None,
            f"{int(layout.cells[row])} cells",
            f"{width} cells, as in the heading",
            "Fill or remove the row; put quotes around cells with separators or line ends.",
        )
        for row in rows[:SHOWN]
    ]
    return grouped(shown, len(rows))


def _cells(text: bytes, heading: list[str], separator: str) -> pl.DataFrame:
    """Return the rows under the heading; of columns with one name the first is kept."""
    places = [str(place) for place in range(len(heading))]
    frame = pl.read_csv(
        text,
        separator=separator,
        has_header=False,
        skip_rows=1,
        schema=dict.fromkeys(places, pl.String()),
        truncate_ragged_lines=True,
        raise_if_empty=False,
    )
    if b'""' in text:
        frame = frame.with_columns(pl.all().replace("", None))
    names = dict.fromkeys(name for name in heading if name.strip())
    return frame.select(pl.col(str(heading.index(name))).alias(name) for name in names)


def _sound_rows(file: str, digest: str, frame: pl.DataFrame, layout: Layout, faults: list[Fault]) -> RawTable:
    """Return the table without its ragged rows; the line of each row is kept where rows are not lines."""
    lines, sound = layout.lines[1:], layout.cells[1:] == layout.cells[0]
    if len(lines) != frame.height:
        expected = "one row for each line"
        faults.append(
            _whole_file(file, f"{frame.height:,} rows on {len(lines):,} lines", expected, "Mend the quotes.")
        )
        return RawTable(file, digest, pl.DataFrame(), tuple(faults), whole=False)
    whole = bool(sound.all())
    if not whole:
        frame, lines = frame.filter(pl.Series(sound)), lines[sound]
    plain = whole and layout.inside is None
    return RawTable(file, digest, frame, tuple(faults), whole=whole, lines=None if plain else lines)
