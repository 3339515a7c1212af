"""The wheel carries a copy of notebooks/ inside abkit/course. All else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithNotebooks(build_py):
    """Copy the course into the built package; an editable install reads it from the clone."""

    def run(self):
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "abkit" / "course" / "notebooks"
            shutil.rmtree(target, ignore_errors=True)
            keep = shutil.ignore_patterns("text", ".ipynb_checkpoints")
            shutil.copytree(Path(__file__).parent / "notebooks", target, ignore=keep)


setup(cmdclass={"build_py": WithNotebooks})
