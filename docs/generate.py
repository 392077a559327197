"""Write the generated pages of the handbook, and the outputs that README.md shows.

    make docs

``commands.md`` comes from the commands themselves, ``tables.md``, ``policy.md`` and ``measures.md`` from the
schema and the register of measures, ``changes.md`` from the kinds of change, ``claims.md`` from the ledger.
In README.md the block after each line ``<!-- run: COMMAND -->`` is replaced by what the command prints now;
``(first 8 lines)`` behind the command cuts the block there. tests/test_docs.py fails where a page and its
source differ.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from tideover import schema
from tideover.claims import KINDS, SIDES, Claim, Ledger, read_ledger, read_reading, reading_names, turning
from tideover.claims.claim import CONFIDENCE
from tideover.cli import (
    asks,  # noqa: F401 -- registers the commands
    main,
)
from tideover.cli.app import app, imports, ledger
from tideover.disruptions import DISRUPTIONS
from tideover.impact import CONCERNS, all_measures
from tideover.nouns.amounts import Key
from tideover.pay import KINDS as TERMS
from tideover.responses import RESPONSES
from tideover.synthetic import PUBLISHED, Recipe, figures, generated, synthetic_network

ROOT = Path(__file__).resolve().parent.parent
BOOK = "appointments-vitoria-2016.csv"
MADE = "<!-- Written by docs/generate.py (make docs); edit the source instead. -->\n"
_RUN = re.compile(
    r"(<!-- run: (?P<command>.*?)(?: \(first (?P<lines>\d+) lines\))? -->\n```text\n)(.*?)(```)", re.DOTALL
)
_PUBLISHED = re.compile(r"(<!-- generated: published -->\n).*?(<!-- end -->)", re.DOTALL)

COMMANDS = """\
# Commands

Every command takes `--json`: then standard output holds exactly one JSON document, whether the command
succeeds or not. Words about faults, and progress on a terminal, go to standard error.

| exit code | meaning | with `--json` |
|---|---|---|
| 0 | done | what the command found |
| 1 | wrong input; nothing was written | `{"ok": false, "faults": [...]}` |
| 1 | other trouble, such as an output folder of somebody else | `{"ok": false, "error": "..."}` |
| 1 | `verify` found a difference, or no plan | `{"ok": false, "plans": [...]}` |
| 2 | wrong usage | `{"ok": false, "error": "..."}` |
| 130 | stopped with Ctrl-C; the output folder is as it was before | nothing |

A fault has the keys `file`, `row` (the line as an editor counts it), `column`, `found`, `expected`, `remedy`
and `times`.
"""
TABLES = f"""\
# Tables of a network folder

One file per table, CSV (UTF-8) or Parquet. Only `clinics` and `visits` are needed for a strike plan; what is
missing is derived, and said so. Any table may have further columns whose names begin with
`{schema.GROUP_PREFIX}`: they serve as groups on the scorecard, nothing else. Lists are separated by
semicolons. A column about a person's union membership, intention or presence is refused.
"""
TRAVEL = """\
A matrix of journeys is no table of the network but a file of its own (`tideover strike ... --travel FILE`),
CSV or Parquet. Each row has exactly one start: `patient_id`, `area_id`, `lat` with `lon`, or
`from_clinic_id`.

"""
POLICY = """\
# policy.toml

The choices of whoever makes the plan; every key may be left out. A key such as `weights.told` is written
`told` in the table `[weights]`. A default that is no choice rests on a [claim](claims.md).
"""
MEASURED = """\
# Measures of the scorecard

Each is told before, after and as a difference. Cells about fewer than 11 people stay empty.
"""
CHANGES = """\
# Kinds of change

Further changes are stated in a TOML file (`tideover strike ... --changes FILE`), each as a table
`[[change]]` with its `kind` and the keys below. Disruptions take away, responses give: over the whole
network a disruption never adds capacity, and a response never removes it.
"""
OFFERS = """\
# Offers

An offer is a TOML file: what a contract would say, as terms with days.
`tideover offer ROSTER OFFER.toml` reads it.

```toml
name = "Offer of 3 November"
currency = "USD"

[period]
start = 2026-01-01
end = 2028-12-31

[rounding]
mode = "half_even"    # or half_up
at = "rate"           # each base rate to the cent; or line: only the line of the year

[employer]
roll_up = 0.02        # cost on pay beside payroll tax; leave it out where it is not known

[[term]]
kind = "base_grid"
[term.grid]
physician = [196000, 200000, 204000]

[[term]]
kind = "general_increase"
rate = 0.03           # 3 %
from = 2027-01-01
```

Common keys of a term: `kind`; `id` (a name of its own); `from` and `until` (days, both included; without
them, the whole contract); `roles`; `currency`; `note`. A made-up offer has `illustrative = true` and a
`banner`. Amounts are whole cents, rates and shares parts of one. The formulas:
[README of the room](../src/tideover/pay/README.md). Offers that ship, all made up: `current`,
`illustrative-minus-5`, `illustrative-demand`, and `illustrative-hospital` for `--comparator`.

"""
CLAIMS = """\
# Claims

Every fact, parameter, assumption and built-in choice of the model, with its source and each side's word
beside the other's. None wins by default: a reading takes one entry for each. How the ledger works:
[its README](../src/tideover/claims/README.md). Report A: local television, before the strike. Report B: WSWS,
7 November 2025.
"""


def pages() -> dict[str, str]:
    """Return the text of every generated page, by its name in ``docs/``."""
    return {
        "commands.md": commands(),
        "tables.md": tables(),
        "policy.md": policy(),
        "measures.md": measures(),
        "changes.md": changes(),
        "claims.md": claims(),
        "offers.md": offers(),
    }


def printed(command: str) -> str:
    """Return what a command prints on standard output, 80 columns wide; it must succeed."""
    out = io.StringIO()
    with mock.patch.dict(os.environ, {"COLUMNS": "80"}), contextlib.redirect_stdout(out):
        code = main(shlex.split(command)[1:])
    if code:
        raise RuntimeError(f"{command} ended with {code}")
    return "".join(line.rstrip() + "\n" for line in out.getvalue().strip("\n").splitlines())


def commands() -> str:
    """Return the command reference."""
    names = [name for name in sorted(app) if not name.startswith("-") and name != "import"]
    names += [f"import {name}" for name in sorted(imports) if not name.startswith("-")]
    names += [f"claims {name}" for name in sorted(ledger) if not name.startswith("-")]
    parts = [f"## {name}\n\n```text\n{printed(f'tideover {name} --help')}```\n" for name in sorted(names)]
    return MADE + "\n".join([COMMANDS, *parts])


def tables() -> str:
    """Return the page about the tables of a network folder."""
    heads = (
        "column",
        "type",
        "unit",
        "needed",
        "default",
        "allowed",
        "refers to",
        "points at a person",
        "meaning",
    )
    parts = []
    for name, columns in [*schema.tables().items(), ("travel", schema.travel())]:
        rows = [
            (f"`{c.column}`", c.type, c.unit, c.required, c.default, c.bounds.replace(";", ", "), c.refers_to,
             c.identifies, c.description)
            for c in columns
        ]  # fmt: skip
        words = TRAVEL if name == "travel" else ""
        parts.append(f"## {name}\n\n{words}{table(heads, rows)}")
    return MADE + "\n".join([TABLES, *parts])


def policy() -> str:
    """Return the page about the keys of ``policy.toml``."""
    rows = [
        (f"`{k.key}`", k.type, k.unit, k.default.replace(";", ", "), k.bounds, _rests(k.claim), k.description)
        for k in schema.policy_keys()
    ]
    heads = ("key", "type", "unit", "default", "allowed", "default rests on", "meaning")
    return MADE + POLICY + "\n" + table(heads, rows)


def _rests(claim: str) -> str:
    """Return the name of a claim, as a link where the ledger has it."""
    return f"[{claim}](claims.md#{claim})" if claim in read_ledger() else claim


def measures() -> str:
    """Return the page about the measures of the scorecard."""
    parts = []
    for concern in CONCERNS:
        rows = [
            (f"`{m.name}`", m.title, m.unit, m.better, m.description, m.missing)
            for m in all_measures()
            if m.concern == concern
        ]
        heads = ("measure", "title", "unit", "better", "how it is counted", "where it cannot be measured")
        parts.append(f"## {concern.capitalize()}\n\n{table(heads, rows)}")
    return MADE + "\n".join([MEASURED, *parts])


def changes() -> str:
    """Return the page about the kinds of change."""
    parts = [CHANGES]
    for title, registry in (("Disruptions", DISRUPTIONS), ("Responses", RESPONSES)):
        parts.append(f"# {title}\n")
        parts += [f"## {kind}\n\n{inspect.getdoc(registry[kind])}\n" for kind in registry]
    return MADE + "\n".join(parts)


def offers() -> str:
    """Return the page about offers: every kind of contract term with its keys."""
    parts = [OFFERS]
    for name in TERMS:
        kind = TERMS[name]
        days = "holds from a day until a day" if kind.span else "takes effect on a day"
        parts.append(f"## {name}\n\n{kind.title}: {days}.\n")
        if kind.keys:
            parts.append("| key | type | needed | meaning |\n|---|---|---|---|")
            parts += [_key(key) for key in kind.keys]
            parts.append("")
    return MADE + "\n".join(parts)


def _key(key: Key) -> str:
    """Return the row of a key of a contract term."""
    known = f": {', '.join(key.choices)}" if key.choices else ""
    needed = "yes" if key.required else f"no{f', {key.default}' if key.default else ''}"
    return f"| `{key.name}` | {key.type}{known} | {needed} | {key.description} |"


def claims() -> str:
    """Return the page about the claims: what is disputed first, then by kind and dispute."""
    ledger = read_ledger()
    parts = [CLAIMS, "## Readings\n", _readings(ledger), "## Disputed\n"]
    parts += [_claim(claim) for claim in ledger.conflicts]
    for kind, heading in KINDS.items():
        agreed = [claim for claim in ledger if claim.kind == kind and not claim.disputed]
        for dispute in sorted({claim.dispute for claim in agreed}):
            parts.append(f"## {heading}{f': {dispute}' if dispute else ''}\n")
            parts += [_claim(claim) for claim in agreed if claim.dispute == dispute]
    return MADE + "\n".join(parts)


def _readings(ledger: Ledger) -> str:
    """Return the table of the readings that ship."""
    found = [read_reading(name, ledger) for name in reading_names()]
    rows = [
        (f"`{r.id}`", r.title, " > ".join(r.order) or "nobody", ", ".join(f"`{c}`" for c in r.named))
        for r in found
    ]
    return table(("reading", "what it is", "order of sides", "answers of its own"), rows)


def _claim(claim: Claim) -> str:
    """Return the section of a claim: its question, what rests on it, what each side says."""
    rows = [
        (SIDES[e.who], e.says(claim.unit), e.source, e.date, CONFIDENCE.get(e.confidence, ""), e.note)
        for e in claim.entries
    ]
    rests = f"Rests on it: {turning(claim.affects)}." if claim.affects else f"Context: {claim.context}."
    heads = ("who", "says", "source", "date", "how sure", "note")
    return f"### {claim.id}\n\n{claim.question} {rests}\n\n{table(heads, rows)}"


def table(heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Return a table in Markdown, without the columns that are empty in every row."""
    kept = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    lines = [[heads[n] for n in kept], ["---"] * len(kept)]
    lines += [[str(row[n]).replace("|", "\\|") for n in kept] for row in rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def published(text: str) -> str:
    """Return ``text`` with the table of generated and published figures made anew, of the default recipe."""
    found = figures(synthetic_network(Recipe()))
    rows = [(row.what, generated(found, row), row.stated, row.source) for row in PUBLISHED]
    made = table(("figure", "generated", "published", "source"), rows)
    return _PUBLISHED.sub(lambda match: f"{match[1]}\n{made}\n{match[2]}", text)


def readme(text: str, *, data: Path | None) -> str:
    """Return ``text`` with every block that follows a ``run`` mark replaced by what the command prints now.

    All stay as they are where ``data``, the folder that holds the real book, is absent.
    """

    def run(match: re.Match[str]) -> str:
        """Return a block with what its command prints now."""
        command = match["command"]
        if data is None:
            return match[0]
        lines = printed(command).splitlines(keepends=True)
        if match["lines"] and len(lines) > int(match["lines"]):
            lines = [*lines[: int(match["lines"])], "...\n"]
        return match[1] + "".join(lines) + match[5]

    with a_desk(data):
        return _RUN.sub(run, text)


@contextlib.contextmanager
def a_desk(data: Path | None) -> Iterator[None]:
    """Work in a folder of its own, in which the examples and the real book lie as README.md names them."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        if data is not None:
            (Path(folder) / BOOK).symlink_to(data / BOOK)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)


def data_folder() -> Path | None:
    """Return the folder of the real book, or ``None`` where it is absent."""
    folder = Path(os.environ.get("TIDEOVER_DATA", str(ROOT.parent / "shared" / "data")))
    return folder.resolve() if (folder / BOOK).is_file() else None


def write() -> None:
    """Write every page and the outputs in README.md."""
    for name, text in pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}")
    room = ROOT / "src" / "tideover" / "synthetic" / "README.md"
    room.write_text(published(room.read_text(encoding="utf-8")), encoding="utf-8")
    print(room.relative_to(ROOT))
    path, data = ROOT / "README.md", data_folder()
    path.write_text(readme(path.read_text(encoding="utf-8"), data=data), encoding="utf-8")
    print("README.md" + ("" if data else " (the real book is absent: its outputs stay as they are)"))


if __name__ == "__main__":
    write()
