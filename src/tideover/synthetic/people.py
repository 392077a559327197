"""People: who the patients are, where they live, and whose panel they are on."""

from __future__ import annotations

import numpy as np
import polars as pl

from tideover.nouns.place import kilometres
from tideover.synthetic.draws import Bools, Draws, Floats, Ints, picked, whole_shares
from tideover.synthetic.places import MIDDLE, to_sites, tracts
from tideover.synthetic.posts import speakers
from tideover.synthetic.recipe import Recipe

#: No tract gives the network more than this share of its people, while there is room elsewhere.
MOST_OF_A_TRACT = 0.6
#: Share of the patients who have no own clinician (new, or theirs has left).
WITHOUT_CLINICIAN = 0.03
_HOUSEHOLDS = (0.46, 0.27, 0.12, 0.10, 0.05)
#: Languages of households that prefer another than English, in proportion.
_OTHERS = {"es": 34, "so": 22, "hmn": 14, "vi": 6, "om": 6, "am": 4, "ru": 5, "ar": 4, "zh": 3, "kar": 2}
LANGUAGES = ["en", *_OTHERS]
#: Share of the households with another language, and without a car: in the middle of the region, and far off.
_OTHER_LANGUAGE = (0.16, 0.03)
_NO_CAR = (0.14, 0.04)
_PAYERS = ("commercial", "medicare", "medicaid", "none")
_BY_AGE = {
    "child": (0.60, 0.0, 0.37, 0.03),
    "adult": (0.72, 0.03, 0.19, 0.06),
    "old": (0.08, 0.87, 0.05, 0.0),
}
_AGES = 96
#: How many usual patients one counts for in a panel, by age.
_RISK = {"child": 0.7, "adult": 1.0, "old": 1.6}
_ROUNDS = 40


def make_people(recipe: Recipe, sites: pl.DataFrame, posts: pl.DataFrame, draws: Draws) -> pl.DataFrame:
    """Return the columns of ``patients``, and ``post`` (row; of those without an own clinician too), ``age``.

    Panels are in proportion to the posts' panel weights; patients of a panel follow each other. Households
    (of one clinic and tract) share language, car and mostly the clinician. A patient's home is the tract.
    """
    panels = whole_shares(posts["panel"].to_numpy(), recipe.patients)
    clinic = posts["site"].to_numpy()
    by_tract = tract_counts(sites, np.bincount(clinic, panels, sites.height).astype(np.int64))
    home_of, tract = (np.repeat(part, by_tract.ravel()) for part in np.indices(by_tract.shape).reshape(2, -1))
    household, place = _households(home_of, tract, draws)
    language = _languages(household, tract, draws)
    order = _by_panel(home_of, household, language, posts, panels, draws)
    tract, household, place, language = tract[order], household[order], place[order], language[order]
    post = np.repeat(np.arange(posts.height), panels)
    age = _ages(place, draws)
    own = draws.uniform("people.own", post.size) >= WITHOUT_CLINICIAN
    spoken = speakers(posts, LANGUAGES)[post, language] & own
    return pl.DataFrame(
        {
            "patient_id": _ids("p", post.size),
            "area_id": tracts()["area_id"].gather(tract),
            "birth_year": recipe.start.year - age,
            "clinician_id": posts["clinician_id"].gather(post).set(pl.Series(~own), None),
            "payer": pl.Series(_PAYERS).gather(_payers(age, household, draws)),
            "language": pl.Series(LANGUAGES).gather(language),
            "interpreter": (language > 0)
            & (~spoken | (draws.uniform("people.interpreter", post.size) < 0.3)),
            "household_id": _household_ids(household),
            "has_car": ~_by_place("people.car", household, tract, _NO_CAR, draws),
            "risk_weight": np.where(
                age < 19, _RISK["child"], np.where(age >= 65, _RISK["old"], _RISK["adult"])
            ),
            "post": post,
            "age": age,
        }
    )


def tract_counts(sites: pl.DataFrame, patients: Ints) -> Ints:
    """Return how many of each site's ``patients`` live in each tract: (sites, tracts), rows add up.

    The draw of a site on a person is ``exp(-km / 5) + exp(-km / 20) / 50``: most live near, a few far off. A
    tract that would give more than ``MOST_OF_A_TRACT`` of its people has its draw lowered, by turns.
    """
    people = tracts()["population"].to_numpy()
    far = to_sites(sites).T
    pull = (np.exp(-far / 5) + np.exp(-far / 20) / 50) * people
    draw = np.ones(people.size)
    for _ in range(_ROUNDS):
        wanted = _to_totals(pull * draw, patients)
        draw *= np.minimum(1.0, MOST_OF_A_TRACT * people / np.maximum(wanted.sum(axis=0), 1e-9))
    shares = _to_totals(pull * draw, patients)
    found = np.zeros(shares.shape, np.int64)
    for site in np.flatnonzero(patients).tolist():
        found[site] = whole_shares(shares[site], int(patients[site]))
    return found


def _to_totals(wanted: Floats, patients: Ints) -> Floats:
    scaled: Floats = wanted * (patients / wanted.sum(axis=1))[:, None]
    return scaled


def _households(clinic: Ints, tract: Ints, draws: Draws) -> tuple[Ints, Ints]:
    """Return the household of each patient and the place in it (0: first adult); rows lie by clinic, tract.

    Sizes follow each other through the rows, and a household ends where its tract or clinic does.
    """
    sizes = draws.pick("people.households", _HOUSEHOLDS, tract.size) + 1
    first = np.zeros(tract.size, np.bool_)
    begins = np.cumsum(sizes) - sizes
    first[begins[begins < tract.size]] = True
    first[1:] |= (tract[1:] != tract[:-1]) | (clinic[1:] != clinic[:-1])
    first[:1] = True
    household = np.cumsum(first) - 1
    return household, np.arange(tract.size) - np.flatnonzero(first)[household]


def _rural(tract: Ints) -> Floats:
    """Return for each row of tracts 0 in the middle of the region to 1 from 40 km on."""
    far = kilometres(*MIDDLE, tracts()["lat"].to_numpy(), tracts()["lon"].to_numpy())
    return np.asarray(np.round(np.minimum(far / 40, 1.0), 6)[tract], np.float64)


def _by_place(name: str, household: Ints, tract: Ints, ends: tuple[float, float], draws: Draws) -> Bools:
    """Return whether a thing is so of each patient's household; its share goes from end to end with place."""
    # ends: the share in the middle of the region, and far off
    share = ends[0] + (ends[1] - ends[0]) * _rural(tract)
    return draws.uniform(name, int(household.max()) + 1)[household] < share


def _languages(household: Ints, tract: Ints, draws: Draws) -> Ints:
    other = _by_place("people.other-language", household, tract, _OTHER_LANGUAGE, draws)
    which = draws.pick("people.languages", list(_OTHERS.values()), int(household.max()) + 1) + 1
    return np.where(other, which[household], 0)


def _by_panel(
    clinic: Ints, household: Ints, language: Ints, posts: pl.DataFrame, panels: Ints, draws: Draws
) -> Ints:
    """Return the order of the patients in which the panels take them, one post after the other.

    Households come in an order by lot within their clinic; every second one with another language than
    English is put beside the panel of a clinician of the clinic who speaks it.
    """
    count = int(household.max()) + 1
    lot = draws.uniform("people.order", count)
    heads = np.searchsorted(household, np.arange(count))
    site, spoken = clinic[heads], language[heads]
    wish = draws.uniform("people.speaker", count)
    talks = speakers(posts, LANGUAGES)
    middle = _middles(posts["site"].to_numpy(), panels)
    of_site = posts["site"].to_numpy()
    for code in range(1, len(LANGUAGES)):
        for at in np.unique(site[spoken == code]).tolist():
            able = np.flatnonzero((of_site == at) & talks[:, code])
            mine = np.flatnonzero((site == at) & (spoken == code) & (wish < 0.5))
            if able.size and mine.size:
                lot[mine] = middle[able[picked(wish[mine] * 2, np.ones(able.size))]]
    return np.argsort(clinic + np.minimum(lot, 0.999999)[household], kind="stable")


def _middles(site: Ints, panels: Ints) -> Floats:
    """Return where in the order of its site's patients the middle of each post's panel lies, 0 to 1."""
    ends = np.cumsum(panels).astype(np.float64)
    whole = np.bincount(site, panels)
    before = (np.cumsum(whole) - whole)[site]
    middle: Floats = np.round((ends - panels / 2 - before) / np.maximum(whole[site], 1), 6)
    return middle


def _ages(place: Ints, draws: Draws) -> Ints:
    """Return ages: first and second of a household are grown up, the others mostly children."""
    uniform = draws.uniform("people.ages", place.size)
    grown = 19 + (_AGES - 19) * uniform**1.25
    child = np.where(uniform < 0.85, 19 * uniform / 0.85, 19 + 6 * (uniform - 0.85) / 0.15)
    return np.where(place < 2, grown, child).astype(np.int64)


def _payers(age: Ints, household: Ints, draws: Draws) -> Ints:
    """Return the payer's index by age; members of a household of about the same age have the same."""
    uniform = draws.uniform("people.payers", int(household.max()) + 1)[household]
    found = picked(uniform, _BY_AGE["adult"])
    found = np.where(age < 19, picked(uniform, _BY_AGE["child"]), found)
    return np.where(age >= 65, picked(uniform, _BY_AGE["old"]), found)


def _household_ids(household: Ints) -> pl.Series:
    return _ids("h", int(household.max()) + 1).gather(household)


def _ids(letter: str, count: int) -> pl.Series:
    return pl.Series(np.arange(1, count + 1)).cast(pl.String).str.zfill(7).str.replace("^", letter)
