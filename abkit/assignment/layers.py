"""Layers: experiments that must not share users take parts of one layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from abkit import _check
from abkit.assignment.arms import entry_edge
from abkit.assignment.hashing import BUCKETS, position


@dataclass
class Layer:
    """Ten thousand buckets that experiments share out: two experiments of a layer never meet.

    Experiments of different layers overlap at random. A slot keeps its buckets until it is released.

    >>> layer = Layer("search")
    >>> layer.allocate("ranking", 0.5), layer.allocate("filters", 0.2)
    ((0, 5000), (5000, 7000))
    >>> layer.members(["ann", "bob", "eve"]).tolist()
    ['ranking', 'filters', 'ranking']
    """

    salt: str
    slots: dict[str, tuple[int, int]] = field(default_factory=dict)

    def allocate(self, name: str, share: float) -> tuple[int, int]:
        """Give `name` the first free run of buckets of this share and return it as [low, high).

        Raises ValueError where the name is taken or no free run is long enough.

        >>> Layer("home").allocate("banner", 0.1)
        (0, 1000)
        """
        if name in self.slots:
            raise _check.fail("name", "must be new in this layer", repr(name))
        width = entry_edge(share)
        if width == 0:
            raise _check.fail("share", "must be above 0", share)
        low = 0
        for taken_low, taken_high in sorted(self.slots.values()):
            if low + width <= taken_low:
                break
            low = taken_high
        if low + width > BUCKETS:
            free = BUCKETS - sum(high - low for low, high in self.slots.values())
            raise _check.fail(
                "share", f"must fit into a free run of the layer ({free / BUCKETS:g} is free in all)", share
            )
        self.slots[name] = (low, low + width)
        return self.slots[name]

    def release(self, name: str) -> None:
        """Free the buckets of an experiment that has ended.

        name: of the part of the layer.
        Raises ValueError: `name` must be a slot of this layer.

        >>> layer = Layer("home", {"banner": (0, 1000)}); layer.release("banner"); layer.slots
        {}
        """
        if name not in self.slots:
            raise _check.fail("name", "must be a slot of this layer", repr(name))
        del self.slots[name]

    def members(self, units: Any) -> np.ndarray:
        """Return the experiment of each unit, an object array of str, None where no one holds its bucket.

        units: ids, compared as text.

        >>> Layer("home", {"banner": (0, 10_000)}).members(["ann"]).tolist()
        ['banner']
        """
        where = position(units, self.salt)
        out = np.full(len(where), None, object)
        for name, (low, high) in self.slots.items():
            out[(where >= low) & (where < high)] = name
        return out
