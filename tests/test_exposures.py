"""Exposures, their chances and both estimators: stored references, enumeration, double loops, coverage in
three graphs.
"""

import dataclasses
import warnings
from math import comb

import networkx as nx
import numpy as np
import pytest

import abkit as ab


def of_entry(inputs):
    graph = nx.empty_graph(inputs["n"])
    graph.add_edges_from(inputs["edges"])
    return graph, np.array(inputs["cluster"]), inputs["probability"]


def every_world(partition, share):
    """All assignments of clusters as users' arms, with their probabilities."""
    count = partition.max() + 1
    bits = np.arange(2**count)[:, None] >> np.arange(count) & 1
    return bits[:, partition], share ** bits.sum(1) * (1 - share) ** (count - bits.sum(1))


def both(graph, treated, rule="full"):
    return np.stack([ab.exposure(graph, treated, rule, arm=arm) for arm in ("control", "treatment")])


def small(rng, nodes=30, groups=10):
    return nx.gnp_random_graph(nodes, 0.08, seed=int(rng.integers(1 << 30))), np.arange(nodes) // (
        nodes // groups
    )


def test_probabilities_equal_the_references(oracle):
    for e in oracle("clusters", "exposure_probabilities"):
        graph, partition, share = of_entry(e["inputs"])
        for exact in (None, True):
            got = ab.exposure_probabilities(graph, partition, share, "full", exact=exact)
            np.testing.assert_allclose(got.single[1], e["expected"]["p_treated"], atol=1e-12)
            np.testing.assert_allclose(got.single[0], e["expected"]["p_control"], atol=1e-12)
            assert got.exact and not got.se.any()


def test_estimates_equal_the_references(oracle):
    for e in oracle("clusters", "exposure_estimates"):
        i, x = e["inputs"], e["expected"]
        graph, partition, share = of_entry(i)
        seen = both(graph, np.array(i["z_cluster"])[partition])
        assert seen[1].tolist() == x["exposed_treated"] and seen[0].tolist() == x["exposed_control"]
        p = ab.exposure_probabilities(graph, partition, share, "full")
        unbiased, ratio = (f(i["y"], seen, p) for f in (ab.horvitz_thompson, ab.hajek))
        assert unbiased.estimate == pytest.approx(x["ht_effect"], abs=1e-9)
        assert ratio.estimate == pytest.approx(x["hajek_effect"], abs=1e-9)
        assert ratio.value_control == pytest.approx(x["hajek_mean_control"], abs=1e-9)
        assert (unbiased.n_control, unbiased.n_treatment) == (seen[0].sum(), seen[1].sum())


def test_design_moments_equal_the_references(oracle):
    for e in oracle("clusters", "exposure_design_moments"):
        i, x = e["inputs"], e["expected"]
        graph, partition, share = of_entry(i)
        treated, chance = every_world(partition, share)
        seen = both(graph, treated)
        y = np.where(seen[1], i["y1"], i["y0"])
        p = ab.exposure_probabilities(graph, partition, share, "full")
        ht, ratio = ab.horvitz_thompson(y, seen, p).estimate, ab.hajek(y, seen, p).estimate
        mean = chance @ ht
        got = [mean, chance @ (ht - mean) ** 2]
        assert got == pytest.approx([x["ht_expectation"], x["ht_variance"]], rel=1e-9)
        ok = ~np.isnan(ratio)
        given = chance[ok] / chance[ok].sum()
        centre = given @ ratio[ok]
        assert [chance[ok].sum(), centre, given @ (ratio[ok] - centre) ** 2] == pytest.approx(
            [
                x[k]
                for k in (
                    "p_both_exposures_seen",
                    "hajek_expectation_given_both",
                    "hajek_variance_given_both",
                )
            ],
            rel=1e-8,
        )


def by_hand(graph, z, rule):
    """Treatment and control exposure of each node by the words of the docstring."""
    out = []
    for node in graph:
        near = [z[k] for k in graph[node]]
        if rule == "full":
            out.append((all([z[node], *near]), not any([z[node], *near])))
        elif rule == "any":
            out.append((any(near), bool(near) and not any(near)))
        else:
            mean = np.mean(near) if near else z[node]
            out.append((z[node] == 1 and mean >= rule - 1e-9, z[node] == 0 and 1 - mean >= rule - 1e-9))
    return np.array(out).T


@pytest.mark.parametrize("rule", ["full", "any", 0.5, 0.7, 1.0])
def test_exposures_are_what_the_words_say(rule, rng):
    graph, _ = small(rng)
    graph.add_node(30)
    for z in rng.integers(0, 2, (20, 31)):
        treatment, control = by_hand(graph, z, rule)
        assert (ab.exposure(graph, z, rule) == treatment).all()
        assert (ab.exposure(graph, z, rule, arm="control") == control).all()


def test_a_function_is_mirrored_or_returns_both(rng):
    graph, _ = small(rng)
    z = rng.integers(0, 2, (5, 30))
    mine = ab.exposure(graph, z, lambda own, share: own & (share >= 0.7 - 1e-9), arm="control")
    assert (mine == ab.exposure(graph, z, 0.7, arm="control")).all()
    pair = ab.exposure(graph, z, lambda own, share: (~own & (share == 0), ~own & (share > 0)))
    assert (pair == ((z == 0) & (nx.to_numpy_array(graph) @ z.T > 0).T)).all()


@pytest.mark.parametrize("share", [0.5, 0.3])
@pytest.mark.parametrize("rule", ["full", "any", 0.6, lambda own, near: own & (near > 0.4)])
def test_chances_alone_and_in_pairs_by_enumeration(rule, share, rng):
    """1,024 assignments of 10 clusters, gone through here by plain sums."""
    graph, partition = small(rng)
    treated, chance = every_world(partition, share)
    control, treatment = both(graph, treated, rule).astype(float)
    got = ab.exposure_probabilities(graph, partition, share, rule)
    wanted = [
        (s.T * chance) @ t for s, t in ((control, control), (treatment, treatment), (control, treatment))
    ]
    for mine, its in zip((got.joint[0], got.joint[1], got.cross), wanted, strict=True):
        np.testing.assert_allclose(mine, its, atol=1e-12)
    assert got.shape == (2, 30, 30) and np.asarray(got)[1, 3, 3] == got[1][3, 3] == got.single[1, 3]


def test_drawn_chances_stay_within_their_error(rng):
    graph, partition = small(rng)
    exact = ab.exposure_probabilities(graph, partition, 0.5, 0.6)
    drawn = ab.exposure_probabilities(graph, partition, 0.5, 0.6, exact=False, rng=rng)
    error = np.sqrt(exact.single * (1 - exact.single) / 10_000)
    assert not drawn.exact and drawn.draws == 10_000
    assert (np.abs(drawn.single - exact.single) <= 5 * error + 1e-12).all()
    np.testing.assert_allclose(drawn.se, error, atol=0.001)  # an error of .005 known to a fifth


def linear_world(rng, graph):
    """y = a + 1 z + 2 share; all against none: 3 for everybody who has a neighbour, and for isolated users 3
    as well.
    """
    near = nx.to_numpy_array(graph)
    degree = near.sum(0)
    base = rng.normal(5, 2, len(degree))

    def outcome(z):
        return base + z + 2 * np.where(degree > 0, z @ near / np.maximum(degree, 1), z)

    return outcome


@pytest.mark.parametrize("share", [0.5, 0.3])
def test_horvitz_thompson_is_unbiased_over_all_assignments(share, rng):
    graph, partition = small(rng)
    outcome = linear_world(rng, graph)
    treated, chance = every_world(partition, share)
    p = ab.exposure_probabilities(graph, partition, share, "full")
    got = ab.horvitz_thompson(outcome(treated), both(graph, treated), p).estimate
    assert chance @ got == pytest.approx(3, abs=1e-10)


def test_any_neighbour_under_coins_by_user_gives_the_spillover(rng):
    """y = a + 1 z + 2 [any neighbour treated]: own coins are independent of the neighbours', so the contrast
    is 2.
    """
    graph = nx.cycle_graph(10)
    treated, chance = every_world(np.arange(10), 0.5)
    some = ab.exposure(graph, treated, "any")
    y = rng.normal(size=10) + treated + 2 * some
    p = ab.exposure_probabilities(graph, np.arange(10), 0.5, "any")
    got = ab.horvitz_thompson(y, both(graph, treated, "any"), p).estimate
    assert chance @ got == pytest.approx(2, abs=1e-10)


def test_a_wrong_rule_estimates_the_mean_of_what_exposed_users_show(rng):
    """Half of the neighbours is taken for all of them: not 3, and computable (here by plain loops)."""
    graph, partition = small(rng)
    graph.remove_nodes_from([n for n in graph if not graph[n]])
    partition = partition[list(graph)]
    partition = np.unique(partition, return_inverse=True)[1]
    outcome = linear_world(rng, graph)
    treated, chance = every_world(partition, 0.5)
    y, seen = outcome(treated), both(graph, treated, 0.5)
    p = ab.exposure_probabilities(graph, partition, 0.5, 0.5)
    got = chance @ ab.horvitz_thompson(y, seen, p).estimate
    shown = [
        sum(
            chance[s[:, i]] @ y[s[:, i], i] / chance[s[:, i]].sum() * sign
            for s, sign in ((seen[1], 1), (seen[0], -1))
        )
        for i in range(len(graph))
    ]
    assert got == pytest.approx(np.mean(shown), abs=1e-10) and got < 2.9


def aronow_samii(y, seen, p):
    """Their variance, as the sums stand: own pairs, the bound for pairs never seen together, the
    covariance.
    """
    nodes, single = range(len(y)), p.single
    total = 0.0
    for a in (0, 1):
        for i in nodes:
            for j in nodes:
                if p.joint[a, i, j] > 0:
                    dependence = (p.joint[a, i, j] - single[a, i] * single[a, j]) if i != j else 0
                    own = single[a, i] * (1 - single[a, i]) if i == j else dependence
                    total += (
                        seen[a, i]
                        * seen[a, j]
                        * own
                        / p.joint[a, i, j]
                        * y[i]
                        * y[j]
                        / single[a, i]
                        / single[a, j]
                    )
                else:
                    total += seen[a, i] * y[i] ** 2 / (2 * single[a, i]) + seen[a, j] * y[j] ** 2 / (
                        2 * single[a, j]
                    )
    for i in nodes:
        for j in nodes:
            if p.cross[i, j] > 0:
                gap = p.cross[i, j] - single[0, i] * single[1, j]
                weight = seen[0, i] * seen[1, j] / p.cross[i, j]
                total -= 2 * weight * gap * y[i] * y[j] / single[0, i] / single[1, j]
            else:
                total += seen[0, i] * y[i] ** 2 / single[0, i] + seen[1, j] * y[j] ** 2 / single[1, j]
    return total / len(y) ** 2


def neighbours(y, seen, p, graph, partition, estimate):
    """The sharp variance by sets: two users belong together when a coin reaches both."""
    coins = [{partition[k] for k in (i, *graph[i])} for i in graph]
    term = y * (seen[1] / p.single[1] - seen[0] / p.single[0]) - estimate
    pairs = [(i, j) for i in graph for j in graph if coins[i] & coins[j]]
    return sum(term[i] * term[j] for i, j in pairs) / len(y) ** 2


@pytest.mark.parametrize("rule", ["full", 0.6])
def test_both_errors_equal_double_loops(rule, rng):
    graph, partition = small(rng, 12, 6)
    p = ab.exposure_probabilities(graph, partition, 0.5, rule)
    y = rng.normal(3, 1, 12)
    for z in every_world(partition, 0.5)[0][9::13]:
        seen = both(graph, z, rule)
        if not seen.any(1).all():
            continue
        got = ab.horvitz_thompson(y, seen, p)
        assert got.se**2 == pytest.approx(aronow_samii(y, seen, p), rel=1e-9)
        sharp = neighbours(y, seen, p, graph, partition, got.estimate)
        assert np.isnan(got.se_sharp) if sharp < 0 else got.se_sharp**2 == pytest.approx(sharp, rel=1e-9)


def test_the_variance_is_conservative_on_average_by_enumeration(rng):
    """E[estimated variance] ≥ true variance; where an arm is empty the double loop above serves."""
    graph, partition = small(rng, 12, 6)
    treated, chance = every_world(partition, 0.5)
    y = rng.normal(3, 1, 12) + treated
    seen = both(graph, treated)
    p = ab.exposure_probabilities(graph, partition, 0.5, "full")
    got = ab.horvitz_thompson(y, seen, p)
    variance = np.array(
        [
            e if np.isfinite(e) else aronow_samii(*w, p)
            for e, *w in zip(got.se**2, y, seen.swapaxes(0, 1), strict=True)
        ]
    )
    truth = chance @ (got.estimate - chance @ got.estimate) ** 2
    assert truth <= chance @ variance * (1 + 1e-9)


def two_sizes(clusters):
    """Cliques of 1 and of 2 users, as many of each; effect 0 in the small ones and 3 in the large ones: 2 a
    user.
    """
    size = np.tile([1, 2], clusters // 2)
    partition = np.repeat(np.arange(clusters), size)
    return (
        nx.disjoint_union_all([nx.complete_graph(int(s)) for s in size]),
        partition,
        3.0 * (size == 2)[partition],
    )


def hajek_bias(clusters):
    """Exact to 1e-7: the estimate hangs on how many clusters of each size are treated, two independent
    binomials.
    """
    graph, partition, effect = two_sizes(clusters)
    half = clusters // 2
    chance = {
        (a, b): comb(half, a) * comb(half, b) / 4**half
        for a in range(half + 1)
        for b in range(half + 1)
        if 0 < a + b < clusters and comb(half, a) * comb(half, b) / 4**half > 1e-11
    }
    arms = np.zeros((len(chance), clusters), bool)
    for row, (a, b) in zip(arms, chance, strict=True):
        row[0::2], row[1::2] = np.arange(half) < a, np.arange(half) < b
    z = arms[:, partition]
    p = ab.exposure_probabilities(graph, partition, 0.5, "full")
    weight = np.array(list(chance.values()))
    return weight @ ab.hajek(effect * z, both(graph, z), p).estimate / weight.sum() - 2


def test_the_bias_of_hajek_halves_when_clusters_double():
    few, more, many = (abs(hajek_bias(k)) for k in (50, 100, 200))
    assert few > 0.005
    assert more / few == pytest.approx(0.5, abs=0.02) and many / more == pytest.approx(0.5, abs=0.01)


def test_hajek_does_not_mind_a_constant_and_horvitz_thompson_does(rng):
    graph, partition = small(rng)
    z = np.array([1, 0] * 5)[partition]
    seen, p = both(graph, z), ab.exposure_probabilities(graph, partition, 0.5, "full")
    y = rng.normal(size=30)
    low, high = ab.hajek(y, seen, p), ab.hajek(y + 100, seen, p)
    assert (low.estimate, low.se) == pytest.approx((high.estimate, high.se))
    assert ab.horvitz_thompson(y + 100, seen, p).se > 10 * ab.horvitz_thompson(y, seen, p).se


def test_without_links_and_clusters_hajek_is_the_difference_in_means(rng):
    y, z = rng.normal(size=40), np.arange(40) % 2
    p = ab.exposure_probabilities(nx.empty_graph(40), range(40), 0.5, "full")
    got = ab.hajek(y, np.stack([1 - z, z]), p)
    assert got.estimate == pytest.approx(y[z == 1].mean() - y[z == 0].mean())
    assert got.se_sharp == pytest.approx(ab.welch(y[z == 0], y[z == 1]).se, rel=0.05)  # ddof 0 and 1 of 20
    assert (got.effective_control, got.effective_clusters, got.conclusive) == (20, 40, True)


def test_users_who_can_never_be_exposed_are_counted_and_left_out(rng):
    """An isolated user has no neighbour, so "any" never holds: the effect is about the other nine."""
    graph = nx.cycle_graph(9)
    graph.add_node(9)
    p = ab.exposure_probabilities(graph, range(10), 0.5, "any")
    z = np.array([1, 1, 0, 0, 0, 0, 1, 0, 1, 1])
    y = rng.normal(size=10)
    got = ab.horvitz_thompson(y, both(graph, z, "any"), p)
    assert got.excluded == 1 and "1 users can never" in got.message
    without = nx.cycle_graph(9)
    same = ab.horvitz_thompson(
        y[:9], both(without, z[:9], "any"), ab.exposure_probabilities(without, range(9), 0.5, "any")
    )
    assert (got.estimate, got.se) == pytest.approx((same.estimate, same.se))


def test_few_clusters_are_inconclusive(rng):
    graph, partition = small(rng)
    z = np.array([1, 0] * 5)[partition]
    got = ab.hajek(
        rng.normal(size=30), both(graph, z), ab.exposure_probabilities(graph, partition, 0.5, "full")
    )
    assert got.conclusive is None and got.effective_clusters <= 10 and "30 are needed" in got.message


def test_plain_arrays_bound_the_covariance_by_both_variances(rng):
    graph, partition = small(rng)
    z = np.array([1, 0] * 5)[partition]
    seen, p = both(graph, z), ab.exposure_probabilities(graph, partition, 0.5, "full")
    y = rng.normal(size=30)
    full, plain = ab.hajek(y, seen, p), ab.hajek(y, seen, np.asarray(p))
    arms = p.cross * 0 + np.outer(p.single[0], p.single[1])  # a cross that adds no covariance
    alone = ab.hajek(y, seen, dataclasses.replace(p, cross=arms))
    assert plain.estimate == full.estimate and plain.se == pytest.approx(np.sqrt(2) * alone.se)


def three_graphs():
    """1,000 users: a ring in cities of five, a small world and a graph with hubs, both cut by 3-net."""
    yield "ring", nx.circulant_graph(1_000, [1, 2]), np.arange(1_000) // 5
    for name, graph in (
        ("small world", nx.watts_strogatz_graph(1_000, 4, 0.1, seed=1)),
        ("hubs", nx.barabasi_albert_graph(1_000, 2, seed=1)),
    ):
        yield name, graph, ab.clusters(graph, method="three_net", rng=1)


def test_where_each_error_covers(rng):
    """y = 10 + noise + log(friends)/2 + exposure. Aronow-Samii ≥ .95 in all three, at 2 to 2.6 times 3.92
    true sd; the
    sharp error near .95 on the ring only: .78 with hubs."""
    cover, sharp, width = {}, {}, {}
    for name, graph, partition in three_graphs():
        degree = np.array([graph.degree(i) for i in range(1_000)])
        base = 10 + np.random.default_rng(3).normal(size=1_000) + np.log(degree) / 2
        z = (rng.random((1_500, partition.max() + 1)) < 0.5)[:, partition]
        seen = both(graph, z)
        got = ab.hajek(base + seen[1], seen, ab.exposure_probabilities(graph, partition, 0.5, "full"))
        cover[name] = ((got.low <= 1) & (got.high >= 1)).mean()
        sharp[name] = ((got.low_sharp <= 1) & (got.high_sharp >= 1)).mean()
        width[name] = (got.high - got.low).mean() / (3.92 * got.estimate.std())
    assert min(cover.values()) >= 0.95 and cover["ring"] > 0.99
    assert all(1.8 < w < 2.8 for w in width.values())
    assert abs(sharp["ring"] - 0.95) < 5 * np.sqrt(0.95 * 0.05 / 1_500)
    assert sharp["hubs"] < 0.95 - 20 * np.sqrt(0.95 * 0.05 / 1_500)


LINE = {0: [1], 1: [0, 2], 2: [1]}
P = ab.exposure_probabilities(LINE, range(3), 0.5, "full")


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: ab.exposure(LINE, [1, 0], "full"), "one value for each of 3"),
        (lambda: ab.exposure(LINE, [1, 0, 2], "full"), "must hold 0 and 1"),
        (lambda: ab.exposure(LINE, [1, 0, 1], "most"), '"full", "any"'),
        (lambda: ab.exposure(LINE, [1, 0, 1], 70), '"full", "any"'),
        (lambda: ab.exposure(LINE, [1, 0, 1], lambda z, s: s > -1), "both exposures at once"),
        (lambda: ab.exposure(LINE, [1, 0, 1], lambda z, s: True), "must return shape"),
        (lambda: ab.exposure(LINE, [1, 0, 1], "full", arm="both"), "must be one of"),
        (lambda: ab.exposure_probabilities(LINE, [0, 1], 0.5, "full"), "one label for each of 3"),
        (lambda: ab.exposure_probabilities(LINE, [0, 1, 2], 50, "full"), "per cent"),
        (
            lambda: ab.exposure_probabilities(nx.empty_graph(20), range(20), 0.5, 0.5, exact=True),
            "at most 16 clusters",
        ),
        (
            lambda: ab.exposure_probabilities(nx.empty_graph(10_001), range(10_001), 0.5, "full"),
            "at most 10,000 nodes; got 10,001",
        ),
        (lambda: ab.hajek([1, 2, 3.0], [1, 0, 0], P), "shape \\(2, …, 3\\)"),
        (lambda: ab.hajek([1, 2, 3.0], [[1, 0, 0], [0, 0, 0]], P), "none with the treatment exposure"),
        (lambda: ab.hajek([1, 2, 3.0], [[1, 0, 0], [1, 0, 1]], P), "no user twice"),
        (lambda: ab.hajek([1, 2, 3.0], [[1, 0, 0], [0, 0, 1]], np.ones((3, 3))), "shape \\(2, 3, 3\\)"),
        (lambda: ab.hajek([1, 2, 3.0], [[0, 0, 0], [0, 0, 0]], np.zeros((2, 3, 3))), "none who can"),
        (lambda: ab.hajek([1, 2, np.nan], [[1, 0, 0], [0, 0, 1]], P), "finite"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_an_exposure_that_cannot_happen_is_refused():
    p = np.asarray(P).copy()
    p[1, 2, :] = p[1, :, 2] = 0
    with pytest.raises(ValueError, match="1 of chance 0.*agree"):
        ab.horvitz_thompson([1, 2, 3.0], [[1, 0, 0], [0, 0, 1]], p)


def test_a_batch_has_nan_only_where_an_arm_is_empty():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        seen = both(LINE, np.array([[1, 1, 1], [1, 0, 0]]))
        seen[1, 1, 0] = True
        got = ab.hajek([1, 2, 3.0], seen, P)
    assert np.isnan(got.estimate[0]) and np.isfinite(got.estimate[1])
