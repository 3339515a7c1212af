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
# Ines tests a new price page of a travel shop for ten weeks. While the test runs, half of the visitors see the worse page.
# The new page needs another payment service: it pays from 0.50 euros a visitor on. Her manager wants to look every two weeks, and to stop
# early if the page is clearly better.
#
# Ines knows from notebook 07 that plain looks make *false wins*: pages that change nothing and look better. What do five looks cost?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a number of looks, you **plan** a bound for each and its price, and decide whether the looks are worth it.
# - Given a test that runs, you **follow** it look by look, and decide to stop or to go on.
# - Given a test that stopped early, you **report** an honest interval, and decide whether the change pays.

# %%
import numpy as np
import pandas as pd

import abkit as ab

rng = ab.teach.start("10", seed=10)

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
# ## One look: how large is the gap for chance?
#
# After week 2 Ines has 724 visitors in each arm. The gap is treatment minus control. The *standard error* is how far chance
# alone usually moves such a gap. `var` is the
# squared spread of single visitors. Divided by the number of visitors, it is the squared spread of their mean. The two arms add up, and `** 0.5` takes the root.

# %%
first = test[test["week"] <= 2].groupby("arm")["euros"]
mean, squared, n = first.mean(), first.var(), first.size()
gap = mean["treatment"] - mean["control"]
error = (squared / n).sum() ** 0.5
print(f"gap {gap:.2f} euros, standard error {error:.2f}, z {gap / error:.2f}")

# %% [markdown]
# The gap of 1.66 euros is 1.03 standard errors. This is **z**: a gap counted in standard errors. Dashboards turn green above 1.96. Why there?
# Count how often chance alone goes so far.
#
# ## Five plain looks
#
# Now draw 100,000 tests of a page that changes nothing, with five looks. `steps` is what chance adds in two weeks, as a z: with hundreds of
# visitors it follows the normal law. A look holds all visitors so far, so `cumsum` adds the steps up. Four steps spread only √4 times as far
# as one: divide by √look, and it is z again. `axis=1` means: along the looks of a test. Columns count from 0: `z[:, 0]` is the first look.

# %%
steps = rng.normal(size=(100_000, 5))  # chance only, two weeks at a time
look = np.arange(1, 6)
z = steps.cumsum(axis=1) / look**0.5
print(f"outside −1.96 to 1.96 at look 1: {100 * (abs(z[:, 0]) > 1.96).mean():.1f} of 100")
ab.plots.plot_looks(z, 1.96)

# %% [markdown]
# Each line is a test (80 are drawn). A triangle is an alarm: up for a false win, down for a false loss. One look gives 5 alarms in 100, half of
# them wins: this promise is why 1.96 is usual. Five plain looks give 14.2 on average; the title counts this draw. So the bar must be higher.
#
# ## Your first guess: one bound for all looks

# %%
ab.teach.predict("10.p1")

# %% [markdown]
# ## Raise the bar until 5 of 100 are left
#
# A test leaves the bar if its *largest* |z| does (|z| is z without its sign). So take the largest of each test, and find the bar that 5
# of 100 of them pass.

# %%
largest = abs(z).max(axis=1)
bar = np.quantile(largest, 0.95)  # 95 of 100 tests stay below
pocock = ab.group_sequential(5, design="pocock")
print(f"counted {bar:.2f}, exact {pocock.upper[0]:.3f}")
ab.teach.reveal("10.p1", pocock.upper[0])

# %% [markdown]
# A z at which a test stops is called a **bound**. The library computes it without chance: 2.413 at each of five looks (`upper` holds them). Pocock
# proposed this flat bound in 1977.
#
# It is hard on the last look. A gap of 2.2 standard errors after ten weeks would be a win without looks. Now it is none.
#
# O'Brien and Fleming proposed a bound that falls: very high at first, and near 1.96 at the end.

# %%
obrien = ab.group_sequential(5, design="obrien_fleming")
two = {"Pocock": pocock, "O'Brien-Fleming": obrien}
ab.plots.plot_boundaries(two, guess=ab.teach.predicted("10.p1"))

# %% [markdown]
# Thin lines mirror the bounds, for worse. To the right runs the *information*, here the share of users seen. Both
# plans give 5 alarms in 100 useless changes. O'Brien-Fleming asks for 4.56 first and 2.040 at last.
#
# ## Your second guess: the price in users
#
# *Power* is the chance to find a real effect of the planned size; Ines wants 80 in 100. One look finds so many if z at the end is 2.80 on average
# (1.96, and 0.84 more for the 80). Add such an effect to the same draws; it grows like √(share of users). `good > plan.upper` holds each look
# against its own bound, and `.any(axis=1)` asks whether a test passes at some look.

# %%
good = z + 2.80 * (look / 5) ** 0.5
print(f"one look finds {100 * (good[:, 4] > 1.96).mean():.0f} in 100")
for name, plan in two.items():
    print(f"{name} finds {100 * (good > plan.upper).any(axis=1).mean():.0f} in 100")
ab.teach.predict("10.p2")

# %% [markdown]
# To find 80 again, a plan needs more users. `ab.inflation` gives the users at most, `ab.expected_size` the average, both as multiples of the users
# of one look. `effect=0` is a useless page.

# %%
ab.teach.reveal("10.p2", 100 * (ab.inflation(obrien) - 1))
rows = []
for name, plan in two.items():
    rows.append((name, ab.inflation(plan), ab.expected_size(plan), ab.expected_size(plan, effect=0)))
pd.DataFrame(rows, columns=["plan", "at most", "if it works", "if useless"]).round(3)

# %% [markdown]
# *At most* is what you must be ready for. *If it works* is what you use on average
# when the effect is as large as planned: then most tests stop early.
#
# Pocock needs 22.9 per cent more users at most, O'Brien-Fleming 2.8. Both use about a fifth less if the page works, and more if it is
# useless.

# %% [markdown]
# ## Explain the gap between your guess and the price
#
# - Why is the flat bound 2.413 and not 2.576, the z of 1 alarm in 100 at each look?
# - Why does a first bound of 4.56 cost nearly nothing?
#
# <details><summary>Explanation</summary>
# Looks share visitors, so their alarms overlap: five looks with 1 alarm in 100 each give 3.3, not 5. So the bound may be lower. And chance
# passes 4.56 in 5 of a million tests, so nearly all of the 5 in 100 is left for the later looks.
# </details>

# %% [markdown]
# ## Its name: a group-sequential plan
#
# A **group-sequential plan** has a bound for each look, so that all looks together keep one promise. With $t$ the share of the users
# seen so far, the two bounds are
#
# $$\text{Pocock: } z = C, \qquad \text{O'Brien-Fleming: } z = C / \sqrt{t}.$$
#
# For five looks $C$ is 2.413 and 2.040.
#
# ## Looks that may move: a budget of alarms
#
# Looks come late. **Alpha spending** treats alpha, the 5 alarms in 100, as a budget: a rule says how much of it may
# be used up to any time, and each bound is set to use that much. `ab.group_sequential(5)` spends nearly as O'Brien-Fleming does. (`zip` walks through three lists at once.)

# %%
plan = ab.group_sequential(5)
for share, bound, spent in zip(plan.fraction, plan.upper, plan.spent, strict=True):
    print(f"share of users {share:.1f}: bound {bound:.2f}, alarms so far {100 * spent:.2f} in 100")
print(f"users at most: {ab.inflation(plan):.4f}, on average if it works: {ab.expected_size(plan):.3f}")

# %% [markdown]
# The price is 2.5 per cent more users at most. A look may move or be added, but never
# *because of the results*.
#
# Ines plans for 2 euros, with a spread of 30 between visitors: one look needs 3,533 visitors in each arm, 9.8 weeks. Five looks need 3,620, ten weeks. If the page
# brings 2 euros, she stops after 8.0 weeks on average.
#
# ## Explore: looks, shape and price
#
# *Shape* 0 is the falling bound of O'Brien and Fleming, 0.5 is flat (Pocock).
#
# Two goals. Find five looks that cost at most 5 per cent more and can stop at look 2 with z below 3. Then set ten
# looks: what does a flat bound cost?

# %%
panel = ab.explore.boundaries()
panel

# %% [markdown]
# ## The same on paper
#
# Wang and Tsiatis drew these shapes.

# %%
rows = []
for k in (2, 5, 10):
    for shape in (0.0, 0.25, 0.5):
        other = ab.group_sequential(k, design="wang_tsiatis", parameter=shape)
        price = 100 * (ab.inflation(other) - 1)
        rows.append((k, shape, other.upper[0], other.upper[1], other.upper[-1], price))
columns = ["looks", "shape", "first z", "second z", "last z", "more users at most (%)"]
pd.DataFrame(rows, columns=columns).round(2)

# %%
middle = ab.group_sequential(5, design="wang_tsiatis", parameter=0.1)
ab.plots.plot_boundaries({"shape 0.1": middle, "shape 0.5": pocock})

# %% [markdown]
# Ten looks cost 4.0 per cent with the falling bound, 30.1 with the flat one. Shape 0.1 meets the first goal: 4.0 per cent, and 2.98 at look 2.
#
# ## Week 4: follow the test
#
# Ines wrote her plan down: five looks, bounds as above. `ab.effects_at_looks` computes the gap of all visitors so far at each planned
# look that has happened. `ab.monitor` holds them against the bounds. `path.estimate / path.se` is z.

# %%
weeks = (2, 4, 6, 8, 10)
so_far = test[test["week"] <= 4]
path = ab.monitor(ab.effects_at_looks(so_far, looks=weeks, day="week", metric="euros"), plan)
ab.plots.plot_boundaries({"the plan": plan}, path=path.estimate / path.se)

# %% [markdown]
# At week 4 z is 2.16. Above 1.96, so an old dashboard turns green. But the bound is 3.36. Her manager says: "Then tell me
# whether it will win!"
#
# ## Your third guess: green at week 4
#
# The dashboard has an answer. It takes the gap so far for the truth, and computes the chance to cross a later bound. From z = 1.96
# in week 4 on, it promises more than 92 wins in 100.
#
# Now take *useless* changes that are green at week 4, the second look.

# %%
ab.teach.predict("10.p3")

# %%
green = z[z[:, 1] > 1.96]  # useless changes that are green at the second look
wins = (green[:, 1:] > plan.upper[1:]).any(axis=1)  # looks 2 to 5, each against its own bound
kept = 100 * wins.mean()
ab.teach.reveal("10.p3", round(kept, 1))
ab.plots.plot_chances(path, plan)

# %% [markdown]
# Of 100 useless changes that are green at week 4, 31.8 end as a win, on average. Each had a promise of 92 or more. Only 2.5 of 100 useless changes
# are green then: that makes 0.8 of the 2.5 false wins that the plan allows. The plan keeps its promise, the dashboard does not.
#
# The chance to win, given the looks so far and a true effect, is **conditional power**. The picture shows it for three beliefs about the
# page: as large as it looks, as planned, useless. **Predictive power** is the average over all effects that the gap allows, the likely
# ones more: the fourth line.

# %%
for belief in ("estimate", "planned", 0.5, 0):
    print(belief, round(100 * ab.conditional_power(path, plan, effect=belief)))
print("predictive", round(100 * ab.predictive_power(path, plan)))

# %% [markdown]
# The number depends on what you believe: 97, 92, 43 (a page that adds 0.5 euros) or 25. The 31.8 above includes tests with a higher z.
#
# > Warning: conditional power at the estimate is optimistic after a good start. Luck is in the gap so far, and is then taken for the
# > truth of all weeks to come. Show it beside other beliefs, and never call a win because of it: only a bound makes one. Where most ideas
# > fail, predictive power is too hopeful as well.
#
# Ines answers: "92 if the page is what we planned, 25 if it is useless. We go on."
#
# ## Weeks 6 and 8: one bound is crossed

# %%
so_far = test[test["week"] <= 8]
path = ab.monitor(ab.effects_at_looks(so_far, looks=weeks, day="week", metric="euros"), plan)
display(path.to_frame()[["look", "estimate", "se", "crossed"]].round(2))
ab.plots.plot_boundaries({"the plan": plan}, path=path.estimate / path.se)

# %% [markdown]
# At week 6 the gap fell to 2.02 euros: no stop. At week 8 z is 2.95, above 2.29. The plan says stop, two weeks early.
#
# ## After a stop, the plain report says too much
#
# Luck helps to cross a bound. So the plain gap of a win is too large on average, and the plain p too small. **Stagewise order** ranks
# all endings of a test: to stop at an earlier look is more convincing, and at the same look a larger z is. From this order come an
# honest p, interval and estimate.

# %%
end = ab.stagewise(path, plan)
low, high = path.estimate[-1] - 1.96 * path.se[-1], path.estimate[-1] + 1.96 * path.se[-1]
print(f"plain:     {end.plain:.2f} euros, from {low:.2f} to {high:.2f}, p {path.pvalue[-1]:.4f}")
print(f"stagewise: {end.estimate:.2f} euros, from {end.low:.2f} to {end.high:.2f}, p {end.pvalue:.4f}")
earlier = (abs(z[:, :3]) > plan.upper[:3]).any(axis=1)  # useless changes that stop before week 8 …
larger = abs(z[:, 3]) > end.z  # … or have a larger z in week 8
print(f"counted p: {(earlier | larger).mean():.4f}")  # | means: or

# %% [markdown]
# p is how often a useless change ends at least as convincingly, better or worse: 9 in 1,000, not 3. The last line counts it. The interval, all effects that fit the
# data, holds the truth in 95 of 100 tests, over all endings. A **median-unbiased** estimate is too high as often as too low, over
# all tests. Among the wins alone it is too high in 5 of 8, if the page brings what was planned: the 50
# of 100 that are too high are all among the 80 wins.
#
# And the truth? The simulated page adds 2 euros. This test was chosen as an example; only many tests show how good a report is.

# %% jupyter={"source_hidden": true}
plain = ab.Effect.of(path.estimate[-1], path.se[-1], label="plain")
honest = {"estimate": end.estimate, "low": end.low, "high": end.high, "pvalue": end.pvalue}
honest = ab.Effect(label="stagewise", se=path.se[-1], df=np.inf, **honest)
lines = {"it pays": 0.5, "it adds": 2.0}
ab.plots.plot_effects([plain, honest], unit="euros a visitor", marks=lines, against=0.5)

# %% [markdown]
# Both intervals hold the 2 euros that the page adds, and both lie above 0.50. The stagewise one is shifted towards zero: it takes some luck back.
#
# ## Where it bites at work
#
# - A look is added because the gap looks good. Then no bound holds.
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
answer = None  # your code, or its result
display(ab.check("10.3", answer), ab.solution("10.3"))

# %%
ab.exercise("10.4")

# %%
answer = None  # a letter and a number, such as ("a", 12)
display(ab.check("10.4", answer), ab.solution("10.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of your file and its column names into the first two lines, then your planned looks. Each look should add about as many users as
# the one before. If yours come at other times, use `ab.replan`: see "Looks that came late" below. The last two lines report if a bound is crossed or no look is left.

# %%
my_table = test  # or a path, such as "visitors.csv"
names = {"arm": "arm", "control": "control", "day": "week", "metric": "euros"}
my_looks = (2, 4, 6, 8, 10)
my_plan = ab.group_sequential(len(my_looks))
mine = ab.monitor(ab.effects_at_looks(my_table, looks=my_looks, **names), my_plan)
ended = mine.crossed.any() or len(mine.se) == len(my_looks)  # a bound is crossed, or no look is left
ab.stagewise(mine, my_plan) if ended else "no bound crossed: go on"

# %% [markdown]
# The report counts up to the first crossed bound. For Ines it is the one above.
#
# ## The decision you would make
#
# It is week 8, and the bound is crossed. That speaks
# against zero. Does it speak for 0.50? This is harder: if the page adds 2 euros, 80 of 100 tests win, but only 45 end with an interval above 0.50. Write your decision into `choice`, and what would make you change it into `change`.

# %%
ab.teach.decision(
    rule="Stop at the first crossed bound, or after week 10. Interval above 0.50: ship; below: stop; "
    "else inconclusive.",
    evidence=f"Week {weeks[end.look - 1]}, stagewise: {end.low:.2f} to {end.high:.2f} euros a visitor.",
    cost="A year has 38,000 visitors. Shipping a useless page: 19,000 euros. Missing 2 euros: 57,000.",
    choice="", change="", by_rule="ship" if end.low > 0.5 else "inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - Five looks cost at most 2.8 per cent more users with a falling bound, 22.9 with a flat one.
# - Only a bound makes a win. A "chance to win" depends on what you believe.
# - After a stop, report the stagewise interval, and hold it against what pays.
#
# When this advice is wrong: a test without a last day needs a confidence sequence (notebook 11). And a page that breaks is switched off at once, whatever z is.
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
#
# ### Looks that came late
#
# Bounds belong to shares of the *information*, 1/error². If looks came at other shares than planned, `ab.replan` gives the bounds for those that
# came. It needs the standard error planned for the end: spread·√(2/visitors in each arm), here 30·√(2/3,620). When no look follows, `last=True`
# spends what is left of the budget.

# %%
looked = ab.effects_at_looks(test, looks=weeks, day="week", metric="euros")
moved = ab.replan(plan, (0.705 / looked.se) ** 2, last=True)
print("share of the information", moved.fraction.round(3), "bounds", moved.upper.round(2))
ab.stagewise(ab.monitor(looked, moved), moved)

# %% [markdown]
# Ines's looks came nearly on time, so the report is nearly the one above.
#
# ### A plan against what pays
#
# The plan above has power against zero. To find "more than 0.50" in 80 of 100 tests, hold gap − 0.50 against the same bounds. The planned distance shrinks from 2
# to 1.50 euros, so the users grow by (2/1.5)² = 1.78: 6,436 visitors in each arm, 17.8 weeks at most.
#
# ### A futility bound gives up early
#
# A one-sided plan may also stop when success has become unlikely. *Beta spending* spreads the risk of missing a real effect over the looks.
# A *non-binding* bound may be ignored without more false wins. Both bounds:

# %%
alone = ab.group_sequential(5, sides=1, alpha=0.025)
both = ab.group_sequential(5, sides=1, alpha=0.025, futility="obrien_fleming", power=0.8)
print(f"at most: {ab.inflation(alone):.4f} without it, {ab.inflation(both):.4f} with it")
print(f"average of a useless change: {ab.expected_size(both, 0.8, effect=0):.3f}")
ab.plots.plot_boundaries({"with futility": both})

# %% [markdown]
# A useless test ends after 58 per cent of the users of one look, on average. For the same power, it must be ready to run 12.7 per cent longer than the same plan
# without it (1.155 against 1.0247).
#
# One formula in use, $(0.84 - 1.96)/\sqrt t + d\sqrt{nt}$, is worse ($n$: all users, here 2,000; $d$: effect in spreads, here 0.125; upper bound $1.96/\sqrt t$). At the effect it was
# planned for, its lower bound lies above the upper one from look 6 of 10 on, and it gives up 71.6 per cent of such good ideas. `ab.group_sequential` refuses such bounds.

# %% [markdown]
# ### The plain estimate is too large
#
# Take each test's gap at its own end. `argmax` finds the first look at which it is out, counted from 0; a test that never is ends at 4, the last.
# Two lists in the brackets pick one look from each row: row 0 at its own end, row 1 at its own, and so on. z divided by √(share) and by the planned z
# is the gap as a share of the truth.

# %%
drift = 2.836  # z at the last look, on average, where this plan has power .8
w = z + drift * (look / 5) ** 0.5
stopped = abs(w) > plan.upper
stop = np.where(stopped.any(axis=1), stopped.argmax(axis=1), 4)
gaps = w[np.arange(len(w)), stop] / ((stop + 1) / 5) ** 0.5 / drift  # as a share of the truth
won = (w > plan.upper).any(axis=1)
print(f"average gap at the end, as a share of the truth: {gaps.mean():.3f}")
print(f"the same among the wins: {gaps[won].mean():.2f}")

# %% [markdown]
# If the page brings what was planned, the plain gap at the end of the test is 9 per cent too large, on average over all tests. Among the
# wins it is 24. Part of that comes from asking winners only: among the wins of one look, with the same power, it is 12.5.

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
print(f"bound of that look: {100 * (won & (score > plan.upper[stop])).mean():.2f}")

# %% [markdown]
# Plain reading gives 3.2 false wins in 100 instead of 2.5. With the bound of that look there are about 0.25. Fix the order and the bounds beforehand (Glimm,
# Maurer and Bretz 2010, Statistics in Medicine 29, 219-228, DOI 10.1002/sim.3748).

# %% [markdown]
# ### Real patients: z = 2.24
#
# A trial compared stents and medicine with medicine alone, in 451 patients with a narrowed brain artery. The table holds strokes within a year. The published endpoint was another: stroke or death within 30 days,
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
# - Lan and DeMets (1983), Biometrika 70, 659-663: spending. DOI 10.1093/biomet/70.3.659
# - Wang and Tsiatis (1987), Biometrics 43, 193-199: shapes between the two. DOI 10.2307/2531959
# - Tsiatis, Rosner and Mehta (1984), Biometrics 40, 797-803: intervals after a stop. DOI 10.2307/2530924
# - Jennison and Turnbull (2000), Group Sequential Methods with Applications to Clinical Trials: tables of constants. ISBN 978-0-8493-0316-6
# - Lan and Wittes (1988), Biometrics 44, 579-585: conditional power. DOI 10.2307/2531870
# - Chimowitz and others (2011), NEJM 365, 993-1003: the stents. DOI 10.1056/NEJMoa1105335

# %% jupyter={"source_hidden": true}
table, second_way = "Jennison and Turnbull 2000", "a second recursion, in the tests"
numbers_checked = ab.teach.checked(
    ("flat bound, five looks", pocock.upper[0], 2.413, 5e-4, table + ", table 2.1"),
    ("falling bound, last of five", obrien.upper[-1], 2.040, 5e-4, table + ", table 2.3"),
    ("price of the flat bound", ab.inflation(pocock), 1.229, 5e-4, table + ", table 2.2"),
    ("price of the falling bound", ab.inflation(obrien), 1.028, 5e-4, table + ", table 2.4"),
    ("price of the budget form", ab.inflation(plan), 1.0247, 5e-5, second_way),
    ("counted flat bound", bar, 2.413, 0.03, second_way),
    ("green useless changes that win, in 100", kept, 31.8, 4.7, second_way),
    ("plain gap, as a share of the truth", gaps.mean(), 1.093, 0.007, second_way),
)
display(numbers_checked)
ab.teach.finish()
