"""A small good network folder, and what tests exchange in it."""

from __future__ import annotations

from pathlib import Path

from tideover.errors import Fault
from tideover.readers import check_network

CLINICS = "clinic_id,name,lat,lon\nc1,One,45.0,-93.0\nc2,Two,45.1,-93.1\n"
CLINICIANS = "clinician_id,role,clinic_id,unit,languages\nk1,physician,c1,u,en;es\nk2,np,c2,,\n"
SESSIONS = (
    "session_id,clinic_id,clinician_id,start,end,posts\n"
    "s1,c1,k1,2026-03-10T09:00,2026-03-10T12:00,1\n"
    "s2,c2,k2,2026-03-10T09:00,2026-03-10T12:00,1\n"
    "s3,c2,,2026-03-11T09:00,2026-03-11T12:00,2\n"
)
PATIENTS = "patient_id,clinician_id,language,interpreter\np1,k1,en,false\np2,k2,es,TRUE\n"
VISITS = (
    "visit_id,patient_id,clinic_id,session_id,booked_on,start,minutes,urgency,safe_by,video_ok\n"
    "v1,p1,c1,s1,2026-02-01,2026-03-10T09:00,15,4,,false\n"
    "v2,p2,c1,s1,2026-02-02,2026-03-10T09:15,30,2,2026-03-12,true\n"
    "v3,p1,c2,s2,,2026-03-10T10:00,15,3,,\n"
)
GOOD = {
    "clinics.csv": CLINICS,
    "clinicians.csv": CLINICIANS,
    "sessions.csv": SESSIONS,
    "patients.csv": PATIENTS,
    "visits.csv": VISITS,
}


def folder_of(path: Path, files: dict[str, str | bytes]) -> Path:
    """Write a folder of these files, by name."""
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def faults_of(path: Path, **changed: str | bytes | None) -> list[Fault]:
    """Return the faults of the good folder with tables exchanged, or left out (``None``)."""
    files: dict[str, str | bytes] = dict(GOOD)
    for name, content in changed.items():
        if content is None:
            files.pop(f"{name}.csv")
        else:
            files[f"{name}.csv"] = content
    return check_network(folder_of(path, files))


def places(faults: list[Fault]) -> set[tuple[str, int | None, str | None]]:
    """Return file, row and column of each fault."""
    return {(fault.file, fault.row, fault.column) for fault in faults}


def replaced(text: str, line: int, **cells: str) -> str:
    """Return a CSV text with some cells of one line (heading is 1) exchanged."""
    lines = text.splitlines()
    heading = lines[0].split(",")
    row = lines[line - 1].split(",")
    for column, cell in cells.items():
        row[heading.index(column)] = cell
    lines[line - 1] = ",".join(row)
    return "\n".join(lines) + "\n"
