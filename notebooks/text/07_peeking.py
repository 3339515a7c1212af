# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Ten looks turn a 5 per cent test into a 19 per cent test
#
# Time: 45 minutes. Needs: notebooks 04 and 05, or the recap below. Runs on: any laptop, no network.
#
# ## The story: significant on day 9
#
# Amara runs an audio-book app. Half of the new users get a new player. The plan says 30 days, 100 users a
# day in each arm. The dashboard shows p every morning. On day 9 it shows p = .03. "Significant", says her manager.
# "Sign the licence today." The licence costs 240,000 euros a year.
#
# Amara has one question: how often does a player that changes nothing get such a morning?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a number of looks, you **predict** the false-alarm rate, and decide whether a result may be believed.
# - Given any stop rule, you **simulate** its error and its exaggeration, and decide whether to allow it.
# - Given a team that must look early, you **choose** a plan that keeps 5 per cent, and state its price.

# %%
import math

import numpy as np
import pandas as pd
from IPython.display import display
from scipy.special import ndtr, ndtri

import abkit as ab

rng = ab.teach.start("07", seed=7)

# %% [markdown]
# ## Recap: what 5 per cent promises
#
# An **A/A test** gives both arms the same version: every significant result is a **false alarm**. The **p-value** is the
# chance of an estimate at least this far from zero in an A/A test. The **standard error** is how far the estimate
# usually lies from the truth by chance. **z** is the estimate divided by it; |z| above 1.96 is p below .05.
# **Welch's test** is this for two means. A **look** is one reading of p.
#
# Ship when p < .05, and 5 per cent of A/A tests are shipped, *at one look that was planned before the data*.
#
# Three questions first. Write a letter as the second value: `ab.teach.quiz("07.q1", "a")`.

# %%
display(ab.teach.quiz("07.q1"), ab.teach.quiz("07.q2"), ab.teach.quiz("07.q3"))

# %% [markdown]
# ## Predict: ten looks, each at 5 per cent
#
# A team looks ten times and stops at the first p < .05. In how many of 100 A/A tests do they stop? Replace 40
# by your own guess.

# %%
ab.teach.predict("07.p1", 40, low=0, high=100)

# %% [markdown]
# ## The idea takes seven lines: every look contains the days before
#
# Draw what each day adds, with no effect. Add up. Test at each look. Count the tests that were ever significant.

# %%
tests, looks = 20_000, 10
days = rng.normal(size=(tests, looks))  # what each day adds: chance only
total = days.cumsum(axis=1)  # a look holds all days so far
z = total / np.sqrt(np.arange(1, looks + 1))  # at each look alone, a sound test
pvalue = 2 * ndtr(-np.abs(z))
at_the_end = (pvalue[:, -1] < 0.05).mean()
at_any_look = (pvalue < 0.05).any(axis=1).mean()
ab.teach.report(at_the_end=at_the_end, at_any_look=at_any_look)

# %% [markdown]
# The library computes the same rate without chance. It carries the tests that are still running from look to look
# (Armitage, McPherson and Rowe 1969). Beside it stands the **dice formula** 1 − (1 − .05)^k. It would be right if every look
# threw a new die.

# %%
exact, dice = ab.peeking_error(looks), 1 - 0.95**looks
se = math.sqrt(exact * (1 - exact) / tests)
assert math.isclose(ab.peeking_error(1), 0.05)  # one look keeps its promise
assert abs(at_any_look - exact) < 5 * se
ab.teach.report({"simulated": (at_any_look, se), "exact": exact, "dice formula": dice})
ab.teach.report({"simulation less exact, in errors": round((at_any_look - exact) / se, 1),
                 "dice less exact, in errors": round((dice - exact) / se)})
nine = ab.peeking_error(looks - 1)
ab.teach.report({"first alarm on day 10, if nine gave none": (exact - nine) / (1 - nine)})

# %% [markdown]
# ## The numbers: 14, 19, 25, 28 and 37 per cent
#
# Now with users: 100 a day in each arm, and Welch's test at each look. The library draws the mean and the variance of
# each day, which follow the same law, so 10,000 tests are cheap.

# %%
def peek(looks, tests=10_000):
    """Share of A/A tests with p < .05 at some look."""
    control, treatment = ab.datasets.looks_world(looks, 100)(rng, tests)
    return float((ab.welch(control, treatment).pvalue < 0.05).any(axis=1).mean())


published = {5: 0.142, 10: 0.193, 20: 0.248, 30: 0.280, 100: 0.374}
found = {k: peek(k) for k in published}
rate = {k: ab.peeking_error(k) for k in published}
error = {k: math.sqrt(rate[k] * (1 - rate[k]) / 10_000) for k in published}
ab.teach.report({f"{k} looks, simulated": (found[k], error[k]) for k in published})
for k, value in published.items():
    ab.teach.match(f"{k} looks, exact", rate[k], value, 5e-4)
    ab.teach.match(f"{k} looks, simulated", found[k], value, 5 * error[k])

# %%
from abkit.plots import plot_looks, plot_peeking, plot_stops, style

numbers = [1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 50, 60, 70, 80, 90, 100]
ax = plot_peeking(numbers, [ab.peeking_error(k) for k in numbers])
ax.plot([*found], [100 * share for share in found.values()], "s", color="#D55E00", markersize=7)
ten, dice_ten = 100 * exact, 100 * dice
ax.annotate(f"10 looks: {ten:.1f}", (10, ten), (16, 9), fontsize=12, arrowprops={"arrowstyle": "-"})
style.headline(ax, f"Ten looks: {ten:.0f} per cent false alarms, not 5 and not {dice_ten:.0f}")
style.guess(ax, ab.teach.predicted("07.p1"))
alt = (f"False alarms against looks. The exact curve rises from 5 per cent at one look to {ten:.1f} at "
       f"10 and {100 * rate[100]:.1f} at 100; simulated squares lie on it. Dice: {dice_ten:.1f} at 10.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 19
#
# - What does the look on day 10 share with the look on day 9?
# - Does the rate ever stop rising?
#
# <details><summary>Explanation</summary>
# Nine tenths of the data on day 10 are the data of day 9. If nine days gave no alarm, day 10 gives the first in 1 of 100
# tests; a die would in 5. So looks add less than dice. They still add: chance wanders, and every look is one more moment
# to catch it far from zero. Without an end, every A/A test is significant some day.
# </details>

# %% [markdown]
# ## One more experiment: a morning with p = .03, and what came after
#
# We draw 10,000 A/A tests of 30 days, sd 20 minutes, and pick one whose first alarm comes on day 9 at about p = .03.
# This is Amara's dashboard, if the player changes nothing.

# %%
day = np.arange(1, 31)
aa = ab.welch(*ab.datasets.looks_world(30, 100, sd=20.0)(rng, 10_000))
alarm = aa.pvalue < 0.05
first = np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1, 31)
amara = int(np.argmin(np.abs(aa.pvalue[:, 8] - 0.03) + (first != 9) + (aa.estimate[:, 8] < 0)))
ever = alarm.any(axis=1).mean()
kept = alarm[alarm.any(axis=1), -1].mean()
ab.teach.report(day_9_minutes=aa.estimate[amara, 8], day_9_p=aa.pvalue[amara, 8],
                day_30_minutes=aa.estimate[amara, 29], day_30_p=aa.pvalue[amara, 29])
kept_se = math.sqrt(kept * (1 - kept) / alarm.any(axis=1).sum())
ab.teach.report(ever_significant=(ever, error[30]), still_on_day_30=(kept, kept_se))
ab.teach.match("of alarms, still on day 30", kept, 0.05 / rate[30], 0.04)

# %%
others = np.flatnonzero(first == 31)[:2]
ax = plot_looks(aa.pvalue[[amara, *others]])
ax.text(30.3, 0.02, "p < .05", fontsize=12, ha="right")
ax.text(8.8, 0.15, "Amara's dashboard", color="#0072B2", fontsize=12)
ax.set_xlabel("day")
day_9, day_30 = aa.pvalue[amara, 8], aa.pvalue[amara, 29]
style.headline(ax, f"An A/A test wins on day 9 (p = {day_9:.2f}), not on day 30 ({day_30:.2f})")
alt = (f"P-values of three A/A tests over 30 days. Amara's falls below .05 on day 9, p = {day_9:.2f}, "
       f"and ends at {day_30:.2f}; the other two wander and never fall below .05.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# Run the two cells again with another day. Of all A/A tests that were ever significant, only 18 per cent are significant on
# day 30. The exact share is .05 divided by .280.
#
# ## Its name: optional stopping
#
# **Peeking**, or **optional stopping**, means that the data decide when the test ends. Let $Z_k$ be the
# statistic at look $k$. One look promises $P(|Z_k| > 1.96) = .05$. Peeking has the error
#
# $$P(\max_{k \le K} |Z_k| > 1.96), \qquad \mathrm{corr}(Z_j, Z_k) = \sqrt{n_j / n_k} \quad (j < k).$$
#
# Only ratios of users count. So does *when* you look matter? Five looks each time:

# %%
times = {
    "equal steps": [0.2, 0.4, 0.6, 0.8, 1.0],
    "mostly early": [0.01, 0.03, 0.1, 0.3, 1.0],
    "only at the end": [0.8, 0.85, 0.9, 0.95, 1.0],
}
ab.teach.report({name: ab.peeking_error(t) for name, t in times.items()})
ab.teach.report({"dice formula, five looks": 1 - 0.95**5})

# %% [markdown]
# Early looks share little data, so they come close to dice: 19.4 against 22.6 per cent. Five looks in the last fifth
# cost 8.4. No schedule of two looks or more keeps 5.
#
# ## Explore: looks, lift and stop rule
#
# Two goals. First, set the lift to 0 and find the number of looks at which one A/A test in four is significant. Then
# set the lift to 1.5 minutes, and find what a winner claims under each rule: once at the end, p < .05, plan.

# %%
panel = ab.explore.peeking()
panel

# %% [markdown]
# ## The same on paper: who stops early claims too much
#
# The truth is 0 or 1.5 minutes. Claims and users in each arm are means of 2,000 tests.

# %%
from abkit.datasets.stopping import stops

rows = []
for lift in (0.0, 1.5):
    for k, number in ((10, 1), (10, 2), (30, 2), (10, 3), (30, 3)):
        end = stops(k, lift, number, seed=0)
        rule = {1: "once", 2: "peek", 3: "plan"}[number]
        claim = end.claims[end.claims > 0].mean()
        row = (f"{end.significant:.1%}", f"{claim:.2f}", f"{end.ends.mean():,.0f}")
        rows.append((lift, rule, k, *row))
pd.DataFrame(rows, columns=["lift", "rule", "looks", "significant", "winner claims", "users"])

# %%
peeked = stops(30, 1.5, 2, seed=0)
claims, users = (x[peeked.claims > 0] for x in (peeked.claims, peeked.users))
groups = {"mean winner": users > 0, "mean early winner": users <= 1_000, "3,000 users": users == 3_000}
groups |= {f"{n - 400:,} to {n:,} users": abs(users - n + 200) <= 200 for n in range(500, 3_001, 500)}
means = {name: (claims[g].mean(), claims[g].std() / g.sum() ** 0.5) for name, g in groups.items()}
ab.teach.report({"truth": 1.5, **means})
early = means["mean early winner"][0]
ax = plot_stops(peeked.users, peeked.claims, truth=1.5, final=3_000, unit="minutes")
style.headline(ax, f"Winners of the first ten days claim {early / 1.5:.1f} times the truth")
alt = (f"Claimed effect against users at the stop, truth 1.5 minutes. Winners up to 1,000 users claim "
       f"{early:.1f} on average. Claims start above 5 and fall below the truth after about 1,500 users.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# Peeking raises **power**, the chance to find a real effect, to 91 per cent. This is no gift: it also raises false alarms
# to 28. With few users only a huge estimate is significant. Late winners claim too little: 1.1 minutes at 3,000 users.
# A forecast of revenue from a winner is wrong even when the effect is real.
#
# ## The family: four ways to let the data decide
#
# **Run longer if promising.** Look once. If .05 < p < .2, double the users and look again. The error is
# .05 plus the second chances, one integral over the first $z$.

# %%
def one_doubling(promising):
    """Error of one look, and a second after doubling the users when .05 < p < promising."""
    c = -ndtri(0.025)
    first_z = np.linspace(-ndtri(promising / 2), c, 2_001)
    density = np.exp(-(first_z**2) / 2) / math.sqrt(2 * math.pi)
    second = ndtr(first_z - c * math.sqrt(2)) + ndtr(-first_z - c * math.sqrt(2))
    return 0.05 + 2 * np.trapezoid(density * second, first_z)


ab.teach.match("one doubling, .05 < p < .2", one_doubling(0.2), 0.0676, 5e-5)

# %% [markdown]
# **A Bayesian rule.** Ship when P(B > A) > .95 and the expected loss is below .001. Setting: a conversion rate of 10 per
# cent, 100 users a day and arm, a flat prior, normal approximation. Then P(B > A) = Φ(z), and the loss has a formula.
# The exact rate below uses the bound on z alone; the simulation asks for both.

# %%
from abkit.sequential.recursion import crossing

ships, _ = crossing(day / 30, np.full(30, -np.inf), np.full(30, -ndtri(0.05)))  # P(B > A) > .95
sim = ab.z_test(*ab.datasets.looks_world(30, 100, sd=0.3)(rng, 10_000))
score = sim.estimate / sim.se
loss = sim.se * (np.exp(-(score**2) / 2) / math.sqrt(2 * math.pi) - score * ndtr(-score))
shipped = ((ndtr(score) > 0.95) & (loss < 0.001)).any(axis=1).mean()
ab.teach.match("Bayesian rule, 30 looks", ships.sum(), 0.239, 5e-4)
ab.teach.report({
    "one look, p < .05": 0.05, "run longer if promising": one_doubling(0.2),
    "Bayesian rule, 30 looks": ships.sum(),
    "  the same, simulated": (shipped, math.sqrt(0.239 * 0.761) / 100),
    "p < .05, 30 looks": rate[30], "  dice formula for it (wrong)": 1 - 0.95**30})

# %% [markdown]
# A promise of 5 per cent becomes 6.8, 24 or 28. A posterior does not care about the stop rule. Your error
# *rate* does: the flat prior says that huge effects are as likely as small ones. Notebook 17 (planned) returns to this.
#
# ## What to do instead: three rules that keep 5 per cent
#
# - **Fix n and look once.** Notebook 05 gives n.
# - **Group-sequential plan.** Five looks, each with its own bound, strict at first. Notebook 10.
# - **Always valid.** Look whenever you like, and pay with width. Notebook 11.
#
# We run them on the same tests: 10,000 without an effect, 10,000 with 1.5 minutes.

# %%
lifted = ab.welch(*ab.datasets.looks_world(30, 100, effect=1.5, sd=20.0)(rng, 10_000))
weekly = np.isin(day, (6, 12, 18, 24, 30))
plan = ab.group_sequential(5)
bound = np.where(weekly, 0.0, np.inf)
bound[weekly] = plan.upper
rules = {
    "look once": lambda e: (e.pvalue < 0.05) & (day == 30),
    "five-look plan": lambda e: np.abs(e.estimate / e.se) > bound,
    "always valid": lambda e: ab.msprt(e, tau=1.5).crossed,
    "peek daily": lambda e: e.pvalue < 0.05,
}

# %%
def measured(effect, rule):
    """Share significant, mean users in each arm, and mean claim of the winners."""
    hit = rule(effect)
    ended, at = hit.any(axis=1), np.where(hit.any(axis=1), hit.argmax(axis=1), 29)
    claim = np.take_along_axis(effect.estimate, at[:, None], 1)[:, 0]
    return ended.mean(), 100 * (at + 1).mean(), claim[ended & (claim > 0)].mean()


print("rule             false alarms   power   users   winner claims (truth 1.5)")
for name, rule in rules.items():
    false, (power, users, claim) = measured(aa, rule)[0], measured(lifted, rule)
    print(f"{name:<15} {false:>9.1%} {power:>12.1%} {users:>7,.0f} {claim:>7.2f}")
print(f"Monte-Carlo error: 0.5 points. The plan needs at most {ab.inflation(plan) - 1:.1%} more users.")

# %% [markdown]
# The plan keeps 5 per cent, has nearly the power of one look, and ends earlier on average. If you must look, this is the
# default. Its winners exaggerate too, but less.
#
# ## Where it bites at work
#
# - A dashboard with a p-value that refreshes daily is a stop rule, even if nobody calls it one.
# - "Two more weeks, it is close" is a second look.
# - Looking at **counts** every day is right, and needs its own threshold: 30 daily looks of the sample-ratio check of
#   notebook 03 give 7.44 per cent at .01 and 0.96 at .001.

# %% [markdown]
# > **Myth 1.** You may read that k looks have the error 1 − (1 − a)^k. Measured: 40.1 per cent by that formula at ten
# > looks, 19.3 exact.
# >
# > **Myth 2.** You may read that twenty metrics give 64 per cent. Only if they are independent: 41.9 at correlation .5.

# %%
x = np.linspace(-8, 8, 4_001)  # what the metrics share
c, part = -ndtri(0.025), math.sqrt(0.5)
quiet = (ndtr((c - part * x) / part) - ndtr((-c - part * x) / part)) ** 20
twenty = 1 - np.trapezoid(quiet * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi), x)
ab.teach.report({"twenty metrics, independent": 1 - 0.95**20})
ab.teach.match("twenty metrics, correlation .5", twenty, 0.419, 5e-4)
ab.teach.match("SRM, 30 looks at .01", ab.peeking_error(30, 0.01), 0.0744, 5e-5)
ab.teach.match("SRM, 30 looks at .001", ab.peeking_error(30, 0.001), 0.0096, 5e-5)

# %% [markdown]
# ## Exercises
#
# **1 (one star).** Two weeks, 14 daily looks, stop when p < .05. What is the chance of a false alarm? Replace `None` by your
# answer. `ab.hint("07.1")` helps.

# %%
display(ab.check("07.1", None), ab.solution("07.1"))

# %% [markdown]
# **2 (two stars).** The plan says 30 days, one look. On day 9 somebody shows you p = .03. What do you do, and why?
# a) ship; b) multiply p by 9 and go on looking; c) run to day 30 and decide there; d) if p is between .05 and .2 on
# day 30, add two weeks.

# %%
display(ab.check("07.2", None), ab.solution("07.2"))

# %% [markdown]
# **3 (three stars).** A team insists on ten daily looks with one threshold for p. Write code that finds the threshold at which
# all ten together have a false-alarm rate of .05.

# %%
display(ab.check("07.3", None), ab.solution("07.3"))

# %% [markdown]
# **4 (bug hunt).** Lena looks once, at the planned end. Only if .05 < p < .5 she doubles the users and looks again. She
# writes: "I never peeked, so the error is 5 per cent". What is it, as a share?

# %%
display(ab.check("07.4", None), ab.solution("07.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV file with one row a user into `my_file`: arm, day of entry, and a metric. Name the days on which you
# *planned* to look. As it stands, the cells make a test with a true lift of 1.5 minutes. Stop at the first `True`, and
# report the interval of that row: it is valid at every planned look.

# %%
import tempfile
from pathlib import Path

my_file, my_looks = None, (6, 12, 18, 24, 30)
if my_file is None:
    my_file = Path(tempfile.mkdtemp()) / "users.csv"
    users = pd.DataFrame({"arm": np.repeat(["control", "treatment"], 3_000)})
    users["day"] = np.tile(np.repeat(day, 100), 2)
    users["minutes"] = rng.normal(20 + 1.5 * (users["arm"] == "treatment"), 20).round(2)
    users.to_csv(my_file, index=False)

# %%
table = pd.read_csv(my_file)
seen = [last for last in my_looks if last <= table["day"].max()]  # later looks have not happened
parts = [table[table["day"] <= last] for last in seen]
so_far = [ab.reduce_table(part, "minutes", by="arm").moments for part in parts]
effects = [ab.welch(m["control"], m["treatment"]) for m in so_far]
mine = ab.monitor(effects, ab.group_sequential(np.array(my_looks) / my_looks[-1]))
shown = mine.to_frame()[["n", "estimate", "low", "high", "crossed"]].round(2)
shown.rename(columns={"n": "users, both arms"})

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data. A false alarm costs the licence, every year. Waiting costs 21 days. Amara signs only
# if the new player looks better: half of the false alarms. Change the memo until you would sign it.

# %%
once, peeking = (100 * round(1_200 * share) for share in (0.05, rate[30]))
ab.teach.report({"a player that changes nothing, one look, euros a year": once,
                 "a player that changes nothing, peeking, euros a year": peeking})
ab.teach.decision(
    rule="30 days, 3,000 users in each arm, one look on day 30.",
    evidence=f"Day 9, p = {day_9:.2f}: no planned look. Stopping at any p < .05 errs in {rate[30]:.1%}.",
    cost=f"A player that changes nothing: {peeking:,} euros a year if we peek, {once:,} if not. "
         "Waiting: at most 21 days.",
    choice="Do not sign on day 9. Decide on day 30.",
    change="Harm in a guardrail that has its own plan. Next time: five planned looks.",
)

# %% [markdown]
# ## Take-aways
#
# - Ten looks cost 19 per cent, thirty 28. Looks are not dice, and they are not free.
# - A stop at p < .05 selects large estimates: early winners claim too much.
# - Fix n and look once, plan the looks, or use an always-valid method. Decide before the data.
#
# When this advice is wrong: harm. Stop a test that hurts users at once; a false alarm there is cheap. Next: notebook 08,
# multiple testing; 10 and 11 hold the methods.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("07.q4"), ab.teach.quiz("07.q5"), ab.teach.quiz("07.q6"))

# %% [markdown]
# ## References
#
# - Armitage, McPherson and Rowe (1969), JRSS A 132, 235-244: the exact error of repeated tests. DOI 10.2307/2343787
# - Pocock (1977), Biometrika 64, 191-199: one threshold for all looks. DOI 10.1093/biomet/64.2.191
# - Lan and DeMets (1983), Biometrika 70, 659-663: spending alpha over looks. DOI 10.1093/biomet/70.3.659
# - Deng, Lu and Chen (2016), IEEE DSAA, 243-252: optional stopping of Bayesian tests. DOI 10.1109/DSAA.2016.33
# - Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70, 1806-1821: always-valid p-values. DOI 10.1287/opre.2021.2135

# %%
ab.teach.finish()
