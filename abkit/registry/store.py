"""The registry: plans go in, are frozen at the start, and their history only grows.

    draft → running ⇄ paused → stopped or completed → archived

Every row says what was done, which state followed, from which day on, when it was recorded and by whom. What
is stored of a result are counts and effects. No id of any unit is stored, so the deletion of a user needs
nothing here. Names of colleagues (owner, by) do stay: where that must not be, write a team or a role.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from abkit import _check
from abkit._table import Table
from abkit.estimate import Effect
from abkit.registry import meeting, notation, promises
from abkit.registry.database import Database, now
from abkit.registry.experiments import LEGAL, STATES, Experiment, day, line, moved, plan_check

PLANS = ("add", "revise")
FROM = {"start": "draft", "resume": "paused"}  # both lead to running


@dataclass(frozen=True, eq=False, repr=False)
class Event(Table):
    """One row of the history. at: the day from which it holds; recorded: when it was written (UTC)."""

    name: str
    action: str
    status: str
    at: str
    recorded: str
    by: str
    note: str


@dataclass(frozen=True, eq=False, repr=False)
class Entry(Table):
    """One line of the list: an experiment in its present state. first, last: planned or real days."""

    name: str
    status: str
    owner: str
    layer: str | None
    eligible: str
    first: str | None
    last: str | None
    metric: str
    looks_taken: int
    outcome: Mapping[str, Any] | None


class Registry:
    """The experiments of a team, in an SQLite file or a PostgreSQL database.

    url: a path, "sqlite:///FILE", or "postgresql://user@host/database". A write is on disk when the call
    returns; two processes that write at once wait for each other, ten seconds at most. Raises ValueError for
    a file of a newer version, a file that is no registry, a name that is unknown, a step that is not legal.

    >>> from tempfile import mkdtemp
    >>> from abkit import Analysis, Experiment, Metric, Moments
    >>> registry = Registry(Path(mkdtemp()) / "registry.sqlite")
    >>> analysis = Analysis("arm", "control", (Metric("ordered", "proportion"),))
    >>> arms = {"control": 0.5, "big": 0.5}
    >>> registry.add(Experiment("button", "More orders.", None, arms, analysis)).status
    'draft'
    >>> registry.start("button", at="2026-03-02").status, [e.name for e in registry.running("2026-03-05")]
    ('running', ['button'])
    >>> [registry.pause("button", at="2026-03-06").status, registry.resume("button", at="2026-03-07").status]
    ['paused', 'running']
    >>> sums = {"control": Moments.counts(45, 1_000), "big": Moments.counts(90, 1_000)}
    >>> registry.analyze("button", sums, at="2026-03-16").departures
    ()
    >>> round(registry.effects("ordered")[0].estimate, 3)
    0.045
    >>> other = registry.add(Experiment("colour", "More orders.", None, arms, analysis)).name
    >>> [c.name for c in registry.conflicts("button")], [e.name for e in registry.entries(status="draft")]
    (['colour'], ['colour'])
    >>> other = registry.start(other, at="2026-03-09").name
    >>> [registry.complete("button", at="2026-03-16").status, registry.stop(other, at="2026-03-10").status]
    ['completed', 'stopped']
    >>> registry.archive("button", at="2026-04-01").status, registry.get("button").arms
    ('archived', ('control', 'big'))
    >>> [event.action for event in registry.history("button")]
    ['add', 'start', 'pause', 'resume', 'look', 'complete', 'archive']
    >>> Registry.overlapping_users(["ann", "bob"], ["bob", "eve"]).both
    1
    >>> registry.close()
    """

    def __init__(self, url: str | Path) -> None:
        self._database = Database(url)

    def __enter__(self) -> Registry:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Registry: {self._database.shown}"

    def close(self) -> None:
        """Let the file or the connections go."""
        self._database.close()

    def add(self, experiment: Experiment, *, at: Any = None, by: str = "", note: str = "") -> Experiment:
        """Register a plan as a draft, or revise a draft of the same name; the older versions stay in the
        history.

        experiment: its status is not read. at: the day of the plan (today by default). by: who does it; note:
        why.
        Raises ValueError where the name has been started: its plan is frozen.
        """
        if not isinstance(experiment, Experiment):
            raise _check.fail("experiment", "must be an Experiment", type(experiment).__name__)
        draft = replace(experiment, status="draft")
        document = notation.json_text(notation.as_mapping(draft))
        with self._database.writing() as connection:
            rows = Database.read_in(connection, 'WHERE "name" = :name', {"name": draft.name})
            if rows and rows[-1].status != "draft":
                raise _check.fail(
                    "name",
                    f"must be new, or a draft: {draft.name!r} is",
                    rows[-1].status,
                    "Its plan is frozen.",
                )
            action = "revise" if rows else "add"
            Database.append(connection, _row(draft.name, action, "draft", _check_day(at), by, note, document))
        return draft

    def start(
        self, name: str, *, at: Any = None, by: str = "", note: str = "", underpowered: str = ""
    ) -> Experiment:
        """Freeze the plan and run it.

        name: as registered. at: the first day (today by default). by: who does it; note: why.

        underpowered: the reason why a plan may run that cannot reach its power; without one it is refused.
        Raises ValueError for a state from which that is not legal, or such a plan.
        """
        check = plan_check(self.get(name))
        if check.passed is False and not underpowered:
            hint = "Plan more units or a larger effect, or give the reason (underpowered=…)."
            raise _check.fail("plan", "must reach its power", check.message, hint)
        reason = f"underpowered: {underpowered}" if check.passed is False else ""
        return self._move(name, "running", "start", at, by, "; ".join(filter(None, (note, reason))))

    def pause(self, name: str, *, at: Any = None, by: str = "", note: str = "") -> Experiment:
        """Pause a running experiment; name, at, by and note as in `start`."""
        return self._move(name, "paused", "pause", at, by, note)

    def resume(self, name: str, *, at: Any = None, by: str = "", note: str = "") -> Experiment:
        """Go on with a paused experiment; name, at, by and note as in `start`."""
        return self._move(name, "running", "resume", at, by, note)

    def stop(self, name: str, *, at: Any = None, by: str = "", note: str = "") -> Experiment:
        """End an experiment before its plan is fulfilled: harm, a bug, a change of mind.

        name, at, by and note as in `start`; say why in the note.
        """
        return self._move(name, "stopped", "stop", at, by, note)

    def complete(self, name: str, *, at: Any = None, by: str = "", note: str = "") -> Experiment:
        """End an experiment as planned; name, at, by and note as in `start`."""
        return self._move(name, "completed", "complete", at, by, note)

    def archive(self, name: str, *, at: Any = None, by: str = "", note: str = "") -> Experiment:
        """Put an ended experiment away; it stays in the history and in what is learned.

        name, at, by and note as in `start`.
        """
        return self._move(name, "archived", "archive", at, by, note)

    def get(self, name: str) -> Experiment:
        """Return an experiment by its name: its plan (the frozen one after the start) and its present
        status.
        """
        return _experiment(self._of(name))

    def history(self, name: str) -> tuple[Event, ...]:
        """Return all that was done with the experiment of this name, oldest first."""
        return tuple(
            Event(r.name, r.action, r.status, r.at, recorded=r.recorded, by=r.by, note=r.note)
            for r in self._of(name)
        )

    def entries(self, *, status: str | None = None) -> tuple[Entry, ...]:
        """Return a line for every experiment, in the order of registration; status: only those in this
        state.
        """
        if status is not None:
            _check.one_of("status", status, STATES)
        entries = (_entry(rows) for rows in self._all().values())
        return tuple(entry for entry in entries if status in (None, entry.status))

    def running(self, at: Any = None) -> tuple[Experiment, ...]:
        """Return the experiments that were running on a day (today by default); paused ones are not.

        at: a date, 2026-02-28.
        """
        when = _check_day(at)
        return tuple(_experiment(rows) for rows in self._all().values() if _state_on(rows, when) == "running")

    def effects(self, metric: str) -> tuple[Effect, ...]:
        """Return the last recorded effect of each experiment and arm on a metric.

        For `shrink` and `claimed_sum`: wins and losses alike. metric: its label, clicks/views for a ratio.
        Experiments without a result, or with a failed check, have none. The estimate and its error are taken
        as normal.
        """
        found = []
        for entry in self.entries():
            for row in entry.outcome["effects"] if entry.outcome else ():
                if row["metric"] == metric and row["se"]:
                    label = f"{entry.name}: {row['arm']}"
                    found.append(Effect.of(row["estimate"], row["se"], alpha=row["alpha"], label=label))
        return tuple(found)

    def conflicts(self, experiment: Experiment | str) -> tuple[meeting.Conflict, ...]:
        """Return the registered experiments that would share users with this one; see
        `meeting.conflicts_of`.

        experiment: the plan, as an `Experiment`.
        """
        known = self._all()
        if isinstance(experiment, str):
            experiment = _experiment(self._of(experiment))
        own = known.pop(experiment.name, None)
        span = (
            meeting.Span(experiment, *_days(own))
            if own
            else meeting.Span(experiment, experiment.start, experiment.end)
        )
        return meeting.conflicts_of(span, (meeting.Span(_experiment(r), *_days(r)) for r in known.values()))

    @staticmethod
    def overlapping_users(a: Any, b: Any, *, unit: str | None = None) -> meeting.SharedUsers:
        """Count the users of two experiments, given as ids or as tables with the column `unit`; see
        `meeting.shared_users`.

        a: the one experiment; b: the other one.
        """
        return meeting.shared_users(a, b, unit=unit)

    def analyze(
        self,
        name: str,
        table: Any,
        *,
        analysis: Any = None,
        rule: Any = None,
        eligible: Any = None,
        at: Any = None,
        by: str = "",
    ) -> promises.Registered:
        """Analyse by the FROZEN plan, say where the analysis departs from it, and record the look.

        name: as registered. table: as for `analyze`. analysis, eligible: what was really done, where it is
        not what was planned; every difference is listed. rule: see `analyze`; by default that of the plan
        (`worth`), and the information is that of the plan (units over planned units). at: the day of the look
        (today).
        Raises ValueError for a draft: nothing was promised yet.
        """
        rows = self._of(name)
        experiment = _experiment(rows)
        if experiment.status == "draft":
            raise _check.fail("name", "must have been started: a draft promises nothing", repr(name))
        when = _check_day(at)
        live = experiment.status in ("running", "paused")
        taken = sum(row.action == "look" for row in rows) + live
        facts = promises.Facts(when, taken, *_real_days(rows))
        found = promises.compare(
            experiment, table, analysis=analysis, rule=rule, eligible=eligible, facts=facts
        )
        document = notation.json_text(promises.outcome(found))
        with self._database.writing() as connection:
            last = Database.read_in(connection, 'WHERE "name" = :name', {"name": name})[-1]
            action = "look" if live else "result"
            Database.append(connection, _row(name, action, last.status, when, by, "", document))
        return found

    def _all(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for row in self._database.rows():
            found.setdefault(row.name, []).append(row)
        return found

    def _of(self, name: str) -> list[Any]:
        rows = self._database.rows('WHERE "name" = :name', {"name": line("name", name)})
        if not rows:
            raise _check.fail("name", "must be a registered experiment", repr(name))
        return rows

    def _move(self, name: str, status: str, action: str, at: Any, by: str, note: str) -> Experiment:
        when = _check_day(at)
        with self._database.writing() as connection:
            rows = Database.read_in(connection, 'WHERE "name" = :name', {"name": line("name", name)})
            if not rows:
                raise _check.fail("name", "must be a registered experiment", repr(name))
            before = _experiment(rows)
            if action in FROM and before.status != FROM[action]:
                legal = " or ".join(LEGAL[before.status]) or "nothing"
                need = f"must be {FROM[action]} to {action}: from {before.status} it may go to {legal}"
                raise _check.fail("status", need, before.status)
            after = moved(before, status)
            last = max((r.at for r in rows if r.action not in (*PLANS, "look", "result")), default=when)
            if when < last:
                raise _check.fail("at", f"must not lie before the last step, {last}", when)
            digest = (
                hashlib.sha256(_plan_row(rows).document.encode()).hexdigest() if action == "start" else ""
            )
            Database.append(connection, _row(name, action, status, when, by, note, digest))
        return after


def _row(name: str, action: str, status: str, at: str, by: str, note: str, document: str) -> dict[str, str]:
    fields = {"by": _check.text("by", by), "note": _check.text("note", note)}
    return {
        "name": name,
        "action": action,
        "status": status,
        "at": at,
        "recorded": now(),
        "document": document,
        **fields,
    }


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _check_day(at: Any) -> str:
    value = day("at", at)
    return _today() if value is None else value.isoformat()


def _plan_row(rows: list[Any]) -> Any:
    return next(row for row in reversed(rows) if row.action in PLANS)


def _experiment(rows: list[Any]) -> Experiment:
    plan = notation.from_mapping(json.loads(_plan_row(rows).document))
    return replace(plan, status=rows[-1].status)


def _state_on(rows: list[Any], when: str) -> str:
    return next((row.status for row in reversed(rows) if row.at <= when and row.action not in PLANS), "draft")


def _real_days(rows: list[Any]) -> tuple[date | None, date | None]:
    """The first and the last day that really were, as far as they are known."""
    started = next((row.at for row in rows if row.action == "start"), None)
    ended = next((row.at for row in rows if row.action in ("stop", "complete")), None)
    return day("start", started), day("end", ended)


def _days(rows: list[Any]) -> tuple[date | None, date | None]:
    """First and last day: the plan's, or where they are known and wider the real ones; an end that came is
    the end.
    """
    plan = json.loads(_plan_row(rows).document)
    started, ended = _real_days(rows)
    first = min(filter(None, (day("start", plan.get("start")), started)), default=None)
    planned = day("end", plan.get("end"))
    return first, ended or (planned and max(filter(None, (planned, started))))


def _entry(rows: list[Any]) -> Entry:
    plan = json.loads(_plan_row(rows).document)
    status = rows[-1].status
    first, last = (None if d is None else d.isoformat() for d in _days(rows))
    results = [row for row in rows if row.action in ("look", "result")]
    rules = plan.get("eligible", "all")
    metrics = plan["analysis"]["metrics"]
    return Entry(
        plan["name"],
        status,
        plan.get("owner", ""),
        layer=plan.get("layer"),
        eligible=rules if isinstance(rules, str) else f"{len(rules)} rules",
        first=first,
        last=last,
        metric=next(m["name"] for m in metrics if m.get("role", "primary") == "primary"),
        looks_taken=sum(row.action == "look" for row in rows),
        outcome=json.loads(results[-1].document) if results else None,
    )
