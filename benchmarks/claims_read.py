"""Precision and recall of `tideover claims read`, on texts of our own with answers written by hand.

    python benchmarks/claims_read.py [--misses]      (make bench prints it without the list)

tests/documents holds the texts on which the rules were written, tests/documents/held_out those that were
written when the rules were frozen. A proposal is right if a statement of the same kind and value (and, of a
date, the same event) stands in the same sentence; each statement counts once. Beside that: how many of the
right ones have the right side, and the bounds that their hedge allows.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from documents_scoring import FOLDERS, HERE, Score, score_text, texts

TIDEOVER = Path(sys.executable).parent / "tideover"


def main(*, misses: bool) -> None:
    """Print a table for each folder: statements, proposals, precision, recall, sides, by kind and by text."""
    for title, folder in FOLDERS.items():
        total: dict[str, Score] = {}
        print(
            f"\n{title}\n{'':<22}{'said':>6}{'found':>7}{'right':>7}{'precision':>11}{'recall':>8}{'side':>7}{'bounds':>8}"
        )
        for path in texts(folder):
            began = time.perf_counter()
            by_kind, wrong, missed = score_text(path)
            seconds = time.perf_counter() - began
            whole = Score()
            for kind, score in by_kind.items():
                total[kind] = total.get(kind, Score()) + score
                whole += score
            print(f"  {path.name:<20}{whole.line()}  {seconds:.2f} s")
            if misses:
                for line in [*(f"      + {w}" for w in wrong), *(f"      - {m}" for m in missed)]:
                    print(line)
        print()
        for kind in sorted(total):
            print(f"  {kind:<20}{total[kind].line()}")
        print(f"  {'all':<20}{sum(total.values(), Score()).line()}")


def speed() -> None:
    """Print how long the command takes for an article of 10,000 words, as text and as a page."""
    whole = "\n\n".join(path.read_text(encoding="utf-8") for path in texts(HERE) if path.suffix == ".txt")
    words = len(whole.split())
    article = "\n\n".join([whole] * -(-10_000 // words))
    paragraphs = "".join(f"<p>{each}</p>" for each in article.split("\n\n"))
    page = f"<html><head><title>Long</title></head><body><article>{paragraphs}</article></body></html>"
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("long.txt", article), ("long.html", page)):
            path = Path(folder) / name
            path.write_text(content, encoding="utf-8")
            spent = []
            for _ in range(3):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([TIDEOVER, "claims", "read", path, "--json"], check=True, capture_output=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            told = f"{len(article.split()):,} words, {path.stat().st_size / 1e3:,.0f} kB"
            print(
                f"  {name:<10} {told}: {min(spent):.1f} s of CPU, the start of the program included "
                "(asked for: under 2 s)"
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument(
        "--misses", action="store_true", help="list what was wrongly found (+) and missed (-)"
    )
    main(misses=arguments.parse_args().misses)
    print("\nSpeed, the least of three")
    speed()
