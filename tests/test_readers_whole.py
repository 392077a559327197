"""Output that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tideover.errors import OutputError
from tideover.readers import _whole as whole_module
from tideover.readers import read_network, whole_folder, write_network

OURS = {"mark.json", "a.txt", "b.txt"}


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.iterdir())


def fill(target: Path, content: str) -> None:
    with whole_folder(target, "mark.json", OURS) as draft:
        (draft / "mark.json").write_text("{}")
        (draft / "a.txt").write_text(content)


def test_a_folder_appears_whole(tmp_path):
    """What was written is there, with nothing else beside it; missing parents are made."""
    fill(tmp_path / "deep" / "out", "one")
    assert names(tmp_path / "deep") == ["out"]
    assert names(tmp_path / "deep" / "out") == ["a.txt", "mark.json"]


def test_nothing_is_seen_before_the_end(tmp_path):
    """While the block runs, the target does not exist, or is still the old one."""
    with whole_folder(tmp_path / "out", "mark.json", OURS) as draft:
        (draft / "mark.json").write_text("{}")
        assert not (tmp_path / "out").exists()
    with whole_folder(tmp_path / "out", "mark.json", OURS) as draft:
        (draft / "a.txt").write_text("new")
        assert names(tmp_path / "out") == ["mark.json"]
    assert names(tmp_path / "out") == ["a.txt"]


def test_an_interruption_leaves_the_old_output(tmp_path):
    """An error or an interrupt in the block leaves the old folder as it was, and no draft."""
    fill(tmp_path / "out", "old")

    def broken(trouble: BaseException) -> None:
        with whole_folder(tmp_path / "out", "mark.json", OURS) as draft:
            (draft / "a.txt").write_text("half")
            raise trouble

    for trouble in (ValueError("x"), KeyboardInterrupt()):
        with pytest.raises(type(trouble)):
            broken(trouble)
        assert names(tmp_path) == ["out"]
        assert (tmp_path / "out" / "a.txt").read_text() == "old"


def test_a_failed_rename_puts_the_old_output_back(tmp_path, monkeypatch):
    """If the new folder cannot be put in place, the old one is there again."""
    fill(tmp_path / "out", "old")
    rename = Path.rename

    def stubborn(self: Path, target: Path) -> Path:
        if self.name.endswith(".draft"):
            raise OSError(5, "no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(OutputError, match="cannot be written"):
        fill(tmp_path / "out", "new")
    monkeypatch.undo()
    assert names(tmp_path) == ["out"]
    assert (tmp_path / "out" / "a.txt").read_text() == "old"


@pytest.mark.parametrize("strange", ["thesis.txt", "data.csv"])
def test_a_folder_of_others_is_never_replaced(tmp_path, strange):
    """A folder that holds anything that Tideover did not write is left as it is."""
    (tmp_path / strange).write_text("mine")
    with pytest.raises(OutputError, match="did not write"):
        fill(tmp_path, "new")
    (tmp_path / "mark.json").write_text("{}")
    with pytest.raises(OutputError, match=strange):
        fill(tmp_path, "new")
    assert (tmp_path / strange).read_text() == "mine"


def test_files_of_ours_without_the_mark_are_left(tmp_path):
    """Names alone do not make a folder ours: without the mark it stays."""
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"no mark\.json"):
        fill(tmp_path, "new")


def test_an_empty_folder_may_be_used_and_a_file_not(tmp_path):
    """An empty folder becomes the output; a file in its place is refused."""
    (tmp_path / "out").mkdir()
    fill(tmp_path / "out", "x")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is a file"):
        fill(tmp_path / "file", "x")


def test_a_link_is_followed(tmp_path):
    """Where the target is a link to a folder, the folder behind it is replaced and the link stays."""
    fill(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    fill(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.txt").read_text() == "new"


def test_everything_is_written_through(tmp_path, monkeypatch):
    """Each file, the folder and its parent are synced before the end."""
    synced = []
    monkeypatch.setattr(whole_module, "_sync", lambda path: synced.append(path.name))
    fill(tmp_path / "out", "x")
    assert {"a.txt", "mark.json", tmp_path.name} <= set(synced)


def test_a_network_replaces_a_network_in_another_form(tiny, tmp_path):
    """Parquet written over CSV leaves no CSV behind, and a foreign file forbids it."""
    write_network(tiny, tmp_path / "net")
    write_network(tiny, tmp_path / "net", "parquet")
    assert not list((tmp_path / "net").glob("*.csv"))
    assert read_network(tmp_path / "net").visits.equals(tiny.visits)
    (tmp_path / "net" / "notes.docx").write_text("mine")
    with pytest.raises(OutputError, match=r"notes\.docx"):
        write_network(tiny, tmp_path / "net")


def test_a_form_that_does_not_exist(tiny, tmp_path):
    """Only CSV and Parquet can be written."""
    with pytest.raises(ValueError, match="csv, parquet"):
        write_network(tiny, tmp_path / "net", "xml")


def test_the_description_names_every_column(tiny, tmp_path):
    """The written datapackage.json describes each column of each table, and says that the data is made up."""
    import json

    write_network(tiny, tmp_path / "net")
    package = json.loads((tmp_path / "net" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["tideover"]["synthetic"] is True
    for resource in package["resources"]:
        written = pl.read_csv(tmp_path / "net" / resource["path"], n_rows=0).columns
        assert [field["name"] for field in resource["schema"]["fields"]] == written
