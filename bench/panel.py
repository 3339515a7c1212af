"""One update of an explorer, compute and picture, in processor seconds."""

from __future__ import annotations

import statistics
import time


def measure() -> dict[str, float]:
    """Median processor time of a slider's move, over twenty moves."""
    from abkit import explore

    panel = explore.srm()
    slider = panel.panel.children[2]
    times = []
    for step in range(20):
        start = time.process_time()
        slider.value = 0.2 + step / 100
        times.append(time.process_time() - start)
    return {"update": statistics.median(times)}
