"""Explorers run without a front end, answer quickly and state their finding in text."""

from __future__ import annotations

import inspect
import itertools
import os
import re
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from scipy import stats

from abkit import explore
from abkit.datasets.lost_users import LEAKY, SEGMENTS, planted_counts
from abkit.explore.panel_srm import draw
from abkit.plots import style

ROOT = Path(__file__).parents[1]
SEED = int(os.environ.get("ABKIT_SEED", "0"))


def test_repr_is_the_same_twice_and_states_the_numbers():
    first, again = repr(explore.srm(seed=SEED)), repr(explore.srm(seed=SEED))
    assert first == again and "p = " in first and "n 20,000" in first


def test_finding_agrees_with_scipy():
    counts = np.sum(list(planted_counts(50_000, 0.3, 0.02, seed=SEED).values()), axis=0)
    p = stats.chisquare(counts, counts.sum() * np.array([0.7, 0.3])).pvalue
    finding = explore.srm(seed=SEED).value(n=50_000, share=0.3, loss=0.02)
    assert f"p = {p:.3g}" in finding and ("no alarm;" in finding) == (p >= 0.001)


def test_moving_a_slider_redraws_the_same_world():
    panel = explore.srm(seed=SEED)
    box = panel.panel
    slider, image, line = box.children[0], box.children[-2], box.children[-1]
    before = bytes(image.value)
    slider.value = 100_000
    assert bytes(image.value) != before and "100" in repr(panel)
    assert "aria-live" in line.value and panel.value() in line.value
    assert not slider.continuous_update and panel.seed == SEED


def test_the_button_takes_the_next_seed():
    panel = explore.srm(seed=SEED)
    _ = panel.panel
    before = panel.value()
    panel.button.click()
    assert panel.seed == SEED + 1 and panel.value() != before


def test_a_panel_that_draws_nothing_at_random_has_no_button():
    for name in ("always", "boundaries", "plan", "ledger"):
        panel = built(name)
        box = panel.panel
        assert not panel.random and panel.button not in box.children
        values = dict(panel.values)
        assert panel.value(seed=SEED, **values) == panel.value(
            seed=SEED + 1, **values
        )  # the seed changes nothing
    for name in ("srm", "peeking", "multiplicity", "interval", "ramp"):
        panel = built(name)
        box = panel.panel
        assert panel.random and panel.button in box.children


PANELS = [name for name in explore.__all__ if name[0].islower()]


@cache
def built(name):
    """A panel with its widgets, shared by the tests that move nothing."""
    panel = getattr(explore, name)()
    assert panel.panel is not None  # fixes the layout
    return panel


def settings(panel):
    """Every corner of the controls, their start, and the middle of each slider."""
    controls = panel.controls
    middles = [
        c.exact(c.low + c.step * round((c.high - c.low) / c.step / 2)) if hasattr(c, "low") else c.start
        for c in controls.values()
    ]
    corners = itertools.product(*(c.corners() for c in controls.values()))
    for values in (*corners, middles, [c.start for c in controls.values()]):
        yield dict(zip(controls, values, strict=True))


def outside(figure):
    """How far, in inches, what is drawn reaches over each side of the frame."""
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    over = {"left": -box.x0, "bottom": -box.y0, "right": box.x1 - width, "top": box.y1 - height}
    return {side: round(float(inches), 3) for side, inches in over.items() if inches > 0.005}  # half a pixel


@pytest.mark.parametrize("name", PANELS)
def test_every_text_stays_inside_the_frame_at_every_corner(name):
    panel = built(name)
    for values in settings(panel):
        panel.value(**values)
        assert outside(panel.figure) == {}, values


def test_a_text_that_is_cut_is_found():
    panel = explore.srm()
    assert panel.panel is not None
    panel.ax.text(0, 0, "wide " * 40)
    assert set(outside(panel.figure)) == {"right"}


def test_a_control_has_room_for_its_label():
    for name in PANELS:
        panel = built(name)
        for control in panel.panel.children[: len(panel.controls)]:
            wide = int(control.style.description_width.removesuffix("px"))
            assert wide >= 7 * len(control.description)  # 7 px a letter
            assert int(control.layout.width.removesuffix("px")) - wide == 390


def test_a_count_reads_with_commas_and_a_share_with_its_decimals():
    srm = explore.srm().panel.children
    assert [srm[i].readout_format for i in range(3)] == [",d", ",.2f", ",.2f"]
    assert "traffic 4,000" in repr(explore.plan()) and "baseline 0.05," in repr(explore.plan())


def test_a_value_has_no_digits_that_its_steps_do_not_have():
    panel = explore.verdict()
    slider = panel.panel.children[1]
    slider.value = 45.000000000000014  # what the front end sends after steps of .5 from -30
    assert panel.values["effect"] == 45.0 and "effect 45.0," in repr(panel)


def test_a_choice_is_a_drop_down():
    panel = explore.peeking()
    menu = panel.panel.children[2]
    assert type(menu).__name__ == "Dropdown" and [text for text, _ in menu.options][1] == "stop at p < .05"
    menu.value = 3
    assert "rule group-sequential plan" in repr(panel) and "group-sequential" in panel._line.value
    with pytest.raises(ValueError, match="`rule` must start between 1 and 3; got 4"):
        explore.peeking(rule=4)


def test_one_is_singular():
    assert "1 look costs" in titled(explore.boundaries(looks=1)) and "looks" not in titled(
        explore.boundaries(looks=1)
    )
    assert explore.boundaries(looks=1).value().startswith("final z 1.960;")
    assert (
        explore.boundaries(looks=2).value().startswith("first z 2.797, final z 1.977;")
    )  # Jennison and Turnbull, table 2.3
    assert explore.peeking().value(looks=1, rule=1).startswith("1 look, ")
    assert explore.multiplicity().value(metrics=1, share=1.0).startswith("1 metric, ")


def titled(panel):
    panel.value()
    return panel.ax.get_title(loc="left")


def shown(panel):
    """What a notebook stores of a panel: the data of both outputs."""
    found = []
    with patch("IPython.display.display", lambda data, raw: found.append(data)):
        panel._ipython_display_()
    return found


def test_a_notebook_gets_the_panel_and_below_it_the_picture_with_its_numbers():
    view, twin = shown(explore.srm(seed=SEED))
    assert "application/vnd.jupyter.widget-view+json" in view
    assert view["text/plain"].startswith("Explorer: Sample-ratio mismatch; n 20,000")
    assert set(twin) == {"text/html", "text/plain"}
    alt = re.search(r'<img alt="([^"]+)"', twin["text/html"])[1]
    assert 40 <= len(alt) <= 250 and "p = " in alt and "need a running notebook" in twin["text/html"]
    assert "treatment minus plan" in twin["text/plain"]  # the table, so that nbval compares the numbers
    again = shown(explore.srm(seed=SEED))[1]
    assert again == twin


@pytest.mark.parametrize("name", PANELS)
def test_the_picture_that_stays_is_small_and_says_its_numbers(name):
    panel = getattr(explore, name)
    twin = panel(**({"seed": SEED} if "seed" in inspect.signature(panel).parameters else {})).twin()
    assert len(twin["text/html"]) < 120_000 and sum(c.isdigit() for c in twin["text/plain"]) > 5


def test_the_picture_of_a_panel_has_twice_the_pixels():
    panel = explore.srm()
    width, height = struct.unpack(">II", bytes(panel.panel.children[-2].value)[16:24])
    assert (width, height) == (1_400, 720) and panel.panel.children[-2].layout.width == "700px"


def test_the_luck_stays_when_a_slider_moves():
    """More users, the same luck: with a loss in place the p-value can only fall."""
    findings = [explore.srm(seed=SEED, loss=0.2).value(n=n) for n in (20_000, 80_000, 200_000)]
    pvalues = [float(f.split("p = ")[1].split(",")[0]) for f in findings]
    assert pvalues == sorted(pvalues, reverse=True)


def test_planted_loss_is_the_stated_share():
    n, loss = 400_000, 0.3
    counts = planted_counts(n, 0.5, loss, seed=SEED)
    expected = n * SEGMENTS[LEAKY] * 0.5 * (1 - loss)
    assert abs(counts[LEAKY][1] - expected) < 5 * np.sqrt(
        expected
    )  # 5 standard errors, binomial below Poisson
    whole = planted_counts(n, 0.5, 0.0, seed=SEED)
    assert sum(map(sum, whole.values())) == n
    assert all(whole[k] == counts[k] for k in SEGMENTS if k != LEAKY)


def test_no_loss_alarms_about_once_in_a_thousand_and_a_loss_always():
    sound = [draw(style.axes_or_new(None), seed=SEED + i, n=2_000, share=0.5, loss=0.0) for i in range(60)]
    assert sum("no alarm" not in s for s in sound) <= 4  # P(more than 4 of 60 at .001) is below 1e-8
    broken = explore.srm(seed=SEED).value(n=200_000, share=0.5, loss=0.5)
    assert broken.endswith(", alarm; segments with an alarm: android.")  # the expected z is above 80


def test_a_segment_raises_the_alarm_at_alpha_divided_by_the_segments():
    pvalues = {
        n: stats.chisquare(planted_counts(n, 0.5, 0.05, seed=SEED)[LEAKY]).pvalue
        for n in range(5_000, 200_001, 1_000)
    }
    between = [n for n, p in pvalues.items() if 0.001 / len(SEGMENTS) < p < 0.001]
    below = [n for n, p in pvalues.items() if p < 0.001 / len(SEGMENTS)]
    panel = explore.srm(seed=SEED, loss=0.05)
    assert between and LEAKY not in panel.value(n=between[-1]).split("; ")[1]
    assert LEAKY in panel.value(n=below[-1]).split("; ")[1]


def test_controls_are_checked():
    one = {"n": explore.Control("users", 10, 1, 100, 1)}
    with pytest.raises(ValueError, match="`controls`"):
        explore.Explorer(draw, {})
    with pytest.raises(ValueError, match="`n`"):
        explore.Explorer(draw, {"n": explore.Control("users", 0, 1, 100, 1)})
    with pytest.raises(ValueError, match="`values`"):
        explore.Explorer(lambda ax, *, seed, n: "x", one).value(m=3)


def test_importing_the_package_loads_no_widgets():
    code = "import sys, abkit; from abkit import explore; explore.srm(); print('ipywidgets' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "False"
