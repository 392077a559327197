"""Sides: which words and names stand for the union, the employer or another, in one document."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from tideover.documents.lexicon import one_of

#: Every side that a statement can have, in words.
SIDES = {
    "employer": "the employer",
    "union": "the union",
    "clinician": "a clinician",
    "patient": "a patient",
    "politician": "a politician or official",
    "regulator": "a regulator, mediator or court",
    "expert": "a researcher or analyst",
    "press": "the report itself",
    "other": "another person",
}
#: In this order the words are looked for.
_ORDER = ("regulator", "politician", "union", "expert", "patient", "employer", "clinician")
_SIDES = tuple(
    (side, re.compile(rf"(?<![\w-])(?:{one_of(f'side_{side}')})(?!\w)", re.IGNORECASE)) for side in _ORDER
)
_UNION_NAME = re.compile(
    r"\b(?:[A-Z][\w'-]+\s+(?:(?:of|and|&|for)\s+)?){0,5}(?:Union|Guild|Council|Alliance|"
    r"United|Association|Federation|Collective|Together|Brotherhood|SEIU|AFSCME|"
    r"Teamsters)\b(?:\s+(?:Local\s+\d+\w*|SEIU|AFL-CIO|of\s+[A-Z]\w+))*|"
    r"\b(?:[A-Z][\w'-]+\s+){0,4}Local\s+\d+\w*"
)
_EMPLOYER_NAME = re.compile(
    r"\b(?:[A-Z][\w'-]+\s+(?:(?:of|and|&)\s+)?){1,4}(?:Health(?:care|\s+Care|\s+System|"
    r"\s+Services|\s+Partners)?|Clinics?|Medical\s+(?:Group|Center)|Hospitals?|Medicine|"
    r"Care|Medical|Health\s+System)\b"
)
_NO_UNION = re.compile(
    r"\b(?:City Council|County|School|Credit Union|European|Medical Association|Hospital "
    r"Association|United States|United Health|Town Council|State Council)\b"
)


@dataclass(frozen=True)
class Names:
    """Names in one document: organisations and people, in small letters, and the side of each."""

    sides: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)

    def first(self, side: str) -> str:
        """Return the first name of an organisation of this side, as written, or an empty text."""
        return next(
            (
                self.written[name]
                for name, each in self.sides.items()
                if each == side and name in self.written
            ),
            "",
        )

    def side(self, text: str) -> str:
        """Return the side of the name in ``text`` that comes first, the longer name before the shorter."""
        found = self._pattern.search(text.lower()) if self.sides else None
        return self.sides[found[0]] if found else ""

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest = sorted(self.sides, key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def names_in(text: str) -> Names:
    """Return the organisations that a document names with a side: unions and the employer.

    A name is also known by its first words ("Harbor & Vale Health" as "Harbor & Vale") and, where a union,
    by its last ("the guild").
    """
    sides: dict[str, str] = {}
    written: dict[str, str] = {}
    for side, pattern in (("union", _UNION_NAME), ("employer", _EMPLOYER_NAME)):
        counts = Counter(_cleaned(match[0]) for match in pattern.finditer(text))
        for name, count in counts.most_common():
            if side == "union" and _NO_UNION.search(name):
                continue
            if (
                len(name) < 4
                or name.lower() in sides
                or (side == "employer" and count < 2 and len(counts) > 6)
            ):
                continue
            sides[name.lower()] = side
            written[name.lower()] = name
            for short in _shorter(name, side, text):
                sides.setdefault(short, side)
    return Names(sides, written)


def _cleaned(name: str) -> str:
    name = re.sub(r"\s+", " ", name).strip()
    return re.sub(
        r"^(?:The|At|In|For|And|Of|But|From|With|When|While|If|As|Doctors (?:at|with)|A|An|All|"
        r"Some|Our|Their|Its|Contact|Dear|Statement|Replying)\s+",
        "",
        name,
    )


def _shorter(name: str, side: str, text: str) -> list[str]:
    """Return the short forms of a name in use: of an employer its first words, of a union its kind."""
    words = name.split()
    found = []
    if side == "employer" and len(words) > 1:
        stem = re.sub(
            r"\s+(?:Health\s*[Cc]are|Health|Family|Primary|Medical|Clinics?|Hospitals?|Care|System|"
            r"Group|Center|Partners|Services|Medicine)\b",
            "",
            name,
        )
        found.append(stem.lower())
    if side == "union":
        kind = next(
            (
                w
                for w in reversed(words)
                if w
                in {"Guild", "Council", "Alliance", "Association", "Federation", "Collective", "Brotherhood"}
            ),
            "",
        )
        if kind:
            found.append(f"the {kind.lower()}")
            found.append(f"{kind.lower()} president")
            found.append(f"{kind.lower()}'s")
        initials = "".join(word[0] for word in words if word[0].isupper())
        found += [initials.lower()] if len(initials) > 2 else []
        local = re.search(r"Local \d+\w*", name)
        found += [local[0].lower(), "the local"] if local else []
    return [
        short
        for short in found
        if len(short) > 2 and re.search(rf"(?<!\w){re.escape(short)}", text, re.IGNORECASE)
    ]


_MEMBER = re.compile(
    r"\b(?:union|guild|council|local) members?\b|"
    r"\b(?:\w+ )?members?(?:\s+(?:such as|like)|\s+of\s+(?:the\s+)?(?:union|guild|council|"
    r"alliance|local \d+|[A-Z][\w-]+(?:\s+[A-Z][\w-]+)*))(?!'s)|\b(?:union|guild|council) "
    r"(?:doctor|nurse|physician|clinician)\b"
)


def of_person(text: str, names: Names) -> str:
    """Return the side of one person as a document describes them.

    Who speaks for a union is told by an office in it; membership is not taken from any text, so that a
    clinician who is called a member is a clinician.
    """
    return side_of(_MEMBER.sub(" ", text), names)


def side_of(text: str, names: Names) -> str:
    """Return the side for which ``text``, a speaker as named in the document, stands; empty where none.

    The words of an office come before the names of organisations, but "spokeswoman for the guild" is the
    guild's: where both stand there, a union's name or word decides.
    """
    by_words = next((side for side, pattern in _SIDES if pattern.search(text)), "")
    by_name = names.side(text)
    if by_words in {"regulator", "politician", "union", "expert"}:
        return by_words
    if by_name == "union" and not re.search(r"(?i)\b(?:chief \w+ officer|human resources)\b", text):
        return "union"
    if by_words in {"clinician", "patient"}:
        leads = re.search(
            r"(?i)\b(?:president and|chief|officer|ceo|vice president|director|chair|head of)\b", text
        )
        return "employer" if leads and by_name == "employer" else by_words
    return by_words or by_name
