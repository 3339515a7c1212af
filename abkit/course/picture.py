"""The map of the series as an SVG: a box a notebook, an arrow from what comes first."""

from __future__ import annotations

import html
from collections.abc import Mapping

from abkit.course import plan

ROWS: tuple[dict[str, float], ...] = (  # number: column; a notebook stands below everything that it needs
    {"00": 2.5},
    {"01": 2.5},
    {"02": 1, "04": 3, "22": 5},
    {"03": 0, "15": 1, "05": 2, "08": 3, "19": 4, "24": 5},
    {"06": 0, "16": 1, "07": 2, "09": 3, "13": 4},
    {"25": 0, "10": 1, "11": 2, "17": 3, "14": 4},
    {"26": 0, "12": 2, "18": 3, "20": 4, "23": 5},
    {"21": 3.5},
)
PLACES = {number: (column, row) for row, line in enumerate(ROWS) for number, column in line.items()}
WIDTH, HEIGHT, BOX, TALL = 150, 88, 140, 46
FILLS = {"planned": "#f4f4f4", "new": "#ffffff", "begun": "#fff3d6", "done": "#d9f0e1"}


def svg(times: Mapping[str, int | None], states: Mapping[str, str] | None = None) -> str:
    """Return the picture; a box links to its notebook.

    times: minutes of each notebook that exists. states: "begun" or "done" by number, for what a reader did.

    >>> svg({"00": 20}).count("<a ")
    1
    """
    wide = int(WIDTH * (1 + max(column for column, _ in PLACES.values())))
    tall = HEIGHT * len(ROWS)
    arrows = [_arrow(a, b, a in times and b in times) for b in PLACES for a in plan.essential(b)]
    boxes = [_box(n, times.get(n), n in times, (states or {}).get(n, "new")) for n in PLACES]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" width="{wide}" height="{tall}" '
        'font-family="DejaVu Sans, Verdana, sans-serif" text-anchor="middle">\n'
        f'<rect width="{wide}" height="{tall}" fill="#ffffff"/>\n'
        + "\n".join([*arrows, *boxes])
        + "\n</svg>\n"
    )


def _middle(number: str) -> tuple[float, float]:
    column, row = PLACES[number]
    return WIDTH * (column + 0.5), HEIGHT * (row + 0.5)


def _arrow(first: str, then: str, exists: bool) -> str:
    (x0, y0), (x1, y1) = _middle(first), _middle(then)
    y0, y1 = y0 + TALL / 2, y1 - TALL / 2
    style = 'stroke="#555555" stroke-width="2"' if exists else 'stroke="#b8b8b8" stroke-dasharray="4 3"'
    bend = f"M{x0:g} {y0:g} C{x0:g} {y0 + 32:g} {x1:g} {y1 - 32:g} {x1:g} {y1:g}"
    head = f"M{x1 - 4:g} {y1 - 7:g} L{x1:g} {y1:g} L{x1 + 4:g} {y1 - 7:g}"
    ink = style.split(" ")[0]
    return f'<path d="{bend}" fill="none" {style}/><path d="{head}" fill="none" {ink}/>'


def _box(number: str, time: int | None, exists: bool, state: str) -> str:
    x, y = _middle(number)
    notebook, state = plan.BY_NUMBER[number], state if exists else "planned"
    second = f"{time} min" if exists and time else "" if exists else "planned"
    second += {"begun": ", begun", "done": ", done"}.get(state, "")
    line = 'stroke="#333333" stroke-width="1.5"' if exists else 'stroke="#999999" stroke-dasharray="4 3"'
    ink = "#111111" if exists else "#666666"
    name = f"{number} {html.escape(notebook.label)}"
    box = (
        f'<rect x="{x - BOX / 2:g}" y="{y - TALL / 2:g}" width="{BOX}" height="{TALL}" rx="6" '
        f'fill="{FILLS[state]}" {line}/>'
        f'<text x="{x:g}" y="{y - 3:g}" font-size="13" fill="{ink}">{name}</text>'
        f'<text x="{x:g}" y="{y + 14:g}" font-size="11" fill="{ink}">{second}</text>'
    )
    return f'<a href="{notebook.stem}.ipynb">{box}</a>' if exists else box
