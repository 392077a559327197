"""Posts: clinicians and support staff of each site."""

from __future__ import annotations

import numpy as np
import polars as pl

from tideover.synthetic.draws import Bools, Draws, Ints, whole_shares
from tideover.synthetic.places import to_sites
from tideover.synthetic.recipe import Recipe

#: Share of the posts at urgent cares.
URGENT_CARE_POSTS = 0.14
#: The unit covers "about 600" of the 620 posts of the reference network; the others lead or stand in.
IN_UNIT = 600 / 620
UNIT = "clinicians-unit"
ROLES = ("physician", "pa", "np")
_ROLE_SHARES = {"primary": (0.55, 0.17, 0.28), "urgent_care": (0.30, 0.40, 0.30)}
_FTE = ((1.0, 0.9, 0.8, 0.7, 0.6, 0.5), (0.38, 0.12, 0.22, 0.08, 0.12, 0.08))
#: Panel of a full-time post beside that of a physician's (assumed). What panels come to is set by the
#: patients asked for: with the default recipe, as in practices, 1,200 to 1,900 (Raffoul 2016).
_PANEL = {"physician": 1.0, "pa": 0.8, "np": 0.8}
#: Patients up to whom a full-time physician's panel should go, and beyond whom it takes nobody in (assumed).
PANEL_TARGET, PANEL_CAP = 1900, 2500
#: Share of the posts at clinics that newly take in children alone, and up to which age.
TAKES_CHILDREN, OLDEST_CHILD = 0.08, 18
#: Languages beside English, and how many of a hundred clinicians speak each.
_SPOKEN = {"es": 14, "so": 4, "hmn": 4, "vi": 2, "om": 1, "am": 1, "ru": 2, "ar": 2, "zh": 2, "kar": 1}
#: Share of posts with the licence of the other state too, by state of the home clinic.
_BOTH_STATES = {"MN": 0.25, "WI": 0.75}
#: Longest day of booked visits: two sessions of four hours and an hour more.
DAILY_MINUTES = 540
#: Exam rooms to one full-time clinician, and what a room costs in a year, in USD.
ROOMS_PER_POST, COST_OF_A_ROOM = 2.5, 60_000
#: Full-time support posts to one full-time clinician.
_SUPPORT = {"nurse": 0.5, "medical_assistant": 1.1}


def make_posts(recipe: Recipe, sites: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the columns of ``clinicians``, and of each post its site (row), ``at`` (kind) and panel weight.

    A site has posts in proportion to the people around it (to the power 0.7), and at least one. Posts of a
    site follow each other, sites in their order; hospitals have none.
    """
    site = np.repeat(np.arange(sites.height), _per_site(recipe, sites))
    kind = sites["kind"].gather(site)
    number = np.arange(site.size) - np.searchsorted(site, site) + 1
    role = _roles(kind, draws)
    fte = np.array(_FTE[0])[draws.pick("posts.fte", _FTE[1], site.size)]
    panel = np.array([_PANEL[ROLES[at]] for at in role]) * fte
    panel *= 0.85 + 0.3 * draws.uniform("posts.panel", site.size)
    home = sites["state"].gather(site)
    usual = np.array([_PANEL[ROLES[at]] for at in role]) * fte * (kind == "primary").to_numpy()
    children = (draws.uniform("posts.children", site.size) < TAKES_CHILDREN) & (usual > 0)
    return pl.DataFrame(
        {
            "clinician_id": sites["clinic_id"].gather(site)
            + "-"
            + pl.Series(number).cast(pl.String).str.zfill(2),
            "role": [ROLES[at] for at in role],
            "specialty": kind.replace_strict({"primary": "family medicine", "urgent_care": "urgent care"}),
            "clinic_id": sites["clinic_id"].gather(site),
            "fte": fte,
            "unit": _units(site.size, draws),
            "states_licensed": _licences(home, draws),
            "languages": _languages(site.size, draws),
            "daily_minutes": np.full(site.size, DAILY_MINUTES),
            "panel_target": np.rint(usual * PANEL_TARGET).astype(np.int64),
            "panel_cap": np.rint(usual * PANEL_CAP).astype(np.int64),
            "max_age": pl.Series([OLDEST_CHILD if only else None for only in children], dtype=pl.Int64),
            "site": site,
            "at": kind,
            "panel": np.where((kind == "primary").to_numpy(), np.round(panel, 6), 0.0),
        },
    )


def _per_site(recipe: Recipe, sites: pl.DataFrame) -> Ints:
    urgent, primary = recipe.urgent_cares, recipe.clinics - recipe.urgent_cares
    wanted = round(recipe.clinicians * URGENT_CARE_POSTS) if urgent else 0
    there = min(max(wanted, urgent), recipe.clinicians - primary)
    people = np.round(sites["people"].to_numpy() ** 0.7, 6)
    posts = np.zeros(sites.height, np.int64)
    posts[:primary] = whole_shares(people[:primary], recipe.clinicians - there, at_least=1)
    if urgent:
        posts[primary : recipe.clinics] = whole_shares(people[primary : recipe.clinics], there, at_least=1)
    return posts


def _roles(kind: pl.Series, draws: Draws) -> Ints:
    roles = np.zeros(len(kind), np.int64)
    for name, shares in _ROLE_SHARES.items():
        mine = (kind == name).to_numpy()
        if mine.any():
            counts = whole_shares(shares, int(mine.sum()))
            roles[mine] = draws.shuffled(f"posts.roles.{name}", np.repeat(np.arange(len(ROLES)), counts))
    return roles


def _units(count: int, draws: Draws) -> list[str | None]:
    inside = np.arange(count) < round(count * IN_UNIT)
    return [UNIT if covered else None for covered in draws.shuffled("posts.unit", inside.astype(np.int64))]


def _licences(home: pl.Series, draws: Draws) -> list[list[str]]:
    uniform = draws.uniform("posts.licences", len(home)).tolist()
    both = sorted(_BOTH_STATES)
    return [both if u < _BOTH_STATES[state] else [state] for u, state in zip(uniform, home, strict=True)]


def _languages(count: int, draws: Draws) -> list[list[str]]:
    """Return English and, of each other language by its own chance, those that the post's holder speaks."""
    spoken = draws.uniform("posts.languages", count, len(_SPOKEN)) * 100 < np.array(list(_SPOKEN.values()))
    return [["en", *(name for name, is_so in zip(_SPOKEN, row, strict=True) if is_so)] for row in spoken]


def speakers(posts: pl.DataFrame, languages: list[str]) -> Bools:
    """Return whether each post speaks each language: (posts, languages)."""
    return np.array([[name in held for name in languages] for held in posts["languages"]], np.bool_)


def make_support(sites: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of ``support_staff``: nurses and medical assistants by the clinicians' full time."""
    full_time = np.bincount(posts["site"].to_numpy(), posts["fte"].to_numpy(), sites.height)
    rows = [
        (clinic, role, max(0.5, round(fte * ratio * 2) / 2))
        for clinic, fte in zip(sites["clinic_id"], full_time.tolist(), strict=True)
        for role, ratio in _SUPPORT.items()
        if fte
    ]
    return pl.DataFrame(rows, schema=["clinic_id", "role", "fte"], orient="row")


def furnish(sites: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Return the sites with exam rooms by the full time of their posts, and their fixed cost."""
    full_time = np.bincount(posts["site"].to_numpy(), posts["fte"].to_numpy(), sites.height)
    rooms = np.ceil(np.round(full_time * ROOMS_PER_POST, 6)).astype(np.int64)
    return sites.with_columns(
        pl.Series("rooms", rooms), pl.Series("fixed_cost_per_year", rooms * float(COST_OF_A_ROOM))
    )


def nearest_clinics(sites: pl.DataFrame, count: int) -> Ints:
    """Return for each site the rows of the ``count`` nearest primary-care clinics: (sites, count)."""
    far = to_sites(sites)[sites["tract"].to_numpy()]
    far[:, (sites["kind"] != "primary").to_numpy()] = np.inf
    clinics = int((sites["kind"] == "primary").sum())
    return np.argsort(far, axis=1, kind="stable")[:, : min(count, clinics)]
