# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # For whom does it work: can you trust the best of many segments?
#
# Time: 45 minutes. Needs: notebooks 04 and 08. Runs on: any laptop, no network.
# Previous: [18 Bandits](18_bandits.ipynb). Next: [25 Registry](25_registry.ipynb).
#
# ## The story: one segment shines
#
# Leila runs the coupons of a grocery app with 200,000 customers. She tested one on 40,000 of them: for four weeks, half had it. It
# costs 5 euros. Customers with it brought more, but less than 5 euros more: it does not pay.
#
# Omar splits the table by city and phone: "In one of twenty segments it pays! Send it there, 12 times a year." That is 10,000
# customers and 600,000 euros (12 coupons of 5 euros for each).

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given results of many segments, you **compute** how much of the best one is luck, and decide whether to believe it.
# - Given the question "for whom?", you **choose** a result that luck did not pick, and decide what to test next.
# - Given a program that predicts effects, you **check** it on customers that it has not seen, and price a rule in money.

# %%
import numpy as np
import pandas as pd

import abkit as ab

rng = ab.teach.start("20", seed=7)

# %% [markdown]
# ## Recall: errors, and many tests at once
#
# If you see no buttons, write a letter as the second value, for example `ab.teach.quiz("20.q1", "a")`.

# %%
display(ab.teach.quiz("20.q1"), ab.teach.quiz("20.q2"), ab.teach.quiz("20.q3"))

# %% [markdown]
# ## The table: 40,000 customers in twenty segments
#
# A **segment** is a part of the customers that was known before the test, such as "Cork, Android old".
#
# - `segment`: city and phone, 2,000 customers each.
# - `coupon`: 1 with, 0 without, by lot, as by a coin; 1,000 of each in every segment.
# - `spend`: euros that the shop keeps in four weeks, after paying for the goods, before paying for the coupon.
#
# First the whole test. `table[table.coupon == 0].spend` is the spend of those without a coupon. `ab.welch` takes it, then the
# spend of those with one, and compares the means.

# %%
table = ab.datasets.coupon_segments(rng=rng)
without = table[table.coupon == 0].spend
coupon = table[table.coupon == 1].spend
whole = ab.welch(without, coupon)
print("whole:", round(whole.estimate, 1), "from", round(whole.low, 1), "to", round(whole.high, 1))
table.head()

# %% [markdown]
# With a coupon the mean is 2.2 euros higher. Its interval, 1.0 to 3.3, lies below the cost of 5 euros.
#
# The table is simulated, so we know what Leila cannot: the coupon truly adds 2 euros, in EVERY segment.
#
# ## How exact is the result of one segment?
#
# Inside a segment coupons were given by lot too: it is a small test of its own. How far does luck move its result? We repeat it
# 1,000 times to see. `rng.exponential(60, 1_000)` draws the spend of 1,000 customers: 60 euros on average, many below, a few
# far above.

# %%
shows = np.zeros(1_000)
for test in range(1_000):
    without = rng.exponential(60, 1_000).mean()
    coupon = rng.exponential(60, 1_000).mean() + 2  # the coupon adds 2 euros
    shows[test] = coupon - without
ab.plots.plot_repeats(shows, 2, unit="euros")

# %% [markdown]
# The results make a heap around 2 euros, the black line. Many are below 0, some above 5, and only luck differs.
#
# How far a result usually lies from the truth is its **standard error** (the dotted lines): 2.6 euros in these 1,000 tests,
# 2.683 over ever more. The whole test has twenty times the customers, so its error is 4.5 times smaller, the square root of 20.
#
# ## Predict: what does the best of twenty show?

# %%
ab.teach.predict("20.p1")

# %% [markdown]
# ## Draw twenty results, keep the best, repeat
#
# `rng.normal(2, 2.683, 20)` draws twenty results, around 2 and usually 2.683 away from it. We keep the largest, as Omar did,
# and repeat this 10,000 times.
#
# For the picture, `best_of_segments` does the same with 10,000 fresh tests. `hunt` remembers them.

# %%
best = np.zeros(10_000)
for test in range(10_000):
    twenty = rng.normal(2, 2.683, 20)
    best[test] = twenty.max()
print("the best shows, on average:", round(best.mean(), 1), "euros")
hunt = ab.datasets.best_of_segments(20, effect=2, se=2.683, rng=rng)
ab.teach.reveal("20.p1", 7.01)  # the average over ever more tests
ab.plots.plot_hunt(hunt, guess=ab.teach.predicted("20.p1"), unit="euros")

# %% [markdown]
# Every best result lies right of the truth, the black line. On average it shows 7.0 euros: 2 are true, 5 are luck. This is the
# **luck of the best**: whoever picks the largest number picks luck along with it.
#
# ## Explain the gap
#
# - Each segment alone is right on average. Why is the best one not?
# - Would the best of a hundred such segments be nearer to the truth?
#
# <details><summary>Explanation</summary>
# A result is truth plus luck. All truths are equal here, so the largest result has the largest luck. A hundred bring more.
# </details>

# %% [markdown]
# ## More segments, more luck
#
# How much luck has the best of another number of segments? `ab.luck_of_best(k)` says it, on average and in standard errors, for
# k large segments with the same true effect and the same standard error.

# %%
for k in [1, 2, 5, 10, 20, 50, 100]:
    print("segments:", k, "luck:", round(ab.luck_of_best(k), 3), "standard errors")

# %% [markdown]
# With 20 segments it is 1.867 standard errors of 2.683 euros: 1.867 · 2.683 = 5.01 euros. Without a choice, with one segment, it
# is 0.
#
# ## Leila's twenty results: three look as though they pay
#
# What a segment shows is the gap between two means: spend with a coupon minus spend without. `groupby([by, "coupon"])` makes two
# groups of each segment. `unstack` puts their means side by side: `means[0]` without, `means[1]` with. `gaps` is a function,
# because we need it again.
#
# The cell below it is folded: it draws the twenty gaps, and makes `five_groups`, a picture for later.

# %%
def gaps(table, by):
    means = table.groupby([by, "coupon"])["spend"].mean().unstack()
    return means[1] - means[0]

gaps(table, "segment").sort_values().tail(3).round(1)  # the three largest

# %% jupyter={"source_hidden": true}
middle = table.spend.mean()
segment_scores = ab.aipw_scores(table.spend, table.coupon, middle, middle, 0.5)
segments = ab.gates(segment_scores, table.segment)  # the same gaps, with intervals


def five_groups(new):
    means = new.groupby(["fifth", "coupon"])["spend"].mean().unstack()
    arms = means.loc[new.fifth]
    scores = ab.aipw_scores(new.spend, new.coupon, arms[0].to_numpy(), arms[1].to_numpy(), 0.5)
    both = ab.predicted_and_found(scores, new.predicted)  # the same gaps, with intervals
    return ab.plots.plot_calibrated(both, worth=5, unit="euros")


ab.plots.plot_segments(segments, worth=5, truth=2, unit="euros")

# %% [markdown]
# A mark is a segment, the line through it its interval. The square is the best, "Cork, Android old": 7.0 euros, what truth and luck
# make together on average. Its interval, 1.8 to 12.3, holds 5: even this does not say that the coupon pays.
#
# ## How often does the interval of the best hold the truth?
#
# An interval holds the truth in 95 of 100 tests, if nobody picked the result. Omar picked it. So we count in the 10,000 tests of
# `best`. The low end lies 1.96 standard errors below the result. `low <= 2` is True where it lies below the true 2; the mean is
# the share of True. (The high end always lies above.)

# %%
low = best - 1.96 * 2.683
print("holds the truth in", round(100 * (low <= 2).mean()), "of 100 tests")

# %% [markdown]
# It holds the truth in 60 of 100 tests, not in 95. So believe neither the result of the best nor its interval.
#
# ## What would new customers show?
#
# We want a result that luck did not pick. So we test the chosen segment again, with customers who took no part in choosing it.

# %%
ab.teach.predict("20.p2")

# %%
ab.teach.reveal("20.p2", 2)
ab.plots.plot_hunt(hunt, again=True, unit="euros")  # again: the second test of each best one

# %% [markdown]
# The blue heap, the second tests, stands around the truth. Nobody picked these results, so their intervals hold it in 95 of 100
# tests.
#
# ## Leila tests Omar's segment again
#
# "Cork, Android old" has 10,000 customers, and 8,000 were not in the test. Half of these now get a coupon. Four times as many as
# before: half the standard error.
#
# Her rule, written before: ship if the interval lies above 5 euros, stop if it lies below, else inconclusive.

# %%
again = ab.datasets.coupon_segments(8_000, rng=rng)  # 8,000 in every segment
again = again[again.segment == "Cork, Android old"]  # we keep this one
second = ab.welch(again[again.coupon == 0].spend, again[again.coupon == 1].spend)
print("second:", round(second.estimate, 1), "from", round(second.low, 1), "to", round(second.high, 1))

# %% [markdown]
# The whole interval lies below 5 euros: stop, in this segment too. (If it held 5, the answer would be inconclusive.)
#
# ## A machine hunts as well
#
# A **learner** is a program that reads what is known of each customer and predicts the effect of the coupon on that customer. Can
# we believe it about those with the largest predictions?
#
# In another shop the coupon costs 5 euros too and adds 6 for every customer, no more and no less. A row is a customer: `days` since the last
# order, `orders` last year, the usual `basket` in euros, `age`, `distance` in km, `coupon`, `spend`. `effect` is the true
# effect, which only we know.

# %%
columns = ["days", "orders", "basket", "age", "distance"]
flat = ab.datasets.customers("flat", 42_000, rng=rng)
flat.head(3).round(1)

# %% [markdown]
# The first 2,000 customers teach the learner, the other 40,000 are new to it.
#
# The learner makes two models. A model looks at examples and says which spend to expect from a customer with these five
# columns. One sees customers with a coupon, the other those without. The difference of their answers is the predicted effect.
# (**T-learner**: T for two.)
#
# In the code, `fit` shows it the examples, `effect` predicts the effect on each new customer. `copy` makes a table that may get
# more columns.

# %%
ab.teach.predict("20.p3")

# %%
learn = flat[:2_000]
new = flat[2_000:].copy()
learner = ab.t_learner(rng=1).fit(learn[columns], learn.spend, learn.coupon)
new["predicted"] = learner.effect(new[columns])
ab.plots.plot_learner(new.days, new.effect, new.predicted, name="T-learner", x="days", unit="euros")

# %% [markdown]
# A square is a new customer (150 are drawn), its height the prediction (estimate); the black line is the truth. The learner took luck for
# differences: a prediction is usually off by 3.1 euros (the title).
#
# ## What does the best fifth get?
#
# `pd.qcut` sorts the new customers by prediction, cuts them into five groups of one size and numbers these fifths: 0 the lowest, 4
# the best. `predicted` is the mean prediction of a fifth: what the learner promises. `found` is the gap between its customers
# with and without a coupon.

# %%
new["fifth"] = pd.qcut(new.predicted, 5, labels=False)
fifths = pd.DataFrame({"predicted": new.groupby("fifth")["predicted"].mean()})
fifths["found"] = gaps(new, "fifth")
ab.teach.reveal("20.p3", 10.7)  # the average over many such learners
display(fifths.round(1))
five_groups(new)

# %% [markdown]
# A square is a fifth, with its interval. If the predictions were right, all would lie on the black line. They do not rise: 6 is true in each. This learner
# promised its best fifth 10.2 euros (such learners promise 10.7 on average), and 5.8 were found. It is the luck of the best
# again, picked by a machine.
#
# ## Where effects do differ, new customers confirm it
#
# In the next world, the step world, the coupon brings back those who stayed away: 12 euros above 45 days, nothing below. The learner sees 4,000
# customers, and 20,000 new ones check it. The steps are the same.

# %%
step = ab.datasets.customers("step", 24_000, rng=rng)
learn = step[:4_000]
new = step[4_000:].copy()
learner = ab.t_learner(rng=1).fit(learn[columns], learn.spend, learn.coupon)
new["predicted"] = learner.effect(new[columns])
new["fifth"] = pd.qcut(new.predicted, 5, labels=False)
display(ab.plots.plot_learner(new.days, new.effect, new.predicted, name="T", x="days", unit="euros"))
five_groups(new)

# %% [markdown]
# Now the predictions follow the step, and the squares rise with them. The two best fifths bring about 12 euros, far above the cost.
# Even here the best brings less than promised: 12.2, not 15.0.
#
# ## A rule, in money
#
# The rule: send the coupon to customers for whom the learner predicts more than 5 euros, `sent`. It was made without the new
# customers, so they can judge it.
#
# The gain per customer of the WHOLE list is the share that gets a coupon, times (effect − 5).

# %%
sent = new[new.predicted > 5]
effect = ab.welch(sent[sent.coupon == 0].spend, sent[sent.coupon == 1].spend)
print("effect:", round(effect.estimate, 1), "from", round(effect.low, 1), "to", round(effect.high, 1))
share = len(sent) / len(new)
print("share:", round(share, 2), "gain of the rule:", round(share * (effect.estimate - 5), 2))
everybody = ab.welch(new[new.coupon == 0].spend, new[new.coupon == 1].spend)
print("gain of a coupon for everybody:", round(everybody.estimate - 5, 2))

# %% [markdown]
# The interval of their effect lies above 5 euros, so the rule pays. It gains 3.49 euros per customer of the list, a coupon for
# everybody 1.13. (The best rule truly gains 3.50, 12 − 5 for half of all; a coupon for everybody 1.00. Luck helped both.)
#
# ## Explore: do more customers remove the luck?
#
# Choose a world and how many customers teach it. Leave the learner at T. A line at the picture says what the best fifth is promised
# and what it truly gets, on average over 16 learners.
#
# Two goals. In the flat world: with how many customers is the promise less than 3 euros too high? In the step world: is it right
# with 8,000?

# %%
ab.explore.learners()

# %% [markdown]
# <details><summary>What you should have found</summary>
# Flat: 13.6 euros with 500 customers, 10.7 with 2,000, 8.8 with 8,000; 6 is true. Step: 14.0 with 8,000; 12 is true. More
# customers make the luck smaller, but do not remove it.
# </details>
#
# ## Where it bites at work
#
# - "Works for women over 50": found after the test, or named before?
# - A dashboard sorted by effect shows luck first.
#
# > Myth: "Significant on iPhones, not on Android: it works on iPhones." Let the effect be the SAME on both, each significant in
# > half of all tests. Then exactly one of the two is significant in 50 of 100 tests.
#
# ## Exercises

# %%
ab.exercise("20.1")

# %%
answer = None  # such as "3.50 euros"
display(ab.check("20.1", answer), ab.solution("20.1"))

# %%
ab.exercise("20.2")

# %%
answer = None  # such as "a"
display(ab.check("20.2", answer), ab.solution("20.2"))

# %%
ab.exercise("20.3")

# %%
answer = None  # such as "0.50 euros"
display(ab.check("20.3", answer), ab.solution("20.3"))

# %%
ab.exercise("20.4")

# %%
answer = None  # such as ("a", "3.50 euros")
display(ab.check("20.4", answer), ab.solution("20.4"))

# %% [markdown]
# ## Your own table
#
# A row is a customer; the coupon, or what you tested, was given by lot; the segments have about one size. Change the first line:
# your table, and left of the colons your column names. `idxmax` is the name of the largest gap, `nunique` counts the segments,
# `.se` is the standard error.

# %%
own = table.rename(columns={"segment": "segment", "coupon": "coupon", "spend": "spend"})
name = gaps(own, "segment").idxmax()
rows = own[own.segment == name]
result = ab.welch(rows[rows.coupon == 0].spend, rows[rows.coupon == 1].spend)
luck = ab.luck_of_best(own.segment.nunique()) * result.se
print(name, "shows", round(result.estimate, 1), "luck of the best:", round(luck, 1))

# %% [markdown]
# It shows 7.0 euros; luck alone adds 5.0 to the best of twenty segments with one true effect, on average.
#
# ## The decision you would make
#
# A year is 12 coupons for 10,000 customers: 120,000 coupons. Each loses 3 euros if it adds 2, and wins 2 euros if it adds 7.
#
# Write ship, stop, extend, inconclusive or investigate into `choice`, and what would change your mind into `change`. `by_rule` is
# what Leila's rule says. (`f` puts the numbers in place of the braces, `:.1f` with one decimal.)

# %%
ab.teach.decision(
    rule="ship if the interval of new customers lies above 5 euros, stop if below, else inconclusive",
    evidence=f"best of twenty: 7.0 euros; new customers: {second.low:.1f} to {second.high:.1f} euros",
    cost="a year: sending loses 360,000 euros if it adds 2; not sending gives up 240,000 if it adds 7",
    choice="", change="", by_rule="stop",
)

# %% [markdown]
# ## Take-aways
#
# - The best of twenty equal segments shows 1.87 standard errors of luck, on average.
# - Its interval holds the truth in 60 of 100 tests. That of new customers holds it in 95.
# - Judge a learner's promise on customers that it has not seen, in money, after cost.
#
# When this is wrong: if segments are few and truly far apart, luck is a small part of the best result. And ONE segment named before
# the test needs no second test: its interval holds the truth in 95 of 100.
#
# ## Exit questions

# %%
display(ab.teach.quiz("20.q4"), ab.teach.quiz("20.q5"), ab.teach.quiz("20.q6"))

# %% [markdown]
# ## Going further
#
# ### How often does a second test decide?
#
# If the truth is 2 euros and a segment's second test has 8,000 customers, 61 of 100 such tests end with "stop" (20 of 100 with
# 2,000 customers). Nearly all others are inconclusive.
#
# ### No new customers: let half of the table judge
#
# Half of the customers, by lot, choose the segment; the other half judge it. Luck did not pick this result, so its interval
# holds the truth in 95 of 100 tests. The price: half of the customers, so a standard error 1.41 times as large.

# %% [markdown]
# ### One test for all: does any segment differ?
#
# How many standard errors does each segment lie from the mean of all? Square these twenty numbers, so that up and down count alike;
# their sum is Q. Here is Q in 1,000 worlds without a difference. `ab.heterogeneity` computes Leila's Q and its p-value.

# %%
by_luck = np.zeros(1_000)
for world in range(1_000):
    errors = rng.standard_normal(20)  # twenty results, in standard errors from a common truth
    by_luck[world] = ((errors - errors.mean()) ** 2).sum()
check = ab.heterogeneity(segments)
print(check.message)
ab.plots.plot_difference_test(check.statistic, by_luck)

# %% [markdown]
# The share to the right of the line is the p-value of the test of any difference, .51 in ever more worlds. Luck is enough to
# explain how the segments differ. This is no proof that all are alike: if ONE gained 5 euros more, this test would notice in 14
# of 100 tests (p below .05).
#
# ### Intervals that hold together
#
# The list of twenty segments was fixed before the test. Then twenty wider intervals can hold together: in 95 of 100 tests all twenty
# hold their truth, also that of the best. `max_t` makes them wide enough for the largest error of the twenty.

# %%
together = ab.gates(segment_scores, table.segment, together="max_t")
wide = together.to_frame()[["estimate", "low", "high"]].sort_values("estimate")
print("pays:", (wide.low > 5).sum(), " does not pay:", (wide.high < 5).sum())
wide.tail(3).round(1)

# %% [markdown]
# No interval lies above 5 euros, the cost. One lies below it, that of the lowest result. The other nineteen, the three best
# among them, hold 5: such small segments cannot tell.
#
# ### Shrinking: believe each segment as much as the segments differ
#
# Without new customers, each result can be drawn towards the mean of all, by as much as the results themselves say. It assumes
# that the segments are of one kind and their true effects normal. How far apart the true effects lie is not known: every spread
# that fits the results is weighed, each equally likely beforehand. So the best is drawn most of the way, not all.

# %%
shrunk = ab.shrink(segments)
top = int(np.argmax(segments.estimate))
print(f"{segments.names[top]}: {shrunk.mean[top]:.1f}, {shrunk.low[top]:.1f} to {shrunk.high[top]:.1f}")

# %% [markdown]
# ### A score for each customer
#
# Give each customer a score: how much the spend lies above the mean, times 2 with a coupon and times −2 without. Where half
# have a coupon, the mean score of a group estimates its effect, and equals the difference of its arms if the halves are exact. So
# a group's interval is that of a mean. `ab.aipw_scores` makes the scores, `ab.gates` the mean and interval of each group (group
# average treatment effects).
#
# A rule in money is then a mean too: score minus 5 with a coupon, 0 without. `ab.policy_value` gives it with an interval;
# `against="all"` compares the rule with a coupon for everybody.

# %%
mean = new.spend.mean()
scores = ab.aipw_scores(new.spend, new.coupon, mean, mean, 0.5)
rule = new.predicted > 5
print("by hand:", np.where(rule, scores - 5, 0).mean().round(2))
gain = ab.policy_value(scores, rule, cost=5)
instead = ab.policy_value(scores, rule, cost=5, against="all")
for name, v in (("rule", gain), ("rule instead of everybody", instead)):
    print(f"{name}: {v.estimate:.2f} euros per customer, from {v.low:.2f} to {v.high:.2f}")

# %% [markdown]
# These numbers differ a little from those of the core, because not exactly half of the chosen customers had a coupon. The
# interval of the last line lies above 0: the rule is better than a coupon for everybody.
#
# ### Scores with models are sharper: AIPW
#
# Our score took away the mean. The AIPW score (augmented inverse probability weighting) takes away what a model expects of each
# customer with and without a coupon, fitted on other customers (cross-fitting; `ab.nuisances` does it). Its mean is right in
# any experiment, however bad the model, for the probability of a coupon is known. A good model makes the interval shorter.

# %%
n = ab.nuisances(new[columns], new.spend, new.coupon, e=0.5, rng=2)
plain = ab.aipw(new.spend, new.coupon, mean, mean, 0.5)
sharp = ab.aipw(new.spend, new.coupon, n.mu0, n.mu1, n.e)
print(f"mean only: {plain.estimate:.2f}, standard error {plain.se:.2f}")
print(f"with models: {sharp.estimate:.2f}, standard error {sharp.se:.2f}")

# %% [markdown]
# ### An interval that covers: the straight line through the effects
#
# The DR-learner regresses AIPW scores on the columns, here with a straight line; any model may take its place. The straight
# line's interval is for the straight line nearest to the effects, not for the effect of one customer. In the linear world it
# covers both in 95 per cent; in the step world it covers the line in 95 and the true effect in 65 per cent (at one standard
# deviation above the mean of `days`).

# %%
straight = ab.dr_learner(e=0.5, rng=1).fit(learn[columns], learn.spend, learn.coupon)
ab.plots.plot_learner(
    new.days, new.effect, straight.effect(new[columns]), name="DR-learner", x="days", unit="euros"
)

# %%
scores = ab.aipw_scores(new.spend, new.coupon, n.mu0, n.mu1, n.e)
ab.best_linear_projection(scores, new[["days"]]).to_frame().round(2)

# %% [markdown]
# The row `days` is the slope of the straight line nearest to the effects: euros for one more day.
#
# ### Does the ranking hold? Slope and curve
#
# The calibration slope says by how much the found effect rises when the prediction rises by one: 1 is right, 0 is luck. It is
# tested one-sided. The curve shows what treating the best first would gain, BEFORE the cost of the coupons. Its band holds at
# one share at a time. AUUC (area under the uplift curve) is the area below it.

# %%
slope = ab.calibration_slope(scores, new.predicted)
print(f"slope {slope.estimate:.2f}, at least {slope.low:.2f}")
curve = ab.qini(new.predicted, new.spend, new.coupon)
print(f"AUUC {curve.auuc:.2f}, by lot {curve.random:.2f}")
ab.plots.plot_gain(curve, unit="euros")

# %% [markdown]
# ### A bootstrap interval, with its measured coverage
#
# Draw the customers again, fit again, and take the spread: the usual interval of T- and X-learners. abkit gives it with the
# share of customers whose true effect such intervals held, measured in three worlds.

# %%
few = new[columns][:5]
known = (learn[columns], learn.spend, learn.coupon)
boot = ab.bootstrap_interval(ab.t_learner(rng=1), *known, few, reps=20, rng=4)
print(boot.method)

# %% [markdown]
# ### S, X and R
#
# The S-learner puts the coupon among the columns of one model; it shrinks effects. The X-learner imputes each customer's
# missing outcome from the other arm and weighs the arms by their shares, which helps when few have a coupon. The R-learner
# compares what is left of outcome and coupon after both were predicted.

# %%
learners = {"S-learner": ab.s_learner()}
learners |= {"X-learner": ab.x_learner(e=0.5, rng=1), "R-learner": ab.r_learner(e=0.5, rng=1)}
for name, learner in learners.items():
    found = learner.fit(*known).effect(new[columns])
    display(ab.plots.plot_learner(new.days, new.effect, found, name=name, x="days", unit="euros"))

# %% [markdown]
# ### Five learners in three worlds
#
# X, DR and R, as made here, draw a straight line: so many euros more for each day, each order. In the linear world the effect
# grows evenly with the days. First the flat world, then typical errors in euros, means of 16 fits.

# %%
grid = ab.datasets.learner_grid()
display(ab.plots.plot_promises(grid[(grid.world == "flat") & (grid.n == 2_000)]))
grid.pivot(index=["world", "n"], columns="learner", values="error").round(1)

# %% [markdown]
# A row is a world and a number of customers. More customers help every learner. Those that draw a straight line (DR, R, X) err
# least where the truth is straight or flat (from 2,000 customers on). No number of customers turns a straight line into the step.
#
# ### Real data: indomethacin against pancreatitis
#
# 602 patients, 295 of them by lot with the drug. With it 27 of 295 fell ill, without it 52 of 307. Does the effect differ by
# age or risk score, as they were known before?

# %%
trial = ab.datasets.indomethacin()
share = trial.treated.mean()
n = ab.nuisances(trial[["age", "risk"]], trial.ill, trial.treated, e=share, rng=3)
scores = ab.aipw_scores(trial.ill, trial.treated, n.mu0, n.mu1, n.e)
print(ab.heterogeneity(scores, trial.risk > 2).message)
print(ab.heterogeneity(ab.best_linear_projection(scores, trial[["age", "risk"]])).message)
ab.gates(scores, trial.risk > 2).to_frame().round(3)

# %% [markdown]
# No difference in percentage points is found, so the average is the answer: about 8 points fewer fall ill. That is not a proof
# that all patients gain the same. The scale counts: where risks differ, equal points are not equal ratios.

# %% [markdown]
# ## References
#
# - Tippett (1925), Biometrika 17, 364: the largest of k. DOI 10.1093/biomet/17.3-4.364
# - Chernozhukov and others (2025), Econometrica 93, 1121: groups by prediction. DOI 10.3982/ECTA19303
# - Künzel and others (2019), PNAS 116, 4156: S, T, X. DOI 10.1073/pnas.1804597116
# - Kennedy (2023), EJS 17, 3008: DR. DOI 10.1214/23-EJS2157
# - Nie and Wager (2021), Biometrika 108, 299: R. DOI 10.1093/biomet/asaa076
# - Semenova and Chernozhukov (2021), Econometrics Journal 24, 264: projections. DOI 10.1093/ectj/utaa027
# - Athey and Wager (2021), Econometrica 89, 133: value of a rule. DOI 10.3982/ECTA15732
# - Dehejia and Wahba (1999), JASA 94, 1053: job training. DOI 10.1080/01621459.1999.10473858
# - Elmunzer and others (2012), NEJM 366, 1414: indomethacin. DOI 10.1056/NEJMoa1111103

# %% jupyter={"source_hidden": true}
job = ab.datasets.nsw()
means = job.groupby("treat").re78.mean()
training = ab.aipw(job.re78, job.treat, means[0], means[1], job.treat.mean())
numbers_checked = ab.teach.checked(
    ("luck of the best of twenty", ab.luck_of_best(20), 1.86748, 5e-6, "Tippett 1925"),
    ("luck of the best of ten", ab.luck_of_best(10), 1.53875, 5e-6, "Tippett 1925"),
    ("NSW training, dollars", training.estimate, 1794, 0.5, "Dehejia and Wahba 1999"),
    ("indomethacin, ill with it", trial.ill[trial.treated == 1].sum(), 27, 0.5, "Elmunzer 2012"),
    ("indomethacin, ill without", trial.ill[trial.treated == 0].sum(), 52, 0.5, "Elmunzer 2012"),
)
display(numbers_checked)
ab.teach.finish()
