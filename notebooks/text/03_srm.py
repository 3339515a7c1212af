# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Almost equal: who is missing?
#
# Time: 45 minutes. Needs: a mean and a percentage. Runs on: any laptop, no network.
# Previous: [02 Assignment](02_assignment.ipynb). Next: [04 Effects and uncertainty](04_uncertainty.ipynb).
#
# ## The story: 300,000 euros a month
#
# Maya leads checkout at a hotel-booking site. For a month, half of the users got a new page. The dashboard is green: the
# booking rate rises from 20.00 to 20.15 per cent. With all users on the new page that is 2,450 more bookings of 122 euros,
# 300,000 euros a month. It also shows the users: 821,588 saw the old page, 815,482 the new one. "Almost equal", says her
# manager. "Ship it."
#
# Maya asks: "Where are the other 6,106?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given the users of each arm and a plan, you **detect** that users are missing, and decide whether an effect may be read.
# - Given counts by segment, you **find** who is missing, and decide where to look for the cause.
# - Given an alarm, on the last day or early, you **choose** what to do with the test.

# %%
import numpy as np
import pandas as pd

import abkit as ab

rng = ab.teach.start("03", seed=7)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("03.q1", "a")`. A guess is fine. All you need comes below.

# %%
display(ab.teach.quiz("03.q1"), ab.teach.quiz("03.q2"), ab.teach.quiz("03.q3"))

# %% [markdown]
# ## What Maya's dashboard shows
#
# An **arm** is a group of users that sees one version. *Control* sees the old page, *treatment* the new one. A user counts
# as soon as the log, the list of visits, holds her. `rate` is bookings in 100 users. The dashboard also says that the gain is
# *significant*: too large for chance alone. We believe that for now.
#
# ## Your guess, before you see more
#
# Below the table stands a question. Write your guess as the second value of `ab.teach.predict`.

# %%
arms = ["control", "treatment"]
month = pd.DataFrame({"users": [821_588, 815_482], "rate": [20.00, 20.15]}, index=arms)
display(month)
ab.teach.predict("03.p1")

# %% [markdown]
# ## A small test that you can see
#
# Take 200 users, 100 an arm. Both pages are equally good: 20 users book in each arm. But ten users of treatment leave before
# the log is written. They would not have booked.

# %%
ab.plots.plot_missing(users=100, booked=20, missing=10)

# %% [markdown]
# Nobody books more. Treatment still shows the higher rate, since it divides the same 20 bookings by 90 users. A dashboard reads
# the log, and the crosses are not in it.
#
# ## The same division in Maya's month
#
# Her dashboard hid one column: the bookings.

# %%
month["bookings"] = [164_318, 164_318]
month["rate"] = 100 * month["bookings"] / month["users"]
month["if all were there"] = 100 * month["bookings"] / 821_588
display(month.round(2))
gain = month["rate"]["treatment"] - month["rate"]["control"]
gain_left = month["if all were there"]["treatment"] - month["if all were there"]["control"]
ab.teach.reveal("03.p1", 100 * (1 - gain_left / gain))

# %% [markdown]
# The missing users *are* the effect. This holds if none of them would have booked. If they book like everybody else, the gain
# stays. The log cannot tell you which is true, for they are not in it. So the gain cannot be read at all.
#
# ## Are 6,106 users chance?
#
# One doubt is left. A coin gives each user an arm, and even a fair coin gives no exact halves. A test in which nobody is lost is called sound here.
# How large is the gap in a sound test?

# %%
ab.teach.predict("03.p2")

# %% [markdown]
# We toss: 10,000 sound tests with Maya's number of users. `rng.binomial(n, 0.5, 10_000)` tosses `n` coins, 10,000 times, and
# returns how many users got treatment each time.

# %%
n = 821_588 + 815_482
treated = rng.binomial(n, 0.5, 10_000)
gaps = treated - (n - treated)  # treatment minus control
gaps[:8]

# %% [markdown]
# Eight sound tests, and none has equal arms. Now all of them. We sort the gaps by size, without their sign. Of 10,000, the
# tenth from the end is passed by about 1 in 1,000.

# %%
sizes = np.sort(abs(gaps))
print("standard deviation:", round(gaps.std()), "users")
ab.teach.reveal("03.p2", int(sizes[-10]))
ab.plots.plot_count_gap(gaps, -6_106, users=n, guess=ab.teach.predicted("03.p2"))

# %% [markdown]
# The **standard deviation** is the usual distance from the middle, here from 0: about two in three gaps lie closer. For a fair coin it is the square root
# of `n`, 1,279 users here. Theory says that 999 of 1,000 sound tests lie within 3.29 standard deviations, 4,210 users: the grey band.
# Maya's gap is 4.77 of them.
#
# The **p-value** of the counts is the chance that a sound test shows a gap at least as large, on either side. None of the
# 10,000 tests comes near 6,106 users. Theory, which the next call uses, gives 1.8 in a million.

# %% [markdown]
# ## Explain the gap between your guess and chance
#
# - Did you think in per cent? How many users are 0.3 per cent of 1.6 million?
# - With four times the users, how does the gap of chance change?
#
# <details><summary>Explanation</summary>
# Chance grows with the square root: four times the users, twice the gap, but half of it in per cent. Here 4,210 users
# are 0.26 per cent. A dashboard that shows 50.2 and 49.8 per cent hides Maya's.
# </details>
#
# ## Its name is sample-ratio mismatch
#
# A **sample-ratio mismatch (SRM)** means counts that the plan and chance do not explain. The check must know any plan, also 90 to 10.
# So it compares each arm with what the plan gives it:

# %%
seen = np.array([821_588, 815_482])
plan = np.array([0.5, 0.5])
planned = seen.sum() * plan
chi_square = ((seen - planned) ** 2 / planned).sum()
check = ab.srm(seen, plan)
print(round(chi_square, 2), round(check.statistic, 2), check.pvalue)

# %% [markdown]
# **Chi-square** squares the distance of each count from its plan, divides by the plan, and sums over the arms. Here it is 22.77. With two arms
# it is the square of the 4.77. `ab.srm` also gives the p-value: `e-06` after a number means millionths. With counts $O_i$ and planned shares $w_i$:
# $\chi^2 = \sum_i (O_i - n w_i)^2 / (n w_i)$.
#
# The alarm begins at p < .001. A test is stopped for it, so a false alarm has to be rare.
#
# ## Any planned shares: 90 to 10
#
# Two tests were planned 90 per cent control, 10 per cent treatment. On a dashboard both read "90 and 10".

# %%
for counts in ([9_000, 1_000], [901_300, 98_700]):
    print(ab.srm(counts, [0.9, 0.1]).message)

# %% [markdown]
# The first meets its plan, though its arms differ by 8,000 users. The second does not: of the users seen, treatment has 1,300 fewer than its
# tenth, p = 1.5e-05, a fire alarm. (`1.5e-05` is 1.5 in 100,000.)
#
# How many are missing? If control is complete, `901_300 * 0.1 / 0.9`, or 100,144, belong to treatment. So about 1,444 are missing, not
# 1,300: the sum of the arms has lost them too.
#
# > Myth: you may read that this check compares with an equal split. Then every sound test of 9,000 and 1,000 users would raise the
# > alarm, with p below 1e-300. Compare with the plan.

# %% [markdown]
# ## Who is missing? One week of the log
#
# The alarm says that the counts are off. If users are missing, it does not say who. Maya takes one week, a row for each user in the log. The table is
# simulated.

# %%
log = ab.datasets.hotel_log(rng=rng)
log.head()

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `user` | one user in the log | |
# | `day` | day of the week | 1 to 7 |
# | `device` | what the user came with, known before the page | |
# | `arm` | control: old page, treatment: new page | |
# | `booked` | did the user book? | 0 or 1 |
#
# First the whole week. It holds fewer users than the month. `ab.arm_counts` counts the rows of each arm.

# %%
week = ab.arm_counts(log, "arm").counts
print(week)
print(ab.srm(week, {"control": 0.5, "treatment": 0.5}).message)

# %% [markdown]
# In 84 of 100 weeks with such a loss this check passes. A loss among a few users drowns in the chance of all the others. So ask each device.
#
# A part of the users that is known *before* they see a version is a **segment**. Four checks have four chances of a false alarm. So each has a quarter of .001. With the check of all: .002 at most.
#
# `unstack` puts the arms side by side. `T` turns the table, so that `to_dict("list")` makes a list of each device: control, treatment.

# %%
by_device = log.groupby(["device", "arm"])["user"].count().unstack()
display(by_device)
devices = by_device.T.to_dict("list")
ab.plots.plot_shares(devices, 0.5, alpha=0.001 / 4)

# %% [markdown]
# Each grey bar holds the gaps that raise no alarm. One square lies outside: old phones. The check says where. Maya's engineers say
# why: the new page is heavy, and 7.4 in 100 users with an old phone leave before it writes the log. By chance this week shows only 5.
#
# `ab.localise` checks all segments, each at its part of .001, smallest p first:

# %%
for device, found in ab.localise(devices, [0.5, 0.5]).items():
    print(f"{device:10} p = {found.pvalue:.2g}  {'fits the plan' if found.passed else 'ALARM'}")

# %% [markdown]
# Take only what the version cannot change. "Users who saw the payment page" is no segment if the new page changes who gets there.
#
# ## Your third guess: a small app
#
# Ravi's ride app is smaller than Maya's site, and it loses more.

# %%
ab.teach.predict("03.p3")

# %% [markdown]
# We play 10,000 such tests of 20,000 users. The first is printed: a row for android, ios and web, with control and treatment.
# `sum(axis=1)` adds the three. `ab.srm` takes all tests at once and gives a p-value for each.

# %%
tests = ab.datasets.leaky_tests(10_000, 20_000, loss=0.1, rng=rng)  # tests, users
print(tests[0])
everybody = tests.sum(axis=1)
alarms = 100 * (ab.srm(everybody, [0.5, 0.5]).pvalue < 0.001).mean()
ab.teach.reveal("03.p3", round(alarms, 1))
ab.plots.plot_who_sees(tests)

# %% [markdown]
# Each point is a test; a square is an alarm. On average the check of all users finds 33 of 100 such tests: 67 pass, though
# android users are missing. The check of android alone, with a third of .001, finds 84. A run may show 1
# more or less.
#
# ## Explore: how many users does a check need?
#
# No luck is in these curves. Android holds 40 in 100 users. Two goals. First: treatment
# loses 5 per cent of android. How many users does the check of *all* users need to find it in 50 of 100 tests? Second: put in your own
# users and plan. Which loss does the check of android find in 50 of 100?

# %%
panel = ab.explore.noticed(n=20_000, loss=0.05)
panel

# %% [markdown]
# ## The same on paper
#
# `ab.srm_power(users, loss)` is the chance of an alarm if treatment loses this share of its users. Android is 40 per cent, so all users
# lose `0.4` of its loss.

# %%
for users in (5_000, 20_000, 80_000):
    for loss in (0.05, 0.10):
        whole = 100 * ab.srm_power(users, 0.4 * loss)
        part = 100 * ab.srm_power(0.4 * users, loss, alpha=0.001 / 3)
        print(f"{users:6,} users, {loss:.0%} lost: all {whole:3.0f}, android {part:3.0f} of 100")
ab.plots.plot_noticed(loss=0.05, mark=107_000)

# %% [markdown]
# With 5,000 users a loss of 10 per cent in android stays hidden in nine of ten tests, even from android's own check. A pass is no proof. An
# alarm is a reason to stop.
#
# ## Look every day, with a check that allows it
#
# A broken test should end early, so Maya looks each morning. The next test gets 10,000 users a day. Each line below is a test; left nobody is lost, right
# treatment loses 2 per cent. A line beyond a limit is an alarm. `ab.datasets.daily_counts(40_000, …)` gives 40,000 tests.
#
# `ab.sequential_srm` takes the counts so far, a row a day. Its p-value never rises. On the first day below .01, stop the test.

# %%
sound = ab.datasets.daily_counts(40_000, loss=0.0, rng=rng)
leaking = ab.datasets.daily_counts(5_000, loss=0.02, rng=rng)
for counts in leaking[:3]:
    one = ab.sequential_srm(counts, [0.5, 0.5], alpha=0.01)
    print("a leaking test, p on days 10, 20 and 30:", one.pvalue[[9, 19, 29]].round(4))
ab.plots.plot_daily_counts(sound, leaking)

# %% [markdown]
# The solid limit is `ab.srm` at .001 on each day. Thirty looks are thirty chances: about 1 of 100 sound tests has a false alarm (by theory
# 0.96), not 0.1.
#
# The dashed limit is sequential. A **sequential check** may be read on any day, for one promise holds for all its looks together: here at most 1 false
# alarm in 100 sound tests, however long they run. As it is set here, its price is a later alarm: half of the leaking tests have one by day 20, against day 10, and 16 of 100 have none in 30 days.
# "Going further" lowers it.

# %% [markdown]
# ## Where it bites at work
#
# - An arm can have too many: a user with two ids counts twice. The check cannot tell this from a loss in the other arm.
# - A filter against robots reads clicks, and the new version changes clicks.
# - A plan that changes from 10 to 50 per cent mixes two plans. Check each period with its own shares.
#
# ## Exercises

# %%
ab.exercise("03.1")

# %%
answer = None  # such as 0.05
display(ab.check("03.1", answer), ab.solution("03.1"))

# %%
ab.exercise("03.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("03.2", answer), ab.solution("03.2"))

# %%
ab.exercise("03.3")

# %%
answer = None  # a letter and a number, such as ("a", 50)
display(ab.check("03.3", answer), ab.solution("03.3"))

# %%
ab.exercise("03.4")

# %%
answer = None  # a letter and a number, such as ("a", 50)
display(ab.check("03.4", answer), ab.solution("03.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of your file and its column names into the first lines. One row a user, with the arm and one segment. Without a path the cell reads
# Maya's week. In a terminal: `abkit srm users.csv --arm arm --expect control=.5,treatment=.5 --by device`.

# %%
my_table = log  # or a path, such as "users.csv"
my_arm, my_segment = "arm", "device"
my_plan = {"control": 0.5, "treatment": 0.5}
print(ab.srm(ab.arm_counts(my_table, my_arm).counts, my_plan).message)
mine = ab.localise(ab.arm_counts(my_table, my_arm, by=my_segment).counts, my_plan)
ab.plots.plot_srm(mine)

# %% [markdown]
# ## The decision you would make
#
# Back to Maya's month and its green dashboard. The page pays from 0.05 points on. The *interval* in the rule is the range of effects that
# fit the data; notebook 04 builds it. Write your decision into `choice`, and what would make
# you change it into `change`.

# %%
ab.teach.decision(
    rule="p of all below .001, or a segment's below its part: investigate. "
    "Else ship if the interval lies above 0.05 points.",
    evidence=f"Counts {seen[0]:,} and {seen[1]:,}, planned half and half: p = {check.pvalue:.2g}.",
    cost="Stopping a sound test: a month. Shipping a page that loses users: every month.",
    choice="", change="", by_rule="investigate",
)

# %% [markdown]
# ## Take-aways
#
# - Counts off the plan: the comparison is broken, and the missing users may be all of the effect.
# - Compare counts with the plan, all and by segment, before you read any effect.
# - Then look at who is missing. Repair the cause, run again. Dropping users at random repairs nothing.
#
# When this advice is wrong: small tests. There a pass says little, and you need another proof that nobody is lost. And a cause
# in the log alone, such as rows dropped by a join, can be repaired without a new test.
#
# ## Exit questions

# %%
display(ab.teach.quiz("03.q4"), ab.teach.quiz("03.q5"), ab.teach.quiz("03.q6"))

# %% [markdown]
# ## Going further
#
# ### The price of the sequential check, and how to lower it
#
# `ab.sequential_srm` compares the plan with a mixture of other shares (Lindon and Malek). `concentration=1` spreads it over all shares from 0 to 1, so it
# waits for gross losses. In the 30 days above it uses little of its promise: at alpha .05 it errs in 0.056 per cent of sound tests, at .01 in 0.011. A
# larger `concentration`, fixed before the first user, expects small losses. Every value keeps the promise:

# %%
for concentration in (1, 100, 1_000):
    first = []
    for counts in leaking[:500]:
        p = ab.sequential_srm(counts, [0.5, 0.5], concentration=concentration).pvalue
        first.append(31 - (p < 0.01).sum())  # the day of the alarm; 31: none
    none = np.mean(np.array(first) == 31)
    print(f"concentration {concentration:5,}: median day {np.median(first):.0f}, none {none:.0%}")

# %% [markdown]
# Expected: days 20, 15 and 13, and none in 16, 6 and 3 per cent. With 1,000 the check errs in 0.27 per cent of sound tests: three days later than `ab.srm` at .001 a day, which
# errs in 0.96. Tuned to the same error over these 30 days, the two differ by less than a day on average. What is paid for is the promise for *any* number of
# days. At the default alpha .001 and concentration 1 the median is day 25, and 30 per cent have no alarm.
#
# ### Thirty daily looks at a fixed threshold

# %%
for threshold in (0.01, 0.001):
    print(f"{threshold}: {100 * ab.peeking_error(30, threshold):.2f} false alarms in 100 sound tests")

# %% [markdown]
# ### A real trial passes, and passing is no proof
#
# The Canadian breast screening trial assigned 89,835 women one by one. Critics say that women with symptoms were put into the mammography
# arm; a review found no credible sign of it. The counts cannot settle this: they would fit either way.

# %%
women = ab.arm_counts(ab.datasets.mammogram(), "treatment").counts
print(ab.srm(women, {"control": 0.5, "mammogram": 0.5}).message)

# %% [markdown]
# ### Other checks of the same kind
#
# Check the counts also among *triggered* users, those who could see a difference at all. Compare last month's bookings of the same users: before the test the
# arms must not differ. Run an A/A test, the same page in both arms. And when an effect looks too good, look for a fault first (Twyman's law).
#
# ### One draw of a leaking test
#
# A panel with one random test: users, plan and loss.

# %%
ab.explore.srm()

# %% [markdown]
# ## References
#
# - Bailar and MacMahon (1997), CMAJ 156, 193-199: no credible sign that the screening trial's randomization was subverted.
# - Fabijan and others (2019), KDD: causes of SRM, and how to find them. DOI 10.1145/3292500.3330722
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*, ch. 21: the counts and the threshold. DOI 10.1017/9781108653985
# - Lindon and Malek (2022), NeurIPS: the sequential test of counts. arXiv 2011.03567
# - Miller and others (2014), BMJ 348, g366: the screening trial. DOI 10.1136/bmj.g366
# - Yaffe and others (2021), *Journal of Medical Screening*: the critics of its randomization.

# %% jupyter={"source_hidden": true}
kohavi, exact = "Kohavi and others 2020, ch. 21", "exact, in the tests"
second = "a second simulation, in the tests"
numbers_checked = ab.teach.checked(
    ("p-value of Maya's counts, per million", 1e6 * check.pvalue, 1.8, 0.05, kohavi),
    ("gap of 1 in 1,000 sound tests, users", float(sizes[-10]), 4_210, 560, exact),
    ("gain of the missing users, points", gain, 0.15, 0.005, exact),
    ("alarms of all users, of 100 tests", alarms, 33.3, 2.4, second),
    ("alarms at 107,000 users, of 100 tests", 100 * ab.srm_power(107_000, 0.02), 50, 0.5, second),
    ("false alarms, 30 looks at .001, %", 100 * ab.peeking_error(30, 0.001), 0.96, 0.005, exact),
)
display(numbers_checked)
ab.teach.finish()
