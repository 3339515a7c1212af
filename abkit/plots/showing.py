"""How a figure becomes a card of a notebook: its picture, its alt text, and the numbers behind it.

A `plot_*` function ends with `describe(ax, alt=…, table=…)`. The axes that `style.axes_or_new` makes
are `Shown`: as the last line of a cell they show the card, so that a figure is one call.
"""

from __future__ import annotations

import base64
import html
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib import rc_context
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection, LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from abkit._table import plain, shown

LONGEST, ROWS = 250, 15  # characters of an alt text, rows of a table that a card shows
MARKS, BYTES = 2_000, 60_000  # from so many marks or bytes of SVG on, a picture is PNG at twice its size
CARD = "background:#fff;border:1px solid #ddd;border-radius:8px;padding:8px;max-width:690px"
SUMMARY = "The numbers of this figure"


@dataclass(frozen=True)
class Description:
    """What axes show, in words and as numbers: alt text, and column → values."""

    alt: str
    table: Mapping[str, Sequence[Any]]


_described: WeakKeyDictionary[Axes, Description] = WeakKeyDictionary()


class Shown(Axes):
    """Axes that a notebook shows with the alt text and the numbers that `describe` gave them."""

    name = "shown"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str] | None:
        figure = cast(Figure, self.figure)
        return card(figure) if descriptions(figure) else None


def describe(ax: Axes, *, alt: str, table: Mapping[str, Any]) -> Axes:
    """Give axes their alt text and the numbers behind them, and return the axes.

    alt: type of the figure, axes, finding, key numbers, exception; 40 to 250 characters, cut at a word
    where labels make it longer. table: column, with its unit → values, all of one length. A later call
    replaces both.

    >>> from abkit.plots import style
    >>> ax = describe(style.axes_or_new(None), alt="One look, .05.", table={"looks": [1], "rate": [0.05]})
    >>> description(ax).table["rate"]
    [0.05]
    """
    columns = {
        name: [plain(v) for v in np.ravel(np.asarray(values, object))] for name, values in table.items()
    }
    _described[ax] = Description(clipped(alt), columns)
    return ax


def description(ax: Axes) -> Description | None:
    """Return what `describe` stored for these axes, or None.

    >>> from abkit.plots import style
    >>> description(style.axes_or_new(None)) is None
    True
    """
    return _described.get(ax)


def descriptions(figure: Figure) -> list[Description]:
    """Return the descriptions of a figure's axes, in the order of the axes.

    >>> from abkit.plots import style
    >>> ax = describe(style.axes_or_new(None), alt="One look, .05.", table={"looks": [1]})
    >>> [found.alt for found in descriptions(ax.figure)]
    ['One look, .05.']
    """
    found = [_described.get(ax) for ax in figure.axes]
    return [item for item in found if item is not None]


def clipped(text: str, most: int = LONGEST) -> str:
    """Return the text, cut after a word if it is longer than `most` characters.

    >>> clipped("one two three", 9)
    'one two …'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + " …"


def title_of(figure: Figure) -> str:
    """Return the titles that a figure shows, each as a sentence without its full stop.

    >>> from abkit.plots import style
    >>> title_of(style.dress(style.axes_or_new(None), title="One look keeps 5 per cent").figure)
    'One look keeps 5 per cent'
    """
    titles = [figure.get_suptitle(), *(ax.get_title(loc="left") for ax in figure.axes)]
    return "; ".join(" ".join(text.split()) for text in titles if text)


def marks(figure: Figure) -> int:
    """Count what is drawn: points of lines, members of collections, patches.

    >>> from abkit.plots import style
    >>> ax = style.axes_or_new(None)
    >>> line = ax.plot(range(50)); marks(ax.figure)
    50
    """
    return sum(_marks(artist) for ax in figure.axes for artist in ax.get_children())


def _marks(artist: Artist) -> int:
    if isinstance(artist, Line2D):
        return len(artist.get_xdata())  # type: ignore[arg-type]
    if isinstance(artist, LineCollection):
        return len(artist.get_segments())
    if isinstance(artist, Collection):
        values = artist.get_array()
        points = len(artist.get_offsets())  # type: ignore[arg-type]
        return max(points, 0 if values is None else int(np.size(values)))
    return 0


def picture(figure: Figure) -> tuple[str, bytes]:
    """Return MIME type and bytes of a figure on white: SVG, or PNG at twice the size where marks are many.

    The same figure gives the same bytes: no date, no random name, and coordinates of a hundredth of a point.

    >>> from abkit.plots import style
    >>> few, many = style.axes_or_new(None), style.axes_or_new(None)
    >>> lines = few.plot(range(9)), many.plot(range(9_000))
    >>> picture(few.figure)[0], picture(many.figure)[0]
    ('image/svg+xml', 'image/png')
    """
    figure.patch.set_alpha(None)  # a transparent patch would override the white face
    for _ in range(2):
        figure.draw_without_rendering()  # settles the layout
    if marks(figure) < MARKS:
        lines = io.BytesIO()
        with rc_context({"svg.hashsalt": "abkit", "svg.fonttype": "path"}):
            figure.savefig(lines, format="svg", facecolor="white", metadata={"Date": None, "Creator": None})
        svg = compact(lines.getvalue().decode()).encode()
        if len(svg) < BYTES:
            return "image/svg+xml", svg
    pixels = io.BytesIO()
    figure.savefig(pixels, format="png", dpi=200, facecolor="white", metadata={"Software": None})
    return "image/png", smaller(pixels.getvalue())


def compact(svg: str) -> str:
    """Return the SVG without prolog, comments and line breaks, its coordinates with two decimals.

    >>> compact('<?xml version="1.0"?><svg> <!-- x --><path d="M 0.123456 1 \\nL 2 3"/></svg>')
    '<svg><path d="M.12 1L2 3"/></svg>'
    """
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"scale\([^)]*\)|\d+\.\d+", _rounded, svg)
    svg = re.sub(r"\s*\n\s*", " ", re.sub(r">\s+<", "><", svg))
    return re.sub(r"(?<=[MLQC]) (?=[-.\d])| (?=[MLQCz][ \"])", "", svg).strip()


def _rounded(match: re.Match[str]) -> str:
    """Write a coordinate with two decimals; a scale keeps all of its own."""
    if match[0].startswith("scale"):
        return match[0]
    short = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return short[1:] if short.startswith("0.") else short


def smaller(png: bytes) -> bytes:
    """Return the PNG with a palette of at most 256 colours: a third of the bytes, the same look.

    >>> from PIL import Image
    >>> buffer = io.BytesIO(); Image.new("RGB", (9, 9), "red").save(buffer, format="png")
    >>> image = Image.open(io.BytesIO(smaller(buffer.getvalue()))); image.mode, image.size
    ('P', (9, 9))
    """
    from PIL import Image

    buffer = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def card(figure: Figure, *, alt: str | None = None) -> dict[str, str]:
    """Return a figure as HTML (picture, alt text, a closed table) and as text with the same numbers.

    alt: instead of the descriptions of the axes.

    >>> from abkit.plots import style
    >>> ax = describe(style.axes_or_new(None), alt="One look, .05.", table={"looks": [1]})
    >>> print(card(ax.figure)["text/plain"])
    Figure: One look, .05.
    looks
        1
    """
    found = descriptions(figure)
    words = alt if alt is not None else clipped(" ".join(item.alt for item in found))
    tables = [item.table for item in found if item.table]
    kind, data = picture(figure)
    source = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
    image = f'<img alt="{html.escape(words, quote=True)}" style="width:100%" src="{source}">'
    numbers = "".join(map(table_html, tables))
    closed = f"<details><summary>{SUMMARY}</summary>{numbers}</details>" if numbers else ""
    title = title_of(figure)
    text = [
        f"Figure: {title.rstrip('.')}. {words}" if title else f"Figure: {words}",
        *map(table_text, tables),
    ]
    return {"text/html": f'<div style="{CARD}">{image}</div>{closed}', "text/plain": "\n".join(text)}


def number(value: Any) -> str:
    """Write one value of a table: whole numbers in full, others with four digits.

    >>> number(31234.0), number(0.193456), number("ios"), number(12345.6)
    ('31,234', '0.1935', 'ios', '12,350')
    """
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        return shown(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{float(f'{value:.4g}'):,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def thinned(table: Mapping[str, Sequence[Any]]) -> tuple[list[list[str]], int]:
    """Return at most `ROWS` rows as text, the first and the last among them, and how many there are.

    >>> rows, length = thinned({"user": range(1, 101)})
    >>> rows[0], rows[-1], len(rows), length
    (['1'], ['100'], 15, 100)
    """
    length = max((len(values) for values in table.values()), default=0)
    taken = sorted({round(i) for i in np.linspace(0, length - 1, min(length, ROWS))})
    return [[number(values[i]) for values in table.values()] for i in taken], length


def table_text(table: Mapping[str, Sequence[Any]]) -> str:
    """Return the table as aligned text.

    >>> print(table_text({"looks": [1, 10], "rate (%)": [5.0, 19.3]}))
    looks  rate (%)
        1         5
       10      19.3
    """
    rows, length = thinned(table)
    lines = [list(table), *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table))]
    body = ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join([*body, *([f"({len(rows)} of {length:,} rows)"] if len(rows) < length else [])])


def table_html(table: Mapping[str, Sequence[Any]]) -> str:
    """Return the table as HTML.

    >>> table_html({"looks": [1]})
    '<table><thead><tr><th scope="col">looks</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>'
    """
    rows, length = thinned(table)
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in table)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(v)}</td>" for v in row) + "</tr>" for row in rows)
    note = f"<caption>{len(rows)} of {length:,} rows</caption>" if len(rows) < length else ""
    return f"<table>{note}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
