"""What a teaching call shows: the same content as plain text and as HTML."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """Text for a terminal, a test and a handout; `body` is the same as HTML.

    >>> Card("not attempted")
    not attempted
    """

    text: str
    body: str = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.body or "".join(f"<p>{html.escape(line)}</p>" for line in self.text.splitlines())


def marked(text: str) -> str:
    """Return a text as HTML, with code between backticks.

    >>> marked("`a < b` holds")
    '<code>a &lt; b</code> holds'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def closed(title: str, text: str) -> str:
    """Return HTML that shows the title and opens to the text.

    >>> closed("Hint", "a < b")
    '<details><summary>Hint</summary><p>a &lt; b</p></details>'
    """
    return f"<details><summary>{html.escape(title)}</summary><p>{html.escape(text)}</p></details>"
