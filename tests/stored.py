"""What an executed notebook holds: its cells, everything that its cells printed, and one printed number by
its name.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "notebooks"


class Stored:
    """One executed notebook: Stored("03_srm").printed("users") is the number behind "users"."""

    def __init__(self, stem: str) -> None:
        self.path = FOLDER / f"{stem}.ipynb"

    @cached_property
    def cells(self) -> tuple[dict, ...]:
        return tuple(json.loads(self.path.read_text(encoding="utf-8"))["cells"])

    @cached_property
    def outputs(self) -> str:
        """Printed text and the plain text of every output, each on lines of its own."""
        parts = []
        for cell in self.cells:
            for out in cell.get("outputs", []):
                parts += out.get("text", []) + out.get("data", {}).get("text/plain", [])
        return "".join(p if p.endswith("\n") else p + "\n" for p in parts)

    def printed(self, name: str) -> float:
        """The first number after `name` at the start of a line; a colon may stand between them."""
        found = re.search(rf"^ *{re.escape(name)}:? +(-?[\d.e+-]+)", self.outputs, re.M)
        assert found, name
        return float(found[1])

    def numbers(self, pattern: str) -> list[float]:
        """The numbers of the first text that fits; # stands for a number, a blank for any white
        space, also a line break.
        """
        form = re.escape(pattern).replace(r"\#", r"([-+]?[\d.,]+(?:e-\d+)?)").replace(r"\ ", r"\s+")
        found = re.search(form, self.outputs)
        assert found, pattern
        return [float(v.replace(",", "")) for v in found.groups()]
