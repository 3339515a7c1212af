"""A registered plan as plain text: YAML in and out, so that a plan is reviewed in git like code.

Keys that are unknown or come twice are refused by name. What equals its default is left out.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from abkit import _check
from abkit._table import plain
from abkit.assignment.targeting import Where
from abkit.metrics import Analysis, Metric
from abkit.planning.means import Plan
from abkit.registry.experiments import SEGMENT, Experiment, two_rates

ORDER = (
    "name",
    "hypothesis",
    "owner",
    "layer",
    "share",
    "eligible",
    "start",
    "end",
    "looks",
    "worth",
    "weights",
    "analysis",
)
PLAN = ("effect", "baseline", "sd", "n_control", "n_treatment", "power", "alternative", "days")


def as_mapping(experiment: Experiment) -> dict[str, Any]:
    """Return the experiment as plain dicts, lists, numbers and text, without its status.

    >>> from abkit import Analysis, Metric
    >>> analysis = Analysis("arm", "a", (Metric("y"),))
    >>> as_mapping(Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, analysis))["analysis"]["metrics"]
    [{'name': 'y', 'kind': 'mean', 'role': 'primary', 'direction': 'up'}]
    """
    out = {key: getattr(experiment, key) for key in ORDER if key not in ("analysis", "eligible")}
    out["eligible"] = _eligible_out(experiment.eligible)
    out["weights"] = dict(experiment.weights)
    out["analysis"] = _analysis_out(experiment.analysis)
    if experiment.plan is not None:
        out["plan"] = _plan_out(experiment.plan)
    dates = {k: v.isoformat() if isinstance(v, date) else v for k, v in out.items()}
    return {key: dates[key] for key in (*ORDER, "plan") if dates.get(key) is not None}


def from_mapping(document: Any) -> Experiment:
    """Return the experiment that a mapping describes; the opposite of `as_mapping`.

    Raises ValueError for unknown or missing keys, and for what `Experiment` refuses.

    >>> document = {"name": "x", "hypothesis": "Why.", "weights": {"a": 0.5, "b": 0.5}}
    >>> from_mapping(document | {"analysis": {"arm": "arm", "control": "a", "metrics": [{"name": "y"}]}}).arms
    ('a', 'b')
    """
    keys = _mapping("experiment", document, (*ORDER, "plan"), ("name", "hypothesis", "weights", "analysis"))
    analysis = _analysis_in(keys["analysis"])
    weights = {_label("weights", arm): v for arm, v in _mapping("weights", keys["weights"]).items()}
    plan = None if keys.get("plan") is None else _plan_in(keys["plan"], analysis, weights)
    rest = {
        k: keys[k] for k in ("owner", "share", "looks", "start", "end", "worth") if keys.get(k) is not None
    }
    return Experiment(
        keys["name"],
        keys["hypothesis"],
        keys.get("layer"),
        weights=weights,
        analysis=analysis,
        plan=plan,
        eligible=_eligible_in(keys.get("eligible")),
        **rest,
    )


def yaml_text(experiment: Experiment) -> str:
    """Return the experiment as YAML, keys in a fixed order, so that two versions differ where the plan
    does.

    >>> from abkit import Analysis, Metric
    >>> analysis = Analysis("arm", "a", (Metric("y"),))
    >>> yaml_text(Experiment("x", "Why.", None, {"a": 0.5, "b": 0.5}, analysis)).splitlines()[:2]
    ['name: x', 'hypothesis: Why.']
    """
    import yaml

    return yaml.safe_dump(
        as_mapping(experiment), sort_keys=False, allow_unicode=True, default_flow_style=False, width=110
    )


def read_yaml(source: str | Path) -> Experiment:
    """Read one experiment from the path of a YAML file, or from YAML text (of at least two lines).

    Raises ValueError for a file that is not there, text that is no YAML, a key that comes twice.

    >>> from abkit import Analysis, Metric
    >>> analysis = Analysis("arm", "b", (Metric("y"),))
    >>> read_yaml(yaml_text(Experiment("x", "Why.", None, {"b": 0.5, "a": 0.5}, analysis))).arms
    ('b', 'a')
    """
    import yaml

    text = source if isinstance(source, str) and "\n" in source else _file(Path(source))
    try:
        # noqa: S506 (a SafeLoader that also refuses twins)
        return from_mapping(yaml.load(text, Loader=_loader()))
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        place = "" if where is None else f" in line {where.line + 1}"
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise _check.fail("file", "must be YAML", f"a fault{place} ({reason})") from None


def json_text(document: Any) -> str:
    """Return plain data as JSON on one line, in its own order: the order of the arms is part of an
    assignment.

    >>> json_text({"weights": {"b": 0.5, "a": 0.5}, "owner": None})
    '{"weights":{"b":0.5,"a":0.5},"owner":null}'
    """
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "no UTF-8 text"
        raise _check.fail("file", "must be a YAML file that can be read", f"{path} ({reason})") from None


def _loader() -> Any:
    import yaml

    class Strict(yaml.SafeLoader):
        """Refuses a key that comes twice: YAML would take the last one without a word."""

    def mapping(loader: Any, node: Any) -> dict[Any, Any]:
        keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
        twins = {str(key) for key in keys if keys.count(key) > 1}
        if twins:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {sorted(twins)[0]!r} comes twice", node.start_mark
            )
        return {
            key: loader.construct_object(value, deep=True)
            for key, (_, value) in zip(keys, node.value, strict=True)
        }

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Strict


def _mapping(
    name: str, value: Any, known: tuple[str, ...] = (), needed: tuple[str, ...] = ()
) -> dict[Any, Any]:
    if not isinstance(value, Mapping):
        raise _check.fail(name, "must be a mapping of keys to values", repr(value)[:80])
    unknown = [key for key in value if known and key not in known]
    if unknown:
        raise _check.fail(name, f"must have keys among {', '.join(known)}", repr(unknown[0]))
    missing = [key for key in needed if value.get(key) is None]
    if missing:
        raise _check.fail(name, f"must have the key {missing[0]!r}", ", ".join(map(str, value)) or "none")
    return dict(value)


def _label(name: str, value: Any) -> str:
    if isinstance(value, bool) or value is None:
        raise _check.fail(
            name,
            "must have arms that are text",
            repr(value),
            'YAML reads on, off, yes and no so: write "on".',
        )
    return str(value)


def _analysis_out(analysis: Analysis) -> dict[str, Any]:
    """The fields that are not at their default; the expected shares are those of `weights`."""
    out = {
        "arm": analysis.arm,
        "control": str(analysis.control),
        "metrics": [_metric_out(m) for m in analysis.metrics],
    }
    for field in dataclasses.fields(analysis):
        value = getattr(analysis, field.name)
        if field.name not in (*out, "expect") and (value != field.default or field.name == "alpha"):
            out[field.name] = value.isoformat() if isinstance(value, date) else value
    return out


def _metric_out(metric: Metric) -> dict[str, Any]:
    out = {}
    for field in dataclasses.fields(metric):
        value = getattr(metric, field.name)
        if value != field.default or field.name in ("kind", "role", "direction"):
            out[field.name] = (
                list(value)
                if isinstance(value, tuple)
                else value.isoformat()
                if isinstance(value, date)
                else value
            )
    order = ("name", "kind", "denominator", "role", "direction", "margin")
    return {key: out[key] for key in (*order, *sorted(set(out) - set(order))) if key in out}


def _analysis_in(document: Any) -> Analysis:
    fields = tuple(f.name for f in dataclasses.fields(Analysis) if f.name != "expect")
    keys = _mapping("analysis", document, fields, ("arm", "control", "metrics"))
    listed = keys.pop("metrics")
    if not isinstance(listed, list):
        raise _check.fail("metrics", "must be a list", repr(listed)[:80])
    known = tuple(f.name for f in dataclasses.fields(Metric))
    metrics = []
    for document in listed:
        metric = _mapping("metrics", document, known, ("name",))
        covariates = metric.pop("covariates", ())
        metrics.append(Metric(**metric, covariates=tuple(covariates)))
    return Analysis(keys.pop("arm"), _label("control", keys.pop("control")), tuple(metrics), **keys)


def _plan_out(plan: Plan) -> dict[str, Any]:
    rates = two_rates(plan)
    sd = [float(s) for s in plan.sd] if np.size(plan.sd) == 2 else float(plan.sd)
    out = {
        "effect": round(float(plan.effect), 12),
        "baseline": None if rates is None else rates[0],
        "sd": sd if rates is None else None,
        "n_control": int(plan.n_control),
        "n_treatment": int(plan.n_treatment),
        "power": float(plan.power),
        "alternative": None if plan.alternative == "two-sided" else plan.alternative,
        "days": None if plan.days is None else int(plan.days),
    }
    return {key: value for key, value in out.items() if value is not None}


def _plan_in(document: Any, analysis: Analysis, weights: Mapping[str, float]) -> Plan:
    """A rate is planned by its baseline, a mean by its sd; the units of a treatment follow from the weights
    if left out.
    """
    keys = _mapping("plan", document, PLAN, ("effect", "n_control"))
    if ("baseline" in keys) == ("sd" in keys):
        raise _check.fail("plan", "must have either baseline (a rate) or sd (a mean)", ", ".join(keys))
    effect = _check.number("effect", keys["effect"])
    if "baseline" in keys:
        p = _check.share("baseline", keys["baseline"])
        q = _check.share("baseline + effect", p + effect)
        sd: Any = ((p * (1 - p)) ** 0.5, (q * (1 - q)) ** 0.5)
    else:
        sd = tuple(keys["sd"]) if isinstance(keys["sd"], list) else keys["sd"]
    control = _check.integer("n_control", keys["n_control"])
    own = weights.get(str(analysis.control), 0.0)
    others = [share for arm, share in weights.items() if arm != str(analysis.control)]
    treatment = keys.get("n_treatment", round(control * min(others, default=own) / own) if own else control)
    return Plan(
        effect,
        control,
        _check.integer("n_treatment", treatment),
        n_exact=float(control),
        power=_check.share("power", keys.get("power", 0.8)),
        alpha=analysis.alpha,
        alternative=keys.get("alternative", "two-sided"),
        sd=sd,
        days=keys.get("days"),
        arms=len(weights),
    )


def _eligible_out(rules: tuple[Where, ...]) -> Any:
    if not rules:
        return "all"
    if (
        len(rules) == 1
        and (rules[0].column, rules[0].op) == (SEGMENT, "==")
        and isinstance(rules[0].value, str)
    ):
        return rules[0].value
    return [
        {
            "column": r.column,
            "op": r.op,
            "value": list(r.value) if r.op in ("in", "not in") else plain(r.value),
        }
        for r in rules
    ]


def _eligible_in(document: Any) -> Any:
    if document is None or isinstance(document, str):
        return document or "all"
    if not isinstance(document, list):
        raise _check.fail("eligible", 'must be "all", a segment, or a list of rules', repr(document)[:80])
    rules = [_mapping("eligible", rule, ("column", "op", "value"), ("column", "op")) for rule in document]
    return tuple(
        Where(r["column"], r["op"], tuple(v) if isinstance(v := r.get("value"), list) else v) for r in rules
    )
