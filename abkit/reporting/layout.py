"""The facts of a report as text, Markdown, HTML and JSON. Numbers are rounded here and nowhere else."""

from __future__ import annotations

import html
import json
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from abkit._table import plain

HEAD = (
    "metric",
    "role",
    "arm",
    "n control + arm",
    "control",
    "in the arm",
    "effect",
    "interval",
    "p",
    "corrected p",
    "lift",
)
GUARD = {True: "passed", False: "HARM", None: "harm not ruled out"}
WIDTH, HEIGHT = 160, 24  # of a small figure, in pixels
COLUMNS = 80  # of a terminal
BADGE = {"ship": "#00664b", "stop": "#9c2f00", "investigate": "#7a0046"}  # white text on it: 7 to 1
STEPS = {
    "SRM": "compare the shares by day, device and step of the logging; mend what loses or repeats units",
    "units": "sum the rows up to units; find out why a unit changed its arm",
    "missing": "find out why values are missing, or bound the effect",
    "balance": "find out why the arms differed before the start",
}  # what to do first when the check of this name failed
STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 sans-serif;max-width:78em;margin:1.5em auto;padding:0 1em;overflow-wrap:anywhere;
 color:#1a1a1a;background:#fff}
h2{font-size:1.2em;margin-bottom:.3em}
table{border-collapse:collapse;font-size:.85em;font-variant-numeric:tabular-nums}
th,td{padding:.3em .5em;border-bottom:1px solid #767676;text-align:left;vertical-align:top;
 overflow-wrap:break-word}
thead th{vertical-align:bottom}
@media screen and (prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}}
@media print,(max-width:80em){
 table{display:block}
 main div{overflow:visible!important}
 tbody{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(22em,100%),1fr));gap:.8em}
 thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
 tr{display:block;border:1px solid #767676;padding:.3em .6em;break-inside:avoid}
 tbody th,td{display:grid;grid-template-columns:8.5em minmax(0,1fr);border:0;padding:.1em 0;
  overflow-wrap:anywhere}
 tbody th::before,td::before{content:attr(data-label);font-weight:normal;opacity:.8}
 td:empty{display:none}
 h2{break-after:avoid}
}
@media print{body{font-size:10pt;margin:0}}
"""


EMPTY: dict[str, Any] = {
    "checks": [],
    "lines": [],
    "notes": [],
    "rule": {"worth": 0.0, "direction": "up", "information": 1.0},
}  # of a report without metrics


def json_text(facts: Mapping[str, Any]) -> str:
    """Return sorted JSON; infinite numbers become the text "inf" or "-inf", unknown ones null.

    >>> json_text({"b": 1, "a": float("inf")}).replace(chr(10), "")
    '{ "a": "inf", "b": 1}'
    """
    return json.dumps(_strict(facts), sort_keys=True, indent=1, ensure_ascii=False)


def text(facts: Mapping[str, Any]) -> str:
    """Return the report as plain text in 80 columns, the decision first.

    >>> print(text({"counts": {"a": 5, "b": 6}, "decisions": {}, **EMPTY}))
    Units: a: 5, b: 6
    """
    out = [f"Units: {_counts(facts)}"]
    for arm, decision in facts["decisions"].items():
        out += [
            f"{_pair(facts, arm)}: {decision['action'].upper()}",
            *(f"  {reason}" for reason in decision["reasons"]),
        ]
    if facts["decisions"]:
        out.append(f"Rule: {_rule(facts['rule'])}")
    out += [f"Check {c['name']}: {c['message']}" for c in facts["checks"]]
    out += [_sentence(row) for row in facts["lines"]]
    out += [f"Note: {note}" for note in facts["notes"]]
    return "\n".join(_wrapped(line) for part in out for line in part.split("\n"))


def markdown(facts: Mapping[str, Any]) -> str:
    """Return the report as Markdown, with one table of effects.

    >>> markdown({"counts": {"a": 5, "b": 6}, "decisions": {}, **EMPTY}).splitlines()[0]
    '# Report'
    """
    e = _escaped
    out = ["# Report", "", f"Units: {e(_counts(facts))}", ""]
    for arm, decision in facts["decisions"].items():
        out += [
            f"**{e(_pair(facts, arm))}: {decision['action']}**",
            "",
            *(f"- {e(reason)}" for reason in decision["reasons"]),
            "",
        ]
    out += [
        f"Rule: {_rule(facts['rule'])}",
        "",
        *(f"- {e(c['name'])}: {e(c['message'])}" for c in facts["checks"]),
        "",
    ]
    if facts["lines"]:
        out += ["| " + " | ".join(HEAD) + " |", "|" + " --- |" * len(HEAD)]
        out += ["| " + " | ".join(map(e, _cells(row))) + " |" for row in facts["lines"]]
    return "\n".join([*out, "", *(f"- {e(note)}" for note in facts["notes"])]).rstrip() + "\n"


def page(facts: Mapping[str, Any], *, said: Mapping[str, str] | None = None) -> str:
    """Return one whole HTML page; `said` is what its head says, such as the file, date and version.

    >>> page({"counts": {"a": 5}, "decisions": {}, **EMPTY})[:15]
    '<!doctype html>'
    """
    e = html.escape
    origin = " · ".join(f"{e(name)} {e(value)}" for name, value in (said or {}).items())
    name = (said or {}).get("File")
    title = f"Report: {e(name)}" if name else "Report"
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style>"
    )
    under = f"<p>{origin}</p>" if origin else ""
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><main><h1>{title}</h1>{under}{body(facts)}'
        "</main></body></html>\n"
    )


def body(facts: Mapping[str, Any]) -> str:
    """Return the report as HTML for a notebook or a page: decision, checks, table with a figure a line,
    notes.

    >>> "<p>Units: a: 5</p>" in body({"counts": {"a": 5}, "decisions": {}, **EMPTY})
    True
    """
    e = html.escape
    failed = [c for c in facts["checks"] if c["passed"] is False]
    out = [_refusal(facts, failed)] if failed else [_verdict(facts, arm) for arm in facts["decisions"]]
    out += [f"<p>Units: {e(_counts(facts))}</p>", f"<p>Rule: {e(_rule(facts['rule']))}</p>"]
    out += [f"<p>Check {e(c['name'])}: {e(c['message'])}</p>" for c in facts["checks"] if c not in failed]
    if facts["lines"]:
        at = HEAD.index("p")  # the small figure stands beside its interval
        head = "".join(f'<th scope="col">{h}</th>' for h in (*HEAD[:at], "against 0", *HEAD[at:]))
        rows = "".join(_html_row(row, at) for row in facts["lines"])
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        out.append(f'<div style="overflow-x:auto">{table}</div>')
    return "".join(out + [f"<p>{e(note)}</p>" for note in facts["notes"]])


def _verdict(facts: Mapping[str, Any], arm: str) -> str:
    decision = facts["decisions"][arm]
    first, *rest = (html.escape(reason) for reason in decision["reasons"])
    items = f"<ul>{''.join(f'<li>{reason}</li>' for reason in rest)}</ul>" if rest else ""
    return f"<h2>{_badge(decision['action'])} {html.escape(_pair(facts, arm))}</h2><p>{first}</p>{items}"


def _refusal(facts: Mapping[str, Any], failed: Sequence[Mapping[str, Any]]) -> str:
    """Say once, for all arms, what failed and what to do."""
    e = html.escape
    what = "".join(f"<li><b>{e(c['name'])}</b>: {e(c['message'])}</li>" for c in failed)
    steps = dict.fromkeys(STEPS.get(c["name"].split(" ")[0], "explain it") for c in failed)
    todo = "; ".join([*steps, "then analyse again"])
    arms = e(", ".join(_pair(facts, arm) for arm in facts["decisions"]))
    return (
        f"<h2>{_badge('investigate')} {arms}</h2><p>A check failed, so no effect is read.</p><ul>{what}</ul>"
        f"<p>What to do: {e(todo)}.</p>"
    )


def _badge(action: str) -> str:
    look = f"background:{BADGE.get(action, '#444')};color:#fff;padding:.1em .5em;border-radius:.3em"
    return f'<span style="{look};print-color-adjust:exact">{action.upper()}</span>'


def _html_row(row: Mapping[str, Any], at: int) -> str:
    names = dict(zip(HEAD, _cells(row), strict=True))
    cells = [f'<td data-label="{name}">{html.escape(cell)}</td>' for name, cell in names.items()]
    cells[0] = f'<th scope="row" data-label="{HEAD[0]}">{html.escape(row["metric"])}</th>'
    drawn = f'<td data-label="against 0">{figure(row)}</td>'
    return "<tr>" + "".join([*cells[:at], drawn, *cells[at:]]) + "</tr>"


def figure(row: Mapping[str, Any]) -> str:
    """Return a small SVG of one interval against 0, the dotted line; each has its own scale. Grey: a
    guardrail's harm.

    >>> figure({"metric": "y", "arm": "b", "estimate": 1.0, "low": 0.5, "high": 1.5})[:4]
    '<svg'
    """
    margin = row.get("harm_from")
    worth = row.get("ships_from")
    ends = [
        v
        for v in (row["low"], row["high"], row["estimate"], 0.0, margin, worth)
        if v is not None and math.isfinite(v)
    ]
    left, span = min(ends), (max(ends) - min(ends)) or 1.0

    def x(value: float) -> float:
        return round(10 + (WIDTH - 20) * min(max((value - left) / span, 0.0), 1.0), 1)

    label = html.escape(f"{row['metric']}, {row['arm']}: {row['estimate']:.4g}, interval {_interval(row)}")
    colour = "#D55E00" if row["low"] > 0 or row["high"] < 0 else "#0072B2"
    middle = HEIGHT / 2
    grey = (
        ""
        if margin is None
        else (
            f'<rect x="{x(margin) if margin > 0 else 0}" y="0" height="{HEIGHT}" fill="#888" '
            f'fill-opacity=".35" width="{WIDTH - x(margin) if margin > 0 else x(margin)}"/>'
        )
    )
    if worth:
        label += f", break-even {worth:g}"
        grey += f'<line x1="{x(worth)}" x2="{x(worth)}" y1="0" y2="{HEIGHT}" stroke="currentColor"/>'
    return (
        f'<svg role="img" aria-label="{label}" width="{WIDTH}" height="{HEIGHT}">{grey}<line x1="{x(0)}"'
        f' x2="{x(0)}" y1="0" y2="{HEIGHT}" stroke="currentColor" stroke-dasharray="2 3"/><line'
        f' x1="{x(row["low"])}" x2="{x(row["high"])}" y1="{middle}" y2="{middle}" stroke="{colour}"'
        f' stroke-width="2"/><circle cx="{x(row["estimate"])}" cy="{middle}" r="5" fill="{colour}"/></svg>'
    )


def _wrapped(line: str) -> str:
    """Break a line that is too long; what follows is indented by two more."""
    if len(line) <= COLUMNS:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, COLUMNS, subsequent_indent=indent, break_on_hyphens=False)


def _escaped(text: str) -> str:
    """Return text that Markdown shows as it is, in one line."""
    return re.sub(r"([\\`*_|\[\]]|<(?=[A-Za-z/!?]))", r"\\\1", " ".join(text.splitlines()))


def _strict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _strict(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_strict(v) for v in value]
    value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _pair(facts: Mapping[str, Any], arm: str) -> str:
    return f"{arm} against {facts['analysis']['control']}"


def _counts(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{arm}: {n:,}" for arm, n in facts["counts"].items())


def _rule(rule: Mapping[str, Any]) -> str:
    gain = "gain" if rule["direction"] == "up" else "fall (the good direction)"
    early = (
        "stop early only if a guardrail shows harm, else extend; when all planned information is in, "
        if rule["information"] < 1
        else ""
    )
    return (
        f"{early}ship if the interval shows a {gain} above {rule['worth']:g} and every guardrail passes; stop"
        " if it rules that out or a guardrail shows harm; else inconclusive."
    )


def _interval(row: Mapping[str, Any]) -> str:
    return f"{row['low']:.4g} to {row['high']:.4g}"


def _lift(row: Mapping[str, Any]) -> str:
    if row["lift"] is None:
        return ""
    if row["lift_low"] > row["lift_high"]:
        return f"{row['lift']:+.2%} [below {row['lift_high']:+.2%} or above {row['lift_low']:+.2%}]"
    ends = ("no bound" if math.isinf(row[k]) else f"{row[k]:+.2%}" for k in ("lift_low", "lift_high"))
    return f"{row['lift']:+.2%} [{' to '.join(ends)}]"


def _p(value: float) -> str:
    return "<.0001" if value < 0.0001 else f"{value:.4f}"


def _corrected(row: Mapping[str, Any]) -> str:
    if row["role"] == "guardrail":
        return f"margin {row['margin']:g}: {GUARD[row['guardrail']]}"
    return _p(row["adjusted"])


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        row["metric"],
        row["role"],
        row["arm"],
        f"{row['n_control']:,} + {row['n_treatment']:,}",
        f"{row['value_control']:.4g}",
        f"{row['value_treatment']:.4g}",
        f"{row['estimate']:+.4g}",
        f"{_interval(row)} ({100 * (1 - row['alpha']):.4g}%)",
        _p(row["pvalue"]),
        _corrected(row),
        _lift(row),
    ]


def _sentence(row: Mapping[str, Any]) -> str:
    cells = dict(zip(HEAD, _cells(row), strict=True))
    corrected = (
        f"against the margin; {cells['corrected p']}"
        if row["role"] == "guardrail"
        else f"corrected {cells['corrected p']}"
    )
    lift = f"\n  lift {cells['lift']}" if cells["lift"] else ""
    return (
        f"{row['role']} {row['metric']} ({row['kind']}), {row['arm']} − {row['control']}, n"
        f" {cells['n control + arm']}\n  {cells['control']} → {cells['in the arm']}: {cells['effect']},"
        f" interval {cells['interval']}, p {cells['p']} ({corrected}){lift}"
    )
