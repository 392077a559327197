"""The handbook and README.md say what the code does now."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from tideover import schema
from tideover.claims import read_ledger
from tideover.disruptions import DISRUPTIONS
from tideover.impact.measures._kind import MEASURES
from tideover.pay import KINDS as TERMS
from tideover.responses import RESPONSES

ROOT = Path(__file__).resolve().parent.parent
RENEW = "run make docs and look at what changed"


@pytest.fixture(scope="module")
def handbook() -> ModuleType:
    """The script that writes the generated pages."""
    spec = importlib.util.spec_from_file_location("handbook", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def readme() -> str:
    """README.md as it is."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_pages_are_as_generated(handbook):
    """Every generated page is what its source gives today."""
    for name, text in handbook.pages().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"docs/{name}: {RENEW}"


def test_everything_that_multiplies_has_its_place():
    """Each table, column, policy key, measure, kind of change and claim is in the handbook."""
    page = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
    for table, columns in schema.tables().items():
        assert f"\n## {table}\n" in page["tables"]
        assert all(f"| `{column.column}` |" in page["tables"] for column in columns)
    assert all(f"| `{key.key}` |" in page["policy"] for key in schema.policy_keys())
    assert all(f"| `{name}` |" in page["measures"] for name in MEASURES)
    assert all(f"\n## {kind}\n" in page["changes"] for kind in (*DISRUPTIONS, *RESPONSES))
    assert all(f"\n### {claim.id}\n" in page["claims"] for claim in read_ledger())
    assert all(f"\n## {kind}\n" in page["offers"] for kind in TERMS)


@pytest.mark.slow
def test_readme_shows_what_commands_print(handbook, readme, data_dir):
    """The outputs in README.md, of the demo and of the real book, are what the commands print now."""
    assert handbook.readme(readme, data=data_dir.resolve()) == readme, RENEW


def test_every_block_of_output_is_generated(readme):
    """README.md shows no output but behind a mark that has it generated."""
    blocks = readme.count("```text\n")
    assert blocks == len(re.findall(r"<!-- run: tideover [^\n]*-->\n```text\n", readme)) > 0


def test_links_lead_somewhere():
    """Every relative link in a Markdown page of the project names a file that exists."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not re.match(r"[a-z]+:", target):
                assert (page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}"
