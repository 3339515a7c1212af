"""Users who touch each other: a million links cut into clusters, 400 redesigns, a cluster test and a peer."""

from __future__ import annotations

import json
import resource
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from abkit.causal.cluster_robust import cluster_effect
from abkit.causal.exposed_effects import hajek
from abkit.causal.exposures import exposure, exposure_probabilities
from abkit.causal.partitions import METHODS, clusters, cut_links

PEERS = Path(__file__).resolve().parents[1] / ".venv-peers" / "bin" / "python"
USERS, CLUSTERS = 100_000, 200
PEER = """
import json, sys, time
import numpy as np, pandas as pd
from cluster_experiments.experiment_analysis import ClusteredOLSAnalysis
users, clusters, runs = map(int, sys.argv[1:])
rng = np.random.default_rng(0)
cluster = rng.integers(0, clusters, users)
y = rng.normal(size=users) + rng.normal(size=clusters)[cluster] + 0.1 * (cluster % 2)
arm = np.where(cluster % 2, "B", "A")
frame = pd.DataFrame({"cluster": cluster.astype(str), "target": y, "treatment": arm})
analysis = ClusteredOLSAnalysis(cluster_cols=["cluster"])
analysis.get_pvalue(frame)
times = []
for _ in range(runs):
    start = time.perf_counter(); p = analysis.get_pvalue(frame); times.append(time.perf_counter() - start)
print(json.dumps({"theirs": float(np.median(times)), "their_p": float(p)}))
"""


def measure(links: int, nodes: int) -> dict[str, float]:
    """Seconds of each clustering of `links` links, of the redesigns and of the test, and the megabytes."""
    graph = planted(links, nodes)
    found: dict[str, float] = {"links": graph.nnz / 2}
    for method in METHODS:
        start = time.perf_counter()
        label = clusters(graph, method=method, rng=1)
        found |= {method: time.perf_counter() - start, f"{method}_cut": cut_links(graph, label)}
    found["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for rule, name in (("full", "full"), (0.7, "share")):
        start = time.perf_counter()
        redesigned(rule)
        found[name] = time.perf_counter() - start
    return found | compared() | peer()


def planted(links: int, nodes: int) -> Any:
    """Communities of 50 users; four of five links stay inside."""
    from scipy.sparse import csr_array

    rng = np.random.default_rng(0)
    a = rng.integers(0, nodes, int(1.09 * links))  # some come twice, or join a user with himself
    inside = a // 50 * 50 + rng.integers(0, 50, len(a))
    b = np.where(rng.random(len(a)) < 0.8, np.minimum(inside, nodes - 1), rng.integers(0, nodes, len(a)))
    pair = np.unique(np.minimum(a, b)[a != b] * np.int64(nodes) + np.maximum(a, b)[a != b])
    low, high = np.divmod(pair, nodes)
    ones = np.ones(2 * len(pair), np.int32)
    return csr_array((ones, (np.r_[low, high], np.r_[high, low])), shape=(nodes, nodes))


def redesigned(rule: Any) -> None:
    """400 tests of 1,000 users in 100 clusters: chances, exposures, Hajek's estimate and both errors."""
    import networkx as nx

    graph, partition = nx.watts_strogatz_graph(1_000, 6, 0.1, seed=1), np.arange(1_000) // 10
    chances = exposure_probabilities(graph, partition, 0.5, rule, rng=1)
    z = (np.random.default_rng(2).random((400, 100)) < 0.5)[:, partition]
    seen = np.stack([exposure(graph, z, rule, arm=arm) for arm in ("control", "treatment")])
    hajek(np.random.default_rng(3).normal(size=1_000) + seen[1], seen, chances)


def compared() -> dict[str, float]:
    """The peer's table in our call."""
    rng = np.random.default_rng(0)
    cluster = rng.integers(0, CLUSTERS, USERS)
    y = rng.normal(size=USERS) + rng.normal(size=CLUSTERS)[cluster] + 0.1 * (cluster % 2)
    label, times = cluster.astype(str), []
    for _ in range(6):
        start = time.perf_counter()
        effect = cluster_effect(y, label, cluster % 2)
        times.append(time.perf_counter() - start)
    return {"ours": float(np.median(times[1:])), "our_p": float(effect.pvalue)}


def peer() -> dict[str, float]:
    """cluster-experiments in its own environment; nothing where it is not installed."""
    if not PEERS.exists():
        return {}
    command = [str(PEERS), "-c", PEER, str(USERS), str(CLUSTERS), "5"]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}


def lines(found: dict[str, float]) -> list[tuple[str, ...]]:
    """Rows of the table."""
    if not found:
        return []
    goals = {"label_propagation": "under 30 s", "louvain": "under 90 s", "three_net": ""}
    out = [
        (
            f"clusters of {found['links']:,.0f} links, {m} ({found[f'{m}_cut']:.0%} cut)",
            f"{found[m]:.3g} s",
            "",
            "",
            goals[m],
        )
        for m in METHODS
    ]
    out.append(("  memory of the process", f"{found['megabytes']:.0f} MB", "", "", "under 2,000 MB"))
    for name, rule in (("full", "full"), ("share", "at least .7")):
        what = f"400 redesigns of 1,000 users with chances, rule {rule}"
        out.append((what, f"{found[name]:.3g} s", "", "", "under 5 s"))
    what = f"cluster test, {USERS:,} users in {CLUSTERS} clusters (p {found['our_p']:.3f})"
    if "theirs" not in found:
        return [
            *out,
            (what, f"{found['ours']:.3g} s", "cluster-experiments is not installed (make bench)", "", ""),
        ]
    peers = f"cluster-experiments {found['theirs']:.3g} s (p {found['their_p']:.3f}, CR1 and normal)"
    return [
        *out,
        (what, f"{found['ours']:.3g} s", peers, f"{found['ours'] / found['theirs']:.3f}", "below 1"),
    ]
