"""What a notebook says around its numbers: start, predict, reveal, quiz, show, decision, checked, finish.

Nothing here computes a statistic. Matches live in the memory of the kernel and are forgotten with it; what
the reader did is remembered where `abkit lab` opened the course (`abkit.course.progress`). Open `guesses.py`
first.
"""

from __future__ import annotations

from abkit.teach.cards import decision, quiz, report, show
from abkit.teach.course_map import glossary, map
from abkit.teach.guesses import predict, predicted, reveal
from abkit.teach.session import checked, finish, match, matched, start

__all__ = [
    "checked",
    "decision",
    "finish",
    "glossary",
    "map",
    "match",
    "matched",
    "predict",
    "predicted",
    "quiz",
    "report",
    "reveal",
    "show",
    "start",
]
