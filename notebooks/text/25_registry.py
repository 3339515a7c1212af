# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What did you promise before the test?
#
# Time: 45 minutes. Needs: [05 Sample size](05_sample_size.ipynb) and [08 Multiple testing](08_multiple_testing.ipynb). Runs on: any
# laptop, no network.
# Previous: [20 Effects that differ between users](20_cate.ipynb). Next: 26 Capstone (planned).
#
# ## The story: three people, three memories
#
# Amira's shop for garden tools tested a new search box. In the meeting Tom says: "Minutes on the site rose, it is a win." Ines is
# sure that clicks were the goal. Pavel remembers spending. Nobody wrote it down.
#
# Amira runs 100 such tests a year. Last year's wins, added up, promised more sales than the shop then saw. She asks two
# questions. Was the search box a win? How many of the other wins were real?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given an idea, you **write** its plan and its rule, and decide whether it may start.
# - Given a plan and an analysis, you **list** where they differ, and decide what the result may be called.
# - Given a year of tests, you **count** the false wins, say how much of the claimed sum never comes, and decide what to expect.
#
# ## Three questions from earlier notebooks
#
# They stand below the set-up. Click a button, or write a letter: `ab.teach.quiz("25.q1", "a")`.

# %%
from tempfile import mkdtemp

import abkit as ab

rng = ab.teach.start("25", seed=7)

# %%
display(ab.teach.quiz("25.q1"), ab.teach.quiz("25.q2"), ab.teach.quiz("25.q3"))

# %% [markdown]
# ## The test, as the meeting sees it
#
# `shop` is made up, so that we know the truth: the search box changes nothing. One row is one user:
#
# - `user`: number; `arm`: control (the old search) or new
# - `clicked`: 1 if the user clicked a result, else 0; `searches`: how many
# - `minutes`: on the site; `spent`: euros; `rating`: stars
#
# The second cell compares the arms, once for each metric. `shop[shop["arm"] == "new"]` keeps the users of one arm. `ab.welch` gives the
# difference of the two means, new minus control (`estimate`), and its p-value.

# %%
shop = ab.datasets.search_box(rng=87)
shop.head()

# %%
control = shop[shop["arm"] == "control"]
new = shop[shop["arm"] == "new"]
for metric in ["clicked", "searches", "minutes", "spent", "rating"]:
    effect = ab.welch(control[metric], new[metric])
    print(metric, "difference", round(effect.estimate, 4), "p", round(effect.pvalue, 3))

# %% [markdown]
# Look at the p of `minutes`: 0.015, below .05. Tom read it correctly. But the box changes nothing: luck made this p. (We chose
# a test in which it does.) How rare is that?
#
# A *win*, here, is a difference in the good direction with p below .05 (two-sided). Where nothing works, a metric wins
# in 2.5 of 100 tests: the other half of the .05 are losses.
#
# Imagine 100 such *empty* tests. Each has five independent metrics, and the team says *afterwards* which one was the goal. In
# how many does at least one of the five win?

# %%
ab.teach.predict("25.p1")

# %% [markdown]
# We count 2,000 empty tests (`_` is a name that nobody uses). Where nothing works, an estimate is luck alone: `rng.normal(size=5)` draws five of them, in standard errors.
# Above 1.96 is a win (notebook 04). `z.max()` is the best of the five; `z.max() > 1.96` is true or false, and true counts as 1.
#
# `reveal` gets the exact answer: one metric fails to win with chance .975, all five with `0.975**5`, which is .975 · .975 · .975 · .975 · .975.
# Else at least one wins.

# %%
best = 0
for _ in range(2000):
    z = rng.normal(size=5)
    best = best + (z.max() > 1.96)
print("the best of five wins in", 100 * best / 2000, "of 100 empty tests")
ab.teach.reveal("25.p1", 100 * (1 - 0.975**5))
ab.plots.plot_memory(guess=ab.teach.predicted("25.p1"))

# %% [markdown]
# Look at the dot: with five metrics to choose from, 12 of 100 empty tests show a win. The dotted
# line is one metric, named before: 2.5. (Metrics that rise and fall together give fewer than 12, but never below 2.5.)
#
# So write down *before the first user* which metric decides, where nobody can change it later. This is
# **pre-registration**.

# %% [markdown]
# ## A plan, written before the test
#
# A plan says four things, one a line below:
#
# - which metric decides: `ab.Metric`, here the share of users who click;
# - how the table is read: `ab.Analysis` names arm, control and user;
# - how many users come, as in notebook 05: 25 of 100 click, and the shop wants 5 per cent more (`lift`), 26.25;
# - the rule: the smallest gain that pays, `worth`, is 1.25 points (0.0125). Ship if the interval of the gain lies above it, stop if
#   below, else inconclusive.
#
# `ab.Experiment` adds a name, a reason and the share of each arm. (`None`: no layer, so other tests may use the same users.)
# `yaml()` writes all as text.

# %%
clicked = ab.Metric("clicked", "proportion")
how = ab.Analysis(arm="arm", control="control", metrics=clicked, unit="user")
users = ab.sample_size_proportions(0.25, lift=0.05)
why = "More users find what they look for."
halves = {"control": 0.5, "new": 0.5}
plan = ab.Experiment("search box", why, None, halves, analysis=how, plan=users, worth=0.0125)
print(plan.yaml())

# %% [markdown]
# Look at the last block: 19,147 users in each arm find a gain of 0.0125 with power .8.
# The rest has usual values: all users take part (`share`, `eligible`), the result is read once (`looks`), this metric
# decides (`primary`), more is better (`up`).
#
# Tom wants 5,000 users in each arm, to end sooner. With what chance do they find the gain? *Find* means: the
# interval of the gain lies above 0.

# %%
ab.teach.predict("25.p2")

# %% [markdown]
# We write Tom's 5,000 into the plan: `replace` changes the number in the text, `from_yaml` reads the text as a plan. `check()`
# asks whether the users suffice: `message` in words, `statistic` as power. `power_proportions` gives the power for all `sizes`.

# %%
small = ab.Experiment.from_yaml(plan.yaml().replace("19147", "5000"))
print(small.check().message)
ab.teach.reveal("25.p2", 100 * small.check().statistic)
sizes = [1000, 2000, 3000, 4000, 5000, 7000, 10000, 14000, 19147, 24000, 30000]
ab.plots.plot_power({"25 to 26.25%": ab.power_proportions(0.25, 0.2625, sizes)}, mark=5000)

# %% [markdown]
# Look at the dot: 5,000 users find the gain in 30 of 100 tests. A plan that fails this check does not start,
# unless somebody writes down a reason. (To find is not yet to ship: the interval lies above 1.25 points in only 2.5 of 100 tests of
# such an idea, even with 19,147 users. See "Going further".)
#
# ## A place where plans cannot change
#
# Suppose Ines had written the plan down in February. The **registry** is a file that keeps plans, and only grows. `add` stores a plan,
# `start` checks and freezes it, `history` lists both. `mkdtemp()` makes an empty folder for the file.
#
# The cell after it is folded: Tom adds his plan, and the registry answers.

# %%
registry = ab.Registry(mkdtemp() + "/plans.sqlite")
registry.add(plan, at="2026-02-20", by="Ines")
registry.start("search box", at="2026-03-02", by="Amira")
for event in registry.history("search box"):
    print(event.at, event.action, "by", event.by)

# %% jupyter={"source_hidden": true}
try:
    registry.add(small, by="Tom")
except ValueError as refused:
    print("Tom's plan is refused:", refused)

# %% [markdown]
# Look at the last words: "Its plan is frozen". Tom comes too late.
#
# ## What was done, against what was promised
#
# In March the users have come. `registry.analyze` reads the frozen plan and analyses `shop` by it. The result has `departures`, a list of
# what was done otherwise, and a `report`: `decisions["new"].action` is what the rule says about the arm `new`, `to_frame()` makes a table.
# First Ines, who keeps to the plan:

# %%
promised = registry.analyze("search box", shop, at="2026-03-16")
print("done otherwise:", promised.departures)
print("the rule says:", promised.report.decisions["new"].action)
promised.report.to_frame()[["metric", "estimate", "low", "high", "pvalue"]].round(4)

# %% [markdown]
# `()` is an empty list: nothing to name. (19,200 users came in each arm, a few more than planned; only too few would be named.)
# Look at `high`: the interval of the gain ends at 0.0084, that is 0.84 points, below the 1.25
# that pay. So the rule says stop.
#
# Then Tom, who hands in an analysis of his own, in which minutes decide:

# %%
minutes = ab.Metric("minutes")
toms = ab.Analysis(arm="arm", control="control", metrics=minutes, unit="user")
remembered = registry.analyze("search box", shop, analysis=toms, at="2026-03-17")
print("the rule says:", remembered.report.decisions["new"].action)
for departure in remembered.departures:
    print(departure)

# %% [markdown]
# Tom's analysis says ship. But below it stand four **departures** from the frozen plan. Clicks no longer decide, minutes do;
# nobody said how many minutes pay, so the rule takes 0; and this is the second look, where one was planned.
#
# A departure is no fault: Tom may have found something. But nobody promised minutes, so they are
# an idea for the *next* plan. The result of this test is clicks: stop.
#
# ## Explain the gap
#
# Tom's computation has no error. Why is his p-value not what it says?
#
# <details><summary>Explanation</summary>
# It says how often *this* metric shows so much by luck. The meeting chose among five: some metric of five does so nearly five times as often.
# </details>

# %% [markdown]
# ## A year of tests that keep their promise
#
# Suppose everybody keeps to the plan. Are all wins real then? In this made-up shop ten of 100 ideas are good: each brings 1.4
# per cent more sales, and its test has power .8. The other 90 do exactly nothing. One row is one test:
#
# - `good` and `effect` (per cent of sales): the truth, which nobody sees in real life
# - `estimate` (per cent of sales): what the test shows; `se`: its standard error
# - `won`: the estimate is above 1.96 standard errors, 0.98

# %%
year = ab.datasets.year_of_tests(rng=33)
year.head().round(2)

# %% [markdown]
# Look at the two good ideas. Test 2 won. Test 5 was missed: its estimate, 0.83, is below 0.98.
#
# A win of an idea that does nothing is a **false win**. In the long run, of 100 *wins* of such a shop, how many are false?
#
# After your guess, `ab.win_ledger` computes what 100 such tests give on average; `share_false` is the share of wins that are false.
# `plot_ideas` draws one square an idea.

# %%
ab.teach.predict("25.p3")

# %%
ledger = ab.win_ledger(good=0.1, power=0.8)
ab.teach.reveal("25.p3", 100 * ledger.share_false)
ab.plots.plot_ideas(ledger)

# %% [markdown]
# Look at the green and the orange squares: the wins. Of ten good ideas, power .8 finds 8. Of the 90 others, 2.5 in 100 win by luck:
# 90 · 0.025 = 2.25, drawn as two. So 10.25 wins, and 2.25 / 10.25 is 22 of 100. Each test kept its promise, but most ideas do nothing.
#
# Does a count agree, and how large are the wins? We draw 100,000 such tests and keep the wins; the mean of `good` is the share that is true.
# `groupby("good")` sorts them into false and true ones; then come the means of what they claim (`estimate`) and bring (`effect`).

# %%
many = ab.datasets.year_of_tests(tests=100_000, rng=rng)
wins = many[many["won"]]
print("false, of 100 wins:", round(100 - 100 * wins["good"].mean(), 1))
wins.groupby("good")[["estimate", "effect"]].mean().round(2)

# %% [markdown]
# The count agrees: 22 of 100. Now look at the table. On average a false win claims 1.17 per cent of sales and brings 0, a true win claims 1.58
# and brings 1.40. Both claims are too large: luck helped them over the line, and luck does not come again. This is the **winner's curse**.
# Over *all* tests the estimates are right on average.

# %% [markdown]
# ## The board adds up the wins
#
# `ledger` holds both sums of a year, counted in good ideas: 1 is what one brings, 1.4 per cent of sales. `claimed` adds what the wins show, `true` what
# they bring. The panel draws two bars: 100 wins, and 100 euros claimed. Orange is false, or never comes.
#
# Two goals for its sliders. When 5 of 100 ideas are good: below which power are half of the wins false? When 10 are good and power is .8: at which
# alpha are fewer than 10 of 100 wins false?

# %%
print("claimed", round(ledger.claimed, 2), "true", round(ledger.true, 2))
ab.explore.ledger()

# %% [markdown]
# The wins claim what 10.88 good ideas bring, and bring what 8 do. So in the long run 26 of 100 euros claimed never come: the lower bar.
# With less power fewer good ideas are found, and as many false wins stand beside them: their share grows.
#
# <details><summary>What you should have found</summary>
# Just below power .5 (51 of 100 at .45, 49 at .5). Alpha .01: 5 of 100; to keep power .8 it needs 1.5 times as many users.
# </details>
#
# > Myth: "Alpha is .05, so at most 5 of 100 wins are false." In the long run it is 22 here; with 5 good ideas of 100 and power .3 it is 61.

# %% [markdown]
# ## Where it bites at work
#
# - A slide says "p = .02" without a plan. Ask for the file, and its date.
# - A test ends early, "it clearly wins": a look nobody planned.
#
# ## Exercises
#
# Write your answer into the second cell; `ab.hint("25.1")` gives one hint at a time. For the first, copy this line and fill the blank:
# `ab.Experiment.from_yaml(plan.yaml().replace("19147", "____")).check()`. For the third, `ab.datasets.year_of_tests` also takes `good` and
# `power`, such as `good=0.3`.

# %%
ab.exercise("25.1")

# %%
answer = None  # such as "50%"
display(ab.check("25.1", answer), ab.solution("25.1"))

# %%
ab.exercise("25.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("25.2", answer), ab.solution("25.2"))

# %%
ab.exercise("25.3")

# %%
answer = None  # such as "40 of 100"
display(ab.check("25.3", answer), ab.solution("25.3"))

# %%
ab.exercise("25.4")

# %%
answer = None  # a letter and a number, such as ("a", 2.05)
display(ab.check("25.4", answer), ab.solution("25.4"))

# %% [markdown]
# ## Your own table
#
# One row a user. Edit the five lines: the words after `#` say what each holds. The next cell is folded: it writes the plan, freezes it and
# analyses, as above.
#
# This is a rehearsal: the data came before the plan. For a real test, `add` and `start` before the first user.

# %%
my_table = shop  # or a file, such as "users.csv"
my_columns = {"arm": "arm", "unit": "user", "control": "control"}  # columns; name of the control
my_metric = ab.Metric("clicked", "proportion")  # of 0 and 1; for another number ab.Metric("spent")
my_shares = {"control": 0.5, "new": 0.5}  # the planned share of each arm
my_worth = 0.0125  # the smallest gain that pays, in the unit of the metric

# %% jupyter={"source_hidden": true}
my_plan = ab.Experiment(
    "my test", "What I believe.", None, my_shares, worth=my_worth,
    analysis=ab.Analysis(metrics=my_metric, **my_columns),
)
my_registry = ab.Registry(mkdtemp() + "/mine.sqlite")
my_registry.add(my_plan)
my_registry.start("my test")
mine = my_registry.analyze("my test", my_table)
print("done otherwise:", mine.departures)
mine.report.to_frame()[["metric", "arm", "estimate", "low", "high"]].round(4)

# %% [markdown]
# Compare `low` and `high` with your `my_worth`. Here `high`, 0.0084, is below 0.0125: stop.
#
# ## The decision you would make
#
# Decide about the search box. Write ship, stop or inconclusive into `choice`, and what would change your mind into `change`.

# %%
ab.teach.decision(
    rule="Ship if the interval of the gain is above 1.25 points, stop if below, else inconclusive.",
    evidence="Clicks -0.90 to 0.84 points. Minutes rose, and were not in the plan.",
    cost="Shipping in vain: work to keep it alive. Stopping in vain: clicks that would have paid.",
    choice="",
    change="",
    by_rule="stop",
)

# %% [markdown]
# ## Take-aways
#
# 1. Write the plan before the first user: one metric that decides, users, looks, rule. Freeze it.
# 2. Say every departure. What was not promised is an idea for the next plan; what was promised stays the result.
# 3. With few good ideas or little power many wins are false, and the sum of the claims is too large.
#
# When this advice is wrong: to look around in data needs no plan, if nothing is decided by it. And a plan cannot
# protect from a metric that measures the wrong thing.
#
# ## Exit questions

# %%
display(ab.teach.quiz("25.q4"), ab.teach.quiz("25.q5"), ab.teach.quiz("25.q6"))

# %% [markdown]
# ## Going further
#
# ### What the rule ships and stops
#
# With 19,147 users in each arm the interval lies above 0 in 80 of 100 tests of an idea worth 1.25 points. It lies above 1.25 in 2.5 of them:
# the rule ships few ideas that only just pay. An idea worth 2.5 points is as far above 1.25 as 1.25 is above 0: it ships in about 80 of 100 tests. An
# idea that does nothing is as far below: about 80 of 100 are stopped. A shop that must find ideas worth 1.25 points with these users needs another
# rule: ship if the interval lies above 0, stop if it lies below 1.25.

# %% [markdown]
# ### The share of false wins as a formula
#
# With $g$ the share of good ideas:
#
# $$\text{share of false wins} = \frac{(1-g) \cdot \alpha/2}{(1-g) \cdot \alpha/2 + g \cdot \text{power}}$$
#
# Harmful ideas exist too; they are not counted here.
#
# ### A stricter alpha for the meeting
#
# Alpha .01 is the correction for five metrics, as in notebook 08: the best of five empty ones wins in 2.5 of 100 tests again. It repairs
# only what was counted before: afterwards nobody can say that there were only five.

# %% [markdown]
# ### Steps of an experiment
#
# The registry knows these steps and refuses others: draft → running ⇄ paused → stopped or completed → archived. In a shell,
# `abkit registry` has them as commands (`--help` lists them). `registry.conflicts(plan)` names tests that run on the same users.

# %% [markdown]
# ### A single year
#
# 22 of 100 is the long run. In 96 of 100 single years the share of false wins lies between 0 and 40 of 100, and in 10 of 100 years no win is
# false. Amira's year is a typical one: ten wins, two of them false. Look at test 68: nothing in its estimate tells that it brings nothing.

# %%
year[year["won"]].round(2)

# %% [markdown]
# ### More good ideas, fewer false wins
#
# The dot is Amira's shop; to the left, with fewer good ideas, more wins are false.

# %%
ab.plots.plot_false_wins(guess=ab.teach.predicted("25.p3"))

# %% [markdown]
# The table gives the same share for other powers, at alpha .05. Row 10, column 0.8 is Amira's shop.

# %%
ab.plots.plot_win_table()

# %% [markdown]
# This is an average over all wins of a shop in which all good ideas have the same effect. There a win with p just below .05
# is false in 65 of 100 cases, at .015 in 33, at .001 in 4. With the same users, alpha .016 brings false wins below 10 of 100, and power
# falls from .8 to .65.

# %% [markdown]
# ### Tests that share users
#
# Two experiments can meet where their days, their users and their layers overlap. A layer is a set of tests that never share a user. A test
# without a layer may meet everybody; "all" overlaps every segment.

# %%
price = ab.Experiment("price", "Less is more.", None, halves, how, eligible="mobile")
registry.conflicts(price)[0]

# %% [markdown]
# Users in two tests at once leave each effect right, for the mixture of arms that is out there, if each test draws its arms independently. What must be asked is whether the tests disturb each
# other: is the effect of one another one in the other's arm? With several tests the pairs are one family, corrected together. Four cells have
# four times the variance of the main effect, so a test that finds nothing proves little.

# %%
both = shop.assign(price=rng.choice(["old", "low"], len(shop)))
ab.interactions(both, {"arm": "control", "price": "old"}, clicked)[0]

# %% [markdown]
# ### The excess of a claimed sum
#
# A correction needs *all* tests of a year, also those that lost: each could have won by luck. Lee and Shen (2018) estimate the
# winner's curse in this way. `registry.effects("clicked")` has the effects of a real registry.

# %%
effects = [ab.Effect.of(estimate, 0.5) for estimate in year.estimate]
print(ab.claimed_sum(effects))
print("the truth:", round(year[year["won"]]["effect"].sum(), 1))

# %% [markdown]
# `claimed` is the sum of the wins of this year, `bias` the estimated excess, `corrected` what is left; the truth lies between. It is rough:
# for ideas that do nothing it takes away 1.8 times as much as is right, near the line too little. In a shop like this one it takes 1.5 times
# as much as is right: over many years the claim is 15.2 per cent of sales, the truth 11.2, the excess 4.0, its estimate 6.0, and so the corrected sum 9.2.
# Read it as an order of size.

# %% [markdown]
# ### Shrinkage: many tests tell about each one
#
# If the true effects are spread like a bell, the spread itself can be estimated from all tests, and each estimate is drawn towards their mean.
# `ab.shrink` does not take the estimated spread for the truth: it counts all spreads that fit. With the best one plugged in,
# intervals cover .4 (5 tests, spread .3 standard errors) to .86 (20 tests, spread 1) of the true effects, not .95. Here 20 tests, effects of sd .3, errors of .5:

# %%
truth = rng.normal(0, 0.3, 20)
seen = truth + rng.normal(0, 0.5, 20)
tests = [ab.Effect.of(x, 0.5) for x in seen]
ab.plots.plot_shrunk(ab.shrink(tests), truth=truth)

# %% [markdown]
# Over many such sets the intervals cover .93 to .98 of the true effects, and as much of the largest (measured for 5 to 50 tests and spreads of
# .3 to 1 standard errors). It assumes that the tests are of one kind, and that all of them are given, not only the wins. For a year in
# which most ideas do *exactly* nothing a bell is a wrong picture. There `ab.claimed_sum` errs less (typical error of the year's sum 2.9 per
# cent of sales, against 4.4 for shrinkage and 4.5 uncorrected), but still takes too much.

# %% [markdown]
# ### Persons in a registry
#
# The registry stores plans, counts and effects, and no id of a user. So when a user asks to be deleted, nothing has to be done there: the rows leave
# the tables of the shop, and the next analysis. Names of colleagues (`owner`, `by`) stay for good: a team or a role will do. `ab.pseudonyms` gives ids a name that nobody can turn back without the key. A table by
# segment shows no cell that is too small, and pools so that nothing can be found by subtracting. Here too few users gave 2 stars, so
# those with 3 stars joined them in the pool:

# %%
ab.segment_counts(shop.assign(stars=shop.rating.round()), arm="arm", by="stars", smallest=50)

# %% [markdown]
# ### What a file survives
#
# A write is on disk when the call returns. In the tests of this package the writing process is killed at 20 random moments: nothing that
# was confirmed is lost, and the file opens. Two processes that write at once wait for each other. A team gives the address of a PostgreSQL database.
#
# `at` is what somebody says. Each event also has `recorded`, when it was written, by the clock: the made-up days of this notebook are told by it.
# The owner of a file can replace it as a whole. A promise that others trust stands where the promiser alone cannot do that.

# %% [markdown]
# ## References
#
# - Nosek and others (2018), PNAS 115, 2600-2606: plans before data. DOI 10.1073/pnas.1708274114.
# - Simmons, Nelson and Simonsohn (2011), Psychological Science 22, 1359-1366: what a choice afterwards does. DOI 10.1177/0956797611417632.
# - Ioannidis (2005), PLoS Medicine 2, e124: the share of true findings. DOI 10.1371/journal.pmed.0020124.
# - Lee and Shen (2018), KDD, 491-499: the bias of the sum. DOI 10.1145/3219819.3219905.
# - Gelman (2006), Bayesian Analysis 1, 515-534: a flat prior for the spread. DOI 10.1214/06-BA117A.

# %% jupyter={"source_hidden": true}
numbers_checked = ab.teach.checked(
    ("best of five (of 100)", 100 * best / 2000, 11.9, 3.7, "1 − .975^5 (5 standard errors)"),
    ("power with 5,000 users", small.check().statistic, 0.299, 0.001, "normal formula"),
    ("users that are needed", users.n_control, 19147, 0.5, "the same formula"),
    ("false wins (of 100)", 100 * ledger.share_false, 21.95, 0.01, ".0225 / .1025"),
    ("false wins, drawn", 100 - 100 * wins["good"].mean(), 21.95, 2.1, "the same (5 standard errors)"),
    ("claimed, never comes", 100 * (1 - ledger.true / ledger.claimed), 26.4, 0.1, "by integration"),
)
display(numbers_checked)
ab.teach.finish()
