"""An analysis is checked when it is written, not when it runs."""

import pytest

from abkit.metrics import Analysis, Metric


@pytest.mark.parametrize(
    "options, message",
    [
        ({"kind": "median"}, "`kind` must be one of"),
        ({"kind": "ratio"}, "`denominator` must be given for a ratio"),
        ({"denominator": "views"}, "`denominator` must be given for a ratio, and only there"),
        ({"role": "guardrail"}, "`margin` must be given for a guardrail"),
        ({"role": "guardrail", "margin": -1}, "`margin` must be above 0"),
        ({"direction": "left"}, "`direction` must be one of"),
    ],
)
def test_a_metric_that_does_not_fit_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Metric("y", **options)


@pytest.mark.parametrize("metrics", [(), (Metric("y", role="secondary"),), (Metric("y"), Metric("x"))])
def test_an_analysis_has_exactly_one_primary_metric(metrics):
    with pytest.raises(ValueError, match="exactly one primary metric"):
        Analysis("arm", "a", metrics)


def test_shares_and_alpha_are_checked():
    with pytest.raises(ValueError, match="must sum to 1"):
        Analysis("arm", "a", (Metric("y"),), expect={"a": 0.5, "b": 0.6})
    with pytest.raises(ValueError, match="per cent"):
        Analysis("arm", "a", (Metric("y"),), alpha=5)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: Metric(3), "`name` must be the name of a column; got 3"),
        (
            lambda: Metric("y", margin=10, role="secondary"),
            "`margin` belongs to a guardrail; got role 'secondary'",
        ),
        (lambda: Analysis("arm", "a", ["y"]), "`metrics` must hold Metrics; got str"),
        (
            lambda: Analysis("arm", "a", Metric("arm")),
            "`metrics` must not read the column of the arm, unit or cluster; got arm",
        ),
        (
            lambda: Analysis("arm", "a", Metric("y"), expect=[0.5, 0.5]),
            "`expect` must map each arm to its planned share",
        ),
    ],
)
def test_slips_are_named_when_the_analysis_is_written(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_one_metric_needs_no_tuple():
    assert Analysis("arm", "a", Metric("y")).primary.label == "y"
