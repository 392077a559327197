"""To whom a statement is attributed: the speaker and the side, for every place in a document."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from tideover.documents.cues import Cue, cues
from tideover.documents.origin import Issuer
from tideover.documents.passages import Passages, Span
from tideover.documents.sides import Names, of_person, side_of

#: "HOST:", "GAIL SORUM, BLUESTEM HEALTH:", "Q:" at the head of a paragraph.
_TURN = re.compile(
    r"(?:\[?\(?\d{1,2}:\d\d(?::\d\d)?\)?\]?\s*)?(?P<who>[A-Z][A-Z.'-]+(?:[ ,"
    r"&]+[A-Z][A-Z.'&-]*){0,8}|[QA]|[A-Z][a-z]+ [A-Z][a-z]+(?:, [^:.]{3,50})?):\s+(?=\S)"
)
_POST = re.compile(r"(?P<name>[^@\n]{0,60}?)\s*@(?P<handle>[A-Za-z]\w{2,30})\b(?P<rest>[^\n]{0,60})$")
_REPORTER = re.compile(
    r"\b(?:host|anchor|reporter|correspondent|newscaster|narrator|interviewer|moderator|q|byline)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?P<before>(?:[\w'&-]+,?\s+){0,5})(?P<name>(?:(?:Dr|Sen|Rep|Gov|"
    r"Prof)\.\s+)?[A-Z][a-z'-]+(?:\s+[A-Z]\.)?\s+(?:(?:de|van|von|la|"
    r"Mc)\s?)?[A-Z][\w'-]+)(?P<after>,\s+[^.;:\"]{3,110})?"
)
_NAMED = re.compile(r"\b(?:[A-Z][\w'.-]+ )*[A-Z][\w'-]+")
_COLON = re.compile(r"(?:statement|said|says|wrote|writes|following|read|reads)\W*$|:\s*$", re.IGNORECASE)
_PATIENT = re.compile(
    r"\b(?:my (?:doctor|clinic|appointment|physical)|(?:been )?waiting \w+ (?:days|weeks|"
    r"months) for|as a patient)\b",
    re.IGNORECASE,
)
_LABELS = {"host", "anchor", "announcer", "moderator", "updated", "contact", "note", "re", "transcript"}


@dataclass(frozen=True)
class Speaker:
    """Who says it as named there, and the side; ``name`` is empty where the document itself says it."""

    name: str
    side: str


@dataclass(frozen=True)
class Speakers:
    """The speakers of a document, asked by sentence and place."""

    text: Passages
    names: Names
    issuer: Issuer

    def at(self, number: int, place: int) -> Speaker:
        """Return the speaker of what stands at ``place`` in sentence ``number``.

        In quotation marks: the nearest cue of the sentence, else of its paragraph, else whoever was last
        announced or spoke. Outside: the nearest cue of the sentence. Without a cue: the speaker whose turn
        or post it is, else the issuer of the document.
        """
        sentence = self.text.sentences[number]
        quoted = self._quoted(place)
        found = self._cues[number]
        if not found and quoted:
            found = self._nearest_in_paragraph(number)
        words = self.text.words(sentence)
        # "raises of 5 percent; the company said" is not said by the company
        found = [
            cue
            for cue in found
            if cue.start < place - sentence.start or ";" not in words[place - sentence.start : cue.start]
        ]
        if found:
            cue = min(found, key=lambda cue: _gap(cue, place - sentence.start))
            return self._resolved(cue, number)
        if quoted and (speaker := self._announced(number)) is not None:
            return speaker
        return self._default(sentence, self.text.words(sentence))

    def _default(self, sentence: Span, words: str) -> Speaker:
        turn = self._turns.get(sentence.paragraph)
        if turn is None:
            return Speaker(self.issuer.name, self.issuer.side)
        if turn.side == "other" and _PATIENT.search(words):
            return Speaker(turn.name, "patient")
        return turn

    def _resolved(self, cue: Cue, number: int) -> Speaker:
        if not cue.back:
            return Speaker(_told(cue.who), cue.side or "other")
        person = re.match(r"(?:he|she)$", cue.who, re.IGNORECASE)
        for back in range(number, max(-1, number - 12), -1):
            for other in reversed(self._cues[back]):
                if (
                    person
                    and other.side in {"", "press"}
                    and not re.search(r"\b[A-Z]\w+ [A-Z]\w+", other.who)
                ):
                    continue
                if not other.back and (back < number or other.start < cue.start):
                    return Speaker(_told(other.who), other.side or "other")
            if person and back < number and (named := self._named(back)) is not None:
                return named
            if person and number - 6 <= back < number and (someone := self._mentioned(back)) is not None:
                return someone
        if person or not self.issuer.name:
            subject = self._subject_before(number)
            if subject is not None:
                return subject
        return Speaker(self.issuer.name, self.issuer.side)

    def _named(self, number: int) -> Speaker | None:
        """Return the last person that a sentence names, if anything is known of them."""
        for name in reversed(_NAMED.findall(self.text.words(self.text.sentences[number]))):
            side = self._people.get(name.split()[-1].lower().removesuffix("'s"))
            if side and side != "press":
                return Speaker(name, side)
        return None

    def _mentioned(self, number: int) -> Speaker | None:
        """Return a person that a sentence speaks of as its subject: "A family doctor in Lund spoke to us"."""
        words = self.text.words(self.text.sentences[number])
        subject = re.match(r"(?:The|A|An|One|Another)\s+[^,.;]{3,60}", words)
        if subject is None:
            return None
        side = side_of(subject[0], self.names)
        return (
            Speaker(_told(subject[0]), side)
            if side in {"clinician", "patient", "politician", "expert"}
            else None
        )

    def _subject_before(self, number: int) -> Speaker | None:
        for back in range(number - 1, max(-1, number - 4), -1):
            words = self.text.words(self.text.sentences[back])
            side = "" if "://" in words else side_of(words[:80], self.names)
            if side:
                return Speaker(_told(words[:60].split(",")[0]), side)
        return None

    def _nearest_in_paragraph(self, number: int) -> list[Cue]:
        paragraph = self.text.sentences[number].paragraph
        near = [n for n in self._by_paragraph[paragraph] if self._cues[n] and n != number]
        if not near:
            return []
        best = min(near, key=lambda n: (abs(n - number), n > number))
        cue = self._cues[best][-1 if best < number else 0]
        speaker = self._resolved(cue, best)
        return [Cue(0, 0, speaker.name, speaker.side)]

    def _announced(self, number: int) -> Speaker | None:
        """Return who was announced before a paragraph in quotation marks, or spoke in the one before it."""
        paragraph = self.text.sentences[number].paragraph
        if self._turns.get(paragraph) is not None:
            return None
        for back in range(paragraph - 1, max(-1, paragraph - 4), -1):
            inside = self._by_paragraph.get(back, [])
            for other in reversed(inside):
                if self._cues[other]:
                    return self._resolved(self._cues[other][-1], other)
            words = self.text.words(self.text.paragraphs[back])
            if _COLON.search(words):
                side = side_of(words, self.names)
                return Speaker(_told(words[:60]), side) if side else None
        return None

    def _quoted(self, place: int) -> bool:
        starts = [start for start, _ in self._quotes]
        at = bisect_right(starts, place) - 1
        return at >= 0 and place < self._quotes[at][1]

    @cached_property
    def _quotes(self) -> list[tuple[int, int]]:
        found = []
        for paragraph in self.text.paragraphs:
            marks = [m.start() for m in re.finditer('"', self.text.words(paragraph))]
            for number in range(0, len(marks), 2):
                # a quotation left open goes on in the next paragraph
                last = marks[number + 1] + 1 if number + 1 < len(marks) else paragraph.end - paragraph.start
                found.append((paragraph.start + marks[number], paragraph.start + last))
        return found

    @cached_property
    def _cues(self) -> list[list[Cue]]:
        plain = list(self.text.plain)
        for start, end in self._quotes:
            for place in range(start + 1, end - 1):
                plain[place] = "\x01"
        for number in self._begun:  # the name before a turn is no cue
            paragraph = self.text.paragraphs[number]
            turn = _TURN.match(self.text.words(paragraph))
            for place in range(paragraph.start, paragraph.start + (turn.end() if turn else 0)):
                plain[place] = "\x01"
        masked = "".join(plain)
        people = self._people
        return [
            cues(masked[s.start : s.end].replace("\n", " "), self.names, people) for s in self.text.sentences
        ]

    @cached_property
    def _by_paragraph(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for number, sentence in enumerate(self.text.sentences):
            found.setdefault(sentence.paragraph, []).append(number)
        return found

    @cached_property
    def _people(self) -> dict[str, str]:
        """The side of each person by the last name in small letters, from what is said of them anywhere."""
        found: dict[str, str] = {}
        for match in _PERSON.finditer(self.text.plain):
            last = match["name"].split()[-1].lower()
            before = match["before"].split(". ")[-1]
            after = re.split(
                r",\s+(?:who (?!chair|lead|led\b|head|represent|has gone|works|speaks)|and |but |said|told)",
                match["after"] or "",
            )[0]
            side = (
                "press"
                if _REPORTER.search(before)
                else of_person(f"{before} {match['name']} {after[:90]}", self.names)
            )
            own = side_of(match["name"], Names())
            if last in self.names.sides or any(last in name.split() for name in self.names.written):
                continue
            side = (
                side
                if (match["after"] or own or side == "press" or _OFFICE.search(before.rstrip(" ,")))
                else own
            )
            if side and found.get(last, "clinician") == "clinician":
                found[last] = side
        return found

    @cached_property
    def _turns(self) -> dict[int, Speaker]:
        """The speaker whose turn a paragraph is, in a transcript or a thread of posts."""
        found, last = {}, None
        for number in range(len(self.text.paragraphs)):
            begun = self._begun.get(number)
            last = last if begun is None else self._post(*begun) if len(begun) == 2 else self._turn(*begun)
            if last is not None:
                found[number] = last
        return found

    @cached_property
    def _begun(self) -> dict[int, tuple[str, ...]]:
        """Where turns and posts begin: the name of a turn, the name and handle of a post."""
        turns = [
            (n, m)
            for n, p in enumerate(self.text.paragraphs)
            if (m := _TURN.match(self.text.words(p))) and m["who"].lower() not in _LABELS - {"host"}
        ]
        posts = [
            (n, m)
            for n, p in enumerate(self.text.paragraphs)
            if (m := _POST.match(self.text.words(p))) and not m["name"].lower().startswith("replying")
        ]
        begun: dict[int, tuple[str, ...]] = {}
        if len(turns) >= 3:
            begun |= {n: (m["who"],) for n, m in turns}
        if posts and posts[0][0] < 4:
            begun |= {n: (m["name"], m["handle"]) for n, m in posts}
        return begun

    def _turn(self, who: str) -> Speaker:
        if who == "A":
            return self._interviewed()
        if _REPORTER.search(who):
            return Speaker("", "press")
        known = next(
            (
                self._people[w.lower()]
                for w in reversed(re.findall(r"[\w'-]+", who.split(",", maxsplit=1)[0]))
                if w.lower() in self._people
            ),
            "",
        )
        side = side_of(who, self.names) or known or "other"
        return Speaker("" if side == "press" else who.title() if who.isupper() else who, side)

    def _interviewed(self) -> Speaker:
        """Return who answers in an interview: the first person of whom anything is known before it begins."""
        first = min(self._begun, default=0)
        for number, sentence in enumerate(self.text.sentences):
            if sentence.paragraph < first and (named := self._named(number)) is not None:
                return named
        return Speaker("", "other")

    def _post(self, name: str, handle: str) -> Speaker:
        apart = re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", handle)
        side = side_of(name, self.names) or side_of(apart, self.names) or "other"
        if re.search(r"\b(?:United|Union|Guild|Local)\b", f"{name} {apart}"):
            side = "union"
        return Speaker(name.strip() or handle, side)


_OFFICE = re.compile(
    r"\b(?:president|chair\w*|chief|director|spokes\w+|officer|executive|negotiator|"
    r"organizer|senator|sen\.|rep\.|mayor|governor|professor|economist|analyst|nurse|"
    r"doctor|physician|pediatrician|internist|patient|steward|mediator|judge)\s*$",
    re.IGNORECASE,
)


def _gap(cue: Cue, place: int) -> int:
    return cue.start - place if cue.start > place else max(0, place - cue.end)


def _told(who: str) -> str:
    """Return a speaker's name as it is shown: blanks joined, nothing behind the second comma."""
    words = " ".join(who.replace("\x01", " ").split()).strip(" ,\"'-—:")
    return ",".join(words.split(",")[:2])[:90]
