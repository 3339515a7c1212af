# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How many users does a test need to find what pays?
#
# Time: 45 minutes. Needs: a mean and a percentage. Runs on: any laptop, no network.
# Previous: [04 Effects and uncertainty](04_uncertainty.ipynb). Next: [07 Peeking](07_peeking.ipynb).
#
# ## The story: five days, no difference
#
# Noor runs the sign-up page of a language school. 4,000 new visitors come each day, and 5 of 100 sign up. A new page offers a
# talk with a teacher. Her team hopes for 5.5 of 100. She gets five days: 10,000 visitors on each page.
#
# "No significant difference", says the dashboard. "So it does not work", says her manager. "We drop it."
#
# Noor asks: "If the page did work, would five days have told us?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a test and an effect, you **count** how often the test finds it, and decide whether "no difference" tells anything.
# - Given the smallest effect that pays, you **size** a test, and decide whether it is worth its users.
# - Given your traffic, you **trade** days against the effect, and decide how long to run.

# %%
import numpy as np
import pandas as pd

import abkit as ab

rng = ab.teach.start("05", seed=7)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("05.q1", "a")`. A guess is fine. All you need comes below.

# %%
display(ab.teach.quiz("05.q1"), ab.teach.quiz("05.q2"), ab.teach.quiz("05.q3"))

# %% [markdown]
# ## Noor's table has one row a visitor
#
# An **arm** is the group of users that sees one version of a page. We build the table here, so that we know the truth: 5 of 100 sign
# up in one arm, 5.5 of 100 in the other. Chance decides who sees which page. `rng.random` gives numbers from 0 to 1; 5 of 100 of them lie below 0.05.

# %%
test = pd.DataFrame({"user": range(20_000)})
test["day"] = test["user"] // 4_000 + 1  # the first 4,000 users come on day 1
test["arm"] = rng.permutation(["control", "treatment"] * 10_000)  # shuffled
rate = test["arm"].map({"control": 0.05, "treatment": 0.055})  # each user's rate
test["signed_up"] = (rng.random(20_000) < rate).astype(int)  # True becomes 1
test.head()

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `user` | one new visitor | |
# | `day` | day of the visit | 1 to 5 |
# | `arm` | control: old page, treatment: new page | |
# | `signed_up` | 1 if the visitor signs up | 0 or 1 |
#
# The **gap** is the rate of the treatment minus the rate of the control, in percentage points: from 5 to 5.5 per cent is half a
# point. `ab.Moments.from_table` counts and averages each arm, `ab.proportions` compares the two. It also gives an interval, by a
# method that covers the true effect in 95 of 100 tests.

# %%
print(100 * test.groupby("arm")["signed_up"].mean())
arms = ab.Moments.from_table(test, ["signed_up"], by="arm")
found = ab.proportions(arms["control"], arms["treatment"])
low, high = 100 * found.low, 100 * found.high  # in percentage points
print(f"gap {100 * found.estimate:.2f} points, interval {low:.2f} to {high:.2f}")

# %% [markdown]
# The interval holds 0: the page may bring nothing. It also holds half a point. Is this test bad luck, or is that what five days
# can do?
#
# ## Play the test 100,000 times, with a page that changes nothing
#
# First a world without an effect: the same share signs up on both pages. Which share? A test does not know the true rates.
# For a world without an effect it takes the mean of both arms, here 5.25 per cent. `rng.binomial(users, rate, tests)` counts
# the sign-ups of one arm, in each of 100,000 tests.

# %%
def gaps(control, treatment, users, tests=100_000):
    a = rng.binomial(users, control, tests)  # sign-ups on the old page
    b = rng.binomial(users, treatment, tests)  # sign-ups on the new page
    return 100 * (b - a) / users  # the gaps, in percentage points

nothing = gaps(0.0525, 0.0525, 10_000)
print(nothing[:5].round(2), "spread", nothing.std().round(3))
ab.plots.plot_heaps(nothing, line=1.96 * nothing.std())  # the next lines say why 1.96

# %% [markdown]
# The gaps make a heap, a bell. The **standard error** is the usual distance of such gaps from their centre (standard
# deviation, or spread). With 10,000 users in each arm it is .315 points (.314 above is off by chance).
#
# ## One line decides
#
# The line stands 1.96 standard errors to the right, at .62 points. Chance alone passes it in 2.5 of 100 tests; as many lie below
# −.62. A gap of more than 1.96 standard errors is called **significant**: chance alone rarely makes one so large. A page
# that changes nothing gives a false alarm in 5 of 100 tests; this share, .05, is *alpha*. A test *finds* the effect if its gap lies beyond the right line.

# %% [markdown]
# ## Your guess: does the test find half a point?
#
# Now the second world: 5 against 5.5 per cent, as in Noor's table. Write your guess as the second value.

# %%
ab.teach.predict("05.p1")

# %%
half_point = gaps(0.05, 0.055, 10_000)
line = 1.96 * nothing.std()
ab.teach.reveal("05.p1", round(100 * (half_point > line).mean()))
ab.plots.plot_heaps(nothing, half_point, line=line, names=("no effect", "half a point"))

# %% [markdown]
# ## Power is the share of the second heap beyond the line
#
# The second heap has its centre at .50, left of the line at .62. So most of the heap lies left of the line.
# A formula, shown soon, says that 35.4 of 100 such tests find the effect. The heap counts 36, because its gaps come in steps of
# .01 points: all gaps of .62 lie beyond the exact line, .618. The **power** of a test is the share of such tests that find an effect which is really
# there. Here it is .354.
#
# The other 64.6 say "no significant difference" of a page that works. So five days of "no difference" tell little.

# %% [markdown]
# ## More users make both heaps narrower
#
# The centres stay where they are. The spread shrinks, and the line moves to the left with it. Here is the same pair with
# 31,234 users in each arm. Why this number? You compute it in a moment.

# %%
nothing = gaps(0.0525, 0.0525, 31_234)
half_point = gaps(0.05, 0.055, 31_234)
line = 1.96 * nothing.std()
ab.plots.plot_heaps(nothing, half_point, line=line, names=("no effect", "half a point"))

# %% [markdown]
# Now 80 of 100 tests find half a point. Many teams plan for this power, .80. It is a custom, not a law. The first heap still has
# about 2.5 of 100 beyond the line; a count moves a little from run to run.
#
# ## Count it yourself: power grows with users
#
# The loop counts by simulation. `ab.power_proportions` computes the same share by a formula. In the print, `:6,` makes a number six
# places wide, with a comma; `:.0f` keeps no decimal, `:.1f` one. Then a curve draws the formula for more sizes.

# %%
for users in (5_000, 10_000, 20_000, 31_234, 60_000):
    line = 1.96 * gaps(0.0525, 0.0525, users).std()
    counted = 100 * (gaps(0.05, 0.055, users) > line).mean()
    formula = 100 * ab.power_proportions(0.05, 0.055, users).power
    print(f"{users:6,} users in each arm: counted {counted:.0f}, formula {formula:.1f} of 100")

# %%
sizes = [2_000, 5_000, 10_000, 15_000, 20_000, 25_000, 31_234, 40_000, 50_000, 60_000, 80_000]
ab.plots.plot_power({"5 to 5.5%": ab.power_proportions(0.05, 0.055, sizes)}, log=False, mark=10_000)

# %% [markdown]
# The curve rises fast, then slowly. The dotted line is power .80.
#
# ## Your second guess: a smaller effect
#
# Suppose the page brings only a quarter of a point: 5 against 5.25 per cent.

# %%
ab.teach.predict("05.p2")

# %% [markdown]
# ## The distance between the heaps, in two steps
#
# Look at the last two heaps. From the first centre to the line: 1.96 standard errors. From the line to the second centre: .84,
# for 80 of 100 values of a bell lie right of the point .84 spreads left of its centre.
#
# For yes or no, a squared spread is rate × (1 − rate); both arms add up (notebook 04). The root is the spread with
# one user in each arm. n users make it √n times smaller: with 10,000 users .00315, the .315 points above. So (1.96 × first spread +
# .84 × second) / √n must be half a point. The code solves for √n (`root`).

# %%
both = (0.05 + 0.055) / 2  # without an effect: this rate in both arms
spread_nothing = (2 * both * (1 - both)) ** 0.5
spread_effect = (0.05 * 0.95 + 0.055 * 0.945) ** 0.5
root = (1.959964 * spread_nothing + 0.841621 * spread_effect) / 0.005  # 1.96 and .84, exactly
print(f"{root**2:,.1f} users in each arm")
plan = ab.sample_size_proportions(0.05, p_treatment=0.055)  # the rates of control and treatment
print(f"{plan.n_control:,} by the library")  # n_control: users in one arm

# %% [markdown]
# The library rounds up to whole users. Now the same call for other effects, from .2 to .7 points.

# %%
effects = np.arange(20, 71) / 100  # in percentage points
users = []
for effect in effects:
    plan = ab.sample_size_proportions(0.05, p_treatment=0.05 + effect / 100)
    users.append(plan.n_control)
ab.teach.reveal("05.p2", users[5])  # 0.20 is users[0], so 0.25 is users[5]
ab.plots.plot_users(effects, users, mark=(0.5, 0.25), guess=ab.teach.predicted("05.p2"))

# %% [markdown]
# ## Half the effect takes 3.9 times the users
#
# 31,234 for half a point, 122,124 for a quarter. Compare your guess with this curve:
#
# - The heaps stand half as far apart. How wide may they be now?
# - Why is the factor 3.9, and not 4?
#
# <details><summary>Explanation</summary>
# They may be half as wide. The spread falls with the square root of the users, so that takes four times the users. It is a
# little less here, because a rate of 5.25 per cent varies less than one of 5.5.
# </details>

# %% [markdown]
# ## Name and formula
#
# This is the *sample size for two proportions*. With rates $p_1, p_2$, their mean $\bar p$ and $q = 1 - p$:
#
# $$n = \frac{\left(1.96\sqrt{2\bar p\bar q} + 0.84\sqrt{p_1 q_1 + p_2 q_2}\right)^2}{(p_2 - p_1)^2} \quad\text{users in each arm.}$$
#
# Backwards: with n users, which effect has power .80? The **minimum detectable effect** (MDE) is the
# smallest effect that a test of a given size finds with this power.
#
# ## Which effect belongs in the plan?
#
# The team hopes for half a point. But the teacher costs 12,000 euros a month. 120,000 visitors come in a month, and a sign-up
# brings 40 euros. The page pays if effect × 120,000 × 40 reaches 12,000.

# %%
worth = 12_000 / (120_000 * 40)
print(f"The page pays from {100 * worth:.2f} percentage points on.")

# %% [markdown]
# The smallest effect that pays is called **worth**. Here it is a quarter point. Noor's rule, set before the test: ship the
# page if the whole interval lies above worth. Stop if it lies below. Otherwise: inconclusive.
#
# ## Your third guess: planned for the hope
#
# For the hope, 31,234 users in each arm have power .80. At 2,000 a day in each arm that is 15.6 days. Noor takes three whole
# weeks, so weekdays count equally: 42,000 in each arm. Her interval reaches 1.96 standard errors to each side of the gap, .30 points. Its lower
# end, gap − .30, must lie above .25. So she ships from a gap of .25 + .30 = .55 points on.

# %%
ab.teach.predict("05.p3")

# %%
at_worth = gaps(0.05, 0.0525, 42_000)  # the page that brings exactly worth
half_point = gaps(0.05, 0.055, 42_000)
line = 0.25 + 1.96 * half_point.std()  # from here on the interval lies above worth
ab.teach.reveal("05.p3", round(100 * (half_point > line).mean()))
ab.plots.plot_heaps(at_worth, half_point, line=line, names=("a quarter point", "half a point"))

# %% [markdown]
# ## Plan for worth, not for the hope
#
# Three weeks find that such a page beats *nothing* in 90 of 100 tests (the curve of power above, at 42,000). But Noor asks whether
# it *pays*. The first heap now stands at a quarter point, so the heaps are only a quarter point apart. Half the distance takes
# four times the users: 4 × 31,234, about 125,000 in each arm for power .80. That is 62.5 days, so nine weeks.
#
# On the other side, a useless page lies a quarter point below worth. To tell these two apart took 122,124 users, your second
# guess: 61 days, so nine weeks too. Compare three weeks with nine:

# %%
for weeks in (3, 9):
    for truth in (0.05, 0.0525, 0.055):
        gap = gaps(0.05, truth, users=weeks * 14_000)  # 2,000 a day in each arm
        reach = 1.96 * gap.std()  # half of the interval
        ship = 100 * (gap - reach > 0.25).mean()
        stop = 100 * (gap + reach < 0.25).mean()
        print(f"{weeks} weeks, new page {100 * truth:.2f}%: ship {ship:.0f}, stop {stop:.0f} of 100")

# %% [markdown]
# Nine weeks ship the hoped-for page in 80 of 100 tests, and stop a useless one in 82. Three weeks do it in 37 and 38: most tests
# end inconclusive. (Counts above may be 1 off.) A page exactly at worth stays open in 95 of 100 tests. That loses no money: such a page
# earns what it costs.
#
# So plan for `worth`. Where `worth` is a small part of the baseline, a useless page is then stopped, and a page of twice
# `worth` shipped, in about 80 of 100 tests.
#
# ## Days: count new visitors only
#
# `ab.duration` turns users into days. Each day adds *new* visitors. It takes whole weeks, at
# least two: one odd week must not decide.

# %%
for name, rate in {"hope": 0.055, "worth": 0.05 + worth}.items():
    plan = ab.duration(ab.sample_size_proportions(0.05, p_treatment=rate), 4_000)
    print(f"{name:5}: {plan.n_control:7,} users in each arm, {plan.days} days")

# %% [markdown]
# ## Explore: your own traffic
#
# The panel speaks of *lifts*: the effect in per cent of the baseline (the control's rate). Half a point on 5 per cent is a lift of
# 10 per cent. The curve shows the smallest lift with power .80 after each number of weeks; the dotted line is the lift that you want.
#
# Two goals. First: Noor has only four weeks. Which smallest lift can she find? Second: how many new visitors a day find a lift of .05
# in four weeks?
#
# Then set your own baseline, lift and traffic.

# %%
ab.explore.plan(lift=0.05)

# %% [markdown]
# ## The same on paper
#
# `ab.mde_by_week` gives the smallest effect with power .80 after each number of weeks. `plan` is the plan for worth, from above.

# %%
weeks = ab.mde_by_week(4_000, p_control=0.05, weeks=[2, 3, 4, 6, 8, 12])
ab.plots.plot_weeks(weeks, baseline=0.05, aim=plan)

# %% [markdown]
# Twice the weeks do not halve the lift: 7.4 per cent after four, 5.2 after eight. Halving takes about four times the weeks.
#
# That was a baseline of 5 per cent. Yours may be another, so here are the users for five baselines and three lifts. In the print,
# `:8.0%` shows a share in per cent.

# %%
print("baseline   lift 5%  lift 10%  lift 20%   (users in each arm)")
for baseline in (0.05, 0.10, 0.20, 0.30, 0.50):
    five = ab.sample_size_proportions(baseline, lift=0.05).n_control
    ten = ab.sample_size_proportions(baseline, lift=0.10).n_control
    twenty = ab.sample_size_proportions(baseline, lift=0.20).n_control
    print(f"{baseline:8.0%} {five:9,} {ten:9,} {twenty:9,}")

# %% [markdown]
# Read down a column: the same lift is more points at a higher baseline (10 per cent of 50 are five points). So it takes fewer
# users.
#
# ## Where it bites at work
#
# - The plan uses the hoped-for effect.
# - Daily active users are added up over the days. Who comes back enters only once.
# - "Not significant" is read as "no effect", whatever the power was.
#
# > Myth: you may read that 25,000 users in each arm find 10 against 10.5 per cent. They find it in 45.3 of 100 tests. For 80 it takes
# > 57,763.
#
# ## Exercises

# %%
ab.exercise("05.1")

# %%
answer = None  # such as 31_234, after running ab.sample_size_proportions(...)
display(ab.check("05.1", answer), ab.solution("05.1"))

# %%
ab.exercise("05.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("05.2", answer), ab.solution("05.2"))

# %%
ab.exercise("05.3")

# %%
answer = None  # your code, or its result
display(ab.check("05.3", answer), ab.solution("05.3"))

# %%
ab.exercise("05.4")

# %%
answer = None  # a letter and a number, such as ("a", "12%")
display(ab.check("05.4", answer), ab.solution("05.4"))

# %% [markdown]
# ## Your own table
#
# The first line reads a file with one row a user; the second names a column of zeros and ones. Then your own `worth` as a
# share (0.0025 is a quarter point) and your new users a day. For an amount, such as minutes, write
# `ab.sample_size(my_worth, sd=my_table[my_column].std())` in the fifth line, after `mine =`.

# %%
my_table = test[test["arm"] == "control"]  # or pd.read_csv("users.csv")
my_column = "signed_up"  # or "bought"
my_worth, my_traffic = 0.0025, 4_000
past = my_table[my_column].mean()  # the share of ones, your baseline
mine = ab.sample_size_proportions(past, p_treatment=past + my_worth)
mine = ab.duration(mine, my_traffic)
print(f"baseline {past:.4f}: {mine.n_control:,} users in each arm, {mine.days} days")

# %% [markdown]
# ## The decision you would make
#
# Back to the five days, and to "we drop it". The team can wait 13 weeks, a quarter of a year. Write your decision into `choice`, and what would make you change it into `change`.

# %%
ab.teach.decision(
    rule="Interval above 0.25 points: ship. Below: stop. Else inconclusive: then a new test, "
    "planned for 0.25 points, if it ends within 13 weeks.",
    evidence=f"Five days: {low:.2f} to {high:.2f} points. A test for 0.25 points: {plan.days} days.",
    cost="A month: dropping half a point loses 600 sign-ups x 40 - 12,000 = 12,000 euros. "
    "Keeping a useless page: 12,000.",
    choice="", change="", by_rule="inconclusive",
)

# %% [markdown]
# A new test starts with new visitors only: to add days to this one because it was close would be a second look (notebook 07).
#
# ## Take-aways
#
# - Power is the share of the second heap beyond the line. Where it is low for what pays, "no difference" says little.
# - Half the effect takes about four times the users, and so about four times the days.
# - Plan for the smallest effect that pays, in whole weeks of new users, before the first user.
#
# When this advice is wrong: rare events need an exact sum (below). Where nine weeks cost more than the answer is worth, decide
# without a test, and say so.
#
# ## Exit questions

# %%
display(ab.teach.quiz("05.q4"), ab.teach.quiz("05.q5"), ab.teach.quiz("05.q6"))

# %% [markdown]
# ## Going further
#
# ### The formula is a normal curve; rare events need the exact sum
#
# `ab.exact_power` adds up the chances of all pairs of counts that the test calls significant. For Noor's plan it gives .8002. For .1
# against .5 per cent the formula plans .80 and the test has .840: three sign-ups in control are too few for a bell.

# %%
for control, treatment in ((0.05, 0.055), (0.001, 0.005)):
    n = ab.sample_size_proportions(control, p_treatment=treatment).n_control
    exact = ab.exact_power(control, treatment, n, n)
    print(f"{control:.1%} to {treatment:.1%}: {n:,} users in each arm, exact power {exact:.4f}")

# %% [markdown]
# ### Why both worlds had the same number of sign-ups
#
# A test does not know the true rates. It takes the rate of both arms together, and computes from it the spread without an effect.
# With 5 and 5.5 per cent that rate is about 5.25. This is the *pooled* formula, and it fits the pooled test. With the
# control's rate alone, as some calculators do, one plans 29,826 users, and the power is .782.

# %% [markdown]
# ### If the hope is below twice worth
#
# Suppose the page brings worth + d. Then the heaps of "at worth" and "the page" stand d apart. Where d is smaller than worth, plan for
# d: `ab.sample_size_proportions(0.0525, p_treatment=0.0525 + d)` comes close.
#
# Where `worth` is a large part of the baseline, the page of twice `worth` has a much larger rate, and so a larger spread. With a
# baseline of 1 per cent and a `worth` of half a point, a plan for `worth` stops a useless page in 88 of 100 tests, but ships one of
# twice `worth` in 73.

# %% [markdown]
# ### Power of a result that is there
#
# Some reports put the *observed* gap into the power formula. In a test with a bell this is the p-value in
# other words: p = .05 gives .50, p = .3 gives .178, whatever was tested. Report the interval (Hoenig and Heisey 2001).

# %%
for p, errors in ((0.05, 1.960), (0.3, 1.036)):  # the observed gap in standard errors
    again = ab.power(errors, 2, sd=1, normal=True).power  # 2 users an arm, spread 1: standard error 1
    print(f"p = {p}: observed power {again:.3f}")

# %% [markdown]
# ### What changes the number of users
#
# - Unequal arms: a split of 10 to 90 takes 2.8 times the users in all.
# - More arms or more metrics: notebook 08. Guardrails: notebook 12 (planned).
# - Several planned looks: notebook 10.
# - Data from before the test: notebook 13.
# - Whole groups in one arm: notebook 16 (planned).
# - A few very large values: notebook 04.

# %% [markdown]
# ## References
#
# - Fleiss, Levin and Paik (2003), *Statistical Methods for Rates and Proportions*, ch. 4: the formula. DOI 10.1002/0471445428
# - Hoenig and Heisey (2001), The American Statistician 55, 19-24: observed power is the p-value. DOI 10.1198/000313001300339897
# - Lenth (2001), The American Statistician 55, 187-193: plan for the effect that matters. DOI 10.1198/000313001317098149

# %% jupyter={"source_hidden": true}
second = "bisection and sums, in the tests"
three_weeks = ab.power_proportions(0.05, 0.055, 42_000).power
other = ab.sample_size_proportions(0.1, lift=0.05).n_control
numbers_checked = ab.teach.checked(
    ("users for half a point", users[30], 31_234, 0.5, second),
    ("users for a quarter point", users[5], 122_124, 0.5, second),
    ("users for 10 to 10.5 per cent", other, 57_763, 0.5, second),
    ("power of 25,000 users", ab.power_proportions(0.1, 0.105, 25_000).power, 0.453, 0.0005, second),
    ("exact power of the plan", ab.exact_power(0.05, 0.055, 31_234, 31_234), 0.8002, 0.00005, second),
    ("exact power of the rare event", exact, 0.840, 0.0005, second),
    ("power of three weeks, half a point", three_weeks, 0.901, 0.0005, second),
)
display(numbers_checked)
ab.teach.finish()
