"""All experiments of a registry on one page: what was promised, what came, and where the plan was left."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from abkit.registry.store import Entry, Registry

HEAD = ("experiment", "status", "owner", "days", "primary metric", "effect", "decision", "departures")
STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
body{color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #ccc;vertical-align:top}
caption{text-align:left;font-weight:600;padding:.4rem 0}"""


def rows(entries: Iterable[Entry]) -> list[tuple[str, ...]]:
    """Return one row of text for each experiment and arm, in the order of `HEAD`.

    >>> rows([Entry("x", "draft", "ann", None, "all", None, None, metric="y", looks_taken=0, outcome=None)])
    [('x', 'draft', 'ann', '? to ?', 'y', '', '', '')]
    """
    return [row for entry in entries for row in _rows(entry)]


def markdown(registry: Registry) -> str:
    """Return the scorecard as Markdown; names are shown as they are and can start no markup.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Registry(Path(folder, "registry.sqlite")) as registry:
    ...     print(markdown(registry).splitlines()[2])
    0 experiments, 0 with a result, 0 to ship; 0 departed from the registered plan.
    """
    entries = registry.entries()
    table = [HEAD, ("---",) * len(HEAD), *(tuple(map(_cell, row)) for row in rows(entries))]
    lines = ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join(["# Scorecard", "", _sentence(entries), "", *lines, ""])


def page(registry: Registry) -> str:
    """Return the scorecard as one HTML page that needs no other file.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Registry(Path(folder, "registry.sqlite")) as registry:
    ...     page(registry).count('<th scope="col">') == len(HEAD), "http" in page(registry)
    (True, False)
    """
    entries = registry.entries()
    head = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(entries)
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Scorecard</title>'
        f"<style>{STYLE}</style></head><body><h1>Scorecard</h1><p>{html.escape(_sentence(entries))}</p>"
        f"<table><caption>Experiments in the order of registration</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></body></html>\n"
    )


def _sentence(entries: Sequence[Entry]) -> str:
    read = [e for e in entries if e.outcome]
    left = sum(bool(e.outcome and e.outcome["departures"]) for e in entries)
    wins = sum("ship" in (e.outcome or {}).get("decisions", {}).values() for e in entries)
    return (
        f"{len(entries):,} experiments, {len(read):,} with a result, {wins:,} to ship; "
        f"{left:,} departed from the registered plan."
    )


def _rows(entry: Entry) -> list[tuple[str, ...]]:
    days = f"{entry.first or '?'} to {entry.last or '?'}"
    start = (entry.name, entry.status, entry.owner, days, entry.metric)
    if entry.outcome is None:
        return [(*start, "", "", "")]
    departures = "; ".join(entry.outcome["departures"]) or "none"
    primary = [line for line in entry.outcome["effects"] if line["role"] == "primary"]
    if not primary:
        failed = "not read: " + ", ".join(entry.outcome["failed"])
        return [(*start, failed, "investigate", departures)]
    return [
        (
            *start,
            f"{line['arm']}: {_interval(line)}",
            entry.outcome["decisions"].get(line["arm"], ""),
            departures,
        )
        for line in primary
    ]


def _interval(line: dict[str, Any]) -> str:
    low, high = ("unbounded" if value is None else f"{value:+.3g}" for value in (line["low"], line["high"]))
    return f"{line['estimate']:+.3g} ({low} to {high})"


def _cell(text: str) -> str:
    """Text that Markdown shows letter for letter, in one cell."""
    escaped = html.escape(text, quote=False).replace("\\", "\\\\")
    for mark in "|*_`[]#":
        escaped = escaped.replace(mark, f"\\{mark}")
    return escaped
