"""Documents: what a news report or statement says, by whom and where, beside the ledger; people decide."""

from tideover.documents.accept import accepted_before, chosen, claim_files, joined
from tideover.documents.match import AGREES, CONFLICTS, NEW, Matched, disputes, match
from tideover.documents.page import Page, read_pages
from tideover.documents.proposal import Proposal, Reading, read
from tideover.documents.sides import SIDES

__all__ = [
    "AGREES",
    "CONFLICTS",
    "NEW",
    "SIDES",
    "Matched",
    "Page",
    "Proposal",
    "Reading",
    "accepted_before",
    "chosen",
    "claim_files",
    "disputes",
    "joined",
    "match",
    "read",
    "read_pages",
]
