# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How often does a useless change win if we look every day?
#
# Time: 45 minutes. Needs: a mean and a percentage. Runs on: any laptop, no network.
# Previous: [05 Sample size](05_sample_size.ipynb). Next: [08 Multiple testing](08_multiple_testing.ipynb).
#
# ## The story: a green morning
#
# Amara runs an audio-book app. Half of her new users get a new player. The plan: 30 days, 100 new users a day in each arm, then
# one decision. A dashboard shows the result so far every morning. On day 9 it turns green: "better, and significant". Her
# manager says: "Sign the licence today." It costs 240,000 euros a year.
#
# Amara asks: "If this player changes nothing, how often would I see such a morning?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a number of looks, you **count** how often a useless change wins, and decide whether a win may be believed.
# - Given a win that came early, you **say** what such wins are worth later, and decide whether to plan with its size.
# - Given a team that has to look early, you **choose** a rule that keeps its promise, and name its price.

# %%
import numpy as np

import abkit as ab

rng = ab.teach.start("07", seed=7)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("07.q1", "a")`. A guess is fine. All you need comes below.

# %%
display(ab.teach.quiz("07.q1"), ab.teach.quiz("07.q2"), ab.teach.quiz("07.q3"))

# %% [markdown]
# ## Amara's table has one row a user
#
# `morning` is the day on which her dashboard turned green.

# %%
morning = 9
test = ab.datasets.audiobook_test(first_win=morning)
test.head()

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `user` | one new user | |
# | `day` | day on which the user came | 1 to 30 |
# | `arm` | control: old player, treatment: new player | |
# | `minutes` | listening time of this user | minutes |
#
# The table is simulated.
#
# Next come the two means of all users up to the green morning. Treatment minus control is the gap. `ab.effects_at_looks` computes
# it for each day, always from all users so far. `range(1, 31)` means days 1 to 30.

# %%
so_far = test[test["day"] <= morning]
print(so_far.groupby("arm")["minutes"].mean().round(2))
daily = ab.effects_at_looks(test, looks=range(1, 31), metric="minutes")
ab.plots.plot_gap(daily, until=morning, band=False)

# %% [markdown]
# The line is the gap so far. The triangle is the green morning: "significant" there means too large for chance, says the
# dashboard. You soon see what that is worth.
#
# ## Your guess, before you see more
#
# Amara's plan has 30 mornings. Write your guess as the second value.

# %%
ab.teach.predict("07.p1")

# %% [markdown]
# ## One day, two arms: the means differ even if nothing changed
#
# Here are the users of day 1. Each point is one user.

# %%
first = test[test["day"] == 1]
control = first.loc[first["arm"] == "control", "minutes"]
treatment = first.loc[first["arm"] == "treatment", "minutes"]
ab.plots.plot_arms(control, treatment, unit="minutes")

# %% [markdown]
# Most users listen for some minutes, a few for an hour. Chance decides who comes into which arm. So the two means differ, even
# with the same player in both arms.
#
# How large can this gap be? We play 10,000 tests of a change that changes nothing. `useless.gap` has a row for each test and
# a column for each day. In the brackets rows come first, then columns, counted from 0; `:` takes all. So `[:3, :5]` is three tests
# with their first five days, and `[:, 0]` is day 1 of all tests. `useless.band` is how far 95 of 100 gaps reach. A gap above that is a
# win, below it a loss.

# %%
useless = ab.datasets.running_tests(10_000, rng=rng)
print(useless.gap[:3, :5].round(2))
ab.plots.plot_chance(useless.gap[:, 0], useless.band[0], unit="minutes")

# %% [markdown]
# A test of a change that changes nothing is an **A/A test**. Its gap is not 0. It spreads around 0 like this bell. The usual distance
# from 0, the standard deviation of the gaps, is the **standard error**: 2.83 minutes on day 1.
#
# ## The chance band holds 95 of 100 useless changes
#
# 95 of 100 gaps lie between −5.54 and +5.54. This is the **chance band**: 1.96 standard errors to each side. A gap outside is called
# **significant**. The dashboard writes p < .05: fewer than 5 of 100 useless changes show so large a gap *on one day*.

# %% [markdown]
# ## A win is better and significant
#
# - **Win** ▲: above the band. Better, and significant. Amara signs.
# - Loss ▼: below the band. Worse, and significant. Amara drops the player.
#
# Both are **alarms**. At one look, 5 of 100 useless changes give an alarm, and 2.5 of 100 give a win.
#
# ## Day by day, the old users stay
#
# On day 2 Amara does not see a new test. She sees the users of day 1 and of day 2. Below stands the gap so far, then the band on
# some days.

# %%
for day in (1, 2, 3, 8, 9):
    part = test[test["day"] <= day]
    mean = part.groupby("arm")["minutes"].mean()
    print(f"day {day}: {len(part)} users, gap {round(mean['treatment'] - mean['control'], 2)}")
for day in (1, 4, 9, 30):
    print(f"day {day}: half of the band {round(useless.band[day - 1], 2)} minutes")

# %% [markdown]
# On day 9 eight of nine users are old, so the gap moves less from one day to the next. The band narrows too: four times the
# users, half the band.
#
# ## The gap wanders in a narrowing band
#
# Now the rest of Amara's test. Her player changes nothing: both arms were drawn from the same users. We drew such tests until
# one turned green on day 9.

# %%
ab.plots.plot_gap(daily)

# %% [markdown]
# The gap wanders, and the band closes in on it. On the green morning the gap was outside by chance, and later once more. On the
# last day it is inside. (Her band comes from the spread of her own users, so it differs a little from the one above.) We picked this
# test; it proves nothing. So we take a hundred.
#
# ## A hundred useless changes, judged once
#
# Each square is an A/A test like Amara's. Nobody looks before day 30.

# %%
hundred = ab.datasets.running_tests(100, rng=142)
ab.plots.plot_grid(hundred, day=30, every_day=False)

# %% [markdown]
# A few squares are wins or losses. The plan promised 2.5 of each in 100. This is a typical hundred; another gives other
# squares.
#
# ## The same hundred, judged every morning
#
# Now move the day. The first alarm ends a test, so a coloured square keeps its colour.
#
# Two goals. First: on which day have five of the hundred useless changes won? Second: let the player help. Its *true lift* is what it
# really adds, here in minutes: 1.5 or your own. By which day have 50 won, looking daily? And with five looks, on days 6, 12, 18, 24 and 30, each with a wider band?
# Below the panel stands the first goal on paper.

# %%
panel = ab.explore.useless(day=morning, seed=142)
panel

# %%
ab.plots.plot_filling(hundred)

# %% [markdown]
# The grid fills. No square turns back, because nobody asks a signed licence how its test would have gone on.
#
# ## Your guess beside the count
#
# The 10,000 useless tests from above also ran for 30 days. `useless.state` says 1 for a win and −1 for a loss on each day, and −1 in brackets is
# the last day. `useless.result` says the same for the first alarm of each test.

# %%
once = 100 * (useless.state[:, -1] > 0).mean()
every_day = 100 * (useless.result > 0).mean()
ab.teach.reveal("07.p1", round(every_day))
ab.plots.plot_strip(once, every_day, guess=ab.teach.predicted("07.p1"))

# %% [markdown]
# Of 100 useless changes with 30 daily looks, 28.0 give some alarm and 14.0 give a win, on average. A count differs from that a
# little, by chance. Reports of "28 per cent" count the losses too.
#
# ## Count it yourself: one loop over the days
#
# `2.83` is the standard error of one day's gap, `5.54` is half of the band on day 1. The gap so far is the mean of
# the daily gaps: `total / day`. `day**0.5` is the square root. `np.zeros(tests)` is a column of
# zeros, `&` means "and", `result[first] = …` fills only these tests.
#
# `ab.peeking_error(looks)` gives the share of A/A tests with an alarm exactly. Half of the alarms are wins, hence `50 *`.

# %%
def count(looks, tests=10_000):
    total, result = np.zeros(tests), np.zeros(tests)
    for day in range(1, looks + 1):
        total += rng.normal(0, 2.83, tests)  # the gap of today's users: chance only
        outside = abs(total / day) > 5.54 / day**0.5  # the gap so far, beyond today's band
        first = outside & (result == 0)  # an alarm, and none before
        result[first] = np.sign(total[first])  # 1 a win, -1 a loss
    return 100 * (result > 0).mean()

# %%
numbers = [1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 60, 80, 100]
exact = [50 * ab.peeking_error(looks) for looks in numbers]
counted = [count(looks) for looks in numbers]
ab.plots.plot_wins(numbers, exact, counted=counted, guess=ab.teach.predicted("07.p1"))

# %% [markdown]
# Your counts lie close to the exact curve. It never stops rising: 7.1 wins at 5 looks, 14.0 at 30, 18.7 at 100.
#
# ## Explain the gap between your guess and the count
#
# - What does the look on day 10 share with the look on day 9?
# - Why does the curve still rise after 60 looks?
#
# <details><summary>Explanation</summary>
# Nine tenths of the users on day 10 were there on day 9. So the second look adds little. It still
# adds something: the gap wanders.
# </details>
#
# ## Looks are not dice
#
# Each point is one A/A test, on two mornings. On the right, the second morning is thrown anew, like a die: an alarm in 1 of 20 throws.

# %%
ab.plots.plot_not_dice(ab.datasets.running_tests(200, rng=rng), day=morning)

# %% [markdown]
# The axes count half bands: beyond 1 or −1 is outside. Left, who was inside yesterday is mostly inside today. Black squares are new alarms. Dice make more.
#
# > Myth: 95 of 100 throws give no alarm. So k looks give one in 1 − .95^k of A/A tests, 78.5 per cent at 30 looks. Exact: 28.0 per cent.
# > The formula is right for dice. Looks share their users.
#
# ## Its name is peeking
#
# **Peeking**, or optional stopping, ends a test on the first day with a gap beyond the band, though this band is made for one look.
#
# ## Your second guess: what becomes of such wins?
#
# Suppose nobody had signed, and the tests had run on.

# %%
ab.teach.predict("07.p2")

# %%
winners = useless.result > 0
still = 100 * (useless.state[winners, -1] > 0).mean()
ab.teach.reveal("07.p2", round(still, 1))
ab.plots.plot_after_win(useless)

# %% [markdown]
# Each line starts at a win, a triangle outside the band. The picture shows 40 winners, the count takes all. Orange lines are still
# winning on day 30. Most fall back inside: new users dilute the luck. On average, 17.6 of 100 such winners still win.
#
# ## Your third guess: a player that really helps
#
# Is peeking harmless if the change is good? Let the player add 1.5 minutes. `real.alarm` is the day of the first alarm, and
# `real.claim` is the gap on it.

# %%
ab.teach.predict("07.p3")

# %%
real = ab.datasets.running_tests(10_000, lift=1.5, rng=rng)
early = (real.result > 0) & (real.alarm <= 10)
claims = real.claim[early]  # only the early wins
ab.teach.reveal("07.p3", round(claims.mean(), 1))
ab.plots.plot_early_claims(real, early=10, guess=ab.teach.predicted("07.p3"))

# %% [markdown]
# Each triangle is a win: its day, and the gap it showed. With few users the band is wide, so only a large gap is a win. Wins of the
# first ten days show 3.6 minutes on average, 2.4 times the truth. Wins of the last five days show 1.1, too little. The win is
# real (93 of 100 early ones still win on day 30); its size is wrong.
#
# ## Three rules keep the promise
#
# - Look once, on the last day: notebook 05.
# - Five planned looks, each with its own band, very wide at first: notebook 10.
# - Always valid: a band so wide that any look counts, tuned to a lift of 1.5: notebook 11.

# %%
error = useless.band[-1] / 1.96  # the standard error on day 30
rules = ab.stop_rules(1.5 / error)  # exact; takes the lift in standard errors
ab.plots.plot_bounds(daily, rules)

# %% [markdown]
# This is Amara's test again, and the title says which rules it would have ended. The edges of a band are its bounds; wider ones
# are the price of looking early.
# Now all four rules, for useless changes and for a lift of 1.5 minutes:

# %%
ab.plots.plot_rules(rules, lift="1.5 minutes")

# %% [markdown]
# A false win is a win of a useless change. Peeking looks best in two columns: it finds the lift most often and ends first. It pays with
# 14.0 false wins in 100 instead of 2.5. Five planned looks keep 2.5, find the lift almost as often as one look, and at
# that lift they save six days on average: start there if you must look early. Always valid keeps its promise on *any* day,
# so in 30 days it has few false wins and finds less; it suits tests without a last day.
#
# No rule makes the size of a win exact: wins of 1.5 minutes show 2.7 when peeking, 1.8 with five planned looks, 1.7 with one.

# %% [markdown]
# ## Where it bites at work
#
# - A dashboard that refreshes every day is a stop rule, if somebody acts on it.
# - "Two more weeks, it is close" is a second look.
# - Is this win useless? That depends on your ideas too. Say 200 of 2,000 ideas add 1.5 minutes, the others nothing. With daily looks
# 252 useless ideas and 179 good ones win: 58 of 100 wins are useless. With one look 45 and 166 win: 21 of 100.
#
# ## Exercises

# %%
ab.exercise("07.1")

# %%
answer = None  # such as 12, after running 50 * ab.peeking_error(...)
display(ab.check("07.1", answer), ab.solution("07.1"))

# %%
ab.exercise("07.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("07.2", answer), ab.solution("07.2"))

# %%
ab.exercise("07.3")

# %%
answer = None  # your code, or its result
display(ab.check("07.3", answer), ab.solution("07.3"))

# %%
ab.exercise("07.4")

# %%
answer = None  # a letter and a number, such as ("a", "12%")
display(ab.check("07.4", answer), ab.solution("07.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of your file and its column names into the first two lines. One row a user; the day may be a number or a date. Without a path
# the cell reads Amara's table. `**names` hands over all names. `my_looks` are the days on which you *planned* to look, with about as many new users each day.

# %%
my_table = test  # or a path, such as "users.csv"
names = {"arm": "arm", "control": "control", "day": "day", "metric": "minutes"}
my_looks = (6, 12, 18, 24, 30)
mine = ab.effects_at_looks(my_table, looks=my_looks, **names)
plan = ab.group_sequential(np.array(my_looks) / my_looks[-1])  # the share of the users at each look
path = ab.monitor(mine, plan).to_frame()
path[["n", "estimate", "low", "high", "crossed"]].round(2)

# %% [markdown]
# `ab.group_sequential` gives each planned look its band, `ab.monitor` lays them on your gaps, `to_frame` makes a table. `n` counts the
# users of both arms. The intervals, from `low` to `high`, hold at all looks together. At the first `True`, stop, and ask whether the interval lies above what pays.
#
# ## The decision you would make
#
# Back to the green morning: you do not know the end. Finance counts 480,000 euros a year for each minute of listening, so the
# licence pays from 0.5 minutes on. Write your decision into `choice` (extend: go on to day 30), and what would make you change it into
# `change`. `daily.low` and `daily.high` are the ends of each day's interval, read as the only look.

# %%
now = morning - 1  # the place of that day in the arrays
ab.teach.decision(
    rule="Look once, on day 30. Interval above 0.5 minutes: ship; below: stop; else inconclusive.",
    evidence=f"Day {morning}, as one look: {daily.low[now]:.1f} to {daily.high[now]:.1f} minutes.",
    cost="Signing for nothing: 240,000 a year. Missing 1.5 minutes: 1.5 × 480,000 − 240,000 = 480,000"
    f" a year. Waiting, if the lift is 1.5: {30 - morning} days of these 480,000.",
    choice="", change="", by_rule="extend",
)

# %% [markdown]
# ## Take-aways
#
# - Thirty daily looks turn 2.5 useless wins in 100 into 14.0.
# - A win of a useless change mostly fades; an early win of a real one shows too much.
# - Look once, plan the looks, or use an always-valid band. Decide which before the first user.
#
# When this advice is wrong: harm. Stop a test that hurts users at once. A false alarm may cost a good change; that is often
# cheaper than harm.
#
# ## Exit questions

# %%
display(ab.teach.quiz("07.q4"), ab.teach.quiz("07.q5"), ab.teach.quiz("07.q6"))

# %% [markdown]
# ## Going further
#
# ### The exact rate carries the open tests from look to look
#
# Let $Z_k$ be the gap on look $k$ in standard errors. In an A/A test the looks are jointly normal, with
#
# $$\mathrm{corr}(Z_j, Z_k) = \sqrt{n_j / n_k} \quad (j < k).$$
#
# Only ratios of users count. Armitage, McPherson and Rowe (1969) integrate over the tests that are still inside the band, one look after
# the other. So the times of the looks matter as well as their number:

# %%
for times in ([0.2, 0.4, 0.6, 0.8, 1], [0.01, 0.03, 0.1, 0.3, 1], [0.8, 0.85, 0.9, 0.95, 1]):
    print(times, f"{100 * ab.peeking_error(times):.1f} alarms in 100 useless changes")

# %% [markdown]
# Looks far apart, each with three times the users or more, share few users and come close to dice (22.6). Five looks in the last fifth cost less. No schedule of two looks or
# more keeps 5.
#
# ### A Bayesian rule peeks too
#
# Ship on the first day with P(B > A) > .95 under a flat prior: that is a gap of more than 1.645 standard errors. In 30 looks it ships
# 23.9 of 100 useless changes. Like for like, p < .05 read as wins only, at every look, ships 14.1 (a loss does not end the test here). Notebook 17 (planned)
# comes back to it.

# %%
score = 1.96 * useless.gap / useless.band
for bound in (1.645, 1.96):
    print(f"above {bound}: {100 * (score > bound).any(axis=1).mean():.1f} of 100 useless changes")

# %% [markdown]
# ### Daily looks at the counts need their own threshold
#
# Looking at *counts* every day is right. Thirty daily looks of the sample-ratio check give a false alarm in 7.44 per cent of sound tests at
# .01, and in 0.96 per cent at .001. Notebook 03 has a check that may be read daily.

# %%
for threshold in (0.01, 0.001):
    print(f"{threshold}: {100 * ab.peeking_error(30, threshold):.2f} alarms in 100 sound tests")

# %% [markdown]
# ### Other numbers of looks, other lifts
#
# A panel for the claims of winners under three rules: set the looks, the lift and the rule.

# %%
ab.explore.peeking()

# %% [markdown]
# ## References
#
# - Armitage, McPherson and Rowe (1969), JRSS A 132, 235-244: the exact error of repeated looks. DOI 10.2307/2343787
# - Lan and DeMets (1983), Biometrika 70, 659-663: planned looks that spend one risk. DOI 10.1093/biomet/70.3.659
# - Deng, Lu and Chen (2016), IEEE DSAA, 243-252: optional stopping of Bayesian tests. DOI 10.1109/DSAA.2016.33
# - Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70, 1806-1821: always-valid p-values. DOI 10.1287/opre.2021.2135

# %% jupyter={"source_hidden": true}
table, second = "Armitage and others 1969, table 2", "a second recursion, in the tests"
numbers_checked = ab.teach.checked(
    ("alarms at 5 looks, per cent", 100 * ab.peeking_error(5), 14.2, 0.05, table),
    ("alarms at 10 looks, per cent", 100 * ab.peeking_error(10), 19.3, 0.05, table),
    ("alarms at 20 looks, per cent", 100 * ab.peeking_error(20), 24.8, 0.05, table),
    ("alarms at 30 looks, per cent", 100 * ab.peeking_error(30), 28.0, 0.05, second),
    ("alarms at 100 looks, per cent", 100 * ab.peeking_error(100), 37.4, 0.05, second),
    ("wins counted at 30 looks, in 100", every_day, 14.0, 1.74, second),
    ("winners still winning, in 100", still, 17.6, 5.1, second),
    ("mean gap of early wins, minutes", claims.mean(), 3.57, 0.12, second),
)
display(numbers_checked)
ab.teach.finish()
