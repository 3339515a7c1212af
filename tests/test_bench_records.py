"""What `make bench` stores can be read again, and a later run is set beside it."""

import json
import sys
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bench"))
import records

BEFORE = [
    ("one", "2 s", "loop 4 s", "0.50 (2 times)", "at most 1"),
    ("two", "p50 100 ms, p95 200 ms", "", "", "p50 150 ms"),
    ("three", "1 s", "loop 1 s", "1.00", ""),
]
NOW = [
    ("one", "3 s", "loop 8 s", "0.38 (2.7 times)", "at most 1"),
    ("two", "p50 130 ms, p95 190 ms", "", "", "p50 150 ms"),
    ("four", "12 MB", "", "", ""),
]


def test_a_run_is_stored_with_date_and_machine_and_compared(tmp_path):
    path = records.write(BEFORE, datetime(2026, 3, 1, 9, 30), quick=True, folder=tmp_path)
    assert path.name == "2026-03-01-093000.json"
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["date"] == "2026-03-01 09:30:00" and stored["quick"] is True
    assert stored["machine"]["cores"] >= 1 and stored["rows"][0]["ratio"] == "0.50 (2 times)"
    lines = records.compared(records.read(path), NOW).splitlines()
    assert lines[3:] == [
        "  1.50    0.76  one",
        "  1.30          two  slower",
        "   new          four",
        "  gone          three",
    ]


def test_another_machine_is_named(tmp_path):
    path = records.write(BEFORE, datetime(2026, 3, 1), quick=False, folder=tmp_path)
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["machine"]["cores"] = 4_096
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert "ANOTHER MACHINE" in records.compared(records.read(path), NOW)


@pytest.mark.parametrize("content", ["no json", "[1]", '{"date": "2026"}'])
def test_what_is_no_stored_run_is_refused_by_name(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match="other.json: no run that `make bench` stored"):
        records.read(path)
