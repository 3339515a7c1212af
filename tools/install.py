"""Run `pip install` with one short line of progress every few seconds; all that pip says goes to a log.

Usage: install.py LOG [arguments of pip install]. It needs the standard library only.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import time
from pathlib import Path

PAUSE = 10.0  # seconds between two lines, when nothing else is to be said
SORRY = "The packages could not be installed: check the network connection and run the command again"


def said(lines: list[str], installed: int) -> str:
    """Return what is known from pip's lines so far and the number of packages that are installed.

    >>> said(["Collecting numpy>=2.0", "Collecting scipy"], 3)
    'found 2 packages, the last is scipy'
    >>> said(["Collecting numpy", "Installing collected packages: six, numpy"], 4)
    'installing 2 packages: 4 are in place'
    """
    found = [line.split()[1] for line in lines if line.lstrip().startswith("Collecting ")]
    last = [line for line in lines if line.startswith("Installing collected packages:")]
    if last:
        return f"installing {len(last[-1].split(','))} packages: {installed} are in place"
    if not found:
        return "asking for the list of packages"
    name = found[-1].split(">")[0].split("=")[0].split("<")[0].split("[")[0]
    return f"found {len(found)} packages, the last is {name}"


def count() -> int:
    """Return how many packages this environment holds."""
    return len(list(Path(sysconfig.get_path("purelib")).glob("*.dist-info")))


def main(arguments: list[str]) -> int:
    """Install, and return pip's exit code."""
    log, *words = arguments
    begin = time.monotonic()
    shown, due = "", begin
    pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off"]
    with open(log, "w", encoding="utf-8") as out:
        process = subprocess.Popen([*pip, *words], stdout=out, stderr=out)
        while process.poll() is None:
            time.sleep(0.2)
            if time.monotonic() >= due:
                lines = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
                now = said(lines, count())
                if now != shown:
                    print(f"  {time.monotonic() - begin:4.0f} s  {now}", flush=True)
                shown, due = now, time.monotonic() + PAUSE
    seconds = time.monotonic() - begin
    if process.returncode:
        lines = Path(log).read_text(encoding="utf-8", errors="replace").splitlines()
        print("\n".join(lines[-3:]))
        print(f"{SORRY} (whole log: {log}).")
    else:
        print(f"  {seconds:4.0f} s  done: {count()} packages")
    return process.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
