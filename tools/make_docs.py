"""Write the reference of all public names, from their docstrings, into build/docs: it needs no network.

`make docs`, then open build/docs/index.html.
"""

import shutil
from pathlib import Path

import pdoc

import abkit as ab

OUT = Path(__file__).resolve().parent.parent / "build" / "docs"


def main() -> None:
    """Load every lazy name, so that the pages show it where a reader imports it from, and write the pages."""
    for module in (ab, ab.datasets, ab.plots, ab.explore, ab.teach):
        for name in module.__all__:
            getattr(module, name)
    shutil.rmtree(OUT, ignore_errors=True)
    pdoc.render.configure(
        docformat="markdown", show_source=False, footer_text=f"abkit {ab.__version__}", search=True
    )
    pdoc.pdoc("abkit", output_directory=OUT)
    print(f"{len(list(OUT.rglob('*.html')))} pages: open {OUT / 'index.html'}")


if __name__ == "__main__":
    main()
