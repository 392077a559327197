"""Kinds of contract terms: one file each, registered by name."""

from tideover.pay.terms._kind import KINDS, Kind

__all__ = ["KINDS", "Kind"]
