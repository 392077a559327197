"""Claims: the ledger of what is said about a dispute and assumed by the model, and readings of it."""

from tideover.claims._toml import nearest
from tideover.claims.claim import KINDS, Claim, Entry, Ledger, disagree
from tideover.claims.read import read_ledger
from tideover.claims.reading import Answer, Reading, alternatives, read_reading, reading_names
from tideover.claims.sides import SHORT, SIDES
from tideover.claims.units import UNITS
from tideover.claims.words import turning

__all__ = [
    "KINDS",
    "SHORT",
    "SIDES",
    "UNITS",
    "Answer",
    "Claim",
    "Entry",
    "Ledger",
    "Reading",
    "alternatives",
    "disagree",
    "nearest",
    "read_ledger",
    "read_reading",
    "reading_names",
    "turning",
]
