"""The nouns of the model: frozen bundles of tables; nothing here decides."""

from tideover.nouns.network import Network, Note
from tideover.nouns.plan import Plan, Scorecard
from tideover.nouns.policy import Policy
from tideover.nouns.scenario import Change, Scenario
from tideover.nouns.travel import Travel

__all__ = ["Change", "Network", "Note", "Plan", "Policy", "Scenario", "Scorecard", "Travel"]
