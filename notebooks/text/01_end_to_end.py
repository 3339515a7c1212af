# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The same 43 points: one clinic ships, the other stops
#
# Time: 45 minutes. Needs: notebook 00. Runs on: a real experiment with 4,820 people, no network.
# Previous: [00 Start here](00_start_here.ipynb). Next: [02 Assignment](02_assignment.ipynb).

# %% [markdown]
# ## The story: two clinics read one table
#
# In rural Malawi many people give a sample for an HIV test, and most never fetch the result. In a real experiment they drew a
# **voucher** from a bag, paid when they fetched it. Some drew an empty one.
#
# Grace runs a clinic at the lake. A nurse can carry a result to a home: 10 dollars each. Peter's clinic in town can phone: 2 dollars
# for each result that it brings. (The prices are made up; the data are real.) Should they pay for vouchers instead?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a raw table, you **find** which rows may be compared, and decide whether to read an effect at all.
# - Given two groups, you **compute** the effect and its interval, and decide whether the comparison is fair.
# - Given an interval and a cost, you **decide**: ship, stop, or not decided.

# %%
import abkit as ab

rng = ab.teach.start("01", seed=7)

# %% [markdown]
# ## Recall: three questions from notebook 00
#
# Write a letter as the second value, for example `ab.teach.quiz("01.q1", "a")`.

# %%
from IPython.display import display

display(ab.teach.quiz("01.q1"), ab.teach.quiz("01.q2"), ab.teach.quiz("01.q3"))

# %% [markdown]
# ## Predict: what does a small voucher change?
#
# Without a voucher 34 of 100 people fetch their result. The average voucher is worth 1.29 dollars, a little more than a day's
# wage. How many of 100 fetch it with a voucher? Replace 50 by your own guess.

# %%
ab.teach.predict("01.p1", 50, low=0, high=100)

# %% [markdown]
# ## The idea takes eight lines: chance makes the groups comparable
#
# Each person has two **potential outcomes**: fetched without a voucher, fetched with one. We only ever see one. In a made-up
# village of eight we know both. Draw four vouchers in each of the 70 possible ways, and compare the groups.

# %%
from itertools import combinations

import numpy as np

without = np.array([0, 0, 0, 1, 0, 1, 0, 0])  # 1: fetches the result
with_one = np.array([1, 1, 0, 1, 1, 1, 0, 1])
truth = (with_one - without).mean()  # the average effect: nobody can see it
draws = [list(treated) for treated in combinations(range(8), 4)]
seen = [with_one[d].mean() - np.delete(without, d).mean() for d in draws]
volunteers = with_one[without == 1].mean() - without[without == 0].mean()
first = ab.welch(np.delete(without, draws[0]), with_one[draws[0]])  # the library: control first
assert first.estimate == seen[0]
ab.teach.report(truth=truth, mean_of_70_draws=np.mean(seen), smallest=min(seen), largest=max(seen))
ab.teach.report(volunteers=volunteers)

# %% [markdown]
# One draw may say 0 or 1. The mean of all is the truth, 0.5. If those who come anyway take the vouchers, the difference
# says 1. So the draw must not look at the people.
#
# ## The raw table: 4,820 rows, 2,834 complete ones
#
# `any` is 1 for a voucher and 0 for an empty draw. `got` is 1 when the result was fetched. The group with
# vouchers is the **treatment arm**, the other one is **control**.

# %%
table = ab.datasets.thornton()
drawn = table[table["any"].notna()]  # people who drew
known = drawn[drawn["got"].notna()]  # and whose result was waiting
ab.teach.report(rows=len(table), drew=len(drawn), complete=len(known))
ab.teach.report(mean_voucher_in_dollars=known.loc[known["any"] == 1, "tinc"].mean())

# %% [markdown]
# ## The first answer: 45 points, from 41 to 49
#
# A **standard error** says how far the difference moves from draw to draw. The **95 per cent interval** reaches about two of
# them to each side. In 95 of 100 draws it holds the true effect. **p** is how often chance alone differs so much.

# %%
base, rate = (known.loc[known["any"] == arm, "got"].mean() for arm in (0, 1))
n0, n1 = (int((known["any"] == arm).sum()) for arm in (0, 1))
se = np.sqrt(base * (1 - base) / n0 + rate * (1 - rate) / n1)
gap = rate - base
print(f"by hand: {base:.3f} → {rate:.3f}: {gap:+.4f}, {gap - 1.96 * se:.3f} to {gap + 1.96 * se:.3f}")

def compare(rows):
    arms = ab.Moments.from_table(rows, ["got"], by="any")
    return ab.proportions(arms[0], arms[1])

effect = compare(known)
assert np.isclose(effect.estimate, gap)
print(f"abkit: {effect.estimate:+.4f}, {effect.low:.3f} to {effect.high:.3f}, p = {effect.pvalue:.0e}")
ab.teach.match("all districts together", effect.estimate, 0.4506, 5e-5, source="another package")

# %% [markdown]
# The library's interval, called **score**, also holds for rates near 0 or 1. It speaks of these people. To speak of other villages
# too, sum the deviations by village: people of one village are alike, and the error grows by 9 per cent (notebook 16).

# %%
deviation = known["got"] - known.groupby("any")["got"].transform("mean")
weighted = deviation * np.where(known["any"] == 1, 1 / n1, -1 / n0)
village = weighted.groupby(known["villnum"].fillna(0)).sum()  # four people have no village
village_se = np.sqrt((village**2).sum() * len(village) / (len(village) - 1))
ab.teach.report(standard_error_of_people=se, standard_error_of_villages=village_se)
ab.teach.match("standard error by village", village_se, 0.0228, 5e-5, source="another package")

# %% [markdown]
# ## The report refuses, and it is right
#
# `analyze` checks before it shows an effect: lost values always, shares and repeated people when you give the plan and the
# column. Look at what stops it.

# %%
got = ab.Metric("got", "proportion")
plan = ab.Analysis(arm="any", control=0, metrics=(got,))
ab.analyze(drawn, plan)

# %% [markdown]
# 8 per cent of control have no value, and 0.5 per cent of treatment. In all 67 rows the test result itself is missing
# (`hiv2004`). Where are they? The villages lie in three districts: 1 to 50, 51 to 99, 100 to 145.

# %%
import pandas as pd

district = pd.cut(drawn["villnum"], [0, 50, 99, 150], labels=["1-50", "51-99", "100-145"])
assert drawn.loc[drawn["got"].isna(), "hiv2004"].isna().all()
empty = drawn["any"] == 0
rows = pd.DataFrame({"drew": 1, "empty": empty, "fetched if empty": drawn["got"].where(empty),
                     "lost if empty": drawn["got"].isna().where(empty)})
how = {"drew": "sum", "empty": "mean", "fetched if empty": "mean", "lost if empty": "sum"}
print(rows.groupby(district, observed=True).agg(how).astype(float).round(2).to_string())

# %% [markdown]
# All lost control rows are in one district; why, the data do not say. In the other two only 14 or 15 per cent drew nothing:
# people drew twice there, for two tests. So control comes mostly from the district where fewest come anyway.
#
# ## The better answer: 43 points, inside districts
#
# Compare only people of one district: subtract each district's mean from both columns first.

# %%
def within(rows):
    rows = rows.dropna(subset=["villnum"])
    parts = rows.groupby(pd.cut(rows["villnum"], [0, 50, 99, 150]), observed=True)[["got", "any"]]
    y, t = (rows[["got", "any"]] - parts.transform("mean")).to_numpy().T
    gap = (y @ t) / (t @ t)
    sums = pd.Series(t * (y - gap * t)).groupby(rows["villnum"].to_numpy()).sum()
    se = np.sqrt((sums**2).sum() * len(sums) / (len(sums) - 1)) / (t @ t)
    return ab.Effect("inside districts", gap, se, np.inf, gap - 1.96 * se, gap + 1.96 * se, 0.0)

inside = within(known)
ab.teach.report(points=100 * inside.estimate, low=100 * inside.low, high=100 * inside.high)
ab.teach.match("Thornton (2008), table 4, column 1", inside.estimate, 0.431, 5e-4)

# %% [markdown]
# And the 67 lost people? In the **worst case** all 56 in control come, and none of the 11 with a voucher; the **best case** is the
# opposite. Then check what no voucher can have changed: distance and age.

# %%
def points(e):
    return f"{100 * e.estimate:.1f} points, {100 * e.low:.1f} to {100 * e.high:.1f}"

worst = drawn.assign(got=drawn["got"].fillna(1 - drawn["any"]))
best = drawn.assign(got=drawn["got"].fillna(drawn["any"]))
bounds = {"worst": within(worst), "best": within(best)}
ab.teach.report({f"{name} case": points(e) for name, e in bounds.items()})
for column, unit in (("distvct", "km"), ("age", "years")):
    arms = ab.Moments.from_table(known, [column], by="any")
    before = ab.welch(arms[0], arms[1])
    print(f"{column}: {before.estimate:+.2f} {unit}, p = {before.pvalue:.3f}")
print("below 30 years:", points(within(known[known["age"] < 30])))

# %% [markdown]
# The ages differ by 1.6 years, which chance does in 7 of 1,000 draws. A number that looks too good or too bad is first a reason
# to search for a fault (**Twyman's law**). Below 30 years the effect is 44 points: age explains nothing here.
#
# ## The costs turn one effect into two decisions
#
# A voucher is paid only to those who come: 1.07 dollars for each person who drew one. If another way brings one more
# result for 10 dollars, vouchers pay from 1.07 / 10 on: 10.7 points. This is the **break-even**. At 2 dollars it is 53.7 points.

# %%
paid = (known["tinc"] * known["got"])[known["any"] == 1].mean()  # dollars for each voucher
breakeven = {"Grace": paid / 10, "Peter": paid / 2}
ab.teach.report(paid_for_each_voucher=paid)
for name, worth in breakeven.items():
    rule = ab.Rule(worth=worth)
    actions = [ab.decide(e, rule=rule).action for e in (inside, bounds["worst"], bounds["best"])]
    print(f"{name}, break-even {100 * worth:.1f} points: complete rows, worst, best case: {actions}")

# %%
from dataclasses import replace

from abkit.plots import plot_effects, style

rows = [replace(inside, label="complete rows"), replace(bounds["worst"], label="worst case")]
marks = {f"{name} {100 * worth:.1f}": 100 * worth for name, worth in breakeven.items()}
ax = plot_effects(rows, unit="percentage points", scale=100, marks=marks)
title = f"+{100 * inside.estimate:.0f} points pay for Grace, not for Peter"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
guess = ab.teach.predicted("01.p1")
style.guess(ax, None if guess is None else guess - 34, vertical=True)
alt = (f"Two intervals. Complete rows: {points(inside)}; worst case: {points(bounds['worst'])}. "
       "Both lie right of Grace's break-even and left of Peter's.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap: was it the voucher, and was it worth it?
#
# - What does the interval say that your guess did not?
# - Both clinics saw p = 3e-102. Why does that not settle the question?
#
# <details><summary>Explanation</summary>
# p compares the effect with zero, and vouchers cost money. The interval holds all effects that fit the data, 38 to 48
# points. Grace needs 10.7, so every one of them pays. Peter needs 53.7, so none does. Both are right.
# </details>

# %% [markdown]
# ## One more experiment: a gain that must not ship
#
# A made-up shop tests new recommendations on 10,000 users. Clicks for each view are the **primary metric**: it decides.
# **Secondary** metrics inform; their p-values are **corrected** for being several. The load time is a **guardrail**: a rise of 10 ms
# must be ruled out. **SRM** compares counts with the plan; **lift** is the effect as a share of control.

# %%
shop = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1))
metrics = (
    ab.Metric("clicks", "ratio", denominator="views"),
    ab.Metric("cart", "proportion", role="secondary"),
    ab.Metric("revenue", role="secondary"),
    ab.Metric("load_ms", direction="down", margin=10, role="guardrail"),
)
halves = {"control": 0.5, "treatment": 0.5}
report = ab.analyze(shop, ab.Analysis("arm", "control", metrics, expect=halves, unit="user"))
print(report)

# %%
panels, load = report.plot(), report.lines[3].effect
alt = (f"Four panels. Clicks per view {report.lines[0].effect.estimate:+.3f}, interval above zero; "
       f"cart and revenue: intervals hold zero; load_ms {load.estimate:+.1f} ms, {load.low:.1f} to "
       f"{load.high:.1f}, all beyond the margin of 10.")
ab.teach.show(panels[0].figure, alt=alt)

# %% [markdown]
# Clicks rise, p below .0001, and the decision is STOP: the load time is harmed. Each interval stands around a **difference**; on
# the bar of a mean it would have no meaning.
#
# ## Its name: average treatment effect
#
# The **average treatment effect** is $E[Y(1) - Y(0)]$ over all people. When the draw is independent of both outcomes,
# $E[Y \mid T=1] - E[Y \mid T=0]$ is the same number. Two more conditions: no voucher changes a neighbour's outcome, and a voucher
# is one thing, here the mix of amounts (**SUTVA**); everybody could have drawn either (**positivity**).
#
# The rule, in order: failed check → investigate; harmed guardrail → stop; interval above the break-even → ship; below → stop;
# else not decided.

# %% [markdown]
# ## Explore: how many people does a decision need?
#
# Two goals. First, at the start the rule does not decide: find the smallest group that does. Then put in your own numbers; a base
# rate goes in as `ab.explore.verdict(base=20)`.

# %%
panel = ab.explore.verdict()
panel

# %% [markdown]
# ## The same on paper: near the break-even 5,000 people an arm are too few
#
# The same function at 34 against 79 per cent. A break-even of 44.7 points, a price of 2.40 dollars, takes about 170,000 people an arm.

# %%
from abkit.reporting.verdicts import verdict_table, verdicts

print(verdict_table([50, 200, 1_000, 5_000], [0.107, 0.447, 0.537]).to_string(index=False))
print(verdicts([150_000, 170_000], base=0.34, effect=0.45, worth=0.447).actions)
ax = style.axes_or_new(None)
sentence = ab.explore.verdict().draw(ax, seed=0, n=1_000, effect=45.0, worth=44.7)
alt = "Interval of the effect against people an arm, with a break-even line. " + sentence[:160]
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Where it bites at work
#
# - Vouchers get known: a neighbour without one stays at home (notebook 15).
# - A table of those who opened a page compares people who chose. Compare all.
# - Thornton found fewer empty draws than planned. Only a planned share shows that: write it down (notebook 03).

# %% [markdown]
# > **Myth 1.** You may read that weekends confound a test. With constant shares both arms have the same weekends. A ramp is like the
# > districts: week 1 has a rate of 10 per cent and one in ten treated, week 2 has 20 per cent and half. Pooled, no effect reads +4.8 points.
#
# > **Myth 2.** You may read: "independent of the features, therefore of the outcomes". In our village, give a useless voucher to
# > those who come anyway. The arms are equally old, and the difference says +1.
#
# > **Myth 3.** You may read that a rate formula fits any metric. A mean of 100 and a rise of 5 per cent give n = −6,532.

# %%
import math

share, level = np.array([0.1, 0.5]), np.array([0.1, 0.2])  # two weeks, equally many users
constant = (level * 0.5).sum() / (2 * 0.5) - (level * 0.5).sum() / (2 * 0.5)
ramped = (level * share).sum() / share.sum() - (level * (1 - share)).sum() / (1 - share).sum()
age, takes = np.array([20, 60, 40, 30, 30, 50, 20, 70]), without == 1
unseen = without[takes].mean() - without[~takes].mean()  # a voucher that does nothing
middle = 102.5  # mean of 100 and 105, put where a rate belongs
size = math.ceil(2 * (1.959964 + 0.841621) ** 2 * middle * (1 - middle) / 5**2)
ab.teach.report(constant_shares=constant, ramp_in_points=100 * ramped, rate_formula=size)
ab.teach.report(age_gap=age[takes].mean() - age[~takes].mean(), effect_of_nothing=unseen)

# %% [markdown]
# ## Exercises
#
# **1 (one star).** Compare vouchers above one dollar (treatment) with vouchers of at most one dollar, but more than nothing
# (control), among `known`. By how much does the share rise? Replace `None` by your answer.

# %%
display(ab.check("01.1", None), ab.hint("01.1"), ab.solution("01.1"))

# %% [markdown]
# **2 (two stars).** Job training raised yearly earnings by 1,794 dollars, interval 474 to 3,115, p = .008. It costs 1,500 dollars a
# man. Rule: pay if the interval lies above the cost, stop if below, else not decided. What do you do, and why?
# a) pay: p is below .05; b) stop: the effect may be 474; c) not decided: plan a larger test; d) train more men, and pay as soon as
# the interval lies above 1,500.

# %%
men = ab.datasets.nsw()
training = ab.welch(*(men.loc[men["treat"] == arm, "re78"] for arm in (0, 1)))
ab.teach.match("training, dollars", training.estimate, 1_794, 0.5)
print(f"interval {training.low:.0f} to {training.high:.0f}, p = {training.pvalue:.3f}")
display(ab.check("01.2", None), ab.hint("01.2"), ab.solution("01.2"))

# %% [markdown]
# **3 (three stars).** `ab.datasets.rand_health()` has one row a person and year. Free care (`coins` 0) brings 1.01 visits a year more than
# care at 95 per cent (`coins` 95). Write code for the standard error with the person as the unit.

# %%
display(ab.check("01.3", None), ab.hint("01.3"), ab.solution("01.3"))

# %% [markdown]
# **4 (bug hunt).** Jonas writes the guardrail `fail = effect < 0` for the shop: 18.6 ms slower, a margin of 10 ms, and his report says
# LAUNCH. Which rise, in ms, is the largest that the data leave open (one-sided, level .95)?

# %%
display(ab.check("01.4", None), ab.hint("01.4"), ab.solution("01.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV or Parquet file with one row a user into `my_file`. As it stands, it is the worst case. In a terminal:
# `abkit analyze FILE --arm any --control 0 --metric got:proportion --worth .107`.

# %%
import tempfile
from pathlib import Path

my_file = None
my_plan = ab.Analysis(arm="any", control=0, metrics=(ab.Metric("got", "proportion"),))
if my_file is None:
    my_file = Path(tempfile.mkdtemp()) / "worst.csv"
    worst[["any", "got"]].to_csv(my_file, index=False)
mine = ab.analyze(my_file, my_plan, rule=ab.Rule(worth=0.107))
print(mine)

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data. Change the memo until you would sign it, as Grace or as Peter.

# %%
ab.teach.decision(
    rule="Ship if the interval, worst case too, is above break-even; stop if, best case too, below.",
    evidence=f"{points(inside)}; worst {points(bounds['worst'])}; best {points(bounds['best'])}.",
    cost="100 vouchers cost 107 dollars and bring 43 results: worth 431 to Grace, 86 to Peter.",
    choice="Grace pays for vouchers. Peter phones.",
    change="A price between 2.1 and 3.3 dollars for one more result: then it is not decided.",
)

# %% [markdown]
# ## Take-aways
#
# - Chance makes groups comparable; lost values and mixed districts undo it. Check first, compare inside, then bound.
# - The interval against the break-even decides. p against zero does not.
# - Guardrails have a harmful side and a margin, both fixed before the data.
#
# When this advice is wrong: treatments spill over, or people choose their arm. Next: notebook 02, assignment.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("01.q4"), ab.teach.quiz("01.q5"), ab.teach.quiz("01.q6"))

# %% [markdown]
# ## References
#
# - Thornton (2008), American Economic Review 98: vouchers and HIV results. DOI 10.1257/aer.98.5.1829
# - Neyman (1923), translated in Statistical Science 5 (1990): potential outcomes. DOI 10.1214/ss/1177012031
# - Imbens and Rubin (2015), Causal Inference, ch. 1: SUTVA and the average effect. DOI 10.1017/CBO9781139025751
# - Miettinen and Nurminen (1985), Statistics in Medicine 4: the score interval. DOI 10.1002/sim.4780040211
# - Horowitz and Manski (2000), JASA 95: worst-case bounds. DOI 10.1080/01621459.2000.10473902
# - Dehejia and Wahba (1999), JASA 94: the training data. DOI 10.1080/01621459.1999.10473858

# %%
ab.teach.finish()
