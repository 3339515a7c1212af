"""Numbers, figures, questions and memos, shown as text that a test can compare."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from abkit import _check
from abkit._table import shown
from abkit.exercises import Card, find, letter_of, verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ALT = (40, 250)  # characters: shorter says nothing, longer is not read


def quiz(key: str, answer: str | None = None) -> Card:
    """Ask a question about an earlier notebook; with a letter, say whether it is right and why.

    >>> quiz("00.q3", "a").text.splitlines()[-1]
    'right: The same seed repeats the same draws.'
    """
    item = find(key, "QUIZ")
    letter = None if answer is None else letter_of(answer)
    outcome = None
    if letter is not None:
        outcome = (
            letter == item.right,
            item.why.get(letter, "Answer with one of the letters " + ", ".join(item.options) + "."),
        )
    result = verdict(outcome).text
    lines = [item.question, *(f"  {k}) {v}" for k, v in item.options.items()), result]
    rows = "".join(f"<li>{html.escape(f'{k}) {v}')}</li>" for k, v in item.options.items())
    body = f"<p>{html.escape(item.question)}</p><ul style='list-style:none'>{rows}</ul><p>{html.escape(result)}</p>"
    return Card("\n".join(lines), body)


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
    """Return a figure as HTML with alt text, as PNG and as plain text; `alt` has 40 to 250 characters."""
    if not ALT[0] <= len(alt) <= ALT[1]:
        raise _check.fail(
            "alt",
            f"must have {ALT[0]} to {ALT[1]} characters",
            f"{len(alt)} characters",
            "Say the type, the axes, the finding and its numbers.",
        )
    fig.patch.set_alpha(None)  # a transparent patch would override the white face
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=100, facecolor="white", metadata={"Software": None})
    png = base64.b64encode(buffer.getvalue()).decode("ascii")
    tag = (
        f'<img alt="{html.escape(alt, quote=True)}" style="max-width:100%" src="data:image/png;base64,{png}">'
    )
    return {"text/html": tag, "image/png": png, "text/plain": f"Figure: {alt}"}


def show(drawn: Figure | Axes, *, alt: str | None = None) -> None:
    """Display a figure on white with its alt text and numbers, then close it; elsewhere print the text.

    drawn: axes that a `plot_*` function returned, or a figure that holds such axes. alt: instead of theirs:
    type, axes, finding, key numbers, exception, in 40 to 250 characters; a figure that nobody described
    needs it.
    Raises ValueError for a missing alt text or one of another length.
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


def decision(*, rule: str, evidence: str, cost: str, choice: str, change: str) -> Card:
    """Return the memo of a decision: the rule set before, evidence, cost of errors, choice, what would change it.

    >>> print(decision(rule="r", evidence="e", cost="c", choice="ship", change="x").text.splitlines()[4])
    Choice: ship
    """
    parts = {
        "Rule, set before the data": rule,
        "Evidence": evidence,
        "Cost of both errors": cost,
        "Choice": choice,
        "What would change my mind": change,
    }
    text = "\n".join(["Decision memo", *(f"{k}: {v}" for k, v in parts.items())])
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{html.escape(k)}</th>'
        f'<td style="text-align:left">{html.escape(str(v))}</td></tr>'
        for k, v in parts.items()
    )
    return Card(text, f"<table><caption>Decision memo</caption><tbody>{rows}</tbody></table>")
