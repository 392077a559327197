"""Room ``panels``: where the patients of closing clinics go, to whom, and who of the clinicians moves."""

from tideover.panels.problem import People, Receivers, people_of, receivers_of
from tideover.panels.transfer import Transfer, transfer

__all__ = ["People", "Receivers", "Transfer", "people_of", "receivers_of", "transfer"]
