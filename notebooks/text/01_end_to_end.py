# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One table, two clinics: should both pay for vouchers?
#
# Time: 45 minutes. Needs: [00 Start here](00_start_here.ipynb). Runs on: a real experiment in Malawi, no network.
# Previous: [00 Start here](00_start_here.ipynb). Next: [02 Assignment](02_assignment.ipynb).
#
# ## The story: a voucher in a bag
#
# In rural Malawi many people give a sample for an HIV test and never fetch the result. In a real experiment each person drew from a
# bag: a voucher, paid when the result is fetched, or an empty paper.
#
# Grace and Peter each run a clinic for people like these. Without vouchers, Grace sends a nurse: 10 dollars for each result that is fetched more. Peter can
# phone: 2 dollars. (Both prices are made up; the data are real.) Should both pay for vouchers?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a table of a random draw, you **compute** the effect and its interval, and decide what it speaks about.
# - Given costs, you **compute** the smallest effect that pays, and decide against it, not against zero.
# - Given an interval that holds this value, you **say** what is missing, and how many people settle it.

# %%
from itertools import combinations

import numpy as np
import pandas as pd

import abkit as ab
from abkit.reporting.verdicts import verdicts

rng = ab.teach.start("01", seed=7)

# %% [markdown]
# ## Three questions from notebook 00
#
# Answer with a letter, as the second value: `ab.teach.quiz("01.q1", "a")`. A guess is fine.

# %%
display(ab.teach.quiz("01.q1"), ab.teach.quiz("01.q2"), ab.teach.quiz("01.q3"))

# %% [markdown]
# ## The table has one row a person
#
# It holds the published data of Thornton (2008). `NaN` means: not known.

# %%
table = ab.datasets.thornton()
table.head()

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `villnum` | number of the village | |
# | `got` | 1 if the person fetched the result, else 0 | |
# | `distvct` | way to the place of the results | km |
# | `tinc` | total incentive: what the drawn voucher is worth, 0 if empty | dollars |
# | `any` | 1 if the person drew a voucher of any worth, 0 if empty | |
# | `age` | age | years |
# | `hiv2004` | result of the test: 1 infected, 0 not, −1 unclear | |

# %% [markdown]
# People with `any` 1 are the treatment, people with `any` 0 the control: nothing was promised to them.
#
# For 1,919 of the 4,820 people the table holds no draw (`any` is `NaN`); we leave them out. We take villages 1 to 99. In the other villages the draw was a different one, and outcomes are missing; "Going further" takes them in.

# %%
drawn = table[(table["villnum"] < 100) & table["any"].notna()]
known = drawn[drawn["got"].notna()]
print(len(drawn), "people drew,", len(known), "of them have a known outcome")
known.groupby("any")["tinc"].agg(["count", "mean", "max"]).round(2)

# %% [markdown]
# 1,579 people drew a voucher. It was worth 1.23 dollars on average, a little more than a day's wage, and at most 2.84. 259 people drew an
# empty paper. Only two outcomes are missing.
#
# ## Your first guess
#
# Write it as the second value. Nobody grades it.

# %%
ab.teach.predict("01.p1")

# %%
share = 100 * known.groupby("any")["got"].mean()
print(share.round(1))
ab.teach.reveal("01.p1", round(share[1]))

# %% [markdown]
# 40.2 of 100 fetch the result with an empty paper, 80.8 with a voucher. The gap is 40.7 percentage points, or points for short.
#
# ## Each person has two outcomes, and shows one
#
# May we say that the voucher *did* this? Take a made-up village of eight people in which we know everything: what each does without a
# voucher, and with one. Here are five of them.

# %%
village = pd.DataFrame({"without": [0, 0, 0, 1, 0, 1, 0, 0], "with_one": [1, 1, 0, 1, 1, 1, 0, 1]})
village["effect"] = village["with_one"] - village["without"]
village.head()

# %% [markdown]
# The first person comes only with a voucher: an effect of 1. The third never comes, the fourth always does: an effect of 0. The mean
# of all eight effects is 0.5. In a real table one of the two is always hidden. Let people 0, 1, 2 and 3 draw a voucher. (`object` lets a
# column hold a question mark.)

# %%
shown = village[["without", "with_one"]].astype(object)
shown.loc[0:3, "without"] = "?"
shown.loc[4:7, "with_one"] = "?"
shown.head()

# %% [markdown]
# The **potential outcomes** of a person are what happens without the treatment and what happens with it; one of the two is always
# hidden. So nobody can see the effect on one person. But we can compare means: three of four with a voucher come, one of four without. The gap of this draw is
# 0.75 − 0.25 = 0.5.
#
# Another draw hides others. Four vouchers for eight people can be drawn in 70 ways: `combinations(range(8), 4)` lists them. In the loop
# below `isin` marks the four people with `True`, and `~` turns each `True` into `False`.
#
# ## Your second guess

# %%
ab.teach.predict("01.p2")

# %%
gaps = []
for four in combinations(range(8), 4):
    has = village.index.isin(four)
    gaps.append(village["with_one"][has].mean() - village["without"][~has].mean())
near = sum(abs(gap - 0.5) <= 0.25 for gap in gaps)
ab.teach.reveal("01.p2", near)
print("mean of all 70 gaps:", np.mean(gaps))

# %%
ab.plots.plot_draws(gaps, 0.5, within=0.25, unit="share of people")

# %% [markdown]
# Each point is one draw; the dotted line is no effect. 58 of the 70 lie within 0.25 of the truth; 12 say 0 or 1. One draw may be wrong. The mean of all 70 is
# exactly 0.5: the draw leans to no side.
#
# That needs chance. If the two people who come anyway (numbers 3 and 5) take vouchers and nobody else does, both
# come, and the six others stay away: the gap is 1, twice the truth. More such people would not help.

# %% [markdown]
# ## The average effect gets a name
#
# The **average treatment effect** is the mean of the effects on all people:
#
# $$E[Y(1) - Y(0)]$$
#
# $Y(1)$ is the outcome with a voucher, $Y(0)$ without, and $E$ the mean over all people. Because a bag decided, the gap between the
# groups estimates it.
#
# ## How far from the truth can one draw be?
#
# Malawi is one draw. Suppose the truth there is 41 points: 40 of 100 come without, 81 with a voucher. We
# play 10,000 experiments of the same size, as in notebook 00.

# %%
control = rng.binomial(259, 0.40, 10_000)
treatment = rng.binomial(1_579, 0.81, 10_000)
played = 100 * (treatment / 1_579 - control / 259)  # the gap of each experiment, in points
reach = np.quantile(abs(played - 41), 0.95)
print(f"95 of 100 gaps lie within {reach:.1f} points of the truth")
ab.plots.plot_draws(played[:400], 41, within=round(reach, 1), unit="points")

# %% [markdown]
# The figure shows the first 400 gaps. `np.quantile(…, 0.95)` gives the distance that 95 of 100 gaps do not exceed: about 6 points. So look from the other side: in 95 of
# 100 experiments, the truth lies within about 6 points of the gap that was seen.
#
# ## An interval holds the truth in 95 of 100 experiments
#
# Here are the first hundred of them (`[:100]`). `ab.Moments.counts` takes how many came, of how many. Each line reaches about 6 points,
# 0.06 on the axis, to each side of its own gap.

# %%
old, new = ab.Moments.counts(control[:100], 259), ab.Moments.counts(treatment[:100], 1_579)
hundred = ab.proportions(old, new)
ab.plots.plot_intervals(hundred, 0.41, unit="share")

# %% [markdown]
# The black line is the truth, 0.41 or 41 points. Most lines cross it; the dashed ones miss it. In the long run 95 of 100 cross.
#
# A **95 per cent interval** holds the effects that fit the data; in 95 of 100 experiments it holds the true one. Notebook 04 builds it
# up. In Malawi we have one gap, and one interval. `ab.proportions` takes control first.

# %%
without = known.loc[known["any"] == 0, "got"]
with_one = known.loc[known["any"] == 1, "got"]
gap = 100 * (with_one.mean() - without.mean())
effect = ab.proportions(without, with_one)
low, high = 100 * effect.low, 100 * effect.high
print(f"by hand: {gap:.1f} points, from {gap - reach:.1f} to {gap + reach:.1f}")
print(f"abkit:   {100 * effect.estimate:.1f} points, from {low:.1f} to {high:.1f}")
print(f"p = {effect.pvalue:.0e}")

# %% [markdown]
# The two differ by less than half a point; the package uses a formula that also holds for rates near 0 or 1. So effects from 34 to 47 points fit
# the data. They are mean effects on these 1,838 people ("Going further" asks about other villages). Zero does not fit: the p-value, the share of useless vouchers with such a gap or a larger one, is printed as 1e-44: a point, 43 zeros, then a 1.
#
# So the voucher works. Should both clinics pay?
#
# ## What must the effect be worth?
#
# A voucher is paid only if the person comes. What does one drawn voucher cost on average? Divide it by what the other way costs for each
# result.

# %%
treated = known[known["any"] == 1]
paid = (treated["tinc"] * treated["got"]).mean()
worth = {"Grace": paid / 10, "Peter": paid / 2}
print(f"paid for each voucher: {paid:.2f} dollars")
for name, least in worth.items():
    print(f"{name}: {100 * least:.1f} points")

# %% [markdown]
# 100 vouchers cost 105 dollars. For 105 dollars Grace's nurse brings 10.5 results more. As long as 100 vouchers cost 105 dollars, they pay for Grace if they bring more than 10.5 results more of 100 people: 10.5 points. For 105 dollars Peter's phone brings 52.7.
#
# The **break-even** is the smallest effect that pays for its cost. In the package it is called `worth`.

# %% [markdown]
# ## The rule compares the interval with `worth`
#
# | interval | decision |
# |---|---|
# | all above `worth` | *ship*: pay for vouchers |
# | all below `worth` | *stop*: keep the other way |
# | holds `worth` | *inconclusive*: effects that pay fit, and effects that do not |
#
# Two more words: *extend*, if planned people are still to come, and *investigate*, if a check of the data fails. "Going further" has a doubtful one: age.

# %%
for name, least in worth.items():
    print(name, ab.decide(effect, rule=ab.Rule(worth=least)).action)
ab.plots.plot_worth(effect, worth, unit="points", scale=100)

# %% [markdown]
# The interval lies to the right of Grace's line and to the left of Peter's. Each effect that fits the data pays for Grace. None pays for
# Peter. The same data, two honest decisions.
#
# ## Explain the gap
#
# - Both clinics have the same p-value. Why does it not settle the question?
# - What would Peter need to hear from you before he believes "stop"?
#
# <details><summary>Explanation</summary>
# A p-value asks about zero, and vouchers cost money. The voucher is useful in both clinics; in Peter's the phone is cheaper for each
# result. For Peter, say the whole interval: even 47 points, its upper end, do not reach 52.7.
# </details>

# %% [markdown]
# ## Your third guess: how few people would do?
#
# Peter could have asked fewer people. His line stays at 52.7 points.

# %%
ab.teach.predict("01.p3")

# %% [markdown]
# ## Move the number of people
#
# The band is the interval, for each number of people in an arm (a group of a test). First goal: find the smallest number at which Peter stops (the slider moves in steps of 20).
# Second goal: set the effect and the break-even of your own last test; the share of control goes into `base`. Would it have
# decided?

# %%
panel = ab.explore.verdict(n=40, base=40, effect=41, worth=52.7)
panel

# %% [markdown]
# The same on paper. `verdicts` gives the decision for each number of people, with 40 and 81 of 100 as above. `index("stop")` finds the
# place of the first stop.

# %%
people = range(10, 1_001)
answers = verdicts(people, base=0.40, effect=0.41, worth=worth["Peter"]).actions
first = answers.index("stop")
ab.teach.reveal("01.p3", people[first])

# %%
ab.plots.plot_verdicts(people, worth, base=0.40, effect=0.41, guess=ab.teach.predicted("01.p3"))

# %% [markdown]
# Few people give a wide interval: it holds Peter's line, and the rule says inconclusive. From 98 people in each arm on it lies
# below. That takes the gap of 41 points as given. If 41 points is the truth, a new experiment with 98 people in each arm sees another
# gap, and says stop in only 51 of 100 cases. So a plan needs more people; notebook 05 finds how many.
#
# For Grace the formula says 20 in each arm, if they show 41 points; a plan needs more. What counts is the distance between effect and `worth`.

# %% [markdown]
# ## Where it bites at work
#
# - "It is significant" (p below 0.05) closes a meeting before anybody has asked for the price.
# - The estimate alone lies above `worth`, and a part of the interval lies below.
# - A table of people who *chose* a new page: the two in our village who come anyway.
#
# > Myth: you may read that a smaller p-value is a better reason to ship. Grace and Peter share one p-value, below
# > 10⁻⁴³. One ships and one stops.
#
# ## Exercises

# %%
ab.exercise("01.1")

# %%
small = known[(known["tinc"] > 0) & (known["tinc"] <= 1)]
large = known[known["tinc"] > 1]
answer = None  # such as 25, after running 100 * ab.proportions(small["got"], ...).estimate
display(ab.check("01.1", answer), ab.solution("01.1"))

# %%
ab.exercise("01.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("01.2", answer), ab.solution("01.2"))

# %% [markdown]
# The next one has a new table. For a metric that is not 0 or 1, `ab.welch(control, treatment)` gives the effect and its interval. It
# has the same fields: `estimate`, `low`, `high`.

# %%
ab.exercise("01.3")

# %%
health = ab.datasets.rand_health()
answer = None  # your code, or its result
display(ab.check("01.3", answer), ab.solution("01.3"))

# %%
ab.exercise("01.4")

# %%
answer = None  # a letter and a number, such as ("a", 0.75)
display(ab.check("01.4", answer), ab.solution("01.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of your file, its column names and your break-even into the first three lines. One row a person; the metric may be 0 or
# 1, or any number. A file holds texts: write `"0"` and `"1"` for arms 0 and 1. Without a path the cell reads the villages.

# %%
my_table = known  # or a path, such as "users.csv"
names = {"arm": "any", "control": 0, "treatment": 1, "metric": "got"}
my_worth = 0.105  # in the unit of the metric; a share, if it is 0 or 1
arms = ab.Moments.from_table(my_table, [names["metric"]], by=names["arm"])
mine = ab.welch(arms[names["control"]], arms[names["treatment"]])
print(f"effect {mine.estimate:+.4f}, from {mine.low:.4f} to {mine.high:.4f}")
print("the rule says:", ab.decide(mine, rule=ab.Rule(worth=my_worth)).action)

# %% [markdown]
# ## The decision you would make
#
# Mercy runs a third clinic. A rider on a bicycle brings her one result more for 2.40 dollars. Same table, same rule. Write your decision into
# `choice` (ship: vouchers; stop: keep the rider), and what would make you change it into `change`. How many people could settle it? Set
# her break-even, 44, in the panel.
#
# <details><summary>How many people?</summary>
# If they show 41 points: about 1,640 in each arm at a line of 44 (some more at 43.9). The table has 259 with an empty paper. A plan needs still more.
# </details>

# %%
mercy = paid / 2.40
ab.teach.decision(
    rule="Interval above the break-even: ship; below: stop; else inconclusive.",
    evidence=f"{low:.1f} to {high:.1f} points; break-even {100 * mercy:.1f}.",
    cost="In dollars. Each point between truth and break-even: 2.40 for 100 people. A new test: 500.",
    choice="", change="", by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - A random draw makes the gap an estimate of the average effect; one draw can miss.
# - The interval says which effects fit. Compare it with what the result must be worth.
# - Same data, other costs, another decision. Inconclusive is a result: it says what is missing.
#
# When this advice is wrong: if people chose their group, if outcomes are lost in one group more than in the other, or if one person's voucher
# changes what a neighbour does (notebook 15). Then investigate first.
#
# ## Exit questions

# %%
display(ab.teach.quiz("01.q4"), ab.teach.quiz("01.q5"), ab.teach.quiz("01.q6"))

# %% [markdown]
# ## Going further
#
# ### All three districts, and the published 43.1 points
#
# Villages 100 to 145 form a third district. There many more papers were empty, fewer people came anyway, and 56 people with an empty
# paper have no outcome. In villages 1 to 99 people drew twice, so 14 or 15 of 100 ended with nothing.

# %%
everybody = table[table["any"].notna() & table["villnum"].notna()].copy()
labels = ["1-50", "51-99", "100-145"]
everybody["district"] = pd.cut(everybody["villnum"], [0, 50, 99, 150], labels=labels)
everybody["lost"] = everybody["got"].isna()
empty = everybody[everybody["any"] == 0].groupby("district", observed=True)
print(everybody.groupby("district", observed=True)["any"].agg(["count", "mean"]).round(2))
print(empty.agg({"got": "mean", "lost": "sum"}).round(2))

# %% [markdown]
# All people together give 45.1 points, too much: the control comes mostly from the district where fewest come anyway. Compare
# inside districts instead: subtract each district's mean from both columns. And bound the lost outcomes (Horowitz and Manski 2000): in the
# worst case all 56 came, and the 11 lost people with a voucher did not. Errors are summed by village, so that the interval also speaks
# of other villages, whose people may be alike; notebook 16 (planned) explains it.

# %%
def within(rows):
    rows = rows.dropna(subset=["got"])
    means = rows.groupby("district", observed=True)[["got", "any"]].transform("mean")
    y, t = rows["got"] - means["got"], rows["any"] - means["any"]
    gap = (y * t).sum() / (t * t).sum()
    sums = (t * (y - gap * t)).groupby(rows["villnum"]).sum()
    error = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / (t * t).sum()
    return 100 * gap, 100 * (gap - 1.96 * error), 100 * (gap + 1.96 * error)

# %%
cases = {
    "known outcomes": everybody,
    "worst case": everybody.assign(got=everybody["got"].fillna(1 - everybody["any"])),
    "best case": everybody.assign(got=everybody["got"].fillna(everybody["any"])),
    "villages 1 to 99": everybody[everybody["villnum"] < 100],
}
for name, rows in cases.items():
    print(f"{name}: {within(rows)[0]:.1f} points, from {within(rows)[1]:.1f} to {within(rows)[2]:.1f}")

# %% [markdown]
# 43.1 points is the published number. With all districts a voucher costs 1.08 dollars, so the lines are 10.8 and 53.8. In each case
# Grace ships and Peter stops. Summed by village, the interval of villages 1 to 99 is wider (32.8 to 48.9): it also speaks of
# other villages like these. Mercy: inconclusive, in the worst case stop.
#
# ### The cost is an average too
#
# The 1.05 dollars have a standard error of 0.02, so the 95 per cent interval of Peter's line is 50 to 55 points. A check on net money takes
# both errors together: one value a person, 2 dollars times `got` minus what was paid.

# %%
net = known.assign(net=2 * known["got"] - known["tinc"] * known["got"])
money = ab.welch(net.loc[net["any"] == 0, "net"], net.loc[net["any"] == 1, "net"])
print(f"Peter, dollars for each person: {money.estimate:.2f}, from {money.low:.2f} to {money.high:.2f}")

# %% [markdown]
# All of it lies below 0: stop, again.
#
# ### Check what no voucher can have changed
#
# People with a voucher are 2.1 years older; chance shows such a gap or a larger one in 13 of 1,000 draws. Such a number is first a reason
# to search for a fault (Twyman's law). Thornton reports that fewer empty papers were given out than planned. If a nurse chose whom to
# spare, the draw was not pure. Below 30 years the effect is 43.4 points, from 30 on it is smaller.

# %%
old, new = (known.loc[known["any"] == arm, "age"].dropna() for arm in (0, 1))
ages = ab.welch(old, new)
print(f"age: {ages.estimate:+.2f} years, p = {ages.pvalue:.3f}")
young = known[known["age"] < 30]
print(f"below 30 years: {100 * young.groupby('any')['got'].mean().diff().iloc[-1]:.1f} points")

# %% [markdown]
# ### What "the" effect assumes
#
# One person's voucher changes nobody else's outcome, and "a voucher" is one thing, here the mix of worths in the bag (SUTVA;
# notebook 15). And everybody could have drawn either paper (positivity).

# %% [markdown]
# ## References
#
# - Thornton (2008), American Economic Review 98, 1829-1863: vouchers and HIV results. DOI 10.1257/aer.98.5.1829
# - Neyman (1923), translated in Statistical Science 5 (1990), 465-472: potential outcomes. DOI 10.1214/ss/1177012031
# - Miettinen and Nurminen (1985), Statistics in Medicine 4, 213-226: the interval of two rates. DOI 10.1002/sim.4780040211
# - Horowitz and Manski (2000), JASA 95, 77-84: bounds for lost outcomes. DOI 10.1080/01621459.2000.10473902
# - Dehejia and Wahba (1999), JASA 94, 1053-1062: the job training of an exercise. DOI 10.1080/01621459.1999.10473858

# %% jupyter={"source_hidden": true}
pooled = table.dropna(subset=["any", "got"]).groupby("any")["got"].mean().diff().iloc[-1]
men = ab.datasets.nsw()
training = men.groupby("treat")["re78"].mean().diff().iloc[-1]
numbers_checked = ab.teach.checked(
    ("effect inside districts, points", within(everybody)[0], 43.1, 0.05, "Thornton 2008, table 4"),
    ("effect, all rows, points", 100 * pooled, 45.06, 0.005, "another package"),
    ("reach of 95 of 100 gaps, points", reach, 6.25, 0.25, "a second simulation, in the tests"),
    ("job training, dollars", training, 1_794, 0.5, "Dehejia and Wahba 1999, table 3"),
    ("draws within 0.25, of 70", near, 58, 0.5, "counted by hand, in the tests"),
)
display(numbers_checked)
ab.teach.finish()
