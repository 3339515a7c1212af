"""What a notebook says around its numbers: start, predict, quiz, report, show, decision, match, finish.

Nothing here computes a statistic. Guesses and matches live in the memory of the kernel and are
forgotten with it.
"""

from __future__ import annotations

from abkit.teach.cards import decision, quiz, report, show
from abkit.teach.session import finish, match, matched, predict, predicted, start

__all__ = [
    "decision",
    "finish",
    "match",
    "matched",
    "predict",
    "predicted",
    "quiz",
    "report",
    "show",
    "start",
]
