"""What a kind of contract term is, and the register of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tideover.nouns.amounts import Key
from tideover.nouns.offer import Term
from tideover.nouns.payroll import Cents
from tideover.pay.desk import Desk
from tideover.registry import Registry

#: When the lines of a kind are made: base pay, other pay, pay that depends on pay, what follows from all pay.
Stage = Literal["base", "pay", "top_up", "after", "words"]
STAGES: tuple[Stage, ...] = ("base", "pay", "top_up", "after", "words")
#: A line as a kind makes it: its side, and its amounts with the place of each clinician in them, if they are
#: by case (see ``nouns.payroll.Line``).
Made = tuple[str, Cents] | tuple[str, Cents, Cents]
#: From a term and the desk to its lines.
Lines = Callable[[Term, Desk], Iterable[Made]]


def no_lines(_term: Term, _desk: Desk) -> Iterable[tuple[str, Cents]]:
    """Return nothing: of a term that is not money, or whose money is base pay."""
    return ()


def _nothing_needed(_term: Term) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of contract term.

    ``needs`` names the columns of the roster that a term of it needs for every clinician of its roles.
    ``fte`` says whether its lines are in proportion to FTE (of rows whose counts and hours are so, too).
    ``span``, ``family``, ``apart``, ``whole`` and ``one_of`` are what the reader of offers checks (see
    ``nouns.offer.TermKind``). ``pensionable`` pay counts for retirement. ``example`` is a term with money in
    it, as in a file, ``zero`` the values that make it change nothing (``None`` where it has none).
    """

    name: str
    title: str
    stage: Stage
    rule: Callable[[Term], str]
    example: Mapping[str, Any]
    zero: Mapping[str, Any] | None
    keys: tuple[Key, ...] = ()
    lines: Lines = no_lines
    needs: Callable[[Term], tuple[str, ...]] = _nothing_needed
    fte: bool = True
    span: bool = True
    family: str = ""
    apart: tuple[str, ...] = ()
    whole: bool = False
    one_of: tuple[str, ...] = ()
    pensionable: bool = False


KINDS: Registry[Kind] = Registry("kind of term", "tideover.pay.terms")


def register(kind: Kind) -> Kind:
    """Enter ``kind`` in the register under its own name, and return it."""
    return KINDS.register(kind.name)(kind)


def dollars(cents: int) -> str:
    """Return cents as a person reads them.

    >>> dollars(4525)
    '45.25'
    """
    whole, rest = divmod(cents, 100)
    return f"{whole:,}.{rest:02}" if rest else f"{whole:,}"


def percent(rate: Any) -> str:
    """Return a rate as a person reads it.

    >>> percent(0.0325)
    '3.25 %'
    """
    return f"{float(rate) * 100:.4f}".rstrip("0").rstrip(".") + " %"


def by_role(amounts: Mapping[str, int]) -> str:
    """Return amounts by role (or cover) in words; one number where they are all alike."""
    if len(set(amounts.values())) == 1 and len(amounts) > 2:
        return dollars(next(iter(amounts.values())))
    return ", ".join(f"{name} {dollars(amount)}" for name, amount in amounts.items())
