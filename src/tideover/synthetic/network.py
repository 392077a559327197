"""The synthetic network: places, posts, people, sessions and book, drawn one after the other."""

from __future__ import annotations

from collections.abc import Callable

from tideover.nouns import Network, Note
from tideover.synthetic.book import make_book
from tideover.synthetic.draws import Draws
from tideover.synthetic.payers import make_payers
from tideover.synthetic.people import make_people
from tideover.synthetic.places import place_sites, tracts
from tideover.synthetic.posts import furnish, make_posts, make_support
from tideover.synthetic.recipe import Recipe, check_recipe
from tideover.synthetic.roster import make_roster
from tideover.synthetic.sessions import make_sessions

NAME = "Three Rivers Primary Care (made up)"


def synthetic_network(recipe: Recipe, report: Callable[[str], None] = lambda text: None) -> Network:
    """Return the network of ``recipe``: nobody in it exists, only the census tracts do.

    ``report`` is told before each step. Raises ``InputError`` with every fault of the recipe.
    Laws: same recipe, same tables; visits lie within their sessions, sessions within the opening hours of
    their site; nobody is in two places at once.
    """
    check_recipe(recipe)
    draws = Draws(recipe.seed)
    report("placing clinics")
    sites = place_sites(recipe, draws)
    posts = make_posts(recipe, sites, draws)
    report("drawing patients")
    people = make_people(recipe, sites, posts, draws)
    report("booking visits")
    sessions = make_sessions(recipe, posts, draws)
    tables = {"clinics": sites, "clinicians": posts, "patients": people, "sessions": sessions}
    tables["visits"] = make_book(recipe, tables, draws)
    tables["support_staff"] = make_support(sites, posts)
    tables["clinics"] = furnish(sites, posts)
    tables["areas"] = tracts()
    tables["roster"] = make_roster(recipe, sites, posts, people, draws)
    tables["payers"] = make_payers(people, draws)
    note = Note("assumed", "network", recipe.sentence)
    return Network.of(tables, synthetic=True, name=NAME, notes=(note,))
