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
# Time: 45 minutes. Needs: notebooks 04 and 08, 14 Stratification (planned). Runs on: any laptop, no network.
# Previous: [18 Bandits](18_bandits.ipynb). Next: [25 Registry](25_registry.ipynb).
#
# ## The story: one segment shines
#
# Leila runs the coupons of a grocery app with 200,000 customers. She tested a coupon on 40,000 of them: for four weeks, half
# had it. It costs 5 euros. They spent more, but less than 5 euros more. It does not pay.
#
# Omar splits the table by city and phone: "In one of twenty segments it pays, clearly! Send it there, every month." That is
# 10,000 customers and 600,000 euros a year (12 coupons of 5 euros for each).

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given results of many segments, you **compute** how much of the best one is luck, and decide whether to believe it.
# - Given the question "for whom?", you **choose** an answer that holds, and decide what to test next.
# - Given a model that predicts effects, you **check** it on customers that it has not seen, and price a rule in money.

# %%
import numpy as np
import pandas as pd

import abkit as ab

rng = ab.teach.start("20", seed=7)

# %% [markdown]
# ## Recall: errors, and many tests at once
#
# Write a letter as the second value, for example `ab.teach.quiz("20.q1", "a")`.

# %%
display(ab.teach.quiz("20.q1"), ab.teach.quiz("20.q2"), ab.teach.quiz("20.q3"))

# %% [markdown]
# ## Recap: a segment is a small experiment of its own
#
# A **segment** is a part of the customers that was known before the test, such as "Cork, Android old". Inside it, coupons were
# given by lot too. So the difference of its two arms is right on average.
#
# But a twentieth of the customers makes the error 4.5 times as large (the square root of twenty).
#
# ## The table: 40,000 customers in twenty segments
#
# - `segment`: city and phone, 2,000 customers each.
# - `coupon`: 1 with, 0 without; 1,000 of each in every segment.
# - `spend`: euros that the shop keeps in four weeks, once the goods are paid. Coupons are paid from it.

# %%
table = ab.datasets.coupon_segments(rng=rng)
# ab.welch compares the mean spend without and with a coupon; :.1f prints one decimal
whole = ab.welch(table[table.coupon == 0].spend, table[table.coupon == 1].spend)
print(f"whole test: {whole.estimate:.1f} euros more, {whole.low:.1f} to {whole.high:.1f}")
table.head()

# %% [markdown]
# With a coupon the mean is 2.2 euros higher. Its interval goes from 1.0 to 3.3 (in 95 of 100 tests such an interval holds the
# truth). All of it lies below the cost of 5 euros.
#
# Each row of the table is a customer. It is simulated, so that we know what Leila cannot know: the coupon truly adds 2 euros,
# and it does so in every segment.
#
# ## How exact is the result of one segment?
#
# We repeat the test in one segment 1,000 times: 1,000 customers without, 1,000 with a coupon that adds 2 euros.

# %%
shows = np.zeros(1_000)
for test in range(1_000):
    without = rng.exponential(60, 1_000).mean()  # 1,000 customers who spend 60 euros on average
    coupon = rng.exponential(60, 1_000).mean() + 2  # the same, and 2 euros more
    shows[test] = coupon - without
ab.plots.plot_repeats(shows, 2, unit="euros")

# %% [markdown]
# The results make a heap around 2 euros. Many are negative, some above 5, and nothing changed but luck. The typical distance
# from the truth (the dotted lines) is the **standard error** of a segment's result. Over ever more tests it is 2.68 euros.
#
# ## Predict: what does the best of twenty show?

# %%
ab.teach.predict("20.p1")

# %% [markdown]
# ## Draw twenty results, keep the best, repeat
#
# A result is a number near 2, off by 2.68, typically. These lines draw twenty of them and keep the largest, 10,000 times.

# %%
best = np.zeros(10_000)
for test in range(10_000):
    twenty = rng.normal(2, 2.683, 20)  # true effect 2 in all, standard error 2.683
    best[test] = twenty.max()
print("the best shows, on average:", best.mean().round(1), "euros")

# %%
# the same through abkit, as a picture: 10,000 tests, the best result of each
# luck_of_best(20): how far too high the best lies on average,
# in standard errors (a table follows)
hunt = ab.datasets.best_of_segments(20, effect=2, se=2.683, rng=rng)
display(ab.plots.plot_hunt(hunt, guess=ab.teach.predicted("20.p1"), unit="euros"))
ab.teach.reveal("20.p1", 2 + 2.683 * ab.luck_of_best(20))

# %% [markdown]
# Every best result here lies above the truth, the black line. This is the **luck of the best**: whoever picks the largest
# number picks luck along with it.
#
# ## Explain the gap
#
# - Each segment alone is right on average. Why is the best one not?
# - Would the best of a hundred segments be nearer to the truth?
#
# <details><summary>Explanation</summary>
# A result is truth plus luck. Truths are equal here, so the largest has the largest luck. A hundred bring more.
# </details>
#
# ## The luck has a formula
#
# Take k large segments without a shared customer, with the same effect and standard error. The largest shows effect + m ·
# standard error, on average. `ab.luck_of_best(k)` gives m:

# %%
looked_at = [1, 2, 5, 10, 20, 50, 100]
luck = pd.DataFrame({"segments": looked_at})
luck["luck in standard errors"] = [ab.luck_of_best(k) for k in looked_at]
luck.round(3)

# %% [markdown]
# With twenty the best lies 1.867 standard errors too high: here 1.867 · 2.683 = 5.01 euros.
#
# ## Leila's twenty results: three look as though they pay
#
# Give each customer a **score**: how much the spend lies above the mean, times 2 with a coupon and times −2 without. In a group
# where half have a coupon, the mean score is the difference of the two arms. (Each arm is half of the group: a mean over all
# halves it, the 2 undoes that.)
#
# `ab.aipw_scores` makes the same column. It asks which spend we expect without a coupon, and with one: we give the mean, twice.
# `ab.gates` gives each group's mean score and interval. Going further explains the names.

# %%
above = table.spend - table.spend.mean()
# np.where takes the first value with a coupon, the second without
table["score"] = np.where(table.coupon == 1, 2 * above, -2 * above)
mean = table.spend.mean()
scores = ab.aipw_scores(table.spend, table.coupon, mean, mean, 0.5)  # 0.5: half have a coupon
print("the same scores:", np.allclose(scores, table.score))  # equal up to rounding
effects = ab.gates(table.score, table.segment)
ab.plots.plot_segments(effects, worth=5, truth=2, unit="euros")

# %% [markdown]
# The best is "Cork, Android old" with 7.0 euros, as much as luck alone makes on average. Its interval, 1.8 to 12.3, holds 5:
# even this does not say that it pays.
#
# And it is made for a segment named before the test: then it lies too high in 2.5 of 100 tests. The best one's interval is
# right if none of the twenty lies too high: .975 multiplied twenty times. It holds the truth in 60 of 100 tests, not in 95.
#
# ## First answer: ask once whether any segment differs
#
# How many standard errors does each segment lie from the mean? Square these twenty numbers; their sum is Q. Here is Q in 1,000
# worlds without a difference.

# %%
by_luck = np.zeros(1_000)
for world in range(1_000):
    errors = rng.standard_normal(20)  # twenty results, in standard errors from a common truth
    by_luck[world] = ((errors - errors.mean()) ** 2).sum()
check = ab.heterogeneity(effects)  # Leila's Q (check.statistic) and its p-value
print(check.message)
ab.plots.plot_difference_test(check.statistic, by_luck)

# %% [markdown]
# The share to the right of the line is the p-value of the **test of any difference**, .51 in ever more worlds. Luck is enough
# to explain how segments differ. So nothing sets one apart from the whole test: 2.2 euros, which does not pay. It is no proof
# that all are alike: if ONE gained 5 euros more, this test would notice in 14 of 100 tests (p below .05).
#
# ## Second answer: name the segments before, and pay for all of them
#
# Who wants to act on any of twenty needs intervals that hold together: in 95 of 100 tests all twenty hold their truth. `max_t`
# makes them wide enough for the largest error of the twenty.

# %%
together = ab.gates(table.score, table.segment, together="max_t")
wide = together.to_frame()[["estimate", "low", "high"]].sort_values("estimate")
print("pays:", (wide.low > 5).sum(), " does not pay:", (wide.high < 5).sum())
wide.tail(3).round(1)

# %% [markdown]
# No interval lies above 5 euros, the cost. One lies below it, that of the lowest result. The other nineteen, the three best
# among them, hold 5: such small segments cannot tell. Had Leila written down ONE segment before the test, its plain interval
# would hold.
#
# ## Third answer: new customers. Predict what they show

# %%
ab.teach.predict("20.p2")

# %%
display(ab.plots.plot_hunt(hunt, again=True, unit="euros"))
ab.teach.reveal("20.p2", hunt.truth.mean())

# %% [markdown]
# The second heap stands around the truth. Leila does the same with the 8,000 customers of "Cork, Android old" who were not in
# the test: four times as many, so half the standard error. Half get a coupon. Her rule, written first: ship if the interval
# lies above 5 euros, stop if it lies below, else inconclusive.

# %%
again = ab.datasets.coupon_segments(8_000, rng=rng)  # 8,000 in every segment; the next line keeps one
again = again[again.segment == "Cork, Android old"]
second = ab.welch(again[again.coupon == 0].spend, again[again.coupon == 1].spend)
print(f"{second.estimate:.1f} euros, from {second.low:.1f} to {second.high:.1f}")

# %% [markdown]
# The whole interval lies below 5 euros: stop, in this segment too. With a true 2 euros, 61 of 100 such tests end so (20 of 100
# with 2,000 customers); nearly all others are inconclusive.
#
# ## A machine hunts as well: predict what it promises
#
# So far a person split by city and phone. A **learner** is a program that splits for us: it reads columns of each customer and
# predicts the effect of the coupon on that customer.

# %%
ab.teach.predict("20.p3")

# %%
columns = ["days", "orders", "basket", "age", "distance"]
flat = ab.datasets.customers("flat", 12_000, rng=rng)
flat.head(3).round(1)

# %% [markdown]
# A row is a customer: `days` since the last order, `orders` last year, the usual `basket` in euros, `age`, `distance` in km,
# the `coupon`, and the `spend`. The last column is the true effect, which only we know: 6 euros for all.
#
# The first 2,000 customers teach the learner, the other 10,000 are new to it. The T-learner (T for two) makes two models. A
# model learns from examples (`fit`) which spend to expect of a customer with these columns. One learns from customers with a
# coupon, one from those without. The difference of their two answers is the predicted effect (`effect`).

# %%
learn, new = flat[:2_000], flat[2_000:]
fitted = ab.t_learner(rng=1).fit(learn[columns], learn.spend, learn.coupon)
predicted = fitted.effect(new[columns])
ab.plots.plot_learner(new.days, new.effect, predicted, name="T-learner", x="days", unit="euros")

# %% [markdown]
# The truth is a flat line. The dots are what the learner believes of 150 new customers. It has read luck as differences. The
# typical error in the title is how far predictions lie from the truth (the root of the mean squared distance).
#
# Now line up the new customers by prediction, and cut the line into five groups. What each group was promised is its mean
# prediction. What was found is its mean score (close to half of each group have a coupon, by lot).

# %%
mean = new.spend.mean()
scores = ab.aipw_scores(new.spend, new.coupon, mean, mean, 0.5)
fifths = ab.predicted_and_found(scores, predicted)
display(ab.plots.plot_calibrated(fifths, worth=5, unit="euros"))
ab.teach.reveal("20.p3", 10.7)  # the average over many such learners

# %% [markdown]
# If predictions were right, the squares would follow the black line, where found equals predicted. They lie level at about 6:
# on new customers the promise is gone. It is the luck of the best again, found by a machine.
#
# ## Where effects do differ, new customers confirm it
#
# In the next world the coupon brings back those who stayed away: 12 euros above 45 days, nothing below. The learner knows 4,000
# customers, and 4,000 new ones check it.

# %%
step = ab.datasets.customers("step", 8_000, rng=rng)
learn, new = step[:4_000], step[4_000:]
fitted = ab.t_learner(rng=1).fit(learn[columns], learn.spend, learn.coupon)
predicted = fitted.effect(new[columns])
mean = new.spend.mean()
scores = ab.aipw_scores(new.spend, new.coupon, mean, mean, 0.5)
display(ab.plots.plot_learner(new.days, new.effect, predicted, name="T-learner", x="days", unit="euros"))
ab.plots.plot_calibrated(ab.predicted_and_found(scores, predicted), worth=5, unit="euros")

# %% [markdown]
# Now the squares rise with the prediction. The two best groups bring about 11 euros, far above the cost, on customers that the
# learner never saw. The middle one mixes customers above and below 45. The best gets less than promised, again.
#
# ## The value of a rule, in money
#
# "Send the coupon to whom the learner predicts more than 5 euros." The **policy value** is what a rule gains per customer of
# the whole list (also those without a coupon), after its cost, on new customers. It is compared with a coupon for nobody; with
# `against="all"`, with a coupon for everybody. By hand it is a mean: score minus 5 with a coupon, 0 without.

# %%
rule = predicted > 5
print("by hand:", np.where(rule, scores - 5, 0).mean().round(2))
gain = ab.policy_value(scores, rule, cost=5)
everybody = ab.policy_value(scores, np.ones(len(new)), cost=5)  # 1: a coupon for each
instead = ab.policy_value(scores, rule, cost=5, against="all")
# one line for each pair of a name and a value; .2f rounds to two decimals,
# so the last line may seem off by .01
for name, v in (("rule", gain), ("everybody", everybody), ("rule instead of everybody", instead)):
    print(f"{name}: {v.estimate:.2f} euros per customer, from {v.low:.2f} to {v.high:.2f}")

# %% [markdown]
# The rule gains 2.33 euros more than a coupon for everybody. It was fixed before these customers were seen, so its interval
# holds. At best a rule can gain 3.5 euros here (12 − 5 for half of all), a coupon for everybody 1.
#
# ## Explore five learners in three worlds
#
# Four more learners join T. S makes ONE model, with the coupon as a column. X, DR and R, as made here, draw a straight line: so
# many euros more for each day, each order (see Going further).
#
# Goals. In the flat world: which learner promises its best fifth least above 6? In the step world: which of the three numbers
# of customers brings T's typical error below 3?

# %%
ab.explore.learners()

# %%
grid = ab.datasets.learner_grid()
rows = grid[(grid.world == "flat") & (grid.n == 2_000)]
display(ab.plots.plot_promises(rows))
grid.pivot(index=["world", "n"], columns="learner", values="error").round(1)

# %% [markdown]
# A row is a world and a number of customers: typical errors in euros, means of 16 fits. In the linear world the effect grows
# evenly with the days. More customers help every learner. Those that draw a straight line (DR, R, X) err least where the truth
# is straight or flat (from 2,000 customers on). No number of customers turns a straight line into the step.

# %% [markdown]
# ## Where it bites at work
#
# - "Works for women over 50": found after the test, or named before?
# - A dashboard sorted by effect shows luck first.
# - A model judged on the customers from whom it learned.
#
# > Myth: "Significant on iPhones, not on Android: it works on iPhones." Let the effect be the SAME on both, and each of the two
# > significant in half of all tests (a power of .5). Then exactly one is significant in 50 of 100 tests.
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
# A table with one row a customer: an outcome, 1 or 0 for the coupon, and a segment that was known before the test. Half of the
# customers must have been treated by lot. Change the table and the names, nothing else.

# %%
own, outcome, treated, group = table, "spend", "coupon", "segment"
average = own[outcome].mean()
own_scores = ab.aipw_scores(own[outcome], own[treated], average, average, 0.5)
own_effects = ab.gates(own_scores, own[group], together="max_t")
print(ab.heterogeneity(own_effects).message)
own_effects.to_frame()[["n", "estimate", "low", "high"]].nlargest(3, "estimate").round(2)

# %% [markdown]
# ## The decision you would make
#
# A year is 12 coupons for 10,000 customers: 120,000 coupons. Each loses 3 euros if it adds 2, and wins 2 euros if it adds 7.
#
# Choose ship, stop, extend, inconclusive or investigate for the coupon in "Cork, Android old", and say what would change your
# mind.

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
# - Three answers hold: one test of any difference, segments named before, new customers.
# - A model's promise counts on customers that it has not seen, in money, after cost.
#
# When this is wrong: if the segments are few and truly far apart, the luck is a small part of the best result. Shrinking
# (below) weighs both.
#
# ## Exit questions

# %%
display(ab.teach.quiz("20.q4"), ab.teach.quiz("20.q5"), ab.teach.quiz("20.q6"))

# %% [markdown]
# ## Going further
#
# ### Shrinking: believe each segment as much as the segments differ
#
# Without new customers, each result can be drawn towards the mean of all, by as much as the results themselves say. It assumes
# that the segments are of one kind and their true effects normal. How far apart the true effects lie is not known: every spread
# that fits the results is weighed, each equally likely beforehand. So the best is drawn most of the way, not all.

# %%
shrunk = ab.shrink(effects)
top = int(np.argmax(effects.estimate))
print(f"{effects.names[top]}: {shrunk.mean[top]:.1f}, {shrunk.low[top]:.1f} to {shrunk.high[top]:.1f}")

# %% [markdown]
# ### Scores with models are sharper: AIPW
#
# Our score took away the mean. The AIPW score (augmented inverse probability weighting) takes away what a model expects of each
# customer with and without a coupon, fitted on other customers (cross-fitting; `ab.nuisances` does it). Its mean is right in
# any experiment, however bad the model, for the probability of a coupon is known. A good model makes the interval shorter.
#
# `ab.gates` takes its name from "group average treatment effects": the mean score of each group.

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
slope = ab.calibration_slope(scores, predicted)
print(f"slope {slope.estimate:.2f}, at least {slope.low:.2f}")
curve = ab.qini(predicted, new.spend, new.coupon)
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
# - Tippett (1925), Biometrika 17, 364: the largest of k numbers. DOI 10.1093/biomet/17.3-4.364
# - Chernozhukov and others (2025), Econometrica 93, 1121: groups by prediction, on other data. DOI 10.3982/ECTA19303
# - Künzel and others (2019), PNAS 116, 4156: S-, T- and X-learner. DOI 10.1073/pnas.1804597116
# - Kennedy (2023), EJS 17, 3008: DR-learner. DOI 10.1214/23-EJS2157
# - Nie and Wager (2021), Biometrika 108, 299: R-learner. DOI 10.1093/biomet/asaa076
# - Semenova and Chernozhukov (2021), Econometrics Journal 24, 264: intervals of projections. DOI 10.1093/ectj/utaa027
# - Athey and Wager (2021), Econometrica 89, 133: value of a rule. DOI 10.3982/ECTA15732
# - Dehejia and Wahba (1999), JASA 94, 1053: job training. DOI 10.1080/01621459.1999.10473858
# - Elmunzer and others (2012), NEJM 366, 1414: indomethacin. DOI 10.1056/NEJMoa1111103

# %% jupyter={"source_hidden": true}
job = ab.datasets.nsw()
means = job.groupby("treat").re78.mean()
training = ab.aipw(job.re78, job.treat, means[0], means[1], job.treat.mean())
ab.teach.checked(
    ("luck of the best of twenty", ab.luck_of_best(20), 1.86748, 5e-6, "Tippett 1925"),
    ("luck of the best of ten", ab.luck_of_best(10), 1.53875, 5e-6, "Tippett 1925"),
    ("NSW training, dollars", training.estimate, 1794, 0.5, "Dehejia and Wahba 1999"),
    ("indomethacin, ill with it", trial.ill[trial.treated == 1].sum(), 27, 0.5, "Elmunzer 2012"),
    ("indomethacin, ill without", trial.ill[trial.treated == 0].sum(), 52, 0.5, "Elmunzer 2012"),
)

# %%
ab.teach.finish()
