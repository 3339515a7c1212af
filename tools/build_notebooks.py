"""Execute notebooks/text/*.py into notebooks/*.ipynb, so that two builds give the same bytes.

Cell ids come from the position; time stamps, the interpreter version, and live widgets with their
state are dropped: what is stored is what a reader without a kernel can see.
Usage: build_notebooks.py [stem ...]; no stem builds all.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jupytext
import make_pages
import nbformat
from jupytext.config import load_jupytext_config
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT = ("tags", "name", "alt", "jupyter")


def execute(source: Path, folder: Path) -> nbformat.NotebookNode:
    """Run the text notebook in a fresh kernel whose working directory is `folder`."""
    notebook = jupytext.read(
        source, config=load_jupytext_config(str(ROOT / "notebooks" / "text" / source.name))
    )
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


def clean(notebook: nbformat.NotebookNode, stem: str) -> nbformat.NotebookNode:
    """Give cells ids from their position and replace all that changes from run to run or needs a kernel."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for i, cell in enumerate(notebook.cells):
        cell.id = f"{stem[:20]}-{i:02d}"
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k in KEPT})
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET, None)
        cell.outputs = merged([output for output in cell.outputs if output.get("data") != {}])
    nbformat.validate(notebook)
    return notebook


def merged(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Join neighbouring pieces of one stream: how a kernel cuts them depends on the clock."""
    result: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = result[-1] if result else None
        if last and output.output_type == "stream" == last.output_type and output.name == last.name:
            last["text"] += output.text
        else:
            result.append(output)
    return result


def build(source: Path, target: Path) -> bool:
    """Write the executed notebook to `target` if it changed, and say whether it did.

    Before that its line of links to the neighbours is brought up to date in the text file.
    """
    old = source.read_text(encoding="utf-8")
    new = make_pages.linked_text(old, make_pages.neighbours(source.name[:2], make_pages.series()))
    if new != old:
        source.write_text(new, encoding="utf-8")
    notebook = clean(execute(source, ROOT / "notebooks"), source.stem)
    text = nbformat.writes(notebook, version=4).rstrip("\n") + "\n"
    if target.exists() and target.read_text(encoding="utf-8") == text:
        return False
    target.write_text(text, encoding="utf-8")
    return True


def main(stems: list[str]) -> int:
    """Build the named notebooks, or all; return 1 for a stem that has no text file."""
    os.environ["ABKIT_PROGRESS"] = "0"
    sources = {p.stem: p for p in sorted((ROOT / "notebooks" / "text").glob("*.py"))}
    unknown = [stem for stem in stems if stem not in sources]
    if unknown:
        print(f"no notebooks/text/{unknown[0]}.py; there are: {', '.join(sources) or 'none'}")
        return 1
    for stem in stems or sources:
        changed = build(sources[stem], ROOT / "notebooks" / f"{stem}.ipynb")
        print(f"{stem}: {'written' if changed else 'unchanged'}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
