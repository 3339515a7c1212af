# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Can a headline test earn while it learns?
#
# Time: 45 minutes. Needs: 04 (intervals), 05 (sample size), 07 (peeking). Runs on: any laptop, no network.
# Previous: [15 SUTVA](15_sutva.ipynb). Next: [20 Effects that differ between users](20_cate.ipynb).
#
# ## The story: half of the readers see the worse headline
#
# Mira runs the headline desk of a news site. Every morning the first article gets two headlines, A and B, and 10,000
# readers. In a fixed test 5,000 of them see the worse one, and by noon the article is old. So Mira wants to send more
# readers to the headline that is ahead. Her editor adds: "In the evening, tell me how much better the winner was."

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given your own rates, you run a *bandit* (it shows more often what does well so far), and decide from its mean cost
#   and its unlucky days whether it beats an even split.
# - Given its log, you decide whether an effect can be claimed.
# - Given your case, you choose a test or a bandit from a table.

# %%
import abkit as ab
import pandas as pd

rng = ab.teach.start("18", seed=11)

# %% [markdown]
# ## Three questions from earlier notebooks

# %%
display(ab.teach.quiz("18.q1"), ab.teach.quiz("18.q2"), ab.teach.quiz("18.q3"))

# %% [markdown]
# ## A fixed test, reader by reader
#
# In our world we know what Mira does not: of 100 readers, 10 click headline A and 12 click B. First a fixed test. The
# cell is folded (three dots open it): a coin picks the headline of each reader.

# %% jupyter={"source_hidden": true}
rates = [0.10, 0.12]  # of A and of B
readers = pd.DataFrame({"headline": rng.choice(["A", "B"], 10_000)})
chance = readers["headline"].map({"A": 0.10, "B": 0.12})
readers["clicked"] = (rng.random(10_000) < chance).astype(int)
print(readers["headline"].value_counts())
readers.head()

# %% [markdown]
# A row is a reader: the headline that she saw, and 1 for a click. About 5,000 readers saw A. With B, 100 of them
# would have made 2 clicks more, so this test loses about 100 clicks.
#
# ## What 200 readers make you believe
#
# Can Mira learn with fewer? By nine o'clock A has 11 clicks from 100 readers, and B has 16 from 100. Which true rates fit
# that? The picture gives every rate a height: the higher, the more plausible.
#
# `ab.Beta(1 + 11, 1 + 89)` is the curve of A: 11 clicks, and 89 readers without. The two 1s are the start: before the
# first reader, all rates are equally plausible.

# %%
belief = {"A": ab.Beta(1 + 11, 1 + 89), "B": ab.Beta(1 + 16, 1 + 84)}
ab.plots.plot_posteriors(belief)

# %% [markdown]
# The two curves overlap: B is better with probability 85 per cent, so A may still be.
#
# ## A rule for the next reader: draw, and show the larger
#
# Always B would be rash: if A is better, nobody finds out. Half and half wastes readers. So let chance decide: draw one
# plausible rate from each curve, and show the headline with the larger one.
#
# We do it a thousand times. `rng.beta(12, 90, 1_000)` draws a thousand rates from A's curve, most of them where it is
# high. `idxmax(axis=1)` names, in each row, the column with the larger number.

# %%
draws = pd.DataFrame({"A": rng.beta(12, 90, 1_000), "B": rng.beta(17, 85, 1_000)}).round(3)
draws["shown"] = draws[["A", "B"]].idxmax(axis=1)
print(draws["shown"].value_counts())
draws.head()

# %% [markdown]
# B is shown in about 85 of 100 rows: as often as it is probably the better one.
#
# On a real day a click moves the curve of the shown headline to the right, no click to the left, and more readers make
# it narrower. So the better headline wins more and more draws.
#
# ## Your first guesses: what does such a day cost?

# %%
ab.teach.predict("18.p1")
ab.teach.predict("18.p2")

# %% [markdown]
# ## The whole rule in a loop
#
# Now 10,000 readers. The words after `#` say what each line does.

# %%
wins, losses = [1, 1], [1, 1]  # of A and of B: clicks, and readers without; all start at 1
for _ in range(10_000):  # for each reader
    shown = rng.beta(wins, losses).argmax()  # one draw each; the place of the larger: A is 0, B is 1
    if rng.random() < rates[shown]:  # a number from 0 to 1; below .12 in 12 of 100 cases
        wins[shown] += 1  # a click: 1 more
    else:
        losses[shown] += 1
print("readers who saw A:", wins[0] + losses[0] - 2)  # without the 1s of the start

# %% [markdown]
# So many saw the worse headline, not 5,000. But that is ONE day; another day brings another number. So `ab.run` plays 400
# days (`reps`) of 10,000 readers (`horizon`). `ab.Thompson(2)` is the same rule for two headlines.

# %%
days = ab.run(ab.Thompson(2), rates, horizon=10_000, reps=400, rng=rng)
saw_a = days.to_frame()["pulls of 0"]  # one row a day: how often headline 0, A, was shown
unlucky = saw_a.quantile(0.95, interpolation="lower")  # 5 of 100 have more; "lower": a real day
ab.teach.reveal("18.p1", round(saw_a.mean()))
ab.teach.reveal("18.p2", round(unlucky))
ab.plots.plot_regret(days, guess=ab.teach.predicted("18.p1"), users="readers", arm="the worse headline")

# %% [markdown]
# Each grey line is a day ("run" in the title); it rises when a reader sees A. Most rise in the morning, while the rule
# learns, and flatten later. A few stay steep: B starts with bad luck, and it takes thousands of readers to find out.
# The orange line is the mean; 90 of 100 days end in the shaded band.
#
# 400 other days give other numbers. Over 20,000 days the mean is 1,192 readers, and 5 of 100 days exceed 3,105. The text uses
# these.

# %% [markdown]
# ## Explain the gap between your guesses and the answers
#
# - Why does the rule still show A late in the day?
# - On half of the days fewer than about 880 readers see A. Why is the mean, 1,192, above that?
#
# <details><summary>Compare with an explanation</summary>A few clicks could still turn the picture. And a few
# unlucky days cost thousands of readers: they lift the mean.</details>

# %% [markdown]
# ## Three names
#
# The rule is **Thompson sampling**. A rule that learns and earns at once is a **bandit**, after slot machines with one
# arm. So a headline is also an *arm*, and to show it is a *pull*.
#
# What a rule loses against always showing the best arm is its **regret**: here .02 clicks for each reader of A. So an
# average day of Thompson sampling loses 1,192 × .02 = 23.8 clicks, an even split 100.

# %% [markdown]
# ## In the evening: what can you claim?
#
# The editor wants to know how much better the winner was. May you compare the two rates as after a fixed test?
#
# We try it where we know the answer: both arms show the SAME headline, and 30 of 100 readers open it. A day has 2,000
# readers and Thompson sampling. In the evening comes the usual test: the gap of the two rates, divided by its standard
# error. Here each p below .05 is a false alarm.
#
# Make your guess. Then see the two rates on 1,000 days: `plot_less_shown` asks of each day which arm was shown less.

# %%
ab.teach.predict("18.p3")

# %%
same = ab.run(ab.Thompson(2), [0.30, 0.30], horizon=2_000, reps=1_000, rng=rng)
ab.plots.plot_less_shown(same, truth=0.30, users="readers")

# %% [markdown]
# Both arms are equal. Yet the orange bars, of the arm shown less, lie too far to the left: over 60,000 days its
# average is 27.2 per cent, the other arm's 30.4.
#
# An arm with good luck is shown more, until its luck evens out. An arm with bad luck is left alone, and its bad luck is
# often never made good.
#
# Now the usual test of each day, by `ab.proportions` (04). The cell is folded: it counts the days with p below .05.

# %% jupyter={"source_hidden": true}
shown, clicks = same.totals()
a = ab.Moments.counts(clicks[:, 0], shown[:, 0])
b = ab.Moments.counts(clicks[:, 1], shown[:, 1])
usual = ab.proportions(a, b, method="wald")
alarms = 100 * (usual.pvalue < 0.05).mean()
ab.teach.reveal("18.p3", round(alarms, 1))

# %% [markdown]
# The test promises 5 false alarms in 100 days. Over 60,000 days we counted 14.6: the bandit chose who sees what by
# looking at the clicks, and the test does not know that.
#
# ## Leave something to chance, and write it down
#
# The arm with bad luck got too few readers. You can make up for that if you know how rare they were. Suppose a
# reader had a chance of 5 per cent to see A, and saw it. Then she stands for 1 / 0.05 = 20 readers like her: the other 19
# saw B. With this weight, the arm that was left alone gets its due.

# %% [markdown]
# This needs two things BEFORE the day:
#
# - A **floor** is the smallest chance that each arm keeps, here 5 per cent, however bad it looks.
# - A log of each reader's chances to see each arm, her **propensities** (`propensity=True`).
#
# `ab.weighted_aipw` reads the log, weighs the readers, and gives an interval and a p for each day. `batch=20`: the rule
# learns after each 20 readers, and meanwhile their chances stand still. Both arms are equal again.

# %%
floored = ab.Thompson(2, floor=0.05)
logged = ab.run(floored, [0.30, 0.30], horizon=2_000, batch=20, reps=1_000, propensity=True, rng=rng)
weighted = ab.weighted_aipw(logged)
half = 100 * (weighted.high - weighted.low) / 2  # of each day's interval, in points
print("weighted, false alarms in 100 days:", round(100 * (weighted.pvalue < 0.05).mean(), 1))
print("interval, plus or minus:", round(half.mean(), 1), "points")

# %% [markdown]
# The first number is near the 5 that a test promises: over 6,000 days it is 5.7. Without the weights it is 9.5, so the
# floor alone is no cure. The second number is the price: plus or minus 5.2 points, where an even split gives 4.0.
#
# Some rules leave nothing to chance. *UCB1* always shows the arm whose rate could be the highest. So the other arm had no
# chance at that reader, and there is nothing to weigh by: `ab.weighted_aipw` refuses a log of `ab.Ucb(2)`. Then run a short
# fixed test.

# %% [markdown]
# ## Test or bandit: one table
#
# Two designs for 10,000 readers. *Fixed test*: half of them in an even split, then all see the winner. *Thompson*: the
# bandit to the end, and plain rates in the evening. `ab.earn_or_learn` plays each 200 times. The cell is folded: it
# keeps two rows of a larger table (see "Going further").

# %% jupyter={"source_hidden": true}
choice = ab.earn_or_learn(rates, users=10_000, days=10, reps=200, rng=rng)
table = choice.summary()
table = table[(table["world"] == "steady") & (table["design"] != "hybrid")]
table[["design", "rewards lost", "typical miss (points)"]]

# %% [markdown]
# `rewards lost` are clicks. `typical miss` is the root of the mean squared miss of the claimed lead: far-off days count most. Behind ±
# stands the standard error of the 200 runs.
#
# The fixed test loses about 51 clicks: half of its 5,000 readers see A, and now and then the wrong headline wins. Its
# claim is typically .9 points off. Thompson loses half as many clicks, and misses by about twice as much: few readers saw
# A, and the rate of the arm shown less is too low.

# %% [markdown]
# ## Explore: your desk
#
# The picture of above, with 40 days. *Policy* is the rule; here it learns a hundred times a day.
#
# Set 5,000 readers, and change from even split to Thompson sampling. What happens to the share in the title, and to the
# upper end of the band? Goal 1: with two headlines. Goal 2: with five.
#
# <details><summary>Compare with an answer</summary>1: the share falls from 50 to 20 of 100 readers. But the band still
# reaches half of them or more: unlucky days save nothing. 2: from 80 to 53; the band again reaches above 80.</details>

# %%
ab.explore.bandit()

# %% [markdown]
# ## The same on a fixed grid
#
# The panel's runs of 3,000 readers and Thompson sampling; one headline has a rate of .12, the others .10. The cell is folded.

# %% jupyter={"source_hidden": true}
grid = []
for headlines in (2, 3, 4, 5):
    found = ab.datasets.headline_runs(headlines, 3_000, 4).summary()
    grid.append({"headlines": headlines, "readers of a worse one": round(found.regret / 0.02)})
pd.DataFrame(grid)

# %% [markdown]
# More headlines cost more: there is more to learn.
#
# ## Where it bites at work
#
# - A purchase that comes three days later teaches nothing today.
# - A rule for yes and no must not be fed euros.
# - Where rates move, as at weekends, the arm shown later looks better or worse than it is.
#
# > Myth: "A bandit is a faster A/B test." After Thompson sampling, the usual test finds two equal headlines (30 per
# > cent, 2,000 readers) different on 14.6 of 100 days, not on 5.
#
# ## Exercises

# %%
ab.exercise("18.1")

# %%
answer = None  # a letter, such as "a"
display(ab.check("18.1", answer), ab.solution("18.1"))

# %%
ab.exercise("18.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("18.2", answer), ab.solution("18.2"))

# %%
ab.exercise("18.3")

# %%
answer = None  # such as "120 readers"
display(ab.check("18.3", answer), ab.solution("18.3"))

# %%
ab.exercise("18.4")

# %%
answer = None  # such as ("a", 120)
display(ab.check("18.4", answer), ab.solution("18.4"))

# %% [markdown]
# ## Your own table
#
# One row a user. Edit the first three lines. The cell finds the rate of each arm, and plays 100 runs of two rules. A
# winner's lead is often too large: try a smaller one too, with `found = pd.Series([0.10, 0.11])` as the fifth line.

# %%
my_table = readers  # or your file: pd.read_csv("clicks.csv")
arm, reward = "headline", "clicked"  # two columns: the arms, and 0 or 1
users = 5_000  # that you will have
found = my_table.groupby(arm)[reward].mean()
for policy in (ab.EvenSplit(len(found)), ab.Thompson(len(found))):  # as many arms as there are rates
    mine = ab.run(policy, found.tolist(), horizon=users, reps=100, rng=rng)
    lost = mine.to_frame()["regret"]
    print(mine.policy, round(lost.mean()), "and on 5 of 100 days over", round(lost.quantile(0.95)))

# %% [markdown]
# These are the rewards lost, by the even split and by Thompson sampling.
#
# ## The decision you would make
#
# A partner site will show this article for 30 days, to 10,000 readers a day. Headline B needs a picture for 300 euros; a
# click earns 10 cents. So B pays from 3,000 more clicks on, 1 point of 300,000 readers. Mira ran one day of the
# bandit with a floor and a log. `[0]` is that day.

# %%
day = ab.run(floored, rates, horizon=10_000, batch=100, reps=1, propensity=True, rng=19)
effect = ab.weighted_aipw(day)
low = round(100 * effect.low[0], 1)
high = round(100 * effect.high[0], 1)
print("B minus A, 95 per cent interval", low, "to", high, "points")

# %% [markdown]
# An even split would give plus or minus 1.2 points, half as wide. In the memo, `f` puts the numbers in place of
# the braces. Write your decision into `choice`, and what would change it into `change`.

# %%
ab.teach.decision(
    rule="Ship if the interval lies above 1 point, stop if below 1 point; else inconclusive.",
    evidence=f"One day, weighted for the bandit's choices: {low} to {high} points.",
    cost="Shipping what is no better: 300 euros. Missing 2 points: 6,000 clicks, 600 less 300 euros.",
    choice="",
    change="",
    by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - A bandit pays less for learning: with rates .10 and .12, 1,192 of 10,000 readers see the worse headline; an even split shows it to 5,000. On 1
#   day in 20 more than 3,105 do.
# - With a floor and a log you can claim an effect, less sharply. Later you can add neither.
# - Of two headlines a test says more, and a bandit earns more.
#
# When this advice is wrong: late rewards, a lead that changes with the hour, one decision for years. Then test.
#
# ## Exit questions

# %%
display(ab.teach.quiz("18.q4"), ab.teach.quiz("18.q5"), ab.teach.quiz("18.q6"))

# %% [markdown]
# ## Going further
#
# ### Numbers of the two curves
#
# Such a curve is called a **posterior**: what you believe after the data. `ab.compare` reads numbers off. `prob_best`: the chance that it is the better one. `expected_loss`: clicks that you lose
# on average with each reader by choosing it. Between `low` and `high` lies the true rate with 95 per cent probability,
# if all rates were equally plausible at first.

# %%
ab.compare(belief).to_frame().round(4)

# %% [markdown]
# ### Two other bandits
#
# *Epsilon-greedy* shows a random headline to one reader in ten, else the leader. *UCB1* adds a bonus to the mean of each
# arm, larger for an arm that was shown little, and shows the arm with the highest sum. Each runs on 100 days.

# %%
runs = {}
runs["even split"] = ab.run(ab.EvenSplit(2), rates, horizon=10_000, reps=100, rng=rng)
greedy = ab.EpsilonGreedy(2, epsilon=0.1)
runs["epsilon-greedy"] = ab.run(greedy, rates, horizon=10_000, reps=100, rng=rng)
runs["UCB1"] = ab.run(ab.Ucb(2), rates, horizon=10_000, reps=100, rng=rng)
runs["Thompson"] = ab.run(ab.Thompson(2), rates, horizon=10_000, reps=100, rng=rng)
ab.plots.plot_policies(runs, users="readers", arm="the worse headline")

# %% [markdown]
# Over 20,000 days the means are 5,000, 1,664, 3,463 and 1,192. See the bars: epsilon-greedy has days on which
# it follows the wrong headline to the end, so 100 days leave its mean uncertain by some 200 readers. And it never stops
# exploring: even with the right leader about 500 of 10,000 readers see A.

# %% [markdown]
# ### A third design and two other worlds
#
# *Hybrid*: a bandit picks two finalists on a fifth of the readers; these two are tested until half. With two headlines
# that is a shorter test. *A day late*: clicks are known when the day ends, so a test takes one more day. *Drift*: both
# rates rise slowly by 5 points, A from .075 to .125, and B stays 2 points ahead. `claim − truth` is the claimed lead of
# the named headline less its true lead, on average. The second cell, folded, draws two columns.

# %%
choice.summary()

# %% jupyter={"source_hidden": true}
from abkit.plots import showing, style

ax, marks = style.axes_or_new(None), choice.to_frame().rename(columns={"regret": "clicks lost"})
marks["typical miss"] = 100 * marks["claim_error"]  # points
for design, name in (("fixed test", "control"), ("hybrid", "third"), ("Thompson", "treatment")):
    rows, look = marks[marks["design"] == design], style.role(name) | {"linestyle": "none"}
    ax.plot("clicks lost", "typical miss", data=rows, **look, label=design)
for _, row in rows.iterrows():  # those of Thompson
    style.note(ax, row["world"], (row["clicks lost"], row["typical miss"]), (8, 4), color="#D55E00")
style.dress(ax, x="clicks lost of 10,000 readers", y="typical miss (points)")
style.headline(ax, "Thompson loses the fewest clicks, the fixed test misses least")
ax.set(xlim=(0, 75), ylim=(0, 4)), ax.legend(fontsize=style.FONT, frameon=False)
alt = "Clicks lost against typical miss. Thompson lies left: high if steady or drifting, "
alt += "as low as the hybrid if a day late."
showing.describe(ax, alt=alt, table=marks[["design", "world", "clicks lost", "typical miss"]])

# %% [markdown]
# With drift Thompson misses most: it shows B mostly late, when all clicks come easily, so B's lead looks larger than it
# is. A fixed split compares both arms at the same hours. A day late, Thompson claims better than in a steady world: on
# the whole first day it knows nothing, so A gets at least some 500 readers.
#
# With four headlines (.10, .12, .09, .10) and steady rates Thompson's claims have a typical miss of .8 points against
# 1.2 of the fixed test. So run the table for your own case.

# %% [markdown]
# ### One lucky day
#
# A day of .10 against .15 and 10,000 readers that lost 9 clicks looks cheap. Such days lose about 17 on average, and 5
# of 100 lose more than about 36.

# %% [markdown]
# ### A second remedy: batch by batch
#
# Within a batch the rule stands still, so each batch is a small fixed test. `ab.batched_ols` puts them together.

# %%
batches = ab.batched_ols(logged)
print("batch by batch, false alarms in 100 days:", round(100 * (batches.pvalue < 0.05).mean(), 1))

# %% [markdown]
# Over 6,000 days it is 5.5, against 5.7 of the weights and 9.5 of the usual test on the same days.
#
# With a real winner (.30 against .36) the intervals are plus or minus 6.8 points (weights) and 7.7 (batches), where an
# even split gives 4.1. They held the truth in 95 and 96 of 100 days; the estimates were .4 and .5 points too high on
# average.
#
# The weights are called adaptively weighted augmented inverse-probability weighting: a running mean steadies each reader's
# score, and the readers of an arm that was rarely shown count a bit less again, so that the interval is fair.

# %% [markdown]
# ### What does not help, and what always holds
#
# `ab.weighted_aipw` says why it refuses UCB1. The cell is folded.

# %% jupyter={"source_hidden": true}
try:
    ab.weighted_aipw(ab.run(ab.Ucb(2), rates, horizon=500, reps=1, rng=rng))
except ValueError as refusal:
    print(refusal)

# %% [markdown]
# Do not run without a floor and write chances of at least .05 into the log afterwards (a *clipped* log): in the world of
# equal arms the weights then err on 20 of 100 days. After every rule, even UCB1, an interval that holds at all times (11)
# holds for the rate of each arm alone.

# %% [markdown]
# ### Another usual test
#
# The usual test, `method="wald"`, takes the variance of each arm from its own clicks. A test that takes one rate for both
# (pooled) alarms on 12.0 of 100 days instead of 14.6. With the same numbers of readers in each arm, but new clicks, the
# first one alarms on 5 to 6: it is the choosing that harms. And a fixed arm, A say, averages 1.2 points too low.

# %% [markdown]
# ### Late rewards and a forgetting bandit
#
# `run(…, batch=1_000)` learns once a day, `delay=` waits longer, `discount=.999` forgets all but about the last
# thousand readers.

# %%
for label, policy, batch in (
    ("each reader", ab.Thompson(2), 1),
    ("once a thousand", ab.Thompson(2), 1_000),
    ("forgets", ab.Thompson(2, discount=0.999), 10),
):
    late = ab.run(policy, rates, horizon=10_000, reps=60, batch=batch, rng=rng).summary()
    print(f"{label:16} {late.regret:5.1f} ± {late.regret_se:.1f} clicks lost")

# %% [markdown]
# ### The line of Lai and Robbins is no floor
#
# For endless days no consistent rule loses less than C · ln(readers), with C = 4.90 for rates .5 and .6. After 10,000
# readers that line stands at 45 clicks, and Thompson sampling loses 20 on average. The line says how regret grows at
# last, not how much a day must cost, so no figure here draws it.
#
# ### A user's context
#
# `ab.LinUcb` and `ab.LogisticGreedy` choose by what is known of a reader; 21 (planned) works with them.
# `ab.policy_to_json` keeps a policy between two processes.

# %%
policy = ab.LinUcb(2, 1).update(1, 1.0, [0.5])
print(policy.index([0.5]).round(2), ab.policy_to_json(ab.Ucb(2))[:54])

# %% [markdown]
# ## References
#
# - Thompson 1933, Biometrika 25: the rule. DOI 10.1093/biomet/25.3-4.285
# - Auer, Cesa-Bianchi and Fischer 2002, Machine Learning 47: UCB1, and epsilon that falls. DOI 10.1023/A:1013689704352
# - Nie, Tian, Taylor and Zou 2018, AISTATS: why adaptively collected means are too low.
# - Hadad, Hirshberg, Zhan, Wager and Athey 2021, PNAS 118: weights that allow intervals. DOI 10.1073/pnas.2014602118
# - Zhang, Janson and Murphy 2020, NeurIPS: batch by batch.
# - Lai and Robbins 1985, Advances in Applied Mathematics 6: the line. DOI 10.1016/0196-8858(85)90002-8

# %% jupyter={"source_hidden": true}
numbers = ab.teach.checked(
    ("clicks lost by Thompson, mean", 0.02 * saw_a.mean(), 23.84, 6, "20,000 simulated days, stored"),
    ("false alarms in 100 days", alarms, 14.6, 6, "60,000 days, stored"),
    ("clicks lost, even split", runs["even split"].summary().regret, 100, 1, "5,000 readers times .02"),
)
display(numbers)
ab.teach.finish()
