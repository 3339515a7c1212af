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
# Time: 45 minutes. Needs: [00 Start here](00_start_here.ipynb). Runs on: real data, no network.
# Previous: [00 Start here](00_start_here.ipynb). Next: [02 Assignment](02_assignment.ipynb).
#
# ## The story: a voucher in a bag
#
# In rural Malawi many people give a sample for an HIV test and never fetch the result. In a real experiment each person drew from
# a bag: a voucher, paid when the result is fetched, or an empty paper.
#
# Grace and Peter each run a clinic for people like these. Both know another way to bring extra results (which nobody would fetch
# otherwise): Grace's nurse brings one for 10 dollars, Peter's phone for 2. (Both prices are made up; the data are real.) Should
# both pay for vouchers?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a table of a random draw, you **compute** the effect, and decide which effects fit the data.
# - Given costs, you **compute** the smallest effect that pays, and compare with it, not with zero.
# - Given effects that fit on both sides of it, you **say** what is missing, and decide: inconclusive.

# %%
import numpy as np
import pandas as pd

import abkit as ab

rng = ab.teach.start("01", seed=7)

# %% [markdown]
# ## Three questions from notebook 00
#
# Answer as in notebook 00. A guess is fine.

# %%
display(ab.teach.quiz("01.q1"), ab.teach.quiz("01.q2"), ab.teach.quiz("01.q3"))

# %% [markdown]
# ## The table has one row a person
#
# These are the published data of Thornton (2008). `NaN` means: not known.
#
# | column | meaning | unit |
# |---|---|---|
# | `got` | 1 if the person fetched the result, else 0 | |
# | `any` | 1 if the person drew a voucher of any worth, 0 if empty | |
# | `tinc` | total incentive: what the drawn voucher is worth, 0 if empty | dollars |
# | `villnum` | number of the village | |
# | `distvct`, `age`, `hiv2004` | way, age, result: not needed now | km, years, 1: HIV (−1: unclear) |

# %%
table = ab.datasets.thornton()
table.head()

# %% [markdown]
# `notna()` is true where a value is known, and a condition in brackets keeps the rows where it is true. Of 4,820 people, 2,901
# have a known draw (nearly all others have no test result). 1,840 of the 2,901 live in villages 1 to 99; elsewhere the draw was a
# different one ("Going further"). 1,838 of these have a known outcome.
#
# Then we take two groups apart: the control drew an empty paper, the treatment a voucher. `round(…, 2)` keeps two decimals.

# %%
drawn = table[table["any"].notna()]
villages = drawn[drawn["villnum"] < 100]
known = villages[villages["got"].notna()]
empty = known[known["any"] == 0]
voucher = known[known["any"] == 1]
print("people with an empty paper:", len(empty))
print("people with a voucher:", len(voucher))
print("mean worth of a voucher:", round(voucher["tinc"].mean(), 2), "dollars")

# %% [markdown]
# ## Your first guess
#
# Store it as in notebook 00. The cell after it has the answer: the mean of zeros and ones is the share of ones.

# %%
ab.teach.predict("01.p1")

# %%
print("empty paper:", round(100 * empty["got"].mean()), "of 100 fetch their result")
print("voucher:", round(100 * voucher["got"].mean()), "of 100 fetch their result")
ab.teach.reveal("01.p1", round(100 * voucher["got"].mean()))

# %% [markdown]
# The gap is 41 percentage points: of 100 people, 41 more.
#
# ## Each person has two outcomes, and shows one
#
# May we say that the voucher *did* this? Take a made-up village of eight people in which we know everything: who comes `without`
# a voucher, and who comes `with_one` (1 comes, 0 stays away). The effect on a person is the difference.
# `pd.DataFrame({…})` makes a table: before each colon a column's name, after it the values.

# %%
village = pd.DataFrame({"without": [0, 0, 0, 1, 0, 1, 0, 0], "with_one": [1, 1, 0, 1, 1, 1, 0, 1]})
village["effect"] = village["with_one"] - village["without"]
village

# %% [markdown]
# Person 0 comes only with a voucher: an effect of 1. Person 2 never comes, person 3 always comes: an effect of 0. The mean of all
# eight effects is 0.5: the truth of this village.
#
# A real table never shows both columns. Let people 0 to 3 draw a voucher, and 4 to 7 an empty paper. The
# next cell is folded (three dots open it): it only writes question marks. You need not read folded code.

# %% jupyter={"source_hidden": true}
seen = village[["without", "with_one"]].astype(object)
seen.loc[0:3, "without"] = "?"
seen.loc[4:7, "with_one"] = "?"
seen

# %% [markdown]
# The **potential outcomes** of a person are what happens without the treatment and what happens with it; one of the two is always
# hidden. So nobody can see the effect on one person. But we can compare the means of what is left. `.loc[rows, column]` takes
# these rows of one column. We compute the gap of this draw, and of a second one.

# %%
first = village.loc[[0, 1, 2, 3], "with_one"].mean() - village.loc[[4, 5, 6, 7], "without"].mean()
second = village.loc[[0, 1, 2, 6], "with_one"].mean() - village.loc[[3, 4, 5, 7], "without"].mean()
print("first draw:", first)
print("second draw:", second)

# %% [markdown]
# First draw: three of four with a voucher come, one of four without. 0.75 − 0.25 = 0.5 is the truth. Second draw: two of four and
# two of four, so the same vouchers look useless. Both people who never come (2 and 6) drew vouchers, both who always come (3 and
# 5) empty papers.
#
# Four vouchers for eight people can be drawn in 70 ways. The folded cell after your guess computes the gap of each.
#
# ## Your second guess

# %%
ab.teach.predict("01.p2")

# %% jupyter={"source_hidden": true}
from itertools import combinations

gaps = []
for four in combinations(range(8), 4):
    has = village.index.isin(four)
    gaps.append(village["with_one"][has].mean() - village["without"][~has].mean())
near = sum(abs(one - 0.5) <= 0.25 for one in gaps)
ab.teach.reveal("01.p2", near)
print("mean of all 70 gaps:", np.mean(gaps))
ab.plots.plot_draws(gaps, 0.5, within=0.25, unit="share of people")

# %% [markdown]
# Each point is the gap of one draw (an estimate). 58 of 70 lie in the grey band, within 0.25 of the truth; the dotted line is no
# effect. The other 12 say 0 or 1: one draw may be wrong. But the mean of all 70 is exactly 0.5: the draw leans to no side.
#
# That needs chance. If the two people who always come take vouchers and nobody else does, both come, and the six others stay
# away. The gap is 1, twice the truth.
#
# The **average treatment effect** is the mean of the effects on all people. Because a bag decided, the gap estimates it.

# %% [markdown]
# ## How far from the truth can one draw be?
#
# Malawi is one draw, and its truth is hidden. So suppose one: 40 of 100 come with an empty paper, 81 with a voucher. Then the
# truth is 41 points. We play 10,000 experiments of the same size, as in notebook 00.
#
# How far from 41 do their gaps lie? `abs(played - 41)` is the distance, up or down. We try four distances, and count the gaps
# within each.  The picture shows the first 400 gaps, `[:400]`.

# %%
control = rng.binomial(259, 0.40, 10_000) / 259
treatment = rng.binomial(1_579, 0.81, 10_000) / 1_579
played = 100 * (treatment - control)
for distance in [2, 4, 6.3, 8]:
    inside = 100 * (abs(played - 41) <= distance).mean()
    print(round(inside), "of 100 gaps lie within", distance, "points of the truth")
ab.plots.plot_draws(played[:400], 41, within=6.3, unit="points")

# %% [markdown]
# Look at the third line: 95 of 100 gaps lie within 6.3 points of the truth, the grey band. (95 is a custom; 6.3 was found by
# trying.)

# %% [markdown]
# ## The distance turned round: from the gap to the truth
#
# In Malawi we see a gap and look for the truth. Suppose one experiment shows 37 points, 4 below the truth. Then the truth is 4
# above its gap. A line of 6.3 points to each side, from 30.7 to 43.3, holds the truth. Another shows 50, 9 above the truth. Its
# line, from 43.7 to 56.3, misses it.
#
# So a line holds the truth whenever its gap lies within 6.3 points of it: in 95 of 100 experiments. Such a line is called an
# interval. The next folded cell draws the first hundred.

# %% jupyter={"source_hidden": true}
hundred = played[:100]
ends = ab.Effect("gap", hundred, 6.3 / 1.96, np.inf, hundred - 6.3, hundred + 6.3, 0.0)
ab.plots.plot_intervals(ends, 41, unit="points")

# %% [markdown]
# Each line is one experiment, with its gap in the middle. The black line is the truth. Dashed lines miss it: about 5 of 100 in
# the long run.
#
# A **95 per cent interval** holds the effects that fit the data: so near to the gap that chance may explain the distance. In 95 of
# 100 experiments it holds the true one. Notebook 04 builds it up.
#
# Now Malawi. `ab.proportions` compares two shares, control first; `.low` and `.high` are the ends.

# %%
gap = 100 * (voucher["got"].mean() - empty["got"].mean())
print("by hand:", round(gap, 1), "points, from", round(gap - 6.3, 1), "to", round(gap + 6.3, 1))
effect = ab.proportions(empty["got"], voucher["got"])
low, high = round(100 * effect.low, 1), round(100 * effect.high, 1)
print("abkit:", round(100 * effect.estimate, 1), "points, from", low, "to", high)
print("p-value below 0.001:", effect.pvalue < 0.001)

# %% [markdown]
# The gap is 40.7 points; 41 was rounded. The package has a formula that needs no supposed truth: its ends differ by up to 0.2
# points. We use it. Effects from 34.3 to 46.8 points, as means over these 1,838 people, fit the data.
#
# Zero does not fit: the p-value, the share of useless vouchers with such a gap or a larger one, is far below 0.001. So the
# voucher works. Should both clinics pay?
#
# ## What must the effect be worth?
#
# Think of 100 people who draw a voucher. A person who comes is paid what the voucher is worth, `tinc`; a person who stays away
# gets nothing. So `tinc` times `got` is what a person is paid.

# %%
paid = voucher["tinc"] * voucher["got"]
cost = 100 * paid.mean()
print("100 vouchers cost", round(cost, 1), "dollars")

# %% [markdown]
# (More than 81 times 1.23: larger vouchers bring more people.) What else could 105.4 dollars buy? Grace's nurse brings an extra
# result for 10 dollars: 105.4 / 10 = 10.5 extra results. Peter's phone brings one for 2 dollars: 105.4 / 2 = 52.7 extra results.
#
# So 100 vouchers have to bring more than 10.5 extra results to pay for Grace, and more than 52.7 for Peter. One extra result among
# 100 people is one point of effect.
#
# The **break-even** is the smallest effect that pays for its cost. The package calls it `worth`. (We take the 105.4 dollars
# as fixed; "Going further" does not.) Braces keep values under names: `worth["Grace"]` is hers, and the loop takes each name.

# %%
worth = {"Grace": cost / 10, "Peter": cost / 2}
for name in worth:
    print("vouchers pay for", name, "from", round(worth[name], 1), "points on")

# %% [markdown]
# ## The rule compares the interval with `worth`
#
# | interval | decision |
# |---|---|
# | all above `worth` | *ship*: pay for vouchers |
# | all below `worth` | *stop*: keep the other way |
# | holds `worth` | *inconclusive*: effects that pay fit, and effects that do not |
#
# (The memo adds *extend*, as in notebook 00, and *investigate*: first search for a fault.)
#
# `ab.Rule` holds `worth`, `ab.decide` compares the interval with it, `.action` is the word of the table. `effect` is a share
# (0.407 for 40.7 points), so we divide the points by 100; in the picture `scale=100` makes points again.

# %%
lines = {"Grace": worth["Grace"] / 100, "Peter": worth["Peter"] / 100}
for name in lines:
    print(name, ab.decide(effect, rule=ab.Rule(worth=lines[name])).action)
ab.plots.plot_worth(effect, lines, unit="points", scale=100)

# %% [markdown]
# The interval lies to the right of Grace's line: each effect that fits the data pays for her. It lies to the left of Peter's:
# none pays for him. The same data, two honest decisions (if their people are like these).
#
# ## Explain the gap
#
# Both clinics have the same p-value. Why does it not settle the question?
#
# <details><summary>Explanation</summary>
# A p-value asks about zero; money asks about the break-even. Even 46.8 points, the upper end, do not reach Peter's 52.7.
# </details>

# %% [markdown]
# ## Your third guess: how few people would do?
#
# One row of the rule has not come up yet: inconclusive. Fewer people give a wider interval, which may hold Peter's line. Suppose
# a smaller test with the same shares, equally many people in each arm (a group of a test).

# %%
ab.teach.predict("01.p3")

# %% [markdown]
# ## Move the number of people
#
# The band is the interval for each number of people; the upright line is yours. (Log scale: steps to the right multiply the
# people.)
#
# First goal: find the smallest number at which Peter stops; the slider moves in steps of 20. Second goal: set the break-even to
# 44. How many people now? ("What would settle it?" below tells.) `base` is how many of 100 come in control.
#
# Then a folded cell asks the rule at every number from 20 on.

# %%
ab.explore.verdict(n=40, base=40, effect=41, worth=52.7)

# %% jupyter={"source_hidden": true}
from abkit.reporting.verdicts import verdicts

people = range(20, 1 + max(300, round(1.1 * (ab.teach.predicted("01.p3") or 0))))
answers = verdicts(people, base=0.40, effect=0.41, worth=lines["Peter"]).actions
ab.teach.reveal("01.p3", people[answers.index("stop")])
peter = {"Peter": lines["Peter"]}
ab.plots.plot_verdicts(people, peter, base=0.40, effect=0.41, guess=ab.teach.predicted("01.p3"))

# %% [markdown]
# Follow the upper edge of the band. With few people it lies above Peter's line: the interval holds the line, inconclusive. From
# 98 people in each arm on (100 on the slider) it lies below: stop. Below 98 the test lacks people.
#
# But 98 is no plan. If the truth is 41 points, about half of all new experiments show a larger gap, and their
# intervals reach over the line again: with 98, only 51 of 100 say stop. Notebook 05 plans the number.

# %% [markdown]
# ## Where it bites at work
#
# - "It is significant" (p below 0.05) ends a meeting before anybody asks for the price.
# - The gap lies above `worth`, but the interval holds it: inconclusive.
# - People *chose* the new page themselves: no draw.
#
# > Myth: a smaller p-value is a better reason to ship. Grace and Peter share one p-value.
# > One ships and one stops.
#
# ## Exercises
#
# For the third: if the metric (what is measured) is not 0 or 1, `ab.welch(control, treatment)` gives effect and interval, with
# `estimate`, `low` and `high`.

# %%
ab.exercise("01.1")

# %%
small = voucher[voucher["tinc"] <= 1]
large = voucher[voucher["tinc"] > 1]
answer = None  # a number, such as 25, or the code: 100 * ab.proportions(small["got"], ...).estimate
display(ab.check("01.1", answer), ab.solution("01.1"))

# %%
ab.exercise("01.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("01.2", answer), ab.solution("01.2"))

# %%
ab.exercise("01.3")

# %%
health = ab.datasets.rand_health()
answer = None  # a number, such as 2.75, or the code that computes it
display(health.head(3), ab.check("01.3", answer), ab.solution("01.3"))

# %%
ab.exercise("01.4")

# %%
answer = None  # a letter and a number, such as ("a", 0.75)
display(ab.check("01.4", answer), ab.solution("01.4"))

# %% [markdown]
# ## Your own table
#
# One row a person. Write your file, the columns of arm and metric, what control and treatment are called (a text in quotation
# marks: `"old"`), and your break-even in the unit of the metric.

# %%
my_table = known  # or your file: pd.read_csv("users.csv"), rows with a known metric
my_arm, my_metric = "any", "got"
my_control, my_treatment, my_worth = 0, 1, 0.105
old = my_table.loc[my_table[my_arm] == my_control, my_metric]
new = my_table.loc[my_table[my_arm] == my_treatment, my_metric]
mine = ab.welch(old, new)
print("effect", round(mine.estimate, 3), "from", round(mine.low, 3), "to", round(mine.high, 3))
print("the rule says:", ab.decide(mine, rule=ab.Rule(worth=my_worth)).action)

# %% [markdown]
# Here 0.407 is 40.7 points, and 0.105 is Grace's 10.5. (The ends of `welch` differ a little.)

# %% [markdown]
# ## The decision you would make
#
# Mercy runs a third clinic. A rider brings her an extra result for 2.40 dollars. Her break-even is 105.4 / 2.40 = 43.9 points. If
# the truth is 41 and she ships, 105.4 dollars bring 41 results instead of the rider's 43.9: 2.9 too few, 7 dollars at her price. If
# the truth is 46 and she stops, the 43.9 are 2.1 too few: 5 dollars. Fill `choice` and `change`, as in notebook 00.
#
# <details><summary>What would settle it?</summary>
# More people: about 1,640 in each arm if they show 41 points, at a break-even of 44, so near. If 41 is the truth, about
# half of such tests say stop, as with 98.
# </details>

# %%
ab.teach.decision(
    rule="Interval above the break-even: ship; below: stop; else inconclusive.",
    evidence="34.3 to 46.8 points fit; break-even 43.9.",
    cost="For each 100 people: ship, truth 41: 7 dollars; stop, truth 46: 5. "
    "A new test, once: 500 more than its results are worth (made up).",
    choice="", change="", by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - A random draw makes the gap an estimate of the average effect; one draw can miss.
# - The interval says which effects fit. Compare it with the break-even.
# - Same data, other costs, another decision. Inconclusive means: this table cannot tell; more people may.
#
# When this advice is wrong: if people chose their group, if outcomes are lost in one group more than in the other, or if one
# person's voucher changes what a neighbour does (notebook 15). Then investigate first.
#
# ## Exit questions

# %%
display(ab.teach.quiz("01.q4"), ab.teach.quiz("01.q5"), ab.teach.quiz("01.q6"))

# %% [markdown]
# ## Going further
#
# ### All three districts, and the published 43.1 points
#
# Villages 100 to 145 form a third district. There many more papers were empty, fewer people came anyway, and 56 people with an
# empty paper have no outcome. In villages 1 to 99 people drew twice, so 14 or 15 of 100 ended with nothing.

# %%
everybody = table[table["any"].notna() & table["villnum"].notna()].copy()
labels = ["1-50", "51-99", "100-145"]
everybody["district"] = pd.cut(everybody["villnum"], [0, 50, 99, 150], labels=labels)
everybody["lost"] = everybody["got"].isna()
none = everybody[everybody["any"] == 0].groupby("district", observed=True)
print(everybody.groupby("district", observed=True)["any"].agg(["count", "mean"]).round(2))
print(none.agg({"got": "mean", "lost": "sum"}).round(2))

# %% [markdown]
# All people together give 45.1 points, too much: the control comes mostly from the district where fewest come anyway. Compare
# inside districts instead: subtract each district's mean from both columns. And bound the lost outcomes (Horowitz and Manski
# 2000): in the worst case all 56 came, and the 11 lost people with a voucher did not. Errors are summed by village, so that the
# interval also speaks of other villages, whose people may be alike; notebook 16 (planned) explains it.

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
# 43.1 points is the published number. With all districts a voucher costs 1.08 dollars, so the lines are 10.8 and 53.8. In each
# case Grace ships and Peter stops. Summed by village, the interval of villages 1 to 99 is wider (32.8 to 48.9): it also speaks of
# other villages like these. Mercy: inconclusive, in the worst case stop.
#
# ### The cost is an average too
#
# The 105.4 dollars are an average with chance in it: their 95 per cent interval puts Peter's line anywhere from 50 to 55 points.
# A check on net money takes both errors together: one value a person, 2 dollars times `got` minus what was paid.

# %%
net = known.assign(net=2 * known["got"] - known["tinc"] * known["got"])
money = ab.welch(net.loc[net["any"] == 0, "net"], net.loc[net["any"] == 1, "net"])
print(f"Peter, dollars for each person: {money.estimate:.2f}, from {money.low:.2f} to {money.high:.2f}")

# %% [markdown]
# All of it lies below 0: stop, again.
#
# ### Check what no voucher can have changed
#
# Three columns are such: age, way and HIV result. By chance alone a column may differ too, so read all three.

# %%
for column in ["age", "distvct", "hiv2004"]:
    rows = known[known[column] >= 0]
    check = ab.welch(rows.loc[rows["any"] == 0, column], rows.loc[rows["any"] == 1, column])
    print(f"{column}: {check.estimate:+.2f}, p = {check.pvalue:.3f}")

# %% [markdown]
# People with a voucher are 2.1 years older; chance shows such a gap or a larger one, up or down, in 13 of 1,000 draws, and in one
# of three columns in fewer than 4 of 100. Way and result differ little. Such a number is first a reason to search for a fault
# (Twyman's law). Thornton reports that fewer empty papers were given out than planned. If a nurse chose whom to spare, the draw was
# not pure.
#
# Does age explain the gap? Compare inside two age groups, and average over all people.

# %%
parts = {"below 30 years": known[known["age"] < 30], "from 30 years on": known[known["age"] >= 30]}
total = 0
for name, rows in parts.items():
    inside = 100 * (rows.loc[rows["any"] == 1, "got"].mean() - rows.loc[rows["any"] == 0, "got"].mean())
    total = total + inside * len(rows)
    print(f"{name}: {inside:.1f} points")
print(f"average: {total / known['age'].notna().sum():.1f} points")

# %% [markdown]
# Hardly: 39.9 instead of 40.7 points. (The two groups differ by 6.1 points; chance alone often shows that much.)

# %% [markdown]
# ### What "the" effect assumes
#
# In formulas the average effect is $E[Y(1) - Y(0)]$: the mean over all people of the outcome with a voucher minus the outcome
# without. One person's voucher changes nobody else's outcome, and "a voucher" is one thing, here the mix of worths in the bag
# (SUTVA; notebook 15). And everybody could have drawn either paper (positivity).

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
inside_band = 100 * (abs(played - 41) <= 6.3).mean()
numbers_checked = ab.teach.checked(
    ("effect inside districts, points", within(everybody)[0], 43.1, 0.05, "Thornton 2008, table 4"),
    ("effect, all rows, points", 100 * pooled, 45.06, 0.005, "another package"),
    ("of 100 gaps within 6.3 points", inside_band, 95.1, 1.1, "exact sum, in the tests"),
    ("job training, dollars", training, 1_794, 0.5, "Dehejia and Wahba 1999, table 3"),
    ("draws within 0.25, of 70", near, 58, 0.5, "counted by hand, in the tests"),
)
display(numbers_checked)
ab.teach.finish()
