"""LinUCB and the logistic policy against stored states, plain linear algebra, and a world with levels."""

import math

import numpy as np
import pytest
from test_adaptive import close

import abkit as ab
from abkit.adaptive.contextual import laplace
from abkit.bayes.comparing import normal_best


def test_linucb_steps(oracle):
    """Index, weights and state at each step; stored ties go to the lowest arm, so the arm is given."""
    for entry in oracle("adaptive", "linucb_disjoint"):
        given, want = entry["inputs"], entry["expected"]
        policy = ab.LinUcb(
            given["arms"], given["dim"], alpha=given["alpha"], ridge=given["ridge"], intercept=False
        )
        for i, step in enumerate(given["steps"]):
            index = policy.index(step["context"])
            assert np.allclose(index, want["ucb"][i], atol=1e-9)
            assert np.allclose(policy.theta, want["theta_before"][i], atol=1e-9)
            assert index.argmax() == want["chosen"][i] or math.isclose(index.max(), index[want["chosen"][i]])
            arm = want["updated_arm"][i]
            reward = step["reward"][arm] if isinstance(step["reward"], list) else step["reward"]
            policy = policy.update(arm, reward, step["context"])
        assert np.allclose(np.linalg.inv(policy.inverse), want["A_final"], atol=1e-9)
        assert np.allclose(policy.b, want["b_final"], atol=1e-9)


def test_linear_state_and_linear_thompson(oracle):
    for entry in oracle("adaptive", "linear_bandit_state"):
        given = entry["inputs"]
        policy = ab.LinUcb(given["n_arms"], 1, alpha=given["alpha"], ridge=given["ridge"])
        for arm, x, reward in zip(given["arms"], given["contexts"], given["rewards"], strict=True):
            policy = policy.update(arm, reward, x[1:])
        close(entry, "theta", policy.theta)
        close(entry, "A_inverse", policy.inverse)
        close(entry, "ucb", policy.index(given["query"][1:]))
        assert policy.pull(0, given["query"][1:]) == entry["expected"]["linucb_choice"]
        mean, sd = policy.posterior(given["query"][1:], noise_sd=given["noise_sd"])
        close(entry, "thompson_mean", mean)
        close(entry, "thompson_sd", sd)
        close(entry, "thompson_prob", normal_best(mean, sd)[0])


def test_logistic_steps(oracle):
    for entry in oracle("adaptive", "logistic_epsilon_greedy_step"):
        given = entry["inputs"]
        policy = ab.LogisticGreedy(
            len(given["weights"]),
            len(given["context"]),
            epsilon=given["epsilon"],
            rate=given["learning_rate"],
            intercept=False,
            weights=given["weights"],
        )
        close(entry, "predicted", policy.predict(given["context"]))
        close(entry, "selection_probability", policy.propensity(given["context"]))
        after = policy.update(given["arm"], given["reward"], given["context"])
        close(entry, "weights_after", after.weights)


def test_laplace_posterior(oracle):
    for entry in oracle("adaptive", "logistic_thompson_laplace_update"):
        given = entry["inputs"]
        mean, precision = laplace(
            given["prior_mean"], given["prior_precision"], given["contexts"], given["rewards"]
        )
        close(entry, "mean", mean)
        close(entry, "precision", precision)
        query = np.array(given["query"])
        close(entry, "query_logit_mean", query @ mean)
        close(entry, "query_logit_sd", math.sqrt((query**2 / precision).sum()))


def test_many_updates_equal_one_regression(rng):
    """Sherman and Morrison's steps against the ridge regression of all rows."""
    x, y = rng.normal(size=(300, 3)), rng.normal(size=300)
    policy = ab.LinUcb(2, 3, ridge=0.5)
    for row, reward in zip(x, y, strict=True):
        policy = policy.update(1, reward, row)
    full = np.column_stack([np.ones(300), x])
    a = 0.5 * np.eye(4) + full.T @ full
    assert np.allclose(policy.inverse[1], np.linalg.inv(a), atol=1e-10)
    assert np.allclose(policy.theta[1], np.linalg.solve(a, full.T @ y), atol=1e-10)
    assert np.array_equal(policy.b[0], np.zeros(4))


def mean_reward(policy, thetas, level, users, rng):
    """Mean expected reward over users whose context has five numbers."""
    earned = 0.0
    for x in rng.normal(size=(users, 5)):
        means = level + thetas @ x
        arm = policy.pull(rng, x)
        policy = policy.update(arm, means[arm] + rng.normal(0, 0.1), x)
        earned += means[arm]
    return earned / users


def test_without_an_intercept_the_level_is_lost(rng):
    """Erratum 32: rewards around .5; lines through 0 earn less than lines with a level of their own."""
    thetas = np.array([[0.1, 0.2, 0, 0.1, 0.05], [0.05, 0.1, 0.2, 0, 0.1], [0.2, 0, 0.1, 0.1, 0]]) / 5
    levels = np.array([0.5, 0.45, 0.55])
    gains = []
    for source in rng.spawn(6):
        seed = int(source.integers(1 << 30))
        both = [
            mean_reward(
                ab.LinUcb(3, 5, alpha=0.3, intercept=i), thetas, levels, 400, np.random.default_rng(seed)
            )
            for i in (True, False)
        ]
        gains.append(both[0] - both[1])
    assert np.mean(gains) > 5 * np.std(gains, ddof=1) / math.sqrt(6) > 0


def test_leading_axes_are_as_many_policies(rng):
    x = rng.normal(size=(4, 2))
    many = ab.LinUcb(3, 2, inverse=np.broadcast_to(np.eye(3), (4, 3, 3, 3)), b=np.zeros((4, 3, 3)))
    many = many.update([0, 1, 2, 1], [1.0, 0.5, 0.2, 0.0], x)
    one = ab.LinUcb(3, 2).update(2, 0.2, x[2])
    assert np.allclose(many.index(x)[2], one.index(x[2]))
    assert many.pull(0, x).shape == (4,)


def test_a_stored_contextual_policy_goes_on(rng):
    for policy in (ab.LinUcb(2, 2), ab.LogisticGreedy(2, 2)):
        policy = policy.update(1, 1, [0.5, -1])
        back = ab.policy_from_json(ab.policy_to_json(policy))
        x = rng.normal(size=2)
        assert back.pull(3, x) == policy.pull(3, x)
        assert back.to_dict().keys() == policy.to_dict().keys()


def test_exploring_shares_and_ties_by_chance(rng):
    policy = ab.LogisticGreedy(3, 1, epsilon=0.3)
    counts = np.bincount([policy.pull(rng, [0.1]) for _ in range(1_500)], minlength=3)
    assert (np.abs(counts - 500) < 5 * math.sqrt(1_500 * 2 / 9)).all()
    policy = policy.update(1, 1, [0.1])
    counts = np.bincount([policy.pull(rng, [0.1]) for _ in range(1_500)], minlength=3)
    chance = policy.propensity([0.1])
    assert np.allclose(chance, [0.1, 0.8, 0.1])
    assert (np.abs(counts - 1_500 * chance) < 5 * np.sqrt(1_500 * chance * (1 - chance))).all()


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda: ab.LinUcb(2, 3).pull(0, [1.0, 2.0]), "`context` must hold 3 numbers"),
        (lambda: ab.LinUcb(2, 1).update(0, 1.0, [1.0, 2.0]), "`context` must hold 1 numbers"),
        (lambda: ab.LinUcb(2, 1).update(0, math.nan, [1.0]), "`reward` must hold finite"),
        (lambda: ab.LinUcb(2, 1).update(5, 1.0, [1.0]), "`arm` must be a whole number from 0 to 1"),
        (lambda: ab.LinUcb(1, 1), "`arms` must be a whole number of at least 2"),
        (lambda: ab.LinUcb(2, 1).propensity([1.0]), "got LinUcb"),
        (lambda: ab.LogisticGreedy(2, 1).update(0, 0.5, [1.0]), "`reward` must be 0 or 1"),
        (lambda: ab.LogisticGreedy(2, 1).pull(0, [math.nan]), "`context` must hold finite"),
        (lambda: ab.LogisticGreedy(2, 1, epsilon=0).propensity([1.0]), "got greedy"),
        (lambda: ab.LogisticGreedy(2, 1, weights=[[1.0]]), "`weights` must end in"),
        (lambda: laplace([0.0], [1.0], [[1.0, 2.0]], [1.0]), "`contexts` must have the shape"),
    ],
)
def test_errors(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()
