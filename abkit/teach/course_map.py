"""The series at one look: `map` says what comes first and what this reader did; `glossary` finds a term."""

from __future__ import annotations

import base64
import html

from abkit.course import glossary as terms, picture, plan, progress
from abkit.exercises.asking import module, notebooks
from abkit.exercises.cards import Card

ALT = (
    "Map of the course, from top to bottom: an arrow leads from a notebook to the one that builds on it. "
    "Solid boxes exist, dashed ones are planned."
)


def map() -> Card:
    """Return the map of the series: a picture, and one line a notebook with its time, needs and link.

    In a course that `abkit lab` opened, each line also says what you did there.

    >>> map().text.splitlines()[1]
    '01 One experiment, end to end: 45 minutes, after 00'
    """
    books = plan.existing()
    times = {number: plan.minutes(path) for number, path in books.items()}
    did = {number: done(number) for number in books} if progress.file() else {}
    lines = []
    for number in books:
        parts = [f"{times[number]} minutes" if times[number] else "", _after(number), _said(did.get(number))]
        lines.append((number, plan.BY_NUMBER[number].title, ", ".join(filter(None, parts))))
    states = {n: "done" if d[0] and d[0] == d[1] else "begun" for n, d in did.items() if d[0] or d[2]}
    drawn = base64.b64encode(picture.svg(times, states).encode()).decode()
    image = f'<img alt="{ALT}" style="max-width:100%" src="data:image/svg+xml;base64,{drawn}">'
    items = "".join(
        f'<li><a href="{books[n].name}">{n} {html.escape(title)}</a>: {said}</li>' for n, title, said in lines
    )
    body = f'{image}<ul style="list-style:none">{items}</ul>'
    return Card("\n".join(f"{n} {title}: {said}" for n, title, said in lines), body)


def done(number: str) -> tuple[int, int, int, int]:
    """Return exercises right, exercises, predictions made, predictions of a notebook, by this reader.

    >>> done("07")
    (0, 4, 0, 3)
    """
    source = module(number) if number in notebooks() else None
    exercises, guesses = (getattr(source, name, {}) for name in ("EXERCISES", "PREDICTIONS"))
    known = progress.read()
    right, made = (
        sum(k in known[p] for k in keys) for p, keys in (("right", exercises), ("guesses", guesses))
    )
    return right, len(exercises), made, len(guesses)


def so_far(number: str) -> str:
    """Return what this reader did in a notebook as one sentence, nothing before the first time.

    >>> so_far("07")
    ''
    """
    right, exercises, made, guesses = done(number)
    if not right and not made:
        return ""
    return f"So far here: {right} of {exercises} exercises right, {made} of {guesses} predictions made."


def _after(number: str) -> str:
    """Name what a notebook needs; what does not exist yet is planned."""
    books, needs = plan.existing(), plan.BY_NUMBER[number].needs
    named = " and ".join(n if n in books else f"{n} (planned)" for n in needs)
    return f"after {named}" if needs else ""


def _said(did: tuple[int, int, int, int] | None) -> str:
    if did is None or not (did[0] or did[2]):
        return ""
    return f"{did[0]} of {did[1]} exercises right, {did[2]} of {did[3]} predictions made"


def glossary(words: str) -> Card:
    """Return the terms of the course whose name holds `words`, or whose sentence does.

    words: a term or a part of it, such as "power". What is not found is said; nothing raises.

    >>> glossary("standard error").text.splitlines()[0].startswith("standard error: ")
    True
    """
    path = plan.folder() / terms.NAME
    found = terms.search(str(words), path.read_text(encoding="utf-8")) if path.is_file() else []
    if not found:
        return Card(f'No term of the course holds "{words}". All terms: {terms.NAME} beside the notebooks.')
    books = plan.existing()
    rows = [(t, [n for n in t.numbers if n in books]) for t in found[:10]]
    text = [f"{t.name}: {t.sentence} (notebook {', '.join(numbers)})" for t, numbers in rows]
    body = ""
    for t, numbers in rows:
        links = ", ".join(f'<a href="{books[n].name}">{n} {plan.BY_NUMBER[n].title}</a>' for n in numbers)
        body += f"<p><b>{html.escape(t.name)}</b>: {html.escape(t.sentence)} ({links})</p>"
    return Card("\n".join(text), body)
