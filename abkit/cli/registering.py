"""`abkit registry` keeps plans: YAML goes in, the start freezes it, the end is compared with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from abkit.cli import files

FINE, CHECK_FAILED = 0, 1
DEFAULT = "registry.sqlite"
STEPS = {
    "start": "freeze the plan and run it",
    "pause": "pause a running experiment",
    "resume": "go on with a paused experiment",
    "stop": "end an experiment before its plan is fulfilled: say why in --note",
    "complete": "end an experiment as planned",
    "archive": "put an ended experiment away",
}


def add(commands: Any) -> None:
    """Register `registry` and its actions.

    >>> import argparse
    >>> parser = argparse.ArgumentParser(); add(parser.add_subparsers())
    >>> parser.parse_args("registry start button --at 2026-03-02 --registry team.sqlite".split()).at
    '2026-03-02'
    """
    parser = commands.add_parser(
        "registry",
        help="keep plans: add, start, stop, list, conflicts, analyze …",
        description="draft → running ⇄ paused → stopped or completed → archived. Exit code 0: done. "
        "1: a conflict, a departure from the plan, or a failed check. 2: bad input, or an illegal step.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    one = _action(actions, "add", "register a plan (a YAML file) as a draft, or revise a draft", _add)
    one.add_argument("file", type=Path, help="the plan as YAML")
    _who(one)
    for step, text in STEPS.items():
        one = _action(actions, step, text, _step)
        one.add_argument("name")
        one.add_argument("--at", help="the day from which it holds, such as 2026-03-02 (today)")
        _who(one)
        if step == "start":
            one.add_argument(
                "--underpowered", default="", metavar="REASON", help="why a plan without its power may run"
            )
    one = _action(actions, "list", "print one line an experiment", _list)
    one.add_argument("--status", help="only those in this state")
    one.add_argument("--json", action="store_true", help="print JSON")
    _action(actions, "show", "print a plan and its history", _show).add_argument("name")
    one = _action(actions, "conflicts", "print the experiments that would share users", _conflicts)
    one.add_argument("name", help="a registered name, or a plan as a .yaml file")
    _analyze_options(
        _action(actions, "analyze", "analyse a file by the frozen plan, and record the look", _analyze)
    )
    one = _action(actions, "scorecard", "print all experiments as Markdown, or write a page", _scorecard)
    one.add_argument("--html", type=Path, metavar="FILE", help="write one HTML page")
    one.add_argument("--force", action="store_true", help="replace the file of --html if it exists")


def _action(actions: Any, name: str, text: str, run: Callable[[Any, Any], int]) -> Any:
    parser = actions.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    parser.add_argument(
        "--registry", default=DEFAULT, metavar="URL", help=f"a file, or postgresql://… (default {DEFAULT})"
    )
    parser.set_defaults(run=lambda options: _opened(options, run))
    return parser


def _who(parser: Any) -> None:
    parser.add_argument("--by", default="", help="who does it")
    parser.add_argument("--note", default="", help="why")


def _analyze_options(parser: Any) -> None:
    parser.add_argument("name")
    parser.add_argument("file", type=Path, help="one row a unit, CSV or Parquet")
    parser.add_argument("--at", help="the day of the look, such as 2026-03-15 (today)")
    parser.add_argument("--by", default="", help="who looks")
    parser.add_argument(
        "--done",
        type=Path,
        metavar="FILE",
        help="a plan as YAML whose analysis was really done; differences are listed",
    )
    parser.add_argument(
        "--worth",
        type=float,
        help="the smallest gain that pays, in the metric's unit (default 0)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--html", type=Path, metavar="FILE", help="write the report as one HTML page")
    parser.add_argument("--force", action="store_true", help="replace the file of --html if it exists")


def _opened(options: Any, run: Callable[[Any, Any], int]) -> int:
    from abkit.registry.store import Registry

    with Registry(options.registry) as registry:
        return run(registry, options)


def _add(registry: Any, options: Any) -> int:
    from abkit.registry.experiments import plan_check
    from abkit.registry.notation import read_yaml

    experiment = registry.add(read_yaml(options.file), by=options.by, note=options.note)
    print(f"{experiment.name}: draft")
    print(f"  {plan_check(experiment).message}")
    return FINE


def _step(registry: Any, options: Any) -> int:
    more = {"underpowered": options.underpowered} if options.action == "start" else {}
    step = getattr(registry, options.action)
    experiment = step(options.name, at=options.at, by=options.by, note=options.note, **more)
    print(f"{experiment.name}: {experiment.status}")
    return FINE


def _list(registry: Any, options: Any) -> int:
    entries = registry.entries(status=options.status)
    if options.json:
        print(json.dumps([entry.to_dict() for entry in entries], ensure_ascii=False, indent=2))
        return FINE
    for e in entries:
        days = f"{e.first or '?'} to {e.last or '?'}"
        facts = f"[{e.metric}; {e.layer or 'no layer'}; {e.eligible}]"
        print(f"{e.status:<10} {days:<26} {e.name}  {facts} {e.owner}".rstrip())
    if not entries:
        print("No experiments.")
    return FINE


def _show(registry: Any, options: Any) -> int:
    experiment = registry.get(options.name)
    print(experiment.yaml() + f"# status: {experiment.status}")
    for event in registry.history(options.name):
        rest = "; ".join(filter(None, (event.by and f"by {event.by}", event.note)))
        print(
            f"# {event.at}  {event.action:<8} {event.status:<10} recorded {event.recorded}  {rest}".rstrip()
        )
    return FINE


def _conflicts(registry: Any, options: Any) -> int:
    from abkit.registry.notation import read_yaml

    plan = options.name.lower().endswith((".yaml", ".yml"))
    found = registry.conflicts(read_yaml(Path(options.name)) if plan else options.name)
    for c in found:
        days = f"{c.first or '?'} to {c.last or '?'}"
        print(f"{c.name} ({c.status}), {days}: {c.reason}.\n  To do: {c.suggestion}.")
    if not found:
        print("No conflicts.")
    return CHECK_FAILED if found else FINE


def _analyze(registry: Any, options: Any) -> int:
    from abkit.registry.notation import read_yaml
    from abkit.reporting.decision import Rule

    done = None if options.done is None else read_yaml(options.done).analysis
    rule = None if options.worth is None else Rule(worth=options.worth)
    found = registry.analyze(
        options.name, options.file, analysis=done, rule=rule, at=options.at, by=options.by
    )
    if options.html is not None:
        files.write_new(
            options.html, found.html(file=Path(options.file).name), option="html", force=options.force
        )
    if options.json:
        facts = {"departures": list(found.departures), "look": found.look, **json.loads(found.report.json())}
        print(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        print(found.text())
    failed = any(check.passed is False for check in found.report.checks)
    return CHECK_FAILED if failed or found.departures else FINE


def _scorecard(registry: Any, options: Any) -> int:
    from abkit.registry import scorecard

    if options.html is not None:
        files.write_new(options.html, scorecard.page(registry), option="html", force=options.force)
    else:
        print(scorecard.markdown(registry), end="")
    return FINE
