"""The shop's parameters are the means of its draws; the clipped world's are not."""

import os

import numpy as np
import pytest
from scipy import integrate, stats

import abkit as ab
from abkit.datasets.commerce import clipped_mean, shop, shop_table
from abkit.simulate import calibrate

SEED = int(os.environ.get("ABKIT_SEED", "0"))


def near(values, truth):
    """Within 5 Monte-Carlo standard errors."""
    return abs(np.mean(values) - truth) < 5 * np.std(values, ddof=1) / np.sqrt(np.size(values))


def test_every_parameter_is_recovered():
    control, treatment = shop(400)(np.random.default_rng(SEED), 1_000)
    truths = {
        "revenue": (8.5, 8.925),
        "cart": (0.10, 0.104),
        "views": (8, 8),
        "clicks": (2, 2.16),
        "load_ms": (320, 340),
    }
    for name, pair in truths.items():
        i = control.index(name)
        assert near(control.mean[:, i], pair[0]) and near(treatment.mean[:, i], pair[1]), name
    for arm in (control, treatment):
        assert near(arm.cov[:, 0, 0], 225) and near(arm.cov[:, 4, 4], 1_600) and near(arm.cov[:, 3, 3], 7)


def test_clicks_of_one_user_are_alike_as_stated():
    """Var(C − rV) = E[V²]·Var(p) + E[V]·E[p(1 − p)], for rate .25 and concentration 4."""
    control, _ = shop(400)(np.random.default_rng([SEED, 1]), 500)
    c, v = control.index("clicks"), control.index("views")
    spread = control.cov[:, c, c] + 0.25**2 * control.cov[:, v, v] - 2 * 0.25 * control.cov[:, c, v]
    own = 0.25 * 0.75 / 5  # variance of Beta(1, 3)
    assert near(spread, (64 + 7) * own + 8 * (0.25 * 0.75 - own))


def test_shop_recovers_its_lift_where_the_clipped_world_does_not():
    def clipped(rng, size):
        return tuple(np.maximum(0, rng.normal(mu, 15.0, (size, 500))) for mu in (8.5, 8.925))

    sound = calibrate(shop(2_000), ab.welch, truth=0.425, reps=300, rng=SEED)
    wrong = calibrate(clipped, ab.welch, truth=0.425, reps=6_000, rng=SEED)
    assert abs(sound.bias) < 5 * sound.bias_se
    assert abs(wrong.bias) > 5 * wrong.bias_se  # teeth: its true effect is .306, not .425


@pytest.mark.parametrize("mu", [8.5, 8.925, -3.0])
def test_clipped_mean_is_the_integral(mu):
    value, _ = integrate.quad(lambda y: y * stats.norm.pdf(y, mu, 15), 0, mu + 200)
    assert clipped_mean(mu, 15.0) == pytest.approx(value, rel=1e-8)  # quad's error


def test_clipped_world_has_mean_11_17_and_a_lift_of_2_74_per_cent():
    low, high = clipped_mean(8.5, 15.0), clipped_mean(8.925, 15.0)
    assert low == pytest.approx(11.17, abs=5e-3) and high / low - 1 == pytest.approx(
        0.0274, abs=5e-5
    )  # printed digits


def test_table_and_moments_have_one_law():
    rows = ab.Moments.from_table(
        shop_table(20_000, rng=np.random.default_rng(SEED)), ["revenue", "clicks", "views"], by="arm"
    )
    moments = shop(20_000)(np.random.default_rng([SEED, 2]), 1)
    for name, other in zip(("control", "treatment"), moments, strict=True):
        for column in rows[name].names:
            gap = ab.welch(
                rows[name].select(column),
                ab.Moments(20_000, other.mean[0], other.scatter[0], other.names).select(column),
            )
            assert abs(gap.estimate) < 5 * gap.se


def test_uneven_arms_and_blocks_keep_their_counts():
    control, treatment = shop(30, allocation=0.75)(np.random.default_rng(SEED), 3)
    assert control.n.tolist() == [30] * 3 and treatment.n.tolist() == [90] * 3
    large = shop(150_000)(np.random.default_rng(SEED), 5)[0]  # two replications a block
    assert large.mean.shape == (5, 5) and near(large.mean[:, 4], 320)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: shop(1), "n"),
        (lambda: shop(click_lift=4.0), "click_lift"),
        (lambda: shop(cart_lift=-1.0), "cart_lift"),
        (lambda: shop(revenue_lift=-1.0), "revenue_lift"),
        (lambda: shop(allocation=50), "allocation"),
    ],
)
def test_impossible_shops_are_refused(make, name):
    with pytest.raises(ValueError, match=name):
        make()
