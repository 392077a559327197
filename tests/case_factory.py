"""A small case file, and what tests change in it."""

from __future__ import annotations

from pathlib import Path

SMALL = """
id = "small"
title = "A small dispute"
about = "A made-up strike at a handful of sites."
results = ["days", "sites"]
unknown = ["Who works."]

[network.recipe]
clinics = 5
clinicians = 60
patients = 9000
hospitals = 1
start = 2025-10-13
weeks = 6
fill = { claim = "synthetic-fill" }
seed = 1

[days]
days = 40
seed = 1

[[scenario]]
id = "strike"
title = "The strike"

[[scenario.change]]
kind = "strike"
dates = { claim = "strike-date", days = { claim = "strike-length" } }
working = { claim = "working-share" }
roles = { claim = "unit-roles" }
site_kinds = { claim = "struck-site-kinds" }
notice_on = { claim = "notice-filed" }

[[event]]
date = { claim = "strike-date" }
text = "The strike"
also = ["strike-length"]

[[event]]
date = 2025-12-24
text = "A date that the case states"
"""


def small_case(folder: Path, *changes: tuple[str, str], more: str = "") -> Path:
    """Write the small case with texts exchanged and ``more`` behind it; return its path."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "small.toml"
    path.write_text(text + more, encoding="utf-8")
    return path


#: A clinic that closes, the strike after it, and offers on the table; for the small case.
CLOSING = """
[[scenario]]
id = "closing"
title = "A clinic closes"
plan = "transfers"

[[scenario.change]]
kind = "closure"
clinics = ["hickory-bridge"]
on = { claim = "last-closure-on" }

[[scenario]]
id = "both"
title = "The strike after it closed"
results = ["sites"]

[[scenario.change]]
kind = "closure"
clinics = ["hickory-bridge"]
on = { claim = "clinics-closed-on" }

[[scenario.change]]
kind = "strike"
dates = { claim = "strike-date", days = { claim = "strike-length" } }
working = { claim = "working-share" }
roles = { claim = "unit-roles" }
site_kinds = { claim = "struck-site-kinds" }
notice_on = { claim = "notice-filed" }

[offers]
offers = ["illustrative-minus-5", "illustrative-demand"]
"""
