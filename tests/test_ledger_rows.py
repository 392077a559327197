"""The ledger ships every row of the facts that were given, by hand: row by row the claims that hold it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tideover.claims import read_ledger

LEDGER = read_ledger()
ROOT = Path(__file__).resolve().parent.parent
#: Rows of the reference dispute, and the claims that hold what stands in them.
DISPUTE = {
    "strike date": ["strike-date"],
    "strike length": ["strike-length"],
    "people": ["unit-size", "unit-roles", "strike-authorised"],
    "sites struck": ["sites-struck", "struck-states", "struck-site-kinds", "sites-before-closures"],
    "still working that day": ["working-share"],
    "worked or struck?": ["working-share"],
    "hospitals": ["hospitals", "hospital-pay", "primary-clinics", "urgent-care-centres"],
    "clinics closed": ["clinics-closed", "clinics-closed-on", "clinics-closed-names", "last-closure-on"],
    "cause of closing": ["closing-cause", "displaced-clinicians", "displaced-children"],
    "wages in the employer's offer": ["offer-wages"],
    "wages in the union's proposal": ["proposal-sustainable"],
    "pay since the pandemic": ["pay-since-pandemic", "pandemic-cut-size"],
    "chief executive's pay": ["executive-rise", "executive-pay"],
    "benefits": ["benefits-proposal", "benefits-in-contract", "open-items", "agreed-items"],
    "non-competes": ["non-compete-terms", "non-compete-void-from"],
    "workload": ["evening-charting"],
    "staffing": ["strike-purpose", "staffing-safe"],
    "pay over the decades": ["pay-over-decades"],
    "careers": ["loans-paid-at", "leaving-age", "students-avoid", "indebted-graduates"],
    "revenue": ["revenue-pressure", "medicaid-cut", "cover-lost"],
    "patient safety on the day": ["care-on-the-day", "patients-contacted", "care-offered"],
    "organisation": ["organisation"],
    "history": [
        "union-vote", "picket", "sessions-left", "last-session", "notice-filed", "notice-days",
        "next-session",
    ],
}  # fmt: skip
#: What stands beside the table: context, and the second dispute.
CONTEXT = ["first-of-its-kind", "union-local", "northland-strike-date", "northland-unit-size",
           "northland-sites", "northland-working-share", "northland-sites-open", "northland-sites-paused",
           "northland-staff", "northland-patients", "northland-strike-end"]  # fmt: skip
#: Words of what is left out, each with its reason in the room's README.
LEFT_OUT = ("nurse practitioners", "Michigan", "California", "educators", "insurers", "billionaires")
#: Rows of the parameters, and their claims.
PARAMETERS = {
    "EHR minutes per visit, primary care": ["ehr-per-visit", "ehr-after-hours-per-visit"],
    "EHR minutes per weekday per 1.0 clinical FTE": ["ehr-per-day", "in-basket-per-day", "clerical-per-day"],
    "in-basket minutes per workday": ["in-basket-per-day"],
    "visits against desktop hours per day": ["visits-and-desktop"],
    "burnout prevalence": ["burnout"],
    "turnover, adjusted odds with burnout": ["turnover-by-burnout", "gone-in-three-years"],
    "physician turnover a year": ["physician-turnover", "physician-moves", "physician-stops"],
    "NP and PA turnover": ["np-pa-turnover"],
    "retirement age, primary care": ["retirement-age"],
    "hiring": ["months-to-fill", "months-to-credential", "search-cost"],
    "non-compete": ["non-compete-share", "non-compete-years", "non-compete-miles"],
    "strike length, US health care 2021-25": ["strike-length-us", "one-day-strikes-us", "strike-people-us"],
    "work RVUs 2021-2025": ["work-rvu"],
    "NP, PA hourly, Minnesota": ["np-pa-hourly"],
    "family medicine median pay": ["family-medicine-pay"],
    "employer FICA 2026": ["oasdi-rate", "oasdi-base", "medicare-rate"],
    "E2SFCA weights": ["e2sfca-weights", "3sfca-weights"],
}


def rows_of(name: str) -> set[str]:
    """Return the first cells of the table in a file of facts; skip where it is not beside the code."""
    data = Path(os.environ.get("TIDEOVER_DATA", ROOT.parent / "shared" / "data"))
    path = data.parent / "facts" / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the data")
    rows = re.findall(r"^\| ([^|]+?) \|", path.read_text(encoding="utf-8"), re.MULTILINE)
    return set(rows) - {"claim", "parameter"}


@pytest.mark.parametrize(("name", "rows"), [("dispute.md", DISPUTE), ("parameters.md", PARAMETERS)])
def test_every_row_of_the_facts_has_its_claims(name: str, rows: dict[str, list[str]]):
    """The rows of the file are those listed here, none more and none fewer."""
    assert rows_of(name) == set(rows)


def test_the_claims_of_every_row_are_in_the_ledger():
    """Each claim that a row names exists; what is left out stands in the README with a reason."""
    named = [claim for rows in (DISPUTE, PARAMETERS) for claims in rows.values() for claim in claims]
    assert [claim for claim in (*named, *CONTEXT) if claim not in LEDGER] == []
    readme = (ROOT / "src" / "tideover" / "claims" / "README.md").read_text(encoding="utf-8")
    left = readme[readme.index("## Left out") :]
    assert [word for word in LEFT_OUT if word not in left] == []


def test_figures_of_rows_are_as_given():
    """By hand from the tables: values, ranges and bounds of single rows."""
    say = {
        "ehr-per-visit": (36.2, 28.9, 45.7), "ehr-after-hours-per-visit": (6.2, 3.1, 11.5),
        "burnout": (0.4775, 0.425, 0.53), "turnover-by-burnout": (1.57, 1.02, 2.40),
        "retirement-age": (64.9, 61.4, 68.3), "strike-length-us": (3, 1, 6.25),
        "non-compete-share": (0.41, 0.37, 0.45), "months-to-credential": (3.5, 3, 4),
        "loans-paid-at": (47.5, 45, 50), "pay-since-pandemic": (0.015, 0.01, 0.02),
        "medicare-rate": (0.0145, None, None), "oasdi-rate": (0.062, None, None),
        "search-cost": (16_000, None, None), "strike-people-us": (350, None, None),
    }  # fmt: skip
    for name, expected in say.items():
        entry = LEDGER[name].entries[0]
        assert (entry.value, entry.low, entry.high) == expected, name
    assert LEDGER["oasdi-base"].entries[0].value == {"2025": 176_100, "2026": 184_500}
    assert LEDGER["executive-rise"].entries[0].value == {"one year": 0.29, "the next": 0.17}
    assert "90" in LEDGER["strike-authorised"].entries[0].says("share")
    assert "19 outside hours" in LEDGER["in-basket-per-day"].entries[1].words
