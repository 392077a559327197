"""Travel: how long the journeys are, by distance, by a matrix, or by what a service answers."""

from tideover.travel.distance import minutes_between
from tideover.travel.journeys import Ints, Journeys, counts, journeys, rows_used

__all__ = ["Ints", "Journeys", "counts", "journeys", "minutes_between", "rows_used"]
