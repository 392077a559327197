"""Room: after the strike: how the backlog can shrink at best, and what was planned against what happened."""

from tideover.after.backlog import KINDS, cleared, decay
from tideover.after.happened import MEASURES, OUTCOMES, compared

__all__ = ["KINDS", "MEASURES", "OUTCOMES", "cleared", "compared", "decay"]
