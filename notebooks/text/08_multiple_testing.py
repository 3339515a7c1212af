# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # How often does a useless change win somewhere on a dashboard?
#
# Time: 45 minutes. Needs: a mean and a percentage. Runs on: any laptop, no network.
# Previous: [07 Peeking](07_peeking.ipynb). Next: [10 Group-sequential tests](10_group_sequential.ipynb).
#
# ## The story: one green number
#
# Nadia leads a language app. Half of 2,000 new learners got a new lesson screen. It needs a team that costs 240,000 euros a year.
# Minutes in lessons did not move. But the dashboard counts the minutes in twenty parts of the app, and one is green:
# "sharing: better, p = .012". The team says: "Keep the screen."
#
# Nadia asks: "If the screen changes nothing, how often would my dashboard show a win?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a list of metrics, you **count** how often a useless change wins somewhere, and decide whether a win may be believed.
# - Given p-values and a promise, you **choose** a rule (Bonferroni, Holm or BH), and decide which wins to report.
# - Given the best of many, you **judge** what is left of it, and decide whether it pays.

# %%
import numpy as np
import pandas as pd
from scipy.stats import norm  # for the memo

import abkit as ab

rng = ab.teach.start("08", seed=6103)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("08.q1", "a")`. A guess is fine.

# %%
display(ab.teach.quiz("08.q1"), ab.teach.quiz("08.q2"), ab.teach.quiz("08.q3"))

# %% [markdown]
# ## Nadia's table has one row a learner
#
# `iloc` takes rows and columns by their place: two learners of each arm, the first seven columns.

# %%
test = ab.datasets.language_test()
parts = list(test.columns[2:])  # the names of the twenty metrics
test.iloc[[0, 1, 1000, 1001], :7]

# %% [markdown]
# `user` is one learner, `arm` the old or new screen. The other columns are minutes a month in a part of the app. The table is simulated:
# *nothing* changes in it. We drew such tests until one looked like Nadia's.

# %% [markdown]
# ## Each metric has its gap, counted in standard errors
#
# Is one of the gaps too large for chance? The folded cell calls `ab.welch` (notebook 04) for each metric, and makes a row of:
#
# - `gap`: the mean in the new arm minus the mean in the old arm.
# - `error`: the standard error, the gap's usual distance from 0 if nothing changes.
# - `z`: gap / error, the gap counted in standard errors.
# - `p`: how often a useless change shows a gap at least this far from 0, up or down.

# %% jupyter={"source_hidden": true}
def board_of(table, family, arm="arm", control="old"):
    old, new = table[table[arm] == control], table[table[arm] != control]
    rows = []
    for metric in family:
        e = ab.welch(old[metric], new[metric])  # e.estimate is the gap, e.se its error
        rows.append([metric, e.estimate, e.se, e.estimate / e.se, e.pvalue])
    return pd.DataFrame(rows, columns=["metric", "gap", "error", "z", "p"])

# %%
board = board_of(test, parts)
print(board.head(3).round(3))  # the first three metrics
ab.plots.plot_dashboard(board.metric, board.z)

# %% [markdown]
# Each point is a metric. The grey band reaches 1.96 standard errors to each side. Outside it p is below .05: *significant*.
#
# - Win ▲: significant and up.
# - Loss ▼: significant and down. Both are *alarms*.
#
# Sharing lies 2.51 standard errors up, p = .012: one win among twenty metrics.
#
# ## Your first guess
#
# We begin with twenty *unrelated* metrics: none says anything about another.

# %%
ab.teach.predict("08.p1")

# %% [markdown]
# ## One metric: chance makes a heap around 0
#
# We play 10,000 useless changes: tests of a change that changes nothing. No learners are needed: with many learners the gap of
# an unchanged metric, counted in standard errors, follows one bell, whatever the metric. `rng.normal` draws from this bell. `size=(10_000, 20)`
# makes a table: a row is a test, a column is a metric. `z[:, :1]` takes all rows and the first column.

# %%
z = rng.normal(size=(10_000, 20))
print(z[:3, :5].round(2))  # three tests, their first five metrics
ab.plots.plot_best(z[:, :1])

# %% [markdown]
# Right of the line lie the wins: 2.5 of 100 tests. Nothing changed, so each is a **false win**. As many tests show a false loss, below −1.96.
# (Our seed is picked so that the counts are those of the long run. Another seed is some tenths off.)
#
# ## The best of twenty: its heap stands elsewhere
#
# A dashboard shows a win if its *best* metric wins. `max(axis=1)` takes the largest number of each row: the best of each test.

# %%
best = z.max(axis=1)
some_win = 100 * (best > 1.96).mean()  # how many of 100 tests have a win
ab.teach.reveal("08.p1", round(some_win, 1))
print("the best of twenty, on average:", round(best.mean(), 2), "standard errors")
ab.plots.plot_best(z)

# %% [markdown]
# Grey is one metric, orange is the best of twenty. Nothing changed, yet the best shows 1.87 standard errors on average: it is picked
# *because* chance lifted it. Right of the line lie 39.7 of 100 tests, not 2.5.
#
# ## Why 39.7
#
# The first metric shows no win in 97.5 of 100 tests. The second is unrelated: of *these* tests, 97.5 per cent show no win in it either. So
# both show none in .975 × .975 = 95.1 per cent. With twenty, .975 is multiplied twenty times, in Python `0.975**20`: 60.3 per cent show
# none. The other 39.7 have a false win. The folded cell draws this for 1 to 40 metrics. (*Independent* means unrelated, an
# *experiment* a test.)

# %% jupyter={"source_hidden": true}
ab.plots.plot_familywise(40, sides=1, correlations=(0,), mark=20, guess=ab.teach.predicted("08.p1"))

# %% [markdown]
# The line climbs from 2.5 of 100 tests at one metric to 39.7 at twenty. If you guessed, a dashed line is your guess.
#
# > Myth: a false win in 64 of 100. That number (64.2) counts losses too.
#
# ## Nadia's metrics are related
#
# The same learners make all twenty, and an eager learner has more minutes *everywhere*. `.corr()` measures this for every two columns, here for
# four metrics. The picture shows two.

# %%
print(test[parts[:4]].corr().round(2))
ab.plots.plot_cloud(test.lessons, test.speaking, names=("lessons", "speaking"))

# %% [markdown]
# Each point is a learner (500 are drawn). The line rises: more lessons, more speaking. The **correlation** of two metrics is 0 when they
# have nothing to do with each other, and 1 when they move in step. In the table, `lessons` and `speaking` meet at 0.52. Every
# two of Nadia's metrics have about .5.
#
# So the gaps move together, with the same correlation: if chance sends more eager learners into the new arm, *all* its means rise. Nadia's dashboard looks like
# that: 19 of 20 points lie right of 0.
#
# ## Your second guess

# %%
ab.teach.predict("08.p2")

# %%
world = ab.datasets.correlated_metrics(20, correlation=0.5)  # nothing changes in it
together = world(rng, 10_000)  # plays 10,000 tests in this world: a table like z
some_related = 100 * (together.max(axis=1) > 1.96).mean()
ab.teach.reveal("08.p2", round(some_related, 1))

# %% jupyter={"source_hidden": true}
ab.plots.plot_familywise(40, sides=1, mark=20, guess=ab.teach.predicted("08.p2"))

# %% [markdown]
# The folded cell draws three worlds. Read them at twenty metrics: unrelated 39.7 of 100 tests, at correlation .5 it is 21.0, at .9 it is 7.8.
#
# ## Explain the gap between your guesses and the counts
#
# - Each metric still gives 2.5 false wins in 100 tests. How can fewer tests have one?
# - What would twenty copies of one metric give?
#
# <details><summary>Explanation</summary>
# Twenty metrics give 20 × 2.5 = 50 false wins in 100 tests, related or not. Unrelated, they lie in 39.7 tests: 1.3 in each, on
# average. Related, in 21.0 tests: 2.4 in each. Copies all win or none does: 2.5 of 100.
# </details>

# %% [markdown]
# ## Before the data: write down the family
#
# The **family** is the list of all results from which you would report a win. Nadia would have reported any of the twenty. So her family
# has twenty members, not one.
#
# A *correction* is a stricter rule than p < .05, with a promise for the whole family. The strict promise: *at most 5 of 100
# tests have any false alarm*, an alarm of a metric that did not change.
#
# Here are the p-values of ten metrics in another test. Each point is a p-value, the smallest first. Each line is the limit of a rule.

# %%
ten = [0.0008, 0.0051, 0.0102, 0.0235, 0.0240, 0.0410, 0.12, 0.27, 0.52, 0.81]
ab.plots.plot_procedures(ten)

# %% [markdown]
# Six p-values are below .05 (only these fit in). The title counts what each rule *keeps*.
#
# **Bonferroni** divides .05 by the number of metrics: .005, the flat line. It keeps .0008; .0051 is just above. Why ten? An unchanged
# metric gets below .005 in 0.5 of 100 tests. Ten metrics add up to at most 5, related or not.
#
# **Holm** divides by one fewer after each kept alarm, .05 / 9, then .05 / 8: the curve. The first point above ends it: two are
# kept. Why? If the kept alarm is true, only nine metrics can be false alarms. If it is false, this test has its
# false alarm already. Holm makes Bonferroni's promise, and never keeps fewer.

# %% [markdown]
# ## BH promises a small share
#
# Sometimes a few false alarms do no harm, as long as most alarms are true. **Benjamini-Hochberg (BH)** promises less: *on
# average at most 5 per cent of the alarms of a test are false*. More alarms allow more false ones. So the limit rises:
# .05 × rank / 10, at rank 5 .025. BH finds the *last* point not above its line, and keeps it and all before it: five. (Proved for
# unrelated metrics: "Going further".)
#
# `ab.adjust_pvalues` gives the **adjusted p-value** of each metric: made larger, to be compared with .05 again. For
# Bonferroni it is p × the number of metrics. `.sum()` counts the kept ones. Then we correct Nadia's twenty.

# %%
for method in ("bonferroni", "holm", "bh"):
    adjusted = ab.adjust_pvalues(ten, method=method)
    print(method, "keeps", (adjusted <= 0.05).sum())
board["holm"] = ab.adjust_pvalues(board.p, method="holm")
board["bh"] = ab.adjust_pvalues(board.p, method="bh")
print(board.sort_values("p").head(3).round(3))

# %% [markdown]
# The rules keep 1, 2 and 5, as in the picture. Nadia's sharing has .012 × 20 = .24, by Holm and BH: not kept.

# %% [markdown]
# ## What does each promise cost?
#
# A strict rule also loses true effects. The panel plays 2,000 tests: half of twenty metrics really rise, by 3 standard errors, at
# correlation .5. Each row is a rule. "None" takes all p below .05; "max-t" belongs to "Going further".
#
# - Circle: of 100 tests, how many have a false win? The dotted line is 2.5: about half of 5 false alarms are wins.
# - Square: a test's average share of false wins.
# - Triangle: of 100 true effects, how many are found?
#
# Two goals. First: 40 metrics, none rises (share 0). Which correlation puts the circle of "none" at 20? Second: set numbers like
# yours. How many true effects does Holm lose?

# %%
panel = ab.explore.multiplicity(metrics=20, correlation=0.5, share=0.5, seed=61)
panel

# %% [markdown]
# In the long run: without a correction you find 85 of 100 true effects, and 14 of 100 tests
# have a false win. Holm: 52 found, a false win in 2. BH: 72 found, a false win in 8 or 9. BH keeps its promise: about 1 per cent of a
# test's wins are false. First goal: correlation about .7.
#
# If each win costs money at once: Holm. If it only starts another test, BH finds more.
#
# ## Your third guess: what does the best show?
#
# How large is a win? A change adds 0.5 minutes in *each* of twenty countries, or *segments*. They are unrelated: each learner is
# in one. It pays from 1 minute on.

# %%
ab.teach.predict("08.p3")

# %%
# 10,000 such tests: `found` is what the best segment shows, `again` a second test of the same segment
hunt = ab.datasets.best_of_segments(20, effect=0.5, se=1.0, rng=rng)
ab.teach.reveal("08.p3", round(hunt.found.mean(), 1))
ab.plots.plot_hunt(hunt, again=True, guess=ab.teach.predicted("08.p3"), unit="minutes")

# %% [markdown]
# Orange: the best segment shows 2.4 minutes on average, 0.5 of truth and 1.87 of luck, as the best of twenty metrics above. Blue: a second
# test of the *same* segment shows 0.5. That never paid. A correction makes false alarms rare; it does not take the luck out of the
# size. A second test does.
#
# ## Where it bites at work
#
# - Every metric of a dashboard has its own ▲, and nobody counts the rows.
# - A segment is found after the test, and reported as if planned.
# - Three metrics are corrected, after seventeen others were looked at.
#
# ## Exercises

# %%
ab.exercise("08.1")

# %%
answer = None  # such as 12.5
display(ab.check("08.1", answer), ab.solution("08.1"))

# %%
ab.exercise("08.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("08.2", answer), ab.solution("08.2"))

# %%
ab.exercise("08.3")

# %%
answer = None  # your code, or its result, such as 12.5
display(ab.check("08.3", answer), ab.solution("08.3"))

# %%
ab.exercise("08.4")

# %%
answer = None  # a letter and a number, such as ("a", 12.5)
display(ab.check("08.4", answer), ab.solution("08.4"))

# %% [markdown]
# ## Your own table
#
# Edit only the first two lines: your table, one row a user, and its column names. `my_family` holds *all* metrics from
# which you would report a win. A metric that can only stop a launch stays outside.

# %%
my_table = test  # or pd.read_csv("users.csv")
my_family, my_arm, my_control = parts, "arm", "old"  # metrics, column of arms, old arm
mine = board_of(my_table, my_family, my_arm, my_control)
mine["holm"] = ab.adjust_pvalues(mine.p, method="holm")
mine["bh"] = ab.adjust_pvalues(mine.p, method="bh")
mine.sort_values("p").head().round(3)

# %% [markdown]
# In the column of your promise, at most .05 is kept. Does it pay?
#
# ## The decision you would make
#
# Before the test, finance counted: each minute a month of sharing that the screen adds brings 240,000 euros a year. The team costs as
# much, so the screen pays from 1 minute on. *Ship*: keep it.
#
# For one metric the interval is gap ± 1.96 standard errors. Sharing was picked from twenty. So we take Bonferroni's limit: p = .05 / 20
# lies at 3.02 standard errors. With ± 3.02, *all* twenty intervals hold their truths in at least 95 of 100 tests. (`norm.isf(0.025)` is 1.96.)
#
# Write ship, stop or inconclusive into `choice`, what would change it into `change`.

# %%
reach = norm.isf(0.025 / 20)  # 3.02 for twenty; your own table: / len(my_family)
gap = board.gap[17]  # row 17 is sharing
low = gap - reach * board.error[17]
high = gap + reach * board.error[17]

# %%
ab.teach.decision(
    rule="Family: all twenty. Interval above 1 minute: ship; below: stop; else inconclusive.",
    evidence=f"Sharing {round(gap, 1)} minutes; {round(low, 1)} to {round(high, 1)} among twenty.",
    cost="Keep a useless screen: 240,000 euros a year. Drop one of 2 minutes: 480,000 − 240,000.",
    choice="", change="", by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - Twenty unrelated metrics give a useless change a win in 39.7 of 100 tests; at correlation .5 in 21.0.
# - First the family and the promise, then the method, then the data.
# - The best of many is lucky, on average. Test it again, alone, before you pay.
#
# When this advice is wrong: if a win only starts a new test, you lose fewer good ideas without a correction. And do not correct an
# alarm that protects users.
#
# ## Exit questions

# %%
display(ab.teach.quiz("08.q4"), ab.teach.quiz("08.q5"), ab.teach.quiz("08.q6"))

# %% [markdown]
# ## Going further
#
# ### What each method needs
#
# | method | promise | proved under |
# |---|---|---|
# | Bonferroni, Holm | any false alarm ≤ 5% | any dependence |
# | Šidák | the same | independence; two-sided normal tests |
# | Hochberg, Hommel | the same | independence or positive dependence |
# | max-t | the same | normal gaps, subset pivotality |
# | BH | expected false share ≤ 5% | independence or PRDS |
# | Benjamini-Yekutieli (BY) | expected false share ≤ 5% | any dependence |

# %% [markdown]
# PRDS: if an unchanged metric has a smaller p, small ones elsewhere are not less likely. Correlated normal gaps, none negative, have it for
# one-sided tests. For two-sided tests it is not guaranteed; simulations show no excess of note (Reiner-Benaim 2007).

# %% [markdown]
# ### The names, and why the false wins are half
#
# Any false alarm: family-wise error rate (FWER). Expected false share: false discovery rate, $\mathrm{FDR} = E[V / \max(R, 1)]$ with $V$
# false among $R$ alarms. Bonferroni with $m$ metrics: a false win needs one-sided $p \le .025 / m$ in an unchanged one, so at most 2.5 per
# cent, whatever the dependence. Holm has no such proof: a false *loss* can open the door for a false win. Two unrelated
# unchanged metrics have a false win in 2.52 per cent, at correlation −.9 in 3.01, and under the worst dependence in 5.

# %% [markdown]
# FDR is an expectation over experiments. Ten of twenty unrelated metrics changed by 3 standard errors: in 13.4 per cent of
# experiments more than a tenth of the alarms of BH are false.

# %%
mixed = ab.datasets.correlated_metrics(20, share=0.5)(rng, 20_000)
found = ab.adjust_pvalues(2 * norm.sf(abs(mixed)), method="bh") <= 0.05
share = found[:, 10:].sum(axis=1) / np.maximum(found.sum(axis=1), 1)
print(f"mean share {100 * share.mean():.2f}%, above a tenth in {100 * (share > 0.1).mean():.1f}%")

# %% [markdown]
# ### BH can fail, and BY holds
#
# Twenty p-values, each sound alone, built against BH: with chance .05/i, exactly i of them fall just below BH's limit for i. Nothing
# changed. BH then alarms in .05 · (1 + 1/2 + … + 1/20) = 18.0 per cent. BY divides by that sum, and holds always.

# %%
some = [0.05 / i for i in range(1, 21)]
count = rng.choice(21, 20_000, p=[1 - sum(some), *some])[:, None]
low = rng.permuted(np.tile(np.arange(20), (20_000, 1)), axis=1) < count
p = np.where(low, (count - rng.random(low.shape)) * 0.05 / 20, rng.uniform(0.05, 1, low.shape))
for method in ("bh", "by", "holm"):
    print(method, f"{100 * (ab.adjust_pvalues(p, method=method) <= 0.05).any(axis=1).mean():.1f}")

# %% [markdown]
# ### How special is Nadia's .012?
#
# Half of .012 lies on each side. `ab.familywise_error` gives the exact chance that the best of twenty metrics rises so far by luck.

# %%
for correlation in (0, 0.5):
    chance = ab.familywise_error(20, 0.012 / 2, correlation, sides=1)
    print(f"correlation {correlation}: {100 * chance:.1f} of 100 useless changes")

# %% [markdown]
# 6.9 of 100 useless screens would show her a win this high, somewhere. For one metric alone it is 0.6.

# %% [markdown]
# ### Holm and BH by hand
#
# The limit of BH: of ten unchanged metrics, 10 × .025 = 0.25 get below .025 on average. That is 5 per cent of five alarms. So five may stay if the
# largest is at most .025 = .05 × 5 / 10.
#
# `break` ends the loop of Holm at the first p above its limit. BH tries to keep ten, then nine, down to one; the most that fits is five. At four,
# .0235 is above *its* limit, yet it stays, because five fit.

# %%
left = 10
for p in ten:
    print(f"{p:.4f}  limit 0.05 / {left} = {0.05 / left:.4f}")
    if p > 0.05 / left:
        break  # this one and all after it are dropped
    left = left - 1

# %%
for number in range(10, 0, -1):  # 10, 9, 8, …
    largest, most = ten[number - 1], 0.05 * number / 10
    print(f"keep {number}: largest {largest:.4f}, limit {most:.4f}, fits: {largest <= most}")

# %% [markdown]
# ### How the adjusted p-values come about
#
# Bonferroni: p × 10, at most 1. Holm: the j-th smallest p times the number left, and at least the one before it: the fifth, .0240 × 6 = .144, is
# lifted to the fourth, .0235 × 7 = .1645. BH: p × 10 / rank, and at most the one after it: the fourth, .0235 × 10 / 4 = .059, falls to the fifth,
# .0240 × 10 / 5 = .048.

# %%
for method in ("bonferroni", "holm", "bh"):
    print(method, ab.adjust_pvalues(ten, method=method).round(3)[:6])  # the first six

# %% [markdown]
# ### Max-t uses the correlation: how far does the largest of twenty go?
#
# Bonferroni ignores the correlation. Take Nadia's twenty, unchanged, and the gap farthest from 0, up or down. In the long run 95 of 100
# tests stay below 2.91, not 3.02. Max-t takes its limit from the largest gap of a whole related family, then goes on as Holm: what is
# kept leaves the family, and the limit falls.

# %%
largest = abs(together).max(axis=1)
limit = np.quantile(largest, 0.95)  # 95 of 100 tests stay below
ab.plots.plot_best(together, limit=limit, both=True)

# %% [markdown]
# `ab.max_t` does it with the correlation that you measured. A real effect on many metrics would look like a relation: so the mean of its arm is
# first taken from each value. The arms are of about equal size.

# %%
def relation_of(table, family, arm="arm"):
    means = table.groupby(arm)[family].transform("mean")  # in each row the means of its arm
    inside = table[family] - means
    return inside.corr()

related = relation_of(test, parts)
board["max_t"] = ab.max_t(board.z, related)
print(board[["metric", "p", "holm", "max_t"]].sort_values("p").head(3).round(3))
ab.plots.plot_limits(20)

# %% [markdown]
# Sharing: .24 by Holm, .14 by max-t. The picture draws the first limit for each correlation: the closer the metrics move together, the lower
# it is. Max-t keeps the promise of Holm, and finds 57 of 100 true effects in place of 52 at correlation .5 (the world of the panel); at .9 it is
# 71. It needs many users, so that the gaps follow the bell.

# %% [markdown]
# ### Max-t: the formula and its assumption
#
# Sort $|z|$ downwards. The adjusted p of the $j$-th is $\Pr(\max_{l \ge j} |Z_l| \ge |z_j|)$ with $Z \sim N(0, R)$, made monotone
# (Westfall and Young 1993). $R$ is the correlation of the *gaps*: at equal arms that of the metrics within the arms. Subset pivotality:
# the unchanged metrics have the same joint law, whatever the others do. At correlation 0 it is Holm with Šidák's limits, at 1 it is one
# test.

# %%
for correlation in (0.0, 0.5, 0.9):
    print(correlation, ab.datasets.largest_limits(20, correlation)[-1].round(3))

# %% [markdown]
# ### Several arms, one control: Dunnett
#
# Three new screens and one control of the same size: the gaps share the control's luck, correlation .5. Max-t is then Dunnett's test,
# limit 2.349 against 2.394 of Bonferroni. Screen A has an interval above zero (p = .048), and still is inconclusive when 0.1 lessons is
# the smallest effect that pays.

# %%
control = ab.Moments.summary(5_000, 4.00, 3.0)  # learners, lessons a week, sd
screens = {k: ab.Moments.summary(5_000, m, 3.0) for k, m in {"A": 4.142, "B": 4.05, "C": 4.11}.items()}
arms = ab.dunnett(control, screens)
columns = {"gap": arms.estimate, "low": arms.low, "high": arms.high, "p": arms.pvalue}
pd.DataFrame(columns, index=screens).round(4)

# %% [markdown]
# ### Gates: the primary first, and graphs
#
# In a fixed sequence each test uses .05 and the first failure ends it (`ab.fixed_sequence`). Two secondaries *side by side* behind the
# gate are a family of two: each at .05 gives 9.75 per cent alarms if unrelated. Use Holm behind the gate.
#
# Graphical gatekeeping (Bretz and others 2009) draws the tests as points that hold shares of .05. A test that is kept hands its share
# along arrows that were fixed before the data. Holm, the fixed sequence and gates are such graphs. The family-wise promise holds under
# any dependence.

# %%
print(f"two secondaries, each at .05: {100 * ab.familywise_error(2):.2f}% alarms")
print("fixed order:", ab.fixed_sequence([0.001, 0.03, 0.20, 0.01]))

# %% [markdown]
# ### Guardrails stay outside the family
#
# A guardrail can only stop a launch, and all of them must pass. A harmful change passes only if its own guardrail errs: at most .05,
# however many others there are. Correcting five unrelated safe guardrails (3 standard errors clear of the margin) lets all pass in 24
# in place of 63 of 100 tests.

# %%
for level, name in ((0.05, "each at .05"), (0.01, "corrected, .01")):
    print(f"{name}: {100 * norm.cdf(3 - norm.isf(level)) ** 5:.0f} of 100 safe changes pass")

# %% [markdown]
# ### Intervals after BH
#
# Bonferroni and single-step max-t have intervals that hold together. Holm and BH have no simple ones. For those that BH picks,
# `method="fcr"` gives intervals of which on average at most 5 of 100 miss (false coverage rate): proved, as BH, under independence or PRDS.

# %%
effects = ab.Effect.of(np.array([4.1, 3.0, 2.6, 1.0]), np.ones(4))
print(ab.simultaneous(effects, method="fcr").low.round(2), ab.simultaneous(effects).low.round(2))

# %% [markdown]
# ### Sources of this part
#
# - Benjamini and Yekutieli (2001): PRDS and BY. DOI 10.1214/aos/1013699998
# - Benjamini and Yekutieli (2005): intervals after selection. DOI 10.1198/016214504000001907
# - Šidák (1967): the independent bound. DOI 10.1080/01621459.1967.10482935
# - Westfall and Young (1993), Resampling-Based Multiple Testing, Wiley: max-t and subset pivotality
# - Dunnett (1955): one control. DOI 10.1080/01621459.1955.10501294. Dunnett (1964): exact tables. DOI 10.2307/2528490
# - Hochberg (1988). DOI 10.1093/biomet/75.4.800. Hommel (1988). DOI 10.1093/biomet/75.2.383
# - Bretz, Maurer, Brannath and Posch (2009): graphs. DOI 10.1002/sim.3495
# - Reiner-Benaim (2007), Biometrical Journal 49, 107-126: BH with correlated two-sided tests

# %% [markdown]
# ## References
#
# - Holm (1979), Scandinavian Journal of Statistics 6, 65-70: the step-down procedure
# - Benjamini and Hochberg (1995): BH and FDR. DOI 10.1111/j.2517-6161.1995.tb02031.x
# - Tippett (1925): the mean of the largest. DOI 10.1093/biomet/17.3-4.364

# %% jupyter={"source_hidden": true}
formula, tables = "an integral over one factor, in the tests", "Dunnett 1964, table II, last row"
numbers_checked = ab.teach.checked(
    ("false wins, 20 unrelated, in 100", some_win, 39.73, 2.5, formula),
    ("false wins, 20 at correlation .5, in 100", some_related, 21.04, 2.1, formula),
    ("some alarm, 20 unrelated, in 100", 100 * ab.familywise_error(20), 64.15, 0.005, "1 − .95^20"),
    ("best of twenty, standard errors", best.mean(), 1.867, 0.027, "Tippett 1925"),
    ("limit of 3 at correlation .5", ab.datasets.largest_limits(3, 0.5)[-1], 2.35, 0.005, tables),
    ("limit of the largest of 20", limit, 2.905, 0.06, formula),
    ("best segment, minutes", hunt.found.mean(), 2.367, 0.027, "Tippett 1925"),
)
display(numbers_checked)
ab.teach.finish()
