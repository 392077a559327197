"""Lengths of time in a sentence: of strikes, contracts, waits and unpaid work; not ages and careers."""

from __future__ import annotations

import re

from tideover.documents.finding import Finding, finding, words_behind
from tideover.documents.lexicon import one_of
from tideover.documents.ranges import Amount

_TIME = r"(?P<time>minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|wks?|months?|mos?|years?|yrs?)\b"
LENGTH = re.compile(
    rf"\s*-?\s*(?:(?:paid|unpaid|extra|additional|more|full|straight|consecutive|calendar|"
    rf"business|working|sick|solid|long|or so)\s+)*{_TIME}",
    re.IGNORECASE,
)
_TIMES = {
    "mi": "minutes",
    "ho": "hours",
    "hr": "hours",
    "da": "days",
    "ni": "days",
    "we": "weeks",
    "wk": "weeks",
    "mo": "months",
    "ye": "years",
    "yr": "years",
}
#: What a length of time is about, in the words around it.
_OF_WORK = re.compile(rf"\b{one_of('about_work')}\b", re.IGNORECASE)
_TENURE = re.compile(
    r"\b(?:has|have|had|'s|'ve|who|i)\s+(?:\w+\s+)?(?:worked|practi[cs]ed|been|served|"
    r"lived|taught|seen|cared|taken care|known|led|run|doctored|nursed|stayed)"
    r"\b[^.;]{0,60}$|\b(?:in|during|over)\s+(?:his|her|my|their)\s+$|\b(?:past|last|"
    r"previous|next|coming|first)\s+$",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"\b(?:in|(?:over|in|for|during|within)?\s*the\s+(?:past|last|next|coming|previous)|"
    r"(?:past|last|first time in|first in))\s+(?:about |nearly |almost |more than )?$",
    re.IGNORECASE,
)
_A_DAY = re.compile(
    r"\bfor\s+(?P<one>a|one)\s+(?:single\s+|full\s+)?(?P<time>day|week|month)\b(?!\s+or)|"
    r"\b(?P<whole>day|week|month)-?long\b",
    re.IGNORECASE,
)
#: "3 percent over three years", "a raise in each of three years"
_OVER = re.compile(
    r"(?:percent|per cent|%|million|billion|raises?|increases?)\s+(?:\w+\s+){0,3}(?:over|"
    r"in each of|for each of|for)\s+(?:the\s+)?(?:next\s+)?$",
    re.IGNORECASE,
)
_LASTS = re.compile(
    (
        r"\b(?:will|would|to|could)\s+last\s+(?:for\s+|about\s+|only\s+)?$|\blast(?:s|"
        r"ed)\s+(?:for\s+)?$"
    ),
    re.IGNORECASE,
)
_BLOCKED = re.compile(
    r"\s*(?:ago|old|after|from|north|south|east|west|away from|later|earlier|'s? (?:of )?experience)\b"
    r"|[\s-]+(?:old|veteran|drive|walk|career|anniversary|history)\b"
)
_WAIT = re.compile(
    r"\bwait\w*|appointment|opening|physical|new patients?|be seen|get in\b|slot|schedul", re.IGNORECASE
)


def length(text: str, amount: Amount) -> Finding | None:
    """Return the amount as a length of time where one follows and it is about work, a wait or a contract."""
    length = None if amount.sign else LENGTH.match(text, max(amount.end, amount.counts_with))
    if length is None:
        return None
    name, end = length["time"].lower(), length.end()
    before, after = text[max(0, amount.start - 80) : amount.start], text[end : end + 60]
    if amount.value == 1 and name == "year" and "-" not in length[0] and not before.endswith("for "):
        return None  # "one year", as "the next"
    if (
        _BLOCKED.match(after)
        or (_LONG_AGO.search(before) and not _LASTS.search(before))
        or (_TENURE.search(before) and name[0] == "y" and not _OF_WORK.search(text[end : end + 25]))
    ):
        return None
    clause = clause_of(text, amount.start, end)
    told = _OF_WORK.search(clause) or _OVER.search(before) or _LASTS.search(before)
    if not told or (
        name.startswith("mi") and not _WAIT.search(clause) and not re.search(r"unpaid|paid|admin", clause)
    ):
        return None
    return finding(amount, "duration", _TIMES[name[:2]], words_behind(text, end), end)


def clause_of(text: str, start: int, end: int) -> str:
    """Return the words around a stretch, up to the nearest semicolon or dash and 90 letters at most."""
    before = re.split(r"[;—]", text[max(0, start - 90) : start])[-1]
    return before + text[start:end] + re.split(r"[;—]", text[end : end + 70])[0]


def days_long(text: str) -> list[Finding]:
    """Return lengths that hold no number: "for a day", "a day-long strike", "weeklong"."""
    found = []
    for match in _A_DAY.finditer(text):
        if match["one"] == "one" or not _OF_WORK.search(clause_of(text, *match.span())):
            continue  # "for one day" is a number already
        name = (match["time"] or match["whole"]).lower()
        found.append(
            Finding(
                kind="duration",
                value=1,
                unit=_TIMES[name[:2]],
                start=match.start(),
                end=match.end(),
                noun=words_behind(text, match.end()),
            )
        )
    return found
