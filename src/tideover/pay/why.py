"""Why an amount is what it is: every line of one clinician, with its rule, like a pay slip."""

from __future__ import annotations

from typing import Any

from tideover.nouns.payroll import Payroll
from tideover.pay.terms._kind import KINDS


def why(payroll: Payroll, clinician_id: str) -> dict[str, Any]:
    """Return the slip of a clinician: each line with its rule and cents by year, and totals.

    It is about one person: show it to its owner only. Raises ``LookupError`` for an unknown identifier.
    Law: the lines of a side sum to its total.
    """
    people = payroll.clinicians["clinician_id"]
    if clinician_id not in people:
        raise LookupError(f"there is no clinician {clinician_id!r} on the roster")
    row = int((people == clinician_id).arg_max() or 0)
    facts = payroll.clinicians.row(row, named=True)
    role = facts["role"]
    terms = {term.id: term for term in payroll.offer.terms}
    lines = []
    for line in payroll.lines:
        term = terms[line.term]
        if role not in term.roles:
            continue
        used = KINDS[line.kind].needs(term)
        lines.append(
            {
                "term": line.term,
                "title": KINDS[line.kind].title,
                "side": line.side,
                "rule": line.rule,
                "from_roster": {column: facts[column] for column in used},
                "cents": line.cents[:, row].tolist(),
            }
        )
    totals = {
        side: payroll.total(side)[:, row].tolist() for side in ("pay", "benefit", "deduction", "employer")
    }
    return {
        "offer": payroll.offer.name,
        "clinician_id": clinician_id,
        "role": role,
        "step": facts["step"],
        "fte": facts["fte"],
        "years": [year.name for year in payroll.years],
        "lines": lines,
        "words": [
            KINDS[term.kind].rule(term)
            for term in payroll.offer.terms
            if KINDS[term.kind].stage == "words" and role in term.roles
        ],
        "totals": totals,
    }
