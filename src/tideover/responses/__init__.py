"""Responses give capacity: over the whole network none of them ever removes any."""

from tideover.responses._kind import RESPONSES

__all__ = ["RESPONSES"]
