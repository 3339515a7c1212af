"""From the key that moves a slider to the new picture, in JupyterLab in a headless Chromium."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "browser"))

WARM, PAUSE = 8, 120  # moves before the clock counts; milliseconds between two moves
PICTURE = "[...document.querySelectorAll('.abkit-panel img')].find(i => i.offsetParent)"
TIMED = f"""() => {{ window.moved = new Promise((done) => {{
  const old = {PICTURE}.src; let start = null;
  document.addEventListener('keydown', () => {{ start = performance.now(); }}, {{capture: true, once: true}});
  const look = () => {{ const now = {PICTURE};
    if (start !== null && now && now.src !== old && now.complete && now.naturalWidth)
      return done(performance.now() - start);
    requestAnimationFrame(look); }};
  look(); }}); }}"""


def measure(moves: int) -> dict[str, float]:
    """Milliseconds from key to picture, median and 95th percentile, and the picture's pixels a point."""
    from lab import WAIT, browsing, chromium, run_all, serve

    if chromium() is None:
        return {}
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import abkit as ab\nab.explore.peeking()", id="panel")],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    with tempfile.TemporaryDirectory() as name, browsing() as browser:
        nbformat.write(book, Path(name) / "panel.ipynb")
        with serve(Path(name)) as lab:
            page = browser.new_page(viewport={"width": 1200, "height": 1000}, device_scale_factor=2)
            page.set_default_timeout(WAIT * 1000)
            run_all(page, lab, "panel.ipynb")
            page.wait_for_function(f"{PICTURE}?.naturalWidth > 0")
            times = sorted([moved(page, turn) for turn in range(WARM + moves)][WARM:])
            density = page.evaluate(f"{PICTURE}.naturalWidth / {PICTURE}.clientWidth")
    return {"p50": statistics.median(times), "p95": times[int(0.95 * len(times))], "density": density}


def moved(page, turn: int) -> float:
    """Press an arrow key on the first slider and return the milliseconds until the picture has changed."""
    page.wait_for_timeout(PAUSE)
    page.locator(".abkit-panel .noUi-handle").first.focus()
    page.evaluate(TIMED)
    page.keyboard.press("ArrowRight" if turn // 8 % 2 == 0 else "ArrowLeft")
    return page.evaluate("window.moved")
