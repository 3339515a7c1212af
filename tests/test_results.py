"""Every result is shown, exported and serialised the same way."""

import json

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
