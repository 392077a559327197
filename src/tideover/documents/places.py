"""Places of the clinics that are struck, closed or paused: lists of names in a sentence."""

from __future__ import annotations

import re

from tideover.documents.finding import Finding
from tideover.documents.occasions import events

_NAME = r"[A-Z][\w'.-]*(?:[ -](?:of the |of |on the |du |de |la )?[A-Z][\w'-]*\.?(?=[\s,;:.)(—-]|$)){0,3}"
_LIST = (
    rf"(?:on\s+)?{_NAME}(?:\s*,\s*(?:and\s+)?(?:(?:in|at|on)\s+)?{_NAME})*(?:,?\s+(?:and|"
    rf"&)\s+(?:(?:in|at|on)\s+)?{_NAME})?"
)
_SITES = (
    r"(?i:clinics?|sites?|locations?|centers?|centres?|facilities|offices|cares?|practices|"
    r"campuses|hospitals|ones|workplaces)"
)
_BEHIND = re.compile(
    rf"\b{_SITES}\b(?:\s+(?:are|is|were|was|located|both|all|also|that (?:are|will be) \w+|"
    rf"close[sd]?|closing|closed))*"
    rf"(?:\s*[,:(—-]\s*|\s+)(?:(?:including|namely|are|on|those|the|its)\s+)*(?:(?:in|at|"
    rf"across|throughout|around)\s+)?(?:the\s+(?:towns|cities|"
    rf"states)\s+of\s+)?(?P<list>{_LIST})"
)
_BEFORE = re.compile(
    rf"\b(?:[Ii]ts|[Tt]he|[Oo]ur|[Tt]heir|[Aa]t|\d+|"
    rf"[A-Z][a-z]+'s)\s+(?P<list>{_LIST})\s+(?:(?:family|primary|care|medical|health|urgent|"
    rf"walk-in)\s+)*{_SITES}\b"
)
_AT = re.compile(rf"\b(?:in|at)\s+(?P<list>{_LIST})")
_COLON = re.compile(rf":\s+(?P<list>{_LIST})\s*\.?$")
_AFTER_COMMA = re.compile(rf"[,:(—-]\s+(?P<list>{_LIST})")
_ONE_BY_ONE = re.compile(
    rf"\b(?:[Aa] fifth|[Aa]nother|[Oo]ne|[Aa] (?:second|third|fourth|sixth))(?:\s+\w+)?,"
    rf"?\s+(?:in|at)\s+(?P<list>{_NAME})"
)
_ACROSS = re.compile(
    rf"\b{_SITES}\s+(?:across|throughout|around|"
    rf"in)\s+the\s+(?P<list>{_NAME})(?=\s+(?:metro(?:politan)?\s+)?(?:area|region|suburbs))"
)
_STATES = frozenset(
    [
        "minnesota",
        "wisconsin",
        "iowa",
        "michigan",
        "illinois",
        "california",
        "oregon",
        "washington",
        "ohio",
        "pennsylvania",
        "indiana",
        "missouri",
        "nebraska",
        "massachusetts",
        "maine",
        "vermont",
        "connecticut",
        "colorado",
        "florida",
        "texas",
        "minn",
        "wis",
        "ill",
        "mich",
        "calif",
        "mass",
        "penn",
        "n.y",
        "ariz",
        "wash",
        "ore",
        "mn",
        "wi",
        "ia",
        "nd",
        "sd",
    ]
)
_NO_PLACE = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?\b|(?:The|A|An|In|At|"
    r"On|It|He|She|They|We|Our|Their|If|As|And|But|Dr|Mr|Ms|Mrs|I|Every|Everything|Most|"
    r"More|No|This|That|Not|What|When|Those|Meanwhile|Appendix|Clinics|Doctors|Nurses|"
    r"Medicaid|Medicare|Congress|State|Union|Local|Guild|Central|Also|With|For|From|By|CEO|"
    r"Section|U\.S|US)\b",
)
_ORGANISATION = re.compile(
    r"\b(?:Health|Healthcare|Clinics?|Medical|Hospitals?|Care|System|Union|Council|Guild|"
    r"Alliance|United|Association|Local|Inc|Group|Board|Committee|Department|Service|"
    r"University|School|College|Act|Prairie Medical)\b"
)
_ABOUT = {"closing", "strike", "notice", "picket"}
_PAUSED = re.compile(
    r"\bpaus(?:e|ed|ing)\b|\bsuspend\w*|\bdisplac\w+|\baffect\w*|\bstaffed by one\b", re.IGNORECASE
)


def places(text: str, before: str) -> list[Finding]:
    """Return the lists of places in a sentence that are about sites closed, paused or struck.

    The sentence must say so, or the one before it where this one begins with "those" or "the". ``event`` is
    ``closing``, ``strike`` or ``pause``.
    """
    event = _event(text) or (
        _event(before) if re.match(r"\W*(?:those|these|the|they|all|it)\b", text, re.IGNORECASE) else ""
    )
    if not event:
        return []
    found: list[Finding] = []
    patterns = [_ACROSS, _BEHIND, _BEFORE, _COLON, _ONE_BY_ONE]
    if re.search(rf"\b{_SITES}\b", text):
        patterns += [_AT, _AFTER_COMMA] if event != "strike" else [_AT]
    for pattern in patterns:
        for match in pattern.finditer(text):
            names = _names(match["list"])
            least = 3 if pattern is _AFTER_COMMA else 2 if pattern is _AT or pattern is _COLON else 1
            start = match.start("list")
            if len(names) < least or any(f.start < match.end("list") and start < f.end for f in found):
                continue
            if len(names) == 1 and not _alone(text, match, pattern):
                continue
            found.append(
                Finding(
                    kind="place",
                    value=tuple(names),
                    unit="places",
                    start=start,
                    end=match.end("list"),
                    event=event,
                )
            )
    return found


def _event(text: str) -> str:
    named = [event.name for event in events(text) if event.name in _ABOUT]
    if "closing" in named:
        return "closing"
    if _PAUSED.search(text):
        return "pause"
    return "strike" if named else ""


def _alone(text: str, match: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """Return whether one name alone is a place that closes: "our Chaska Road clinic will close"."""
    if pattern is _ONE_BY_ONE or pattern is _ACROSS:
        return True
    if pattern is _BEHIND and re.search(
        r"\b(?:one|a|another|the|its)\s+(?:\w+\s+)?(?:clinic|site|location|center)\s+in\s+$",
        text[: match.start("list")],
        re.IGNORECASE,
    ):
        return True
    return pattern is _BEFORE and bool(
        re.match(r"[^.;]{0,40}\b(?:clos|shut|paus|will (?:be )?clos)", text[match.end() :])
    )


def _names(listed: str) -> list[str]:
    parts = re.split(r"\s*,\s*(?:and\s+)?|\s+(?:and|&)\s+", listed)
    cleaned = [re.sub(r"^(?:in|at|on)\s+", "", part).strip().rstrip(".") for part in parts]
    cleaned = _with_states(cleaned)
    names = [
        name for name in cleaned if name and not _NO_PLACE.match(name) and not _ORGANISATION.search(name)
    ]
    return names if len(names) == len(cleaned) or len(names) >= 2 else []


def _with_states(names: list[str]) -> list[str]:
    """Join a town and the state behind it, unless all of them are states."""
    states = [name.lower().rstrip(".") in _STATES for name in names]
    if all(states):
        return names
    made: list[str] = []
    for name, state in zip(names, states, strict=True):
        if state and made:
            made[-1] = f"{made[-1]}, {name}"
        else:
            made.append(name)
    return made
