"""A figure as a card of a notebook: picture, alt text, numbers."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree
from io import BytesIO

import matplotlib.pyplot as plt
import numpy as np
import pytest

from abkit import teach
from abkit.plots import style
from abkit.plots.showing import (
    Shown,
    card,
    clipped,
    compact,
    describe,
    description,
    marks,
    picture,
    table_text,
)

ALT = "Line of the rate against looks. It rises from 5 per cent to 19.3 at ten looks."
TABLE = {"looks": [1, 10], "rate (%)": [5.0, 19.34]}


def drawn(title="Ten looks: 19 per cent"):
    ax = style.axes_or_new(None)
    ax.plot(TABLE["looks"], TABLE["rate (%)"])
    style.dress(ax, title=title, x="looks", y="rate (per cent)")
    return describe(ax, alt=ALT, table=TABLE)


def source(data):
    kind, text = re.search(r'src="data:([^;]+);base64,([^"]+)"', data["text/html"]).groups()
    return kind, base64.b64decode(text)


def test_axes_show_themselves_as_picture_alt_text_and_numbers():
    data = drawn()._repr_mimebundle_()
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"].splitlines() == [
        f"Figure: Ten looks: 19 per cent. {ALT}",
        "looks  rate (%)",
        "    1         5",
        "   10     19.34",
    ]
    assert f'alt="{ALT}"' in data["text/html"] and "<td>19.34</td>" in data["text/html"]
    assert '<th scope="col">rate (%)</th>' in data["text/html"] and "background:#fff" in data["text/html"]


def test_axes_that_nobody_described_are_left_to_matplotlib():
    assert style.axes_or_new(None)._repr_mimebundle_() is None


def test_the_title_is_the_one_the_axes_have_when_they_are_shown():
    ax = drawn()
    style.headline(ax, "Another finding.")
    assert ax._repr_mimebundle_()["text/plain"].startswith("Figure: Another finding. Line")


def test_the_picture_is_svg_the_same_twice_and_png_from_two_thousand_marks():
    kind, svg = source(card(drawn().figure))
    assert kind == "image/svg+xml" and source(card(drawn().figure))[1] == svg
    assert len(svg) < 40_000 and b"<metadata" not in svg and b"<!--" not in svg
    ax = drawn()
    ax.scatter(*np.random.default_rng(0).normal(size=(2, 1_998)), s=3)
    assert marks(ax.figure) == 2_000
    kind, png = picture(ax.figure)
    pixels = plt.imread(BytesIO(png))
    assert kind == "image/png" and pixels.shape[:2] == (720, 1_400)  # twice 700 by 360


def test_a_compact_svg_draws_the_same_shapes():
    buffer = BytesIO()
    drawn().figure.savefig(buffer, format="svg")
    plain, small = buffer.getvalue().decode(), compact(buffer.getvalue().decode())

    def shapes(text):
        root = ElementTree.fromstring(text)
        named = [e for e in root.iter() if e.tag.endswith(("path", "use"))]
        numbers = r"-?\d*\.?\d+"
        return [
            np.array([float(v) for v in re.findall(numbers, f"{e.get('d', '')} {e.get('transform', '')}")])
            for e in named
        ]

    before, after = shapes(plain), shapes(small)
    assert len(before) == len(after) > 10 and len(small) < 0.8 * len(plain)
    for a, b in zip(before, after, strict=True):
        assert np.abs(a - b).max(initial=0) <= 0.0051  # two decimals; a scale keeps all of its own


def test_a_transparent_figure_is_saved_on_white():
    ax = drawn()
    ax.figure.patch.set_alpha(0)
    ax.scatter(*np.zeros((2, 2_000)), s=1)
    assert plt.imread(BytesIO(picture(ax.figure)[1]))[0, 0, :3].tolist() == [1, 1, 1]


def test_two_panels_are_one_card_with_both_tables():
    left, right = style.panels(2)
    describe(left, alt=ALT, table=TABLE)
    describe(right, alt="And dice, thrown anew on each of the days.", table={"dice": [0.4]})
    text = right._repr_mimebundle_()["text/plain"]
    assert ALT in text and "thrown anew" in text and "rate (%)" in text and "dice" in text
    assert isinstance(left, Shown) and left.figure is right.figure


def test_a_long_table_is_thinned_with_its_ends_and_says_so():
    lines = table_text({"day": range(300), "users": np.arange(300) * 1_000}).splitlines()
    assert len(lines) == 17 and lines[1].split() == ["0", "0"] and lines[15].split() == ["299", "299,000"]
    assert lines[16] == "(15 of 300 rows)"


def test_alt_text_that_labels_make_too_long_is_cut_at_a_word():
    ax = describe(style.axes_or_new(None), alt="word " * 80, table={})
    assert len(description(ax).alt) <= 250 and description(ax).alt.endswith("word …")
    assert clipped("a  b\nc") == "a b c"


def test_show_takes_axes_and_prints_their_numbers_outside_a_notebook(capsys):
    teach.show(drawn())
    assert capsys.readouterr().out.startswith(f"Figure: Ten looks: 19 per cent. {ALT}\nlooks  rate (%)")
    with pytest.raises(ValueError, match="`alt` must say what the figure shows"):
        teach.show(style.axes_or_new(None))
