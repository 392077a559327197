"""Readers: what comes in from files, checked before anything is planned on it; and networks written back."""

from tideover.readers._answers import read_answers, read_held
from tideover.readers._counties import read_counties
from tideover.readers._examples import example_folder
from tideover.readers._export import import_csv
from tideover.readers._happened import read_happened
from tideover.readers._kind import READERS, RawTable, Reader
from tideover.readers._network import check_network, read_network
from tideover.readers._offer import read_offer, read_offers
from tideover.readers._policy import read_pins, read_policy, stated_policy
from tideover.readers._previous import Previous, read_previous
from tideover.readers._roster import read_books, read_roster
from tideover.readers._series import read_series
from tideover.readers._toml import read_toml, unknown_keys
from tideover.readers._travel import is_travel, read_travel
from tideover.readers._whole import check_target, whole_folder
from tideover.readers._write import check_network_target, network_files, write_network

__all__ = [
    "READERS",
    "Previous",
    "RawTable",
    "Reader",
    "check_network",
    "check_network_target",
    "check_target",
    "example_folder",
    "import_csv",
    "is_travel",
    "network_files",
    "read_answers",
    "read_books",
    "read_counties",
    "read_happened",
    "read_held",
    "read_network",
    "read_offer",
    "read_offers",
    "read_pins",
    "read_policy",
    "read_previous",
    "read_roster",
    "read_series",
    "read_toml",
    "read_travel",
    "stated_policy",
    "unknown_keys",
    "whole_folder",
    "write_network",
]
