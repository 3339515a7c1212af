# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How many weeks does last month save?
#
# Time: 45 minutes. Needs: notebooks 04 and 05, or the recap below. Runs on: any laptop, no network.
# Previous: [11 mSPRT and confidence sequences](11_msprt.ipynb). Next: [15 SUTVA](15_sutva.ipynb).
#
# ## The story: four weeks are long
#
# Lena tests a new start page of a podcast app. It pays if people listen at least 2 minutes more a month. Her plan: 1,000
# listeners enter each week, for 4 weeks, and each is followed for a month. Every week of entry costs 6,000 euros. Listeners
# differ a lot: some play 100 minutes, some 500. This noise hides small effects.
#
# But Lena has everybody's minutes of last month. Can old data shorten a new test?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given last month's values, you **adjust** an effect for them, and decide with a narrower interval.
# - Given a correlation, you **plan** how many weeks it saves, and decide whether the join of old data pays.
# - Given somebody's adjusted effect, you **find** the two usual ways in which it lies, and decide whether to trust it.

# %%
import numpy as np
import pandas as pd
import abkit as ab
from sklearn.ensemble import HistGradientBoostingRegressor  # for the last part

rng = ab.teach.start("13", seed=7)

# %% [markdown]
# ## Recap: three sentences from notebooks 04 and 05
#
# Repeat a test many times: its effects spread. That spread is the *standard error*. The *95 per cent interval*, effect ±
# 1.96 errors, holds the truth in 95 of 100 tests. To halve the error, a test needs four times the users.
#
# Three questions first. Write a letter as the second value: `ab.teach.quiz("13.q1", "a")`.

# %%
display(ab.teach.quiz("13.q1"), ab.teach.quiz("13.q2"), ab.teach.quiz("13.q3"))

# %% [markdown]
# ## The data: one row a listener
#
# This world is made up, so that we know the truth: the new page adds 6 minutes a month. 4,000 listeners, half in each arm
# by chance.

# %%
table = ab.datasets.listening(4_000, effect=6, correlation=0.7, rng=rng)
table.head()

# %% [markdown]
# - `user`: one listener. `arm`: control (old page) or treatment (new page).
# - `before`: minutes in the last month *before* the start of the test.
# - `week1`: minutes in the listener's first week in the test.
# - `after`: minutes in the listener's month in the test. This is the metric.
#
# ## Who listened much before listens much now

# %%
ab.plots.plot_cloud(table.before, table.after)

# %% [markdown]
# Each point is a listener (one in seven is drawn). How tightly the points follow the line is the **correlation**, from 0 (a
# round cloud) to 1 (all on the line). Here it is .7. (Where the line falls it is negative, and saves as much.) The column
# that we use to adjust is called the **covariate**; here it is `before`.
#
# ## Predict before you look
#
# Write your guess as the second value: `ab.teach.predict("13.p1", "3 weeks")`.

# %%
ab.teach.predict("13.p1")

# %% [markdown]
# ## Before the start, the arms differed already
#
# Nobody had seen the new page in the month `before`. Look at the means of the two arms.

# %%
table.groupby("arm")[["before", "after"]].mean().round(1)

# %% [markdown]
# The treatment arm listened 1.5 minutes *less* before the start: chance sent slightly less eager listeners there. They still
# listen less now, and so a part of that bad luck sits in the effect.

# %% [markdown]
# ## Take the luck out: seven lines
#
# How large is that part? On the line in the cloud, one minute less before goes with .7 minutes less now. This slope is
# `theta`. So 1.5 minutes less before are about 1.1 less now.
#
# `c` and `t` are the rows of the arms, `gap` is the plain effect, `luck` the gap before. `x.cov(y)` measures how two columns
# vary together, `x.var()` how one varies alone; the first over the second is the slope. We add the arms, to leave out the
# gap between them. `:.3f` prints three decimals.

# %%
c, t = table[table.arm == "control"], table[table.arm == "treatment"]
gap = t.after.mean() - c.after.mean()
luck = t.before.mean() - c.before.mean()
shared = c.before.cov(c.after) + t.before.cov(t.after)
theta = shared / (c.before.var() + t.before.var())
print(f"gap {gap:.3f}, luck {luck:.3f}, theta {theta:.3f}")
print(f"adjusted effect {gap - theta * luck:.3f}")

# %% [markdown]
# Read the first line: .696 times the luck of −1.5 are the −1.1 minutes that came along. Take them away from the gap, and 3.0
# become 4.1. **Theta** is one number for both arms.
#
# Now the same by the library, with intervals from `low` to `high`. `Moments` keep of each arm what this needs: the count,
# the means, and how the columns vary together. `welch` gives the plain effect, `cuped` the adjusted one (its name is
# explained below). The star in `*pair` hands over both arms.

# %%
arms = ab.Moments.from_table(table, ["after", "before"], by="arm")
pair = arms["control"], arms["treatment"]
plain = ab.welch(*pair)
sharp = ab.cuped(*pair)
print(f"plain     {plain.estimate:.3f}, from {plain.low:.2f} to {plain.high:.2f}")
print(f"adjusted  {sharp.estimate:.3f}, from {sharp.low:.2f} to {sharp.high:.2f}")

# %% [markdown]
# The same 4.081, and an interval that is 28 per cent narrower. Was that a lucky case?
#
# ## Repeat the test 20,000 times
#
# `listening_tests` gives a function, here `draw`, that plays tests like Lena's: 4,000 listeners, a true effect of 6. We play
# 20,000, and take each effect plain and adjusted. `plain_low` holds 20,000 lower ends; `(plain_low > 2).mean()` is the share
# of them above the 2 minutes that pay. Such a test may ship.

# %%
draw = ab.datasets.listening_tests(4_000, effect=6, correlation=0.7)
many = draw(rng, 20_000)  # both arms, as `pair` above
plain_low = ab.welch(*many).low
sharp_low = ab.cuped(*many).low
print(f"this month alone: above 2 minutes in {100 * (plain_low > 2).mean():.0f} of 100 tests")
print(f"with last month: above 2 minutes in {100 * (sharp_low > 2).mean():.0f} of 100 tests")
ways = {"this month alone": ab.welch(*many).estimate, "with last month": ab.cuped(*many).estimate}
ab.plots.plot_spreads(ways, truth=6)

# %% [markdown]
# Both heaps stand around the true 6 minutes: adjusting moves single effects up or down, but not the average. The second
# heap is narrower, and 60 of 100 tests may ship in place of 35. The method has a name: **CUPED**, controlled experiments
# using pre-experiment data.
#
# The spread squared is the **variance**. A test with half the variance needs half the users for the same interval. Here
# (1.8/2.5)², about half, is left. What does that make of 4 weeks? `ab.cuped_factor(0.7)` is the exact share that a
# correlation of .7 leaves (the formula follows). `np.linspace(0, 1, 101)` are the correlations 0, .01, … 1 of the curve.

# %%
ab.teach.reveal("13.p1", 4 * ab.cuped_factor(0.7))
ab.plots.plot_weeks_left(np.linspace(0, 1, 101), weeks=4, at=0.7, guess=ab.teach.predicted("13.p1"))

# %% [markdown]
# The curve falls slowly at first: a correlation of .3 saves 9 per cent of the weeks. At .7 Lena saves 1.96 weeks: 11,760
# euros.
#
# Fewer users are fewer weeks *if* users enter steadily and each is followed for the same month. Where all users are there
# on day one, a shorter test would count fewer minutes of each: another metric. Keep the month then, and take the narrower
# interval.

# %% [markdown]
# ## Explain the gap between your guess and the curve
#
# - Why does a correlation of .5 not save half of the weeks?
# - Does it help when the arms were equal before?
#
# <details><summary>Explanation</summary>
# The past explains the square of the correlation: .5 explains a quarter of the variance. And where the arms were equal, the
# effect stays, but the interval still shrinks.
# </details>

# %% [markdown]
# ## The name and the formula
#
# $$\text{effect} = \text{gap} - \theta \cdot \text{luck}, \qquad \text{variance left} = 1 - \text{correlation}^2$$
#
# At .7 that is 1 − .49 = .51.
#
# ## Plan the next test with a cautious correlation
#
# Lena's next test can use this table as its old data. To ship, its interval must lie above 2 minutes. A page that brings 6
# stands 4 above that bar: `6 - 2`. A measured correlation is an estimate. So `saving` gives the share of the variance that is
# `left`, and a bound `at_most` with 95 per cent confidence. Plan with the bound, as `factor`.
#
# `sd=80` is the spread of the listeners, about `table.after.std()`. `n_control` counts the users of one arm.

# %%
found = ab.saving(*pair)
print(f"left {found.left:.3f}, at most {found.at_most:.3f}")
print("users an arm without the past:", ab.sample_size(6 - 2, sd=80).n_control)
print("users an arm with the past:   ", ab.sample_size(6 - 2, sd=80, factor=found.at_most).n_control)

# %% [markdown]
# Two arms at 1,000 listeners a week: 12.6 weeks become 6.7. Then 80 of 100 tests of a 6-minute page may ship, or more, if
# what is left is below the bound.
#
# Write down before the test which effect counts, the plain or the adjusted one. To keep the nicer one is a test with two
# chances.
#
# ## The first lie: a centre for each arm
#
# Many programs adjust each listener: `after` − theta · (`before` − a centre). Then they compare the arms. The centre is the
# mean of all listeners. Some code takes *each arm's own* mean.
#
# `transform("mean")` writes into each row the mean of its arm. `.items()` goes through names and values.
# `rest[t.index]` are the treatment's rows.

# %%
own = table.groupby("arm").before.transform("mean")
one_centre = table.after - theta * (table.before - table.before.mean())
own_centres = table.after - theta * (table.before - own)
rests = {"not adjusted": table.after, "one centre": one_centre, "own centres": own_centres}
for name, rest in rests.items():
    effect = rest[t.index].mean() - rest[c.index].mean()
    print(f"{name}: effect {effect:.3f}, spread of the listeners {rest.std():.1f}")

# %% [markdown]
# Own centres give the plain 3.024 back: around its own mean, each arm's luck is 0. So the last line has the effect of the
# first and the spread of the second. The error is computed from that spread. It is too small: the
# effect still varies as the plain one does.
#
# What does that cost? Take a page that changes nothing. If its interval leaves out 0 (p < .05 says the same), that is a
# **false alarm**. The promise is 5 in 100 tests.
#
# We play 200,000 at each of three correlations. `centred_by_arm` is the code with own centres. `append` puts a
# share of alarms at the end of a list; `wrong[-1]` is the last one, at .9.

# %%
ab.teach.predict("13.p2")

# %%
strength, right, wrong = [0.5, 0.7, 0.9], [], []
for correlation in strength:
    draw = ab.datasets.listening_tests(4_000, effect=0, correlation=correlation)
    tests = draw(rng, 200_000)
    right.append((ab.cuped(*tests).pvalue < 0.05).mean())
    wrong.append((ab.datasets.centred_by_arm(*tests).pvalue < 0.05).mean())
ab.teach.reveal("13.p2", 100 * wrong[-1])
ab.plots.plot_centres(strength, right, wrong, guess=ab.teach.predicted("13.p2"))

# %% [markdown]
# The grey line: nothing is taken out of the effect, while the error shrinks as if it were. The better the covariate, the
# worse the lie. With one centre for both arms the promise holds.
#
# ## The second lie: a column from after the start
#
# `week1` follows `after` even more closely than `before` does: the correlation is about .9. A tempting covariate. But the
# listeners had seen the new page by then: a quarter of the 6 minutes came in that week.

# %%
ab.teach.predict("13.p3")

# %% [markdown]
# With a million listeners chance hardly matters. We take three effects: plain, adjusted by `before`, adjusted by `week1`.
# `.values()` are both arms, `cuped_theta` is the slope. The sum `6 - 3.2 * 1.5` is explained after the picture.

# %%
big = ab.datasets.listening(1_000_000, effect=6, rng=rng)
past = ab.Moments.from_table(big, ["after", "before"], by="arm").values()
late = ab.Moments.from_table(big, ["after", "week1"], by="arm").values()
effects = {"nothing": ab.welch(*past), "before": ab.cuped(*past), "week1": ab.cuped(*late)}
print(f"theta of week1: {ab.cuped_theta(*late)[0]:.2f}")
ab.teach.reveal("13.p3", 6 - 3.2 * 1.5)
ab.plots.plot_sources(effects, truth=6)

# %% [markdown]
# 1.5 minutes of effect happened in week 1. The method takes them for luck, multiplies them by the slope of week 1, 3.2, and
# removes 4.8 of the 6 minutes: 1.2 are left. The picture says 1.3: a little chance remains.
# The interval is the narrowest of the three, and wrong.
#
# Can a **balance test** warn us? It asks whether both arms had the same mean of the covariate, apart from chance, and warns
# at p below .001. Here it is on Lena's 4,000 listeners.

# %%
for name in ["before", "week1"]:
    both = ab.Moments.from_table(table, ["after", name], by="arm").values()
    print(f"balance of {name}: p {ab.balance(*both).pvalue:.2f}")

# %% [markdown]
# Both p are far above .001: no warning, not even of `week1`. In a world like hers, the test warns of it in only 12 of 100
# tests. If it warns of a column from before the start, chance is a rare reason (1 in 1,000): look for a broken split or
# join, before you read any effect. What protects you from late columns is the *date*. `ab.Metric(measured=…)` and
# `ab.Analysis(start=…)`, used below, refuse a late one. They trust the dates that you type.

# %% [markdown]
# ## Where the past says little: three real trials
#
# - Beat the Blues: depression scores before and after a therapy at the computer (97 of 100 patients have the second score).
#   `TAU` is the control arm, treatment as usual.
# - JOBS II: depression scores of people who lost their job, before and after workshops on job search.
# - NSW: yearly earnings in dollars before and after a job training. In these two the arms are 0, control, and 1, treatment.
#
# `gains` gets for each trial the plain and the adjusted effect.

# %%
blues = ab.Moments.from_table(ab.datasets.beat_the_blues(), ["bdi.2m", "bdi.pre"], by="treatment")
jobs = ab.Moments.from_table(ab.datasets.jobs2(), ["depress2", "depress1"], by="treat").values()
nsw = ab.Moments.from_table(ab.datasets.nsw(), ["re78", "re75"], by="treat").values()
trials = {"Beat the Blues": (blues["TAU"], blues["BtheB"]), "JOBS II": jobs, "NSW": nsw}
gains = {}
for name, both in trials.items():
    gains[name] = (ab.welch(*both), ab.cuped(*both))
ab.plots.plot_gains(gains)

# %% [markdown]
# Look at the bars: the interval is 21 per cent narrower in Beat the Blues, 10 in JOBS II. In the NSW trial 65 per cent of the
# men earned nothing in the year before: the past explains less than 1 per cent, and the interval stays as it is. CUPED
# hardly harms there. It costs the join of two tables.

# %% [markdown]
# ## Where it bites at work
#
# - New users have no past. With 20 per cent of them, 1 − .8 · .49 or 61 per cent of the variance is left, if they vary like
#   others: `ab.cuped_factor(0.7, new=0.2)`.
# - A join that drops new users changes whom the effect is about. Keep everybody: `ab.analyze` below gives new users the mean
#   of *all* who have a past.
# - A ratio, such as clicks per view, has two covariates: last month's clicks and views.
# - A metric that most users have once, such as a first purchase, has no past.
#
# > **Myth:** "A correlation of .7 reduces the variance by 51 per cent." It *leaves* 51 per cent; it takes 49.

# %% [markdown]
# ## Exercises

# %%
ab.exercise("13.1")

# %%
answer = None  # such as "3 weeks"
display(ab.check("13.1", answer), ab.solution("13.1"))

# %%
ab.exercise("13.2")

# %%
answer = None  # such as "50%"
display(ab.check("13.2", answer), ab.solution("13.2"))

# %%
ab.exercise("13.3")

# %%
answer = None  # such as "5%"
display(ab.check("13.3", answer), ab.solution("13.3"))

# %%
ab.exercise("13.4")

# %%
answer = None  # such as ("b", 12)
display(ab.check("13.4", answer), ab.solution("13.4"))

# %% [markdown]
# ## Your own table
#
# One row a user, with the metric and its value before the start. Change the first line: a path such as `"users.csv"`, and
# your column names. Then give your two dates, your shares and your smallest effect that pays. `measured` is the last day of
# your covariate: type the true one, for the check trusts it.

# %%
data, arm, control, metric, covariate = table, "arm", "control", "after", "before"
goal = ab.Metric(metric, covariates=(covariate,), measured="2026-02-28")
half = {"control": 0.5, "treatment": 0.5}  # the planned shares
plan = ab.Analysis(arm, control, goal, expect=half, unit="user", start="2026-03-01")
ab.analyze(data, plan, rule=ab.Rule(worth=2))

# %% [markdown]
# The note at the end has both effects side by side, and what the past saved. Control shows 300.8 here and 301.3 above: both
# arms are moved to the same past. SRM asks whether the arms have their planned shares (notebook 03). The corrected p differs
# from p only with several metrics. Lift is the effect in per cent of control.
#
# ## The decision you would make
#
# The rule stood before the test. Write your choice and what would change your mind, and run the cell again.

# %%
ab.teach.decision(
    rule="Adjusted for `before`. Interval above 2 minutes: ship. Below: stop. Else: inconclusive.",
    evidence=f"{sharp.estimate:.1f} minutes, {sharp.low:.1f} to {sharp.high:.1f}; all users are in.",
    cost="A page below 2 minutes does not pay. A good page that waits is late; a week: 6,000 euros.",
    choice="",
    change="",
    by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - CUPED takes out the luck that was there before the start. What is left of the variance is 1 − correlation².
# - One theta and one centre for both arms. A covariate must be older than the start.
# - An interval that leaves out 0 may still hold the smallest effect that pays. Sharper is not yet sure.
#
# When this is wrong: when the treatment changed the covariate, or when you choose the covariate after seeing the effect.
# When it saves little: when most users or the metric have no past.
#
# ## Exit questions

# %%
display(ab.teach.quiz("13.q4"), ab.teach.quiz("13.q5"), ab.teach.quiz("13.q6"))

# %% [markdown]
# ## Going further
#
# ### Arms of different size: one slope can harm
#
# The usual regression can be *worse* than no adjustment (Freedman 2008). An example: 10 per cent treated, slope 1 in
# control and 0 in treatment, sd 1 of covariate and residual. There its variance is 173/110 = 1.57 of the plain one, up to
# the noise of 20,000 tests below. The default `theta="optimal"` weighs the arms by their errors and never harms in large
# samples; `lin` gives each arm its own slope. At two equal arms with equal spreads of the covariate all of them meet.

# %%
world = ab.datasets.pre_period_world(9_000, slopes=(1, 0), sd=1, allocation=0.1)(rng, 20_000)
raw = ab.welch(*world).estimate.var()
for theta in ("within", "optimal"):
    print(f"{theta}: {ab.cuped(*world, theta=theta).estimate.var() / raw:.2f} of the plain variance")

# %% [markdown]
# Lena's `table` by Lin's regression, from rows and with a slope for each arm:

# %%
e = ab.lin(table.after, table.arm == "treatment", table.before)
print(f"lin {e.estimate:.3f}, error {e.se:.3f}; cuped {sharp.estimate:.3f}, error {sharp.se:.3f}")

# %% [markdown]
# ### Explore: how many weeks of history?
#
# A long past tells more than a short one: the ups and downs of single weeks average out. And new users have no past. Say
# that any two single weeks of one listener correlate .3. Then 4 weeks before and 4 weeks after correlate .63.
#
# - Leave 20 per cent new users. How many weeks of history save half as much as 26 weeks do?
# - Take 4 weeks of history. From which share of new users on does the past save less than one of the 4 weeks?

# %%
ab.explore.history()

# %% [markdown]
# ### The explorer as a table
#
# `history_correlation` gives the correlation for each length of history, `new=` is the share of new users. In the table, a
# row is a length of history in weeks, a column a share of new users; inside are the weeks of entry that the test needs.
# `at=3` marks `weeks[3]`, 4 weeks: Python counts from 0.

# %%
weeks = np.array([0, 1, 2, 4, 8, 12, 26])
strength = ab.history_correlation(0.3, weeks)
everyone = ab.cuped_factor(strength)
some = ab.cuped_factor(strength, new=0.2)
half = ab.cuped_factor(strength, new=0.5)
left = pd.DataFrame({"0% new": everyone, "20% new": some, "50% new": half}, index=weeks)
display((4 * left).round(2))
ab.plots.plot_past(weeks, some, everyone, at=3)

# %% [markdown]
# With 20 per cent new users, 4 weeks of history save 1.3 weeks, 26 save 1.9.

# %% [markdown]
# ### Gaps and ratios by hand
#
# `fill_missing` fills gaps before the rows are split by arm, and returns the mark. `linearised` makes one column of a ratio,
# so that everything above works for clicks per view.

# %%
known = table.before.where(table.user % 5 > 0)  # every fifth listener is new
table["filled"], table["new"] = ab.fill_missing(known)
gappy = ab.Moments.from_table(table, ["after", "filled", "new"], by="arm").values()
print(f"error: a fifth is new {ab.cuped(*gappy).se:.2f}, all have a past {sharp.se:.2f}")

# %%
hours = ab.Moments.from_table(table, ["after", "week1", "before"], by="arm").values()
share = [ab.linearised(one, ("week1", "after"), "before") for one in hours]
print(f"share of the month that week 1 is: effect {ab.cuped(*share).estimate:.4f}")

# %% [markdown]
# ### Many features: one prediction
#
# Any scikit-learn model turns many columns from before the start into one covariate. `cross_fit` predicts each listener by
# a model that has not seen that listener. A model that has seen them holds a part of the effect, and would take it away.
# Here the relation is a straight line of one column, so the guess is no better than the column. It pays where relations
# bend, or where features are many (Guo and others 2021, NeurIPS 34, arXiv 2106.07263).

# %%
model = HistGradientBoostingRegressor(max_iter=60)
table["guess"] = ab.cross_fit(model, table[["before"]], table.after, rng=rng)
guesses = ab.Moments.from_table(table, ["after", "guess"], by="arm")
print(f"error with the guess {ab.cuped(*guesses.values()).se:.2f}, with the column {sharp.se:.2f}")

# %% [markdown]
# ### What an expert asks
#
# - *The error.* Welch's error of y − θx forgets that theta was estimated: 10 false alarms in 100 at 10 users an arm, three
#   covariates and spreads 1 and 3. `cuped` widens it by ν/(ν − k) and by the distance of the arms' covariates, with ν − k degrees of freedom.
#   ANCOVA's pooled error fails with unequal arms and spreads: 37 of 100 at 300 users of spread 1 against 30 of spread 3.

# %% [markdown]
# - *The estimand.* The average effect in the population that the users came from, by assignment.
# - *Gaps.* A mean of each arm in place of one mean for all is the first lie again. Half of the pasts missing, correlation
#   .9, 200 users: 13 false alarms in 100.
# - *Looks.* The information at a look is 1/se² of the adjusted effect; all bounds of notebook 10 apply.

# %% [markdown]
# - *The trials.* Proudfoot and others (2003), Psychological Medicine 33, 217-227; Vinokur and others (1995), American Journal
#   of Community Psychology 23, 39-74; LaLonde (1986), American Economic Review 76, 604-620 (the 445 men of Dehejia
#   and Wahba 1999).

# %% [markdown]
# ## References
#
# - Deng, Xu, Kohavi and Walker (2013), WSDM: CUPED, and one centre for both arms. DOI 10.1145/2433396.2433413.
# - Lin (2013), Annals of Applied Statistics 7, 295-318: a slope for each arm never harms in large samples.
#   DOI 10.1214/12-AOAS583.
# - Freedman (2008), Advances in Applied Mathematics 40, 180-193: one slope can harm. DOI 10.1016/j.aam.2006.12.003.

# %%
ab.teach.checked(
    ("share of variance left at .7", ab.cuped_factor(0.7), 0.51, 0.0005, "1 − .7²"),
    ("spread of adjusted effects", ways["with last month"].std(), 1.807, 0.05, "80·√(.51/1,000)"),
    ("false alarms, own centres, per cent", 100 * wrong[-1], 39.3, 0.6, "2Φ(−1.96·√.19)"),
    ("effect adjusted by week 1", effects["week1"].estimate, 1.2, 0.36, "6 − 3.2·1.5"),
    ("JOBS II, plain error", ab.welch(*jobs).se, 0.0469, 0.00005, "Welch, by scipy"),
)

# %%
ab.teach.finish()
