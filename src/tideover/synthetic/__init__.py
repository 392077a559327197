"""Synthetic: a made-up clinic network on real census tracts, drawn from one seed."""

from tideover.synthetic.figures import figures
from tideover.synthetic.network import synthetic_network
from tideover.synthetic.published import PUBLISHED, generated
from tideover.synthetic.recipe import Recipe, check_recipe

__all__ = ["PUBLISHED", "Recipe", "check_recipe", "figures", "generated", "synthetic_network"]
