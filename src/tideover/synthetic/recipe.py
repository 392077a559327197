"""What is asked of a synthetic network: its size, its book, its seed; and what may be asked."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from tideover.errors import Fault, InputError

#: Of the sites with sessions: "more than 60 primary-care clinics, 20 same-day or urgent-care centres".
URGENT_CARE_SHARE = 20 / 80
#: Fewer patients than this to a clinician could not fill the book.
FEWEST_PATIENTS = 100
_PLACE = "command line"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The size of a synthetic network, the weeks of its book, and the seed that it is drawn from.

    ``clinics`` counts the sites with sessions: primary-care clinics and, one in four, urgent cares;
    ``hospitals`` are further places without sessions. ``clinicians`` are posts. The book has whole weeks
    from ``start``, and ``fill`` is the share of bookable minutes that is booked in the end, day by day.
    """

    clinics: int = 65
    clinicians: int = 620
    patients: int = 700_000
    hospitals: int = 12
    start: date = date(2025, 10, 13)
    weeks: int = 6
    fill: float = 0.9
    seed: int = 1

    @property
    def urgent_cares(self) -> int:
        """How many of the sites with sessions are urgent cares; the first is always a clinic."""
        return round(self.clinics * URGENT_CARE_SHARE) if self.clinics > 1 else 0

    @property
    def sentence(self) -> str:
        """What was asked, in words that another can type again."""
        options = ", ".join(f"{field.name} {getattr(self, field.name)}" for field in fields(self))
        return f"Synthetic: everything was drawn by a seeded program on real census tracts ({options})"


#: The least and the most that may be asked of each number.
LIMITS: dict[str, tuple[float, float]] = {
    "clinics": (1, 400),
    "clinicians": (1, 5_000),
    "patients": (100, 2_000_000),
    "hospitals": (0, 100),
    "weeks": (1, 26),
    "fill": (0.05, 1.0),
    "seed": (0, 2**63 - 1),
}
FIRST, LAST = date(1991, 1, 1), date(2099, 1, 1)


def check_recipe(recipe: Recipe) -> None:
    """Raise ``InputError`` with every fault of what is asked: out of bounds, or not fitting together."""
    faults = [
        _fault(name, getattr(recipe, name), f"{low:,} to {high:,}", "Ask for a number between.")
        for name, (low, high) in LIMITS.items()
        if not low <= getattr(recipe, name) <= high
    ]
    if not FIRST <= recipe.start <= LAST:
        faults.append(_fault("start", recipe.start, f"a day from {FIRST} to {LAST}", "Correct the date."))
    if not faults and recipe.clinicians < recipe.clinics:
        expected = f"at least {recipe.clinics:,}, one for each of the clinics"
        faults.append(
            _fault("clinicians", recipe.clinicians, expected, "Ask for more clinicians or fewer clinics.")
        )
    if not faults and recipe.patients < FEWEST_PATIENTS * recipe.clinicians:
        expected = f"at least {FEWEST_PATIENTS * recipe.clinicians:,}, {FEWEST_PATIENTS} to a clinician"
        remedy = (
            "Ask for more patients or fewer clinicians: with fewer patients the book could not be filled."
        )
        faults.append(_fault("patients", recipe.patients, expected, remedy))
    if faults:
        raise InputError(faults)


def _fault(name: str, found: object, expected: str, remedy: str) -> Fault:
    shown = f"{found:,}" if isinstance(found, int) else str(found)
    return Fault(_PLACE, None, f"--{name}", shown, expected, remedy)
