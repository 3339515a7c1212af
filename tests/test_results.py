"""Every result is shown, exported and serialised the same way."""

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import abkit as ab
from abkit import Moments, _check


def test_scalars_leave_as_python_floats():
    got = ab.welch([1.0, 2.0, 4.0], [2.0, 5.0, 9.0])
    assert all(type(v) is float for v in (got.estimate, got.se, got.low, got.high, got.pvalue))
    assert json.loads(json.dumps(got.to_dict()))["estimate"] == got.estimate


def test_a_batch_becomes_one_row_an_experiment():
    got = ab.welch([[1.0, 2.0], [1.0, 4.0]], [[2.0, 5.0], [3.0, 4.0]])
    assert got.to_frame().shape[0] == 2


def test_a_pair_is_one_value_in_every_row():
    for n in ([1_000], [1_000, 2_000], [1_000, 2_000, 3_000]):
        for plan in (
            ab.power_proportions(0.1, 0.12, n),
            ab.power(0.1, n, sd=np.array([0.3, np.sqrt(0.1056)])),
        ):
            table = plan.to_frame()
            assert (
                table["sd"].tolist() == [pytest.approx((0.3, np.sqrt(0.1056)))] * len(n)
                and table["n_control"].tolist() == n
            )


def test_several_axes_become_rows_with_their_place(rng):
    c, t = rng.normal(size=(2, 2, 3, 5))
    table, effect = ab.welch(c, t).to_frame(), ab.welch(c, t)
    assert table.shape == (6, len(effect.to_dict()))  # no field is lost
    for i, j in np.ndindex(2, 3):
        assert table.loc[(i, j), "pvalue"] == effect.pvalue[i, j] and table.loc[(i, j), "n_control"] == 5
    grid = ab.power(np.array([[0.1], [0.2]]), [50, 60, 70], sd=1).to_frame()
    assert grid["n_control"].tolist() == [50, 60, 70] * 2 and grid["effect"].tolist() == [0.1] * 3 + [0.2] * 3


def test_a_frame_of_moments_has_a_row_a_column(rng):
    y, x = rng.normal(size=(2, 4, 9))
    one, many = Moments.of(y[0], pre=x[0]).to_frame(), Moments.of(y, pre=x).to_frame()
    assert one.columns.tolist() == ["n", "mean", "variance", "names"] and one["names"].tolist() == [
        "y",
        "pre",
    ]
    np.testing.assert_allclose(one["variance"], [y[0].var(ddof=1), x[0].var(ddof=1)], rtol=1e-12)  # rounding
    assert many.shape == (8, 4) and many.loc[(2, 1), "mean"] == pytest.approx(
        x[2].mean(), rel=1e-12
    )  # rounding
    assert many["n"].tolist() == [9] * 8


def test_fields_that_do_not_fit_make_no_frame():
    with pytest.raises(ValueError, match="`estimate and se` must have shapes that fit together"):
        ab.Effect("y", np.zeros(3), np.ones(2), 5, 0, 0, 0).to_frame()


def test_html_is_a_table_with_row_headers_and_escapes_text():
    page = ab.srm({"<b>": 5, "c": 6}, {"<b>": 0.5, "c": 0.5})._repr_html_()
    assert '<th scope="row">' in page and "<b>" not in page


def test_the_text_gives_the_numbers():
    assert "estimate 3" in repr(ab.welch([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]))


def test_results_are_frozen():
    with pytest.raises(AttributeError):
        Moments.of([1, 2]).n = 3


@pytest.mark.parametrize("bad", [0, 1, -0.1, 5, float("nan"), "five", None])
def test_a_share_is_a_share(bad):
    with pytest.raises(ValueError, match="`alpha`"):
        _check.share("alpha", bad)


@pytest.mark.parametrize("bad", [0, 2.5, True, "3"])
def test_a_count_is_whole(bad):
    with pytest.raises(ValueError, match="`reps`"):
        _check.integer("reps", bad)


@pytest.mark.parametrize(
    "bad", ["12", b"12", True, np.timedelta64(5, "D"), np.datetime64("2026-01-05"), None, np.ma.masked, 1j]
)
def test_a_number_is_a_number(bad):
    with pytest.raises(ValueError, match="`sd` must be a number"):
        _check.number("sd", bad)


@pytest.mark.parametrize("good", [2, 2.0, np.float32(2), np.array(2), Decimal(2), Fraction(2)])
def test_every_kind_of_number_is_taken(good):
    assert _check.number("sd", good) == 2.0 and _check.array("y", [good, 2]).tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    "bad",
    [
        ["1", "2"],
        [1, "2"],
        np.array(["1", 2], object),
        np.array(["2026-01-05"], "datetime64[D]"),
        np.array([5], "timedelta64[D]"),
        [1j],
        [[1], [2, 3]],
        None,
        "12",
        [pd.Timestamp("2026-01-05")],
    ],
)
def test_an_array_of_numbers_is_one(bad):
    with pytest.raises(ValueError, match="`y` must hold numbers only"):
        _check.array("y", bad)


def test_a_mask_is_never_forgotten():
    masked = np.ma.masked_array([1.0, 2.0, 900.0], [False, False, True])
    with pytest.raises(ValueError, match="1 masked values"):
        Moments.of(masked)
    assert Moments.of(masked.compressed()).mean.tolist() == [1.5]
    assert Moments.of(np.ma.masked_array([1.0, 2.0])).n == 2


def test_columns_of_data_frames_are_arrays_of_numbers():
    for dtype in ("Int64", "Float64", "boolean", "float64", "bool", object):
        assert _check.array("y", pd.Series([1, 0], dtype=dtype)).tolist() == [1.0, 0.0]
    assert np.isnan(_check.array("y", pd.Series([1, None], dtype="Int64"), finite=False)[1])
