# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What does it cost to look before the end?
#
# Time: 45 minutes. Needs: a mean and a percentage; notebook 07 helps. Runs on: any laptop, no network.
# Previous: [08 Multiple testing](08_multiple_testing.ipynb). Next: [11 mSPRT and confidence sequences](11_msprt.ipynb).
#
# ## The story: a manager who cannot wait
#
# Ines tests a new price page of a travel shop for ten weeks. Meanwhile half of the visitors see the worse page.
# The new one needs another payment service: it pays from 0.50 euros a visitor on. Her manager wants to look every two weeks, and to stop
# early if the page is clearly better.
#
# Plain looks make *false wins* (notebook 07): pages that change nothing and look better. What do five looks cost?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a number of looks, you **plan** a bound for each and its price, and decide whether the looks are worth it.
# - Given a test that runs, you **follow** it look by look, and decide to stop or to go on.
# - Given a test that stopped early, you **report** an honest interval, and decide whether the change pays.

# %%
import numpy as np

import abkit as ab

rng = ab.teach.start("10", seed=14)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("10.q1", "a")`. A guess is fine. All you need comes below.

# %%
display(ab.teach.quiz("10.q1"), ab.teach.quiz("10.q2"), ab.teach.quiz("10.q3"))

# %% [markdown]
# ## Ines's table has one row a visitor
#
# It is simulated.

# %%
test = ab.datasets.price_page_test()
test.head()

# %% [markdown]
# - `visitor`: one visitor. `week`: week of the visit, 1 to 10, with 362 new visitors a week in each arm.
# - `arm`: the version that the visitor saw. Control is the old page, treatment the new one.
# - `euros`: what the visitor spent, in euros.
#
# ## Week 2: a gap, and how far chance moves it
#
# The gap is treatment minus control. Its *standard error* is how far chance alone usually moves it.
# `ab.effects_at_looks` (notebook 07) computes both: `estimate` is the gap, `se` its standard error. `[0]` is
# the first look: Python counts from 0.

# %%
weeks = (2, 4, 6, 8, 10)  # the planned looks
seen = ab.effects_at_looks(test[test["week"] <= 2], looks=weeks, day="week", metric="euros")
gap = seen.estimate[0]
error = seen.se[0]
print("gap", round(gap, 2), "euros, standard error", round(error, 2), "z", round(gap / error, 2))

# %% [markdown]
# The gap is 1.66 euros, and chance usually moves it by 1.61. Divide: 1.03. A gap counted in standard errors is called **z**.
#
# Dashboards turn green above z 1.96. A z at which a test stops is called a **bound**. Is 1.96 high enough for five looks? Let
# chance play, and count.

# %% [markdown]
# ## Play 100,000 tests of a page
#
# `play` repeats Ines's test. `lift` is what the page really adds, in euros. Every two weeks bring new visitors: `rng.normal` draws their
# gap around `lift`, usually 1.6 euros away (1.61, rounded). The gap so far is the mean of these gaps, `total / look`, as in notebook 07.
# Its error falls with the root of the look, `look**0.5` (question 2). Gap over error is z.
#
# `z` is a table of zeros first, a row for each test, a column for each look. `z[:, look - 1]` is the column of this look. The second cell
# plays a page that changes nothing.

# %%
def play(lift, tests=100_000):
    z = np.zeros((tests, 5))
    total = np.zeros(tests)
    for look in range(1, 6):
        total = total + rng.normal(lift, 1.6, tests)  # the gap of two weeks' new visitors
        error = 1.6 / look**0.5  # the error of the gap of all visitors so far
        z[:, look - 1] = total / look / error
    return z

# %%
z = play(0)
ab.plots.plot_looks(z, 1.96)

# %% [markdown]
# Each line is a test; 80 are drawn, the title counts all. A triangle is an alarm: up for a false win, down for a false loss. At one look, 1.96
# gives 5 alarms in 100 useless changes, half of them wins: that is its promise. With five looks it gives 14.2 on average. So the bound must be higher.
#
# ## Your first guess: one bound for all looks

# %%
ab.teach.predict("10.p1")

# %% [markdown]
# ## Raise the bound until 5 of 100 are left
#
# Try some bounds and count. `abs(z)` is z without its sign. `abs(z) > bound` asks at each look: outside? `.any(axis=1)` asks of each row: at
# some look? `.mean()` is the share of yes. `ab.group_sequential` finds the bound exactly; `upper` holds it for each look.

# %%
for bound in (1.96, 2.1, 2.2, 2.3, 2.4, 2.5):
    outside = (abs(z) > bound).any(axis=1)
    print("bound", bound, "alarms in 100:", round(100 * outside.mean(), 1))
flat = ab.group_sequential(5, design="pocock")
print("exact bounds", flat.upper.round(3))
ab.teach.reveal("10.p1", flat.upper[0])

# %% [markdown]
# Between 2.4 and 2.5 five of 100 are left; exact is 2.413 at each look. This *flat* bound is Pocock's. It is hard on the last look: z 2.2 in
# week 10 would be a win if nobody had looked before. Now it is none.
#
# So O'Brien and Fleming proposed a *falling* bound, very high at first, and near 1.96 at the end:

# %%
falling = ab.group_sequential(5, design="obrien_fleming")
both = {"flat": flat, "falling": falling}
ab.plots.plot_boundaries(both, guess=ab.teach.predicted("10.p1"))

# %% [markdown]
# To the right runs the share of the *information*, here of all visitors: 0.2 is week 2. The thin lines are the bounds for a worse page.
# The falling bound asks for 4.56 in week 2 and 2.040 in week 10. Both give 5 alarms in 100 useless changes. Which one is cheaper?
#
# ## Your second guess: the price in users
#
# *Power* is how many of 100 tests find an effect that is really there. Ines wants to find 2 euros in 80 of 100 tests. So we play a page that
# adds 2 euros, and count wins. `good[:, 4]` is the last look, `good > flat.upper` holds each look against its own bound.

# %%
good = play(2)
print("one look, week 10:", round(100 * (good[:, 4] > 1.96).mean()), "wins in 100")
print("five looks, flat:", round(100 * (good > flat.upper).any(axis=1).mean()), "wins in 100")
print("five looks, falling:", round(100 * (good > falling.upper).any(axis=1).mean()), "wins in 100")
ab.teach.predict("10.p2")

# %% [markdown]
# One look finds 80, the flat bound 71, the falling one 79. To find 80 again, a plan must be ready for more users.
# `ab.inflation` says how many at most, as a multiple of one look. Many tests stop earlier: `ab.expected_size` is the average if the page adds what was
# planned, with `effect=0` if it is useless. One look takes ten weeks, so `10 *` gives weeks. `both.items()` gives each plan with its name.

# %%
ab.teach.reveal("10.p2", 100 * (ab.inflation(falling) - 1))
for name, plan in both.items():
    most = round(10 * ab.inflation(plan), 1)
    works = round(10 * ab.expected_size(plan), 1)
    useless = round(10 * ab.expected_size(plan, effect=0), 1)
    print(name, "weeks at most", most, "if it works", works, "if useless", useless)

# %% [markdown]
# The flat bound needs up to 12.3 weeks, 22.9 per cent more users, the falling one up to 10.3, 2.8 per cent more. If the page works, both
# take about 8 weeks on average. Ines takes the falling bound and keeps her ten weeks: 79 in 100 will do.
#
# ## Explain the gap between your guess and the price
#
# Why does a falling bound cost so little, and a flat one so much?
#
# <details><summary>Explanation</summary>
# Chance passes 4.56 in 5 of a million tests. So nearly all of the 5 in 100 is left for the late looks, which see the most visitors. The flat
# bound spends 1.6 of the 5 in week 2.
# </details>

# %% [markdown]
# ## Its name: a group-sequential plan
#
# A **group-sequential plan** has a bound for each look, so that all looks together keep one promise. With $t$ the share of the visitors
# seen so far, the bounds are
#
# $$\text{flat: } z = C, \qquad \text{falling: } z = C / \sqrt{t}.$$
#
# For five looks $C$ is 2.413 and 2.040. In week 2 $t$ is 0.2, and 2.040/√0.2 is 4.56.

# %% [markdown]
# ## Explore: looks, shape and price
#
# *Shape* 0 is the falling bound, 0.5 the flat one; Wang and Tsiatis drew others between them. *Units* are users.
#
# Two goals. Find five looks that cost at most 5 per cent more, with a bound below 3 at look 2 ("second z"). Then set ten looks: what
# does a flat bound cost? The second cell is the same on paper: `parameter` is the shape, `upper[1]` the second z.

# %%
panel = ab.explore.boundaries()
panel

# %%
for looks in (5, 10):
    for shape in (0, 0.1, 0.5):
        other = ab.group_sequential(looks, design="wang_tsiatis", parameter=shape)
        second = round(other.upper[1], 2)
        more = round(100 * (ab.inflation(other) - 1), 1)
        print(looks, "looks, shape", shape, "second z", second, "price", more, "per cent")

# %% [markdown]
# Shape 0.1 meets the first goal: 4.0 per cent, and 2.98 at look 2. Ten looks cost 4.0 per cent with the falling bound, 30.1 with the flat one.
#
# ## Week 4: follow the test
#
# Ines wrote her plan down: five looks, falling bound. In week 4 she divides each gap so far by its error.

# %%
seen = ab.effects_at_looks(test[test["week"] <= 4], looks=weeks, day="week", metric="euros")
ab.plots.plot_boundaries({"the plan": falling}, path=seen.estimate / seen.se)

# %% [markdown]
# The black line is her z. In week 4 it is 2.16, above 1.96: the dashboard turns green. But her bound is 3.23, so she goes on. Her manager says: "Then tell me whether it will win!"
#
# ## Your third guess: green at week 4
#
# The dashboard has an answer. It takes the gap so far for the truth, and computes how often such a page crosses a later bound. It
# promises Ines 97 wins in 100, and any page that is green in week 4 at least 92.
#
# Now take *useless* changes that are green in week 4. `z` holds the useless tests, `z[:, 1]` is week 4, `z[z[:, 1] > 1.96]` keeps the
# green ones.

# %%
ab.teach.predict("10.p3")

# %%
green = z[z[:, 1] > 1.96]
kept = 100 * (green > falling.upper).any(axis=1).mean()
ab.teach.reveal("10.p3", round(kept, 1))
ab.plots.plot_looks(green, falling.upper, what="green useless changes")

# %% [markdown]
# The black lines are the bounds. At look 2 all tests are above 1.96. Then most sink: new visitors dilute the luck. On average 32.4 of 100 win, not 92.
#
# The plan keeps its promise: only 2.5 of 100 useless changes are green in week 4, and a third of these win: 0.8 of the 2.5 false wins that it allows.
# Of pages that do add 2 euros, 96 of 100 green ones win. The dashboard cannot know which page it has. Only a bound makes a win.
#
# ## Week 8: a bound is crossed
#
# `ab.monitor` holds each look against the plan: was a bound `crossed`? `to_frame` makes a table.

# %%
seen = ab.effects_at_looks(test[test["week"] <= 8], looks=weeks, day="week", metric="euros")
path = ab.monitor(seen, falling)
display(path.to_frame()[["look", "estimate", "se", "crossed"]].round(2))
ab.plots.plot_boundaries({"the plan": falling}, path=path.estimate / path.se)

# %% [markdown]
# In week 6 the gap fell to 2.02 euros: no stop. In week 8 z is 2.95, above 2.28. The plan says stop, two weeks early.
#
# ## After a stop, the plain report says too much
#
# Luck helps to cross a bound, so the gap of a win is too large on average (notebook 07). And the plain p asks how often a useless change
# shows such a z *in week 8*. It forgets the stops before.
#
# So count all that end at least as convincingly, up or down: beyond a bound *before* week 8, or beyond 2.95 *in* week 8. For this, 2.95 replaces the
# fourth bound. `z[:, :4]` are the first four looks.

# %%
as_good = [4.56, 3.23, 2.63, 2.95]  # Ines's bounds before week 8, then her z
print("plain, in 100:", round(100 * (abs(z[:, 3]) > 2.95).mean(), 2))
print("as convincing, in 100:", round(100 * (abs(z[:, :4]) > as_good).any(axis=1).mean(), 2))
ab.plots.plot_looks(z[:, :4], as_good, until=300)

# %% [markdown]
# A triangle ends as convincingly as Ines's page. On average 1.01 in 100 do, and the plain count is 0.32. So her honest p is .0101, not .0032.
#
# **Stagewise order** ranks all endings so: an earlier stop counts more, and at the same look a larger z does. `ab.stagewise` computes p, an estimate and an interval
# from it.
#
# What do its ends mean? The second cell plays pages that add so much, and counts how many end as well as Ines's or better. The third
# is folded: it draws both reports, the 0.50 that pays, and the 2 euros that the page really adds.

# %%
end = ab.stagewise(path, falling)
gap = path.estimate[-1]  # -1 is the last look so far, week 8
error = path.se[-1]
low = gap - 1.96 * error
high = gap + 1.96 * error
print("plain gap", round(gap, 2), "from", round(low, 2), "to", round(high, 2))
print("stagewise", round(end.estimate, 2), "from", round(end.low, 2), "to", round(end.high, 2))
print("stagewise p", round(end.pvalue, 4))

# %%
for lift in (0.53, 2.19, 3.79):
    pages = play(lift)
    better = (pages[:, :4] > as_good).any(axis=1)
    print("page adds", lift, "as good or better, in 100:", round(100 * better.mean(), 1))

# %% jupyter={"source_hidden": true}
plain = ab.Effect.of(path.estimate[-1], path.se[-1], label="plain")
honest = {"estimate": end.estimate, "low": end.low, "high": end.high, "pvalue": end.pvalue}
honest = ab.Effect(label="stagewise", se=path.se[-1], df=np.inf, **honest)
lines = {"it pays": 0.5, "it adds": 2.0}
ab.plots.plot_effects([plain, honest], unit="euros a visitor", marks=lines, against=0.5)

# %% [markdown]
# Of pages that add 0.53 euros about 2.5 in 100 end so well, with 2.19 about half, with 3.79 about 97.5. (Not exactly, as 1.6 is rounded.) Such intervals hold
# the truth in 95 of 100 tests, early and late stops together.
#
# Look at the left ends in the picture: the stagewise 0.53 is nearer to zero, it takes some luck back. Both intervals lie above 0.50.
#
# ## Where it bites at work
#
# - A look is added because the gap looks good. Then the promise is lost.
# - The dashboard's "chance to win" becomes the decision.
# - After a stop, the plain gap goes into the forecast.
#
# ## Exercises

# %%
ab.exercise("10.1")

# %%
answer = None  # such as 2.5
display(ab.check("10.1", answer), ab.solution("10.1"))

# %%
ab.exercise("10.2")

# %%
answer = None  # a letter, such as "b"
display(ab.check("10.2", answer), ab.solution("10.2"))

# %%
ab.exercise("10.3")

# %%
answer = None  # your code, or its result, such as 0.012
display(ab.check("10.3", answer), ab.solution("10.3"))

# %%
ab.exercise("10.4")

# %%
answer = None  # a letter and a number, such as ("a", 12)
display(ab.check("10.4", answer), ab.solution("10.4"))

# %% [markdown]
# ## Your own table
#
# Put your file and its column names into the top lines, then your planned looks. `**names` hands the names over, `len` counts the
# looks. Each look should add about as many users as the one before. While no bound is crossed and a look is to come, the last line stops with a
# message: go on.

# %%
my_table = test  # or a path, such as "visitors.csv"
# the second "control" is the name of the old version, as your arm column writes it
names = {"arm": "arm", "control": "control", "day": "week", "metric": "euros"}
my_looks = (2, 4, 6, 8, 10)
my_plan = ab.group_sequential(len(my_looks), design="obrien_fleming")
mine = ab.monitor(ab.effects_at_looks(my_table, looks=my_looks, **names), my_plan)
print("crossed:", mine.crossed)
ab.stagewise(mine, my_plan)

# %% [markdown]
# It is the report of week 8: only data up to the first crossed bound count.
#
# ## The decision you would make
#
# The crossed bound speaks against zero. Does it speak for the 0.50 that pays? The rule was set before the data. (`f` puts numbers in
# place of the braces, `:.2f` prints two digits, `by_rule` is what the rule gives.) Write your decision into `choice`, what would change it into `change`.

# %%
ab.teach.decision(
    rule="Look until a bound is crossed, at most to week 10. Interval above 0.50: ship; below: stop; "
    "else inconclusive.",
    evidence=f"Week 8, stagewise: {end.low:.2f} to {end.high:.2f} euros a visitor.",
    cost="A year has 38,000 visitors. Shipping a useless page: 19,000 euros. Missing 2 euros: 57,000.",
    choice="", change="", by_rule="ship" if end.low > 0.5 else "inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - Five looks cost at most 2.8 per cent more users with a falling bound, 22.9 with a flat one.
# - Only a bound makes a win. A "chance to win" takes luck for the truth.
# - After a stop, report the stagewise interval, and hold it against what pays.
#
# When this advice is wrong: a test without a last day (notebook 11). And a page that breaks is switched off at once, whatever z is.
#
# ## Exit questions

# %%
display(ab.teach.quiz("10.q4"), ab.teach.quiz("10.q5"), ab.teach.quiz("10.q6"))

# %% [markdown]
# ## Going further
#
# ### Short formulas for the bounds
#
# > Myth: short formulas give these bounds. For five looks and a promise of 5 alarms in 100, exact: bounds of 1.96·√(5/look)
# > give 6.1, p below .05/√look 10.1, p below .05/5 only 3.3. Two alarm too often, one wastes power.

# %% [markdown]
# ### Looks that may move: a budget of alarms
#
# The two plans above want looks at equal steps. Looks come late. **Alpha spending** treats alpha, the 5 alarms in 100, as a budget: a rule says how much of it may
# be used up to any time, and each bound is set to use that much. Without `design`, `ab.group_sequential(5)` spends nearly as O'Brien and Fleming
# do (Lan and DeMets 1983, Biometrika 70, 659-663, DOI 10.1093/biomet/70.3.659). `zip` walks through three lists at once.

# %%
budget = ab.group_sequential(5)
for share, bound, spent in zip(budget.fraction, budget.upper, budget.spent, strict=True):
    print(f"share of users {share:.1f}: bound {bound:.2f}, alarms so far {100 * spent:.2f} in 100")
print(f"users at most {ab.inflation(budget):.4f}, average if it works {ab.expected_size(budget):.3f}")

# %% [markdown]
# The price is 2.5 per cent more users at most. A look may move or be added, but never
# *because of the results*.
#
# With a spread of 30 euros between visitors, 2 euros in 80 of 100 tests need 3,533 visitors in each arm at one look, 9.8 weeks. Five looks with a
# budget need 3,620, ten weeks. If the page brings 2 euros, such a test stops after 8.0 weeks on average.

# %% [markdown]
# ### Looks that came late
#
# Bounds belong to shares of the *information*, 1/error². If looks came at other shares than planned, `ab.replan` gives the bounds for those that
# came; it needs a plan with a budget. It needs the standard error planned for the end: spread·√(2/visitors in each arm), here 30·√(2/3,620). When no look follows, `last=True`
# spends what is left of the budget.

# %%
looked = ab.effects_at_looks(test, looks=weeks, day="week", metric="euros")
moved = ab.replan(budget, (0.705 / looked.se) ** 2, last=True)
print("share of the information", moved.fraction.round(3), "bounds", moved.upper.round(2))
ab.stagewise(ab.monitor(looked, moved), moved)

# %% [markdown]
# Had Ines planned with this budget, she would stop in week 8 as well. Her looks came nearly on time, so the report is nearly the one of her plan.

# %% [markdown]
# ### A "chance to win" depends on what you believe
#
# The chance to win, given the looks so far and a true effect, is **conditional power**. (Lan and Wittes 1988, Biometrics 44, 579-585, DOI
# 10.2307/2531870.) The picture shows it for three beliefs about the
# page, in week 4: as large as it looks, as planned, useless. **Predictive power** is the average over all effects that the gap allows, the likely
# ones more: the fourth line, "anything the gap allows".

# %%
seen = ab.effects_at_looks(test[test["week"] <= 4], looks=weeks, day="week", metric="euros")
week4 = ab.monitor(seen, falling)
for belief in ("estimate", "planned", 0.5, 0):
    print(belief, round(100 * ab.conditional_power(week4, falling, effect=belief)))
print("predictive", round(100 * ab.predictive_power(week4, falling)))
ab.plots.plot_chances(week4, falling)

# %% [markdown]
# The number depends on what you believe: 97, 92, 43 (a page that adds 0.5 euros) or 25. ("planned" is the effect for which the plan has power .8.)
#
# > Warning: conditional power at the estimate is optimistic after a good start. Luck is in the gap so far, and is then taken for the
# > truth of all weeks to come. Show it beside other beliefs, and never call a win because of it: only a bound makes one. Where most ideas
# > fail, predictive power is too hopeful as well.

# %% [markdown]
# ### A plan against what pays
#
# The plans above have power against zero. With a budget, and a page that adds the 2 euros of the plan, 80 of 100 tests win, but only 45 end with an interval above 0.50. To find "more
# than 0.50" in 80 of 100 tests, hold gap − 0.50 against the same bounds. The planned distance shrinks from 2
# to 1.50 euros, so the users (3,620 with a budget) grow by (2/1.5)² = 1.78: 6,436 visitors in each arm, 17.8 weeks at most.

# %% [markdown]
# ### A futility bound gives up early
#
# A one-sided plan may also stop when success has become unlikely. *Beta spending* spreads the risk of missing a real effect over the looks.
# A *non-binding* bound may be ignored without more false wins. Both bounds:

# %%
alone = ab.group_sequential(5, sides=1, alpha=0.025)
gives_up = ab.group_sequential(5, sides=1, alpha=0.025, futility="obrien_fleming", power=0.8)
print(f"at most: {ab.inflation(alone):.4f} without it, {ab.inflation(gives_up):.4f} with it")
print(f"average of a useless change: {ab.expected_size(gives_up, 0.8, effect=0):.3f}")
ab.plots.plot_boundaries({"with futility": gives_up})

# %% [markdown]
# A useless test ends after 58 per cent of the users of one look, on average. For the same power, it must be ready to run 12.7 per cent longer than the same plan
# without it (1.155 against 1.0247).
#
# One formula in use, $(0.84 - 1.96)/\sqrt t + d\sqrt{nt}$, is worse ($n$: all users, here 2,000; $d$: effect in spreads, here 0.125; upper bound $1.96/\sqrt t$). At the effect it was
# planned for, its lower bound lies above the upper one from look 6 of 10 on, and it gives up 71.6 per cent of such good ideas. `ab.group_sequential` refuses such bounds.

# %% [markdown]
# ### The plain estimate is too large
#
# Take the plan with a budget, and each test's gap at its own end. `cumsum` adds up what chance adds between looks, `argmax` finds the first look at which
# a test is out, counted from 0; a test that never is ends at 4, the last.
# Two lists in the brackets pick one look from each row: row 0 at its own end, row 1 at its own, and so on. z divided by √(share) and by the planned z
# is the gap as a share of the truth.

# %%
drift = 2.836  # z at the last look, on average, where this plan has power .8
look = np.arange(1, 6)
steps = rng.normal(size=(100_000, 5))
w = steps.cumsum(axis=1) / look**0.5 + drift * (look / 5) ** 0.5
stopped = abs(w) > budget.upper
stop = np.where(stopped.any(axis=1), stopped.argmax(axis=1), 4)
gaps = w[np.arange(len(w)), stop] / ((stop + 1) / 5) ** 0.5 / drift  # as a share of the truth
won = (w > budget.upper).any(axis=1)
print(f"average gap at the end, as a share of the truth: {gaps.mean():.3f}")
print(f"the same among the wins: {gaps[won].mean():.2f}")

# %% [markdown]
# If the page brings what was planned, the plain gap at the end of the test is 9 per cent too large, on average over all tests. Among the
# wins it is 24. Part of that comes from asking winners only: among the wins of one look, with the same power, it is 12.5.
#
# The stagewise estimate is **median-unbiased**: too high as often as too low, over all tests. Among the wins alone it is too high in 5 of 8, if the page
# brings what was planned: the 50 of 100 that are too high are all among the 80 wins.

# %% [markdown]
# ### Visitors who come after the stop
#
# The stop was decided with the data of week 8. If weeks 9 and 10 arrive later (*overrunning*), the result of the test stays that of week 8: report it as it
# is, and the gap of all ten weeks (here 2.01 euros) beside it, as a description. A new p from all ten weeks would be a look that no plan paid for. Where late
# data are certain to come, plan for them (Hampson and Jennison 2013, JRSS B 75, 3-54, DOI 10.1111/j.1467-9868.2012.01030.x).

# %% [markdown]
# ### Other metrics after a stop
#
# A stop on the main metric also picks luck in metrics that move with it. Let a second metric be useless, with a correlation of .8 between users' values:

# %%
second = 0.8 * steps + 0.6 * rng.normal(size=steps.shape)
score = (second.cumsum(axis=1) / look**0.5)[np.arange(len(w)), stop]
print(f"plain 1.96: {100 * (won & (score > 1.96)).mean():.1f} false wins of the second metric in 100")
print(f"bound of that look: {100 * (won & (score > budget.upper[stop])).mean():.2f}")

# %% [markdown]
# Plain reading gives 3.2 false wins in 100 instead of 2.5. With the bound of that look there are about 0.25. Fix the order and the bounds beforehand (Glimm,
# Maurer and Bretz 2010, Statistics in Medicine 29, 219-228, DOI 10.1002/sim.3748).

# %% [markdown]
# ### Real patients: z = 2.24
#
# A trial compared stents and medicine with medicine alone, in 451 patients with a narrowed brain artery (Chimowitz and others 2011, NEJM 365,
# 993-1003, DOI 10.1056/NEJMoa1105335). The table holds strokes within a year. The published endpoint was another: stroke or death within 30 days,
# or later a stroke in the territory of the artery, compared by a log-rank test. So the table cannot replay that trial. It shows a size: suppose it were
# look 2 of 4. The line `arms = …` puts strokes and patients of each group into the form that `ab.proportions` takes; `*` hands over both groups.

# %%
patients = ab.datasets.stents().groupby("group")["stroke"].agg(["sum", "size"])
print(patients)
arms = [ab.Moments.counts(int(row["sum"]), int(row["size"])) for _, row in patients.iterrows()]
harm = ab.proportions(*arms, method="pooled")
print(f"z {harm.estimate / harm.se:.2f}, plain p {harm.pvalue:.3f}")
print("bounds", ab.group_sequential(4, design="obrien_fleming").upper.round(2))

# %% [markdown]
# The plain p is .025. By this plan it is no reason to stop: the bound at look 2 is 2.86. But this plan treats harm like success. The real trial did
# stop early, for harm: give harm its own, lower bound.

# %% [markdown]
# ### Conditional power in one formula
#
# With $B = z\sqrt{t}$ and $\theta$ the average z at the end, one look to come and the bound $c$:
#
# $$P(\text{win}) = 1 - \Phi\!\left(\frac{c - B - \theta (1 - t)}{\sqrt{1 - t}}\right).$$
#
# With more looks to come, the chances of a first crossing at each of them are added up. With a futility bound, `obeyed=False` asks what happens if it is ignored.

# %% [markdown]
# ## References
#
# - Pocock (1977), Biometrika 64, 191-199: one bound for all looks. DOI 10.1093/biomet/64.2.191
# - O'Brien and Fleming (1979), Biometrics 35, 549-556: falling bounds. DOI 10.2307/2530245
# - Wang and Tsiatis (1987), Biometrics 43, 193-199: shapes between the two. DOI 10.2307/2531959
# - Tsiatis, Rosner and Mehta (1984), Biometrics 40, 797-803: intervals after a stop. DOI 10.2307/2530924
# - Jennison and Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials: tables. ISBN 978-0-8493-0316-6

# %% jupyter={"source_hidden": true}
table, second_way = "Jennison and Turnbull 2000", "a second recursion, in the tests"
numbers_checked = ab.teach.checked(
    ("flat bound, five looks", flat.upper[0], 2.413, 5e-4, table + ", table 2.1"),
    ("falling bound, last of five", falling.upper[-1], 2.040, 5e-4, table + ", table 2.3"),
    ("price of the flat bound", ab.inflation(flat), 1.229, 5e-4, table + ", table 2.2"),
    ("price of the falling bound", ab.inflation(falling), 1.028, 5e-4, table + ", table 2.4"),
    ("price of the budget form", ab.inflation(budget), 1.0247, 5e-5, second_way),
    ("green useless pages that win, in 100", kept, 32.4, 4.7, second_way),
    ("plain gap, as a share of the truth", gaps.mean(), 1.093, 0.007, second_way),
)
display(numbers_checked)
ab.teach.finish()
