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
# Nadia leads a language app. Half of 2,000 new learners got a new lesson screen. Minutes in lessons did not move. But the
# dashboard counts the minutes in twenty parts of the app, and one is green: "sharing: better, p = .012". The social team asks for
# 240,000 euros a year to build on it.
#
# Nadia asks: "If the screen changes nothing, how often would my dashboard show a win?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a list of metrics, you **count** how often a useless change wins somewhere, and decide whether a win may be believed.
# - Given p-values and a promise, you **choose** Bonferroni, Holm or BH, and decide which wins to report.
# - Given the best of many, you **judge** what is left of it, and decide whether it pays.

# %%
import numpy as np
import pandas as pd
from scipy.stats import norm  # for the last part

import abkit as ab

rng = ab.teach.start("08", seed=7)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# Answer with a letter, as the second value: `ab.teach.quiz("08.q1", "a")`. A guess is fine.

# %%
display(ab.teach.quiz("08.q1"), ab.teach.quiz("08.q2"), ab.teach.quiz("08.q3"))

# %% [markdown]
# ## Nadia's table has one row a learner

# %%
test = ab.datasets.language_test()
parts = list(test.columns[2:])  # the names of the twenty metrics
test.iloc[[0, 1, 1000, 1001], :7]  # two learners of each arm, the first seven columns

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `user` | one learner | |
# | `arm` | old or new screen | |
# | `lessons`, `speaking`, … | time in this part | minutes a month |
#
# The table is simulated: *nothing* changes in it. We drew such tests until one looked like Nadia's.
#
# The *gap* of a metric is its mean in the new arm minus its mean in the old arm. `ab.welch` gives it with its *error*: how far chance
# usually moves it. `z` is the gap in errors. `p` says how often a useless change shows a gap at least this far from 0, up or down.
# `board_of` makes a row of these for each metric.

# %%
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
# Each point is a metric. A gap of more than 1.96 errors has p below .05; such a gap is called significant.
#
# - Win ▲: significant and up. The team asks for money.
# - Loss ▼: significant and down. Both are alarms.
#
# Sharing lies 2.5 errors up: p = .012. One win among twenty.
#
# ## Your first guess

# %%
ab.teach.predict("08.p1")

# %% [markdown]
# ## One metric: chance makes a heap around 0
#
# First only one metric. We play 10,000 useless changes, that is, tests of a change that changes nothing. With many users
# such gaps make the heap below. `rng.normal` draws from it, in errors. A row is a test, a column is a metric. `z[:, :1]` takes all
# rows and the first column.

# %%
z = rng.normal(size=(10_000, 20))
print(z[:3, :5].round(2))  # three tests, their first five metrics
ab.plots.plot_best(z[:, :1])

# %% [markdown]
# The **standard error** is the usual distance from 0 of the gaps of a useless change; here it is the unit. In the long
# run 2.5 of 100 lie above 1.96, and as many below −1.96. A win of a metric that did not change is a **false win**: one metric gives 2.5
# in 100 tests.
#
# ## The best of twenty: its heap stands elsewhere
#
# A team looks at all metrics, and talks about the best. `max(axis=1)` takes the largest of each row.

# %%
best = z.max(axis=1)
print(f"the best of twenty: on average {best.mean():.2f} standard errors")
ab.plots.plot_best(z)

# %% [markdown]
# The best of twenty is picked *because* chance lifted it. On average it shows 1.87 standard errors of nothing. A win needs
# 1.96. So all of its heap right of the line is false wins.
#
# `plot_familywise` draws the exact count for 1 to 40 metrics (`sides=1`: wins only; `correlations=(0,)`: unrelated, *independent*).
# An *experiment* is one of our tests.

# %%
some_win = 100 * (best > 1.96).mean()
ab.teach.reveal("08.p1", round(some_win, 1))
ab.plots.plot_familywise(40, sides=1, correlations=(0,), mark=20, guess=ab.teach.predicted("08.p1"))

# %% [markdown]
# The first metric shows no win in 97.5 of 100 tests. The second is unrelated: it shows none in 97.5 per cent of *these*. So
# two show none in .975 × .975 = 95.1 per cent, and twenty in .975²⁰ = 60.3. The other 39.7 have a false win; your 10,000 tests come close.
#
# > Myth: a false win in 64 of 100. That (64.2) counts losses too.
#
# ## The same learners make all twenty metrics
#
# Eager learners have more minutes *everywhere*. Which metrics move together? A real effect on many metrics would look like a
# relation. So we first take the mean of its arm away from each value. Then we draw two metrics.

# %%
def relation_of(table, family, arm="arm"):
    means = table.groupby(arm)[family].transform("mean")  # in each row the means of its arm
    inside = table[family] - means
    return inside.corr()  # the correlation of every two columns

related = relation_of(test, parts)
print(related.iloc[:4, :4].round(2))
ab.plots.plot_cloud(test.lessons, test.speaking, names=("lessons", "speaking"))

# %% [markdown]
# Each point is a learner (500 are drawn); the line follows the cloud. The **correlation** of two metrics is 0 when they have nothing to do with each
# other, and 1 when they move in step. Here every two have about .5. The gaps of the metrics then have the same correlation: if chance
# sends eager learners into the new arm, all gaps rise. That is why nearly all of Nadia's points lie right of 0.
#
# ## Your second guess

# %%
ab.teach.predict("08.p2")

# %% [markdown]
# `correlated_metrics` makes a world where every two metrics have correlation .5. `world(rng, 10_000)` plays 10,000 tests in it:
# rows and columns as in `z`.

# %%
world = ab.datasets.correlated_metrics(20, correlation=0.5)
together = world(rng, 10_000)
some_related = 100 * (together.max(axis=1) > 1.96).mean()
ab.teach.reveal("08.p2", round(some_related, 1))
ab.plots.plot_familywise(40, sides=1, mark=20, guess=ab.teach.predicted("08.p2"))

# %% [markdown]
# At correlation .5 it is 21.0 of 100, at .9 it is 7.8.
#
# ## Explain the gap between your guesses and the counts
#
# - Each metric still gives 2.5 false wins in 100 tests. How can fewer tests have one?
# - What would twenty copies of one metric give?
#
# <details><summary>Explanation</summary>
# Twenty metrics give 20 × 2.5 = 50 false wins in 100 tests. Unrelated, they lie in 39.7 tests: 1.3 in each, on
# average. Related, in 21.0 tests: 2.4 in each. Copies all win or none does: 2.5 of 100.
# </details>
#
# ## How special is Nadia's .012?
#
# Half of .012 lies on each side. `ab.familywise_error` gives the exact chance that the best of twenty rises so far by luck.

# %%
for correlation in (0, 0.5):
    chance = ab.familywise_error(20, 0.012 / 2, correlation, sides=1)
    print(f"correlation {correlation}: {100 * chance:.1f} of 100 useless changes")

# %% [markdown]
# 6.9 of 100 useless screens would show her a rise this high or higher, somewhere. That is no rare thing.
#
# ## Before the data: write down the family
#
# The **family** is the list of all results from which you would report a win. Nadia would have reported any of the twenty. So her family
# has twenty members, not one.
#
# A correction makes a promise for the whole family. The strict one: *at most 5 of 100 tests have any false alarm*, that is, an alarm of
# an unchanged metric. Two procedures keep it. Here are the p-values of ten metrics in another test, the smallest first. We check
# four.

# %%
ten = [0.0008, 0.0051, 0.0102, 0.0235, 0.0240, 0.0410, 0.12, 0.27, 0.52, 0.81]
for p in ten[:4]:
    print(p, "limit", 0.05 / 10, "kept:", p <= 0.05 / 10)

# %% [markdown]
# **Bonferroni** divides .05 by the number of metrics. Each p must be at most .005. Why? An unchanged metric passes with chance .005.
# Ten such chances add up to at most .05, related or not. Only one stays.
#
# ## Holm: every kept metric leaves one fewer
#
# Begin with the smallest p. Compare it with .05 divided by the number of p-values *left*. Is it kept? If it is a false alarm, the
# promise is broken already, and one more changes nothing. If it is a true effect, only nine others can still be false alarms. So
# the next is divided by nine. The first failure ends it.

# %%
left = 10
for p in ten:
    print(f"{p:.4f}  limit 0.05 / {left} = {0.05 / left:.4f}")
    if p > 0.05 / left:
        break  # this one and all after it are dropped
    left = left - 1

# %% [markdown]
# **Holm** divides .05 by the number of metrics, then by one fewer after each kept p, until one fails. Here it
# keeps two: .0051 is below .05 / 9. It keeps all that Bonferroni keeps, and sometimes more.
#
# ## Benjamini-Hochberg: begin at the other end
#
# BH makes a weaker promise: a small *share* of the alarms is false. Begin with the *largest* p, rank 10. Its limit is
# .05 × rank / 10. The first p at or below its limit stays, with all smaller ones. Why this limit? At rank 5 it is .025. Ten
# unchanged metrics give 10 × .025 = 0.25 false alarms on average. That is 5 per cent of the five kept.

# %%
for rank in range(10, 0, -1):  # 10, 9, 8, …
    p, limit = ten[rank - 1], 0.05 * rank / 10
    print(f"rank {rank}: {p:.4f}  limit {limit:.4f}")
    if p <= limit:
        break  # this one and all smaller ones are kept

# %% [markdown]
# **Benjamini-Hochberg (BH)** keeps the largest p that is at most .05 × rank / metrics, and all smaller ones. Here it keeps five. The
# fourth, .0235, is above its own limit of .02; the fifth, .0240, carries it along.
#
# In the library, a correction gives an *adjusted p-value* for each metric: keep it if it is at most .05. For Bonferroni that is p × 10;
# for Holm the second is p × 9; for BH the fifth is p × 10 / 5. Equal neighbours: Holm's fifth cannot be below its fourth, BH's fifth
# carries the fourth.

# %%
for method in ("bonferroni", "holm", "bh"):
    adjusted = ab.adjust_pvalues(ten, method=method)
    print(method, adjusted.round(3)[:6], "keeps", (adjusted <= 0.05).sum())  # the first six
ab.plots.plot_procedures(ten)

# %% [markdown]
# ## Two promises
#
# - Bonferroni, Holm: at most 5 of 100 tests have *any* false alarm. About half of these are wins: the dotted line, 2.5.
# - BH: the share of false ones among the alarms of a test (0 without alarms) is *on average* at most 5 per cent (proved for unrelated
#   metrics).
#
# What do they cost? Now half of the metrics really rise, by 3 standard errors. "None" is no correction; max-t comes
# next. Circle: tests with any false win. Square: share of the wins that is false. Triangle: true effects found.
#
# Two goals. 40 metrics, none rises: which correlation puts the circle of "none" at 20? Your numbers: how many true effects does
# Holm lose?

# %%
panel = ab.explore.multiplicity(metrics=20, correlation=0.5, share=0.5)
panel

# %% [markdown]
# Ten of twenty metrics really rise here, at correlation .5. In the long run (the panel plays 2,000 tests): without a correction you
# find 85 of 100 true effects, and 14 of 100 tests have a false win. Holm: 52 found, a false win in 2. BH: 72 found, a false win in 9.
# BH breaks no promise: it promises a small *share*. First goal: correlation about .7.
#
# If each win costs money at once, promise "rarely any false win". If a win only starts another test, BH finds more.
#
# ## Use the correlation: how far does the largest of twenty go?
#
# Bonferroni ignores the correlation. Take Nadia's twenty, unchanged, and the one farthest from 0, up
# or down.

# %%
largest = abs(together).max(axis=1)
limit = np.quantile(largest, 0.95)  # 95 of 100 tests stay below
ab.plots.plot_best(together, limit=limit, both=True)

# %% [markdown]
# In the long run the limit is 2.91. A gap beyond it is rare *for the largest of the whole family*. **Max-t** takes its limit from the
# largest gap of a whole related family. Next steps are as in Holm: what is kept leaves the family, and the limit falls. `ab.max_t` does
# it with the correlation that you measured. `plot_limits` draws the first limit for each correlation; dotted: one metric alone.

# %%
board["holm"] = ab.adjust_pvalues(board.p, method="holm")
board["max_t"] = ab.max_t(board.z, related)
print(board.sort_values("p").head(3).round(3))
ab.plots.plot_limits(20)

# %% [markdown]
# Sharing: p = .012 alone, .24 by Holm, .14 by max-t. With any promise for the family it is no win. The picture: the closer the metrics
# move together, the lower max-t's limit.
#
# Max-t keeps the promise of Holm, and finds 57 of 100 true effects in place of 52 at correlation .5; at .9 it is 71. It needs many
# users, so that the gaps follow the heap above.
#
# ## Your third guess: what does the best show?
#
# Now a change adds 0.5 minutes in *each* of twenty segments, that is, groups of learners. It pays from 1 minute on.
# `best_of_segments` plays 10,000 such tests; `found` is what the best segment shows in each.

# %%
ab.teach.predict("08.p3")

# %%
hunt = ab.datasets.best_of_segments(20, effect=0.5, se=1.0, rng=rng)
ab.teach.reveal("08.p3", round(hunt.found.mean(), 1))
ab.plots.plot_hunt(hunt, again=True, guess=ab.teach.predicted("08.p3"), unit="minutes")

# %% [markdown]
# The best segment shows 2.4 minutes: 0.5, and 1.87 standard errors of luck. A second test of the *same* segment shows 0.5 on average.
# It never paid. A correction makes false alarms rare. It does not take the luck out of the size.
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
answer = None  # such as 12, after running 100 * ab.familywise_error(...)
display(ab.check("08.1", answer), ab.solution("08.1"))

# %%
ab.exercise("08.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("08.2", answer), ab.solution("08.2"))

# %%
ab.exercise("08.3")

# %%
answer = None  # your code, or its result
display(ab.check("08.3", answer), ab.solution("08.3"))

# %%
ab.exercise("08.4")

# %%
answer = None  # a letter and a number, such as ("a", "12%")
display(ab.check("08.4", answer), ab.solution("08.4"))

# %% [markdown]
# ## Your own table
#
# Put your table and its column names into the first two lines: one row a user, two arms of about equal size. `my_family` holds *all*
# metrics from which you would report a win, the main one too. A metric that can only stop a launch stays outside. A small adjusted p says
# "there is an effect"; whether it pays is the next part. Its limit 2.91 fits twenty metrics at correlation .5. For your own
# family take Bonferroni's: `norm.isf(0.025 / len(my_family))` is 3.02 for twenty.

# %%
my_table = test  # or pd.read_csv("users.csv")
my_family, my_arm, my_control = parts, "arm", "old"
mine = board_of(my_table, my_family, my_arm, my_control)
mine["holm"] = ab.adjust_pvalues(mine.p, method="holm")
mine["bh"] = ab.adjust_pvalues(mine.p, method="bh")
mine["max_t"] = ab.max_t(mine.z, relation_of(my_table, my_family, my_arm))
mine.sort_values("p").head().round(3)

# %% [markdown]
# ## The decision you would make
#
# Before the test, finance counted 240,000 euros a year for each minute of sharing that the screen adds. So the social team pays from 1
# minute on: compare with 1, never with zero. *Ship* here means: pay the team. An *interval* holds the values that fit the data. For one
# metric alone it is gap ± 1.96 errors. But sharing was picked from twenty. Gap ± 2.91 errors holds for all twenty at once, in 95 of 100
# tests. Fill `choice`, and what would change it into `change`.

# %%
gap, error = board.gap[17], board.error[17]  # sharing
low, high = gap - 2.91 * error, gap + 2.91 * error
ab.teach.decision(
    rule="Family: all twenty. Interval above 1 minute: ship; below: stop; else inconclusive.",
    evidence=f"Sharing {gap:+.1f} minutes; {low:.1f} to {high:.1f} among twenty.",
    cost="Paying for nothing: 240,000 euros a year. Missing 2 minutes: 240,000. A new test: a month.",
    choice="", change="", by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - Twenty unrelated metrics give a useless change a win in 39.7 of 100 tests; at correlation .5 in 21.0.
# - First the family and the promise, then the method, then the data.
# - The best of many is lucky, on average. Test it again, alone, before you pay.
#
# When this advice is wrong: early search. If a win only starts a new test, BH or no correction loses fewer good ideas. And harm: do not
# correct an alarm that protects users.
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
# - Dunnett (1955): one control. DOI 10.1080/01621459.1955.10501294. Dunnett (1964): exact tables. DOI 10.2307/2528490
# - Hochberg (1988). DOI 10.1093/biomet/75.4.800. Hommel (1988). DOI 10.1093/biomet/75.2.383
# - Bretz, Maurer, Brannath and Posch (2009): graphs. DOI 10.1002/sim.3495
# - Reiner-Benaim (2007), Biometrical Journal 49, 107-126: BH with correlated two-sided tests

# %% [markdown]
# ## References
#
# - Holm (1979), Scandinavian Journal of Statistics 6, 65-70: the step-down procedure
# - Benjamini and Hochberg (1995): BH and FDR. DOI 10.1111/j.2517-6161.1995.tb02031.x
# - Westfall and Young (1993), Resampling-Based Multiple Testing, Wiley: max-t and subset pivotality
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
