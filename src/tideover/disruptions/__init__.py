"""Disruptions take capacity away: over the whole network none of them ever adds any."""

from tideover.disruptions._held import with_known_cover
from tideover.disruptions._kind import DISRUPTIONS

__all__ = ["DISRUPTIONS", "with_known_cover"]
