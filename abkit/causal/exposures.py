"""Who was reached by the treatment in a graph, how likely that was, and the effect weighed by it.

A user whose friends are split between arms shows neither the world in which all are treated nor the one in
which none is. A rule says who is near enough to each of these worlds (is EXPOSED); as users with many friends
are seldom exposed, each counts by 1 over the chance of it (Aronow and Samii 2017). Rows are needed: no sum
per arm is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import Table
from abkit.causal.partitions import adjacency, in_order, node_labels

ENUMERATE = 12  # clusters up to which all 2^clusters assignments are gone through unless told otherwise
ENUMERATE_MOST = 16
DRAWS = 10_000  # assignments drawn where they are too many: a probability of .25 has an error of .0043
MOST_NODES = 10_000  # their pairs take 4 GB
CHUNK = 1_024  # assignments at once; part of the random stream

Rule = str | float | Callable[[np.ndarray, np.ndarray], Any]


@dataclass(frozen=True, eq=False, repr=False)
class ExposureProbabilities(Table):
    """Chances of being exposed; used as an array it is `joint`, shape (2, nodes, nodes), control exposure
    first.

    joint[a, i, j]: chance that i and j both have exposure a; the diagonal holds the single chances. cross[i,
    j]: chance that i has the control and j the treatment exposure. se: Monte-Carlo error of the single
    chances, shape (2, nodes), 0 where exact. dependent: True where two nodes hang on one coin. cluster: the
    coin of each node. draws: assignments drawn or gone through, 0 for a formula. exact: no Monte Carlo.
    """

    joint: np.ndarray
    cross: np.ndarray
    se: np.ndarray
    dependent: np.ndarray
    cluster: np.ndarray
    draws: int
    exact: bool

    @property
    def single(self) -> np.ndarray:
        """Return the chance of each exposure, shape (2, nodes), control first.

        >>> exposure_probabilities({0: [1], 1: [0, 2], 2: [1]}, [0, 1, 2], 0.5, "full").single
        array([[0.25 , 0.125, 0.25 ],
               [0.25 , 0.125, 0.25 ]])
        """
        return np.diagonal(self.joint, axis1=1, axis2=2)

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of `joint`: (2, nodes, nodes).

        >>> exposure_probabilities({0: [1], 1: [0, 2], 2: [1]}, [0, 1, 2], 0.5, "full").shape
        (2, 3, 3)
        """
        return self.joint.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.joint, dtype=dtype, copy=copy)

    def __getitem__(self, key: Any) -> Any:
        return self.joint[key]

    def __len__(self) -> int:
        return 2


def exposure(graph: Any, treated: Any, rule: Rule, *, arm: str = "treatment") -> np.ndarray:
    """Return True for each node that has the treatment exposure (arm="control": the control exposure).

    "full": the node and all its neighbours are treated; the control exposure: none of them. A number q: the
    node and at least the share q of its neighbours; control: it is not, and at least q of them are not.
    "any": at least one neighbour is treated, whatever the node's own arm; control: none is. A function of
    (treated, share), both of shape (…, nodes), share = treated neighbours over neighbours: returns where the
    treatment exposure holds, and the control exposure is the same function of the mirrored assignment; or it
    returns both, (control, treatment). For a node without neighbours "full", q and functions go by its own
    arm alone (share = own arm); "any" never holds.

    Parameters: graph (see `abkit.causal.partitions`); treated, shape (…, nodes) of 0 and 1, in the order of
    the nodes; rule; arm. Raises ValueError for another shape, other values, an unknown rule, or a rule whose
    exposures overlap.

    References: Ugander, Karrer, Backstrom and Kleinberg (2013), KDD: full and fractional neighbourhood
    exposure; Aronow and Samii (2017), Annals of Applied Statistics 11, 1912-1947: exposure mappings.

    >>> line = {0: [1], 1: [0, 2], 2: [1]}
    >>> exposure(line, [1, 1, 0], "full").tolist(), exposure(line, [1, 1, 0], 0.5).tolist()
    ([True, False, False], [True, True, False])
    """
    _check.one_of("arm", arm, ("control", "treatment"))
    links = adjacency(graph)
    return _exposures(links, as_assignment(treated, links.shape[0]), known_rule(rule))[
        int(arm == "treatment")
    ]


def exposure_probabilities(
    graph: Any,
    partition: Any,
    share: float,
    rule: Rule,
    *,
    exact: bool | None = None,
    rng: int | np.random.Generator | None = None,
) -> ExposureProbabilities:
    """Return how likely each exposure is, alone and in pairs, when every cluster flips its own coin.

    "full" and "any" have formulas at any size. Other rules go through all 2^clusters assignments up to 12
    clusters (exact=True: up to 16), else 10,000 are drawn, and `se` says how far a chance may be off.
    Memory: 40 bytes a pair of nodes, so 10,000 nodes (4 GB) at most.

    Parameters: graph and rule as in `exposure`; partition, the cluster of each node, shape (nodes,) (each
    node its own: coins by user); share, the chance that a cluster is treated, strictly between 0 and 1;
    exact, True to demand no Monte Carlo, False to force it; rng. Raises ValueError as `exposure` does, and
    for exact=True with too many clusters.

    References: Aronow and Samii (2017): chances from all, or from drawn, assignments; Ugander and others
    (2013) for "full".

    >>> p = exposure_probabilities({0: [1], 1: [0, 2], 2: [1]}, ["a", "a", "b"], 0.5, "full")
    >>> p.single[1].tolist(), p.shape
    ([0.5, 0.25, 0.25], (2, 3, 3))
    """
    links = adjacency(graph)
    label, share = node_labels(partition, links.shape[0]), _check.share("share", share)
    rule, count = known_rule(rule), int(label.max()) + 1
    if len(label) > MOST_NODES:
        hint = "All pairs are needed: take the subgraph of some whole components."
        raise _check.fail("graph", f"must have at most {MOST_NODES:,} nodes", f"{len(label):,}", hint)
    if exact is not None:
        _check.flag("exact", exact)
    if exact and rule not in ("full", "any") and count > ENUMERATE_MOST:
        raise _check.fail("exact", f"needs at most {ENUMERATE_MOST} clusters under this rule", count)
    touched = _touched(links, label, own=True)
    dependent = (touched @ touched.T) > 0
    if rule in ("full", "any") and exact is not False:
        joint, cross = _by_formula(
            touched if rule == "full" else _touched(links, label, own=False), share, rule
        )
        draws, error = 0, np.zeros(joint.shape[:2])
    else:
        whole = bool(exact) or (exact is None and count <= ENUMERATE)
        worlds = (
            _all_worlds(count, share) if whole else _drawn_worlds(count, share, np.random.default_rng(rng))
        )
        joint, cross = _by_worlds(links, label, rule, worlds)
        draws = 2**count if whole else DRAWS
        single = np.diagonal(joint, axis1=1, axis2=2)
        error = np.zeros(single.shape) if whole else np.sqrt(single * (1 - single) / DRAWS)
    return ExposureProbabilities(
        joint, cross, error, dependent=dependent, cluster=label, draws=draws, exact=not error.any()
    )


def known_rule(rule: Any) -> Rule:
    """Return a rule that `exposure` knows, or say which there are.

    >>> known_rule(0.7)
    0.7
    """
    if callable(rule) or (isinstance(rule, str) and rule in ("full", "any")):
        return rule
    if isinstance(rule, str) or not 0 < (q := _check.number("rule", rule)) <= 1:
        raise _check.fail("rule", 'must be "full", "any", a share in (0, 1] or a function', repr(rule))
    return q


def as_assignment(treated: Any, nodes: int) -> np.ndarray:
    """Return an assignment as booleans of shape (…, nodes).

    >>> as_assignment([1, 0], 2).tolist()
    [True, False]
    """
    z = _check.array("treated", treated)
    if z.ndim < 1 or z.shape[-1] != nodes:
        raise _check.fail("treated", f"must hold one value for each of {nodes} nodes", f"shape {z.shape}")
    if not np.isin(z, (0, 1)).all():
        raise _check.fail("treated", "must hold 0 and 1", np.setdiff1d(z, (0, 1))[:3])
    return z.astype(bool)


def _exposures(links: Any, treated: np.ndarray, rule: Rule) -> np.ndarray:
    """Both exposures, shape (2, …, nodes), control first."""
    degree = np.diff(links.indptr)
    flat = treated.reshape(-1, len(degree))
    count = np.asarray(links @ flat.T.astype(np.int32)).T.reshape(treated.shape)
    if isinstance(rule, str) and rule == "any":
        return np.stack([(count == 0) & (degree > 0), count > 0])
    if isinstance(rule, str):
        return np.stack([~treated & (count == 0), treated & (count == degree)])
    if not callable(rule):
        need = rule * degree - 1e-9  # .7 of 10 is 7, whatever the floats say
        return np.stack([~treated & (degree - count >= need), treated & (count >= need)])
    return _by_function(rule, treated, np.where(degree > 0, count / np.maximum(degree, 1), treated))


def _by_function(
    rule: Callable[[np.ndarray, np.ndarray], Any], treated: np.ndarray, near: np.ndarray
) -> np.ndarray:
    """Exposures by the reader's function: both at once, or one that is mirrored."""
    found = rule(treated, near)
    both = found if isinstance(found, tuple) else (rule(~treated, 1 - near), found)
    out = np.stack([np.asarray(part, bool) for part in both])
    if out.shape != (2, *treated.shape):
        raise _check.fail(
            "rule", f"must return shape {treated.shape}, once or twice", f"shape {out.shape[1:]}"
        )
    if twice := int((out[0] & out[1]).any(tuple(range(treated.ndim - 1))).sum()):
        raise _check.fail("rule", "must not give a node both exposures at once", f"{twice} nodes")
    return out


def _touched(links: Any, label: np.ndarray, *, own: bool) -> np.ndarray:
    """1.0 where a node's coins (its neighbours', and its own) include the cluster's, shape (nodes,
    clusters).
    """
    from scipy.sparse import csr_array

    nodes = np.arange(len(label))
    member = csr_array((np.ones(len(label), np.int32), (nodes, label)))
    return np.asarray(((links @ member + (member if own else 0 * member)).toarray() > 0), float)


def _by_formula(touched: np.ndarray, share: float, rule: Rule) -> tuple[np.ndarray, np.ndarray]:
    """All the coins behind a pair must fall alike: share^(their number); "any" is the complement of none."""
    coins = touched.sum(1)
    together = coins[:, None] + coins - touched @ touched.T
    none = (1 - share) ** together
    if rule == "full":
        apart = together == coins[:, None] + coins
        cross = np.where(apart, (1 - share) ** coins[:, None] * share**coins, 0.0)
        return np.stack([none, share**together]), cross
    none *= (coins > 0)[:, None] & (coins > 0)  # no neighbour: neither exposure is possible
    alone = np.diagonal(none)
    linked = (coins > 0).astype(float)
    some = linked[:, None] * linked - alone[:, None] * linked - linked[:, None] * alone + none
    return np.stack([none, some]), alone[:, None] * linked - none


def _all_worlds(count: int, share: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Every assignment of clusters with its probability, in chunks."""
    bits = np.arange(count)
    for start in range(0, 2**count, CHUNK):
        z = (np.arange(start, min(start + CHUNK, 2**count))[:, None] >> bits & 1).astype(bool)
        yield z, share ** z.sum(1) * (1 - share) ** (~z).sum(1)


def _drawn_worlds(
    count: int, share: float, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """`DRAWS` assignments of clusters, each of weight 1 / DRAWS, in chunks."""
    for start in range(0, DRAWS, CHUNK):
        size = min(CHUNK, DRAWS - start)
        yield rng.random((size, count)) < share, np.full(size, 1 / DRAWS)


def _by_worlds(
    links: Any, label: np.ndarray, rule: Rule, worlds: Iterator[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted shares of assignments in which a pair is exposed together, and in which once each way."""
    nodes = len(label)
    joint, cross = np.zeros((2, nodes, nodes)), np.zeros((nodes, nodes))
    for z, weight in worlds:
        control, treatment = _exposures(links, z[:, label], rule).astype(float)
        joint[0] += control.T @ (weight[:, None] * control)
        joint[1] += treatment.T @ (weight[:, None] * treatment)
        cross += control.T @ (weight[:, None] * treatment)
    return joint, cross


def clusters_of(probabilities: Any, nodes: int) -> np.ndarray:
    """Return the coin of each node; each node its own where plain numbers came.

    >>> clusters_of(np.ones((2, 3, 3)), 3).tolist()
    [0, 1, 2]
    """
    return in_order(getattr(probabilities, "cluster", np.arange(nodes)))
