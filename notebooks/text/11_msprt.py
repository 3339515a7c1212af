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
# uses an address service for 400 euros a day. A booking brings 40 euros. So, once all 1,000 get it, the form pays if it adds 10 bookings a day: 1 point.
#
# A worse form must stop at once, so Noor looks every morning. No last day is fixed. Which number may she read every day?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given data that arrive daily, you **monitor** an effect at every look, and decide on any day.
# - Given the effect that you expect, you **set** one number before the data, and decide what endless looks cost you.
# - Given somebody's "always valid" code, you **test** its promise, and decide whether to trust it.

# %%
import numpy as np
from scipy.stats import norm  # the bell curve

import abkit as ab
from abkit.sequential.looking import price  # what a bet costs

rng = ab.teach.start("11", seed=8)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("11.q1", "a")`. A guess is fine.
#
# A recap: the *standard error* is how far chance alone usually moves a gap. In one look, chance moves it by more than 1.96 standard errors in only 5 of 100
# tests. So the plain rule calls a larger gap an effect.

# %%
display(ab.teach.quiz("11.q1"), ab.teach.quiz("11.q2"), ab.teach.quiz("11.q3"))

# %% [markdown]
# ## Noor's table has one row a visitor
#
# It is simulated. Later you learn what its form really does. `percent` is 0 or 100, so that its mean is the booking rate in per cent.

# %%
form = ab.datasets.booking_form_test()
form["percent"] = 100 * form["booked"]
form.head()

# %% [markdown]
# - `visitor`: one visitor. `day`: day of the visit, 1 to 60, with 500 new visitors a day in each arm.
# - `arm`: the version of the form that the visitor saw. Control is the old form, treatment the shorter one.
# - `booked`: 1 or 0. `percent`: the same as 100 or 0.
#
# ## Day 1: a gap, and how far chance moves it
#
# The gap is the mean of treatment minus that of control, in percentage points. `ab.effects_at_looks` computes it every morning, from all
# visitors so far. `se` is its standard error.

# %%
daily = ab.effects_at_looks(form, looks=range(1, 61), metric="percent")
gap, error = daily.estimate[0], daily.se[0]  # the first morning
print(f"gap {gap:+.2f} points, standard error {error:.2f}")

# %% [markdown]
# ## A bet against "no effect"
#
# Noor may bet with 1 euro. Two stories compete about her gap:
#
# - *No effect*: only chance moves the gap. A narrow bell around 0, as wide as the standard error.
# - *An effect of about 2 points*, up or down, and chance on top. A wider bell.
#
# A bell is high where gaps are likely. The bet pays the height of the wide bell over the height of the narrow one:
# how many times as likely the gap is under an effect.

# %%
ab.plots.plot_bet(gap, error, 2)

# %% [markdown]
# A gap of 3 points fits the wide bell 1.34 times as well, so her euro becomes 1.34 euros. A gap near 0 would fit the narrow bell better, and she
# would lose.
#
# ## The next mornings: the narrow bell narrows
#
# With more visitors the standard error falls. `norm.pdf(x, 0, width)` is the height of a bell around 0. The wide bell holds two
# widths, chance and effect. Such widths add as squares: error² + 2², then the root. The 2 is called `tau` in the code.

# %%
def money_of(gap, error, tau=2):
    wide = (error**2 + tau**2) ** 0.5
    return norm.pdf(gap, 0, wide) / norm.pdf(gap, 0, error)

for day in (1, 2, 5, 9, 10):
    gap, error = daily.estimate[day - 1], daily.se[day - 1]
    print(f"day {day:2}: gap {gap:+.2f}, error {error:.2f}, money {money_of(gap, error):6.2f} euros")

# %% [markdown]
# The money falls below 1 euro when the gap shrinks. On day 10 it is 31.5 euros. Is that much? It depends on what a *useless* form can reach.
#
# ## Your first guess
#
# Take useless forms: no effect at all. Noor looks every morning for a whole year, and stops when she owns 20 euros.

# %%
ab.teach.predict("11.p1")

# %% [markdown]
# ## Ten thousand useless forms, a year long
#
# `today` is the gap of each day's visitors alone, chance only: 1.9 is the standard error of one day. `cumsum(axis=1)` adds the days up, so `gaps` is the
# gap of all visitors so far, and its error falls with the root of the days. Rows are tests, columns are days; `any(axis=1)` asks for each test: on some day?

# %%
day = np.arange(1, 366)
today = rng.normal(0, 1.9, size=(10_000, 365))  # useless forms
gaps = today.cumsum(axis=1) / day
money = money_of(gaps, 1.9 / day**0.5)
reached = 100 * (money >= 20).any(axis=1).mean()
ab.teach.reveal("11.p1", round(reached, 1))
ab.plots.plot_money(money, guess=ab.teach.predicted("11.p1"))

# %% [markdown]
# Each line is the money of one useless form (100 are drawn). Most lose nearly all. A few have a lucky week. Exactly 2.7 of 100 ever reach 20 euros, in a year of
# daily looks. The plain rule, a gap outside 1.96 standard errors, alarms in 28 of 100 within 30 days (notebook 07).
#
# ## Why so few: a fair bet
#
# The bet is fair if the form is useless. Weigh the money of each possible gap by how often chance makes that gap, and add up. Then do the same one
# morning later, for a form that showed a gap of 3 on day 1:

# %%
new = np.arange(-15, 15, 0.01)  # possible gaps of one day's visitors
chance = norm.pdf(new, 0, 1.9) * 0.01  # how often chance makes each of them
print(f"day 1, on average: {(chance * money_of(new, 1.9)).sum():.3f} euros")
print(f"a gap of 3 on day 1: {money_of(3, 1.9):.3f} euros")
both = (3 + new) / 2  # the gap of both days
print(f"day 2 after it, on average: {(chance * money_of(both, 1.9 / 2**0.5)).sum():.3f} euros")

# %% [markdown]
# She starts with 1 euro and expects 1 euro. Who owns 1.33 euros expects 1.33 euros tomorrow. Money whose average stays, whatever happened so far, is
# called a **martingale**: a fair game.
#
# Now stop each bet when it reaches 20 euros. The average is still 1 euro. If more than 5 of 100 bets held 20 euros, these alone would make more than 1 euro on average.
# So *at most 5 of 100* get there, with any number of looks. This is Ville's inequality (1939).
#
# > Myth: you may read that the average of 1/money stays 1. It grows: for a useless form, 2.40 on day 9 here. The average of the money itself stays 1.

# %% [markdown]
# ## Which effects are still standing on day 10?
#
# Noor owns 31.5 euros against "no effect". So 0 is out. What about "the form adds 1 point"? Bet against that story too: move both bells to 1. Try every
# effect, and keep those against which the money is below 20. Against the *true* effect the bet is fair, so the truth drops out in at most 5 of 100 tests.

# %%
gap, error = daily.estimate[9], daily.se[9]  # day 10
effects = np.arange(-10, 10, 0.001)
money = money_of(gap - effects, error)
standing = effects[money < 20]
print(f"from {standing.min():.2f} to {standing.max():.2f} points")

# %% [markdown]
# Every morning gives such an interval. A row of intervals that hold the truth on *all* mornings, in at least 95 of 100 tests, is a **confidence sequence**. A plain
# 95 per cent interval holds it on one planned morning only.
#
# The library does the same for all days at once:

# %%
path = ab.msprt(daily, tau=2)
print(f"day 10: from {path.low[9]:.2f} to {path.high[9]:.2f} points, p {path.pvalue[9]:.3f}")
print(f"1 over the most money so far: {1 / money_of(gap, error):.3f}")

# %% [markdown]
# `p` is an **always-valid p-value**: 1 over the most money so far. At most 5 of 100 useless forms ever get below .05, so it may be read every morning.
#
# Its name is the **mSPRT**, the mixture sequential probability ratio test (Robbins 1970; Johari and others 2022). With z = gap/error and r = tau²/error², where tau
# is the 2 of the wide bell, the two heights give
#
# $$\text{money} = \frac{1}{\sqrt{1+r}}\, \exp\!\left(\frac{z^2}{2}\,\frac{r}{1+r}\right).$$
#
# ## Noor's first ten mornings

# %%
ten = ab.effects_at_looks(form[form["day"] <= 10], looks=range(1, 11), metric="percent")
ab.plots.plot_sequence(ab.msprt(ten, tau=2), worth=1, unit="points", by="day")

# %% [markdown]
# The band is the interval of each morning, the line the gap. On day 10 the band leaves zero: from 0.10 to 3.94 points. So there is an effect. Does it pay? It pays
# from 1 point on, and 1 is inside. The dashboard says "significant"; it does not say "ship".
#
# Noor goes on. With a confidence sequence that is always allowed.
#
# ## The gap on such a morning is too large
#
# Take 5,000 forms that add 2 points, and read the gap on the morning on which the band leaves zero. `argmax` finds the first True of each row, and the last index
# takes the gap of that morning.

# %%
day = np.arange(1, 61)
gaps = rng.normal(2, 1.9, size=(5_000, 60)).cumsum(axis=1) / day
out = money_of(gaps, 1.9 / day**0.5) >= 20
stop = out.argmax(axis=1)  # the first morning outside
claims = gaps[np.arange(5_000), stop]
print(f"mornings {stop.mean() + 1:.1f}, gap {claims.mean():.2f} points, truth 2")

# %% [markdown]
# It takes 9.1 mornings on average. The gap shows 2.4 points then, for a truth of 2: luck helps to leave zero. The *interval* keeps its promise. Report it, not the gap.
#
# ## Your second guess: the price
#
# An interval for every morning is wider than one for a single planned look. You may choose the morning on which it is tightest, compared with the plain one.

# %%
ab.teach.predict("11.p2")

# %%
def width(error, tau=2, limit=20):
    away = error * np.arange(0, 30, 0.001)  # effects ever farther from the gap
    inside = away[money_of(away, error, tau) < limit]
    return inside.max() / (1.96 * error)  # the plain interval reaches 1.96 errors

users = np.geomspace(100, 100_000, 61)
wide = [width(100 * (2 * 0.1 * 0.9 / n) ** 0.5) for n in users]  # error of a gap near 10 per cent
ab.teach.reveal("11.p2", round(min(wide), 2))
ab.plots.plot_price(users, wide, np.ones(61), guess=ab.teach.predicted("11.p2"))

# %% [markdown]
# At best it is 1.55 times as wide, at 3,700 visitors in each arm, day 7; the bottom is flat. It is poor early, and later slowly worse: 1.73 at 100,000. (The
# error of a gap of two rates p is √(2·p·(1 − p)/n): 1.9 points for 500 visitors.)
#
# Half the width needs four times the users. So the same width needs 1.55² = 2.40 times the users.
#
# ## The price in visitors is milder
#
# *Power* is the chance to find a real effect of the planned size. Let Noor want 80 in 100, for 2 points. *Find* means here: the
# interval leaves zero. `price` is exact for 50 looks and equal spreads; 6,000 visitors give the bet its 80.

# %%
one = ab.sample_size(2.0, sd=30.0).n_control  # sd of `percent`: √(10·90)
works = price(2.0, 6_000, 2.0)  # tau, last visitor, true effect
useless = price(2.0, 6_000, 0.0)
print(f"one look: {one:,} visitors in each arm; always: up to 6,000, power {works.power:.2f}")
most, mean, mean_useless = 6_000 / one, works.users / one, useless.users / one
print(f"at most {most:.2f}, if it works {mean:.2f}, if useless {mean_useless:.2f}")

# %% [markdown]
# At most 70 per cent more visitors than one look. On average 4 per cent more if the form adds the planned 2 points, and 68 per cent more if it adds nothing.
#
# To lie above 1 point instead takes about four times as many visitors, with either.
#
# ## Explain the gap between your guess and 1.55
#
# - Why does one more morning cost nothing?
# - Why is the interval poor at 100 visitors?
#
# <details><summary>Explanation</summary>
# All looks that are possible are paid for at the start. Mornings share visitors, so together they cost only 1.55. The euro was spread over
# effects of about 2 points. With 100 visitors chance moves the gap by 4.2 points: the bells look alike.
# </details>

# %% [markdown]
# ## Your third guess: the number that nobody set
#
# How far the euro is spread is called **tau**: here 2 points, fixed before the data. Some programs set tau = 1 for every metric. For a rate written as a share, 1 means
# 100 points.

# %%
ab.teach.predict("11.p3")

# %%
far = 100 * price(100.0, 10_000, 2.0, looks=20).power  # 20 mornings
ab.teach.reveal("11.p3", round(far))
ab.plots.plot_tau(2.0, 10_000, looks=20, guess=ab.teach.predicted("11.p3"))

# %% [markdown]
# The line: real forms found, of 100, by tau. At 2 points, the true effect, it is 96; one planned look finds 99.7. At 100 points
# it is 77. Every tau keeps the promise. A large one spreads the euro over effects that no form has; a tiny one, 0.2, finds 13. Set tau near the effect that you
# expect; half of it costs little.
#
# ## Explore: place the bet
#
# The square marks the tightest interval. Two goals, with 10,000 users in each arm. First: the largest tau whose square stands at the end. Second: the
# largest tau with at most 1.7 times as wide there. Then set your own users and effect: the title tells the power.

# %%
panel = ab.explore.always()
panel

# %% [markdown]
# ## The same on paper

# %%
print("tau  at 500  at 3,695  at 10,000  found of 100")
for tau in (0.5, 1, 2, 5, 20):
    row = [width(100 * (0.18 / n) ** 0.5, tau) for n in (500, 3_695, 10_000)]
    found = 100 * price(float(tau), 10_000, 2.0, looks=20).power
    print(f"{tau:3}  {row[0]:6.2f}  {row[1]:8.2f}  {row[2]:9.2f}  {found:12.0f}")

# %% [markdown]
# A small tau is tight late, a large one early. The columns "at" say how many times as wide, with so many visitors in each arm; "found" is the power for 2 points, with 20 looks to 10,000.
#
# ## Where it bites at work
#
# - "Significant" turns green, and nobody asks whether it pays.
# - tau is changed after the first look. Then no promise holds.
# - A program says "always valid". Feed it useless changes first: one such code alarms in 83 of 100 (see "Going further").
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
answer = None  # your code, or its result
display(ab.check("11.3", answer), ab.solution("11.3"))

# %%
ab.exercise("11.4")

# %%
answer = None  # a letter and a number, such as ("a", 12)
display(ab.check("11.4", answer), ab.solution("11.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of your file and its column names into the first two lines, then your tau, the smallest effect that pays, the days and the unit. One row a visitor; `**names`
# hands your column names over. As it stands, the cell reads the
# first 20 days of Noor's table.

# %%
my_table = form[form["day"] <= 20]  # or a path, such as "visitors.csv"
names = {"arm": "arm", "control": "control", "day": "day", "metric": "percent"}
my_tau, my_worth, my_days, my_unit = 2, 1, range(1, 21), "points"
mine = ab.msprt(ab.effects_at_looks(my_table, looks=my_days, **names), tau=my_tau)
low, high = mine.low[-1], mine.high[-1]
ab.plots.plot_sequence(mine, worth=my_worth, unit=my_unit, by="day")

# %% [markdown]
# ## The decision you would make
#
# It is the last day of the table above. Noor's rule was set before the data. Write your decision into `choice`, and what would make you change it into `change`.

# %%
rule = "ship" if low > my_worth else "stop" if high < my_worth else "extend"
ab.teach.decision(
    rule=f"Any day: interval above the {my_worth} that pays: ship; below it: stop; else extend.",
    evidence=f"Day {my_days[-1]}: from {low:.2f} to {high:.2f}.",
    cost="Shipping a useless form: 400 euros a day. Waiting with one of 2 points: 400 euros a day.",
    choice="", change="", by_rule=rule,
)

# %% [markdown]
# ## What Noor saw next
#
# Run this after you have decided. (In truth her form adds 2 points.)

# %%
ab.plots.plot_sequence(ab.msprt(daily, tau=2), worth=1, truth=2, unit="points", by="day")

# %% [markdown]
# On day 43 the interval lies above 1 point for the first time: from 1.11 to 3.03. Noor ships.
#
# ## Take-aways
#
# - A useless change reaches 20 euros in at most 5 of 100 tests, whenever you look.
# - The price is an interval at best 1.55 times as wide. Set tau near the effect that you expect.
# - "Zero is out" is not "it pays". Hold the interval against what pays; you may go on.
#
# When this advice is wrong: a test with a last day. O'Brien-Fleming over 40 looks (notebook 10) needs 5 per cent more visitors at most, not 70.
# And with few bookings in an arm the promise can fail (see "Going further").
#
# ## Exit questions

# %%
display(ab.teach.quiz("11.q4"), ab.teach.quiz("11.q5"), ab.teach.quiz("11.q6"))

# %% [markdown]
# ## Going further
#
# ### Three ways to lose the promise
#
# `running` gives mean and squared standard error from n = 2 on, `rich` says where the money is above 20 euros, by the formula.
#
# **A variance estimated too early.** The proof wants a known variance. Normal data, read from n = 2 in each arm up to 500, tau one standard deviation, variance
# estimated at each look:

# %%
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
# **Few events.** A rate of 1 per cent, nine visitors in control for one in treatment. We read from 30 visitors in the small arm on, at each new one up to 1,000. Thirty visitors hold 0.3 events.

# %%
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
# An arm without an event has variance 0: its 0 per cent looks certain, so its own bad luck looks like proof. Wait for some tens of *events* in the smaller arm; the pooled variance mends only the test of zero.
#
# **Wrong code.** This one calls itself a mixture test. It computes z from the *last* batch of 10 in each arm, but counts *all* users in n, and forgets sigma.

# %%
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

# %%
own = rng.normal(size=(1_000, 2, 100, 1)) * 0.1**0.5
y = own + rng.normal(size=(1_000, 2, 100, 14)) * 0.9**0.5
naive = ab.z_test(*(ab.Moments.of(y[:, arm].reshape(1_000, -1)) for arm in (0, 1)))
cells = y.sum(axis=3).reshape(1_000, 2, 50, 2).sum(axis=3)  # 50 buckets of two users
honest = ab.BucketSums(cells, np.full(cells.shape, 28.0), "clinic").effect()
say("days added as new users", naive.pvalue < 0.05)
say("bucket sums", honest.pvalue < 0.05)

# %% [markdown]
# `ab.Watch` keeps the looks of such sums, one a day, and can be stored as text between them.

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
# - Ville (1939), Étude critique de la notion de collectif, Gauthier-Villars, Paris: the inequality
# - Robbins (1970), Annals of Mathematical Statistics 41, 1397-1409: the normal mixture. DOI 10.1214/aoms/1177696786
# - Howard, Ramdas, McAuliffe and Sekhon (2021), Annals of Statistics 49, 1055-1080: confidence sequences. DOI 10.1214/20-AOS1991
# - Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70, 1806-1821: always-valid p-values. DOI 10.1287/opre.2021.2135
# - Waudby-Smith and Ramdas (2024), JRSS B 86, 1-27: betting. DOI 10.1093/jrsssb/qkad009
# - Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Annals of Statistics 52, 2613-2640: asymptotic sequences. DOI 10.1214/24-AOS2408

# %% jupyter={"source_hidden": true}
recursion, quadrature = "a second recursion, in the tests", "a search by quadrature, in the tests"
numbers_checked = ab.teach.checked(
    ("useless forms that reach 20 euros, of 100", reached, 2.70, 1.2, recursion),
    ("times as wide at best", min(wide), 1.5485, 2e-3, quadrature),
    ("mornings until zero is left", stop.mean() + 1, 9.07, 0.4, recursion),
    ("gap on that morning, points", claims.mean(), 2.42, 0.07, recursion),
    ("found of 100 with tau of 100 points", far, 77.1, 0.5, recursion),
    ("visitors at most, by one look", 6_000 / one, 1.70, 5e-3, recursion),
    ("visitors on average if it works", works.users / one, 1.04, 5e-3, recursion),
    ("visitors on average if useless", useless.users / one, 1.68, 5e-3, recursion),
)
display(numbers_checked)
ab.teach.finish()
