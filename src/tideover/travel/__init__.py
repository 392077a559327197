"""Travel: how long journeys are, by distance or by a matrix; ``asked`` makes one by asking a service."""

from tideover.travel.distance import minutes_between
from tideover.travel.journeys import Ints, Journeys, counts, journeys, rows_used

__all__ = ["Ints", "Journeys", "counts", "journeys", "minutes_between", "rows_used"]
