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
# readers. In a fixed test 5,000 of them see the worse one, and by noon the article is old. Mira wants to send more
# readers to the headline that is ahead, reader by reader. Her editor likes that, and adds: "In the evening, tell me how
# much better the winner was."

# %% [markdown]
# ## After this notebook you can do three things
#
# 1. Run a bandit for your own rates and decide from its mean cost AND its spread whether it beats an even split.
# 2. Say of a given log whether an effect can be claimed from it, and by which call, or refuse.
# 3. Choose test, bandit or hybrid for your own case from one table.

# %%
import abkit as ab
import pandas as pd

rng = ab.teach.start("18", seed=7)

# %%
display(ab.teach.quiz("18.q1"), ab.teach.quiz("18.q2"), ab.teach.quiz("18.q3"))

# %% [markdown]
# ## The desk: five readers of a fixed test
#
# In our world we know what the desk does not: A is clicked by 10 of 100 readers, B by 12. `ab.run` serves `horizon`
# readers on each of `reps` days, and `ab.EvenSplit(2)` tosses a coin between two headlines. It keeps two tables: `arm`,
# the headline of each reader (0 or 1), and `reward`, 1 for a click. `[0]` takes the first day, `astype(int)` makes
# whole numbers, `map` puts letters for numbers.

# %%
rates = [0.10, 0.12]
fixed = ab.run(ab.EvenSplit(2), rates, horizon=10_000, reps=1, rng=rng)
readers = pd.DataFrame({"headline": fixed.arm[0], "clicked": fixed.reward[0].astype(int)})
readers["headline"] = readers["headline"].map({0: "A", 1: "B"})
readers.index.name = "reader"
readers.head()

# %% [markdown]
# Each row is one reader, numbered from 0.
# ## What 200 readers make you believe
#
# At nine o'clock 100 readers have seen A and 100 have seen B: 11 and 16 clicks. Which true rates fit that? The picture
# gives every rate a height: the higher, the more plausible.

# %%
belief = {"A": ab.Beta(1, 1).update(11, 89), "B": ab.Beta(1, 1).update(16, 84)}
ab.plots.plot_posteriors(belief)

# %% [markdown]
# The curves overlap: B is probably better, and A may still be. Such a curve is called a **posterior**: what you believe
# after the data. `ab.Beta(1, 1)` starts with all rates equally plausible; `update(clicks, no clicks)` learns, so A's
# curve is `Beta(1 + 11, 1 + 89)`.
#
# ## A rule for the next reader: draw, and show the larger
#
# Draw one plausible rate from each curve, and show the headline with the larger one. We do that a thousand times with
# the curves of above: `rng.beta(12, 90, 1_000)` draws a thousand rates from A's. `idxmax(axis=1)` names, in each row,
# the column with the larger number.

# %%
draws = pd.DataFrame({"A": rng.beta(12, 90, 1_000), "B": rng.beta(17, 85, 1_000)}).round(3)
draws["shown"] = draws[["A", "B"]].idxmax(axis=1)
print(draws["shown"].value_counts())
draws.head()

# %% [markdown]
# B is shown in about 85 of 100 cases: as often as it is probably the better one. After each reader the curves move.
# Before you see it run for a day: what does it cost?

# %%
ab.teach.predict("18.p1")
ab.teach.predict("18.p2")

# %% [markdown]
# ## The whole rule in six lines
#
# `wins` and `losses` count clicks and no clicks of A and B, and start at 1 each. `rng.beta(wins, losses)` draws one
# plausible rate for each; `argmax` is the place of the larger one: 0 for A, 1 for B. `rng.random()` is a number between
# 0 and 1; it lies below .12 in 12 of 100 cases, so it plays the reader who clicks or not. At the end we take the two 1s
# of the start off again.

# %%
wins, losses = [1, 1], [1, 1]
for _ in range(10_000):
    shown = rng.beta(wins, losses).argmax()
    clicked = int(rng.random() < rates[shown])
    wins[shown] += clicked
    losses[shown] += 1 - clicked
print("readers who saw A and B:", wins[0] + losses[0] - 2, wins[1] + losses[1] - 2)

# %% [markdown]
# Most readers saw B. But that is ONE day: run the cell again and another number comes. So we run 400 days at once, with
# the same rule from the package.

# %%
days = ab.run(ab.Thompson(2), rates, horizon=10_000, reps=400, rng=rng)
ab.plots.plot_regret(days, guess=ab.teach.predicted("18.p1"), users="readers", arm="the worse headline")

# %% [markdown]
# Each grey line is a day (100 of the 400). Most rise fast in the morning, while the rule learns, and flatten
# later. A few stay steep: the good headline starts badly, and it takes thousands of readers to find out.
#
# Over 20,000 days the mean is 1,192 readers, and 5 of 100 days exceed 3,105. The text uses these steadier numbers.
#
# The table below has one row a day: `pulls of 0` are the readers who saw A. Each of them costs .12 − .10 = .02 clicks,
# and `regret` is that cost. `summary` gives its mean and `q95`, which 5 of 100 days exceed.

# %%
cost = days.summary()
ab.teach.reveal("18.p1", round(cost.regret / 0.02))
ab.teach.reveal("18.p2", round(cost.q95 / 0.02))
days.to_frame().head().round(3)

# %% [markdown]
# ## Explain the gap
#
# 1. Why does the rule keep showing A to some of the last readers?
# 2. On the middle day about 880 readers see A: half of the days cost less. Why is the mean, 1,192, so much above it?
#
# <details><summary>Compare with an explanation</summary>A few clicks could still turn the picture, so A keeps a small
# chance. And the heap has a long tail: most days cost little, a few unlucky ones cost thousands.</details>

# %% [markdown]
# ## Two names and a formula
#
# The rule is **Thompson sampling**. Its cost is called **regret**: what always showing the best headline would have
# earned more. Here it is readers of A times .12 − .10. A rule that says who sees what is a *policy*; one that balances
# learning and earning is a **bandit**, named after slot machines with one arm. So a headline is also called an arm. The
# expected regret of such a day is 23.8 clicks (1,192 readers); an even split loses 100 (5,000 readers).

# %% [markdown]
# Two other bandits are common. *Epsilon-greedy* shows a random headline to one reader in ten, else the leader. *UCB1*
# shows the headline whose rate could be the highest: mean plus a bonus for having been shown little. Each runs on 100
# days.

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
#
# ## The bill: what can you claim in the evening?
#
# Can the usual test of two rates (04, `wald`) read such a day? We check it where we know the answer: both arms show the SAME
# headline, and 30 of 100 readers open it. 2,000 readers, Thompson sampling, and in the evening the test.

# %%
ab.teach.predict("18.p3")

# %%
same = ab.run(ab.Thompson(2), [0.30, 0.30], horizon=2_000, reps=1_000, rng=rng)
ab.plots.plot_less_shown(same, truth=0.30, users="readers")

# %% [markdown]
# Nothing is different, and yet the arm that was shown less looks worse. Over 60,000 days it has an average of 27.2 per
# cent, the other 30.4. Arm A alone averages 1.2 points too low. An arm that starts with bad luck is left alone, and its
# bad luck is never made good.
#
# Now the test of each day. `totals` gives two tables, readers and clicks: one row a day, one column an arm. `[:, 0]`
# takes the column of A, `[:, 1]` that of B. `usual.pvalue` holds a p for each day; `(usual.pvalue < 0.05).mean()` is
# the share of days with a false alarm.

# %%
shown, clicks = same.totals()
a = ab.Moments.counts(clicks[:, 0], shown[:, 0])
b = ab.Moments.counts(clicks[:, 1], shown[:, 1])
usual = ab.proportions(a, b, method="wald")
ab.teach.reveal("18.p3", round(100 * (usual.pvalue < 0.05).mean(), 1))

# %% [markdown]
# The test promises 5 false alarms in 100 days; over 60,000 days we counted 14.6 in 100. The bandit chose the split by
# looking at the clicks, and the test does not know that.

# %% [markdown]
# ## Leave something to chance, and write it down
#
# If every reader keeps a known chance to see either headline, weights can make up for the choices. Two things have to
# be arranged BEFORE the day: a **floor**, here at least 5 per cent for each arm, and a log (`propensity=True`) of
# each reader's chances, the **propensities**. The readers come in batches of 20; within a **batch** the rule stands still.
#
# Two remedies read such a log. `ab.weighted_aipw` gives a reader who had a small chance of her headline a larger
# weight. `ab.batched_ols` treats each batch as a small fixed test. Headlines are equal again.

# %%
floored = ab.Thompson(2, floor=0.05)
logged = ab.run(floored, [0.30, 0.30], horizon=2_000, batch=20, reps=1_000, propensity=True, rng=rng)
weighted = ab.weighted_aipw(logged)
batches = ab.batched_ols(logged)
print("false alarms in 100 days")
print("weighted:", round(100 * (weighted.pvalue < 0.05).mean(), 1))
print("batch by batch:", round(100 * (batches.pvalue < 0.05).mean(), 1))

# %% [markdown]
# Both are near the 5 that a test promises. Over 6,000 days the usual test, the weights and the batches had 9.5, 5.7 and
# 5.5 false alarms in 100: the floor alone does not cure the usual test. The price is width. Where .36 races against
# .30, the intervals are plus or minus 6.8 and 7.7 points, where an even split of 2,000 readers gives 4.1.
#
# And a rule without chance, such as UCB1? The next cell is folded (three dots open it): it gives such a log to
# `ab.weighted_aipw`.

# %% jupyter={"source_hidden": true}
try:
    ab.weighted_aipw(ab.run(ab.Ucb(2), rates, horizon=500, reps=1, rng=rng))
except ValueError as refusal:
    print(refusal)

# %% [markdown]
# UCB1 is refused by name. Nor can you run without a floor and write chances of at least .05 into the log afterwards (a
# *clipped* log): the weights then err on 20 of 100 days. What holds after every rule is an interval that holds at all
# times (11), one for the rate of each arm.

# %% [markdown]
# ## Test, bandit or both: one table
#
# Three designs for the same 10,000 readers over ten days. *Fixed test*: half of the readers in an even split, then the
# winner. *Thompson*: to the end. *Hybrid*: a bandit picks two finalists on a fifth of the readers; these two are tested
# until half; with two headlines that is a shorter test. Worlds: *Steady*. *A day late*: clicks are known when the
# day ends, so a test takes one more day. *Drift*: all rates rise together by 5 points, A from .075 to .125.
#
# The folded cell draws two columns of the table, a mark for each row: left is cheap, low is accurate.

# %%
choice = ab.earn_or_learn(rates, users=10_000, days=10, reps=200, rng=rng)
choice.summary()

# %% jupyter={"source_hidden": true}
from abkit.plots import showing, style

ax, table = style.axes_or_new(None), choice.to_frame().rename(columns={"regret": "clicks lost"})
table["typical miss"] = 100 * table["claim_error"]  # points
for design, name in (("fixed test", "control"), ("hybrid", "third"), ("Thompson", "treatment")):
    rows, look = table[table["design"] == design], style.role(name) | {"linestyle": "none"}
    ax.plot("clicks lost", "typical miss", data=rows, **look, label=design)
for _, row in rows.iterrows():  # those of Thompson
    style.note(ax, row["world"], (row["clicks lost"], row["typical miss"]), (8, 4), color="#D55E00")
style.dress(ax, x="clicks lost of 10,000 readers", y="typical miss (points)")
style.headline(ax, "Thompson loses the fewest clicks, the fixed test misses least")
ax.set(xlim=(0, 75), ylim=(0, 3.5)), ax.legend(fontsize=style.FONT, frameon=False)
alt = "Clicks lost against typical miss: Thompson lies left and high, the test right and low."
showing.describe(ax, alt=alt, table=table[["design", "world", "clicks lost", "typical miss"]])

# %% [markdown]
# Row 0: in a steady world the fixed test loses 51.5 clicks, and what it claims in the evening lies .92 points off
# (`typical miss`). `claim − truth` is the claimed lead of the named headline, less its true lead, on average. Behind ±
# stands the error of 200 runs.
#
# Thompson loses the fewest clicks in every world. But see *drift*: it claims far more than there is, because it showed
# B mostly late, when clicks came easily. A fixed split compares both at the same hours.
#
# With four headlines Thompson can claim better (see Going further). So run the table for your own case.

# %% [markdown]
# ## Explore: your desk
#
# Goal 1: with two headlines and 5,000 readers, which policy has the lowest mean, and which learning policy the smallest
# spread? Goal 2: with five headlines an even split shows a worse one to 80 per cent of the readers. From how many
# readers on does Thompson's mean fall below 70 per cent, and does its shaded band (90 of 100 days) ever stay below 80?
# Each picture is 40 runs: differences of some per cent are chance.
#
# <details><summary>Compare with an answer</summary>1: Thompson, 20 per cent; UCB1. 2: from 1,000 readers on; no, some
# days stay unlucky up to 5,000.</details>

# %%
ab.explore.bandit()

# %% [markdown]
# ## The same on a fixed grid
#
# 3,000 readers, one headline of .12 and the others of .10. Thompson sampling, two to five headlines. The last column: on
# how many of 100 days the best one has the highest rate at the end. The cell is folded.

# %% jupyter={"source_hidden": true}
grid = []
for headlines in (2, 3, 4, 5):
    found = ab.datasets.headline_runs(headlines, 3_000, 4).summary()
    row = {"headlines": headlines, "readers of a worse one": round(found.regret / 0.02)}
    row["named best in 100"] = round(100 * found.named_best)
    grid.append(row)
pd.DataFrame(grid)

# %% [markdown]
# More headlines cost more: there is more to learn.
#
# ## Where it bites at work
#
# - Slow rewards: a purchase that comes three days later teaches nothing today.
# - Amounts: a policy for yes and no must not be fed euros.
# - Weekends: levels that move make the arm shown later look better or worse than it is.
#
# > Myth: "A bandit is a faster A/B test." It is a cheaper way to act. Tested like a fixed split, two equal
# > headlines (30 per cent, 2,000 readers) differ "significantly" on 14.6 of 100 days, not on 5.

# %% [markdown]
# ## Exercises

# %%
ab.exercise("18.1")

# %%
answer = None  # a letter
display(ab.check("18.1", answer), ab.solution("18.1"))

# %%
ab.exercise("18.2")

# %%
answer = None  # a letter
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
# Put the path of a CSV file of an earlier test into `path`: one row a user, a column for the arm and one with 0 or 1.
# The cell races two policies at the rates it finds. These are estimates: the leader's lead is often too large, so try
# half of it too, with `found = [0.095, 0.108]` before the loop. Without a path it takes the readers from above.

# %%
path, arm, reward, users = None, "headline", "clicked", 5_000
mine = readers if path is None else pd.read_csv(path)
found = mine.groupby(arm)[reward].mean()
print(found.round(4).to_dict())
for policy in (ab.EvenSplit(len(found)), ab.Thompson(len(found))):
    bill = ab.run(policy, list(found), horizon=users, reps=100, rng=rng).summary()
    print(bill.policy, round(bill.regret), "rewards lost; in 1 run of 20 over", round(bill.q95))

# %% [markdown]
# ## The decision you would make
#
# A partner site will show this article for 30 days, to 10,000 readers a day like Mira's. Headline B needs a new
# picture, 300 euros; a click earns 10 cents. So B pays from 1 point on (3,000 clicks). Mira ran one day with a floor
# and a log. Her interval is about twice as wide as that of an even split of the day, plus or minus 1.2 points. `:.1f`
# prints one decimal.

# %%
day = ab.run(floored, rates, horizon=10_000, batch=100, reps=1, propensity=True, rng=19)
effect = ab.weighted_aipw(day)
low, high = 100 * effect.low[0], 100 * effect.high[0]
print(f"B − A: {100 * effect.estimate[0]:.1f} points, 95 per cent interval {low:.1f} to {high:.1f}")

# %%
ab.teach.decision(
    rule="Ship if the interval lies above 1 point, stop if below 1 point; else inconclusive.",
    evidence=f"One day, weighted for the bandit's choices: {low:.1f} to {high:.1f} points.",
    cost="Shipping what is no better: 300 euros. Missing 2 points: 6,000 clicks, 300 euros net.",
    choice="",
    change="",
    by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# 1. A bandit pays less for learning: at .10 and .12 it is 1,192 readers of 10,000 instead of 5,000; 1 day in 20 costs more
# than 3,105.
# 2. Its data are not those of a fixed test. With a floor and a log you can claim, less sharply; later you can add neither.
# 3. Of two headlines a test says more, and a bandit earns more. Choose by what you need in the evening.
#
# When this advice is wrong: rewards that come after the last reader, a lead that changes with the hour, one decision for
# years. Then test.

# %%
display(ab.teach.quiz("18.q4"), ab.teach.quiz("18.q5"), ab.teach.quiz("18.q6"))

# %% [markdown]
# ## Going further
#
# ### Numbers of the two curves
#
# `ab.compare` reads them off. `prob_best`: the chance that it is the better one. `expected_loss`: clicks that you lose
# on average with each reader by choosing it. Between `low` and `high` lies the true rate with 95 per cent probability,
# if all rates were equally plausible at first.

# %%
ab.compare(belief).to_frame().round(4)

# %% [markdown]
# ### With four headlines the bandit can claim better
#
# With four headlines (.10, .12, .09, .10) and steady rates Thompson's claims have a typical miss of .8 points against
# 1.2 of the fixed test.
#
# ### One lucky day
#
# A day of .10 against .15 and 10,000 readers that lost 9 clicks looks cheap; 2,000 such days lose 17 on average, and 5
# of 100 days more than 37.

# %% [markdown]
# ### What the remedies hold, and another usual test
#
# The weights are called augmented inverse-probability weighting. With a real winner (.30 against .36) the intervals of
# the weights and of the batches held the truth in 95 and 96 of 100 days; their estimates were .4 and .5 points too high
# on average. The usual test above, `method="wald"`, takes the variance of each arm from its own clicks. A test that
# takes one rate for both (pooled) alarms on 12.0 of 100 days instead of 14.6. With the same numbers of readers in each
# arm, but new clicks, the first one alarms on 5 to 6: it is the choosing that harms.

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
# - Russo and others 2018, Foundations and Trends in Machine Learning 11: a tutorial. DOI 10.1561/2200000070
# - Lai and Robbins 1985, Advances in Applied Mathematics 6: the line. DOI 10.1016/0196-8858(85)90002-8

# %%
ab.teach.checked(
    ("clicks lost by Thompson, mean", cost.regret, 23.84, 6, "20,000 simulated days, stored"),
    ("false alarms in 100 days", 100 * (usual.pvalue < 0.05).mean(), 14.6, 6, "60,000 days, stored"),
    ("clicks lost, even split", runs["even split"].summary().regret, 100, 1, "5,000 readers times .02"),
)
ab.teach.finish()
