# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # May you look every day, for as long as you like?
#
# Time: 45 minutes. Needs: notebook 07, or the recap below. Runs on: any laptop, no network.
# Previous: [10 Group-sequential tests](10_group_sequential.ipynb). Next: [13 CUPED](13_cuped.ipynb).
#
# ## The story: a form that must be watched
#
# Noor runs the booking site of a chain of clinics: 1,000 visitors a day, 10 in 100 book. Half now get a shorter form. It
# uses an address service for 400 euros a day. A booking brings 40 euros. So, with all 1,000 visitors, the form pays from 10 more bookings a day on: 1 in
# 100, or 1 *point*.
#
# A worse form must stop at once, so Noor looks every morning, without a last day. Which number may she read?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given data that arrive daily, you **monitor** an effect at every look, and decide on any day.
# - Given the effect that you expect, you **set** one number before the data, and decide what endless looks cost you.
# - Given somebody's "always valid" code, you **test** its promise, and decide whether to trust it.

# %%
import numpy as np
import pandas as pd
from scipy.stats import norm  # the bell curve

import abkit as ab

rng = ab.teach.start("11", seed=2)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# A recap. The *standard error* is how far chance alone usually moves the gap between two versions. If you look once, chance moves it by more than 1.96
# standard errors in only 5 of 100 tests. So the plain rule calls a larger gap an effect; if there is none, that is a false *alarm*. The plain 95 per
# cent interval reaches 1.96 standard errors to each side of the gap. It holds the true effect in 95 of 100 tests.

# %%
display(ab.teach.quiz("11.q1"), ab.teach.quiz("11.q2"), ab.teach.quiz("11.q3"))

# %% [markdown]
# ## Noor's table has one row a visitor
#
# It is simulated; later you learn the truth. The mean of `percent`, 0 or 100, is the booking rate in per cent.

# %%
form = ab.datasets.booking_form_test()
form["percent"] = 100 * form["booked"]
form.head()

# %% [markdown]
# - `day`: 1 to 60, with 500 new visitors a day in each arm.
# - `arm`: the version that the visitor saw. Control is the old form, treatment the shorter one.
# - `booked`: 1 or 0.
#
# ## Day 1: a gap, and how far chance moves it
#
# The gap is the mean of treatment minus that of control, in points. `ab.effects_at_looks` computes it for every morning, from all
# visitors so far: `estimate` is the gap, `se` its standard error. `[0]` is the first morning: Python counts from 0.

# %%
daily = ab.effects_at_looks(form, looks=range(1, 61), metric="percent")
gap = daily.estimate[0]
error = daily.se[0]
print("gap", round(gap, 2), "points, standard error", round(error, 2))

# %% [markdown]
# ## Is it chance, or an effect?
#
# We compare two worlds. In the first, 10,000 forms change nothing: only chance moves their gaps. In the second, 10,000 forms change something: their
# true effects lie around 0, some up, some down, usually about 2 points away. (The 2 is Noor's choice.)
#
# `rng.normal(0, 2, 10_000)` draws 10,000 numbers around 0, usually about 2 away.
#
# In the picture, the bars are the gaps of both worlds, the lines the bells that they follow: narrow without effects, wide with them. A height: how many of 100 forms
# lie there, per point.

# %%
useless = rng.normal(0, error, 10_000)  # chance only
effects = rng.normal(0, 2, 10_000)  # true effects, up or down
others = effects + rng.normal(0, error, 10_000)  # the effect, and chance on top
ab.plots.plot_bet(gap, error, 2, draws=(useless, others))

# %% [markdown]
# At Noor's gap the heights are 5.98 and 8.00: the second world shows such a gap 1.34 times as often.
#
# ## A bet against "no effect"
#
# How strongly does the gap speak against "no effect"? Noor counts it in play money: she bets 1 euro on the second world. It becomes the wide height over
# the narrow height: 1.34 euros. A gap that the second world shows more often pays, a gap near 0 costs. (Below you see why this payment is fair.)
#
# `norm.pdf(gap, 0, error)` is the height of a bell around 0. The wide bell holds two spreads, chance and effects. They add as
# squares: 1.89² + 2² = 2.75². `** 0.5` is the root, `tau` the 2.

# %%
def money_of(gap, error, tau=2):
    wide = (error**2 + tau**2) ** 0.5
    return norm.pdf(gap, 0, wide) / norm.pdf(gap, 0, error)

for day in (1, 2, 5, 9, 10):
    gap = daily.estimate[day - 1]
    error = daily.se[day - 1]
    money = money_of(gap, error)
    print("day", day, "gap", round(gap, 2), "error", round(error, 2), "euros", round(money, 2))

# %% [markdown]
# It is one bet: each morning the euro of day 1 is valued anew, with all visitors so far. On day 5 the gap is small, and the euro is worth less
# than 1. On day 10 it is 31.5 euros. Is that much? It depends on what a *useless* form can reach.
#
# ## Your first guess
#
# Noor looks at a useless form every morning for a year, and stops when she owns 20 euros.

# %%
ab.teach.predict("11.p1")

# %% [markdown]
# ## Ten thousand useless forms, a year long
#
# We play and count. `lift` is the true effect, 0 for a useless form. Chance moves the gap of one day's visitors by 1.9 points, Noor's 1.89 rounded.
# The gap so far is the mean of the daily gaps, `total / day`. Four times the days, half its error (question 2), hence the root.
#
# `np.ones((forms, days))` is a table of ones: a row a form, a column a day. `money[:, day - 1]` is the column of that day.
# Then `paths.max(axis=1)` is the largest number of each row: the most that each form ever reached.

# %%
def money_paths(lift, days, tau=2, forms=10_000):
    money = np.ones((forms, days))
    total = np.zeros(forms)
    for day in range(1, days + 1):
        today = rng.normal(lift, 1.9, forms)  # the gaps of today's visitors
        total = total + today
        money[:, day - 1] = money_of(total / day, 1.9 / day**0.5, tau)
    return money

# %%
paths = money_paths(0, 365)
reached = 100 * (paths.max(axis=1) >= 20).mean()
ab.teach.reveal("11.p1", round(reached, 1))
ab.plots.plot_money(paths, guess=ab.teach.predicted("11.p1"))

# %% [markdown]
# Each line is the money of one useless form; the axis goes in tenfold steps. Most lose nearly all. A triangle is a form that reaches 20 euros. The
# first 100 forms are drawn, the title counts all 10,000. So 2.7 of 100 reach 20 euros in a year of daily looks.
#
# ## Why so few: the bet is fair
#
# Follow 1,000 useless forms on day 1, each with 1 euro. `forms` says how many show each gap, in bars of 1 point. `each` is what each of them
# owns then, `together` what they own together.

# %%
error = daily.se[0]  # day 1 again
table = pd.DataFrame({"gap": np.arange(-12, 13)})  # -12, -11, ..., 12
table["forms"] = 1_000 * norm.pdf(table["gap"], 0, error)
table["each"] = money_of(table["gap"], error)
table["together"] = table["forms"] * table["each"]
print(table[["forms", "together"]].sum().round(1))  # the two sums
table[table["gap"].between(0, 6)].round(2)  # the gaps from 0 to 6

# %% [markdown]
# At a gap of 3, 60 forms own 1.34 euros each, 80 euros together. `forms` is the narrow bell, `each` is wide over narrow: narrow cancels, and wide
# remains. So the last column is the wide bell, and adds up to 1,000 too:
# on average 1 euro each, as at the start.
#
# Later mornings are fair too: who owns 1.34 euros owns 1.34 on average tomorrow (see "Going further"). Money whose average
# stays, whatever happened so far, is a **martingale**: a fair game.

# %% [markdown]
# ## Why 20 euros
#
# Stop each bet at 20 euros. The game stays fair: on average the 1,000 forms own 1,000 euros. If on average 51 reached 20 euros, these alone would
# own 51 × 20 = 1,020: too much. So on average *at most* 50 of 1,000 get there, 5 of 100, however often she looks (Ville 1939).
#
# > Myth: endless looks must bring more and more false alarms. They do with the plain rule: 28 of 100 useless forms in 30 mornings, 47 in
# > a year. The bet has 2.7 in a year, never more than 5.

# %% [markdown]
# ## Which effects are still standing on day 10?
#
# On day 10 Noor owns 31.5 euros against "no effect", more than 20: 0 is out.
#
# What about "the form adds 1 point"? Then chance made only the rest of the gap, `gap - 1`. So the bet against 1 point pays `money_of(gap - 1, error)`.

# %%
gap = daily.estimate[9]  # day 10
error = daily.se[9]
for effect in (0, 1, 2, 3, 4, 5):
    print("against", effect, "points:", round(money_of(gap - effect, error), 2), "euros")

# %% [markdown]
# Against 0, 4 and 5 points she owns more than 20 euros: they are out. 1, 2 and 3 are still standing. Where is the border? Try all effects from −10
# to 10, in steps of 0.001. `effects[money < 20]` keeps those that stand:

# %%
effects = np.arange(-10, 10, 0.001)
money = money_of(gap - effects, error)
standing = effects[money < 20]
print("from", round(standing.min(), 2), "to", round(standing.max(), 2), "points")

# %% [markdown]
# Every morning gives such an interval. The bet against the *true* effect is fair, so the truth is out on some morning in at most 5 of 100 tests.
# Intervals that hold the truth on *all* mornings, in at least 95 of 100 tests, are a **confidence sequence**. A plain 95 per cent interval does so
# on one planned morning only.
#
# `ab.msprt` gives the interval of every morning. The bet's name is **mSPRT**, mixture sequential probability ratio test: the second
# world mixes many effects. `ten` holds the ten mornings that Noor has seen.

# %%
path = ab.msprt(daily, tau=2)
print("day 10: from", round(path.low[9], 2), "to", round(path.high[9], 2), "points")
ten = ab.effects_at_looks(form[form["day"] <= 10], looks=range(1, 11), metric="percent")
ab.plots.plot_sequence(ab.msprt(ten, tau=2), worth=1, unit="points", by="day")

# %% [markdown]
# The band is the interval of each morning, the line the gap. At the square, on day 10, the band leaves zero: from 0.10 to 3.94 points. A dashboard calls
# that "significant". Does it pay? 1 point is inside: perhaps not. So Noor goes on, which a confidence sequence always allows.
#
# ## Your second guess: the price
#
# An interval for every morning is wider than the plain one. How much?

# %%
ab.teach.predict("11.p2")

# %% [markdown]
# The plain interval reaches 1.96 standard errors from the gap. How many does this one? Search as before. If the effect lies `away` standard errors
# from the gap, chance made `away * error` points of it. `standing` keeps those with less than 20 euros. `[… for day in days]` lists the result of
# each day; `np.ones(60)` is the plain interval, 1 on each day.

# %%
def times_as_wide(error, tau=2):
    away = np.arange(0, 30, 0.0001)
    standing = away[money_of(away * error, error, tau) < 20]
    return standing.max() / 1.96

days = np.arange(1, 61)
wide = [times_as_wide(1.9 / day**0.5) for day in days]
ab.teach.reveal("11.p2", round(min(wide), 2))
ab.plots.plot_price(days, wide, np.ones(60), guess=ab.teach.predicted("11.p2"), by="day", log=False)

# %% [markdown]
# At best, on day 7, it is 1.55 times as wide as the plain interval, the blue line. It is 1.83 on day 1, where the bells look alike, so that only a
# far gap makes 20 euros, and 1.64 on day 60.
#
# And in visitors? Four times the visitors halve a width; 1.55² = 2.40 times the visitors divide it by 1.55.
#
# ## Explain the gap between your guess and 1.55
#
# Mornings without end: why is the interval not ten times as wide?

# %% [markdown]
# <details><summary>Explanation</summary>
# The mornings share their visitors. A gap that is far off today is mostly far off tomorrow, so one more morning adds little new risk.
# </details>
#
# ## Your third guess: the number that nobody set
#
# How far the effects of the second world usually lie from 0 is called **tau**: the 2 of the wide bell, fixed before the data. Some programs always set tau = 1. For
# a rate written as a share, such as 0.10, that is 100 points.
#
# Take forms that add 2 points; chance stays 1.9 points a day. Noor *finds* such a form if she owns 20 euros against "no effect" on one of 20 mornings,
# with 10,000 visitors in each arm by then.

# %%
ab.teach.predict("11.p3")

# %%
paths = money_paths(2, 20, tau=100)  # forms that add 2 points
far = 100 * (paths.max(axis=1) >= 20).mean()
ab.teach.reveal("11.p3", round(far))
ab.plots.plot_tau(2.0, 10_000, looks=20, guess=ab.teach.predicted("11.p3"))

# %% [markdown]
# The line: forms found, by tau. At the true 2 points it is 96; one planned look on day 20 finds 99.7. At 100 points it is 77: that wide bell is
# flat and low everywhere. At 0.2 it is 13: the bells look alike, so the euro hardly grows. Every tau keeps the promise. Set it near the effect that
# you expect.
#
# ## Explore: where is the interval tight?
#
# The square is the tightest interval; the title says how wide it is at the end. Two goals, at 10,000 visitors (*users*) in each arm. First: the largest tau
# whose square stands at the end. Second, to see how wrong tau may be: the largest whose title says 1.70.

# %%
panel = ab.explore.always()
panel

# %% [markdown]
# *Power* in the title: how many of 100 forms are found, in 50 looks. Now set your own users and effect (*lift*).
#
# <details><summary>What you should have found</summary>
# First goal: 1.2 points. Second goal: 5.4 points. A tau 4.5 times too large makes the interval only a tenth wider.
# </details>
#
# ## The same on paper
#
# How many times as wide, on three days:

# %%
for tau in (0.5, 1, 2, 5, 20):
    first = round(times_as_wide(1.9, tau), 2)
    seventh = round(times_as_wide(1.9 / 7**0.5, tau), 2)
    last = round(times_as_wide(1.9 / 20**0.5, tau), 2)
    print("tau", tau, "day 1:", first, "day 7:", seventh, "day 20:", last)

# %% [markdown]
# Here tau 5 is tightest on day 1, tau 2 on day 7, tau 1 on day 20: a smaller tau is tight later. tau 20 is too large for all three.
#
# ## Where it bites at work
#
# - tau is changed because of the data. Then no promise holds.
# - A program says "always valid". Feed it useless changes: one such code alarms in 83 of 100 ("Going further").
#
# ## Exercises

# %%
ab.exercise("11.1")

# %%
answer = None  # such as 0.25
display(ab.check("11.1", answer), ab.solution("11.1"))

# %%
ab.exercise("11.2")

# %%
answer = None  # a letter, such as "b"
display(ab.check("11.2", answer), ab.solution("11.2"))

# %%
ab.exercise("11.3")

# %%
answer = None  # your code, or its result, such as 1.5
display(ab.check("11.3", answer), ab.solution("11.3"))

# %%
ab.exercise("11.4")

# %%
answer = None  # a letter and a number, such as ("a", 12)
display(ab.check("11.4", answer), ab.solution("11.4"))

# %% [markdown]
# ## Your own table
#
# One row a visitor. Put the path of your file and its column names into the top lines, then your numbers below. `**names`
# hands the names over, `[-1]` is the last day. Now the cell reads Noor's first 20 days.

# %%
my_table = form[form["day"] <= 20]  # or a path, such as "visitors.csv"
# the second "control" is the name of the old version, as your arm column writes it
names = {"arm": "arm", "control": "control", "day": "day", "metric": "percent"}
my_tau = 2  # in points if the metric is 0 or 100; for a metric of 0 or 1 it is 0.02
my_worth = 1  # the smallest effect that pays, in the same unit
my_days = range(1, 21)
mine = ab.msprt(ab.effects_at_looks(my_table, looks=my_days, **names), tau=my_tau)
low, high = mine.low[-1], mine.high[-1]
ab.plots.plot_sequence(mine, worth=my_worth, unit="points", by="day")

# %% [markdown]
# ## The decision you would make
#
# It is day 20. The rule was set before the data. A useless form costs 400 euros a day for the service: while it waits, and without end once
# shipped. A form of 2 points that waits costs as much: the 500 visitors a day with the old form would make 10 more bookings.
#
# `rule` is what her rule gives. In the memo, `f` puts numbers in place of the braces; `:.2f` prints two digits. Write your decision into `choice`
# (extend: go on looking), what would change it into `change`.

# %%
rule = "extend"
if low > my_worth:
    rule = "ship"
if high < my_worth:
    rule = "stop"

# %%
ab.teach.decision(
    rule=f"Any day: interval above the {my_worth} that pays: ship; below it: stop; else extend.",
    evidence=f"Day {my_days[-1]}: from {low:.2f} to {high:.2f}.",
    cost="Shipping a useless form: 400 euros a day, without end. Waiting, with either: 400 euros a day.",
    choice="", change="", by_rule=rule,
)

# %% [markdown]
# ## What Noor saw next
#
# Run this after you have decided. In truth her form adds 2 points.

# %%
ab.plots.plot_sequence(path, worth=1, truth=2, unit="points", by="day")

# %% [markdown]
# At the triangle, on day 43, the interval lies above 1 point for the first time: from 1.11 to 3.03. Noor ships.
#
# ## Take-aways
#
# - A useless change reaches 20 euros in at most 5 of 100 tests, whenever you look.
# - The price: an interval at best 1.55 times as wide as a plain one. Set tau near the effect that you expect.
# - "Zero is out" is not "it pays". Hold the interval against what pays.
#
# When this advice is wrong: a test with a last day. Some planned looks (notebook 10) cost far fewer visitors than the bet ("Going further"). With few
# bookings in an arm the promise can fail.
#
# ## Exit questions

# %%
display(ab.teach.quiz("11.q4"), ab.teach.quiz("11.q5"), ab.teach.quiz("11.q6"))

# %% [markdown]
# ## Going further
#
# ### The formula, and a p-value for every morning
#
# With z = gap/error and r = tau²/error² the two heights give (Robbins 1970; Johari and others 2022)
#
# $$\text{money} = \frac{1}{\sqrt{1+r}}\, \exp\!\left(\frac{z^2}{2}\,\frac{r}{1+r}\right).$$
#
# 1 over the most money so far is an *always-valid p-value*: at most 5 of 100 useless forms ever get below .05. `path.pvalue` holds it.

# %%
most = max(money_of(daily.estimate[:10], daily.se[:10]))
print(f"day 10: 1 over the most money {1 / most:.3f}, p {path.pvalue[9]:.3f}")

# %% [markdown]
# ### The next morning is fair too
#
# A form showed a gap of 3 on day 1. Weigh its money on day 2 by how often chance makes each new gap:

# %%
error = daily.se[0]
new = np.arange(-15, 15, 0.01)  # possible gaps of the visitors of day 2
chance = norm.pdf(new, 0, error) * 0.01  # how often chance makes each of them
print(f"a gap of 3 on day 1: {money_of(3, error):.3f} euros")
both = (3 + new) / 2  # the gap of both days
print(f"day 2 after it, on average: {(chance * money_of(both, error / 2**0.5)).sum():.3f} euros")

# %% [markdown]
# Not so the average of 1/money: for a useless form it is 2.40 on day 9, with 1.9 points of chance a day. The money is a martingale, 1 over it is not.
#
# ### The price in visitors is milder than the width
#
# Let Noor want to find 80 of 100 forms that add 2 points: the interval leaves zero on some of 50 looks. `price` is exact for equal steps and
# spreads. The cell is folded.

# %% jupyter={"source_hidden": true}
from abkit.sequential.looking import price

one = ab.sample_size(2.0, sd=30.0).n_control  # sd of `percent`: √(10·90)
works = price(2.0, 6_000, 2.0)  # tau, last visitor, true effect
none = price(2.0, 6_000, 0.0)
print(f"one look: {one:,} visitors in each arm; always: up to 6,000, power {works.power:.2f}")
most_users, mean, mean_useless = 6_000 / one, works.users / one, none.users / one
print(f"at most {most_users:.2f}, if it works {mean:.2f}, if useless {mean_useless:.2f}")

# %% [markdown]
# By its width, Noor's interval of day 7 is about as wide as a plain one of day 3 (7 / 2.40 = 2.9): 140 per cent more visitors. To find the form she
# needs at most 70 per cent more visitors than one look, because any morning may find it. Forty planned looks (notebook 10) need at most 5 per cent
# more. The bet takes on average 4 per cent more if the form adds the planned 2 points, and 68 per cent more if it adds nothing. To lie above 1
# point instead takes about four times as many visitors, with either.

# %% [markdown]
# All numbers for 2 points keep the chance of a 10 per cent rate in both arms. At 12 per cent, treatment moves more: 1.98 points a day, not 1.9.
# Then, in 20 looks, tau of 2 points finds 95 of 100, not 96, and tau of 100 points finds 71, not 77.

# %% [markdown]
# ### The gap on the stopping morning is too large
#
# Take 5,000 forms that add 2 points, and read the gap on the morning on which the band leaves zero. `argmax` finds the first True of each row.

# %%
day = np.arange(1, 61)
gaps = rng.normal(2, 1.9, size=(5_000, 60)).cumsum(axis=1) / day
out = money_of(gaps, 1.9 / day**0.5) >= 20
stop = out.argmax(axis=1)  # the first morning outside
claims = gaps[np.arange(5_000), stop]
print(f"mornings {stop.mean() + 1:.1f}, gap {claims.mean():.2f} points, truth 2")

# %% [markdown]
# It takes 9.1 mornings on average. The gap shows 2.4 points then, for a truth of 2: luck helps to leave zero. The *interval* keeps its promise.
# Report it, not the gap.
#
# ### Three ways to lose the promise
#
# The code of these cells is folded, because it needs some array work: read what is printed, a share of false alarms with its error.
#
# **A variance estimated too early.** The proof wants a known variance. Normal data, read from n = 2 in each arm up to 500, tau one standard deviation, variance
# estimated at each look:

# %% jupyter={"source_hidden": true}
def running(x):
    n, total, squares = np.arange(1, x.shape[1] + 1), x.cumsum(axis=1), (x * x).cumsum(axis=1)
    return (total / n)[:, 1:], ((squares - total**2 / n)[:, 1:] / (n[1:] - 1)) / n[1:]


def rich(gap, error, tau):
    r = (tau / error) ** 2
    return (gap / error) ** 2 * r / (1 + r) - np.log1p(r) > 2 * np.log(20)


def say(name, alarms):
    rate = alarms.mean()
    ab.teach.report({name: (rate, (rate * (1 - rate) / len(alarms)) ** 0.5)})


(mean_c, var_c), (mean_t, var_t) = (running(rng.normal(size=(4_000, 500))) for _ in range(2))
alarm = rich(mean_t - mean_c, (var_c + var_t) ** 0.5, tau=1)
say("read from n = 2", alarm.any(axis=1))
say("read from n = 30", alarm[:, 28:].any(axis=1))

# %% [markdown]
# So `ab.msprt` starts to read at 30 units in the smaller arm (`burn_in`).
#
# **Few events.** A rate of 1 per cent, nine visitors in control for one in treatment. We read from 30 visitors in the small arm on, at each new one
# up to 1,000. Thirty visitors hold 0.3 events.

# %% jupyter={"source_hidden": true}
small = np.arange(1, 1_001)
hits_t, hits_c = (rng.binomial(k, 0.01, (2_000, 1_000)).cumsum(axis=1)[:, 29:] for k in (1, 9))
nt, nc = small[29:], 9 * small[29:]
pt, pc, pool = hits_t / nt, hits_c / nc, (hits_t + hits_c) / (nt + nc)
variances = {"each arm's own variance": pt * (1 - pt) / nt + pc * (1 - pc) / nc,
             "pooled variance": pool * (1 - pool) * (1 / nt + 1 / nc)}
for name, v in variances.items():
    alarm = rich(pt - pc, np.maximum(v, 1e-12) ** 0.5, tau=0.01)
    say(name, (alarm & (v > 0)).any(axis=1))

# %% [markdown]
# An arm without an event has variance 0: its 0 per cent looks certain, so its own bad luck looks like proof. Wait for some tens of *events* in the
# smaller arm; the pooled variance mends only the test of zero.
#
# **Wrong code.** This one calls itself a mixture test. It computes z from the *last* batch of 10 in each arm, but counts *all* users in n, and forgets sigma.

# %% jupyter={"source_hidden": true}
batch_c, batch_t = (rng.binomial(10, 0.5, (4_000, 500)) / 10 for _ in range(2))
spread = (batch_c * (1 - batch_c) + batch_t * (1 - batch_t)) / 10
z2 = np.divide((batch_t - batch_c) ** 2, spread, out=np.zeros_like(spread), where=spread > 0)
n_arm = 10 * np.arange(1, 501)
say("wrong code, to 5,000 users in each arm", (np.exp(z2 / 2) / np.sqrt(1 + 2 * n_arm) > 20).any(axis=1))
counts = ((10 * b).cumsum(axis=1).round() for b in (batch_c, batch_t))
right = ab.z_test(*(ab.Moments.counts(hits, n_arm) for hits in counts))
say("the library, same data", ab.msprt(right, tau=0.05).crossed[:, -1])

# %% [markdown]
# ### Days of the same users do not add
#
# Users return. The *intraclass correlation* is the correlation of two days of one user. Add d days as if they were new users, and the standard error is too small by
# $\sqrt{1 + (d-1)\,\mathrm{ICC}}$. Sums in *buckets*, hashed by the user, add over days: a user is always in the same bucket. Here the correlation is .1, and d is 14.

# %% jupyter={"source_hidden": true}
own = rng.normal(size=(1_000, 2, 100, 1)) * 0.1**0.5
y = own + rng.normal(size=(1_000, 2, 100, 14)) * 0.9**0.5
naive = ab.z_test(*(ab.Moments.of(y[:, arm].reshape(1_000, -1)) for arm in (0, 1)))
cells = y.sum(axis=3).reshape(1_000, 2, 50, 2).sum(axis=3)  # 50 buckets of two users
honest = ab.BucketSums(cells, np.full(cells.shape, 28.0), "clinic").effect()
say("days added as new users", naive.pvalue < 0.05)
say("bucket sums", honest.pvalue < 0.05)

# %% [markdown]
# `ab.Watch` keeps the looks of such sums, one a day, and can be stored as text between them. `share` is the part of the information, 1 over error²,
# that the target error of 0.06 needs: .66 on day 12. Its interval is an mSPRT again, with the tau that makes it tightest at that error.

# %%
sums, watch = ab.BucketSums.empty("clinic"), ab.Watch(target_se=0.06)
for today in range(1, 13):
    user = rng.integers(0, 4_000, 1_000)
    treated = user % 2 == 1
    sums = sums.add(user, treated, rng.normal(10 + 0.5 * treated, 4))
    watch = ab.Watch.from_json(watch.look(today, sums.effect()).to_json())  # stored and read again
print(watch.progress())
watch.path().to_frame()[["look", "estimate", "low", "high", "crossed"]].tail(3).round(2)

# %% [markdown]
# ### The family: which sequence for which data
#
# - Means, many users: `ab.confidence_sequence` with `n_opt` and `burn_in` (Waudby-Smith and others 2024).
# - One rate, exact: `ab.bernoulli_sequence` (Howard and others 2021).
# - Bounded values, exact: `ab.betting_sequence` (Waudby-Smith and Ramdas 2024).

# %%
bet = ab.betting_sequence(rng.beta(2, 6, 400), alpha=0.05, bounds=(0, 1))
booked = np.cumsum(rng.random(400) < 0.1)
exact = ab.bernoulli_sequence(booked, np.arange(1, 401), alpha=0.05, n_opt=400)
for name, seq in (("betting, truth .25", bet), ("one rate, truth .1", exact)):
    ab.teach.report({f"{name}, low": seq.low[-1], f"{name}, high": seq.high[-1]})

# %% [markdown]
# Both intervals may be read after every user.

# %% [markdown]
# ## References
#
# - Ville (1939), Étude critique de la notion de collectif, Gauthier-Villars: the inequality
# - Robbins (1970), Annals of Mathematical Statistics 41, 1397-1409: the normal mixture. DOI 10.1214/aoms/1177696786
# - Howard and others (2021), Annals of Statistics 49, 1055-1080: confidence sequences. DOI 10.1214/20-AOS1991
# - Johari and others (2022), Operations Research 70, 1806-1821: always-valid p-values. DOI 10.1287/opre.2021.2135
# - Waudby-Smith and Ramdas (2024), JRSS B 86, 1-27: betting. DOI 10.1093/jrsssb/qkad009
# - Waudby-Smith and others (2024), Annals of Statistics 52, 2613-2640: asymptotic sequences. DOI 10.1214/24-AOS2408

# %% jupyter={"source_hidden": true}
recursion, quadrature = "a second recursion, in the tests", "a search by quadrature, in the tests"
simulation = "a second simulation, in the tests"
numbers_checked = ab.teach.checked(
    ("useless forms that reach 20 euros, of 100", reached, 2.70, 1.2, recursion),
    ("times as wide at best", min(wide), 1.5485, 2e-3, quadrature),
    ("found of 100 with tau of 100 points", far, 77.0, 2.2, recursion),
    ("mornings until zero is left", stop.mean() + 1, 9.10, 0.4, recursion),
    ("gap on that morning, points", claims.mean(), 2.42, 0.07, simulation),
    ("visitors at most, by one look", most_users, 1.70, 5e-3, recursion),
    ("visitors on average if it works", mean, 1.04, 5e-3, recursion),
    ("visitors on average if useless", mean_useless, 1.68, 5e-3, recursion),
)
display(numbers_checked)
ab.teach.finish()
