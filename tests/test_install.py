"""What a newcomer sees while packages are installed: a line every few seconds, the log on a failure."""

import importlib.util
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent / "tools" / "install.py"
spec = importlib.util.spec_from_file_location("install", SCRIPT)
install = importlib.util.module_from_spec(spec)
spec.loader.exec_module(install)


def test_each_stage_has_its_line():
    assert install.said([], 1) == "asking for the list of packages"
    lines = [
        "Obtaining file:///x",
        "Collecting numpy>=2.0 (from abkit-lab==0.1.0)",
        "  Downloading numpy.whl",
    ]
    assert install.said(lines, 1) == "found 1 packages, the last is numpy"
    lines += ["Collecting scipy==1.17", "Installing collected packages: numpy, scipy"]
    assert install.said(lines, 7) == "installing 2 packages: 7 are in place"


def test_a_failure_shows_the_end_of_the_log_and_what_to_do(tmp_path):
    log = tmp_path / "pip.log"
    words = [sys.executable, str(SCRIPT), str(log), "--no-index", "no-such-package-at-all"]
    result = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert result.returncode == 1 and "check the network" in result.stdout
    assert "no-such-package-at-all" in result.stdout and "no-such-package-at-all" in log.read_text()
