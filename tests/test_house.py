"""The rules of the house: docstrings, names, one place for each meaning, nothing private in the files."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import os
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import tideover
from tideover import schema
from tideover.impact.measures._kind import MEASURES
from tideover.nouns import Policy
from tideover.nouns.plan import DECISIONS
from tideover.reports.words import TERM_WORDS
from tideover.visits import rules

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "src").rglob("*.py"))
#: Words of columns, options or results that would speak of a person's part in a dispute.
UNWELCOME = re.compile(
    r"(?i)union_?member|membership|is_(a_)?member|on_strike|will_strike|strik(er|ing)\b|crossed|picket|loyal|"
    r"intention|intends|attended_strike|present_on|absent|absence|worked_on_strike"
)


def tracked() -> list[Path]:
    """Return the text files of the project, as git knows them (all files where there is no git)."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.split("\0")  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in SOURCES]
    paths = [ROOT / name for name in listed if name and not name.endswith((".png", ".parquet"))]
    return [path for path in paths if path.is_file()]


def modules() -> Iterator[ModuleType]:
    """Yield every module of the package."""
    yield tideover
    for found in pkgutil.walk_packages(tideover.__path__, "tideover."):
        yield importlib.import_module(found.name)


def public_definitions() -> Iterator[tuple[str, ast.AST]]:
    """Yield every public class, function and method of the package with the place where it is written."""
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        nodes: list[ast.AST] = [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]
        for parent in nodes:
            for node in ast.iter_child_nodes(parent):
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def test_every_module_and_public_definition_is_explained():
    """Each module, public class, function and method of the package opens with words."""
    silent = [place for place, node in public_definitions() if not ast.get_docstring(node)]  # type: ignore[arg-type]
    silent += [
        str(path.relative_to(ROOT)) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_every_test_opens_with_a_sentence():
    """Each test says in one sentence what holds."""
    silent = [
        f"{path.name}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").glob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_exported_names_are_complete_and_exist():
    """What a package exports exists, once and in order, and is all that it imports from its own modules."""
    for module in modules():
        if not hasattr(module, "__path__") or not hasattr(module, "__all__"):
            continue
        exported = list(module.__all__)
        assert exported == sorted(exported, key=lambda n: (not n.isupper(), not n[0].isupper(), n)), (
            module.__name__
        )
        assert len(set(exported)) == len(exported), module.__name__
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        imported = {
            alias.asname or alias.name
            for node in tree.body
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith(module.__name__)
            for alias in node.names
        }
        assert imported <= set(exported), module.__name__
        assert all(hasattr(module, name) for name in exported), module.__name__


def test_policy_keys_fields_and_terms_agree():
    """The keys of the schema are the fields of Policy; the weights are the terms of levels and room."""
    keys = [key.key for key in schema.policy_keys()]
    plain = {key for key in keys if "." not in key}
    weights = {key.removeprefix("weights.") for key in keys if key.startswith("weights.")}
    assert plain | {"weights"} == {field.name for field in dataclasses.fields(Policy)}
    assert weights == set(Policy.default().terms) == set(Policy.default().weights)
    assert weights == set(rules.TERMS)
    assert weights == set(TERM_WORDS)


def test_no_column_option_or_measure_speaks_of_a_person_in_the_dispute():
    """Membership, intention and presence of a person are no column, policy key, measure or decision."""
    names = [column.column for columns in schema.tables().values() for column in columns]
    names += [key.key for key in schema.policy_keys()] + list(MEASURES) + list(DECISIONS)
    help_page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    names += re.findall(r"--[a-z-]+", help_page)
    assert [name for name in names if UNWELCOME.search(name)] == []
    assert UNWELCOME.search("union_member")
    assert UNWELCOME.search("on_strike")


def test_no_machine_or_registry_in_the_files():
    """No tracked file holds a path of somebody's machine or the address of a package registry."""
    # written in two parts, so that this file does not hold them
    private = re.compile(
        "|".join(["/ho" + "me/", "/ro" + "ot/", "/wo" + "rk/", "/Us" + "ers/", "C:" + r"\\"])
    )
    registry = re.compile(
        "|".join(["pypi" + r"\.", "pythonhosted" + r"\.", "--index" + "-url", "--extra" + "-index"])
    )
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            assert not private.search(line), f"{path.relative_to(ROOT)}:{number}"
            assert not registry.search(line), f"{path.relative_to(ROOT)}:{number}"


def test_constraints_hold_names_and_versions_alone():
    """constraints.txt pins by name and version, without addresses, and covers every stated dependency."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*", line) for line in pinned)
    names = {line.split("==")[0].lower().replace("_", "-") for line in pinned}
    stated = re.findall(r'^  "([a-z0-9-]+)[^"]*",$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    wanted = {name for name in stated if name not in tideover.__name__}
    assert {"polars", "numba", "pytest"} <= wanted & names
    assert {"ortools", "pandas"} & names == set()


def test_every_dependency_is_used():
    """Each run-time dependency is imported by the package, and each import is a dependency."""
    imported = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                imported.add(str(node.module).split(".")[0])
    block = re.search(
        r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(), re.DOTALL | re.MULTILINE
    )
    assert block is not None
    stated = set(re.findall(r'"([a-z0-9_-]+)', block[1]))
    stated -= {"lxml_html_clean"}  # trafilatura needs it, and asks lxml for it by a name that lxml dropped
    standard = set(__import__("sys").stdlib_module_names) | {"tideover", "__future__"}
    assert imported - standard == stated


def test_no_printing_and_no_swallowed_errors():
    """The package prints nowhere but at the roof, and catches all errors only there."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", place
            if isinstance(node, ast.ExceptHandler) and "cli" not in path.parts:
                assert node.type is not None, place
                assert not (isinstance(node.type, ast.Name) and node.type.id == "Exception"), place


@pytest.mark.slow
def test_imports_go_downwards_only():
    """The floors hold: the contracts of pyproject.toml are kept."""
    program = Path(os.sys.executable).parent / "lint-imports"  # type: ignore[attr-defined]
    ran = subprocess.run([program, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert ran.returncode == 0, ran.stdout
