# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 821,588 against 815,482 users is a fire alarm: p = 1.8e-6
#
# Time: 45 minutes. Needs: notebook 02. Runs on: any laptop, no network.
#
# Maya leads checkout at a hotel-booking site. Half of the users got a new page. The dashboard shows
# a higher booking rate, p = .017, worth 300,000 euros a month. It also shows 821,588 users in control and 815,482 in
# treatment. "Almost equal", says her manager. "Ship it." Maya has one question: are 6,106 missing users chance?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given arm counts and a plan, you **detect** a mismatch, and decide whether an effect may be read.
# - Given counts by segment, you **localise** the loss, and decide whom to call.
# - Given daily counts, you **monitor** them, and decide when to stop a broken test.
#
# ## Recall: assignment makes arms comparable
#
# An **arm** is a group of users that sees one version. Three questions before you go on. Write a letter as
# the second value, for example `ab.teach.quiz("03.q1", "a")`.

# %%
from IPython.display import display

import abkit as ab

rng = ab.teach.start("03", seed=7)
display(ab.teach.quiz("03.q1"), ab.teach.quiz("03.q2"), ab.teach.quiz("03.q3"))

# %% [markdown]
# ## Predict: how large a gap is still chance?
#
# The plan gives each arm half of 1,637,070 users. Which gap between the arms would occur in
# only 1 of 1,000 sound experiments? Replace 16,000 (about 1 per cent) by your own guess, in users.

# %%
ab.teach.predict("03.p1", 16_000, low=0, high=1_637_070)

# %% [markdown]
# ## The idea takes six lines: compare the counts with the plan
#
# Take the distance of each count from its plan, square it, and divide by the plan. The sum is the
# **chi-square statistic**. The **p-value** is the chance of a sum at least as large in a sound experiment.
# The library gives the same number, and a verdict.

# %%
import math

import numpy as np

counts = np.array([821_588, 815_482])
planned = np.array([0.5, 0.5])
expected = counts.sum() * planned  # what the plan says
chi2 = ((counts - expected) ** 2 / expected).sum()  # distance from the plan
pvalue = math.erfc(math.sqrt(chi2 / 2))  # upper tail, two arms
check = ab.srm(counts, planned)
assert math.isclose(check.pvalue, pvalue, rel_tol=1e-9)
check.message

# %% [markdown]
# ## The numbers: a gap of 4,210 users would be enough
#
# With n users and a plan of half and half, the gap between the arms has standard deviation √n. An alarm at .001
# needs 3.29 standard deviations. As everywhere in this course, the gap is treatment minus control.

# %%
n = int(counts.sum())
gap = int(counts[1] - counts[0])
enough = 3.2905 * math.sqrt(n)
one_sd = math.sqrt(n)
ab.teach.report(users=n, gap=gap, gap_in_per_cent=100 * gap / n, one_standard_deviation=one_sd,
                gap_in_standard_deviations=gap / one_sd, alarm_from_gap=round(enough),
                p_value=check.pvalue)
ab.teach.match("p-value", check.pvalue, 1.8e-6, 5e-8)

# %%
from abkit.plots import plot_shares, plot_srm, style

gaps = np.linspace(-18_000, 9_000, 600)
ax = style.axes_or_new(None)
ax.plot(gaps, np.exp(-(gaps**2) / (2 * n)), color="black", linewidth=2)
ax.axvspan(-enough, enough, color="#D9D9D9")
ax.axvline(gap, color="#D55E00", linewidth=2)
_ = ax.text(gap - 250, 0.75, f"Maya's gap:\n{gap:,}", fontsize=12, ha="right")
_ = ax.text(0, 0.12, "no alarm", fontsize=12, ha="center")

# %%
guess = ab.teach.predicted("03.p1")
if guess is not None:  # a guess beyond the axis stands at its end
    ax.axvline(-min(guess, 18_000), color="black", linewidth=2, linestyle="--")
    label = ("← " if guess > 18_000 else "") + f"your guess: {guess:,.0f}"
    ax.text(-min(guess, 18_000) + 250, 1.08, label, fontsize=12)
ax.set(ylim=(0, 1.2), xlim=(-18_300, 9_000), yticks=[])
title = f"A gap of {-gap:,} of {n:,} users is an alarm: p = {check.pvalue:.2g}"
style.dress(ax, title=title, x="treatment minus control (users)", y="how often by chance")
alt = (f"Curve of the gap between arms in sound experiments. Gaps within {enough:,.0f} users raise "
       f"no alarm; the observed gap of {gap:,} lies far outside, p = {check.pvalue:.2g}.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 4,210
#
# - Did you think in per cent? What does 0.4 per cent of 1.6 million mean in users?
# - If n is four times as large, how does the chance gap change?
#
# <details><summary>Explanation</summary>
# Chance grows with √n, not with n. At 1.6 million users √n is 1,279. A share that looks equal on a
# dashboard can be 4.8 standard deviations away. Rounded shares (50.2 and 49.8 per cent) hide it.
# </details>

# %% [markdown]
# ## One more experiment: the gap can make an effect out of nothing
#
# Suppose both arms book equally: 164,318 bookings each. Treatment only lost 6,106 users who would not have booked:
# their slow phones left before the log was written. Now compute the booking rate.

# %%
control = ab.Moments.counts(164_318, 821_588)
treatment = ab.Moments.counts(164_318, 815_482)
effect = ab.proportions(control, treatment)
ab.teach.report(effect_in_points=100 * effect.estimate, p_value=effect.pvalue)

# %% [markdown]
# The page changed nobody. The rate still rises by 0.15 percentage points with p = .017. The missing users *are* the
# effect. No formula on the users who are left can tell.
#
# ## Its name: sample-ratio mismatch
#
# A **sample-ratio mismatch (SRM)** is a set of counts that the planned shares cannot explain. The test is
# Pearson's: $\chi^2 = \sum_i (O_i - n w_i)^2 / (n w_i)$ with $k - 1$ degrees of freedom for $k$ arms, counts
# $O_i$ and planned shares $w_i$. The usual threshold is .001, because a false alarm stops a good test.

# %% [markdown]
# ## Explore: how much loss does a check notice?
#
# Two goals. First, keep the loss of 5 per cent in one segment, and find the smallest number of users at which the check of
# all users raises the alarm. Then put in your own traffic and plan, and find the loss that stays hidden.

# %%
panel = ab.explore.srm(n=40_000, loss=0.05)
panel

# %% [markdown]
# ## The same on paper: small tests do not see small losses
#
# The panel's world on a grid. All users are tested at .001, each of three segments at .001 / 3. At 5,000 users a loss of
# 10 per cent in one segment stays hidden. At 20,000 the total still passes, and the segment raises the alarm.

# %%
from abkit.datasets.lost_users import planted_counts

for users, loss in [(u, k) for u in (5_000, 20_000, 80_000) for k in (0.0, 0.05, 0.10)]:
    c = planted_counts(users, 0.5, loss, seed=2)
    p = ab.srm(np.sum(list(c.values()), axis=0), [0.5, 0.5]).pvalue
    hit = [name for name, v in ab.localise(c, [0.5, 0.5]).items() if not v.passed]
    print(f"{users:>6,} users, loss {loss:>4.0%}: total p = {p:.2g}, "
          f"alarm in {', '.join(hit) or 'no segment'}")

# %%
planted = planted_counts(20_000, 0.5, 0.10, seed=2)
total = tuple(np.sum(list(planted.values()), axis=0))
twin = plot_shares({"all": total, **planted}, 0.5, alpha=[0.001] + [0.001 / 3] * 3)
title = "A 10% loss: the total passes, android does not"
twin.set_title(title, loc="left", fontsize=12, fontweight="bold")
short = 100 * (planted["android"][1] / sum(planted["android"]) - 0.5)
alt = ("Treatment's share minus the plan for 20,000 users and three segments. Android is "
       f"{short:.1f} percentage points off, outside its grey bar; all others lie inside.")
ab.teach.show(twin.figure, alt=alt)

# %% [markdown]
# ## Localise: which segment lost its users?
#
# Maya takes one day of her log: 60,000 users, one row each, with arm and browser. Somewhere it lost treatment users.
# First look at the counts and choose a suspect. Then run the check in each segment, at .001 divided by the number of
# segments.

# %%
import pandas as pd

from abkit.tables.reducing import arm_counts

rows = pd.DataFrame({
    "arm": rng.choice(["control", "treatment"], 60_000),
    "browser": rng.choice(["chrome", "safari", "firefox", "edge"], 60_000, p=[0.5, 0.3, 0.1, 0.1]),
})
lost = (rows["arm"] == "treatment") & (rows["browser"] == "safari") & (rng.random(60_000) < 0.08)
log = rows[~lost]
by_browser = arm_counts(log, "arm", by="browser").counts
pd.DataFrame(by_browser).T

# %%
halves = {"control": 0.5, "treatment": 0.5}
whole = ab.srm(arm_counts(log, "arm").counts, halves)
found = ab.localise(by_browser, halves)
ab.teach.report({"whole log": whole.pvalue, **{name: c.pvalue for name, c in found.items()}})
first = next(iter(found))
ax = plot_srm(found)
title = f"The loss is in {first}: p = {found[first].pvalue:.2g}"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
alt = (f"P-values of four browsers on a log scale. Only {first} lies below the alarm line of "
       f"0.00025, with p = {found[first].pvalue:.2g}; the other three lie far above it.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# That day as a whole passes at .001. Three sound browsers dilute the loss of one.
#
# A segment must be fixed before assignment. "Saw the payment page" is no segment if the treatment changes who gets
# there. Check SRM also in the **triggered** population: the users who could see a difference at all. And compare last
# month's bookings of the same users: before the test the arms must not differ.

# %% [markdown]
# ## A real trial passes, and passing is no proof: 44,925 and 44,910 women
#
# The Canadian breast screening trial assigned 89,835 women one by one. We write its rows to a file and read them back.
# Its counts fit the plan. Critics still say that women with symptoms were put into the mammography arm; a review found no
# credible sign of it. A count cannot settle this. Passing is necessary, not sufficient.

# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
ab.datasets.mammogram()[["treatment"]].to_csv(folder / "trial.csv", index=False)
women = arm_counts(pd.read_csv(folder / "trial.csv"), "treatment").counts
trial = ab.srm(women, {"control": 0.5, "mammogram": 0.5})
ab.teach.report(women)
ab.teach.match("p-value of the trial", trial.pvalue, 0.960, 5e-4, source="expected")

# %% [markdown]
# ## Looking every day: 30 looks at .01 raise a false alarm in 7 per cent of sound tests
#
# Maya wants the alarm early, so she looks every day. We simulate 20,000 sound experiments of 30 days with 10,000
# users a day, and count those with an alarm on any day.

# %%
daily = rng.binomial(10_000, 0.5, (20_000, 30))
treated = daily.cumsum(axis=1)
pairs = np.stack([10_000 * np.arange(1, 31) - treated, treated], axis=-1)
worst = ab.srm(pairs, [0.5, 0.5]).pvalue.min(axis=1)
rates = {alpha: float((worst < alpha).mean()) for alpha in (0.01, 0.001)}
errors = {alpha: math.sqrt(r * (1 - r) / 20_000) for alpha, r in rates.items()}
ab.teach.report({f"30 looks at {a}": (rates[a], errors[a]) for a in rates})
ab.teach.match("30 looks at .01", rates[0.01], 0.0744, 5 * errors[0.01], source="exact")
ab.teach.match("30 looks at .001", rates[0.001], 0.0096, 5 * errors[0.001], source="exact")

# %% [markdown]
# **Sequential SRM** keeps one alpha for all looks together. Its price is a later alarm. We try it on all 20,000 sound
# tests, and on one where treatment loses 2 per cent of its users from day one.

# %%
false = float(np.mean([not ab.sequential_srm(p, [0.5, 0.5]).passed for p in pairs]))
broken = rng.binomial(daily[0], 0.98).cumsum()
leaking = np.stack([pairs[0, :, 0], broken], axis=-1)
once = ab.srm(leaking, [0.5, 0.5]).pvalue
always = ab.sequential_srm(leaking, [0.5, 0.5]).pvalue
days = [np.flatnonzero(p < 0.001) for p in (once, always)]
fixed, sequential = (int(day[0]) + 1 if len(day) else "none in 30 days" for day in days)
said = f"{false:.3%}" if false else "0 of 20,000: below 1.5 in 10,000"
ab.teach.report(false_alarms=said, alarm_day_fixed=fixed, alarm_day_sequential=sequential)

# %% [markdown]
# ## Where it bites at work
#
# - A redirect loses slow phones in one arm only.
# - A bot filter reads clicks, and the treatment changes clicks.
# - A ramp from 10 to 50 per cent mixes two plans. Check each period with its own shares.
#
# > **Myth 1.** You may read that SRM compares the arms with an equal split. Measured: a correct 90/10 split of 10,000
# > users then gives a p-value below 1e-300. Compare with the plan.
#
# > **Myth 2.** You may read that .01 suits daily checks. Exact for 30 daily looks: 7.44 per cent of sound
# > tests raise an alarm, at .001 0.96 per cent. Use .001, or the sequential check.

# %%
right = ab.srm([9_000, 1_000], [0.9, 0.1]).pvalue
wrong = ab.srm([9_000, 1_000], [0.5, 0.5]).pvalue
shown = "below 1e-300" if wrong < 1e-300 else wrong
ab.teach.report(planned_90_10=right, equal_split_assumed=shown)

# %% [markdown]
# A tail must also not be computed as 1 minus the rest: at chi-square 80 that gives 0, and the truth is 3.7e-19.

# %%
tail = math.erfc(math.sqrt(80 / 2))
ab.teach.report(one_minus_the_rest=1 - math.erf(math.sqrt(80 / 2)), upper_tail=tail)
ab.teach.match("tail at 80", tail, 3.7e-19, 5e-21, source="exact")

# %% [markdown]
# ## Exercises
#
# **1 (one star).** The plan is 90 per cent control, 10 per cent treatment. You count 9,070 and 930 users. What is the
# p-value? Replace `None` by your answer.

# %%
display(ab.check("03.1", None), ab.hint("03.1"), ab.solution("03.1"))

# %% [markdown]
# **2 (two stars).** SRM has p = 1.8e-6. The effect is +2 per cent, and its interval excludes zero. What do you do, and why?
# a) ship; b) drop users from the larger arm at random until the arms are equal; c) find and repair the cause, then run
# again; d) run two more weeks and read the effect then.

# %%
display(ab.check("03.2", None), ab.hint("03.2"), ab.solution("03.2"))

# %% [markdown]
# **3 (three stars).** The plan is 80 per cent control, 20 per cent treatment. One segment of a ride-hailing app counts
# 32,000 and 7,300 users. Only treatment lost users. Write code that estimates how many.

# %%
display(ab.check("03.3", None), ab.hint("03.3"), ab.solution("03.3"))

# %% [markdown]
# **4 (bug hunt).** Rosa checks the counts every day for 30 days with the fixed test at .01. She writes: "a sound
# experiment has a 1 per cent chance of an alarm". What is the chance, as a share?

# %%
display(ab.check("03.4", None), ab.hint("03.4"), ab.solution("03.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV file with one row a user into `my_file`. Name the column of the arm, the planned shares, and a
# segment. As it stands, the cell reads Maya's day. Here `localise` is the call that finds the loss. In a terminal the same
# check is `abkit srm FILE --arm arm --expect control=.5,treatment=.5 --by browser`.

# %%
my_file, arm, segment = None, "arm", "browser"
plan = {"control": 0.5, "treatment": 0.5}

if my_file is None:
    my_file = folder / "log.csv"
    log.to_csv(my_file, index=False)
table = pd.read_csv(my_file)
mine = ab.srm(arm_counts(table, arm).counts, plan)
where = ab.localise(arm_counts(table, arm, by=segment).counts, plan)
print(mine.message)
print({name: "fits" if c.passed else "ALARM" for name, c in where.items()})

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data. An alarm costs a week. A false gain costs more: the site keeps a page that loses users.
# Change the memo until you would sign it.

# %%
ab.teach.decision(
    rule="If p < .001 in the arm counts, no effect is read.",
    evidence=f"{counts[0]:,} against {counts[1]:,} users, planned half and half: "
             f"p = {check.pvalue:.2g}.",
    cost="Stopping a sound test: one week. Shipping a page that loses users: every month.",
    choice=f"Do not ship. Investigate the log of {first} first, then run again.",
    change="A cause found in the log itself, such as a join that dropped rows, and a repaired log "
           "that fits the plan.",
)

# %% [markdown]
# ## Take-aways
#
# - Chance gaps grow with √n: 0.4 per cent of 1.6 million users is an alarm.
# - Compare with the plan, at .001, by segment, before you read any effect.
# - A mismatch is investigated first. Dropping users at random, or weighting, repairs nothing.
#
# When this advice is wrong: small tests. With 5,000 users a pass says little. Next: notebook 04, effects and uncertainty.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("03.q4"), ab.teach.quiz("03.q5"), ab.teach.quiz("03.q6"))

# %% [markdown]
# ## References
#
# - Bailar and MacMahon (1997), CMAJ 156, 193-199: no credible sign that the screening trial's randomization was subverted.
# - Fabijan and others (2019), KDD: causes of SRM, and how to find them. DOI 10.1145/3292500.3330722
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*, ch. 21: the counts, the threshold and the
#   reaction. DOI 10.1017/9781108653985
# - Lindon and Malek (2022), NeurIPS: the sequential test of counts. arXiv 2011.03567
# - Miller and others (2014), BMJ 348, g366: the screening trial. DOI 10.1136/bmj.g366
# - Yaffe and others (2021), *Journal of Medical Screening*: the critics of its randomization.

# %%
ab.teach.finish()
