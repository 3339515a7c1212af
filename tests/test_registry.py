"""The registry: plans in and out, legal steps only, a history that only grows, and what survives a killed
process.
"""

import dataclasses
import itertools
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

import abkit as ab
from abkit import Analysis, Experiment, Metric, Registry, Where
from abkit.registry import notation, scorecard
from abkit.registry.experiments import LEGAL, STATES, plan_check

SEED = int(os.environ.get("ABKIT_SEED", "0"))
NASTY = (
    "Robert'); DROP TABLE abkit_history; --",
    "<script>alert('x')</script>",
    'a "quoted" | *name* [x](javascript:y)',
    ":name ? %s {0} \\",
    "ünïcode 文 \U0001f600",
)
ANALYSIS = Analysis(
    "arm",
    "control",
    (
        Metric("ordered", "proportion"),
        Metric("clicks", "ratio", denominator="views", role="secondary"),
        Metric("load_ms", direction="down", margin=10, role="guardrail"),
    ),
    unit="user",
)


def experiment(name="button", **fields):
    base = {
        "hypothesis": "A larger button brings more orders.",
        "layer": "checkout",
        "weights": {"control": 0.5, "big": 0.5},
        "analysis": ANALYSIS,
        "plan": ab.sample_size_proportions(0.25, lift=0.05),
        "start": "2026-03-02",
        "end": "2026-03-15",
        "owner": "ines",
    }
    return Experiment(name, **(base | fields))


@pytest.fixture
def registry(tmp_path):
    with Registry(tmp_path / "registry.sqlite") as opened:
        yield opened


# What a plan holds


def test_a_plan_comes_back_from_yaml_letter_by_letter():
    rules = (Where("country", "in", ("NL", "PL")), Where("age", ">=", 18))
    for plan in (
        experiment(),
        experiment(eligible="mobile", layer=None, looks=3, worth=0.0125),
        experiment(eligible=rules, plan=ab.sample_size(0.1, sd=(1.0, 1.2)), share=0.2),
        experiment(weights={"z": 0.2, "control": 0.6, "a": 0.2}, plan=None, start=None, end=None),
    ):
        text = plan.yaml()
        back = Experiment.from_yaml(text)
        assert back.yaml() == text
        assert back.eligible == plan.eligible and list(back.weights.items()) == list(plan.weights.items())
        assert [m.to_dict() for m in back.analysis.metrics] == [m.to_dict() for m in plan.analysis.metrics]


def test_a_plan_written_by_hand(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(
        """name: button
hypothesis: A larger button brings more orders.
eligible: all
start: 2026-03-02
weights: {control: 0.8, big: 0.2}
analysis:
  arm: arm
  control: control
  metrics:
  - {name: ordered, kind: proportion}
plan: {effect: 0.0125, baseline: 0.25, n_control: 20000}
""",
        encoding="utf-8",
    )
    plan = Experiment.from_yaml(file)
    assert plan.start == date(2026, 3, 2) and plan.eligible == ()
    assert plan.plan.n_treatment == 5_000 and plan.plan.power == 0.8


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("owner: ines", "owner: ines\nhypotesis: x", "hypotesis"),
        ("owner: ines", "owner: ines\nowner: eve", "'owner' comes twice"),
        ("name: button", "nome: button", "nome"),
        ("control: 0.5", "no: 0.5", 'write "on"'),
        ("control: 0.5", "control: 50", "sum to 1"),
        ("baseline: 0.25", "base: 0.25", "base"),
        ("hypothesis:", "hypothesis: [", "must be YAML"),
        ("role: guardrail", "role: watch", "must be one of"),
        ("start: '2026-03-02'", "start: 2 March", "must be a date"),
        ("end: '2026-03-15'", "end: 2026-02-01", "must not lie before"),
        ("eligible: all", "eligible: {segment: mobile}", "list of rules"),
    ],
)
def test_yaml_that_says_something_else_is_refused(old, new, said):
    text = experiment().yaml()
    assert old in text
    with pytest.raises(ValueError, match=said):
        Experiment.from_yaml(text.replace(old, new, 1))


def test_yaml_runs_no_code(tmp_path):
    with pytest.raises(ValueError, match="must be YAML"):
        Experiment.from_yaml(f"name: !!python/object/apply:os.mkdir ['{tmp_path / 'made'}']\nx: 1")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"weights": {"a": 0.5, "b": 0.5}}, "name the control"),
        ({"weights": {"control": 1.0}}, "at least two arms"),
        ({"share": 0}, "`share`"),
        ({"looks": 0}, "`looks`"),
        ({"worth": -0.01}, "`worth`"),
        ({"worth": "much"}, "`worth`"),
        ({"eligible": 5}, "`eligible`"),
        ({"status": "planned"}, "`status`"),
        ({"plan": ab.sample_size_proportions(0.25, lift=0.05, alpha=0.1)}, "alpha of the analysis"),
        ({"plan": 5_000}, "must be a Plan"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(fields, said):
    with pytest.raises(ValueError, match=said):
        experiment(**fields)


@pytest.mark.parametrize("name", ["", " ", "two\nlines", "tab\t", "x" * 201])
def test_names_are_one_line(name):
    with pytest.raises(ValueError, match="`name` must be one line"):
        experiment(name)


# Can the units reach the power?


def few(baseline, lift, n):
    plan = ab.sample_size_proportions(baseline, lift=lift)
    return dataclasses.replace(plan, n_control=n, n_treatment=n)


@pytest.mark.parametrize(
    ("baseline", "lift", "n", "reached", "need"),
    [(0.25, 0.05, 5_000, 0.299, 19_147), (0.10, 0.03, 8_000, 0.091, 159_066)],
)
def test_the_handouts_own_plans_are_refused(registry, baseline, lift, n, reached, need):
    """ERRATA E45: registered with 5,000 and 8,000 units; the handout's own calculator asks for many more."""
    check = plan_check(experiment(plan=few(baseline, lift, n)))
    assert check.passed is False and check.statistic == pytest.approx(reached, abs=5e-4)
    assert f"{need:,}" in check.message
    registry.add(experiment(plan=few(baseline, lift, n)))
    with pytest.raises(ValueError, match=f"needs {need:,}"):
        registry.start("button")
    registry.start("button", underpowered="a pilot")
    assert "underpowered: a pilot" in registry.history("button")[-1].note


def test_means_arms_and_looks_count():
    means = Analysis("arm", "control", (Metric("spent"),))
    plan = ab.sample_size(0.1, sd=1.0)
    assert plan_check(experiment(analysis=means, plan=plan)).passed
    assert plan_check(experiment(analysis=means, plan=None)).passed is None
    three = {"control": 0.4, "a": 0.3, "b": 0.3}  # two comparisons, each at alpha / 2
    assert plan_check(experiment(analysis=means, plan=plan, weights=three)).passed is False
    enough = ab.sample_size(0.1, sd=1.0, alpha=0.025)
    assert plan_check(
        experiment(analysis=means, plan=dataclasses.replace(enough, alpha=0.05), weights=three)
    ).passed
    assert plan_check(experiment(analysis=means, plan=plan, looks=5)).passed is False  # looks cost units
    more = dataclasses.replace(plan, n_control=1.03 * plan.n_control, n_treatment=1.03 * plan.n_treatment)
    assert plan_check(
        experiment(analysis=means, plan=more, looks=5)
    ).passed  # O'Brien-Fleming: 1.028 at 5 looks


# The steps


STEPS = {
    "start": "running",
    "pause": "paused",
    "resume": "running",
    "stop": "stopped",
    "complete": "completed",
}
STEPS |= {"archive": "archived"}
ROADS = {
    "draft": (),
    "running": ("start",),
    "paused": ("start", "pause"),
    "stopped": ("start", "stop"),
    "completed": ("start", "complete"),
    "archived": ("start", "complete", "archive"),
}
ALLOWED = {
    "draft": {"start"},
    "running": {"pause", "stop", "complete"},
    "paused": {"resume", "stop", "complete"},
    "stopped": {"archive"},
    "completed": {"archive"},
    "archived": set(),
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(STATES, STEPS)))
def test_legal_steps_are_taken_and_every_other_is_refused(registry, state, step):
    registry.add(experiment())
    for taken in ROADS[state]:
        getattr(registry, taken)("button", at="2026-03-02")
    before = registry.history("button")
    assert registry.get("button").status == state
    if step in ALLOWED[state]:
        assert getattr(registry, step)("button", at="2026-03-03").status == STEPS[step]
        assert [e.action for e in registry.history("button")] == [*(e.action for e in before), step]
    else:
        with pytest.raises(ValueError, match="may go"):
            getattr(registry, step)("button", at="2026-03-03")
        assert len(registry.history("button")) == len(before)


def test_the_table_of_states_is_the_issues():
    assert LEGAL == {
        "draft": ("running",),
        "running": ("paused", "stopped", "completed"),
        "paused": ("running", "stopped", "completed"),
        "stopped": ("archived",),
        "completed": ("archived",),
        "archived": (),
    }


def test_a_draft_may_be_revised_and_a_started_plan_is_frozen(registry):
    registry.add(experiment())
    registry.add(experiment(hypothesis="Another."))
    assert registry.get("button").hypothesis == "Another."
    registry.start("button")
    with pytest.raises(ValueError, match="frozen"):
        registry.add(experiment(hypothesis="What we always meant."))
    assert [e.action for e in registry.history("button")] == ["add", "revise", "start"]
    assert registry.get("button").hypothesis == "Another."


def test_days_do_not_run_backwards_and_unknown_names_are_said(registry):
    registry.add(experiment())
    registry.start("button", at="2026-03-02")
    with pytest.raises(ValueError, match="last step, 2026-03-02"):
        registry.stop("button", at="2026-03-01")
    for call in (registry.get, registry.start, registry.history, registry.conflicts):
        with pytest.raises(ValueError, match="registered experiment; got 'colour'"):
            call("colour")


def test_running_is_told_for_any_day(registry):
    registry.add(experiment())
    registry.start("button", at="2026-03-02")
    registry.pause("button", at="2026-03-05")
    registry.resume("button", at="2026-03-07")
    registry.complete("button", at="2026-03-15")
    days = ("2026-03-01", "2026-03-02", "2026-03-05", "2026-03-07", date(2026, 3, 14), "2026-03-15", None)
    assert [len(registry.running(day)) for day in days] == [0, 1, 0, 1, 1, 0, 0]


# The history only grows, and survives


def test_the_database_itself_refuses_to_change_the_history(registry, tmp_path):
    registry.add(experiment())
    with sqlite3.connect(tmp_path / "registry.sqlite") as raw:
        for statement in ("UPDATE abkit_history SET note = 'x'", "DELETE FROM abkit_history"):
            with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                raw.execute(statement)
    assert len(registry.history("button")) == 1


WRITER = """
import sys
from abkit import Registry
from abkit.registry.experiments import Experiment
sys.path.insert(0, {tests!r})
from test_registry import experiment
registry = Registry({file!r})
for i in range(10_000):
    registry.add(experiment(f"{name} {{i}}"))
    print(i, flush=True)
"""


def writer(file, name):
    code = WRITER.format(tests=str(Path(__file__).parent), file=str(file), name=name)
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def test_a_killed_writer_loses_nothing_that_was_acknowledged(tmp_path):
    """kill -9 at 20 random moments: each name that was printed is there, the file opens, and its integrity
    holds.
    """
    dice = random.Random(SEED)
    file = tmp_path / "registry.sqlite"
    script = (
        "import os, sys, random, signal, threading, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_registry import experiment\nfrom abkit import Registry\n"
        "for run in range(20):\n"
        "    r, w = os.pipe()\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        f"        registry = Registry({str(file)!r})\n"
        "        for i in range(1000):\n"
        "            name = f'{run}.{i}'\n"
        "            registry.add(experiment(name))\n"
        "            os.write(w, (name + '\\n').encode())\n"
        "    os.close(w)\n"
        "    first = os.read(r, 1)\n"  # wait until it writes
        f"    time.sleep(random.Random({dice.randrange(10**6)} + run).uniform(0, 0.06))\n"
        "    os.kill(pid, signal.SIGKILL)\n"
        "    os.waitpid(pid, 0)\n"
        "    rest = b''\n"
        "    while part := os.read(r, 65536):\n"
        "        rest += part\n"
        "    os.close(r)\n"
        "    print((first + rest).decode(), end='', flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    acknowledged = done.stdout.split()
    assert len({name.split(".")[0] for name in acknowledged}) == 20
    with sqlite3.connect(file) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with Registry(file) as opened:
        kept = [entry.name for entry in opened.entries()]
        assert set(acknowledged) <= set(kept) and len(kept) - len(acknowledged) <= 20
        opened.add(experiment("after"))


def test_two_processes_write_at_once(tmp_path):
    file = tmp_path / "registry.sqlite"
    Registry(file).close()
    both = [writer(file, name) for name in ("left", "right")]
    try:
        for process in both:
            for _ in range(15):
                assert process.stdout.readline().strip().isdigit(), process.stderr.read()
    finally:
        for process in both:
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
            process.stderr.close()
    with Registry(file) as opened:
        names = [entry.name for entry in opened.entries()]
    assert all(f"{side} {i}" in names for side in ("left", "right") for i in range(15))


def test_a_writer_that_waits_too_long_says_so(tmp_path, monkeypatch):
    from abkit.registry import database

    monkeypatch.setattr(database, "PATIENCE", 0.2)
    with Registry(tmp_path / "registry.sqlite") as opened:
        raw = sqlite3.connect(tmp_path / "registry.sqlite", isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(ValueError, match="must be free within 0.2 seconds.*try again"):
            opened.add(experiment())
        raw.execute("ROLLBACK")
        raw.close()
        opened.add(experiment())


def test_reading_waits_for_no_writer(tmp_path):
    with Registry(tmp_path / "registry.sqlite") as opened:
        opened.add(experiment())
        raw = sqlite3.connect(tmp_path / "registry.sqlite", isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        with Registry(tmp_path / "registry.sqlite") as second:
            assert second.get("button").status == "draft"
        raw.execute("ROLLBACK")
        raw.close()


def test_only_one_of_two_starts_succeeds(tmp_path):
    with Registry(tmp_path / "r.sqlite") as one, Registry(tmp_path / "r.sqlite") as two:
        one.add(experiment())
        one.start("button")
        with pytest.raises(ValueError, match="may go"):
            two.start("button")
        assert two.get("button").status == "running"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "CREATE TABLE abkit_registry (version INTEGER); INSERT INTO abkit_registry VALUES (2)",
            "version 1.*newer abkit",
        ),
        ("CREATE TABLE abkit_registry (version INTEGER)", "version 1"),
        ("CREATE TABLE users (name TEXT)", "must be a registry or a new file.*users"),
    ],
)
def test_another_file_is_refused_and_left_alone(tmp_path, content, said):
    file = tmp_path / "other.sqlite"
    with sqlite3.connect(file) as raw:
        raw.executescript(content)
    before = file.read_bytes()
    with pytest.raises(ValueError, match=said):
        Registry(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "must name a file"),
        ("mysql://u@h/d", "SQLite or PostgreSQL"),
        ("no/such/folder/r.sqlite", "folder that exists"),
        ("", "must be a path"),
        (".", "must be a registry that can be opened"),
        (5, "must be text"),
    ],
)
def test_an_address_that_is_none_is_refused(url, said):
    with pytest.raises(ValueError, match=said):
        Registry(url)


def test_text_is_no_registry_and_a_password_is_never_shown(tmp_path):
    (tmp_path / "notes.txt").write_text("no database, but long enough to be read as one " * 20)
    with pytest.raises(ValueError, match="must be a registry that can be opened"):
        Registry(tmp_path / "notes.txt")
    with pytest.raises(ValueError) as caught:
        Registry("postgresql://ann:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value) and "Traceback" not in str(caught.value)


# Size, names, people


def test_a_list_of_ten_thousand_takes_seconds_at_most(registry, tmp_path):
    document = notation.as_mapping(experiment())
    rows = []
    for i in range(10_000):
        text = notation.json_text(document | {"name": f"test {i}"})
        rows.append((f"test {i}", "add", "draft", "2026-03-01", "", "", "", text))
        rows.append((f"test {i}", "start", "running", "2026-03-02", "", "", "", ""))
    with sqlite3.connect(tmp_path / "registry.sqlite") as raw:
        columns = '"name", "action", "status", "at", "recorded", "by", "note", "document"'
        raw.executemany(f"INSERT INTO abkit_history ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    begin = time.process_time()  # the machine may have other work
    found = registry.entries()
    assert (
        time.process_time() - begin < 10
    )  # .3 s here; a way that reads the list anew for each row takes minutes
    assert len(found) == 10_000 and found[-1].name == "test 9999" and found[0].status == "running"


@pytest.mark.parametrize("name", NASTY)
def test_names_are_inert_everywhere(registry, name):
    registry.add(experiment(name, owner=name, hypothesis=name, layer=name), by=name, note=name)
    registry.start(name, at="2026-03-02", by=name)
    assert registry.get(name).name == name and registry.entries()[0].owner == name
    assert Experiment.from_yaml(registry.get(name).yaml()).hypothesis == name
    page, text = scorecard.page(registry), scorecard.markdown(registry)
    assert "<script" not in page + text and not re.search(r"(?<!\\)\]\(", text)
    assert len(text.splitlines()) == len(scorecard.markdown(registry).splitlines()) == 7
    row = text.splitlines()[6]
    assert row.replace("\\|", "").count("|") == len(scorecard.HEAD) + 1
    assert "<script" not in registry.get(name)._repr_html_()
    assert len(registry.history(name)) == 2


def test_no_id_of_a_unit_is_stored(registry, tmp_path, rng):
    """What the deletion of a person means here: nothing, for nothing of a person is kept."""
    import pandas as pd

    ids = [f"person-{i:05d}@example.org" for i in range(2_000)]
    rows = pd.DataFrame(
        {
            "user": ids,
            "arm": rng.permutation(["control", "big"] * 1_000),
            "ordered": rng.integers(0, 2, 2_000),
            "clicks": rng.poisson(2, 2_000),
            "views": 1 + rng.poisson(5, 2_000),
            "load_ms": rng.normal(300, 30, 2_000),
        }
    )
    registry.add(experiment())
    registry.start("button", at="2026-03-02")
    registry.analyze("button", rows, at="2026-03-15")
    assert b"person-" not in (tmp_path / "registry.sqlite").read_bytes()
    kept = json.dumps(registry.entries()[0].outcome)
    assert "person-" not in kept and "example.org" not in kept
