"""What the kernel remembers of one notebook since `start`: seed, guesses, and which numbers matched."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Session:
    """The memory of one notebook; it is forgotten with the kernel."""

    number: str = ""
    seed: int | None = None
    began: float = 0.0
    guesses: dict[str, float] = field(default_factory=dict)
    matches: dict[str, bool] = field(default_factory=dict)


session = Session()
