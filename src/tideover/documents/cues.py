"""Words that say who says something: "the union said", "according to", "said Carol Nygaard"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tideover.documents.lexicon import one_of
from tideover.documents.sides import Names, of_person, side_of

_VERB = re.compile(rf"\b{one_of('says')}\b")
_TO = re.compile(r"\b(?:[Aa]ccording to|[Ii]n the words of)\s+")
_COUNT = re.compile(
    r"\b[Bb]y\s+(?P<who>[^,.;]{3,50}?)(?:'s|s')?\s+(?:own\s+)?(?:count|tally|estimates?|"
    r"figures|account|reckoning|calculations?)\b"
)
_NAME = re.compile(
    r"(?:(?:Dr|Mr|Ms|Mrs|Sen|Rep|Gov|Prof)\.?\s+)?(?:[A-Z][\w'-]+\.?)(?:\s+(?:[A-Z]\.|"
    r"[A-Z][\w'-]+|de|van|von|la)){0,3}"
)
_PRONOUN = re.compile(r"(?:^|\b)(?:he|she|they|it|who)$", re.IGNORECASE)
_RECORDS = re.compile(r"\b(?:filings?|records?|data|documents?|figures|minutes|notice)\b", re.IGNORECASE)
_PAPER = re.compile(
    r"\b(?:statement|letter|release|notice|email|memo|post|filing|message|website|flyer)\b", re.IGNORECASE
)
_LEAD = re.compile(
    r"^(?:(?:and|but|so|as|yet|while|though|although|because|then|also|still|that|where|"
    r"when|if|however|here's|meanwhile|instead|afterward)\b[,\s]*)+",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"[.;\"\x01]|\s(?:in an?|during|at a|on (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)|after|before|"
    r"when|while|as|about)\s"
)
_CONJUNCTION = re.compile(
    r"\b(?:as|that|after|when|because|while|since|but|which|where|whether)\s+(?=[A-Z]|"
    r"(?:the|its|their|union|company|hospital|management)\s)"
)
#: What looks like a name and is none.
_NO_NAME = re.compile(
    r"^(?:The|A|An|In|At|On|It|That|This|There|Here|What|When|If|And|But|So|Yes|No|More|"
    r"Most|Some|Many|All|January|February|March|April|May|June|July|August|September|"
    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)$"
)


_TITLE = re.compile(r"\b(Dr|Sen|Rep|Jr)\.")
_OFFICE = re.compile(r"(?:the|a|an|its|their|one|union|company|hospital|management)\b", re.IGNORECASE)
_FINITE = re.compile(r"\b(?:is|are|was|were|will|would|has|have|had|can|could)\b")
#: Behind these a word of saying is no verb of its sentence.
_NO_FINITE = re.compile(r"\b(?:was|were|is|are|been|be|being|not|to|so)\s*$")
#: Words of a clause: what holds them is no subject of "said".
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|will|would|plans?|percent|per cent|\d+%|than|because|that)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Cue:
    """Who says it: where the words stand, the words, their side; ``back`` where that is a pronoun."""

    start: int
    end: int
    who: str
    side: str
    back: bool = False


def cues(text: str, names: Names, people: dict[str, str]) -> list[Cue]:
    """Return the cues in a sentence in which quoted words are masked by the letter 1.

    ``people`` gives the side of a person by the last name in small letters.
    """
    found = []
    for match in _TO.finditer(text):
        stop = re.search(
            r"[.;\"\x01]|,\s(?:which|and|but|the|more|about)|\s(?:who|that|which)\s", text[match.end() :]
        )
        end = match.end() + (stop.start() if stop else min(120, len(text) - match.end()))
        who = text[match.end() : end].strip(" ,")
        side = _side(who, names, people)
        found.append(Cue(match.start(), end, who, side or ("press" if _RECORDS.search(who) else "")))
    found += [Cue(*m.span(), m["who"], _side(m["who"], names, people)) for m in _COUNT.finditer(text)]
    for match in _VERB.finditer(text):
        cue = _inverted(text, match, names, people) or _subject(text, match, names, people)
        if cue is not None:
            found.append(cue)
    return sorted(found, key=lambda cue: cue.start)


def _inverted(text: str, verb: re.Match[str], names: Names, people: dict[str, str]) -> Cue | None:
    """Return the cue of '..., said Carol Nygaard, vice president', if the verb comes before its subject."""
    left, rest = text[: verb.start()].rstrip(), text[verb.end() :].lstrip()
    opened = not left or left.endswith((",", '"', "\x01", "—", "-", "?", "!"))
    followed = rest and not rest.startswith(("that ", '"', "\x01", ",", ":"))
    if verb[0] in {"told", "tells"} or not opened or not followed:
        return None
    stop = _ENDS.search(_TITLE.sub(r"\1 ", rest))
    phrase = rest[: min(stop.start() if stop else len(rest), 160)].strip(" ,")
    first = phrase.split(",", maxsplit=1)[0]
    named = _person(first)
    office = bool(left) and _OFFICE.match(first) is not None and side_of(first, names) != ""
    if not (named or office) or _FINITE.search(first):
        return None
    end = len(text) - len(rest) + len(phrase)
    return Cue(verb.start(), end, phrase, _side(phrase, names, people))


def _subject(text: str, verb: re.Match[str], names: Names, people: dict[str, str]) -> Cue | None:
    """Return the cue of 'the union said' and 'Dr. Novak, a member of the team, said'."""
    if _NO_FINITE.search(text[: verb.start()]):
        return None
    left = re.split(r"[;\x01\"—]|\s-\s", text[: verb.start()])[-1]
    begun = verb.start() - len(left)
    who = _noun_phrase(left)
    if not who:
        return None
    start = begun + left.rfind(who)
    bare = re.sub(r"\s+(?:also|has|have|had|later|then|still|repeatedly|now|all|both)$", "", who).strip(" ,")
    pronoun = _PRONOUN.search(bare)
    if pronoun:
        return Cue(start, verb.end(), pronoun[0], "", back=True)
    if _PAPER.search(bare) and not side_of(bare, names) and len(bare) < 40:
        return Cue(start, verb.end(), bare, "", back=True)
    side = _side(bare, names, people)
    first = re.split(r",| who ", bare)[0]
    if (not side and not _person(bare)) or len(first) > 90 or _CLAUSE.search(first):
        return None
    return Cue(start, verb.end(), bare, side)


def _noun_phrase(left: str) -> str:
    """Return the subject: the words behind the last comma, or more where those between commas explain."""
    parts = [part for part in re.split(r",\s+", left.strip()) if part.strip()]
    if not parts:
        return ""
    if not left.rstrip().endswith(","):
        last = _CONJUNCTION.split(parts[-1].strip())[-1]
        return "" if re.search(r"\bwhat \w+$", last) else _LEAD.sub("", last)[-150:]
    for back in range(min(5, len(parts)), 1, -1):
        head = _LEAD.sub("", parts[-back].strip())
        if _person(head) or re.match(r"(?:the|its|a|an)\s", head, re.IGNORECASE):
            return left[left.rfind(head) :].strip(" ,")[-180:]
    return ""


def _person(text: str) -> bool:
    """Return whether words begin with a name, or end with one."""
    for match in (_NAME.match(text.strip()), re.search(rf"{_NAME.pattern}$", text.strip())):
        if match and not _NO_NAME.match(match[0].split()[0]) and len(match[0]) > 2:
            return True
    return False


def _side(who: str, names: Names, people: dict[str, str]) -> str:
    side = of_person(who, names) if _person(who.split(",", maxsplit=1)[0]) else side_of(who, names)
    if side and side != "clinician":
        return side
    for word in re.findall(r"[A-Z][\w'-]+", who):
        known = people.get(word.lower().removesuffix("'s"))
        if known:
            return known
    return side
