"""Numbers, figures, questions and memos, shown as text that a test can compare."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from abkit import _check
from abkit._table import shown
from abkit.exercises.asking import find, listed
from abkit.exercises.boxes import asking, buttons
from abkit.exercises.cards import Card
from abkit.exercises.checks import NOT_ATTEMPTED, Choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ALT = (40, 250)  # characters: shorter says nothing, longer is not read


def quiz(key: str, answer: Any = None) -> Card:
    """Ask a question about an earlier notebook; with a letter, say whether it is right and why.

    >>> quiz("00.q3", "a").text.splitlines()[-1]
    'not yet: Then a gain would have a minus.'
    """
    item = find(key, "QUIZ")
    result = repr(NOT_ATTEMPTED if answer is None else Choice(item.right, item.why)(answer))
    lines = [item.question, *(f"  {k}) {v}" for k, v in item.options.items()), result]
    body = f"<p>{html.escape(item.question)}</p>{listed(item.options)}<p>{html.escape(result)}</p>"
    judge = Choice(item.right, item.why)
    return asking(
        Card("\n".join(lines), body), lambda: buttons(item.options, lambda letter: repr(judge(letter)))
    )


def report(numbers: Mapping[str, Any] | None = None, /, **named: Any) -> None:
    """Print one aligned line a number: name, value, and Monte-Carlo error where there is one.

    A simulated number comes as a pair (value, se), or as `x` together with `x_se`.

    >>> report(rejected=0.0512, rejected_se=0.0031, looks=10)
    rejected  0.0512  ± 0.0031 (Monte-Carlo error)
    looks     10
    """
    items = {**(numbers or {}), **named}
    lines = []
    for name, value in items.items():
        if name.endswith("_se") and name[:-3] in items:
            continue
        se = items.get(f"{name}_se")
        if se is None and isinstance(value, tuple) and len(value) == 2:
            value, se = value
        lines.append(
            (
                name.replace("_", " "),
                shown(value),
                "" if se is None else f"± {float(se):.2g} (Monte-Carlo error)",
            )
        )
    wide = [max((len(line[i]) for line in lines), default=0) for i in (0, 1)]
    for name, value, error in lines:
        print(f"{name:<{wide[0]}}  {value:<{wide[1]}}  {error}".rstrip())


def bundle(fig: Figure, alt: str) -> dict[str, str]:
    """Return a figure as HTML with alt text and as plain text; `alt` has 40 to 250 characters.

    >>> from abkit.plots import style
    >>> ax = style.dress(style.axes_or_new(None), title="One look keeps 5 per cent")
    >>> bundle(ax.figure, "Line chart: with one look 5 per cent of A/A tests reject.")["text/plain"]
    'Figure: One look keeps 5 per cent. Line chart: with one look 5 per cent of A/A tests reject.'
    """
    from abkit.plots.showing import card

    if not ALT[0] <= len(alt) <= ALT[1]:
        raise _check.fail(
            "alt",
            f"must have {ALT[0]} to {ALT[1]} characters",
            f"{len(alt)} characters",
            "Say the type, the axes, the finding and its numbers.",
        )
    return card(fig, alt=alt)


def show(drawn: Figure | Axes, *, alt: str | None = None) -> None:
    """Display a figure on white with its alt text and numbers, then close it; elsewhere print the text.

    drawn: axes that a `plot_*` function returned, or a figure that holds such axes. alt: instead of theirs:
    type, axes, finding, key numbers, exception, in 40 to 250 characters. A figure that nobody described
    needs it.
    Raises ValueError for a missing alt text or one of another length.

    >>> from abkit.plots import showing, style
    >>> show(showing.describe(style.axes_or_new(None), alt="One look, .05.", table={"looks": [1]}))
    Figure: One look, .05.
    looks
        1
    """
    import matplotlib.pyplot as plt
    from IPython.core.getipython import get_ipython
    from IPython.display import display

    from abkit.plots.showing import card, descriptions

    fig = cast("Figure", getattr(drawn, "figure", drawn))
    if alt is None and not descriptions(fig):
        raise _check.fail("alt", "must say what the figure shows", "no alt text")
    data = card(fig) if alt is None else bundle(fig, alt)
    plt.close(fig)
    if get_ipython() is None:
        print(data["text/plain"])
    else:
        display(data, raw=True)


ACTIONS = ("ship", "stop", "extend", "inconclusive", "investigate")


def decision(
    *, rule: str, evidence: str, cost: str, choice: str = "", change: str = "", by_rule: str = ""
) -> Card:
    """Return the memo of a decision: the rule set before, evidence, cost of errors, choice, what would change
    it.

    choice: begins with ship, stop, extend, inconclusive or investigate; empty until the reader decides.
    by_rule: the action that the rule gives; it is told only after the choice.

    >>> print(decision(rule="r", evidence="e", cost="c", choice="ship", change="x").text.splitlines()[4])
    Choice: ship
    >>> print(decision(rule="r", evidence="e", cost="c", by_rule="extend").text.splitlines()[4])
    Choice: not decided yet. Write ship, stop, extend, inconclusive or investigate into `choice`.
    """
    parts = {
        "Rule, set before the data": rule,
        "Evidence": evidence,
        "Cost of both errors": cost,
        "Choice": choice.strip() or f"not decided yet. Write {_listed(ACTIONS)} into `choice`.",
        "What would change my mind": change.strip() or "not written yet.",
    }
    if by_rule and choice.strip():
        parts["Does the choice follow the rule?"] = _follows(
            choice, _check.one_of("by_rule", by_rule, ACTIONS)
        )
    text = "\n".join(["Decision memo", *(f"{k}: {v}" for k, v in parts.items())])
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(k)}</th>'
        f'<td style="text-align:left">{html.escape(str(v))}</td></tr>'
        for k, v in parts.items()
    )
    return Card(text, f"<table><caption>Decision memo</caption><tbody>{rows}</tbody></table>")


def _listed(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _follows(choice: str, by_rule: str) -> str:
    """Compare the first word of the choice, or the only action in it, with what the rule gives."""
    words = re.findall(r"[a-z]+", choice.lower())
    named = list(dict.fromkeys(w for w in words if w in ACTIONS))
    chosen = words[0] if words and words[0] in ACTIONS else named[0] if len(named) == 1 else ""
    if not chosen:
        return f"I cannot tell. Begin the choice with one word: {_listed(ACTIONS)}."
    if chosen == by_rule:
        return f"Yes: the rule says {by_rule}."
    return (
        f"No: the rule says {by_rule}, you chose {chosen}. A rule that is left after the data "
        f"keeps no promise."
    )
