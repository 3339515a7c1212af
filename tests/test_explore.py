"""Explorers run without a front end, answer quickly and state their finding in text."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from abkit import explore
from abkit.datasets.lost_users import LEAKY, SEGMENTS, planted_counts
from abkit.explore.panel_srm import draw
from abkit.plots import style

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
    for name in ("always", "boundaries", "plan"):
        panel = getattr(explore, name)()
        box = panel.panel
        assert not panel.random and panel.button not in box.children
        values = dict(panel.values)
        assert panel.value(seed=SEED, **values) == panel.value(
            seed=SEED + 1, **values
        )  # the seed changes nothing
    for name in ("srm", "peeking", "multiplicity", "interval", "ramp"):
        panel = getattr(explore, name)()
        box = panel.panel
        assert panel.random and panel.button in box.children


@pytest.mark.parametrize(
    "name", ["srm", "interval", "peeking", "always", "multiplicity", "boundaries", "ramp", "plan"]
)
def test_nothing_is_cut_at_the_ends_of_the_sliders(name):
    panel = getattr(explore, name)()
    _ = panel.panel  # fixes the layout
    for values in itertools.product(*((c.low, c.high) for c in panel.controls.values())):
        panel.value(**dict(zip(panel.controls, values, strict=True)))
        panel.figure.canvas.draw()
        box, (width, height) = panel.figure.get_tightbbox(), panel.figure.get_size_inches()
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= 0, values


def test_a_slider_has_room_for_its_label():
    for name in explore.__all__[2:]:
        panel = getattr(explore, name)()
        sliders = panel.panel.children[: len(panel.controls)]
        for slider in sliders:
            wide = int(slider.style.description_width.removesuffix("px"))
            assert (
                wide >= 7 * len(slider.description)
                and int(slider.layout.width.removesuffix("px")) - wide == 390
            )  # 7 px a letter


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


def test_mimebundle_has_view_text_and_picture():
    data, meta = explore.srm(seed=SEED)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith("Explorer") and data["image/png"][:4] == b"\x89PNG"
    assert 40 <= len(meta["image/png"]["alt"]) <= 250


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
