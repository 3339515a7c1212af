"""Clusters of a graph against networkx and the defining properties, and balanced assignment of clusters."""

import warnings

import networkx as nx
import numpy as np
import pytest
from conftest import SEED
from scipy.sparse import csr_array

import abkit as ab
from abkit.causal.partitions import METHODS, adjacency


def planted(rng, groups=20, size=10):
    """Cliques, each joined to the next by one link: every sensible method finds the cliques."""
    graph = nx.disjoint_union_all([nx.complete_graph(size)] * groups)
    graph.add_edges_from((g * size, ((g + 1) % groups) * size + 1) for g in range(groups))
    return graph, np.arange(groups * size) // size


@pytest.mark.parametrize("method", METHODS[:2])
def test_communities_that_are_there_are_found(method, rng):
    graph, truth = planted(rng)
    assert (ab.clusters(graph, method=method, rng=rng) == truth).all()


def test_louvain_reaches_the_modularity_of_networkx(rng):
    graph = nx.karate_club_graph()
    found = ab.clusters(graph, method="louvain", rng=rng)
    groups = [set(np.flatnonzero(found == g)) for g in np.unique(found)]
    theirs = nx.community.louvain_communities(graph, weight=None, seed=1)
    ours, reference = (nx.community.modularity(graph, g, weight=None) for g in (groups, theirs))
    assert ours > reference - 0.04  # both are local optima; over 200 seeds either ranges over .37 to .42


def test_louvain_ends_where_no_single_move_gains(rng):
    graph = nx.gnp_random_graph(60, 0.1, seed=SEED)
    found = ab.clusters(graph, method="louvain", rng=rng)
    groups = [set(np.flatnonzero(found == g).tolist()) for g in np.unique(found)]
    merged = [
        nx.community.modularity(graph, [*(h for h in groups if h not in (a, b)), a | b])
        for i, a in enumerate(groups)
        for b in groups[:i]
    ]
    whole = nx.community.modularity(graph, groups)
    assert whole > 0.2 and max(merged) <= whole + 1e-9


def test_label_propagation_ends_where_each_label_is_commonest(rng):
    graph = nx.watts_strogatz_graph(400, 6, 0.2, seed=SEED)
    found = ab.clusters(graph, rng=rng)
    for node in graph:
        count = np.bincount(found[list(graph[node])], minlength=found.max() + 1)
        assert count[found[node]] == count.max()


def test_three_net_has_centres_three_apart_and_nobody_farther_than_two(rng):
    graph = nx.barabasi_albert_graph(150, 2, seed=SEED)
    found = ab.clusters(graph, method="three_net", rng=rng)
    distance = np.array(nx.floyd_warshall_numpy(graph))
    reach = [np.flatnonzero((distance[:, found == g] <= 2).all(1) & (found == g)) for g in np.unique(found)]
    assert all(len(r) for r in reach)  # each cluster has a centre within two links of all its users
    centres = [
        next(c for c in r if set(graph[c]) <= set(np.flatnonzero(found == g))) for g, r in enumerate(reach)
    ]
    apart = distance[np.ix_(centres, centres)] + 9 * np.eye(len(centres))
    assert apart.min() >= 3


@pytest.mark.parametrize("method", METHODS)
def test_a_node_without_neighbours_is_a_cluster_of_its_own(method):
    found = ab.clusters({"a": ["b"], "b": ["a"], "c": [], "d": []}, method=method, rng=SEED)
    assert found.tolist() == [0, 0, 1, 2]


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_fixes_the_clusters_and_the_kind_of_graph_does_not_matter(method):
    graph = nx.gnp_random_graph(80, 0.06, seed=SEED)
    matrix = nx.to_scipy_sparse_array(graph, weight=None, dtype=int)
    forms = (graph, {n: list(graph[n]) for n in graph}, matrix, matrix.toarray())
    a, *rest = (ab.clusters(g, method=method, rng=3) for g in forms)
    assert all((a == b).all() for b in rest)


def test_self_loops_and_parallel_links_are_counted_and_left_out():
    double = nx.MultiGraph([(0, 1), (0, 1), (1, 2), (2, 2)])
    with pytest.warns(UserWarning, match="1 self-loops and the copies of 1 links"):
        links = adjacency(double)
    assert links.toarray().tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]


def test_a_plain_graph_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adjacency(nx.path_graph(4))


@pytest.mark.parametrize(
    "graph, words",
    [
        (nx.DiGraph([(0, 1)]), "directed"),
        ({0: [1], 1: []}, "not mutual"),
        ({0: [1]}, "no entry for 1"),
        ({}, "at least one node"),
        (np.ones((2, 3)), "square"),
        (np.array([[0, 0.5], [0.5, 0]]), "Weights are not used"),
        (csr_array(np.array([[0, 2], [2, 0]])), "Weights are not used"),
    ],
)
def test_what_is_no_plain_graph_is_refused(graph, words):
    with pytest.raises(ValueError, match=words):
        ab.clusters(graph)


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="must be one of 'label_propagation'"):
        ab.clusters(nx.path_graph(3), method="metis")


def test_cut_links_counts_by_hand():
    assert ab.cut_links(nx.path_graph(5), [0, 0, 1, 1, 1]) == 0.25
    with pytest.raises(ValueError, match="one label for each of 5"):
        ab.cut_links(nx.path_graph(5), [0, 1])
    with pytest.raises(ValueError, match="at least one link"):
        ab.cut_links(nx.empty_graph(2), [0, 1])


def test_balanced_arms_differ_by_less_than_the_largest_cluster(rng):
    """Sorted pairs: differences telescope, whatever the coins."""
    size = rng.integers(1, 200, 40)
    partition = np.repeat(np.arange(40), size)
    for _ in range(50):
        z = ab.assign_clusters(partition, rng=rng)
        assert abs((2 * z - 1).sum()) <= size.max()


def test_every_cluster_has_the_share_as_its_chance(rng):
    partition = np.repeat(np.arange(11), np.arange(1, 12))
    for share, balanced in ((0.5, True), (0.3, True), (0.3, False)):
        draws = np.stack(
            [ab.assign_clusters(partition, share=share, balanced=balanced, rng=rng) for _ in range(800)]
        )
        first = np.cumsum([0, *range(1, 11)])
        rate = draws[:, first].mean(0)
        assert np.abs(rate - share).max() < 5 * np.sqrt(share * (1 - share) / 800)


def test_blocks_treat_their_share_exactly(rng):
    partition = np.repeat(np.arange(20), rng.permutation(np.arange(1, 21)))
    z = ab.assign_clusters(partition, share=0.3, rng=rng)
    by_cluster = np.array([z[partition == c][0] for c in range(20)])
    assert np.bincount(ab.size_blocks(partition, share=0.3), by_cluster).tolist() == [3, 3]


def test_whole_clusters_get_one_arm(rng):
    partition = rng.integers(0, 30, 500)
    z = ab.assign_clusters(partition, rng=rng)
    assert all(len(set(z[partition == c])) == 1 for c in range(30))


@pytest.mark.parametrize(
    "partition, share, words",
    [
        (["a", None], 0.5, "1 of 2 missing"),
        (["a", "b"], 50, "per cent"),
        (["a", "b"], 1 / 37, "balanced=False"),
    ],
)
def test_assignments_that_cannot_be_are_refused(partition, share, words):
    with pytest.raises(ValueError, match=words):
        ab.assign_clusters(partition, share=share)
