"""Figures of bandits: what is believed of each arm, what a run costs, and what its data say afterwards."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from scipy import special

from abkit import _check
from abkit.adaptive.racing import BanditRun
from abkit.bayes.comparing import compare
from abkit.bayes.posteriors import Beta
from abkit.plots import style
from abkit.plots.showing import describe

ARMS = ("control", "treatment", "third", "fourth", "fifth", "sixth")


def plot_posteriors(posteriors: Mapping[str, Beta], *, ax: Axes | None = None) -> Axes:
    """Draw what is believed of each rate: a curve an option, higher where a rate is more plausible.

    posteriors: label → `Beta`, two to six. Rates are drawn in per cent. The title says which option is
    probably the best, and how probably.

    Raises ValueError for fewer than two or more than six options.

    >>> from abkit.plots.showing import title_of
    >>> title_of(plot_posteriors({"A": Beta(12, 90), "B": Beta(17, 85)}).figure)
    'B is the better one with probability 85 per cent'
    """
    if not 2 <= len(posteriors) <= len(ARMS):
        raise _check.fail("posteriors", "must hold two to six options", len(posteriors))
    ax = style.axes_or_new(ax)
    high = max(p.interval(alpha=1e-4)[1] for p in posteriors.values())
    low = min(p.interval(alpha=1e-4)[0] for p in posteriors.values())
    x = np.linspace(low, high, 200)[1:-1]
    for (label, p), name in zip(posteriors.items(), ARMS, strict=False):
        y = np.exp((p.a - 1) * np.log(x) + (p.b - 1) * np.log1p(-x) - special.betaln(p.a, p.b))
        ax.plot(100 * x, y / 100, **style.role(name) | {"marker": ""})
        at = int(y.argmax())
        style.note(
            ax, label, (100 * x[at], y[at] / 100), (0, 4), ha="center", color=style.role(name)["color"]
        )
    ax.set_ylim(0, 1.15 * ax.get_ylim()[1])
    ax.set_yticks([])
    found = compare(posteriors)
    best, chance = found.label[found.prob_best.argmax()], 100 * found.prob_best.max()
    word = "better" if len(posteriors) == 2 else "best"
    title = f"{best} is the {word} one with probability {chance:.0f} per cent"
    style.dress(ax, title=title, x="rate (per cent)", y="plausibility")
    alt = (
        f"Curves of the plausible rates of {', '.join(found.label)}. They overlap; {best} lies highest and "
        f"is the {word} one with probability {chance:.0f} per cent."
    )
    rates = {"from (%)": 100 * found.low, "to (%)": 100 * found.high}
    return describe(
        ax, alt=alt, table={"option": found.label, **rates, "probably best (%)": 100 * found.prob_best}
    )


def plot_regret(
    run: BanditRun,
    *,
    guess: float | None = None,
    users: str = "users",
    arm: str = "a worse arm",
    ax: Axes | None = None,
) -> Axes:
    """Draw, for every run, how many users have seen a worse arm so far; the mean; the band of 90 runs in 100.

    run: a `BanditRun` with known, constant means. guess: users at the end, a dashed line. users, arm: what
    they are called in labels and title. Grey lines are single runs (100 at most). No theoretical floor is
    drawn: the one that is known holds for endless runs only.

    Raises ValueError where the means are unknown or drift.

    >>> from abkit.adaptive.policies import EvenSplit
    >>> from abkit.adaptive.racing import run
    >>> from abkit.plots.showing import title_of
    >>> title_of(plot_regret(run(EvenSplit(2), [0.1, 0.2], horizon=400, reps=200, rng=1)).figure)
    '200 of 400 users see a worse arm; in 1 run of 20 more than 215'
    """
    seen, at = _worse(run)
    ax = style.axes_or_new(ax)
    mean, (low, middle, high) = seen.mean(0), np.quantile(seen, [0.05, 0.5, 0.95], 0, method="inverted_cdf")
    for row in seen[:100]:
        ax.plot(at, row, color="#767676", linewidth=0.5, alpha=0.5)
    ax.fill_between(at, low, high, color="#D55E00", alpha=0.2, linewidth=0)
    ax.plot(at, mean, **style.role("treatment") | {"marker": "", "linestyle": "-"})
    style.note(ax, "mean", (at[-1], mean[-1]), (-4, 6), ha="right", color="#D55E00", bbox=style.ON_WHITE)
    ax.set_xlim(0, 1.02 * at[-1])
    ax.set_ylim(0, None)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter("{x:,.0f}")
    title = f"{mean[-1]:,.0f} of {at[-1]:,} {users} see {arm}; in 1 run of 20 more than {high[-1]:,.0f}"
    style.dress(ax, title=title, x=f"{users} so far", y=f"saw {arm} ({users})")
    style.guess(ax, guess)
    alt = (
        f"Lines of the {users} who saw {arm} against {users} so far: {len(seen[:100])} runs, their mean. "
        f"After {at[-1]:,} the mean is {mean[-1]:,.0f}; 90 of 100 runs end from {low[-1]:,.0f} "
        f"to {high[-1]:,.0f}."
    )
    table = {f"{users} so far": at, "mean": mean, "5 of 100 below": low, "median": middle}
    return describe(ax, alt=alt, table=table | {"5 of 100 above": high})


def plot_policies(
    runs: Mapping[str, BanditRun], *, users: str = "users", arm: str = "a worse arm", ax: Axes | None = None
) -> Axes:
    """Draw for each policy how many users saw a worse arm: the mean, and the range of 90 in 100 runs.

    runs: label → `BanditRun` of one world. users, arm: what they are called.

    Raises ValueError where the means are unknown or drift.

    >>> from abkit.adaptive.policies import EvenSplit
    >>> from abkit.adaptive.racing import run
    >>> ax = plot_policies({"even": run(EvenSplit(2), [0.1, 0.2], horizon=400, reps=200, rng=1)})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['even']
    """
    ax = style.axes_or_new(ax)
    ends = {label: _worse(one)[0][:, -1] for label, one in runs.items()}
    mean = np.array([e.mean() for e in ends.values()])
    low, high = np.array([np.quantile(e, [0.05, 0.95], method="inverted_cdf") for e in ends.values()]).T
    place = np.arange(len(ends))[::-1]
    ax.hlines(place, low, high, color="#D55E00", linewidth=style.LINE)
    ax.plot(mean, place, **style.role("treatment") | {"linestyle": "none"})
    for y, value in zip(place, mean, strict=True):
        style.note(ax, f"{value:,.0f}", (value, y), (0, 8), ha="center")
    ax.set_yticks(place, list(ends))
    ax.set_ylim(-0.6, len(ends) - 0.2)
    ax.set_xlim(0, 1.05 * max(high.max(), mean.max()))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    best = int(mean.argmin())
    names = list(ends)
    total = next(iter(runs.values())).arm.shape[1]
    title = f"{names[best]}: {mean[best]:,.0f} of {total:,} {users} see {arm}"
    style.dress(ax, title=title, x=f"{users} who saw {arm}; bars hold 90 of 100 runs")
    spread = ", ".join(f"{k} {m:,.0f}" for k, m in zip(names, mean, strict=True))
    alt = f"Dots with bars of the {users} who saw {arm}, by policy: means {spread}. Bars hold 90 of 100 runs."
    table = {"policy": names, f"mean ({users})": mean, "5 of 100 below": low, "5 of 100 above": high}
    return describe(ax, alt=alt, table=table)


def plot_less_shown(run: BanditRun, *, truth: float, users: str = "users", ax: Axes | None = None) -> Axes:
    """Draw the observed means of two EQUAL arms: of the one shown less in its run, and of the one shown more.

    run: a `BanditRun` of two arms. truth: their common mean, a share; all is drawn in per cent. Runs where an
    arm was never shown are left out.

    Raises ValueError for another number of arms.

    users: units in all, both arms.

    >>> from abkit.adaptive.policies import Thompson
    >>> from abkit.adaptive.racing import run
    >>> ax = plot_less_shown(run(Thompson(2), [0.3, 0.3], horizon=300, reps=200, rng=1), truth=0.3)
    >>> ax.get_xlabel()
    'observed mean (per cent)'
    """
    import seaborn

    if run.arms != 2:
        raise _check.fail("run", "must have two arms", run.arms)
    pulls, sums = run.totals()
    both = (pulls > 0).all(1)
    mean = 100 * sums[both] / pulls[both]
    row, less = np.arange(len(mean)), pulls[both].argmin(1)
    heaps = {"shown less": mean[row, less], "shown more": mean[row, 1 - less]}
    ax = style.axes_or_new(ax)
    edges = np.linspace(np.quantile(mean, 0.005), np.quantile(mean, 0.998), 40)
    for (label, values), name in zip(heaps.items(), ("treatment", "control"), strict=True):
        color = style.role(name)["color"]
        seaborn.histplot(x=values, bins=edges, ax=ax, color=color, alpha=0.45, element="step", label=label)
    ax.axvline(100 * truth, color="black", linewidth=style.LINE)
    ax.set_ylim(0, 1.2 * ax.get_ylim()[1])
    style.note(ax, "truth", (100 * truth, ax.get_ylim()[1]), (4, -14))
    ax.legend(frameon=False, fontsize=style.FONT, loc="upper left")
    averages = [float(v.mean()) for v in heaps.values()]
    title = f"The one shown less averages {averages[0]:.1f} per cent; the truth is {100 * truth:g}"
    style.dress(ax, title=title, x="observed mean (per cent)", y="runs")
    alt = (
        f"Two histograms of observed means over {len(mean):,} runs of {run.arm.shape[1]:,} {users}, truth "
        f"{100 * truth:g} per cent. The one shown less averages {averages[0]:.1f}, "
        f"the other {averages[1]:.1f}."
    )
    table = {"arm": list(heaps), "average (%)": averages}
    for q, name in ((0.05, "5 of 100 below (%)"), (0.95, "5 of 100 above (%)")):
        table[name] = [float(np.quantile(v, q)) for v in heaps.values()]
    return describe(ax, alt=alt, table=table)


def _worse(run: BanditRun) -> tuple[np.ndarray, np.ndarray]:
    """Return how many users had seen a worse arm by then (reps, points), and the points."""
    if run.means is None or run.means.ndim != 1:
        raise _check.fail("run", "must have known means that do not drift", "others")
    horizon = run.arm.shape[1]
    at = np.unique(np.linspace(1, horizon, min(100, horizon)).round().astype(int))
    worse = run.means[run.arm] < run.means.max()
    return worse.cumsum(1)[:, at - 1], at
