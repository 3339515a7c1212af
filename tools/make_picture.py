"""Draw docs/picture.png, the figure of the README: the same split in few and in many units."""

from pathlib import Path

import abkit as ab
from abkit.plots import plot_shares, style

OUT = Path(__file__).resolve().parent.parent / "docs" / "picture.png"
MANY = (821_588, 815_482)
FEW = (100_373, 99_627)


def main() -> None:
    """Write the picture; the numbers of its title come from `srm`."""
    few, many = (ab.srm(counts, [0.5, 0.5]) for counts in (FEW, MANY))
    ax = style.new_figure(height=2.9).add_subplot()
    plot_shares({f"{sum(counts):,} units": counts for counts in (FEW, MANY)}, 0.5, ax=ax)
    style.dress(
        ax,
        title=f"{MANY[0]:,} against {MANY[1]:,} is a fire alarm: p = {many.pvalue:.2g}",
        x="treatment's share less the planned 50% (percentage points)",
    )
    for row, check, text in (
        (0, few, "the same split in fewer units: no alarm"),
        (1, many, "outside the grey range that chance allows"),
    ):
        ax.annotate(
            f"{text}, p = {check.pvalue:.2g}",
            (0, row - 0.38),
            ha="center",
            va="center",
            fontsize=style.FONT,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 2},
        )
    OUT.parent.mkdir(exist_ok=True)
    ax.figure.savefig(OUT, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
