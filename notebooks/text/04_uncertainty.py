# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A 95 per cent interval misses the truth in 5 of 100 experiments
#
# Time: 45 minutes. Needs: notebook 01. Runs on: any laptop, no network.
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
#
# ## Recall: comparable arms and one row a user
#
# Three questions before you go on. Write a letter as the second value, for example `ab.teach.quiz("04.q1", "a")`.

# %%
from IPython.display import display

import abkit as ab

rng = ab.teach.start("04", seed=7)
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
# The **standard error** is the spread of the estimate over repeated experiments. The **95 per cent interval** reaches about
# two of them to each side. `df` says how well the error itself is known. The last lines ask the library for the same.

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
ab.teach.report({k: getattr(effect, k) for k in ("estimate", "low", "high", "pvalue")})

# %% [markdown]
# Zero fits these data, and so does a gain of 0.88 euros. Finance and sales each read one end. But does the interval keep
# its promise? Ask 10,000 A/A tests of normal data, 200 users an arm.

# %%
from abkit.plots import plot_coverage, plot_effects, plot_intervals, plot_pvalues

aa = ab.welch(*ab.datasets.normal_moments(200)(rng, 10_000))
below = float((aa.pvalue < 0.05).mean())
bins = np.histogram(aa.pvalue, 20, (0, 1))[0]
ab.teach.report(p_below_05=(below, math.sqrt(0.05 * 0.95 / 10_000)), p_from_95_to_1=int(bins[-1]))

# %%
guess = ab.teach.predicted("04.p1")
ax = plot_pvalues(aa.pvalue)
ax.set_ylim(0, 1.25 * max(600, guess or 0))
if guess is not None:
    ax.axhline(guess, 0.95, 1, color="black", linestyle="--", linewidth=2)
    ax.annotate("your guess", (0.975, max(guess, 540)), (0, 8), textcoords="offset points",
                ha="right", fontsize=12)
alt = ("Histogram of 10,000 p-values of A/A tests in 20 bins. All bins are about equally high, "
       f"{bins.min()} to {bins.max()} tests; {bins[0]} lie below .05.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 500
#
# - If p below .05 must occur in 5 per cent of A/A tests, and below .10 in 10 per cent, what is left for .05 to .10?
# - Why is p = .9 no proof of "no effect"?
#
# <details><summary>Explanation</summary>
# The promise "p below alpha in a share alpha of A/A tests" holds for every alpha at once. So each
# bin of width .05 holds 5 per cent. In an A/A test a p near .9 is as common as a p near .4. How large the effect can be is
# written in the interval, not in p.
# </details>

# %% [markdown]
# ## One more experiment: 100 shops with a true gain of 0.425 euros
#
# Now the new page works: +5 per cent of 8.50 euros. We repeat Amara's experiment 100 times. How many of the 100 intervals
# exclude zero? Replace 80 by your guess: in the figure it marks where they would begin.

# %%
ab.teach.predict("04.p2", 80, low=0, high=100)
truth = 0.05 * 8.50
hundred = ab.welch(*ab.datasets.shop(5_000)(np.random.default_rng(7), 100))
hits = int(((hundred.low <= truth) & (truth <= hundred.high)).sum())
found = int((hundred.low > 0).sum())
ab.teach.report(hold_the_truth=(hits, math.sqrt(100 * 0.95 * 0.05)),
                exclude_zero=(found, math.sqrt(found * (100 - found) / 100)))

# %%
ax = plot_intervals(hundred, truth, unit="euros a user", ranked=True)
ax.axhline(0, color="black", linestyle=":", linewidth=2)
guess = ab.teach.predicted("04.p2")
if guess is not None:
    ax.axvline(100.5 - guess, color="black", linestyle="--", linewidth=2)
    ax.text(100.5 - guess, 1.7, " your guess ", fontsize=12, ha="left" if guess > 50 else "right")
title = f"{hits} of 100 intervals hold the truth, {found} exclude zero"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
ax.set_xlabel("experiment, sorted by its lower end; square: misses the truth of 0.425")
alt = (f"One hundred intervals against the true gain of 0.425 euros, sorted: {hits} hold it, "
       f"{100 - hits} miss it and are dashed. Only {found} exclude zero.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Its name: confidence interval, which always agrees with its test
#
# A **95 per cent confidence interval** is a rule that holds the truth in 95 of 100 experiments. Welch's is
# $\bar y_T - \bar y_C \pm t_{df}\sqrt{s_C^2/n_C + s_T^2/n_T}$. It excludes zero exactly when $p < .05$.
# 95 per cent is the rate of the rule. It is not the chance that Amara's one interval is right.
#
# ## Means: two shortcuts break the promise
#
# **Student's t** uses one common variance for both arms, here with 30 noisy users against 300 quiet ones (sd 3 and 1). The
# **normal quantile** forgets that five users tell little about their spread. Welch's interval keeps its promise in both.

# %%
from scipy import stats

def student(control, treatment):
    return stats.ttest_ind(control, treatment, axis=-1).pvalue

uneven = ab.datasets.normal_rows(30, sd=(3.0, 1.0), allocation=10 / 11)
wrong = ab.calibrate(uneven, student, reps=8_000, rng=rng)
right = ab.calibrate(uneven, ab.welch, reps=8_000, rng=rng)
ab.teach.report(student_rejects=(wrong.reject, wrong.reject_se),
                welch_rejects=(right.reject, right.reject_se))
near = 5 * wrong.reject_se
ab.teach.match("Student's t, no effect", wrong.reject, 0.374, near, source="expected")

# %%
five = ab.datasets.normal_moments(5)
z = ab.calibrate(five, ab.z_test, reps=20_000, rng=rng)
t = ab.calibrate(five, ab.welch, reps=20_000, rng=rng)
ab.teach.report(normal_covers=(z.coverage, z.coverage_se), t_covers=(t.coverage, t.coverage_se))
near = 5 * z.coverage_se
ab.teach.match("normal quantile, five users", z.coverage, 0.914, near, source="in theory")

# %% [markdown]
# ## Shares: zero cases still have uncertainty
#
# 1,131 teenagers got a vaccine and none fell ill; 18 of 1,129 with placebo did. The **Wald interval** takes the variance
# from each arm's own share, here zero. The **score interval** asks which true differences fit the counts. **Newcombe's**
# joins the score intervals of the arms. Wald says that at most 23.2 cases per 1,000 are avoided; the others allow 25.1.
#
# With many successes the method hardly matters. Employers called back 9.65 per cent of résumés with a white-sounding name,
# and 6.45 per cent of the others. About four résumés went to one ad: a row is not quite a unit of its own.

# %%
trial = ab.Moments.from_table(ab.datasets.bnt162b2(), ["infected"], by="group")
ways = {m: ab.proportions(trial["placebo"], trial["vaccine"], method=m)
        for m in ("wald", "score", "newcombe")}
for m, e in ways.items():
    print(f"{m:<8}  {1000 * e.low:.1f} to {1000 * e.high:.1f} per 1,000")
names = ab.Moments.from_table(ab.datasets.resume_names(), ["called"], by="ethnicity")
called = ab.proportions(names["afam"], names["cauc"])
ab.teach.report(points=100 * called.estimate, low=100 * called.low, high=100 * called.high)
ab.teach.match("white-sounding, per cent", 100 * names["cauc"].mean[0], 9.65, 5e-3)
ab.teach.match("others, per cent", 100 * names["afam"].mean[0], 6.45, 5e-3)

# %%
from dataclasses import replace

per_mille = [replace(e, label=m, estimate=1000 * e.estimate, low=1000 * e.low, high=1000 * e.high)
             for m, e in ways.items()]
ax = plot_effects(per_mille, unit="cases per 1,000")
most = {e.label: -e.low for e in per_mille}
title = f"Score allows {most['score']:.1f} fewer cases per 1,000, Wald only {most['wald']:.1f}"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
ends = "; ".join(f"{e.label}: {e.low:.1f} to {e.high:.1f}" for e in per_mille)
alt = f"Three 95 per cent intervals of vaccine minus placebo, in cases per 1,000. {ends}."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Ratios: views are not users
#
# Clicks per view is a **ratio metric**: users are assigned, views are counted. The **delta method** is a formula for the
# error of a ratio of two means; it needs both sums for each user. The naive test calls every view independent. We run 2,000
# A/A tests of the shop, where theory gives 22.2 per cent.
#
# If the treatment changes the number of views, test views too, and show clicks per user beside the ratio.

# %%
from functools import partial

def naive(*arms):  # every view is independent
    sums = [(m.n * m.select("clicks", "views").mean.T).round() for m in arms]
    return ab.proportions(*[ab.Moments.counts(*pair) for pair in sums], method="pooled")

by_user = partial(ab.ratio, numerator="clicks", denominator="views")
same = ab.datasets.shop(500, click_lift=0.0)
views, users = (ab.calibrate(same, way, reps=2_000, rng=rng) for way in (naive, by_user))
ab.teach.report(naive_rejects=views.reject, naive_rejects_se=views.reject_se,
                delta_rejects=users.reject, delta_rejects_se=users.reject_se)
ab.teach.match("naive test", views.reject, 0.222, 5 * views.reject_se, source="in theory")

# %% [markdown]
# ## Heavy tails: the promise depends on shape and on split
#
# The developer has a point. **Skewness** says how much longer the right tail is than the left: 0 for a symmetric metric, 2
# for exponential data. With 10 users an arm Welch's test then rejects too rarely. With 30 against 300 it rejects too often:
# equal arms cancel skewness, unequal arms do not.
#
# A rule of thumb asks for 355 · skewness² users in each arm. It is on the safe side for equal arms. Amara has 5,000, more
# than the rule asks.

# %%
for sizes, known in (((10, 10), 0.0377), ((30, 300), 0.0669)):
    tail = ab.calibrate(ab.datasets.skewed_rows(*sizes), ab.welch, reps=20_000, rng=rng)
    name = f"Welch at {sizes[0]} and {sizes[1]}"
    ab.teach.match(name, tail.reject, known, 5 * tail.reject_se, source="expected")
skew = float(stats.skew(np.concatenate([a, b])))
ab.teach.report(skewness_of_amaras_revenue=skew,
                users_needed_by_355_skew_squared=round(355 * skew**2))

# %% [markdown]
# Real data: the RAND experiment gave some families free care and let others pay 95 per cent of each bill. Visits to a
# doctor have skewness 4.8, and the years of one person are alike. Free care brings 1.01 visits a year more. The error is
# 0.14 by person; rows taken for people say 0.09. Whole families were assigned, so even 0.14 is too small.

# %%
visits = ab.datasets.rand_health().assign(years=1)
ab.teach.match("visits a year, mean", visits["mdvis"].mean(), 2.86, 5e-3)
ab.teach.match("visits a year, sd", visits["mdvis"].std(), 4.50, 5e-3)
people = ab.sum_units(visits, ["mdvis", "years"], unit="person", arm="coins")
rows, persons = (ab.Moments.from_table(t, ["mdvis", "years"], by="coins") for t in (visits, people))
by_row = ab.welch(rows[95].select("mdvis"), rows[0].select("mdvis"))
by_person = ab.ratio(persons[95], persons[0], numerator="mdvis", denominator="years")
ab.teach.report(skewness_of_visits=float(stats.skew(visits["mdvis"])), rows=len(visits),
                people=len(people), visits_more_with_free_care=by_person.estimate,
                error_by_row=by_row.se, error_by_person=by_person.se)

# %% [markdown]
# ## Explore: where does your own interval break?
#
# Two goals. First, keep 30 users in control and skewness 6, and find the most uneven split whose coverage lies within two
# errors of 95 per cent. Then set your own users, skewness and split, and read the coverage.

# %%
panel = ab.explore.interval(skew=6.0)
panel

# %% [markdown]
# ## The same on paper: at skewness 6, 10 against 90 users, 87 per cent of intervals hold the truth
#
# 2,000 experiments a row, one control user to nine treatment users.

# %%
from abkit.datasets.skewed import coverage_table
grid = coverage_table([10, 30, 100, 300], [0.0, 2.0, 6.0], 9, seed=7, reps=2_000)
print(grid.round(3).to_string(index=False))
curves = {f"skewness {s:g}": (part["n"], part["coverage"], part["error"])
          for s, part in grid.groupby("skew")}
ax = plot_coverage(curves)
least = 100 * grid["coverage"].min()
title = f"Skewness 6, 10 against 90 users: {least:.0f}% hold the truth"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
alt = ("Coverage of Welch's interval against users in the smaller arm, split one to nine. Normal "
       f"data stay near 95 per cent; skewness 6 covers {least:.0f} at 10 users and 94 at 300.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Observed power says nothing that p has not said
#
# **Power** is the chance that a test finds an effect of a given size. Sales put the observed effect in. The result is a
# function of p alone.

# %%
def observed_power(p):
    return ndtr(stats.norm.isf(p / 2) - 1.959964)

ab.teach.report({f"p = {p}": observed_power(p) for p in (0.05, 0.3, round(effect.pvalue, 2))})
ab.teach.match("observed power at p = .05", observed_power(0.05), 0.500, 5e-4, source="exact")
ab.teach.match("observed power at p = .3", observed_power(0.3), 0.178, 5e-4, source="upper tail")

# %% [markdown]
# Worse: a monitor that demands "adequate power at the observed effect" passes only lucky results. True rates 10 and 11 per
# cent, 14,751 users an arm, planned power .80. The gate cuts the chance of success from .80 to .50 and reports +13 per cent
# where the truth is +10 (significance alone: +11.4). Look at the width of the interval instead.

# %%
n = 14_751
x, y = (ab.Moments.counts(rng.binomial(n, p, 200_000), n) for p in (0.10, 0.11))
pc, pt = x.mean[:, 0], y.mean[:, 0]
zscore = (pt - pc) / np.sqrt((pc + pt) * (1 - (pc + pt) / 2) / n)
passes = zscore >= 2.8016  # n reaches the n that the observed effect demands
lift = (pt / pc - 1)[passes]
ab.teach.report(significant=(zscore > 1.96).mean(), gate_passes=passes.mean(),
                lift_after_gate=lift.mean())
ab.teach.match("gate passes", passes.mean(), 0.50, 5e-3, source="in theory")
ab.teach.match("lift after the gate", lift.mean(), 0.130, 1e-3, source="expected")

# %% [markdown]
# ## One side: only if the other side changes nothing
#
# A **one-sided interval** has one end. Use it when every effect on one side gives the same decision. In a guardrail no gain
# changes what you do, so only the harmful side counts. Fix the side before the data.

# %%
upper = ab.welch(a, b, alternative="greater")
ab.teach.report(two_sided_low=effect.low, one_sided_low=upper.low, one_sided_high=upper.high)

# %% [markdown]
# ## Where it bites at work
#
# - Days are not users: sum a returning user's days into one row, in a fixed window for each user.
# - A chart with two overlapping intervals of means is no test. Draw the interval of the difference.
# - A simulated check is as good as its world.
#
# > **Myth.** You may read a simulation with revenue max(0, N(8.50, 15)) and a lift of 5 per cent. Computed: its mean is
# > 11.17, and its true lift is 2.74 per cent. The analysis looked biased; the world was.

# %%
from abkit.datasets.commerce import clipped_mean

low, high = clipped_mean(8.50, 15.0), clipped_mean(8.50 * 1.05, 15.0)
ab.teach.match("clipped mean", low, 11.17, 5e-3, source="exact")
ab.teach.match("clipped lift, per cent", 100 * (high / low - 1), 2.74, 5e-3, source="exact")
recovered = ab.calibrate(ab.datasets.shop(2_000), ab.welch, truth=truth, reps=200, rng=rng)
ab.teach.report(bias_of_the_shop=recovered.bias, bias_of_the_shop_se=recovered.bias_se)

# %% [markdown]
# ## Exercises
#
# **1 (one star).** Control: 30 users, mean 10.0, sd 3.0. Treatment: 300 users, mean 11.0, sd 1.0. What is Welch's two-sided
# p-value? Replace `None` by your answer.

# %%
display(ab.check("04.1", None), ab.hint("04.1"), ab.solution("04.1"))

# %% [markdown]
# **2 (two stars).** A test ends with p = .3, and a colleague adds "observed power is .178". What do you report, and why?
# a) power was low, so the effect is probably there; b) there is no effect; c) the interval, beside the effect that pays;
# d) run until the observed power is .8.

# %%
display(ab.check("04.2", None), ab.hint("04.2"), ab.solution("04.2"))

# %% [markdown]
# **3 (three stars).** Write a procedure that averages the two variances (each divided by n, not n − 1), with the error
# √(average · (1/n₁ + 1/n₂)) and the quantile 1.96. Which share of its intervals covers in the world `uneven`?

# %%
display(ab.check("04.3", None), ab.hint("04.3"), ab.solution("04.3"))

# %% [markdown]
# **4 (bug hunt).** Tom has a treatment mean of 8.95 and the interval −0.33 to 0.88 of the difference. He draws a bar of 8.95
# with `yerr = [[8.95 - low], [high - 8.95]]`, and the plot stops with an error. Which half-length belongs around the
# difference?

# %%
display(ab.check("04.4", None), ab.hint("04.4"), ab.solution("04.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV or Parquet file with one row a user into `my_file`, and name the arm and the metric.

# %%
import tempfile
from pathlib import Path

my_file, arm, metric = None, "arm", "revenue"
if my_file is None:
    my_file = Path(tempfile.mkdtemp()) / "shop.csv"
    table.to_csv(my_file, index=False)
arms = ab.Moments.from_table(my_file, [metric], by=arm)
mine = ab.welch(arms["control"], arms["treatment"])
ends = f"95% interval {mine.low:.3f} to {mine.high:.3f}"
print(f"{mine.label}: {mine.estimate:.3f}, {ends}, p = {mine.pvalue:.2f}")

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data. How large must the next test be? That depends on how far the truth is from 0.40 euros.
# Change the memo until you would sign it.

# %%
sd = math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
plan = {gain: ab.sample_size(gain - 0.40, sd=sd).n_control for gain in (0.80, 0.60, 0.425)}
ab.teach.report({f"users an arm if the truth is {gain:.3f}": n for gain, n in plan.items()})
best = 100_000 * effect.high - 40_000
ab.teach.decision(
    rule="Ship if the 95% interval lies above 0.40 euros a user, stop if below, else inconclusive.",
    evidence=f"{effect.estimate:.2f} euros, interval {effect.low:.2f} to {effect.high:.2f}.",
    cost=f"Useless licence: 40,000 euros a year. Missing the best that fits: {best:,.0f} a year.",
    choice=f"Inconclusive. Plan a test of {plan[0.8]:,} users an arm, enough if the truth is 0.80.",
    change="A test, sized before it starts, with an interval on one side of 0.40 euros. At a truth "
           f"of 0.425 that never comes: {plan[0.425] / 1e6:.1f} million users an arm.",
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
# - Bertrand and Mullainathan (2004), AER 94: names. DOI 10.1257/0002828042002561
# - Deb and Trivedi (2002), Journal of Health Economics 21, 601-625: the visits of the RAND experiment
# - Deng, Knoblich and Lu (2018), KDD: the delta method for ratios. DOI 10.1145/3219819.3219919
# - Frenck and others (2021), NEJM 385: the vaccine. DOI 10.1056/NEJMoa2107456
# - Hoenig and Heisey (2001), American Statistician 55: observed power. DOI 10.1198/000313001300339897
# - Kohavi and others (2014), KDD: 355 · skewness². DOI 10.1145/2623330.2623341
# - Miettinen and Nurminen (1985), Statistics in Medicine 4: the score interval. DOI 10.1002/sim.4780040211
# - Newcombe (1998), Statistics in Medicine 17: intervals with few events. DOI `10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I`
# - Welch (1947), Biometrika 34: the t test without equal variances. DOI 10.1093/biomet/34.1-2.28

# %%
ab.teach.finish()
