"""Values that a case states: as they stand, or as the answer that a reading gives to a claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tideover import schema
from tideover.claims import Answer, Entry, Ledger, Reading, nearest
from tideover.errors import Fault
from tideover.nouns import Note

#: Keys whose values are dates, lists of names, and the working share; all others are numbers.
DATES = frozenset({"dates", "date", "on", "start", "notice_on", "as_of"})
LISTS = frozenset({"roles", "site_kinds", "units", "clinics"})
WORKING, NUMBER = "working", "number"
_ROLES = next(column.choices for column in schema.tables()["clinicians"] if column.column == "role")
#: Keys of a value that is asked of a claim; ``days`` and ``until`` only of dates.
KEYS = ("claim", "days", "until")


@dataclass(frozen=True)
class Asked:
    """A value that a claim answers; of dates also how many days they are, or the last one.

    ``days`` is a number, or the claim that holds it; ``until`` the last date that is planned for.
    """

    claim: str
    days: int | Asked | None = None
    until: dt.date | None = None

    @property
    def claims(self) -> tuple[str, ...]:
        """The ids of the claims that are asked."""
        return (self.claim, *(self.days.claims if isinstance(self.days, Asked) else ()))


def parsed(value: Any, where: str, key: str, ledger: Ledger, file: str) -> tuple[Any, list[Fault]]:
    """Return a stated value with each table ``{claim = "..."}`` as an ``Asked``, and the faults of it."""
    if not isinstance(value, Mapping) or "claim" not in value:
        return value, []
    faults = list(_misfits(value, where, key, ledger, file))
    days = value.get("days")
    if isinstance(days, Mapping):
        days, more = parsed(days, f"{where}.days", NUMBER, ledger, file)
        faults += more
    if faults:
        return None, faults
    return Asked(value["claim"], days, value.get("until")), []


def _misfits(value: Mapping[str, Any], where: str, key: str, ledger: Ledger, file: str) -> Iterator[Fault]:
    for name in value:
        if name not in KEYS or (name != "claim" and key != "dates"):
            expected = "claim" + (", days or until" if key == "dates" else "")
            yield Fault(file, None, f"{where}.{name}", "an unknown key", expected, "Remove the key.")
    name = value["claim"]
    if name not in ledger:
        remedy = nearest(str(name), ledger.claims) or "See: tideover claims"
        yield Fault(file, None, f"{where}.claim", repr(name)[:80], "the id of a claim", remedy)
    else:
        unit = ledger[name].unit
        wanted = "date" if key in DATES else "word" if key in LISTS else "a number"
        found = unit if unit in {"date", "word"} else "a number"
        if found != wanted:
            remedy = "Name a claim that answers it."
            yield Fault(file, None, f"{where}.claim", f"{name}, of the unit {unit}", f"{wanted}", remedy)
    yield from _length(value, where, file)


def _length(value: Mapping[str, Any], where: str, file: str) -> Iterator[Fault]:
    if "days" in value and "until" in value:
        yield Fault(file, None, f"{where}.until", "days as well", "one of the two", "Keep one.")
    days, until = value.get("days", 1), value.get("until")
    if not isinstance(days, Mapping) and (type(days) is not int or days < 1):
        expected = "a whole number from 1, or a claim"
        yield Fault(file, None, f"{where}.days", repr(days)[:80], expected, "Mend the value.")
    if until is not None and type(until) is not dt.date:
        yield Fault(file, None, f"{where}.until", repr(until)[:80], "a date", "Write it as YYYY-MM-DD.")


def claims_of(value: Any) -> set[str]:
    """Return the ids of all claims that a stated value asks, however deep."""
    if isinstance(value, Asked):
        return set(value.claims)
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return {claim for part in parts for claim in claims_of(part)}


def answered(value: Any, key: str, reading: Reading, *, numbers: bool = False) -> Any:
    """Return a stated value with every ``Asked`` in it answered by ``reading``, which records it.

    ``numbers``: whatever is no date is a number, as in a recipe, where ``clinics`` counts them.
    """
    if isinstance(value, Asked):
        answer = reading.ask(value.claim)
        if key == "dates":
            return _dates(answer.day, value, reading)
        return _converted(answer, key)
    if isinstance(value, Mapping):
        names = {name: name if not numbers or name in DATES else NUMBER for name in value}
        return {name: answered(part, names[name], reading) for name, part in value.items()}
    return [answered(part, key, reading) for part in value] if isinstance(value, list) else value


def _converted(answer: Answer, key: str) -> Any:
    if key in DATES:
        return answer.day
    if key in LISTS:
        names = answer.word.split(";")
        return [name for name in names if key != "roles" or name in _ROLES]
    if key == WORKING:
        return working(answer.entry)
    number = answer.number
    return int(number) if number.is_integer() else number


def _dates(first: dt.date, value: Asked, reading: Reading) -> list[dt.date]:
    days = value.days
    if isinstance(days, Asked):
        days = round(reading.ask(days.claim).number)
    last = value.until or first + dt.timedelta(days=(days or 1) - 1)
    return [first + dt.timedelta(days=number) for number in range(max(1, (last - first).days + 1))]


def working(entry: Entry) -> float | str:
    """Return the working share that an entry says: a number, or a range where it has both ends."""
    if entry.low is not None and entry.high is not None and entry.low != entry.high:
        return f"{entry.low:.6g}..{entry.value:.6g}..{entry.high:.6g}"
    return float(str(entry.value))


def told(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """Return what a result says of the claims on which it rests: id, whose word is taken, what it says."""
    return [
        {
            "id": a.claim.id,
            "who": a.entry.who,
            "says": a.entry.says(a.claim.unit),
            "disputed": a.claim.disputed,
        }
        for a in answers
    ]


def unheld_roles(changes: tuple[Mapping[str, Any], ...], reading: Reading) -> list[Note]:
    """Return a note for each role that a claim says is struck and that holds no sessions in any network."""
    notes = []
    for change in changes:
        asked = change.get("roles")
        if isinstance(asked, Asked):
            names = reading.answer(asked.claim).word.split(";")
            strangers = sorted(set(names) - set(_ROLES))
            if strangers:
                text = (
                    f"Said to be struck, but without sessions of booked visits in a network: "
                    f"{', '.join(strangers)}. Their work is not modelled; visits are lost only in sessions "
                    f"of {', '.join(name for name in names if name in _ROLES)}."
                )
                notes.append(Note("found", "strike.roles", text))
    return notes
