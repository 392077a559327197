"""Where pages are drawn: one template environment, in which a name that a page lacks is an error."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


def draw_page(template: str, **view: Any) -> str:
    """Return the page that ``template`` makes of ``view``, as one HTML document; values are escaped."""
    return _environment().get_template(template).render(**view)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("tideover.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
