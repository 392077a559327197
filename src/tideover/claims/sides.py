"""The sides: who says what stands in the ledger. No side comes first by itself; a reading has an order."""

from __future__ import annotations

#: The side of whoever writes a reading with values of their own.
OWN = "own"
#: The side of Tideover's own defaults, assumed or chosen.
TIDEOVER = "tideover"

#: Every side that an entry may have, and its name in words.
SIDES = {
    "employer": "the employer",
    "union": "the union",
    "clinicians": "clinicians quoted in the press",
    "press-a": "report A (local television, before the strike)",
    "press-b": "report B (WSWS, 7 November 2025)",
    "press-c": "other press and public sources",
    "law": "law and official figures",
    "literature": "published studies",
    "literature-2": "another study",
    "other": "another way to read it",
    TIDEOVER: "Tideover (assumed or chosen)",
}

#: The short name of a side, for lists.
SHORT = {
    "employer": "employer",
    "union": "union",
    "clinicians": "clinicians",
    "press-a": "report A",
    "press-b": "report B",
    "press-c": "other press",
    "law": "law, official",
    "literature": "studies",
    "literature-2": "another study",
    "other": "read otherwise",
    TIDEOVER: "Tideover",
    OWN: "own value",
}
