"""The pay system of benchmarks/pay.py in OpenFisca-Core or policyengine-core; run in their own environment.

    python pay_other.py openfisca_core people.npz out.npz 3

Reads the people and the yearly rates, prints one JSON line with the CPU seconds of each round (everything
from the arrays to the amounts of three years), and writes each person's pay of each year.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import numpy as np

NAME = sys.argv[1]
YEARS = (2026, 2027, 2028)


def part(name: str) -> Any:
    """Return a module of the package that is measured."""
    return importlib.import_module(f"{NAME}.{name}")


ENUMS = "indexed_enums" if NAME == "openfisca_core" else "enums"
BUILDER = "simulation_builder" if NAME == "openfisca_core" else "simulations"
YEAR = part("periods").YEAR
Enum = part(ENUMS).Enum
Variable = part("variables").Variable
Person = part("entities").build_entity(key="person", plural="persons", label="", doc="", is_person=True)
Role = Enum("Role", {name: name for name in ("physician", "pa", "np_")})
Step = Enum("Step", {f"s{number}": f"s{number}" for number in range(1, 13)})


def variable(name: str, formula: Any = None, kind: Any = None) -> type:
    """Return a variable of persons and years; ``kind`` is its enumeration, if it is one."""
    facts: dict[str, Any] = {"value_type": float, "entity": Person, "definition_period": YEAR, "label": name}
    if kind is not None:
        facts |= {"value_type": Enum, "possible_values": kind, "default_value": next(iter(kind))}
    if formula is not None:
        facts["formula"] = formula
    return type(name, (Variable,), facts)


def _base(person: Any, period: Any, parameters: Any) -> Any:
    """Return base pay: the rate of role and step, times FTE."""
    return parameters(period).grid[person("role", period)][person("step", period)] * person("fte", period)


def _rvu(person: Any, period: Any) -> Any:
    """Return pay for work RVUs over the threshold, which goes with FTE."""
    return np.maximum(person("wrvu", period) - 4200 * person("fte", period), 0) * 44.25


def _match(person: Any, period: Any) -> Any:
    """Return what the employer adds to what is saved, up to 4 % of pay."""
    return 0.5 * np.minimum(person("saved", period), 0.04) * person("pay", period)


def _premium(person: Any, period: Any) -> Any:
    """Return the own part of a year of premiums, which grow from year to year."""
    return 12 * person("monthly", period) * 1.06 ** (period.start.year - YEARS[0]) * 0.18


def system(rates: np.ndarray) -> Any:
    """Return the system: ``rates`` are amounts of a full-time year by year, role and step."""
    made = part("taxbenefitsystems").TaxBenefitSystem([Person])
    for name, kind in (("role", Role), ("step", Step)):
        made.add_variable(variable(name, kind=kind))
    for name in ("fte", "wrvu", "saved", "monthly"):
        made.add_variable(variable(name))
    for name, formula in (("base", _base), ("rvu", _rvu), ("match", _match), ("premium", _premium)):
        made.add_variable(variable(name, formula))
    made.add_variable(variable("pay", lambda p, period: p("base", period) + p("rvu", period)))
    grid = {
        role.name: {
            step.name: {
                "values": {f"{year}-01-01": {"value": float(rates[y, r, s])} for y, year in enumerate(YEARS)}
            }
            for s, step in enumerate(Step)
        }
        for r, role in enumerate(Role)
    }
    made.parameters = part("parameters").ParameterNode(data={"grid": grid})
    return made


def once(made: Any, people: Any) -> tuple[float, np.ndarray]:
    """Return the CPU seconds of one run and the pay of each year and person."""
    start = time.process_time()
    builder = part(BUILDER).SimulationBuilder()
    builder.create_entities(made)
    builder.declare_person_entity("person", np.arange(people["fte"].size))
    simulation = builder.build(made)
    for year in YEARS:
        for name in ("role", "step", "fte", "wrvu", "saved", "monthly"):
            simulation.set_input(name, year, people[name])
    pay = [simulation.calculate("pay", year) for year in YEARS]
    for year in YEARS:
        simulation.calculate("match", year)
        simulation.calculate("premium", year)
    return time.process_time() - start, np.array(pay)


def main() -> None:
    """Run the rounds, print their seconds, write the pay."""
    people = dict(np.load(sys.argv[2]))
    made = system(people.pop("rates"))
    seconds = []
    for _ in range(int(sys.argv[4])):
        took, pay = once(made, people)
        seconds.append(took)
    np.savez(sys.argv[3], pay=pay)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
