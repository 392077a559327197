"""Make the whole synthetic network in a process of its own; print seconds, peak memory and hash as JSON."""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import time
from pathlib import Path

from tideover.readers import write_network
from tideover.synthetic import Recipe, synthetic_network


def main() -> None:
    """Write the network of the default recipe into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    began = time.perf_counter()
    network = synthetic_network(Recipe())
    write_network(network, folder, "parquet")
    seconds = time.perf_counter() - began
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    rows = {name: table.height for name, table in network.tables().items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(rows | {"seconds": seconds, "peak_mib": peak, "sha256": digest.hexdigest()}))


if __name__ == "__main__":
    main()
