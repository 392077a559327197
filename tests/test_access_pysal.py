"""Catchments beside PySAL's package `access`, on the Chicago data, where both are at hand."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("TIDEOVER_DATA", ROOT.parent / "shared" / "data"))


@pytest.mark.slow
def test_chicago_is_what_pysal_makes_of_it():
    """Independent oracle: 2SFCA, E2SFCA, 3SFCA of 1,930 tracts equal PySAL's to 1e-9."""
    if not (DATA / "chicago-access").is_dir():
        pytest.skip("no ../shared/data/chicago-access (TIDEOVER_DATA)")
    named = os.environ.get("TIDEOVER_PYSAL_PYTHON")
    if named is None and importlib.util.find_spec("geopandas") is None:
        pytest.skip("PySAL's access is not here: name a Python that has it in TIDEOVER_PYSAL_PYTHON")
    environment = os.environ | {"TIDEOVER_PYSAL_PYTHON": named or sys.executable}
    program = "import json, access as b; print(json.dumps(b.chicago(1)['difference']))"
    done = subprocess.run(  # noqa: S603 (a benchmark of this project)
        [sys.executable, "-c", program],
        cwd=ROOT / "benchmarks", env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    apart = json.loads(done.stdout.splitlines()[-1])
    assert set(apart) == {"two_step", "enhanced_two_step", "three_step"}
    assert max(apart.values()) <= 1e-9
