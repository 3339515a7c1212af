"""Posteriors against stored references, and the best option against quadrature and draws."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

import abkit as ab
from abkit.bayes.comparing import beta_best, normal_best


def close(entry, **got):
    tolerance = entry["tolerance"]
    for name, value in got.items():
        want = np.asarray(entry["expected"][name], float)
        allowed = tolerance.get("abs", 0) + tolerance.get("rel", 0) * np.abs(want)
        assert (np.abs(value - want) <= allowed).all(), (entry["id"], name, value, want)


def test_beta_posteriors(oracle):
    for entry in oracle("bayes", "beta_posterior"):
        given = entry["inputs"]
        post = ab.Beta(given["prior_alpha"], given["prior_beta"]).update(
            given["successes"], given["trials"] - given["successes"]
        )
        eti = post.interval(alpha=1 - given["cred"])
        close(entry, alpha=post.a, beta=post.b, mean=post.mean, sd=post.sd, eti=eti)
        close(entry, prob_gt_0p1=post.above(0.1))


def test_two_rates(oracle):
    for entry in oracle("bayes", "beta_binomial_prob_best_2"):
        a, b = (ab.Beta(entry["inputs"][f"alpha_{k}"], entry["inputs"][f"beta_{k}"]) for k in "AB")
        found = ab.compare({"A": a, "B": b})
        close(entry, prob_B_gt_A=found.prob_best[1], mean_uplift_abs=b.mean - a.mean)
        close(entry, expected_loss_choose_A=found.expected_loss[0])
        close(entry, expected_loss_choose_B=found.expected_loss[1])


def test_several_rates(oracle):
    for entry in oracle("bayes", "beta_binomial_prob_best_k"):
        posts = {str(i): ab.Beta(*p) for i, p in enumerate(entry["inputs"]["posteriors"])}
        close(entry, prob_best=ab.compare(posts).prob_best)


def test_normal_posteriors_and_the_loss_of_shipping(oracle):
    for entry in oracle("bayes", "normal_normal_posterior"):
        given = entry["inputs"]
        post = ab.Normal(given["prior_mean"], given["prior_sd"]).update(given["estimate"], given["se"])
        found = ab.compare({"ship": post, "stay": ab.Normal(0, 0)})
        close(entry, mean=post.mean, sd=post.sd, prob_gt_0=post.above(0), cred95=post.interval())
        close(entry, expected_loss_ship=found.expected_loss[0])
        close(entry, expected_loss_not_ship=found.expected_loss[1])
        assert math.isclose(found.prob_best[0], post.above(0), rel_tol=1e-12)


def test_several_normals(oracle):
    for entry in oracle("bayes", "normal_prob_best"):
        means, sds = entry["inputs"]["means"], entry["inputs"]["sds"]
        found = ab.compare({str(i): ab.Normal(m, s) for i, (m, s) in enumerate(zip(means, sds, strict=True))})
        close(entry, prob_best=found.prob_best, expected_loss=found.expected_loss)


@pytest.mark.parametrize(
    "first, second", [((0.5, 0.5), (3.0, 2e5)), ((0.3, 0.2), (40.0, 2.0)), ((1, 1), (9e6, 1e6))]
)
def test_a_narrow_posterior_beside_a_wide_one(first, second):
    """P(second best) is the mean of the first one's distribution function under the second."""
    a, b = stats.beta(*first), stats.beta(*second)
    edges = np.unique(np.concatenate([[0.0], b.ppf([1e-12, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-12]), [1.0]]))
    want = sum(
        integrate.quad(lambda x: b.pdf(x) * a.cdf(x), *ends)[0]
        for ends in zip(edges[:-1], edges[1:], strict=True)
    )
    found = ab.compare({"A": ab.Beta(*first), "B": ab.Beta(*second)})
    assert abs(found.prob_best[1] - want) < 1e-8  # what adaptive quadrature promises
    assert abs(found.prob_best.sum() - 1) < 1e-9  # panels of 12 nodes


def test_two_normals_in_closed_form_equal_the_panels():
    mean, sd = np.array([0.0, 0.3, -40.0]), np.array([1.0, 0.2, 0.1])
    prob, loss = normal_best(mean, sd)
    pair_prob, pair_loss = normal_best(mean[:2], sd[:2])
    assert np.allclose(prob, [*pair_prob, 0], atol=1e-9)  # the third is never the best
    assert np.allclose(loss[:2], pair_loss, atol=1e-9)


def test_leading_axes_equal_a_loop(rng):
    a, b = rng.uniform(0.5, 50, (2, 5, 3))
    prob, loss = beta_best(a, b)
    for i in range(5):
        assert np.allclose(prob[i], beta_best(a[i], b[i])[0]) and np.allclose(
            loss[i], beta_best(a[i], b[i])[1]
        )
    assert np.allclose(normal_best(a, b)[0][2], normal_best(a[2], b[2])[0])


def test_the_expected_loss_is_what_draws_lose(rng):
    posts = {"A": ab.Beta(30, 170), "B": ab.Beta(40, 160), "C": ab.Beta(3, 9)}
    draws = np.stack([rng.beta(p.a, p.b, 200_000) for p in posts.values()])
    loss = draws.max(0) - draws
    error = loss.std(1) / math.sqrt(200_000)
    assert (np.abs(ab.compare(posts).expected_loss - loss.mean(1)) < 5 * error).all()


def test_equal_options_share_and_order_does_not_matter():
    posts = {"A": ab.Beta(3, 5), "B": ab.Beta(3, 5), "C": ab.Beta(30, 70)}
    found, turned = ab.compare(posts), ab.compare(dict(reversed(posts.items())))
    assert math.isclose(found.prob_best[0], found.prob_best[1])
    assert np.allclose(found.prob_best, turned.prob_best[::-1]) and turned.label == ("C", "B", "A")
    frame = found.to_frame()
    assert frame["option"].tolist() == ["A", "B", "C"] and len(frame.columns) == 5


def test_updates_add_up_and_a_flat_prior_gives_the_estimate():
    assert ab.Beta(1, 1).update(3, 4).update(5, 6) == ab.Beta(1, 1).update(8, 10)
    assert ab.Normal(5, math.inf).update(1.5, 0.3) == ab.Normal(1.5, 0.3)
    twice, once = ab.Normal(0, 1).update(1, 1).update(1, 1), ab.Normal(0, 1).update(1, math.sqrt(0.5))
    assert math.isclose(twice.mean, once.mean) and math.isclose(twice.sd, once.sd)
    assert ab.Normal(2, 0).update(9, 1) == ab.Normal(2, 0) and ab.Normal(2, 0).above(1) == 1


def test_the_ship_rule_with_thirty_looks_is_what_the_docstring_says():
    """Erratum 52: equal arms, flat prior, P(best) > .95 at one of 30 looks: a walk crosses 1.645 once."""
    from abkit.sequential.recursion import crossing

    z = np.full(30, stats.norm.isf(0.05))
    up, _ = crossing(np.arange(1, 31) / 30, np.full(30, -8.0), z, 0.0)
    assert abs(up.sum() - 0.239) < 5e-4  # three digits are published
    assert "24 per cent" in " ".join(ab.compare.__doc__.split())


def test_swapped_arms_are_noticed():
    """Teeth: with the arms swapped the stored probability is missed by far."""
    found = ab.compare({"A": ab.Beta(11, 91), "B": ab.Beta(16, 86)})
    swapped = ab.compare({"A": ab.Beta(16, 86), "B": ab.Beta(11, 91)})
    assert abs(found.prob_best[0] - swapped.prob_best[0]) > 0.5


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda: ab.Beta(0, 1), "`a` must be above 0"),
        (lambda: ab.Beta(1, 1).update(-1, 2), "`successes` must not be negative"),
        (lambda: ab.Normal(0, -1), "`sd` must not be negative"),
        (lambda: ab.Normal(math.nan, 1), "`mean` must be finite"),
        (lambda: ab.Normal(0, 1).update(1, 0), "`se` must be above 0"),
        (lambda: ab.compare({"A": ab.Beta(1, 1)}), "at least two labels"),
        (lambda: ab.compare({"A": ab.Beta(1, 1), "B": ab.Normal(0, 1)}), "all Beta or all Normal"),
        (lambda: ab.compare({"A": ab.Normal(0, math.inf), "B": ab.Normal(0, 1)}), "finite sd"),
        (
            lambda: ab.compare({k: ab.Normal(0, s) for k, s in zip("ABC", (0, 1, 1), strict=True)}),
            "sd above 0",
        ),
    ],
)
def test_errors(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()
