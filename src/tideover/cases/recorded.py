"""What the record of every plan says of its inputs in the same words: program, network, policy, journeys."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import tideover
from tideover.nouns import Network, Policy


def record_of(kind: str, network: Network) -> dict[str, Any]:
    """Return the version of the program, the kind of plan, and the network with its files' hashes."""
    return {
        "tideover": tideover.__version__,
        "kind": kind,
        "network": {
            "name": network.name,
            "source": network.source,
            "files": dict(network.files),
            "synthetic": network.synthetic,
        },
    }


def policy_record(policy: Policy) -> dict[str, Any]:
    """Return the policy and the SHA-256 of its sorted JSON."""
    held = policy.as_dict()
    text = json.dumps(held, sort_keys=True, separators=(",", ":"))
    return {"policy": held, "policy_sha256": hashlib.sha256(text.encode()).hexdigest()}


def travel_record(network: Network) -> dict[str, Any]:
    """Return where the minutes of journeys come from: a matrix with its hash, else the distance."""
    matrix = network.travel
    if matrix is None:
        return {"source": "distance", "name": None, "sha256": None}
    return {"source": matrix.source, "name": matrix.name, "sha256": matrix.sha256}
