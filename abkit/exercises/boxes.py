"""A box or buttons below a question, where widgets are live: an answer without typing a call.

They come only with ABKIT_PROGRESS=1, as `abkit lab` sets it. A build, nbval and a handout see text alone.
When the kernel is gone, a style sheet hides what is left of them.
"""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from abkit.exercises.cards import Card

BOX, ASKED = "abkit-box", "abkit-asked"
STYLE = (
    f'<span class="{ASKED}"></span><style>.jp-OutputArea:has(.{ASKED}):not(:has(.{BOX})) '
    ".jp-OutputArea-child:has(> .jupyter-widgets) {display: none}</style>"
)


def live() -> bool:
    """Say whether a reader sits before a running notebook.

    >>> live()
    False
    """
    return os.environ.get("ABKIT_PROGRESS") == "1"


@dataclass(frozen=True, repr=False)
class Asking(Card):
    """A card with a box or buttons below it; `widget` makes them when the card is shown."""

    widget: Callable[[], Any] | None = field(default=None, compare=False)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display({"text/html": self._repr_html_() + STYLE, "text/plain": self.text}, raw=True)
        if self.widget is not None:
            display(self.widget())


def asking(card: Card, widget: Callable[[], Any]) -> Card:
    """Return the card, with a way to answer below it where widgets are live.

    >>> asking(Card("How many?"), lambda: None)
    How many?
    """
    return Asking(card.text, card._repr_html_(), widget) if live() else card


def display_box(widget: Any) -> None:
    """Show a box alone, with the style sheet that hides what is left of it later."""
    from IPython.display import display

    display({"text/html": STYLE, "text/plain": ""}, raw=True)
    display(widget)


def buttons(options: Mapping[str, str], act: Callable[[str], str]) -> Any:
    """Return one button a letter; `act` takes the letter and returns the line that is shown below.

    >>> buttons({"a": "yes", "b": "no"}, str.upper).children[0].children[1].tooltip
    'no'
    """
    import ipywidgets as widgets

    said = _line()
    row = [
        widgets.Button(description=f"{k})", tooltip=v, layout={"width": "60px"}) for k, v in options.items()
    ]
    for button, letter in zip(row, options, strict=True):
        button.on_click(lambda _, letter=letter: _say(said, act(letter)))
    return _boxed(widgets.HBox(row), said)


def typed(label: str, act: Callable[[str], str], hint: Callable[[], str] | None = None) -> Any:
    """Return a box for an answer, a button that gives it, and one for the next hint.

    label: of the first button. act: takes what was typed and returns the line that is shown below.

    >>> box = typed("Check", str.upper)
    >>> box.children[0].children[0].value = "ab"; box.children[0].children[1].click()
    >>> "AB" in box.children[1].value
    True
    """
    import ipywidgets as widgets

    said, text = _line(), widgets.Text(placeholder="your answer", continuous_update=False)
    give = widgets.Button(description=label)
    give.on_click(lambda _: _say(said, act(text.value)))
    text.observe(lambda change: _say(said, act(change["new"])), "value")
    row = [text, give]
    if hint is not None:
        row.append(widgets.Button(description="Hint"))
        row[-1].on_click(lambda _: _say(said, hint()))
    return _boxed(widgets.HBox(row), said)


def _line() -> Any:
    import ipywidgets as widgets

    return widgets.HTML(layout={"max_width": "690px"})


def _say(line: Any, text: str) -> None:
    """Show a text below the box, also to a screen reader."""
    rows = "<br>".join(html.escape(row) for row in text.splitlines())
    line.value = f'<p role="status" aria-live="polite">{rows}</p>'


def _boxed(*parts: Any) -> Any:
    import ipywidgets as widgets

    box = widgets.VBox(list(parts))
    box.add_class(BOX)
    return box
