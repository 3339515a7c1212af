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
# Click an option, or write its letter as the second value: `ab.teach.quiz("05.q1", "a")`. A guess is fine. A *lift* is the
# difference in per cent of the control's rate.

# %%
display(ab.teach.quiz("05.q1"), ab.teach.quiz("05.q2"), ab.teach.quiz("05.q3"))

# %% [markdown]
# ## Noor's table has one row a visitor
#
# An **arm** is the group of users that sees one version of a page. The next cell is folded: you need not read it. It makes the table up, so
# that we know the truth: in the control, the old page, each user signs up with chance 5 in 100; in the treatment, the new page, with chance 5.5 in 100.

# %% jupyter={"source_hidden": true}
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
# The **gap** is treatment minus control, in **percentage points** (points): from 5 to 5.5 per cent is half a point. What does Noor see after five
# days? And how far may chance have moved it? As in notebook 00, `from_table` packs the numbers of each arm and `ab.proportions` compares two packs.
# `low` and `high` are the ends of the 95 per cent interval (notebook 04).

# %%
print(100 * test.groupby("arm")["signed_up"].mean())
arms = ab.Moments.from_table(test, ["signed_up"], by="arm")
found = ab.proportions(arms["control"], arms["treatment"])
low, high = 100 * found.low, 100 * found.high  # in points
print("gap", round(100 * found.estimate, 2), "interval", round(low, 2), "to", round(high, 2))

# %% [markdown]
# The gap is 0.55 points, 5.44 less 4.89. The interval holds 0: the page may bring nothing. It also holds 0.5, the hope. Is this test bad luck, or can five days not do better?
#
# ## Play the test 100,000 times, with a page that changes nothing
#
# To answer, we repeat the test many times and count. First: what does chance alone do? Both pages get the same rate, 5.25 per cent, the
# middle of 5 and 5.5 (why: "Going further"). `gaps` is our own function: `def` names it, `return` hands back its result. `rng.binomial` counts sign-ups, as in
# notebook 00, in each of 100,000 tests.

# %% [markdown]
# How large a gap is too large for chance? Notebook 04: the **standard error** is the usual distance of the gaps from their centre (`.std()`),
# and 95 of 100 gaps lie within 1.96 standard errors of the centre. So we draw a line 1.96 standard errors to the right of zero.

# %%
def gaps(control, treatment, users):
    old = rng.binomial(users, control, 100_000)  # sign-ups on the old page
    new = rng.binomial(users, treatment, 100_000)  # sign-ups on the new page
    return 100 * (new - old) / users  # 100,000 gaps, in points

nothing = gaps(0.0525, 0.0525, 10_000)
line = 1.96 * nothing.std()
ab.plots.plot_heaps(nothing, line=line)

# %% [markdown]
# The heap of gaps has its centre at 0. One standard error is 0.315 points, so the line stands at 0.62. Chance alone passes it in about 2.5 of 100 tests. As many lie to the left of −0.62.
#
# A gap further than 1.96 standard errors from 0 is called **significant**: it is rare by chance, 5 of 100 tests, up or down. We say that a
# test *finds* a better page if its gap lies beyond the right line.

# %% [markdown]
# ## Your guess: does the test find half a point?
#
# Now the page works: 5 against 5.5 per cent. The line stays at 0.62. Type your guess into the box, or write it as the second value.
# (In the cell after it, `half_point > line` is true for each test that finds the page. The mean of that is the share of true.)

# %%
ab.teach.predict("05.p1")

# %%
half_point = gaps(0.05, 0.055, 10_000)
ab.teach.reveal("05.p1", round(100 * (half_point > line).mean()))
ab.plots.plot_heaps(nothing, half_point, line=line, names=("no effect", "half a point"))

# %% [markdown]
# ## Power is the share of the second heap beyond the line
#
# The dashed heap has its centre at 0.50. The line, at 0.62, stands to the right of it. So most tests miss the page.
#
# The **power** of a test is the share of such tests that find an effect which is really there. Here it is .354. (The count says 36,
# a little too many: gaps come in steps of 0.01 points.)
#
# The other 64.6 of 100 tests say "no significant difference" of a page that works. So five days of "no difference" tell Noor little.

# %% [markdown]
# ## More users, more power
#
# How many users would tell her more? `ab.power_proportions(0.05, 0.055, users)` computes the power by a formula: first the rate of the
# control, then of the treatment, then the users in each arm. `plot_power` draws it for many
# sizes; `mark` sets a dot, `log=False` asks for even steps on the axis.

# %%
sizes = [2_000, 5_000, 10_000, 15_000, 20_000, 25_000, 31_234, 40_000, 50_000, 60_000, 80_000]
powers = ab.power_proportions(0.05, 0.055, sizes)
ab.plots.plot_power({"5 to 5.5%": powers}, log=False, mark=10_000)

# %% [markdown]
# The dot is Noor's test, power .35. The dotted line is power .80: the test finds the page in 80 of 100 tests. Many teams plan for it. It is a custom, not a
# law. The curve meets it at 31,234 users in each arm.
#
# One call gives this number. `p_treatment` is the rate of the treatment; `n_control` means the users of one arm, and the other needs as
# many. Why does it help? Look at the heaps again, now of this size.

# %%
hope = ab.sample_size_proportions(0.05, p_treatment=0.055)
print(hope.n_control, "users in each arm")
nothing = gaps(0.0525, 0.0525, 31_234)
half_point = gaps(0.05, 0.055, 31_234)
line = 1.96 * nothing.std()
ab.plots.plot_heaps(nothing, half_point, line=line, names=("no effect", "half a point"))

# %% [markdown]
# The centres stay at 0 and 0.5. Both heaps are narrower, so the line moves left, from 0.62 to 0.35. Now 80 of 100 tests
# lie beyond it.
#
# ## Your second guess: half the effect
#
# Suppose that the page brings only a quarter of a point: 5 against 5.25 per cent. After your guess, a folded cell makes the same call
# for many effects, from 0.2 to 0.7 points, and draws the answers.

# %%
ab.teach.predict("05.p2")

# %% jupyter={"source_hidden": true}
effects = np.arange(20, 71) / 100  # in percentage points
needed = []
for effect in effects:
    needed.append(ab.sample_size_proportions(0.05, p_treatment=0.05 + effect / 100).n_control)
ab.teach.reveal("05.p2", needed[5])  # 0.20 is needed[0], so 0.25 is needed[5]
ab.plots.plot_users(effects, needed, mark=(0.5, 0.25), guess=ab.teach.predicted("05.p2"))

# %% [markdown]
# ## Half the effect takes 3.9 times the users
#
# The two dots: 31,234 users in each arm for half a point, 122,124 for a quarter.
#
# - The centres of the heaps are half as far apart. How wide may the heaps be now?
# - Four times the users halve the standard error (notebook 04). What follows?
#
# <details><summary>Explanation</summary>
# The heaps may be half as wide, and that takes about four times the users. It is 3.9 and not 4, because a rate of 5.25 per cent varies
# a little less than one of 5.5.
# </details>
#
# The formula of this *sample size for two proportions* stands in "Going further".

# %% [markdown]
# ## Days: count new visitors only
#
# Noor thinks in days. Two arms of 31,234 are 62,468 users. Only *new* visitors count, 4,000 a day: 15.6 days. A test takes whole
# weeks, so that each weekday counts equally. `ab.duration` does this from a plan and the new users a day, with at least two weeks.

# %%
quarter = ab.sample_size_proportions(0.05, p_treatment=0.0525)
plan = ab.duration(quarter, 4_000)
print("half a point:", ab.duration(hope, 4_000).days, "days")
print("a quarter of a point:", plan.days, "days")

# %% [markdown]
# So three weeks for half a point, nine for a quarter.
#
# ## Which effect belongs in the plan?
#
# The team hopes for half a point. But the teacher costs 12,000 euros a month. 120,000 visitors come in a month, and each sign-up
# brings 40 euros. So 12,000 / (120,000 × 40) = 0.0025 of the visitors must sign up in addition: a quarter of a point. This smallest effect that pays
# is called **worth**.
#
# Noor's rule, set before the test: ship the page if the whole interval lies above worth. Stop if it lies below. Else: inconclusive.

# %% [markdown]
# ## Your third guess: three weeks, planned for the hope
#
# Three weeks bring 42,000 users into each arm. There the interval reaches 0.30 points to each side of the gap. A gap of 0.50 gives 0.20 to
# 0.80: that holds 0.25, inconclusive. A gap of 0.60 gives 0.30 to 0.90: ship. So she ships beyond a gap of 0.25 + 0.30 = 0.55.
#
# After your guess you see two heaps: pages that bring exactly worth, and pages that bring the hoped-for half a point. The line stands at 0.55.

# %%
ab.teach.predict("05.p3")

# %%
at_worth = gaps(0.05, 0.0525, 42_000)
half_point = gaps(0.05, 0.055, 42_000)
line = 0.25 + 1.96 * half_point.std()
ab.teach.reveal("05.p3", round(100 * (half_point > line).mean()))
ab.plots.plot_heaps(at_worth, half_point, line=line, names=("a quarter point", "half a point"))

# %% [markdown]
# ## Plan for worth, not for the hope
#
# 37 of 100; against nothing, these users give 90. The plan for the hope put half a point between the heaps: 0 and 0.5. But "does it pay" is a question about
# 0.25. Between 0.25 and 0.5 lies only a quarter of a point.
#
# A quarter took nine weeks, after your second guess. So we play nine weeks, 14,000 users a week in each arm, with three pages: useless (5
# per cent, like the old one), exactly worth, and the hope. `reach` is how far the interval reaches to each side.

# %%
for treatment in [0.05, 0.0525, 0.055]:
    gap = gaps(0.05, treatment, 9 * 14_000)
    reach = 1.96 * gap.std()
    ship = round(100 * (gap - reach > 0.25).mean())  # the lower end lies above worth
    stop = round(100 * (gap + reach < 0.25).mean())  # the upper end lies below worth
    print("new page", treatment, "ship", ship, "stop", stop, "of 100 tests")

# %% [markdown]
# In nine weeks she ships the hoped-for page in about 80 of 100 tests, and stops a useless one in about 82. A page exactly at worth stays inconclusive in about 95:
# either choice is fine, for it earns what it costs.
#
# So plan for `worth`, before the test. (Where worth is a large part of the control's rate, these shares differ: "Going further".)

# %% [markdown]
# ## Explore: your own traffic
#
# The panel speaks of lifts, in per cent of the control's rate, the *baseline*: half a point on 5 per cent is a lift of 10 per cent,
# written 0.1. The curve shows the smallest lift with power .80 after each number of weeks, the **minimum detectable effect**. The dotted line is
# the lift that you want.
#
# Two goals. First: Noor has only four weeks. Which smallest lift can she find? Second: how many new visitors a day find a lift of 0.05
# in four weeks? Then set your own numbers.

# %%
ab.explore.plan(lift=0.05)

# %% [markdown]
# ## The same on paper
#
# `ab.mde_by_week` gives the curve for chosen weeks. `aim=plan` marks the plan for a quarter of a point, a lift of 5
# per cent.

# %%
weeks = ab.mde_by_week(4_000, p_control=0.05, weeks=[2, 3, 4, 6, 8, 12])
ab.plots.plot_weeks(weeks, baseline=0.05, aim=plan)

# %% [markdown]
# Four weeks find a lift of 7.4 per cent, the first goal. Eight weeks find 5.2, not half of it: half takes about four times the weeks. The
# second goal is 8,800 visitors a day on the slider.
#
# ## Where it bites at work
#
# - The plan uses the hoped-for effect.
# - Daily active users are added up over the days. But who comes back enters only once.
# - "Not significant" is read as "no effect", whatever the power was.
#
# > Myth: 25,000 users in each arm are enough to find 10 against 10.5 per cent. They find it in 45.3 of 100 tests. For 80 it takes
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
# Edit the first three lines: a file with one row a user, a column of zeros and ones, then your own `worth` as a
# share (0.0025 is a quarter of a point) and your new users a day. Now the cell reads Noor's control. (For amounts, such as minutes, see "Going further".)

# %%
my_table = test[test["arm"] == "control"]  # or pd.read_csv("users.csv")
my_column = "signed_up"  # or "bought"
my_worth, my_traffic = 0.0025, 4_000
past = my_table[my_column].mean()  # the share of ones, your baseline
mine = ab.sample_size_proportions(past, p_treatment=past + my_worth)
mine = ab.duration(mine, my_traffic)
print("baseline", round(past, 4), "users in each arm", mine.n_control, "days", mine.days)

# %% [markdown]
# Noor's users give a baseline of 0.0489, not 0.05, by chance: about 2,500 users fewer than 122,124, and the same 63 days.
#
# ## The decision you would make
#
# Back to the five days, and to "we drop it". The team can wait 13 weeks. Half a point is 600 of 120,000
# visitors a month.
#
# In the memo, `f` puts numbers in place of the braces; `:.2f` prints two digits. Write your decision into `choice` (the words of
# the rule), and what would change it into `change`.

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
# A new test starts with new visitors only: to add days to this one because it was close is a second look (notebook 07).

# %% [markdown]
# ## Take-aways
#
# - Power is the share of tests that find an effect which is there. Where it is low for what pays, "no difference" says little.
# - Half the effect takes about four times the users, and so about four times the days.
# - Plan for the smallest effect that pays, in whole weeks of new users, before the first user.
#
# When this advice is wrong: rare events need an exact sum ("Going further"). Where nine weeks cost more than the answer is worth, decide
# without a test, and say so.
#
# ## Exit questions

# %%
display(ab.teach.quiz("05.q4"), ab.teach.quiz("05.q5"), ab.teach.quiz("05.q6"))

# %% [markdown]
# ## Going further
#
# ### The formula: the distance between the heaps, in two steps
#
# From the first centre to the line: 1.96 standard errors. From the line to the second centre: .84, for 80 of 100 values of a bell lie
# right of the point .84 standard deviations left of its centre. The share .05 of false alarms, up or down, is called *alpha*.

# %% [markdown]
# For yes or no, a squared standard deviation is rate × (1 − rate); both arms add up (notebook 04). With n users in each arm the root is
# √n times smaller. So, with rates $p_1, p_2$, their mean $\bar p$ and $q = 1 - p$:
#
# $$n = \frac{\left(1.96\sqrt{2\bar p\bar q} + 0.84\sqrt{p_1 q_1 + p_2 q_2}\right)^2}{(p_2 - p_1)^2} \quad\text{users in each arm.}$$

# %%
both = (0.05 + 0.055) / 2  # without an effect: this rate in both arms
spread_nothing = (2 * both * (1 - both)) ** 0.5
spread_effect = (0.05 * 0.95 + 0.055 * 0.945) ** 0.5
root = (1.959964 * spread_nothing + 0.841621 * spread_effect) / 0.005  # 1.96 and .84, exactly
print(f"{root**2:,.1f} users in each arm; the library rounds up: {hope.n_control:,}")

# %% [markdown]
# ### Other baselines, and amounts
#
# The same lift is more points at a higher baseline: 10 per cent of 50 are five points. The rates vary more there too, but less than
# the squared effect grows. So it takes fewer users. For an amount, such as minutes, call `ab.sample_size(my_worth,
# sd=my_table[my_column].std())` in place of `ab.sample_size_proportions`.

# %%
print("baseline   lift 5%  lift 10%  lift 20%   (users in each arm)")
for baseline in (0.05, 0.10, 0.20, 0.30, 0.50):
    five = ab.sample_size_proportions(baseline, lift=0.05).n_control
    ten = ab.sample_size_proportions(baseline, lift=0.10).n_control
    twenty = ab.sample_size_proportions(baseline, lift=0.20).n_control
    print(f"{baseline:8.0%} {five:9,} {ten:9,} {twenty:9,}")

# %% [markdown]
# ### Two sides of worth
#
# Three weeks find that a page of half a point beats *nothing* in 90 of 100 tests. That it *pays* they show in 37. To stop a useless
# page is to tell 0 from 0.25 points: 122,124 users in each arm. To ship a page of half a point is to tell 0.25 from 0.5, at rates that vary a little more:
# about 125,000 in each arm for power .80, 62.5 days. Both end within nine weeks.

# %% [markdown]
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
    ("users for half a point", needed[30], 31_234, 0.5, second),
    ("users for a quarter point", needed[5], 122_124, 0.5, second),
    ("users for 10 to 10.5 per cent", other, 57_763, 0.5, second),
    ("power of 25,000 users", ab.power_proportions(0.1, 0.105, 25_000).power, 0.453, 0.0005, second),
    ("exact power of the plan", ab.exact_power(0.05, 0.055, 31_234, 31_234), 0.8002, 0.00005, second),
    ("exact power of the rare event", exact, 0.840, 0.0005, second),
    ("power of three weeks, half a point", three_weeks, 0.901, 0.0005, second),
)
display(numbers_checked)
ab.teach.finish()
