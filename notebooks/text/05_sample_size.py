# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Half the effect needs 3.9 times the users
#
# Time: 45 minutes. Needs: notebook 04. Runs on: any laptop, no network.
#
# Noor runs sign-up for a language school. Of 100 visitors, 5 sign up. A new page may bring 5.5. Each sign-up is worth 40
# euros, and 4,000 new visitors come each day. She asks for three weeks of test time.
#
# "The page may bring only half of that", says her manager. "It is still 12,000 euros a month. Can you see that too?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a baseline and an effect, you **size** a test, and decide whether it is worth its users.
# - Given your traffic, you **trade** days against the smallest effect, and decide when to stop.
# - Given arms, guardrails, clusters or heavy tails, you **correct** the plan before the first user.
#
# ## Recall: noise shrinks with √n
#
# Three questions before you go on. Write a letter as the second value, for example `ab.teach.quiz("05.q1", "a")`.

# %%
from IPython.display import display

import abkit as ab

rng = ab.teach.start("05", seed=7)
display(ab.teach.quiz("05.q1"), ab.teach.quiz("05.q2"), ab.teach.quiz("05.q3"))

# %% [markdown]
# ## Predict: how many users for a third of the effect?
#
# To see 5 against 5.5 per cent, Noor needs 31,234 visitors in each arm. How many for a third of this effect, 5 against 5.17
# per cent? Replace 90,000 by your own guess.

# %%
ab.teach.predict("05.p1", 90_000, low=0, high=1_000_000)

# %% [markdown]
# ## The idea takes ten lines: noise at the null, noise at the effect
#
# **Power** is the chance to find an effect that is there. **Alpha** is the chance of an alarm when there is none. The
# effect must be 1.96 standard errors for alpha plus 0.84 more for power. The library gives the same numbers.

# %%
import numpy as np
from scipy.special import ndtri  # quantile of the normal curve: ndtri(0.975) is 1.96

p1, p2 = 0.05, 0.05 + 0.005 / np.array([1, 2, 3])  # the whole effect, half, a third
pooled = (p1 + p2) / 2  # the share if the page changes nothing
noise_null = np.sqrt(2 * pooled * (1 - pooled))  # of the difference, one user in each arm
noise_effect = np.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
needed = ndtri(0.975) * noise_null + ndtri(0.80) * noise_effect  # alpha .05, power .80
n = np.ceil((needed / (p2 - p1)) ** 2)
full, half, third = (ab.sample_size_proportions(0.05, p_treatment=float(p)) for p in p2)
assert [full.n_control, half.n_control, third.n_control] == n.tolist()
full

# %% [markdown]
# ## The numbers: 31,234 for the effect, 122,124 for half, 272,665 for a third
#
# Power counts only wins in the right direction.

# %%
plans = {"full effect": full, "half effect": half, "third effect": third}
sizes = {name: plan.n_control for name, plan in plans.items()}
ab.teach.report(sizes, times_for_half=n[1] / n[0], times_for_a_third=n[2] / n[0])
for (name, size), known in zip(sizes.items(), (31_234, 122_124, 272_665), strict=True):
    ab.teach.match(name, size, known, 0.5, source="expected")

# %%
from abkit.plots import plot_power, plot_weeks, style

units = np.geomspace(2_000, 1_000_000, 80)
curves = {f"5 to {100 * p:.3g}%": ab.power_proportions(0.05, float(p), units) for p in p2}
ax = plot_power(curves)
_ = ax.plot(n, [0.8] * 3, "ko")

# %%
guess = ab.teach.predicted("05.p1")
if guess is not None:  # a guess below the axis stands at its end
    at = max(guess, 2_000)
    ax.axvline(at, color="black", linestyle="--", linewidth=2)
    ax.text(at, 0.03, " your guess ", fontsize=12, ha="right" if at > 3e5 else "left")
title = f"A third of the effect needs {n[2] / n[0]:.1f} times the users"
style.dress(ax, title=title, x=ax.get_xlabel(), y="power")
alt = ("Three curves of power against users in each arm, log scale. Power .80 needs "
       f"{n[0]:,.0f} users for 5 to 5.5 per cent, {n[1]:,.0f} for 5.25 and {n[2]:,.0f} for 5.17.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 272,665
#
# - By how much does the noise shrink when the users double?
# - Why is the factor 8.7, and not 9?
#
# <details><summary>Explanation</summary>
# Noise shrinks with √n. To divide it by three you need nine times the users. The factor is a little smaller here, because
# 5.17 per cent has less variance than 5.5.
# </details>
#
# ## One more experiment: run the plan 20,000 times
#
# A plan is a promise: 80 of 100 such tests find the effect. We simulate the planned test. The exact power adds up the
# binomial tables that reject, so it has no simulation error.

# %%
def promise(p_control, p_treatment):
    size = ab.sample_size_proportions(p_control, p_treatment=p_treatment).n_control
    world = ab.datasets.binomial_counts(size, size, p_control, p_treatment)
    truth = p_treatment - p_control
    found = ab.calibrate(world, ab.proportions, truth=truth, reps=20_000, rng=rng)
    return size, found, ab.exact_power(p_control, p_treatment, size, size)

size, found, exact = promise(0.05, 0.055)
ab.teach.report(users=size, simulated=(found.reject, found.reject_se), exact=exact)
ab.teach.match("simulated", found.reject, exact, 5 * found.reject_se, source="exact")

# %% [markdown]
# The promise holds. Now a rare event: 0.1 against 0.5 per cent, with a handful of events in control. Here the formula
# misses: it planned .80 and the test has .840. Three events in control are too few for a normal curve. For rare events use
# `ab.exact_power`.

# %%
size_rare, rare, exact_rare = promise(0.001, 0.005)
ab.teach.report(users_rare=size_rare, events_in_control=0.001 * size_rare, exact_rare=exact_rare,
                simulated_rare=(rare.reject, rare.reject_se))
ab.teach.match("exact rare", exact_rare, 0.840, 5e-4, source="expected")

# %% [markdown]
# ## Its name: sample size for two proportions
#
# With $\delta = p_2 - p_1$, $\bar p = (p_1 + p_2)/2$ and $q = 1 - p$:
# $n = \left(z_{\alpha/2}\sqrt{2\bar p\bar q} + z_{\beta}\sqrt{p_1 q_1 + p_2 q_2}\right)^2/\delta^2$ users in each arm. The
# **minimum detectable effect (MDE)** is the $\delta$ that a given $n$ finds with this power.
#
# ## Weeks: what can each duration see?
#
# Turn the question round. Noor has 4,000 new visitors a day. New means: not there yesterday. Each day adds only these
# visitors.

# %%
weeks = ab.mde_by_week(4_000, p_control=0.05, weeks=[2, 3, 4, 6, 9, 12])
for days, users, effect in zip(weeks.days, weeks.n_control, weeks.effect, strict=True):
    print(f"{days // 7:>2} weeks  {users:>7,} an arm  lift {effect / 0.05:.2%}")
long, short = (ab.duration(p, 4_000).days for p in (half, full))
ab.teach.report(days_for_the_full_effect=short, days_for_half=long)
ax = plot_weeks(weeks, baseline=0.05)
first, last = 100 * weeks.effect[[0, -1]] / 0.05
alt = (f"Smallest lift seen against weeks at 4,000 new users a day: {first:.3g} per cent after 2 "
       f"weeks, {last:.3g} after 12. The line flattens.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# `duration` rounds up to whole weeks, and to two at least. A two-day test (you may meet one) covers two days of the week.
# Weekend visitors and second visits never enter.
#
# ## Explore: your baseline, your lift, your traffic
#
# Two goals. First, find the smallest lift that fits into four weeks at 4,000 a day. Then put in your own numbers, and find
# out whether **CUPED** saves a week (it removes noise with a value of the same user from before the test), and what four
# arms cost.

# %%
panel = ab.explore.plan()
panel

# %% [markdown]
# ## The same on paper: a table of fifteen plans
#
# Users in each arm for power .80 and alpha .05.

# %%
lifts = (0.05, 0.10, 0.20)
print("baseline" + "".join(f"{lift:>10.0%}" for lift in lifts))
for baseline in (0.05, 0.10, 0.20, 0.30, 0.50):
    sizes = [ab.sample_size_proportions(baseline, lift=lift).n_control for lift in lifts]
    print(f"{baseline:>8.0%}" + "".join(f"{size:>10,}" for size in sizes))

# %%
units = np.geomspace(200, 100_000, 80)
ends = [0.10 * (1 + lift) for lift in lifts]
ax = plot_power({f"10 to {100 * end:g}%": ab.power_proportions(0.10, end, units) for end in ends})
marks = [ab.sample_size_proportions(0.10, lift=lift).n_control for lift in lifts]
ax.plot(marks, [0.8] * 3, "ko")
title = f"From 10 per cent, half the lift needs {marks[0] / marks[1]:.1f} times the users"
style.dress(ax, title=title, x=ax.get_xlabel(), y="power")
alt = (f"Power against users in each arm from 10 per cent. Power .80 needs {marks[0]:,}, "
       f"{marks[1]:,} and {marks[2]:,} users for lifts of 5, 10 and 20 per cent.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## More arms: each comparison gets a share of alpha
#
# With k arms there are k − 1 comparisons with control. Each is tested at alpha/(k − 1). The control is used in all of
# them, so it may be larger: √(k − 1) times a treatment arm.

# %%
for arms in (2, 3, 5):
    equal = ab.sample_size_proportions(0.05, lift=0.10, arms=arms)
    share = 1 / (1 + np.sqrt(arms - 1))
    tilted = ab.sample_size_proportions(0.05, lift=0.10, arms=arms, allocation=share)
    total = tilted.n_control + (arms - 1) * tilted.n_treatment
    print(f"{arms} arms  equal {arms * equal.n_control:>8,} users  larger control {total:>8,}")

# %% [markdown]
# ## Many conditions: ten guardrails at .80 pass together in 11 per cent
#
# A **guardrail** is a metric that must not get worse. Suppose each of ten harmless, independent guardrails passes with power
# .80, and you ship only if all pass. The same holds for two **co-primary** metrics that must both win. For .80 together each
# of the ten needs power .978.

# %%
ten = [0.8] * 10
ab.teach.report(ten_independent=ab.joint_power(ten), two_co_primaries=ab.joint_power([0.8, 0.8]),
                ten_at_correlation_half=ab.joint_power(ten, correlation=0.5),
                each_of_ten_for_80=0.8 ** (1 / 10))
ab.teach.match("ten guardrails", ab.joint_power(ten), 0.107, 5e-4, source="exact")

# %% [markdown]
# ## Fewer users: a value from before the test
#
# **CUPED** (a later notebook) uses each user's value from before the test. With correlation ρ it leaves 1 − ρ² of the
# variance, and so of the users. New visitors have no past: for Noor it saves nothing.
#
# ## Communities: users who resemble each other count less
#
# A social app assigns 100 communities of 50 users, whole. The **intraclass correlation (ICC)** is the share of the variance
# that lies between communities. The **design effect** 1 + (m − 1)·ICC says how many users count as one independent user.

# %%
for rho in (0.3, 0.5, 0.7):
    users = int(np.ceil(full.n_exact * ab.cuped_factor(rho)))
    print(f"correlation {rho}: {users:>6,} users an arm")
for icc in (0.0, 0.01, 0.05, 0.10):
    factor = ab.design_effect(50, icc)
    print(f"ICC {icc:.2f}: design effect {factor:.2f}, 5,000 users are worth {5_000 / factor:,.0f}")
print(f"ICC 0.05, sizes vary by half: {ab.design_effect(50, 0.05, cv=0.5):.3g}")

# %% [markdown]
# ## Heavy tails: equal arms cancel skewness
#
# A few users pay a lot. **Skewness** says how much longer the right tail is than the left: 0 for a symmetric metric, 6.2 for
# a log-normal amount with sigma 1. A rule of thumb asks for 355·skewness² users in each arm, here 13,580. It is meant for one
# mean, so it is on the safe side. With equal arms skewness cancels: 500 users an arm cover 95 per cent. At one to nine it
# does not: 300 against 2,700 cover 94, and most misses lie on one side.

# %%
def misses(*sizes, reps=10_000, batch=2_000):  # intervals wholly above the truth, wholly below it
    above = below = 0
    for _ in range(reps // batch):
        effect = ab.welch(*(np.exp(rng.standard_normal((batch, size))) for size in sizes))
        above, below = above + (effect.low > 0).sum(), below + (effect.high < 0).sum()
    return above / reps, below / reps

skewness = (np.e + 2) * np.sqrt(np.e - 1)
ab.teach.report(skewness=skewness, users_by_the_rule=round(355 * skewness**2))
for pair in ((500, 500), (300, 2_700)):
    up, down = misses(*pair)
    print(f"{pair[0]} against {pair[1]}: {1 - up - down:.3f} cover, misses {up:.3f} and {down:.3f}")

# %% [markdown]
# ## Where it bites at work
#
# - Active users are taken for new users, and the test gets too few users.
# - The plan uses the effect that the team hopes for.
# - Five arms are launched with the users of two.
#
# > **Myth 1.** You may read that 25,000 users a group see 10 against 10.5 per cent, or that 5,000 see 25 against 26.25,
# > and 8,000 see 10 against 10.3. Measured: power .453, .299 and .091.
#
# > **Myth 2.** You may read that days remaining are (1 − progress)·7. That formula ignores traffic. With 20,000 of 62,468
# > users and 4,000 a day it gives 4.8 days; the truth is 10.6.

# %%
claims = ((0.10, 0.05, 25_000), (0.25, 0.05, 5_000), (0.10, 0.03, 8_000))
for baseline, lift, users in claims:
    got = ab.power_proportions(baseline, baseline * (1 + lift), users).power
    need = ab.sample_size_proportions(baseline, lift=lift).n_control
    print(f"{baseline:.0%}, lift {lift:.0%}: {users:>6,} users have power {got:.3f}; "
          f"{need:>7,} are needed")
left = 2 * full.n_control - 20_000
ab.teach.report(myth_days=left / (2 * full.n_control) * 7, true_days=left / 4_000)

# %% [markdown]
# ## Exercises
#
# **1 (one star).** A clinic's booking rate is 20 per cent. You want a lift of 10 per cent, power .80, alpha .05. How many
# users does each arm need? Replace `None`.

# %%
display(ab.check("05.1", None), ab.hint("05.1"), ab.solution("05.1"))

# %% [markdown]
# **2 (two stars).** You need 31,234 users in each of two arms. 4,000 new users come each day, 20,000 are active. How long,
# and why? a) 5 days; b) 21 days; c) 16 days; d) 4 days, because 20,000 are active each day.

# %%
display(ab.check("05.2", None), ab.hint("05.2"), ab.solution("05.2"))

# %% [markdown]
# **3 (three stars).** 100 communities of 50 users are assigned whole, half to each arm. The ICC is .05. Write code that gives
# the number of independent users that each arm is worth.

# %%
display(ab.check("05.3", None), ab.hint("05.3"), ab.solution("05.3"))

# %% [markdown]
# **4 (bug hunt).** Bo plans 5 to 5.5 per cent with d = 0.005/√(.05 × .95). He gets 29,826 users an arm and writes
# "power .80". What is the power of the test that he will run, to three decimals?

# %%
display(ab.check("05.4", None), ab.hint("05.4"), ab.solution("05.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV file with one row a user into `my_file`, and name a column. A share or an amount both work. As it
# stands, the cell makes a table of orders. In a terminal: `abkit plan --baseline .05 --lift .10 --arrivals 4000`.

# %%
import pandas as pd

my_file, column, lift, arrivals = None, "amount", 0.05, 4_000
orders = pd.DataFrame({"amount": rng.lognormal(3, 1, 20_000).round(2)})
table = orders if my_file is None else pd.read_csv(my_file)
past = table[column].dropna()
plan = ab.duration(ab.sample_size(lift * past.mean(), sd=past.std()), arrivals)
print(f"mean {past.mean():.3g}, sd {past.std():.3g}: {plan.n_control:,} an arm, {plan.days} days")
print(f"rule of thumb for the skewness: {355 * past.skew() ** 2:,.0f} an arm")

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the test. The half effect is 300 sign-ups, or 12,000 euros, a month at 120,000 visitors. Six more
# weeks cost 3,000 euros of test time, and 8,400 that half of the visitors do not bring on the old page. Change the memo
# until you would sign it.

# %%
month, time, page = 120_000 * 0.0025 * 40, 6 * 500, 6 * 7 * 2_000 * 0.0025 * 40
three, nine = ab.power_proportions(0.05, 0.0525, [42_000, 126_000]).power
ab.teach.report(half_effect_a_month=round(month), six_weeks_of_test_time=time,
                six_weeks_of_the_old_page=round(page), power_in_three_weeks=three,
                power_in_nine_weeks=nine)

# %%
ab.teach.decision(
    rule="Run for the half effect if three months of its gain pay for the extra weeks; power .80, "
         "whole weeks.",
    evidence=f"5 to 5.5 per cent: {short} days. 5 to 5.25: {long} days. Six more weeks cost "
             f"{time + page:,.0f} euros, three months of the half effect are {3 * month:,.0f}.",
    cost="Nine weeks block other tests. Three weeks miss a gain of a quarter point with chance "
         f"{1 - three:.2f}.",
    choice="Run nine weeks, for 5.25 per cent.",
    change=f"A test that needs these weeks and is worth more than {3 * month:,.0f} euros, or twice "
           "the traffic.",
)

# %% [markdown]
# ## Take-aways
#
# - Half the effect needs about four times the users.
# - Plan for the smallest effect that changes the decision, in whole weeks of new users.
# - Arms, guardrails, clusters and tails change n. Put them in before the start.
#
# When this advice is wrong: rare events (use exact power), and tests with several looks. Next: notebook 07, peeking.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("05.q4"), ab.teach.quiz("05.q5"), ab.teach.quiz("05.q6"))

# %% [markdown]
# ## References
#
# - Deng, Xu, Kohavi and Walker (2013), WSDM: CUPED. DOI 10.1145/2433396.2433413
# - Eldridge, Ashby and Kerry (2006), Int. J. Epidemiology 35: the design effect with unequal clusters. DOI 10.1093/ije/dyl129
# - Fleiss, Levin and Paik (2003), *Statistical Methods for Rates and Proportions*, ch. 4: the formula. DOI 10.1002/0471445428
# - Kohavi, Deng, Longbotham and Xu (2014), KDD: 355·skewness². DOI 10.1145/2623330.2623341

# %%
ab.teach.finish()
