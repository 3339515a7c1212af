"""Print the lowest versions that pyproject.toml allows, as constraints for pip (`make test-lowest`).

A bound such as numpy>=2.0 becomes numpy==2.0.*, the first series with its corrections; a package without a
bound is left to pip. What abkit itself does not name is new, as it would be on a reader's machine.
"""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def lowest(requirements: list[str]) -> list[str]:
    """Turn each lower bound into a constraint.

    >>> lowest(["numpy>=2.0", "voila>=0.5.8", "pytest>=8", "polars"])
    ['numpy==2.0.*', 'voila==0.5.8', 'pytest==8.*']
    """
    found = [re.fullmatch(r"([\w.-]+)(?:\[\w+\])?>=([\d.]+)", text.replace(" ", "")) for text in requirements]
    return [f"{m[1]}=={m[2]}{'' if m[2].count('.') > 1 else '.*'}" for m in found if m]


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    print("\n".join(lowest([*project["dependencies"], *extras["lab"], *extras["test"]])))
