"""Print the test files of what changed since main: by name, by import, or themselves."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = ("tests/test_architecture.py",)


def changed(since: str = "main") -> list[str]:
    """Return the files that differ from the last commit shared with `since`, and new ones.

    >>> all(isinstance(name, str) for name in changed("HEAD"))
    True
    """

    def git(*words: str) -> list[str]:
        result = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True)
        return result.stdout.split("\n") if result.returncode == 0 else []

    base = git("merge-base", since, "HEAD")
    names = git("diff", "--name-only", base[0] if base else "HEAD") + git(
        "ls-files", "-o", "--exclude-standard"
    )
    return [name for name in names if name]


def tests_of(names: list[str], tests: dict[str, str]) -> list[str]:
    """Return the test files that import a changed module, bear its name or its folder's, or changed.

    names: changed files. tests: test file → its text.

    >>> tests_of(["abkit/inference/means.py"], {"tests/test_a.py": "from abkit.inference.means import welch"})
    ['tests/test_a.py']
    """
    found = {name for name in names if name in tests}
    for path in (Path(name) for name in names if name.startswith("abkit/") and name.endswith(".py")):
        module, words = ".".join(path.with_suffix("").parts), {path.stem, path.parent.name} - {"abkit"}
        found |= {t for t, text in tests.items() if module in text or any(w in Path(t).stem for w in words)}
    return sorted(found)


if __name__ == "__main__":
    texts = {str(p.relative_to(ROOT)): p.read_text() for p in (ROOT / "tests").glob("test_*.py")}
    print(*dict.fromkeys([*ALWAYS, *tests_of(changed(), texts)]), sep="\n")
