"""Disruptions take capacity away: over the whole network none of them ever adds any."""

from tideover.disruptions._held import with_known_cover
from tideover.disruptions._kind import DISRUPTIONS
from tideover.disruptions._stretches import NO_SESSION, held_sessions

__all__ = ["DISRUPTIONS", "NO_SESSION", "held_sessions", "with_known_cover"]
