"""Counts, percentages, money and durations in a sentence, where they are about the dispute or the network."""

from __future__ import annotations

import re

from tideover.documents.amounts import amounts
from tideover.documents.finding import Finding, finding, words_behind
from tideover.documents.lengths import LENGTH, clause_of, days_long, length
from tideover.documents.lexicon import lexicon, one_of
from tideover.documents.ranges import MONEY, PERCENT, Amount

#: Letters behind a number in which the thing counted is looked for, and words that may stand between.
_REACH, _BETWEEN = 90, 7
_TOKEN = re.compile(r"[A-Za-z][\w'.&/-]*|[,;:()\"—]|\S")
#: Kinds that are numbers without a sign.
_UNSIGNED = frozenset({"people", "clinics", "hospitals", "sessions", "visits"})
_OPENING = re.compile(
    r"\s*(?:[-\s]|of\s+(?:the|its|our|their|those|these|all|his|her)\s+|other\s+|more\s+|such\s+)*"
)
_HEADLESS = re.compile(
    r"(?:\s+of\s+(?:us|them|you|those))?(?:\s+(?:have|had|has|will|would|were|was|are|is|could|may|who"
    r"|(?:plan|planned|intend|expected)\s+to))*"
    rf"\s+(?:be\s+|been\s+|expected\s+to\s+)*{one_of('headless')}",
    re.IGNORECASE,
)
_SMALL_MONEY = re.compile(one_of("small_money"), re.IGNORECASE)
_DISPUTE = re.compile(rf"\b{one_of('dispute')}", re.IGNORECASE)
_TAKEN_ON = re.compile(
    r"\b(?:hired|replaced|recruited|laid off|lost)\s+(?:about\s+|only\s+|nearly\s+|some\s+)?$", re.IGNORECASE
)
_NO_NOUN = re.compile(r"\s*(?:[.,;:!?\")]|$|and\b|since\b|so\b|of\s+them\b)")
_GONE = re.compile(
    r"\s+(?:have\s+|had\s+)?(?:quit|left|leave|resign\w*|retire\w*|depart\w*)\b", re.IGNORECASE
)
_CROWD = re.compile(r"people|supporters|members|workers", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\b(?P<number>\d{1,3})(?:st|nd|rd|th)\s+(?:time|(?:bargaining |negotiating )?(?:session|meeting))\b"
    r"|\b(?:session|meeting),\s+(?:the|its|their|our)\s+(?P<behind>\d{1,3})(?:st|nd|rd|th)\b"
)
_FROM = re.compile(r"\b(?:down|up)\s+from\s+(?:about\s+|nearly\s+|some\s+)?$", re.IGNORECASE)
#: "48 clinics and urgent care centers", "48 Minnesota and Wisconsin clinics": the thing counted comes behind.
_JOINED = re.compile(
    r".*?(?:\b(?:and|or)\s+(?:urgent|same[- ]day|walk-in|specialty)|\b[A-Z]\w+\s+and\s+[A-Z])"
)
_OF_US = re.compile(r"\s+of\s+us\b", re.IGNORECASE)
_UNIT_OF = re.compile(
    r"\b(?:unit|workforce|staff|membership|group|total)\s+of\s+(?:\w+\s+){0,2}$", re.IGNORECASE
)
_PER = re.compile(
    r"\s*(?:,\s*)?(?:a|an|per|each|every)\s+(day|week|month|year|hour|night|session|shift|"
    r"clinician|doctor)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:his|her|my|mother of|father of|parents? of|married|with|raising|has|have|had)\s+$", re.IGNORECASE
)
_FAMILY = re.compile(r"child|kid|son|daughter|famil", re.IGNORECASE)
_SAYS = re.compile(
    r"\W+(?:said|say|says|told|spoke|interviewed|who spoke|were charged|were hurt|were injured)\b",
    re.IGNORECASE,
)

_MONEY_NOISE = re.compile(
    r"\b(?:subscri\w+|tickets?|coffee|admission|donat\w+|rent|mortgage|house|car\b|tuition fee)\b",
    re.IGNORECASE,
)


def quantities(text: str, around: str, *, about: bool) -> list[Finding]:
    """Return the counts, percentages, money and durations in a sentence.

    ``around`` is the sentence with the paragraph it stands in: whether a number is about the dispute is
    often said beside it. ``about`` says that the whole document is. Places are those in ``text``.
    """
    words = lexicon()
    if words.noise.search(text):
        return []
    core = bool(words.core.search(text))
    near = core or bool(words.core.search(around))
    crowd = bool(_DISPUTE.search(around))
    found: list[Finding] = []
    for amount in amounts(text):
        made = (
            length(text, amount)
            or _signed(text, amount, near=near or about)
            or _count(text, amount, core=core, near=near, crowd=crowd)
            or _from(text, amount, found)
        )
        if made is not None:
            found.append(made)
    return found + days_long(text) + _ordinals(text)


def _from(text: str, amount: Amount, found: list[Finding]) -> Finding | None:
    """Return "down from 1,610", or "to 2,100", as a number of what was counted before it."""
    if amount.sign or not found:
        return None
    last = found[-1]
    on = re.fullmatch(r"\s+to\s+(?:about\s+|nearly\s+)?", text[last.end : amount.start])
    if last.kind in _UNSIGNED | {"percent"} and on and _NO_NOUN.match(text, amount.end):
        return finding(amount, last.kind, last.unit, last.noun)
    if last.kind in _UNSIGNED and _FROM.search(text[: amount.start]):
        return finding(amount, last.kind, last.unit, last.noun)
    return None


def _ordinals(text: str) -> list[Finding]:
    """Return "for the 33rd time" and "the 20th session" as numbers of sessions held."""
    if not re.search(r"bargain|negotiat|\bmeet\b|\bmet\b|session|mediat", text, re.IGNORECASE):
        return []
    return [
        Finding(
            kind="sessions",
            value=float(m["number"] or m["behind"]),
            unit="sessions",
            start=m.start(),
            end=m.end(),
            noun=m[0],
        )
        for m in _ORDINAL.finditer(text)
    ]


def _signed(text: str, amount: Amount, *, near: bool) -> Finding | None:
    if not amount.sign or not near:
        return None
    if amount.sign == PERCENT:
        return finding(amount, "percent", PERCENT, words_behind(text, amount.end))
    if _MONEY_NOISE.search(text, max(0, amount.start - 40), amount.end + 40):
        return None
    if amount.value < 1000 and not _SMALL_MONEY.search(clause_of(text, amount.start, amount.end)):
        return None
    per = _PER.match(text, amount.end)
    return finding(amount, "money", f"USD/{per[1].lower()}" if per else MONEY, words_behind(text, amount.end))


def _count(text: str, amount: Amount, *, core: bool, near: bool, crowd: bool) -> Finding | None:
    """Return the amount as a number of people, clinics, hospitals, sessions or visits, or ``None``."""
    start = max(amount.end, amount.counts_with)
    if amount.sign or LENGTH.match(text, start):
        return None
    whole = amount.value == int(amount.value) or amount.low is not None
    for found in _heads(text, start):
        kind, unit, noun, end, strong = found
        crowded = crowd and kind == "people" and _CROWD.fullmatch(noun) is not None
        crowded = crowded or (kind == "people" and _GONE.match(text, end) is not None)
        if not (strong or core or crowded or (near and kind != "people")) or not (whole or kind == "visits"):
            continue
        if not _plausible(text, amount, kind, noun, end):
            return None
        per = _PER.match(text, end)
        return finding(amount, kind, f"{unit}/{per[1].lower()}" if per else unit, noun, end)
    if (_UNIT_OF.search(text, max(0, amount.start - 40), amount.start) and core) or (
        amount.value >= 5 and (_HEADLESS.match(text, start) or (_OF_US.match(text, start) and core))
    ):
        return finding(amount, "people", "people", "", amount.end)
    if core and _TAKEN_ON.search(text[: amount.start]) and _NO_NOUN.match(text, start):
        return finding(amount, "people", "people", "", amount.end)
    return None


def _heads(text: str, start: int) -> list[tuple[str, str, str, int, bool]]:
    """Return what may be counted behind ``start``: kind, unit, noun, its end, whether it needs no company.

    The last noun of an unbroken run is the head: of "hospital clinic nurses" the nurses are counted.
    """
    opening = _OPENING.match(text, start)
    first = opening.end() if opening else start
    stop = _stop(text, first)
    stretch = text[first:stop]
    runs: list[tuple[int, int, str, str, bool]] = []
    for counted in lexicon().counted:
        for strong, pattern in ((True, counted.words), (False, counted.loose)):
            runs += [
                (*match.span(), counted.kind, counted.unit, strong) for match in pattern.finditer(stretch)
            ]
    runs.sort(key=lambda run: (run[0], -run[1], not run[4]))
    best: tuple[int, int, str, str, bool] | None = None
    for run in runs:
        if re.match(
            r"-(?:based|affiliated|run|wide|owned|employed|operated|level|bound|acquired)", stretch[run[1] :]
        ):
            continue  # "hospital-based physicians"
        if best is None or (run[0] >= best[1] and not stretch[best[1] : run[0]].strip(" -")):
            best = run
    if best is None:
        return []
    begun, end, kind, unit, strong = best
    return [(kind, unit, stretch[begun:end], first + end, strong)]


def _stop(text: str, start: int) -> int:
    """Return where the words that may name the thing counted end."""
    stops = lexicon().stops
    for seen, token in enumerate(_TOKEN.finditer(text, start, min(len(text), start + _REACH))):
        word = token[0].lower().rstrip(".")
        joined = word in {"and", "or"} and _JOINED.match(
            text, max(start, token.start() - 25), token.end() + 25
        )
        if token[0] in ',;:()"—' or (word in stops and not joined) or seen >= _BETWEEN:
            return token.start()
        if token[0].endswith(".") and len(token[0]) > 3 and token.end() >= len(text.rstrip()):
            return token.end()
    return min(len(text), start + _REACH)


def _plausible(text: str, amount: Amount, kind: str, noun: str, end: int) -> bool:
    before = text[max(0, amount.start - 25) : amount.start]
    if kind == "people" and (amount.value <= 1 or (amount.value < 5 and _SAYS.match(text, end))):
        return False
    if _FAMILY.search(noun) and (amount.value < 4 or (amount.value < 12 and _OWN.search(before))):
        return False
    if kind == "sessions":
        return bool(re.search(r"session|bargain|negotiat|table|met\b|meet|mediat|talks", text, re.IGNORECASE))
    if kind in {"clinics", "hospitals"} and amount.value <= 1:
        return bool(
            re.search(
                r"clos|shut|struck|strik|paus|open", text[max(0, amount.start - 60) : end + 60], re.IGNORECASE
            )
        )
    if kind == "visits" and amount.value < 5:
        return False
    return not text[amount.end : amount.end + 2].startswith(("%", "$"))
