"""Make docs/picture.gif, the picture of the README: one explorer in JupyterLab while its slider moves.

Needs Chromium. The pictures are what a reader sees; nothing is drawn by hand.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import nbformat
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "picture.gif"
LOOKS = (1, 2, 5, 10, 20, 30, 50, 100)
EACH, LAST = 1_200, 4_000  # milliseconds a picture is shown
ROUNDS = 3  # then it stands still
MARGIN, SHADES = 16, 64
sys.path.append(str(ROOT / "tests" / "browser"))


def main() -> None:
    """Open one panel a number of looks, and take each as a picture."""
    from lab import WAIT, browsing, run_all, serve

    cells = [
        nbformat.v4.new_code_cell(f"import abkit as ab\nab.explore.peeking(lift=0.0, looks={n})", id=f"p{n}")
        for n in LOOKS
    ]
    with tempfile.TemporaryDirectory() as name, browsing() as browser:
        folder = Path(name)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "panel.ipynb"
        )
        with serve(folder) as lab:
            page = browser.new_page(viewport={"width": 1100, "height": 6000}, device_scale_factor=2)
            page.set_default_timeout(WAIT * 1000)
            run_all(page, lab, "panel.ipynb")
            page.wait_for_timeout(2_000)
            panels = page.locator(".abkit-panel")
            for i in range(len(LOOKS)):
                panels.nth(i).screenshot(path=folder / f"{i}.png")
        film([Image.open(folder / f"{i}.png") for i in range(len(LOOKS))])


def film(pictures: list[Image.Image]) -> None:
    """Write the pictures as an animation on white, with few colours: a page should not wait for it."""
    size = (max(p.width for p in pictures) + 2 * MARGIN, max(p.height for p in pictures) + 2 * MARGIN)
    frames = []
    for picture in pictures:
        frame = Image.new("RGB", size, "white")
        frame.paste(picture.convert("RGB"), (MARGIN, MARGIN))
        frames.append(frame.quantize(SHADES))
    times = [EACH] * (len(frames) - 1) + [LAST]
    OUT.parent.mkdir(exist_ok=True)
    frames[0].save(OUT, save_all=True, append_images=frames[1:], duration=times, loop=ROUNDS, optimize=True)


if __name__ == "__main__":
    main()
