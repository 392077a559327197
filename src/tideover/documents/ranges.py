"""Amounts, and those that belong together: ranges, lists and parts of a whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tideover.documents.lexicon import one_of

PERCENT, MONEY = "percent", "USD"
_JOIN = re.compile(r"\s?(?:-|to|through)\s?|\s+(?:to|or|and)\s+", re.IGNORECASE)
_CHANGE = re.compile(rf"\b{one_of('change')}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Amount:
    """A number in the text from ``start`` to ``end`` (sign and scale included), and how it is hedged.

    ``sign`` is ``percent``, ``USD`` or empty. ``low`` and ``high`` are what the words allow: of "more than
    600" the low is 600 and there is no high. ``about`` says that it is rounded. ``counts_with`` is the place
    behind which the thing counted is named, where another number stands between ("44 of our 61 clinics").
    """

    start: int
    end: int
    value: float
    sign: str = ""
    low: float | None = None
    high: float | None = None
    about: bool = False
    counts_with: int = 0
    spoken: bool = False


def ranged(text: str, found: list[Amount]) -> list[Amount]:
    """Join "15 to 20 percent" and "between one and two percent" into one amount with its bounds."""
    made: list[Amount] = []
    for amount in found:
        before = made[-1] if made else None
        if before is not None and amount.start < before.end:  # "ten (10)" is one number
            continue
        if before is not None and _is_range(text, before, amount):
            made[-1] = _joined(before, amount)
        else:
            made.append(amount)
    return made


def _is_range(text: str, one: Amount, other: Amount) -> bool:
    gap = text[one.end : other.start]
    dollars = one.sign == MONEY and not other.sign and gap.strip() in {"-", "to"}
    if (
        not _JOIN.fullmatch(gap)
        or (one.low is not None and not one.about)
        or not (dollars or one.sign in {"", other.sign})
    ):
        return False
    lead = text[max(0, one.start - 30) : one.start]
    word = gap.strip().lower()
    if word == "and":
        return bool(re.search(r"\bbetween\s+\$?$", lead, re.IGNORECASE))
    if word == "or":
        return other.value == one.value + 1 or (bool(other.sign) and not one.sign and other.value > one.value)
    if re.search(r"\bfrom\s+\$?$", lead) and _CHANGE.search(text, max(0, one.start - 50), one.start):
        return False
    return one.value * _scale(one, other) < other.value


def _scale(one: Amount, other: Amount) -> float:
    """Return by how much the first of a range is to be multiplied: "$1.2 to $1.5 million"."""
    for size in (1e9, 1e6, 1e3):
        if (
            other.value >= size
            and one.value < 1000
            and other.value / size < 1000
            and other.value % size != other.value
        ):
            return size if one.value * size <= other.value else 1
    return 1


def _joined(one: Amount, other: Amount) -> Amount:
    low = one.value * _scale(one, other)
    middle = round((low + other.value) / 2, 6)
    return Amount(
        one.start,
        other.end,
        middle,
        other.sign or one.sign,
        low,
        other.value,
        about=one.about,
        spoken=other.spoken,
    )


def paired(text: str, found: list[Amount]) -> list[Amount]:
    """Let a number look behind the next one for what it counts: "390 of 430 doctors", "29 and 17 percent"."""
    made = list(found)
    for place in range(len(made) - 2, -1, -1):
        one, other = made[place], made[place + 1]
        gap = text[one.end : other.start].lower()
        if one.sign:
            continue
        if re.fullmatch(
            r",?\s+(?:out\s+)?of\s+(?:(?:the|its|our|their|some|about|all|these|those)\s+)*", gap
        ) or re.fullmatch(r"\s+to\s+", gap):
            made[place] = replace(one, counts_with=other.counts_with or other.end)
        elif re.fullmatch(r"\s*(?:,|and|,\s*and|or|then|,\s*then)\s*", gap):
            # "65 and one in nine": only a written sign is that of both
            sign = other.sign if re.search(r"%|cent|dollar|\$", text[other.start : other.end]) else ""
            made[place] = replace(one, counts_with=other.counts_with or other.end, sign=sign)
    return made
