# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # In A/A tests every p-value is equally likely, and 96 of 100 intervals hold the truth
#
# Time: 45 minutes. Needs: notebook 01. Runs on: any laptop, no network.

# %% [markdown]
# ## The story: one result, three wrong readings
#
# Amara runs a web shop. Each of 5,000 users an arm saw the old or the new recommendations. A licence costs 40,000
# euros a year. With 100,000 users a year it pays from 0.40 euros a user. Her report says: revenue +0.27 euros, p = .37.
#
# Finance says: "no effect". Sales says: "observed power was low, so the effect is there". A developer says: "revenue is
# not normal, so the interval is wrong". Amara must sign tonight.

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given an interval and a cost, you **read** it, and decide to ship, to stop, or to say "inconclusive".
# - Given a metric, you **choose** the interval: mean, share or ratio.
# - Given a method, you **validate** it in A/A tests, and decide whether its promise holds for your data.

# %%
import abkit as ab

rng = ab.teach.start("04", seed=7)

# %% [markdown]
# ## Recall: comparable arms and one row a user
#
# Three questions before you go on. Write a letter as the second value, for example `ab.teach.quiz("04.q1", "a")`.

# %%
from IPython.display import display

display(ab.teach.quiz("04.q1"), ab.teach.quiz("04.q2"), ab.teach.quiz("04.q3"))

# %% [markdown]
# ## Predict: how often is p close to 1 if nothing happens?
#
# In an **A/A test** both arms see the same page. You run 10,000 of them. How many have a p-value from .95 to 1? Replace 2,000
# by your own guess.

# %%
ab.teach.predict("04.p1", 2_000, low=0, high=10_000)

# %% [markdown]
# ## The idea takes six lines: a difference and its error
#
# The **standard error** is the spread of the estimate over repeated experiments. The **95 per cent interval** reaches about two of
# them to each side. The last lines ask the library for the same.

# %%
import math

import numpy as np
from scipy.special import ndtr, stdtrit
table = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1))
a, b = (table.loc[table["arm"] == arm, "revenue"].to_numpy() for arm in ("control", "treatment"))
parts = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)  # variance of each mean
gap, se = b.mean() - a.mean(), math.sqrt(sum(parts))
df = sum(parts) ** 2 / sum(v**2 / (len(a) - 1) for v in parts)
effect = ab.welch(a, b)  # the library: the same interval
assert math.isclose(effect.high, gap + stdtrit(df, 0.975) * se)
ab.teach.report(estimate=effect.estimate, low=effect.low, high=effect.high, p_value=effect.pvalue)

# %% [markdown]
# Zero fits these data, and so does a gain of 0.88 euros. Finance and sales each read one end. But does the interval keep
# its promise? Ask 10,000 A/A tests of normal data, 200 users an arm.

# %%
aa = ab.welch(*ab.datasets.normal_moments(200)(rng, 10_000))
below = float((aa.pvalue < 0.05).mean())
top = int((aa.pvalue >= 0.95).sum())
ab.teach.report(p_below_05=(below, math.sqrt(0.05 * 0.95 / 10_000)), p_from_95_to_1=top)

# %%
from abkit.plots import plot_coverage, plot_effects, plot_intervals, plot_pvalues, style

guess = ab.teach.predicted("04.p1")
ax = plot_pvalues(aa.pvalue)
bins = np.histogram(aa.pvalue, 20, (0, 1))[0]
ax.annotate("500 expected", (0.3, 500), (0, 24), textcoords="offset points", fontsize=12)
if guess is not None:
    ax.plot([0.95, 1], [guess, guess], color="black", linestyle="--", linewidth=2)
    ax.text(0.93, guess, "your guess", fontsize=12, ha="right", va="center")
alt = f"Histogram of 10,000 p-values of A/A tests in 20 bins. All bins are about equally high, {bins.min()} to {bins.max()} tests; {bins[0]} lie below .05."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 500
#
# - If p below .05 must occur in 5 per cent of A/A tests, and below .10 in 10 per cent, what is left for .05 to .10?
# - Why is p = .9 no better proof of "no effect" than p = .4?
#
# <details><summary>Explanation</summary>
# The promise "p below alpha in a share alpha of A/A tests" holds for every alpha at once. So each
# bin of width .05 holds 5 per cent. A large p is one draw from this flat picture. It measures nothing.
# </details>

# %% [markdown]
# ## One more experiment: 100 shops with a true gain of 0.425 euros
#
# Now the new page works: +5 per cent of 8.50 euros. We repeat Amara's experiment 100 times and draw each interval.
# The count itself varies, with a standard error of 2.2.

# %%
truth = 0.05 * 8.50
hundred = ab.welch(*ab.datasets.shop(5_000)(np.random.default_rng(7), 100))
hits = int(((hundred.low <= truth) & (truth <= hundred.high)).sum())
found = int((hundred.low > 0).sum())
ab.teach.report(hold_the_truth=(hits, math.sqrt(100 * 0.95 * 0.05)), exclude_zero=found)

# %%
ax = plot_intervals(hundred, truth, unit="euros a user")
ax.set_xlabel("experiment; dashed with a square: misses the truth of 0.425 euros")
alt = f"One hundred intervals of the same experiment against the true gain of 0.425 euros: {hits} hold it, {100 - hits} miss it and are dashed. Only {found} exclude zero."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Its name: confidence interval, which always agrees with its test
#
# A **95 per cent confidence interval** is a rule that holds the truth in 95 of 100 experiments. Welch's is
# $\bar y_T - \bar y_C \pm t_{df}\sqrt{s_C^2/n_C + s_T^2/n_T}$. It excludes zero exactly when $p < .05$.
# 95 per cent is the rate of the rule. It is not the chance that Amara's one interval is right.

# %% [markdown]
# ## Means: three shortcuts break the promise
#
# **Student's t** pools the variances, here with 30 noisy users against 300 quiet ones (sd 3 and 1). The **normal quantile** forgets that
# five users tell little about their spread. Welch survives both.

# %%
from scipy import stats

def student(control, treatment):
    return stats.ttest_ind(control, treatment, axis=-1).pvalue

uneven = ab.datasets.normal_rows(30, sd=(3.0, 1.0), allocation=10 / 11)
wrong = ab.calibrate(uneven, student, reps=8_000, rng=rng)
right = ab.calibrate(uneven, ab.welch, reps=8_000, rng=rng)
ab.teach.report(student_rejects=wrong.reject, student_rejects_se=wrong.reject_se, welch_rejects=right.reject, welch_rejects_se=right.reject_se)
ab.teach.match("Student's t, no effect", wrong.reject, 0.374, 5 * wrong.reject_se)

# %%
five = ab.datasets.normal_moments(5)
z = ab.calibrate(five, ab.z_test, reps=20_000, rng=rng)
t = ab.calibrate(five, ab.welch, reps=20_000, rng=rng)
ab.teach.report(normal_covers=z.coverage, normal_covers_se=z.coverage_se, t_covers=t.coverage, t_covers_se=t.coverage_se)
ab.teach.match("normal quantile, five users", z.coverage, 0.914, 5 * z.coverage_se)

# %% [markdown]
# ## Shares: a cell of zero still has uncertainty
#
# 1,131 teenagers got a vaccine and none fell ill; 18 of 1,129 with placebo did. The **Wald interval** takes the variance from each arm's
# own share. At zero cases that variance is zero. The **score interval** asks which true differences fit the counts.
# **Newcombe's** joins the score intervals of the two arms. Wald says that at most 23.2 cases per 1,000 are avoided; the others allow 25.1.

# %%
trial = ab.Moments.from_table(ab.datasets.bnt162b2(), ["infected"], by="group")
ways = {m: ab.proportions(trial["placebo"], trial["vaccine"], method=m) for m in ("wald", "score", "newcombe")}
ab.teach.report({m: f"{1000 * e.low:.1f} to {1000 * e.high:.1f} per 1,000" for m, e in ways.items()})

# %%
from dataclasses import replace

per_mille = [replace(e, label=m, estimate=1000 * e.estimate, low=1000 * e.low, high=1000 * e.high) for m, e in ways.items()]
ax = plot_effects(per_mille, unit="cases per 1,000")
title = f"Score allows {-1000 * ways['score'].low:.1f} fewer cases per 1,000, Wald only {-1000 * ways['wald'].low:.1f}"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
alt = f"Three 95 per cent intervals of vaccine less placebo, in cases per 1,000. Wald: {per_mille[0].low:.1f} to {per_mille[0].high:.1f}; score: {per_mille[1].low:.1f} to {per_mille[1].high:.1f}; newcombe: {per_mille[2].low:.1f} to {per_mille[2].high:.1f}."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# Shares with many successes need no care about the method. Employers called back 9.65 per cent of résumés with a white-sounding
# name, and 6.45 per cent of the others. About four résumés went to one ad: a row is not quite a unit of its own.

# %%
names = ab.Moments.from_table(ab.datasets.resume_names(), ["called"], by="ethnicity")
called = ab.proportions(names["afam"], names["cauc"])
ab.teach.report(points=100 * called.estimate, low=100 * called.low, high=100 * called.high)
ab.teach.match("white-sounding, per cent", 100 * names["cauc"].mean[0], 9.65, 5e-3)
ab.teach.match("others, per cent", 100 * names["afam"].mean[0], 6.45, 5e-3)

# %% [markdown]
# ## Ratios: views are not users
#
# Clicks per view is a **ratio metric**: users are assigned, views are counted. The **delta method** needs both sums for each
# user. The naive test calls every view independent. We run 2,000 A/A tests of the shop, where theory gives 22.2 per cent.
#
# If the treatment changes the number of views, test views too, and show clicks per user beside the ratio.

# %%
def naive(control, treatment):
    sums = [(a.n * a.select("clicks", "views").mean.T).round() for a in (control, treatment)]
    return ab.proportions(*[ab.Moments.counts(clicks, views) for clicks, views in sums], method="pooled")

def by_user(control, treatment):
    return ab.ratio(control, treatment, numerator="clicks", denominator="views")

same = ab.datasets.shop(500, click_lift=0.0)
views = ab.calibrate(same, naive, reps=2_000, rng=rng)
users = ab.calibrate(same, by_user, reps=2_000, rng=rng)
ab.teach.report(naive_rejects=(views.reject, views.reject_se), delta_rejects=(users.reject, users.reject_se))
ab.teach.match("naive test of clicks per view", views.reject, 0.222, 5 * views.reject_se)

# %% [markdown]
# ## Heavy tails: the promise depends on shape and on split
#
# The developer has a point. Exponential data have skewness 2. With 10 users an arm Welch's test rejects too rarely. With 30
# against 300 it rejects too often: equal arms cancel skewness, unequal arms do not.
#
# A rule of thumb asks for 355 · skewness² users in each arm. Amara has 5,000, more than the rule asks.

# %%
for sizes, published in (((10, 10), 0.037), ((30, 300), 0.069)):
    tail = ab.calibrate(ab.datasets.skewed_rows(*sizes), ab.welch, reps=20_000, rng=rng)
    ab.teach.match(f"Welch at {sizes[0]} and {sizes[1]}", tail.reject, published, 5 * tail.reject_se)
skew = float(stats.skew(np.concatenate([a, b])))
ab.teach.report(skewness_of_amaras_revenue=skew, users_needed_by_355_skew_squared=round(355 * skew**2))

# %% [markdown]
# ## Explore: where does your own interval break?
#
# Two goals. First, find an arm size at which skewness 2 and a split of one to nine cover 95 per cent again. Then set your own
# users, skewness and split, and read the coverage.

# %%
panel = ab.explore.interval()
panel

# %% [markdown]
# ## The same on paper: skewness 6 covers 87 per cent at 10 against 90 users
#
# The same function, 2,000 experiments a row, one control user to nine treatment users.

# %%
from abkit.explore.panel_interval import coverage_table

grid = coverage_table([10, 30, 100, 300], [0.0, 2.0, 6.0], 9, seed=7, reps=2_000)
print(grid.round(3).to_string(index=False))

# %%
curves = {f"skewness {s:g}": (part["n"], part["coverage"], part["error"]) for s, part in grid.groupby("skew")}
ax = plot_coverage(curves)
least = 100 * grid["coverage"].min()
ax.set_title(f"At one to nine, skewness 6 covers as little as {least:.0f} per cent", loc="left", fontsize=12, fontweight="bold")
alt = f"Coverage of Welch's interval against users in the smaller arm, split one to nine. Normal data stay near 95 per cent; skewness 6 covers {least:.0f} per cent at 10 users and comes near 95 at 300."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Observed power says nothing that p has not said
#
# Sales computed power at the observed effect. It is a function of p alone.

# %%
def observed_power(p):
    return ndtr(stats.norm.isf(p / 2) - 1.959964)

ab.teach.report({f"p = {p}": observed_power(p) for p in (0.05, 0.3, effect.pvalue.__round__(2))})
ab.teach.match("observed power at p = .05", observed_power(0.05), 0.500, 5e-4)
ab.teach.match("observed power at p = .3", observed_power(0.3), 0.178, 5e-4)

# %% [markdown]
# Worse: a monitor that demands "adequate power at the observed effect" passes only lucky results. True rates 10 and 11 per cent, 14,752
# users an arm, planned power .80. The gate halves the chance of success and reports +13 per cent where the truth is +10.
#
# Look at the width of the interval instead.

# %%
n = 14_752
x, y = (ab.Moments.counts(rng.binomial(n, p, 200_000), n) for p in (0.10, 0.11))
pc, pt = x.mean[:, 0], y.mean[:, 0]
zscore = (pt - pc) / np.sqrt((pc + pt) * (1 - (pc + pt) / 2) / n)
passes = zscore >= 2.8016  # n reaches the n that the observed effect demands
ab.teach.report(significant=(zscore > 1.96).mean(), gate_passes=passes.mean(), lift_after_gate=(pt / pc - 1)[passes].mean())
ab.teach.match("gate passes", passes.mean(), 0.50, 5e-3)
ab.teach.match("lift after the gate", (pt / pc - 1)[passes].mean(), 0.130, 1e-3)

# %% [markdown]
# ## One side: only if the other side changes nothing
#
# A **one-sided interval** has one end. Use it when a loss of any size gives the same decision, for example in a guardrail, and fix
# the side before the data.

# %%
upper = ab.welch(a, b, alternative="greater")
ab.teach.report(two_sided_low=effect.low, one_sided_low=upper.low, one_sided_high=upper.high)

# %% [markdown]
# ## Where it bites at work
#
# - Days are not users: sum a returning user's days into one row, in a fixed window for each user.
# - A chart with two overlapping intervals of means is no test. Draw the interval of the difference.
# - A simulated check is as good as its world (next cell).

# %% [markdown]
# > **Myth 1.** You may read a simulation with revenue max(0, N(8.50, 15)) and a lift of 5 per cent. Computed: its mean is 11.17, and its true
# > lift is 2.74 per cent. The analysis looked biased; the world was. The shop here draws gamma revenue and hits its own numbers.
#
# > **Myth 2.** You may read: "the arm is independent of the features, therefore of the outcomes". That does not follow: an unseen
# > cause can steer both. Randomization makes the arm independent of everything at once, seen and unseen.

# %%
from abkit.commerce import clipped_mean

low, high = clipped_mean(8.50, 15.0), clipped_mean(8.50 * 1.05, 15.0)
ab.teach.match("clipped mean", low, 11.17, 5e-3)
ab.teach.match("clipped lift, per cent", 100 * (high / low - 1), 2.74, 5e-3)
recovered = ab.calibrate(ab.datasets.shop(2_000), ab.welch, truth=truth, reps=200, rng=rng)
ab.teach.report(bias_of_the_shop=recovered.bias, bias_of_the_shop_se=recovered.bias_se)

# %% [markdown]
# ## Exercises
#
# **1 (one star).** Control: 30 users, mean 10.0, sd 3.0. Treatment: 300 users, mean 11.0, sd 1.0. What is Welch's two-sided p-value?
# Replace `None` by your answer. `ab.hint("04.1")` helps.

# %%
display(ab.check("04.1", None), ab.solution("04.1"))

# %% [markdown]
# **2 (two stars).** A test ends with p = .3, and a colleague adds "observed power is .178". What do you report, and why? a) power was low, so
# the effect is probably there; b) there is no effect; c) the interval, beside the effect that pays; d) run until the
# observed power is .8.

# %%
display(ab.check("04.2", None), ab.solution("04.2"))

# %% [markdown]
# **3 (three stars).** Write a procedure that averages the two variances (each divided by n, not n − 1), with the error
# √(average · (1/n₁ + 1/n₂)) and the quantile 1.96. Which share of its intervals covers in the world `uneven`?

# %%
display(ab.check("04.3", None), ab.solution("04.3"))

# %% [markdown]
# **4 (bug hunt).** Tom has a treatment mean of 8.95 and the interval −0.33 to 0.88 of the difference. He draws a bar of 8.95 with
# `yerr = [[8.95 - low], [high - 8.95]]`, and the plot stops with an error. Which half-length belongs around the difference?

# %%
display(ab.check("04.4", None), ab.solution("04.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV or Parquet file with one row a user into `my_file`, and name the column of the arm and the metric. As it
# stands, the cell reads Amara's table.

# %%
import tempfile
from pathlib import Path

my_file, arm, metric = None, "arm", "revenue"
if my_file is None:
    my_file = Path(tempfile.mkdtemp()) / "shop.csv"
    table.to_csv(my_file, index=False)
arms = ab.Moments.from_table(my_file, [metric], by=arm)
mine = ab.welch(arms["control"], arms["treatment"])
assert math.isclose(mine.estimate, effect.estimate, rel_tol=1e-9) or my_file.name != "shop.csv"
print(f"{mine.label}: {mine.estimate:.3f}, 95% interval {mine.low:.3f} to {mine.high:.3f}, p = {mine.pvalue:.2f}")

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data: ship if the whole interval lies above 0.40 euros, stop if it lies below. Change the memo until you
# would sign it.

# %%
ab.teach.decision(
    rule="Ship if the 95% interval lies above 0.40 euros a user, stop if it lies below, else inconclusive.",
    evidence=f"{effect.estimate:.2f} euros, interval {effect.low:.2f} to {effect.high:.2f}, 5,000 users an arm.",
    cost=f"A useless licence: 40,000 euros a year. Missing the best that fits: {100_000 * effect.high - 40_000:,.0f} a year.",
    choice="Inconclusive. Do not buy now; plan a new test whose interval is narrow enough for 0.40 euros.",
    change="A new test, sized before it starts, with an interval on one side of 0.40 euros.",
)

# %% [markdown]
# ## Take-aways
#
# - In A/A tests p is flat, and a 95 per cent interval holds the truth in 95 of 100 experiments.
# - Welch for means, score for shares, the delta method for ratios; one row a user.
# - Read the ends of the interval against costs. Never read observed power.
#
# When this advice is wrong: small, skewed, unequal arms. Measure coverage first. Next: notebook 05, sample size.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("04.q4"), ab.teach.quiz("04.q5"), ab.teach.quiz("04.q6"))

# %% [markdown]
# ## References
#
# - Welch (1947), Biometrika 34: the t test without equal variances. DOI 10.1093/biomet/34.1-2.28
# - Miettinen and Nurminen (1985), Statistics in Medicine 4: the score interval. DOI 10.1002/sim.4780040211
# - Newcombe (1998), Statistics in Medicine 17: intervals with few events. DOI `10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I`
# - Deng, Knoblich and Lu (2018), KDD: the delta method for ratios. DOI 10.1145/3219819.3219919
# - Hoenig and Heisey (2001), American Statistician 55: observed power. DOI 10.1198/000313001300339897
# - Kohavi and others (2014), KDD: 355 · skewness². DOI 10.1145/2623330.2623341
# - Bertrand and Mullainathan (2004), AER 94: names. DOI 10.1257/0002828042002561
# - Frenck and others (2021), NEJM 385: the vaccine. DOI 10.1056/NEJMoa2107456

# %%
ab.teach.finish()
