"""Cut a graph of users into clusters, and give whole clusters one arm.

A graph is a networkx graph, a mapping of node → neighbours, or a square matrix of zeros and ones (dense or
scipy sparse). Links have no direction and no weight. Results come in the order of the nodes: `list(graph)`,
or the rows.
"""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from abkit import _check

if TYPE_CHECKING:
    from scipy.sparse import csr_array

METHODS = ("label_propagation", "louvain", "three_net")
SWEEPS = 200  # label propagation settles in 5 to 30
BATCHES = 32  # nodes of one batch look at the same state; two neighbours are seldom in one batch
FINEST_BLOCK = 20  # clusters a block at most, so shares of .05, .1, .25, .3, ... are kept exactly


def clusters(
    graph: Any, *, method: str = "label_propagation", rng: int | np.random.Generator | None = None
) -> np.ndarray:
    """Return the cluster of each node, shape (nodes,), whole numbers from 0 in order of first appearance.

    `label_propagation` lets each node take the commonest label among its neighbours until nothing changes:
    fast, of no set size, and on a graph without communities it can end in one giant cluster. `louvain` moves
    nodes, then merged groups, while modularity grows. `three_net` picks centres at least three links apart
    and gives each node to a nearest one: many small clusters whatever the graph, so that no exposure
    probability is tiny. A node without neighbours is a cluster of its own. Clusters have to be made from
    links known before the test.

    Parameters: graph (see the module); method; rng, which fixes the order of visits and all ties.

    Raises ValueError for a directed graph, links that are not mutual, weights, or no node. Warns with the
    number of self-loops and parallel links, which are left out.

    References: Raghavan, Albert and Kumara (2007); Blondel and others (2008), eq. 2, with the queue of Traag,
    Waltman and van Eck (2019); Ugander, Karrer, Backstrom and Kleinberg (2013), KDD, for the 3-net.

    >>> two_triangles = {0: [1, 2], 1: [0, 2], 2: [0, 1, 3], 3: [2, 4, 5], 4: [3, 5], 5: [3, 4]}
    >>> clusters(two_triangles, method="louvain", rng=1).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    _check.one_of("method", method, METHODS)
    rng = np.random.default_rng(rng)
    links = adjacency(graph)
    cut = {"label_propagation": _label_propagation, "louvain": _louvain, "three_net": _three_net}[method]
    return in_order(cut(links, rng))


def assign_clusters(
    partition: Any,
    *,
    share: float = 0.5,
    balanced: bool = True,
    rng: int | np.random.Generator | None = None,
) -> np.ndarray:
    """Return True for each node whose cluster is treated, shape (nodes,).

    balanced: clusters are sorted by size and cut into blocks (pairs for a share of .5), and each block treats
    its share exactly, so that no arm gets all the large ones; a last block that is too short flips coins.
    Analyse such a design with `randomization_test(…, block=size_blocks(partition))` or, a little
    conservatively, `cluster_effect`. With balanced=False each cluster flips its own coin: the design that
    `exposure_probabilities` describes.

    Parameters: partition, a label a node, shape (nodes,); share of the clusters treated, strictly between 0
    and 1; rng. Raises ValueError for a missing label, a share outside (0, 1), or a balanced share finer than
    1 in 20.

    References: Donner and Klar (2000), Design and Analysis of Cluster Randomization Trials, on matching by
    size.

    >>> assign_clusters(["a", "a", "b", "b", "c", "d"], rng=1).tolist()
    [True, True, False, False, True, False]
    """
    _check.flag("balanced", balanced)
    rng = np.random.default_rng(rng)
    share = _check.share("share", share)
    index = in_order(partition)
    count = int(index.max()) + 1
    if not balanced:
        return (rng.random(count) < share)[index]
    per_block = _block_size(share)
    treated = np.zeros(count, bool)
    draw = rng.random(count)
    block = size_blocks(partition, share=share)
    for b in range(int(block.max()) + 1):
        members = np.flatnonzero(block == b)
        if len(members) == per_block:
            treated[members[np.argsort(draw[members])[: round(share * per_block)]]] = True
        else:
            treated[members] = draw[members] < share
    return treated[index]


def size_blocks(partition: Any, *, share: float = 0.5) -> np.ndarray:
    """Return the block of each cluster, shape (clusters,): neighbours in size stand together.

    Parameters: partition, a label a node, shape (nodes,); share of the clusters treated, which sets the
    block: 2 for .5, 10 for .3. Raises ValueError for a missing label, or a share finer than 1 in 20.

    >>> size_blocks(["a", "a", "a", "b", "c", "c", "d"]).tolist()
    [0, 1, 0, 1]
    """
    index = in_order(partition)
    by_size = np.argsort(-np.bincount(index), kind="stable")
    block = np.empty(len(by_size), int)
    block[by_size] = np.arange(len(by_size)) // _block_size(_check.share("share", share))
    return block


def cut_links(graph: Any, partition: Any) -> float:
    """Return the share of links that join two clusters: what a cluster design still lets through.

    Parameters: graph (see the module); partition, a label a node, shape (nodes,).
    Raises ValueError for a partition of another length, or a graph without links.

    >>> cut_links({0: [1], 1: [0, 2], 2: [1, 3], 3: [2]}, ["a", "a", "b", "b"])  # one of three
    0.3333333333333333
    """
    links = adjacency(graph)
    label = node_labels(partition, links.shape[0])
    if not links.nnz:
        raise _check.fail("graph", "must hold at least one link", "none")
    pairs = links.tocoo()
    return float((label[pairs.row] != label[pairs.col]).mean())


def in_order(partition: Any) -> np.ndarray:
    """Return labels as whole numbers from 0 in order of first appearance; a missing label is refused.

    >>> in_order(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    import pandas as pd

    try:
        labels = partition if hasattr(partition, "dtype") else np.asarray(partition, object)
        code, _ = pd.factorize(labels) if np.ndim(labels) == 1 else (np.zeros((0, 2)), None)
    except Exception:  # whatever an object says when it is asked for labels
        raise _check.fail("partition", "must hold one label a node", _check.short(partition)) from None
    if np.ndim(code) != 1 or not len(code):
        raise _check.fail("partition", "must hold one label a node", f"{len(code)} labels")
    if lost := int((code < 0).sum()):
        raise _check.fail("partition", "must not be missing", f"{lost} of {len(code)} missing")
    return np.asarray(code, np.int64)


def node_labels(partition: Any, nodes: int) -> np.ndarray:
    """Return `in_order` labels of exactly as many nodes as the graph has.

    >>> node_labels(["x", "y"], 2).tolist()
    [0, 1]
    """
    label = in_order(partition)
    if len(label) != nodes:
        raise _check.fail("partition", f"must hold one label for each of {nodes} nodes", len(label))
    return label


def adjacency(graph: Any) -> csr_array:
    """Return the links as a symmetric sparse matrix of ones, shape (nodes, nodes), without a diagonal.

    Raises ValueError for a directed graph, links that are not mutual, weights, or no node. Warns with the
    number of self-loops and parallel links that it leaves out.

    >>> adjacency({"a": ["b"], "b": ["a"], "c": []}).toarray().tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    from scipy.sparse import csr_array

    raw = _from_networkx(graph) if hasattr(graph, "is_directed") else _from_mapping_or_matrix(graph)
    if not raw.shape[0]:
        raise _check.fail("graph", "must hold at least one node", "none")
    if (raw != raw.T).nnz:
        hint = "Where one direction is enough, add the other: `graph.to_undirected()`."
        raise _check.fail("graph", "must have links without direction", "links that are not mutual", hint)
    loops = int((raw.diagonal() > 0).sum())
    coo = raw.tocoo()
    apart = coo.row != coo.col
    parallel = int(((coo.data > 1) & apart).sum()) // 2
    if loops or parallel:
        text = f"Left out of the graph: {loops} self-loops and the copies of {parallel} links."
        warnings.warn(text, stacklevel=3)
    ones = np.ones(int(apart.sum()), np.int32)
    out = csr_array((ones, (coo.row[apart], coo.col[apart])), shape=raw.shape)
    out.sort_indices()
    return out


def _from_networkx(graph: Any) -> csr_array:
    """Links of a networkx graph, each counted in both directions."""
    if graph.is_directed():
        hint = "Where one direction is enough: `graph.to_undirected()`."
        raise _check.fail("graph", "must have links without direction", "a directed graph", hint)
    place = {node: i for i, node in enumerate(graph)}
    ends = np.array([(place[a], place[b]) for a, b in graph.edges()], np.int64).reshape(-1, 2)
    return _counted(np.r_[ends, ends[ends[:, 0] != ends[:, 1]][:, ::-1]], len(place))


def _from_mapping_or_matrix(graph: Any) -> csr_array:
    """Links of a mapping node → neighbours, or of a square matrix of zeros and ones."""
    from scipy.sparse import csr_array, issparse

    if isinstance(graph, Mapping):
        place = {node: i for i, node in enumerate(graph)}
        near_of = {
            a: _check.several("graph", near, "must map nodes to lists of nodes") for a, near in graph.items()
        }
        unknown = [b for near in near_of.values() for b in near if b not in place]
        if unknown:
            raise _check.fail("graph", "must list every neighbour as a node", f"no entry for {unknown[0]!r}")
        ends = np.array([(place[a], place[b]) for a, near in graph.items() for b in near], np.int64)
        return _counted(ends.reshape(-1, 2), len(place))
    matrix = graph if issparse(graph) else _check.array("graph", graph)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise _check.fail("graph", "must be a graph, a mapping or a square matrix", f"shape {matrix.shape}")
    out = csr_array(matrix)
    out.sum_duplicates()
    out.eliminate_zeros()
    if not (out.data == 1).all():
        raise _check.fail(
            "graph", "must hold zeros and ones", out.data[out.data != 1][:3], "Weights are not used."
        )
    return out


def _counted(ends: np.ndarray, nodes: int) -> csr_array:
    """Links as a matrix of how often each pair came."""
    from scipy.sparse import csr_array

    out = csr_array((np.ones(len(ends), np.int64), (ends[:, 0], ends[:, 1])), shape=(nodes, nodes))
    out.sum_duplicates()
    return out


def _block_size(share: float) -> int:
    """Clusters a block, the denominator of the share: 2 for .5, 10 for .3."""
    exact = Fraction(share).limit_denominator(FINEST_BLOCK)
    if abs(float(exact) - share) > 1e-9:
        need = f"must be a fraction of at most {FINEST_BLOCK} parts when the assignment is balanced"
        raise _check.fail("share", need, share, "Or set `balanced=False`.")
    return exact.denominator


def _label_propagation(links: csr_array, rng: np.random.Generator) -> np.ndarray:
    """Take the neighbours' commonest label, batch by batch in a new random order, until a sweep changes
    nothing.
    """
    label = np.arange(links.shape[0])
    for _ in range(SWEEPS):
        changed = False
        for batch in np.array_split(rng.permutation(len(label)), min(BATCHES, len(label))):
            new = _commonest(links[batch], label, label[batch], rng)
            changed |= bool((new != label[batch]).any())
            label[batch] = new
        if not changed:
            break
    return label


def _commonest(rows: csr_array, label: np.ndarray, own: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The commonest label among each row's neighbours; its own wins a tie, else chance does."""
    node = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    if not len(node):
        return own
    key, count = np.unique(node * np.int64(len(label)) + label[rows.indices], return_counts=True)
    node, candidate = np.divmod(key, len(label))
    score = count + np.where(candidate == own[node], 0.999, 0.998 * rng.random(len(count)))
    first = np.flatnonzero(np.r_[True, node[1:] != node[:-1]])
    best = np.repeat(np.maximum.reduceat(score, first), np.diff(np.r_[first, len(node)]))
    out, win = own.copy(), score == best
    out[node[win]] = candidate[win]
    return out


def _louvain(links: csr_array, rng: np.random.Generator) -> np.ndarray:
    """Move nodes between groups, merge groups into nodes, and again, while modularity grows."""
    from scipy.sparse import csr_array

    label = np.arange(links.shape[0])
    while True:
        group = in_order(_moved(links, rng))
        label = group[label]
        count = int(group.max()) + 1
        if count == links.shape[0]:
            return label
        member = csr_array((np.ones(len(group), np.int64), (np.arange(len(group)), group)))
        links = csr_array(member.T @ links @ member)


def _moved(links: csr_array, rng: np.random.Generator) -> np.ndarray:
    """One level of Louvain: the best group of each node, visited from a queue until no move gains (eq. 2)."""
    start, near, weight = links.indptr.tolist(), links.indices.tolist(), links.data.tolist()
    degree = links.sum(1).tolist()
    total = max(sum(degree), 1)
    group, mass = list(range(len(degree))), degree.copy()
    queue, waiting = deque(rng.permutation(len(degree)).tolist()), [True] * len(degree)
    while queue:
        node = queue.popleft()
        waiting[node] = False
        home, pull = group[node], degree[node] / total
        span = range(start[node], start[node + 1])
        shared = {home: 0}
        for at in span:
            if near[at] != node:
                there = group[near[at]]
                shared[there] = shared.get(there, 0) + weight[at]
        mass[home] -= degree[node]
        best, gain = home, shared[home] - pull * mass[home] + 1e-9
        for there, links_to in shared.items():
            if links_to - pull * mass[there] > gain:
                best, gain = there, links_to - pull * mass[there]
        mass[best] += degree[node]
        group[node] = best
        if best != home:
            for at in span:
                if not waiting[near[at]] and group[near[at]] != best:
                    waiting[near[at]] = True
                    queue.append(near[at])
    return np.array(group)


def _three_net(links: csr_array, rng: np.random.Generator) -> np.ndarray:
    """Centres at least three links apart in random order; neighbours join them, the rest joins a neighbour's
    centre.
    """
    start, near = links.indptr, links.indices
    label = np.full(links.shape[0], -1)
    within_two = np.zeros(len(label), bool)
    for node in rng.permutation(len(label)).tolist():
        if within_two[node]:
            continue
        ball = near[start[node] : start[node + 1]]
        label[ball] = label[node] = node
        within_two[node] = True
        within_two[ball] = True
        for friend in ball.tolist():
            within_two[near[start[friend] : start[friend + 1]]] = True
    rest = np.flatnonzero(label < 0)
    return _joined(links, label, rest, rng)


def _joined(links: csr_array, label: np.ndarray, rest: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give each node two links from a centre the label of a random neighbour that is one link from one."""
    rows = links[rest]
    node = np.repeat(np.arange(len(rest)), np.diff(rows.indptr))
    seen = label[rows.indices]
    node, seen = node[seen >= 0], seen[seen >= 0]
    order = rng.permutation(len(node))
    out = label.copy()
    out[rest[node[order]]] = seen[order]  # the last of a random order stays
    return out
