"""The series: number, file, title and needs of every notebook, and which of them exist."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRST = "00_start_here.ipynb"


@dataclass(frozen=True)
class Notebook:
    """One notebook of the series; it may be planned only. `label` is its title, short enough for the map."""

    stem: str
    title: str
    label: str
    needs: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """Return the number, the first two digits of the file's name.

        >>> PLAN[7].number
        '07'
        """
        return self.stem[:2]


def _planned(stem: str, title: str, label: str, needs: str = "") -> Notebook:
    return Notebook(stem, title, label, tuple(needs.split()))


PLAN = (
    _planned("00_start_here", "Start here", "Start here"),
    _planned("01_end_to_end", "One experiment, end to end", "One experiment", "00"),
    _planned("02_assignment", "Assignment", "Assignment", "01"),
    _planned("03_srm", "Sample-ratio mismatch", "Sample ratio", "02"),
    _planned("04_uncertainty", "Effects and uncertainty", "Uncertainty", "01"),
    _planned("05_sample_size", "Sample size", "Sample size", "04"),
    _planned("06_pipeline", "Analysis pipeline and decision", "Pipeline", "03 05"),
    _planned("07_peeking", "Peeking", "Peeking", "04 05"),
    _planned("08_multiple_testing", "Multiple testing", "Many tests", "04"),
    _planned("09_pitfalls", "Pitfalls", "Pitfalls", "05 08"),
    _planned("10_group_sequential", "Group-sequential tests", "Planned looks", "07"),
    _planned("11_msprt", "mSPRT and confidence sequences", "Look always", "07"),
    _planned("12_guardrails", "Guardrails and monitoring", "Guardrails", "08 11"),
    _planned("13_cuped", "CUPED", "CUPED", "04 05"),
    _planned("14_stratification", "Stratification and regression adjustment", "Adjustment", "13"),
    _planned("15_sutva", "SUTVA", "Spillover", "02 04"),
    _planned("16_clusters", "Cluster, two-stage and switchback designs", "Clusters", "05 15"),
    _planned("17_bayes", "Bayesian A/B tests", "Bayes", "04 07"),
    _planned("18_bandits", "Bandits", "Bandits", "17"),
    _planned("19_interleaving", "Interleaving", "Interleaving", "04"),
    _planned("20_cate", "Effects that differ between users", "For whom", "08 14"),
    _planned("21_contextual_bandits", "Contextual bandits", "In context", "18 20"),
    _planned("22_dags", "No randomization I: DAGs", "Causes drawn", "01"),
    _planned("23_matching", "No randomization II: matching and weighting", "Matching", "14 22"),
    _planned("24_did", "No randomization III: differences in differences", "Before, after", "22"),
    _planned("25_registry", "Registry", "Registry", "06 08 09"),
    _planned("26_capstone", "Capstone", "Capstone", "03 06 09 13 25"),
)
BY_NUMBER = {notebook.number: notebook for notebook in PLAN}


def folder() -> Path:
    """Return the folder of the original notebooks: of the clone, or the one inside the installed package.

    >>> (folder() / FIRST).is_file()
    True
    """
    clone = ROOT / "notebooks"
    inside = Path(__file__).parent / "notebooks"
    return clone if (ROOT / "pyproject.toml").is_file() or not inside.is_dir() else inside


def existing(where: Path | None = None) -> dict[str, Path]:
    """Return the notebooks that exist, by number, in the order of the series.

    >>> existing()["07"].name
    '07_peeking.ipynb'
    """
    where = folder() if where is None else where
    paths = sorted(where.glob("[0-9][0-9]_*.ipynb"))
    return {path.name[:2]: path for path in paths if path.stem == BY_NUMBER[path.name[:2]].stem}


def first_cell(path: Path) -> str:
    """Return the text of the first cell of a notebook file.

    >>> first_cell(existing()["07"]).startswith("# ")
    True
    """
    return "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"])


def minutes(path: Path) -> int | None:
    """Return the time that a notebook names in its first cell, in minutes; None if it names none.

    >>> minutes(existing()["07"])
    45
    """
    found = re.search(r"Time: (\d+) minutes", first_cell(path))
    return int(found[1]) if found else None


def essential(number: str) -> tuple[str, ...]:
    """Return the needs of a notebook without those that another of its needs brings along.

    >>> essential("07")
    ('05',)
    """
    needs = BY_NUMBER[number].needs
    return tuple(n for n in needs if not any(n in _all_needs(other) for other in needs))


def _all_needs(number: str) -> set[str]:
    direct = BY_NUMBER[number].needs
    return set(direct).union(*(_all_needs(n) for n in direct))
