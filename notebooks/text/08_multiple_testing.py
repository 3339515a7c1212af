# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Twenty independent metrics alarm in 64.2 per cent of useless changes, upwards in 39.7
#
# Time: 45 minutes. Needs: notebook 04. Runs on: any laptop, no network.
#
# ## The story: one green number among twenty
#
# Nadia leads a language app. Half of the learners got a new lesson screen. The primary metric, lessons a week, did not
# move. But the dashboard has twenty metrics, and one is green: "lessons shared", p = .012. The social team asks for
# 240,000 euros to build on it.
#
# How often does a screen that changes nothing give such a number?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given a list of metrics, you **compute** the chance of a false win, and decide whether a win deserves money.
# - Given a promise to your readers, you **choose** a correction: Bonferroni, Holm, BH, Dunnett or a fixed order.
# - Given the best of many segments, you **judge** it, and decide whether to act or to test again.

# %%
import numpy as np
import pandas as pd
from IPython.display import display
from scipy.special import ndtr

import abkit as ab

rng = ab.teach.start("08", seed=7)

# %% [markdown]
# ## Recall: what one p-value says
#
# Three questions before you go on. Write a letter as the second value, for example `ab.teach.quiz("08.q1", "a")`.

# %%
display(ab.teach.quiz("08.q1"), ab.teach.quiz("08.q2"), ab.teach.quiz("08.q3"))

# %% [markdown]
# ## Predict: how many useless changes show a win?
#
# Twenty independent metrics, none of them changed, each tested at .05. In how many per cent of such experiments is at
# least one metric significant? Replace 30 by your own guess.

# %%
ab.teach.predict("08.p1", 30, low=0, high=100)

# %% [markdown]
# ## The idea takes six lines: draw twenty test statistics, keep the best
#
# Without an effect each test statistic is a standard normal number. A **false alarm** is |z| above 1.96, up or down. Upwards it
# looks like a win: a **false win**.

# %%
reps, metrics = 20_000, 20
z = rng.standard_normal((reps, metrics))  # no metric changed
alarms = np.abs(z) > 1.959964  # two-sided test at .05
any_alarm = alarms.any(axis=1)  # at least one in the experiment
rate, error = any_alarm.mean(), any_alarm.std() / np.sqrt(reps)
ab.teach.report(experiments_with_a_false_alarm=(rate, error))
ab.teach.report(false_alarms_per_experiment=alarms.sum(axis=1).mean())
up = (z > 1.959964).any(axis=1).mean()
ab.teach.report(experiments_with_a_false_win=(up, np.sqrt(up * (1 - up) / reps)))

# %% [markdown]
# ## Real metrics are correlated: then it is 41.9, not 64.2 per cent
#
# The exact value for independent metrics is 1 − .95²⁰: each test stays quiet with chance .95. But the same learners make
# all twenty metrics.  Such metrics tend to be wrong together, so fewer
# experiments hold a false alarm, and 21.0 instead of 39.7 per cent a false win.

# %%
rates = {r: ab.familywise_error(20, 0.05, r) for r in (0.0, 0.5, 0.9)}
assert np.isclose(rates[0], 1 - 0.95**20) and abs(rate - rates[0]) < 5 * error
world = ab.datasets.correlated_metrics(20, correlation=0.5)
drawn = (np.abs(world(rng, reps)) > 1.959964).any(axis=1)
ab.teach.report({f"correlation {r}": v for r, v in rates.items()})
ab.teach.report({"drawn at 0.5": (drawn.mean(), drawn.std() / np.sqrt(reps))})
ab.teach.match("independent", rates[0], 0.642, 5e-4)
ab.teach.match("correlation .5", rates[0.5], 0.419, 5e-4)
ab.teach.match("correlation .9", rates[0.9], 0.155, 5e-4)

# %%
from abkit.plots import plot_discoveries, plot_family, plot_familywise, style

ax = plot_familywise(40, mark=20, guess=ab.teach.predicted("08.p1"))
numbers = f"{100 * rates[0]:.1f}% with some alarm, {100 * rates[0.5]:.1f}% at correlation .5"
style.headline(ax, f"20 metrics: {numbers}")
alt = ("Three rising lines: experiments with some false alarm against the number of unchanged metrics. "
       f"At 20 metrics: {numbers}, {100 * rates[0.9]:.1f}% at .9. The dotted line is 5%.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and 64.2
#
# - On average one of twenty tests is a false alarm. Why is the answer not "always"?
# - Which part of the argument breaks when two metrics are nearly the same?
#
# <details><summary>Explanation</summary>
# One false alarm on average means some experiments with two or three, and 36 per cent with none. Correlation
# gathers the false alarms in fewer experiments: the average stays one, the share of experiments falls.
# </details>
#
# ## One more experiment: Nadia's p = .012
#
# How often does the best of twenty go up with a p-value of at most .012 when nothing changed? Below is also one such dashboard, at
# correlation .5.

# %%
print(np.sort(2 * ndtr(-np.abs(world(rng, 1)[0])))[:6].round(3))
for r in (0.0, 0.5):
    upwards = ab.familywise_error(20, 0.012 / 2, r, sides=1)  # half of .012 lies on each side
    ab.teach.report({f"a rise with p at most .012, correlation {r}": upwards})

# %% [markdown]
# In 11.3 per cent of useless changes the best of twenty independent metrics looks as good as hers, in 6.9 at correlation .5.
#
# ## Their names: two promises
#
# - The **family-wise error rate (FWER)** is the chance of at least one false rejection (here: alarm) in the family.
# - The **false discovery rate (FDR)** is the *expected proportion* of false wins among the wins, 0 when there are none:
#   $\mathrm{FDR} = E[V / \max(R, 1)]$ with $V$ false wins among $R$ wins.
#
# The **family** is the list of tests from which you would report a win. Write it down before the data. A correction
# returns **adjusted p-values**. Compare them with .05 as usual.

# %% [markdown]
# ## Seven corrections, and what each assumes
#
# | method | promise | holds under |
# |---|---|---|
# | Bonferroni, Holm | FWER | any dependence |
# | Šidák | FWER | independence; two-sided normal tests |
# | Hochberg, Hommel | FWER | independence or positive dependence |
# | Benjamini-Hochberg (BH) | FDR | independence or positive dependence (PRDS) |
# | Benjamini-Yekutieli (BY) | FDR | any dependence |
#
# **PRDS**: a small p-value of one metric that did not change never makes small ones elsewhere less likely. Positive
# correlation gives PRDS for one-sided tests; for two-sided tests with real effects it is not guaranteed.

# %%
from abkit.inference.families import METHODS

pvalues = [0.0003, 0.0451, 0.0121, 0.8432, 0.2213, 0.0333, 0.0049, 0.0511, 0.6124, 0.0087]
table = pd.DataFrame({m: ab.adjust_pvalues(pvalues, method=m) for m in METHODS}, index=pvalues)
print((table <= 0.05).sum().to_string())
print("one not measured:", ab.adjust_pvalues([0.02, float("nan"), 0.30], method="holm"))
table.sort_index().round(4).head(6)

# %% [markdown]
# Uncorrected, six are below .05. The five FWER methods keep two, BH four, BY one:
# they make different promises. Holm never finds less than Bonferroni. A metric that could not be measured is nan and is
# not counted: two tests remain, so .02 becomes .04.
#
# ## Explore: what does each promise cost?
#
# Two goals. First, find a setting where BH has any false win in more than 15 per cent of experiments. Then set your own
# number of metrics, and read how many true effects (of 3 standard errors) Holm and BH find.

# %%
panel = ab.explore.multiplicity()
panel

# %% [markdown]
# ## The same on paper: the stricter promise finds less
#
# Rates in per cent over 1,000 experiments; the figure has 20,000.

# %%
from abkit.datasets.many_metrics import error_rates

names, rows = ("none", "Holm", "BH"), {}
for k, r, s in [(10, 0.0, 0.0), (20, 0.0, 0.5), (20, 0.5, 0.5), (40, 0.5, 0.25)]:
    found = error_rates(k, r, s, seed=2)
    rows[k, r, round(s * k)] = [f"{100 * getattr(found[m], what):.0f}"
                                for what in ("any_false", "false_share", "found") for m in names]
columns = pd.MultiIndex.from_product([("any false win", "false among wins", "true found"), names])
twin = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
twin.index = pd.MultiIndex.from_tuples(rows, names=["metrics", "correlation", "real"])
twin.replace("nan", "-")

# %%
methods = error_rates(20, 0.0, 0.5, reps=20_000, seed=2)
none, holm, bh = (methods[m] for m in names)
shares = {f"share of false wins, {name}": methods[name] for name in names}
ab.teach.report({name: (m.false_share, m.false_share_se) for name, m in shares.items()})
ab.teach.match("FDR of BH", bh.false_share, 0.025, 5 * bh.false_share_se)
ax = plot_discoveries(methods)
style.headline(ax, f"10 of 20 effects real: Holm finds {holm.found:.0%}, BH {bh.found:.0%}")
alt = ("Rates by correction for 20 metrics, 10 with a real effect. "
       f"Found: none {none.found:.0%}, Holm {holm.found:.0%}, BH {bh.found:.0%}. "
       f"Any false win: none {none.any_false:.0%}, Holm {holm.any_false:.0%}, BH {bh.any_false:.0%}.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# For independent tests the FDR of BH is .05 times the share of metrics that did not change, here .025. Its chance of *any*
# alarm is 19.4 per cent. It never promised that.
#
# > **Myth 1.** You may read that FDR 5 per cent means "5 per cent of your wins are wrong". It is an expectation over many
# > experiments: in 13.4 per cent of them more than a tenth of the wins are false.

# %%
mixed = ab.datasets.correlated_metrics(20, share=0.5)(rng, 20_000)
found = ab.adjust_pvalues(2 * ndtr(-np.abs(mixed)), method="bh") <= 0.05
false = found[:, 10:].sum(axis=1)  # the last ten metrics did not change
share = false / np.maximum(found.sum(axis=1), 1)
over = (share > 0.10).mean()
ab.teach.report(mean_share=(share.mean(), share.std() / 20_000**0.5))
ab.teach.report(over_10_per_cent=(over, (over * (1 - over) / 20_000) ** 0.5))

# %% [markdown]
# ## A surprise: BH can fail, and each p-value is still sound
#
# Below, each of 20 p-values alone is below .05 in 5 per cent, below .10 in 10 per cent, and so on, as it must be. Together
# they are built against BH: j of them fall just below BH's limit for j. Nothing changed, so every win is false.

# %%
some = [0.05 / i for i in range(1, 21)]  # chance that i metrics fall low together
j = rng.choice(21, reps, p=[1 - sum(some), *some])
low = rng.permuted(np.tile(np.arange(20), (reps, 1)), axis=1) < j[:, None]  # j random metrics
just_below = (j[:, None] - rng.random((reps, 20))) * 0.05 / 20
p = np.where(low, just_below, rng.uniform(0.05, 1, (reps, 20)))
single = (p[:, 0] <= 0.05).mean()
wins = {m: ab.adjust_pvalues(p, method=m) <= 0.05 for m in ("bh", "by", "holm")}
worst = {m: won.any(axis=1).mean() for m, won in wins.items()}
ab.teach.report({"one metric": single})
ab.teach.report({m: (v, np.sqrt(v * (1 - v) / reps)) for m, v in worst.items()})
ab.teach.match("BH at its worst", worst["bh"], 0.17989, 5 * (0.18 * 0.82 / reps) ** 0.5)

# %% [markdown]
# The bound is .05 · (1 + 1/2 + … + 1/20) = .180, and this world reaches it. BY divides by that sum, and holds. PRDS is
# an assumption: say it in the report.
#
# ## Several arms against one control: Dunnett
#
# Nadia's next test has three new screens and one control. All three comparisons share the control's luck, so they are correlated
# .5 at equal sizes. **Dunnett's test** uses exactly that, and gives intervals that hold together.

# %%
control = ab.Moments.summary(5_000, 4.00, 3.0)  # learners, lessons a week, sd
means = {"A": 4.142, "B": 4.05, "C": 4.11}
screens = {name: ab.Moments.summary(5_000, mean, 3.0) for name, mean in means.items()}
arms = ab.dunnett(control, screens)
each = ab.simultaneous([ab.welch(control, screen) for screen in screens.values()])
reach = {k: ((x.high - x.estimate) / x.se)[0] for k, x in {"Dunnett": arms, "Bonferroni": each}.items()}
ab.teach.report({"three plain tests, any false win": ab.familywise_error(3, 0.05, 0.5), **reach})
both = {"dunnett": arms.pvalue, "low": arms.low, "high": arms.high, "bonferroni": each.pvalue}
pd.DataFrame(both, index=list("ABC")).round(4)

# %% [markdown]
# Plain tests give some alarm in 12.5 per cent of experiments. Dunnett's intervals reach 2.349 standard errors to each side,
# Bonferroni's 2.394. Screen A: p = .048 against .054.
#
# ## Primary first, then the secondaries: the order is a correction too
#
# In a **fixed sequence** each test uses .05, and the first failure ends it. Two secondary metrics *side by side* after the
# primary are a family of two.

# %%
primary = rng.normal(6, 1, reps)  # a true effect of 6 standard errors
pair = 2 * ndtr(-np.abs(rng.standard_normal((reps, 2))))  # two unchanged secondaries
opened = 2 * ndtr(-np.abs(primary)) <= 0.05
order = ab.fixed_sequence(np.column_stack([2 * ndtr(-np.abs(primary)), pair]))[:, 1:]
holm_pair = ab.adjust_pvalues(pair, method="holm")
ways = {"each at .05": pair <= 0.05, "Holm": holm_pair <= 0.05, "fixed order": order}
errors = {name: (won.any(axis=1) & opened).mean() for name, won in ways.items()}
ab.teach.report({name: (v, (v * (1 - v) / reps) ** 0.5) for name, v in errors.items()})
ab.teach.match("each at .05, exact", ab.familywise_error(2), 0.0975, 5e-5)

# %% [markdown]
# ## Guardrails stay outside the family
#
# A **guardrail** can only stop a launch. A harmful change passes only if its own guardrail is wrong: at most .05, however
# many other guardrails there are. So no correction is needed. It would stop good launches: below, safe ones pass in 24
# instead of 63 per cent.

# %%
levels = {"each at .05": 1.6449, "corrected, .01": 2.3263}
safe = rng.normal(3.0, 1.0, (reps, 5))  # five guardrails, 3 standard errors clear of the margin
bad = safe - np.array([3.0, 0, 0, 0, 0])  # the first one is harmed up to the margin
passed = {f"{name}: {who}": (x > limit).all(axis=1).mean()
          for name, limit in levels.items() for who, x in (("safe", safe), ("harmful", bad))}
ab.teach.report({name: (v, (v * (1 - v) / reps) ** 0.5) for name, v in passed.items()})

# %% [markdown]
# ## The best of 20 segments is luck: +1.87 standard errors
#
# The social team comes back: "Among learners aged 25 to 34 on tablets the screen works!" They had looked at 20 segments.
# Below, the true effect is 0.05 lessons in *every* segment.

# %%
per_segment = rng.normal(0.05, 0.1, (reps, 20))  # true effect .05, standard error .1
best = (per_segment.max(axis=1) - 0.05) / 0.1
wins = (np.abs(per_segment) > 0.1 * 1.959964).sum(axis=1)
ab.teach.report(best_above_truth_in_se=(best.mean(), best.std() / reps**0.5),
                wins_on_average=(wins.mean(), wins.std() / reps**0.5))
ab.teach.match("best of 20", best.mean(), 1.8675, 5 * best.std() / reps**0.5)

# one experiment, picked because four segments win; 1,800 learners a segment and arm
effects = 0.05 + 0.1 * np.random.default_rng(21).standard_normal(20)
plain = ab.z_test(*(ab.Moments.summary(1_800, mean, 3.0) for mean in (4.0, 4.0 + effects)))
wide, top = ab.simultaneous(plain), int(np.argmax(effects))

# %%
p_plain, p_wide = plain.pvalue, wide.pvalue
ab.teach.report(best_effect=effects[top], plain_p=p_plain[top], bonferroni_p=p_wide[top],
                plain_wins=int((p_plain < 0.05).sum()), bonferroni_wins=int((p_wide < 0.05).sum()))
ax = plot_family(plain, wide, truth=0.05, unit="lessons a week")
ax.set_xlabel("segments, ordered by their effect", fontsize=12)
style.headline(ax, f"Best of 20 segments: p = {p_plain[top]:.3f}, corrected {p_wide[top]:.2f}")
alt = (f"Effects of 20 segments, plain and Bonferroni intervals. The best is {effects[top]:+.2f}, "
       f"p = {p_plain[top]:.3f}. All Bonferroni intervals hold zero and the true effect, 0.05.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# Four segments "win" alone (1.6 on average), none after the correction. The best shows 0.27 lessons; its true effect is
# .05.
#
# Bonferroni and Dunnett have **simultaneous intervals**: all hold together. Holm, Hochberg, Hommel and BH have no
# simple ones. For the winners of BH, `ab.simultaneous(effects, method="fcr")` gives intervals of which at most 5 per
# cent miss, on average.

# %% [markdown]
# ## Where it bites at work
#
# - Every metric of a dashboard has its own star, and nobody counts the rows.
# - A subgroup is found after the test, and reported as the plan.
# - Three metrics are corrected, after seventeen others were looked at.
#
# > **Myth 2.** You may read that secondary metrics may each use .05 once the primary has won. Exact for two that did not
# > change, independent: .0975. Use Holm or a fixed order.

# %% [markdown]
# ## Exercises
#
# **1 (one star).** Eight independent metrics, none of them changed, each tested at .05. What is the chance of at least
# one false win, as a share? Replace `None` by your answer. `ab.hint("08.1")` helps.

# %%
display(ab.check("08.1", None), ab.solution("08.1"))

# %% [markdown]
# **2 (two stars).** Ten correlated secondary metrics. You promise: "in at most 5 per cent of experiments is any win that I
# report false". Which method finds the most under this promise, whatever the dependence? a) Bonferroni, b) BH, c) Holm, d) each at .05.

# %%
display(ab.check("08.2", None), ab.solution("08.2"))

# %% [markdown]
# **3 (three stars).** Five metrics have p = .001, .012, .014, .040, .300. A sixth could not be measured. Write code for
# the adjusted p-value of Holm for the metric with p = .014.

# %%
display(ab.check("08.3", None), ab.solution("08.3"))

# %% [markdown]
# **4 (bug hunt).** Omar writes: "The primary metric won. After it I tested two secondary metrics, each at .05. Their false-win
# rate is 5 per cent, because the primary was tested first." Neither secondary changed, and they are independent. What is
# the chance of a false secondary win, as a share?

# %%
display(ab.check("08.4", None), ab.solution("08.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV file into `my_file`: one row a metric, with its name, p-value and role. Only secondaries form the
# family; the primary and the guardrails keep their own .05.

# %%
import tempfile

my_file = None
if my_file is None:
    my_file = tempfile.mkdtemp() + "/metrics.csv"
    names = ["lessons", "shared", "streak", "minutes", "crashes"]
    roles = ["primary", "secondary", "secondary", "secondary", "guardrail"]
    first = pd.DataFrame({"metric": names, "p": [0.41, 0.012, 0.09, 0.35, 0.60], "role": roles})
    first.to_csv(my_file, index=False)
mine = pd.read_csv(my_file).set_index("metric")
family = mine["role"] == "secondary"
mine.loc[family, "adjusted"] = ab.adjust_pvalues(mine.loc[family, "p"], method="holm")
mine

# %% [markdown]
# ## The decision you would make
#
# With three secondaries .012 becomes .036, with all twenty metrics .24. The plan decides which, and Nadia's named the
# primary only. Change the memo until you would sign it.

# %%
nadia = float(ab.adjust_pvalues([0.012] + [0.5] * 19, method="holm")[0])  # the rest are larger
ab.teach.decision(
    rule="A win outside the plan pays for a new test, never for a launch. In the plan: Holm at .05.",
    evidence=f"Primary flat. Best of 20 metrics: p = .012, adjusted {nadia:.2f}.",
    cost="Building on a false win: 240,000 euros. A second test of sharing: two weeks.",
    choice="Do not build. Test sharing again, as the one primary metric.",
    change="A second test of sharing alone that pays for the work, or a plan that had named it.",
)

# %% [markdown]
# ## Take-aways
#
# - Twenty unchanged metrics: some alarm in 64.2 per cent if independent, 41.9 at correlation .5; a false win in 39.7 and 21.0.
# - First the promise (any false win, or the expected share), then the method, then the data.
# - The best of many is luck until a second test says otherwise.
#
# When this advice is wrong: early search. If a win only starts a new test, BH or no correction is cheaper. Next: notebook 09
# (planned), pitfalls.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("08.q4"), ab.teach.quiz("08.q5"), ab.teach.quiz("08.q6"))

# %% [markdown]
# ## References
#
# - Holm (1979), Scandinavian Journal of Statistics 6, 65-70
# - Hochberg (1988). DOI 10.1093/biomet/75.4.800. Hommel (1988). DOI 10.1093/biomet/75.2.383
# - Šidák (1967): the bound. DOI 10.1080/01621459.1967.10482935
# - Benjamini and Hochberg (1995): FDR. DOI 10.1111/j.2517-6161.1995.tb02031.x
# - Benjamini and Yekutieli (2001): PRDS, BY. DOI 10.1214/aos/1013699998
# - Reiner-Benaim (2007), Biometrical Journal 49, 107-126: BH with correlated two-sided tests
# - Benjamini and Yekutieli (2005): intervals after selection. DOI 10.1198/016214504000001907
# - Dunnett (1955): one control. DOI 10.1080/01621459.1955.10501294
# - Dmitrienko, Tamhane and Bretz (2010): fixed order. DOI 10.1201/9781584889854

# %%
ab.teach.finish()
