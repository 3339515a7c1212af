"""`abkit analyze` turns a file of units into a report: checks, effects with intervals, a decision."""

from __future__ import annotations

import sys
import warnings
from argparse import ArgumentParser
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from abkit import _check
from abkit.cli import files
from abkit.metrics import DIRECTIONS, KINDS, Analysis, Metric

FINE, CHECK_FAILED = 0, 1
NAMES = {
    name: f"--{name}"
    for name in ("arm", "control", "metric", "guardrail", "expect", "unit", "alpha", "correction")
}
NAMES |= {
    name: f"--{name}" for name in ("worth", "information", "covariate", "measured", "start", "html", "out")
}
NAMES |= {
    "metrics": "--metric",
    "columns": "--metric",
    "weights": "--expect",
    "kind": "--metric",
    "table": "the file",
}


def add(commands: Any) -> None:
    """Register `analyze`."""
    parser = commands.add_parser(
        "analyze",
        help="report the effects in a CSV, TSV, JSON Lines or Parquet file (one row a unit, or events)",
        description="Exit code 0: a report. 1: a check failed and no effect was read. 2: bad input.",
    )
    for options in (_add_file, _add_metrics, _add_units, _add_decision, _add_covariates, _add_output):
        options(parser)
    parser.set_defaults(run=run, names=NAMES)


def _add_file(parser: ArgumentParser) -> None:
    """Add the options that say what is read: the file and its arms."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--arm", required=True, help="the column that holds the arm")
    parser.add_argument("--control", required=True, help="the label of the control arm")


def _add_metrics(parser: ArgumentParser) -> None:
    """Add the options that say what is asked: the metrics and the guardrails."""
    parser.add_argument(
        "--metric",
        action="append",
        required=True,
        metavar="NAME:KIND[:up|down]",
        help="converted:proportion, revenue:mean or clicks/views:ratio; the first one is the primary metric",
    )
    parser.add_argument(
        "--guardrail",
        action="append",
        default=[],
        metavar="NAME:KIND:up|down:MARGIN",
        help="load_ms:mean:down:10: down is good, and a rise of 10 is a harm",
    )


def _add_units(parser: ArgumentParser) -> None:
    """Add the options that say how the units were drawn, and what a row is."""
    parser.add_argument("--expect", help="the planned shares, such as control=.5,treatment=.5")
    parser.add_argument("--unit", help="the column of the unit: repeated units are looked for")
    parser.add_argument(
        "--cluster", help="the column of what got the arm, such as city: errors then count clusters"
    )
    parser.add_argument(
        "--events",
        action="store_true",
        help="rows are events: sum them up to units first (a proportion: 1 if any row has 1); needs --unit",
    )


def _add_decision(parser: ArgumentParser) -> None:
    """Add the options of the decision: its false alarms, and the gain that pays."""
    parser.add_argument(
        "--alpha", type=files.typed("alpha"), default=0.05, help="false alarm rate (default .05)"
    )
    parser.add_argument(
        "--correction", default="holm", help="of the secondary metrics' p-values (default holm)"
    )
    parser.add_argument(
        "--worth",
        type=files.typed("worth"),
        default=0.0,
        help=(
            "the smallest gain that pays, in the metric's unit; .02 is two points of a proportion (default 0)"
        ),
    )
    parser.add_argument(
        "--information",
        type=files.typed("information"),
        default=1.0,
        help="the part of the planned units that is in, .5 for half (default 1)",
    )


def _add_covariates(parser: ArgumentParser) -> None:
    """Add the options of what was known before the start."""
    parser.add_argument(
        "--covariate",
        action="append",
        default=[],
        metavar="METRIC=COLUMN[,COLUMN]",
        help=(
            "revenue=pre_revenue: take out what was known before the start (CUPED); a metric is named as in"
            " its report"
        ),
    )
    parser.add_argument(
        "--measured", metavar="DATE", help="date of the covariates' newest values, 2026-02-28"
    )
    parser.add_argument(
        "--start", metavar="DATE", help="date of the first assignment: covariates must be older"
    )
    parser.add_argument(
        "--late-covariates", action="store_true", help="use covariates that are not older than the start"
    )


def _add_output(parser: ArgumentParser) -> None:
    """Add the options that say in which form the report comes, and where it goes."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--markdown", action="store_true", help="print Markdown")
    form.add_argument("--html", type=Path, metavar="FILE", help="write one HTML page")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write what would be printed to this file")
    parser.add_argument(
        "--force", action="store_true", help="replace the file of --html or --out if it exists"
    )


def run(options: Any) -> int:
    """Analyse the file, print the report in the form that was asked for, return the exit code."""
    from abkit.reporting.decision import Rule
    from abkit.reporting.report import analyze

    analysis = _analysis(options)
    if options.events and options.cluster:
        need, hint = "needs one row a unit", "Join the clusters to the units' table."
        raise _check.fail("cluster", need, "--events", hint)
    if options.events and options.covariate:
        raise _check.fail(
            "covariate", "needs one row a unit", "--events", "Join the past to the units' table."
        )
    table = units(options.file, analysis) if options.events else options.file
    report = analyze(
        table,
        analysis,
        rule=Rule(worth=options.worth, information=options.information),
        late_covariates="allow" if options.late_covariates else "refuse",
    )
    save = partial(files.write_new, force=options.force, inputs=[options.file])
    if options.html is not None:
        save(options.html, report.html(file=options.file.name), option="html")
    text = report.json() if options.json else report.markdown() if options.markdown else repr(report)
    if options.out is None:
        print(text)
    else:
        save(options.out, f"{text}\n", option="out")
    return CHECK_FAILED if any(check.passed is False for check in report.checks) else FINE


def _analysis(options: Any) -> Analysis:
    """Return the analysis that the options name; the first metric is the primary one."""
    expect = None if options.expect is None else files.shares(options.expect)
    roles = ["primary"] + ["secondary"] * (len(options.metric) - 1)
    metrics = [metric(spec, role) for spec, role in zip(options.metric, roles, strict=True)]
    metrics += [guardrail(spec) for spec in options.guardrail]
    return Analysis(
        options.arm,
        options.control,
        with_covariates(metrics, options.covariate, options.measured),
        expect=expect,
        unit=options.unit,
        cluster=options.cluster,
        alpha=options.alpha,
        correction=options.correction,
        start=options.start,
    )


def units(file: Path, analysis: Analysis) -> Any:
    """Sum a file of events up to one row a unit; what belongs to no unit or arm is said on the error
    stream.
    """
    from abkit.tables.units import sum_units

    if analysis.unit is None:
        raise _check.fail("unit", "must be given with --events", None)
    flags = [m.name for m in analysis.metrics if m.kind == "proportion"]
    sums = [name for m in analysis.metrics if m.kind != "proportion" for name in m.columns]
    both = sorted(set(flags) & set(sums))
    if both:
        raise _check.fail(
            "metric",
            "must not take a column as a proportion and as a sum of events",
            ", ".join(both),
            "Make two columns.",
        )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = sum_units(file, list(dict.fromkeys(sums)), flags=flags, unit=analysis.unit, arm=analysis.arm)
    for warning in caught:
        print(f"abkit: {warning.message}", file=sys.stderr)
    return table


def metric(spec: str, role: str) -> Metric:
    """Read 'revenue:mean', 'clicks/views:ratio' or 'load_ms:mean:down'.

    >>> metric("clicks/views:ratio", "primary").denominator
    'views'
    """
    name, *rest = (
        spec.rsplit(":", 2) if spec.endswith(tuple(f":{d}" for d in DIRECTIONS)) else spec.rsplit(":", 1)
    )
    if not name or not rest or rest[0] not in KINDS:
        raise _check.fail(
            "metric", f"must look like NAME:KIND, with a kind of {', '.join(KINDS)}", repr(spec)
        )
    return _metric(name, rest[0], rest[1] if len(rest) > 1 else "up", role, None)


def guardrail(spec: str) -> Metric:
    """Read 'load_ms:mean:down:10': down is the good direction, 10 the harm that must be ruled out.

    >>> guardrail("load_ms:mean:down:10").margin
    10.0
    """
    parts = spec.rsplit(":", 3)
    if len(parts) != 4 or parts[1] not in KINDS:
        raise _check.fail("guardrail", "must look like load_ms:mean:down:10", repr(spec))
    return _metric(
        parts[0],
        parts[1],
        parts[2],
        "guardrail",
        _check.positive("guardrail", files.number("guardrail", parts[3])),
    )


def with_covariates(metrics: list[Metric], specs: list[str], measured: str | None) -> tuple[Metric, ...]:
    """Read 'revenue=pre_revenue' or 'clicks/views=pre_clicks/pre_views' into the metric of that label.

    >>> with_covariates([Metric("revenue")], ["revenue=pre_revenue,visits"], None)[0].covariates
    ('pre_revenue', 'visits')
    """
    found: dict[str, list[str]] = {}
    for spec in specs:
        label, sign, columns = spec.partition("=")
        if not sign or not columns or label not in {m.label for m in metrics}:
            known = ", ".join(m.label for m in metrics)
            raise _check.fail(
                "covariate", f"must look like METRIC=COLUMN, with a metric of {known}", repr(spec)
            )
        found.setdefault(label, []).extend(columns.split(","))
    if measured is not None and not found:
        raise _check.fail("measured", "is the date of covariates: give --covariate too", repr(measured))
    return tuple(
        replace(m, covariates=tuple(found[m.label]), measured=measured) if m.label in found else m
        for m in metrics
    )


def _metric(name: str, kind: str, direction: str, role: str, margin: float | None) -> Metric:
    top, slash, bottom = name.partition("/") if kind == "ratio" else (name, "", "")
    return Metric(top, kind, bottom if slash else None, direction=direction, margin=margin, role=role)
