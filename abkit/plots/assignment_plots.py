"""Figures of assignment: who changes arm when a test grows, and the split that too few buckets give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from abkit import _check
from abkit.plots import style
from abkit.plots.showing import describe


def plot_moved(
    moved: Mapping[str, tuple[float, float]], *, guess: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the share of exposed users that change arm in each ramp: one hash above, two hashes below.

    moved: name of the ramp → (share with one hash, share with two hashes). guess: in per cent, dashed.

    Raises ValueError: `moved` must hold at least one ramp.

    >>> ax = plot_moved({"10% to 50%": (0.5, 0.0)})
    >>> ax.lines[0].get_xdata().tolist(), ax.lines[1].get_xdata().tolist()
    ([50.0], [0.0])
    """
    if not moved:
        raise _check.fail("moved", "must hold at least one ramp", "none")
    ax = style.axes_or_new(ax)
    for row, pair in enumerate(moved.values()):
        for name, label, value, lift in zip(
            ("treatment", "control"), ("one hash", "two hashes"), pair, (-0.16, 0.16), strict=True
        ):
            look = style.role(name) | {"linestyle": "none"}
            ax.hlines(row + lift, 0, 100 * value, color=look["color"], linewidth=style.LINE)
            ax.plot([100 * value], [row + lift], **look)
            style.note(
                ax,
                f"{label}: {100 * value:.1f}%",
                (100 * value, row + lift),
                (9, 0),
                va="center",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
    if guess is not None:
        ax.axvline(_check.number("guess", guess), color="black", linestyle="--", linewidth=style.LINE)
        style.note(ax, "your guess", (guess, -0.62), (5, 0), va="center")
    ax.set_yticks(range(len(moved)), list(moved))
    ax.set_ylim(len(moved) - 0.5, -0.85)
    ax.set_xlim(-2, 125)
    ax.set_xticks(range(0, 101, 20))
    name, (one, two) = max(moved.items(), key=lambda item: item[1][0])
    title = f"{name}: one hash moves {one:.1%}, two hashes {two:.1%}"
    style.dress(ax, title=title, x="exposed users who change their arm (%)")
    ramps = "1 ramp" if len(moved) == 1 else f"{len(moved)} ramps"
    alt = (
        f"Points for the share of exposed users that change their arm, {ramps}, one hash and two. "
        f"Most in {name}: {one:.1%} with one hash, {two:.1%} with two."
    )
    first, second = ([100 * pair[i] for pair in moved.values()] for i in (0, 1))
    return describe(ax, alt=alt, table={"ramp": [*moved], "one hash (%)": first, "two hashes (%)": second})


def plot_buckets(
    split: Mapping[int, Sequence[float]], shares: Sequence[float], *, ax: Axes | None = None
) -> Axes:
    """Draw control's part of the enrolled users against the share that enters, a line for each number of
    buckets.

    split: number of buckets → control's part (share) for each of the `shares`; at most four lines.

    Raises ValueError: `split` must hold one to … numbers of buckets; `split` must hold one value a share.

    >>> ax = plot_buckets({100: [1.0, 0.5], 10_000: [0.5, 0.5]}, [0.01, 0.02])
    >>> ax.lines[1].get_ydata().tolist()
    [100.0, 50.0]
    """
    names = ("treatment", "control", "third", "fourth")
    if not 1 <= len(split) <= len(names):
        raise _check.fail("split", f"must hold one to {len(names)} numbers of buckets", len(split))
    ax = style.axes_or_new(ax)
    ax.axhline(50, color="black", linestyle=":", linewidth=style.LINE)
    for name, (buckets, part) in zip(names, split.items(), strict=False):
        values = 100 * _check.array("split", part)
        if values.shape != np.shape(shares):
            raise _check.fail("split", "must hold one value a share", len(values))
        ax.plot(100 * np.asarray(shares), values, **style.role(name), label=f"{buckets:,} buckets")
    ax.set_ylim(0, 105)
    ax.set_xlim(left=0)
    ax.legend(frameon=False, fontsize=style.FONT)
    few, part = next(iter(split.items()))
    title = f"{few:,} buckets: control gets {100 * part[0]:.1f}% when {100 * shares[0]:g}% enter"
    style.dress(ax, title=title, x="share of all users that enters (%)", y="control's part (%)")
    ends = "; ".join(f"{b:,} buckets {100 * p[0]:.1f} to {100 * p[-1]:.1f}" for b, p in split.items())
    alt = f"Lines of control's part in per cent against the share that enters: {ends}. The plan is 50."
    table = {"share that enters (%)": [100 * s for s in shares]}
    table |= {f"{b:,} buckets (%)": [100 * v for v in p] for b, p in split.items()}
    return describe(ax, alt=alt, table=table)
