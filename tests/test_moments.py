"""Moments against exact fractions and numpy, and their algebra."""

from fractions import Fraction

import numpy as np
import pytest

from abkit import Moments, delta, linear, ratio
from abkit.estimate import mean, ratio_estimate


def exact_variance(values):
    exact = [Fraction(float(v)) for v in values]
    centre = sum(exact) / len(exact)
    return float(sum((v - centre) ** 2 for v in exact) / (len(exact) - 1))


def test_variance_keeps_its_digits_at_mean_1e8(rng):
    y = 1e8 + rng.standard_normal(20_000)
    assert Moments.of(y).cov[0, 0] == pytest.approx(
        exact_variance(y), rel=1e-12
    )  # centred sums lose no digits


def test_blocks_and_one_piece_agree(rng):
    y, x = 1e8 + rng.standard_normal((2, 100_000))
    blocks = Moments.of(y, pre=x)
    parts = sum(
        (Moments.of(a, pre=b) for a, b in zip(y.reshape(8, -1)[1:], x.reshape(8, -1)[1:], strict=True)),
        Moments.of(y[:12_500], pre=x[:12_500]),
    )
    np.testing.assert_allclose(
        blocks.cov, parts.cov, rtol=1e-7, atol=1e-9
    )  # stored means of 1e8 are rounded to 1e-8
    np.testing.assert_allclose(
        blocks.cov, np.cov(y - 1e8, x - 1e8), rtol=1e-9, atol=1e-12
    )  # y - 1e8 is exact


def test_merging_does_not_depend_on_the_order(rng):
    a, b, c = (Moments.of(rng.gamma(2.0, size=k), pre=rng.standard_normal(k)) for k in (3, 40, 500))
    left, right = (a + b) + c, c + (b + a)
    np.testing.assert_allclose(left.scatter, right.scatter, rtol=1e-12)  # rounding only
    assert left.n == right.n == 543


def test_total_merges_the_leading_axis(rng):
    y = rng.standard_normal((5, 7, 30))
    whole = Moments.of(np.moveaxis(y, 0, 1).reshape(7, -1))
    total = Moments.of(y).total()
    np.testing.assert_allclose(total.mean, whole.mean, atol=1e-14)  # rounding only
    np.testing.assert_allclose(total.cov, whole.cov, rtol=1e-12)  # rounding only


def test_a_batch_is_the_loop(rng):
    y, x = rng.standard_normal((2, 4, 9))
    batch = Moments.of(y, pre=x)
    assert batch.cov.shape == (4, 2, 2)
    for i in range(4):
        np.testing.assert_allclose(batch.cov[i], np.cov(y[i], x[i]), rtol=1e-12)  # rounding only


@pytest.mark.parametrize("value", [2.2, 0.1, 1e8 + 0.1, -1e-9])
@pytest.mark.parametrize("rows", [2, 47, 10_000, 40_000])
def test_equal_values_have_exactly_no_spread(rng, value, rows):
    flat = np.full((3, rows), value)
    flat[1] += rng.standard_normal(rows)  # the others of a batch keep theirs
    moments = Moments.of(flat, pre=rng.standard_normal((3, rows)))
    assert moments.cov[[0, 2], 0].tolist() == [[0.0, 0.0]] * 2 == moments.cov[[0, 2], :, 0].tolist()
    assert moments.mean[[0, 2], 0].tolist() == [value] * 2
    np.testing.assert_allclose(
        moments.cov[1, 0, 0], flat[1].var(ddof=1), rtol=1e-12 + 1e-16 * abs(value)
    )  # values near 1e8 are rounded
    strided = Moments.of(
        np.full((rows, 2), value).T
    )  # numpy adds strided rows one after the other: the mean is worse
    assert strided.scatter.ravel().tolist() == [0.0, 0.0]
    assert Moments.of(flat[::2]).total().cov.tolist() == [[0.0]]


def test_a_spread_of_one_unit_in_the_last_place_is_seen():
    assert Moments.of([2.2] * 46 + [np.nextafter(2.2, 3)]).cov[0, 0] > 0


def test_total_needs_parts_and_broadcasts_their_size():
    parts = Moments(10, np.array([[0.0], [1.0]]), np.full((2, 1, 1), 9.0), ("y",))
    whole = parts.total()  # 10 rows at mean 0, 10 at mean 1: 9 + 9 within, 20 · .25 between
    assert (whole.n, whole.mean.tolist(), whole.scatter.tolist()) == (20, [0.5], [[23.0]])


def test_counts_are_the_rows_they_stand_for():
    rows = Moments.of([1] * 3 + [0] * 7)
    counts = Moments.counts(3, 10)
    assert counts.cov[0, 0] == pytest.approx(rows.cov[0, 0], rel=1e-14)  # rounding only
    assert counts.n == 10 and counts.mean[0] == pytest.approx(0.3)


def test_summary_gives_back_the_published_sd():
    assert Moments.summary(12, 4.0, 2.5).cov == pytest.approx(np.array([[6.25]]))


def test_cov_is_a_property_with_two_axes_even_for_one_column():
    assert Moments.of([1.0, 2.0]).cov.shape == (1, 1)


def test_select_keeps_units_and_order(rng):
    m = Moments.of(rng.standard_normal(8), a=rng.standard_normal(8), b=rng.standard_normal(8))
    np.testing.assert_array_equal(m.select("b", "y").cov, m.cov[np.ix_([2, 0], [2, 0])])


def test_delta_of_the_identity_is_the_mean(rng):
    m = Moments.of(rng.standard_normal(20))
    assert delta(m, lambda v: v[..., 0], lambda v: np.ones_like(v)).se == mean(m).se


def test_a_linear_combination_is_the_mean_of_the_combined_rows(rng):
    y, x = rng.standard_normal((2, 50))
    combined = mean(Moments.of(y - 0.5 * x))
    assert linear(Moments.of(y, pre=x), [1, -0.5]).se == pytest.approx(
        combined.se, rel=1e-12
    )  # rounding only


@pytest.mark.parametrize("times", [3.0, 3.7, 0.1])
@pytest.mark.parametrize("n", [2, 10, 1_000])
def test_a_ratio_that_is_the_same_in_all_units_has_no_variance(rng, times, n):
    views = 1 + rng.poisson(5, (200, n))
    assert (ratio_estimate(Moments.of(times * views, views=views)).se == 0).all()
    assert np.isnan(ratio_estimate(Moments.of([times], views=[1.0])).se)  # one row knows no variance


def test_a_ratio_without_variance_in_one_arm_can_be_compared(rng):
    views, clicks = 1 + rng.poisson(5, (2, 500)), rng.poisson(4, 500)
    got = ratio(Moments.of(3 * views[0], views=views[0]), Moments.of(clicks, views=views[1]))
    residual = clicks - clicks.mean() / views[1].mean() * views[1]
    assert got.se == pytest.approx(
        residual.std(ddof=1) / np.sqrt(500) / views[1].mean(), rel=1e-9
    )  # rounding


def test_ratio_is_scale_free(rng):
    y, x = rng.gamma(2.0, size=(2, 60))
    one, many = ratio_estimate(Moments.of(y, views=x)), ratio_estimate(Moments.of(1000 * y, views=1000 * x))
    assert one.se == pytest.approx(many.se, rel=1e-12)  # rounding only


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Moments.of([]), "`y` must hold at least one row; got none. Is the label of the arm spelt"),
        (lambda: Moments.of(3.0), "`y` must hold at least one row; got none.$"),
        (lambda: Moments.of(["a", "b"]), "`y` must hold numbers only"),
        (lambda: Moments.of([1.0, np.nan]), "`y` must hold finite numbers only; got 1 of 2"),
        (lambda: Moments.of([1.0, np.inf]), "finite"),
        (lambda: Moments.of([1, 2], pre=[1]), "`pre` must have the shape of y"),
        (lambda: Moments.counts(11, 10), "`successes` must be a whole number from 0 to n"),
        (lambda: Moments.counts(-1, 10), "`successes`"),
        (lambda: Moments.counts(0.1, 10), "Give the count"),
        (lambda: Moments.counts(0, 0), "`n` must be a whole number"),
        (lambda: Moments.summary(10, 1.0, -1.0), "`sd` must not be negative"),
        (lambda: Moments.of([1, 2]) + Moments.of([1, 2], pre=[1, 2]), "`other` must hold the columns"),
        (
            lambda: Moments.counts([1, 2], [3, 4, 5]),
            r"`successes and n` must have shapes that fit together; got \(2,\) and \(3,\)",
        ),
        (
            lambda: Moments.summary([1, 2], 0.0, [3, 4, 5]),
            "`n and mean and sd` must have shapes that fit together",
        ),
        (lambda: linear(Moments.of([1, 2]), [1, 2]), "`coefficients` must hold one number for each of y"),
        (lambda: Moments.counts(3, 10).total(), "`moments` must have a leading axis"),
        (lambda: Moments.of(np.ones((0, 5))).total(), "`moments` must have a leading axis"),
        (lambda: Moments.of([1, 2]).select("pre"), "`metric` must be one of y"),
        (lambda: ratio_estimate(Moments.of([1, 2], views=[0, 0])), "`denominator` must not have mean 0"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
