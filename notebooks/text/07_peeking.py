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

# %% [markdown]
# ## The story: significant on day 9
#
# Amara runs a language-learning app. Half of the new users get a new lesson player. The plan says 30 days, 100 users a
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
from IPython.display import display
from scipy.special import ndtr, ndtri

import abkit as ab

rng = ab.teach.start("07", seed=7)

# %% [markdown]
# ## Recap: what 5 per cent promises
#
# An **A/A test** gives both arms the same version: every significant result is a **false alarm**. The **p-value** is the
# chance of an estimate at least this far from zero in an A/A test. Ship when p < .05, and 5 per cent of A/A tests are
# shipped, *at one look that was planned before the data*.
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
# Draw what each day adds, with no effect anywhere. Add up. Test at each look. Count the tests that were ever significant.

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

# %% [markdown]
# ## The numbers: 14, 19, 25, 28 and 37 per cent
#
# Now with users: 100 a day in each arm, and Welch's test at each look. No user is drawn. The library draws the mean and the
# variance of each day, which follow the same law, so 10,000 tests are cheap.

# %%
def peek(looks, tests=10_000):
    """Share of A/A tests with p < .05 at some look."""
    control, treatment = ab.datasets.looks_world(looks, 100)(rng, tests)
    return float((ab.welch(control, treatment).pvalue < 0.05).any(axis=1).mean())


grid = (5, 10, 20, 30, 100)
found = {k: peek(k) for k in grid}

# %%
rate = {k: ab.peeking_error(k) for k in grid}
error = {k: math.sqrt(rate[k] * (1 - rate[k]) / 10_000) for k in grid}
ab.teach.report({f"{k} looks, simulated": (found[k], error[k]) for k in grid})
published = (0.142, 0.193, 0.248, 0.280, 0.374)
for k, value in zip(grid, published, strict=True):
    ab.teach.match(f"{k} looks, exact", rate[k], value, 5e-4)
    ab.teach.match(f"{k} looks, simulated", found[k], value, 5 * error[k])

# %%
from abkit.plots import plot_looks, plot_peeking, plot_stops

guess = ab.teach.predicted("07.p1")
numbers = np.array([1, 2, 3, 5, 7, 10, 14, 20, 30, 40, 50, 60, 70, 80, 90, 100])
curve = [ab.peeking_error(int(k)) for k in numbers]
ax = plot_peeking(numbers, curve, guess=None if guess is None else guess / 100)
ax.plot(grid, [100 * found[k] for k in grid], "s", color="#D55E00", markersize=7)
ax.annotate(f"10 looks: {100 * exact:.1f}", (10, 100 * exact), (16, 7), fontsize=12, arrowprops={"arrowstyle": "-"})
ax.set_title(f"Ten looks: {100 * exact:.0f} per cent false alarms, not 5 and not {100 * dice:.0f}", loc="left", fontsize=12, fontweight="bold")
alt = f"False alarms against looks. The exact curve rises from 5 per cent at one look to {100 * exact:.1f} at 10 and {100 * rate[100]:.1f} at 100; squares of the simulation lie on it. The dice formula is far above: {100 * dice:.1f} at 10."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 19
#
# - What does the look on day 10 share with the look on day 9?
# - Does the rate ever stop rising?
#
# <details><summary>Explanation</summary>
# Nine tenths of the data on day 10 are the data of day 9. If day 9 was no alarm, day 10 rarely is. So looks add less than
# dice. They still add: chance wanders, and every look is one more moment to catch it far from zero. Without an end, every
# A/A test is significant some day.
# </details>

# %% [markdown]
# ## One more experiment: a morning with p = .03, and what came after
#
# We draw 10,000 A/A tests of 30 days, sd 20 minutes, and pick one whose first alarm comes on day 9 at about p = .03.
# This is Amara's dashboard, if the player changes nothing.

# %%
aa = ab.welch(*ab.datasets.looks_world(30, 100, sd=20.0)(rng, 10_000))
alarm = aa.pvalue < 0.05
first = np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1, 31)
amara = int(np.argmin(np.abs(aa.pvalue[:, 8] - 0.03) + (first != 9) + (aa.estimate[:, 8] < 0)))
ever = alarm.any(axis=1).mean()
kept = alarm[alarm.any(axis=1), -1].mean()
ab.teach.report(day_9_minutes=aa.estimate[amara, 8], day_9_p=aa.pvalue[amara, 8],
                day_30_minutes=aa.estimate[amara, 29], day_30_p=aa.pvalue[amara, 29])
ab.teach.report(ever_significant=(ever, error[30]), still_on_day_30=(kept, math.sqrt(kept * (1 - kept) / alarm.any(axis=1).sum())))
ab.teach.match("of alarms, still on day 30", kept, 0.05 / rate[30], 0.04)

# %%
others = np.flatnonzero(first == 31)[:2]
ax = plot_looks(aa.pvalue[[amara, *others]])
ax.text(30.3, 0.02, "p < .05", fontsize=12, ha="right")
ax.set_xlabel("day")
ax.set_title(f"An A/A test wins on day 9 (p = {aa.pvalue[amara, 8]:.2f}), not on day 30 ({aa.pvalue[amara, 29]:.2f})", loc="left", fontsize=12, fontweight="bold")
alt = f"P-values of three A/A tests over 30 days. One falls below .05 on day 9, p = {aa.pvalue[amara, 8]:.2f}, and ends at {aa.pvalue[amara, 29]:.2f}; the other two wander and never fall below .05."
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
# Early looks share little data, so they come close to dice: 19.4 against 22.6 per cent. Five looks in the last fifth cost
# 8.4. Still, no schedule of two looks or more keeps 5.
#
# ## Explore: looks, lift and stop rule
#
# Two goals. First, set the lift to 0 and find the number of looks at which one A/A test in four is significant. Then
# set the lift to 1.5 minutes, and find what an early winner claims. Rules: 1 looks once at the end, 2 stops at p < .05,
# 3 follows a group-sequential plan.

# %%
panel = ab.explore.peeking()
panel

# %% [markdown]
# ## The same on paper: who stops early claims too much
#
# Each line uses the same function. The truth is 0 or 1.5 minutes.

# %%
names = {1: "once", 2: "peek", 3: "plan"}
for lift in (0.0, 1.5):
    for k, rule in ((10, 1), (10, 2), (30, 2), (10, 3), (30, 3)):
        print(f"lift {lift}, {names[rule]}: {panel.value(looks=k, lift=lift, rule=rule, seed=0)}")

# %%
peeked = ab.explore.panel_peeking.stops(30, 1.5, 2, seed=0)
winners = peeked.claims[peeked.claims > 0]
early = peeked.claims[(peeked.claims > 0) & (peeked.users <= 1_000)]
ab.teach.report(truth=1.5, mean_winner=(winners.mean(), winners.std() / math.sqrt(len(winners))),
                mean_early_winner=(early.mean(), early.std() / math.sqrt(len(early))))
ax = plot_stops(peeked.users, peeked.claims, truth=1.5, final=3_000, unit="minutes")
ax.set_title(f"Winners of the first ten days claim {early.mean() / 1.5:.1f} times the truth", loc="left", fontsize=12, fontweight="bold")
alt = f"Claimed effect against users at the stop, 30 looks, true effect 1.5 minutes. Claims start above 5 minutes at 100 users and shrink to the truth at 3,000. Winners up to 1,000 users claim {early.mean():.1f} on average."
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# Peeking raises power to 91 per cent. This is no gift: it also raises false alarms to 28. With few users only a huge estimate
# is significant. A forecast of revenue from an early winner is wrong even when the effect is real.
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
# The rule ships above a bound on $z$, on one side only.

# %%
from abkit.recursion import crossing

day = np.arange(1, 31)
rate_se = np.sqrt(2 * 0.1 * 0.9 / (100 * day))
edge = -ndtri(0.05)  # P(B > A) = .95
loss_at_edge = rate_se * (math.exp(-(edge**2) / 2) / math.sqrt(2 * math.pi) - edge * 0.05)
assert (loss_at_edge < 0.001).all()  # so the bound on z alone decides
ships, _ = crossing(day / 30, np.full(30, -np.inf), np.full(30, edge))
ab.teach.report(largest_loss_at_the_edge=loss_at_edge.max())
ab.teach.match("Bayesian rule, one look", ships[0], 0.050, 5e-4)
ab.teach.match("Bayesian rule, 30 looks", ships.sum(), 0.239, 5e-4)

# %%
sim = ab.z_test(*ab.datasets.looks_world(30, 100, sd=0.3)(rng, 10_000))
score = sim.estimate / sim.se
loss = sim.se * (np.exp(-(score**2) / 2) / math.sqrt(2 * math.pi) - score * ndtr(-score))
shipped = ((ndtr(score) > 0.95) & (loss < 0.001)).any(axis=1).mean()
ab.teach.report({
    "one look, p < .05": 0.05, "run longer if promising": one_doubling(0.2),
    "Bayesian rule, 30 looks": ships.sum(), "  the same, simulated": (shipped, math.sqrt(0.239 * 0.761 / 10_000)),
    "p < .05, 30 looks": rate[30], "  dice formula for it (wrong)": 1 - 0.95**30,
})

# %% [markdown]
# A promise of 5 per cent becomes 6.8, 24 or 28. A posterior does not care about the stop rule. Your error
# *rate* does: the flat prior says that huge effects are as likely as small ones. Notebook 17 returns to this.
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
print(f"Monte-Carlo error: at most 0.5 points; the plan needs at most {ab.inflation(plan) - 1:.1%} more users for equal power")

# %% [markdown]
# The plan keeps 5 per cent, has nearly the power of one look, and ends earlier on average. If you must look, this is the
# default. Its winners exaggerate less than those of peeking, but they still do.
#
# ## Where it bites at work
#
# - A dashboard with a p-value that refreshes daily is a stop rule, even if nobody calls it one.
# - "Two more weeks, it is close" is a second look.
# - Looking at **counts** every day is right, and needs its own threshold: notebook 03 measures 30 daily looks of the
#   sample-ratio check, 7.44 per cent at .01 and 0.96 at .001.

# %% [markdown]
# > **Myth 1.** You may read that k looks have the error 1 − (1 − a)^k. Measured: 40.1 per cent by that formula at ten looks, 19.3 exact.
# > **Myth 2.** You may read that twenty metrics give 64 per cent. Only if they are independent: 41.9 at correlation .5.
# > **Myth 3.** You may read 53.6 per cent for 1,000 looks. It came from 1,000 simulated tests; exact is 53.0, within its error.

# %%
x = np.linspace(-8, 8, 4_001)  # what the metrics share
c, part = -ndtri(0.025), math.sqrt(0.5)
quiet = (ndtr((c - part * x) / part) - ndtr((-c - part * x) / part)) ** 20
twenty = 1 - np.trapezoid(quiet * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi), x)
ab.teach.report({"twenty metrics, independent": 1 - 0.95**20, "error of 1,000 simulated tests": math.sqrt(0.53 * 0.47 / 1_000)})
ab.teach.match("twenty metrics, correlation .5", twenty, 0.419, 5e-4)
ab.teach.match("SRM, 30 looks at .01", ab.peeking_error(30, 0.01), 0.0744, 5e-5)
ab.teach.match("SRM, 30 looks at .001", ab.peeking_error(30, 0.001), 0.0096, 5e-5)
ab.teach.match("1,000 looks", ab.peeking_error(1_000), 0.536, 0.032)

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

import pandas as pd

my_file, my_looks = None, (6, 12, 18, 24, 30)
if my_file is None:
    my_file = Path(tempfile.mkdtemp()) / "users.csv"
    users = pd.DataFrame({"arm": np.repeat(["control", "treatment"], 3_000), "day": np.tile(np.repeat(day, 100), 2)})
    users["minutes"] = rng.normal(20 + 1.5 * (users["arm"] == "treatment"), 20).round(2)
    users.to_csv(my_file, index=False)

# %%
table = pd.read_csv(my_file)
so_far = [ab.reduce_table(table[table["day"] <= last], "minutes", by="arm").moments for last in my_looks]
effects = [ab.welch(m["control"], m["treatment"]) for m in so_far]
mine = ab.monitor(effects, ab.group_sequential(np.array(my_looks) / my_looks[-1]))
mine.to_frame()[["n", "estimate", "low", "high", "crossed"]].round(2)

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data. A false alarm costs the licence, every year. Waiting costs 21 days. Amara signs only
# if the new player looks better: half of the false alarms. Change the memo until you would sign it.

# %%
idle = {name: 100 * round(1_200 * share) for name, share in (("one look", 0.05), ("peeking", rate[30]))}
ab.teach.report({f"a player that changes nothing, {name}, euros a year": euros for name, euros in idle.items()})
ab.teach.decision(
    rule="30 days, 3,000 users in each arm. Looks on days 6, 12, 18, 24, 30 with the bounds of the plan, no other.",
    evidence=f"Day 9, p = {aa.pvalue[amara, 8]:.2f}: no planned look. Stopping at any p < .05 has an error of {rate[30]:.1%}, not 5%.",
    cost=f"A player that changes nothing: {idle['peeking']:,.0f} euros a year if we peek, {idle['one look']:,.0f} if not. Waiting: at most 21 days.",
    choice="Do not sign on day 9. Go on, and read the next planned look.",
    change="A bound of the plan that is crossed, or harm in a guardrail that has its own plan.",
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
