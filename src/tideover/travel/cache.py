"""What a table service answered, kept on disk: the same question is never put twice."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

from tideover.errors import OutputError

#: A place as whole hundred-thousandths of a degree: latitude, longitude.
Place = tuple[int, int]
#: A journey's start, end and seconds: ``inf`` where no way leads, ``nan`` where the service cannot tell.
Answer = tuple[Place, Place, float]

FILE = "journeys.sqlite"
#: Seconds for which a run waits while another writes.
_PATIENCE = 60.0
_TABLE = """
create table if not exists journey (
  service text not null, lat integer not null, lon integer not null,
  to_lat integer not null, to_lon integer not null,
  seconds real,
  primary key (service, lat, lon, to_lat, to_lon)
) without rowid
"""
_READ = """
select to_lat, to_lon, seconds from journey
where service = ? and lat = ? and lon = ?
"""


@dataclass(frozen=True)
class Cache:
    """A folder in which answers are kept, in a database that several runs may use at once.

    It holds coordinates of homes, without identifiers; only its owner may read it. To ask everything again
    (after the map of the service was renewed), remove it or name another folder.
    """

    folder: Path

    @classmethod
    def usual(cls) -> Cache:
        """Return the cache in the folder that the operating system has for such."""
        return cls(user_cache_path("tideover", appauthor=False))

    def read(self, service: str, starts: Iterable[Place]) -> Iterator[Answer]:
        """Yield what is known of the journeys from ``starts``, to whatever place."""
        with self._open() as database:
            for start in starts:
                for lat, lon, seconds in database.execute(_READ, (service, *start)):
                    yield start, (lat, lon), math.nan if seconds is None else seconds

    def keep(self, service: str, answers: Iterable[Answer]) -> None:
        """Write ``answers`` down, all of them or none."""
        # the database takes nan for null
        rows = [(service, *start, *end, seconds) for start, end, seconds in answers]
        with self._open() as database:
            database.executemany("insert or replace into journey values (?, ?, ?, ?, ?, ?)", rows)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Yield the database in a transaction; ``OutputError`` if it cannot be used."""
        path = self.folder / FILE
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE)) as database:
                database.execute(_TABLE)
                with database:
                    yield database
        except (OSError, sqlite3.Error) as error:
            if isinstance(error, OutputError):
                raise
            what = f"{path}: the cache of journeys cannot be used ({error})"
            raise OutputError(f"{what}; remove it, or name another folder with --travel-cache") from error
