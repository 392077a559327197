"""Numbers in a sentence: digits and words, fractions, ranges, percent and money, with their hedges."""

from __future__ import annotations

import re
from dataclasses import replace

from tideover.documents.lexicon import one_of
from tideover.documents.ranges import MONEY, PERCENT, Amount, paired, ranged

#: How far a rounded number ("about 600") reaches to each side; "nearly" reaches so far down.
ROUNDED = 0.1

_ONES = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
_WORD = (
    rf"(?:{_ONES}|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundred|thousand|million|billion)"
)
_WORDS = (
    rf"(?:an?\s+(?=hundred|thousand|million|billion|dozen))?{_WORD}(?:(?:-|\s+|"
    rf"(?<=hundred)\s+and\s+|(?<=thousand)\s+and\s+){_WORD})*"
)
_SMALL = {word: number for number, word in enumerate(_ONES.split("|"), start=1)}
_SMALL |= {"seventeen": 17, "eighteen": 18, "nineteen": 19}
_SMALL |= {
    word: 10 * tens
    for tens, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_LARGE = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
_FRACTION = (
    r"half(?:\s+a\s+(?:million|billion))?(?!\s+(?:an?|hours?|days?|times?|past|years?|dozen)\b|-)"
    r"|(?:an?|one|two|three|four|nine)[ -](?:thirds?|quarters?|fourths?|fifths?|"
    r"tenths?)"
    r"(?=\s+(?:of|the|its|their|our)\b|(?<=third)\s+(?:are|were|have|had)\b|(?<=quarter)\s+(?:are|were|have|had)\b)"
    r"|(?:two|three|four|nine)[ -](?:thirds|quarters|fourths|fifths|tenths)"
)
_EACH = r"(?:in|of\s+every|out\s+of(?:\s+every)?)"
_RATIO = (
    rf"(?:\d|{_ONES})\s+(?:[a-z]+\s+)?{_EACH}\s+"
    r"(?:three|four|five|six|seven|eight|nine|ten|twelve|twenty|[3-9]|10|12|20|50|100)\b(?=\s+[a-z]|\s*[.,;:!?\"]|$)"
)
_SCALE = r"(?:thousand|million|billion|trillion)\b"
_CORE = re.compile(
    rf"""
    (?P<ratio>\b{_RATIO})
    | (?P<fraction>\b(?:{_FRACTION}))
    | (?P<dozen>\b(?:(?:an?|one|two|three|four|five|six|half\s+a)\s+)?dozen\b(?!s))
    | (?P<currency>(?:US|C)?\$\s?)?
      (?P<number>(?<![\w.,$/:\#§-])(?:{_DIGITS})|(?:(?<=\$)|(?<=\$\s)|(?<=\d-))(?:{_DIGITS})|\b{_WORDS}\b)
      (?P<half>\s+and\s+a\s+half)?
      (?:\s?-?(?P<scale>{_SCALE})|(?P<letter>k|K|M|MM|mn|mil|B|bn)\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TIMES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mm": 1e6, "mn": 1e6, "mil": 1e6}
_TIMES |= {"billion": 1e9, "b": 1e9, "bn": 1e9, "trillion": 1e12}

_SIGN = re.compile(
    r"\s?-?(?:%|percentage\s+points?\b|per\s?cent\b|pct\b\.?|(?P<cents>cents?\b|¢)|"
    r"(?P<money>dollars?\b|USD\b|bucks\b))"
)
_MORE = re.compile(r"(?:\+|-plus\b|\s+plus\b(?=\s+[a-z])|\s+or\s+more\b)")
_TWICE = re.compile(r"\s*\(\s*\d[\d,.]*\s*%?\s*\)")

#: What stands before a number that is no quantity: a street, a statute, a local of a union.
_LABEL = re.compile(rf"(?:\b{one_of('label')}|[#@/§]|\bI|(?<!\d)\.)\s?$|[:-]$")
#: What stands behind a number that is no quantity: an age, a clock, a street, a statute, an ordinal.
_TAIL = re.compile(
    r"(?:st|nd|rd|th)\b|[-\s]years?[-\s]old|[-\s](?:month|week)s?[-\s]old|:\d\d|\s?[ap]\.?m\b|\s?o'clock"
    rf"|\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w']+\s+){{1,3}}{one_of('street')}\b|\s+(?:Main|Lake|First|Second)\s+St"
    r"|[-/.]\d|\s?(?:°|degrees)|\s+U\.?S\.?C|\([a-z]\)|'s\b|\s*x\s*\d|[A-Za-z@_]"
)

_HEDGE = re.compile(
    "|".join(rf"(?P<{name}>{one_of(f'hedge_{name}')})" for name in ("more", "less", "nearly", "about")).join(
        ["(?:", ")"]
    )
    + r"(?:\s+(?:the|a|an|half|another|only|some|all|one))?[\s(]*\$?\s?$",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"[\s-]*(?:years?|yrs?|months?|weeks?|days?)\b", re.IGNORECASE)


def amounts(text: str) -> list[Amount]:
    """Return the amounts in a sentence, in their order; years, ages, clocks, streets and labels are none."""
    found = [each for match in _CORE.finditer(text) if (each := _amount(text, match)) is not None]
    return paired(text, ranged(text, found))


def _amount(text: str, match: re.Match[str]) -> Amount | None:
    start, end = match.span()
    value, sign = _value(match)
    if value is None or _is_label(text, match, value):
        return None
    mark = _SIGN.match(text, end)
    if (match["fraction"] or "").lower() == "half" and not _is_share(text, start, end):
        return None
    if match["ratio"] or match["fraction"]:
        sign = PERCENT if value <= 1 else ""
        value = round(100 * value, 1) if sign else value
    if mark:
        end = mark.end()
        sign = MONEY if mark["cents"] or mark["money"] else PERCENT
        value = value / 100 if mark["cents"] else value
    if not sign and (match["letter"] or "").upper() in {"M", "MM", "B", "MN", "MIL", "BN"}:
        return None
    more = _MORE.match(text, end)
    twice = _TWICE.match(text, end)
    end = more.end() if more else twice.end() if twice else end
    if twice and not sign:
        mark = _SIGN.match(text, end)
        if mark and not mark["cents"] and not mark["money"]:
            sign, end = PERCENT, mark.end()
    spoken = bool(match["number"]) and not match["number"][0].isdigit()
    made = Amount(start, end, value, sign, spoken=spoken)
    return replace(made, low=value) if more else _hedged(text, made)


def _value(match: re.Match[str]) -> tuple[float | None, str]:
    if match["ratio"]:
        first, last = re.split(rf"\s+(?:[a-z]+\s+)?{_EACH}\s+", match["ratio"])
        top, bottom = _plain(first), _plain(last)
        return (top / bottom if top and bottom and top < bottom else None), ""
    if match["fraction"]:
        return _fraction(match["fraction"]), ""
    if match["dozen"]:
        head = match["dozen"].lower().removesuffix("dozen").strip()
        return 12 * (0.5 if head.startswith("half") else _plain(head) or 1), ""
    value = _plain(match["number"])
    if value is None:
        return None, ""
    value += 0.5 if match["half"] else 0
    scale = (match["scale"] or match["letter"] or "").lower()
    return round(value * _TIMES.get(scale, 1), 6), MONEY if match["currency"] else ""


def _plain(text: str) -> float | None:
    cleaned = re.sub(r"^an?\s+", "one ", text.strip().lower())
    if cleaned in {"", "a", "an"}:
        return 1 if cleaned else None
    if cleaned[0] == "0" and len(cleaned) > 1 and cleaned[1] != ".":
        return None  # the end of a telephone number
    if cleaned[0].isdigit():
        return float(cleaned.replace(",", ""))
    return _spoken(cleaned)


def _spoken(words: str) -> float | None:
    """Return the number that words say, "three hundred and ninety", or ``None`` where they say none."""
    total, below = 0, 0
    for word in re.split(r"[-\s]+", words):
        if word == "hundred":
            below = 100 * max(1, below)
        elif word in _LARGE:
            total, below = total + _LARGE[word] * max(1, below), 0
        elif word != "and":
            number = _SMALL.get(word)
            if number is None or (
                below % 100 and not (number < 10 and below % 10 == 0 and below % 100 >= 20)
            ):
                return None
            below += number
    return float(total + below)


def _is_share(text: str, start: int, end: int) -> bool:
    """Return whether "half" is a share of something, and not half a page or the first half."""
    of = re.match(r"\s+(?:of|the|its|their|our|full|as|were|was|have|had)\b", text[end:])
    return bool(of or _HEDGE.search(text, max(0, start - 40), start)) and not re.search(
        r"\b(?:first|second|other|better|half|latter)\s+$", text[:start], re.IGNORECASE
    )


def _fraction(text: str) -> float:
    words = re.split(r"[ -]", text.lower())
    if words[-1] in _TIMES:
        return _TIMES[words[-1]] / 2
    part = next(_PARTS[name] for word in words for name in _PARTS if word.rstrip("s") == name)
    top = 1.0 if len(words) == 1 or words[0] in {"a", "an", "half"} else _plain(words[0]) or 1.0
    return top / part


def _is_label(text: str, match: re.Match[str], value: float) -> bool:
    """Return whether a number is no quantity but a label, an age, a clock, a street or a year."""
    start, end = match.span()
    if match["currency"]:
        return False
    numbered = re.fullmatch(r"\s*\(?", text[:start]) and re.match(r"[.)]\s", text[end : end + 2])
    if numbered or text[end : end + 7] == "-dollar":
        return True
    if not match["number"]:
        return False
    if not match["number"][0].isdigit():
        return bool(re.match(r"[-\s](?:years?|months?|weeks?)[-\s]old|\s?[ap]\.m|\s+o'clock", text[end:]))
    return _labelled(text, match) or _is_year(text, match, value)


def _labelled(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    joined = re.search(r"\d-?$", text[max(0, start - 2) : start])  # "5-7": the end of a range
    if _LABEL.search(text, max(0, start - 14), start) and not joined:
        return True
    if match["letter"] or not _TAIL.match(text, end):
        return False
    return not re.match(r"-\d{1,2}\b(?!-)", text[end:]) or bool(re.match(r"-\d{3,}", text[end:]))


def _is_year(text: str, match: re.Match[str], value: float) -> bool:
    plain = "," not in match["number"] and "." not in match["number"]
    return plain and not match["scale"] and 1900 <= value <= 2100 and not _SIGN.match(text, match.end())


def _hedged(text: str, made: Amount) -> Amount:
    hedge = _HEDGE.search(text, max(0, made.start - 40), made.start)
    if hedge is None:
        return made
    name = hedge.lastgroup
    if name == "more" and hedge[0].lower().startswith("over") and _PERIOD.match(text, made.end):
        return made
    if name == "more":
        return replace(made, low=made.value)
    if name == "less":
        return replace(made, high=made.value)
    if name == "nearly":
        return replace(made, low=round(made.value * (1 - ROUNDED), 6), high=made.value)
    spread = made.value * ROUNDED
    return replace(made, low=round(made.value - spread, 6), high=round(made.value + spread, 6), about=True)
