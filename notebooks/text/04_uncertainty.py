# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What does an interval promise?
#
# Time: 45 minutes. Needs: a mean and a percentage. Runs on: any laptop, no network.
# Previous: [03 Sample-ratio mismatch](03_srm.ipynb). Next: [05 Sample size](05_sample_size.ipynb).
#
# ## The story: three people read one line
#
# Amara runs a web shop. 5,000 users saw the old recommendations, 5,000 the new ones. The licence costs 40,000 euros a year. With
# 100,000 users a year it pays from 0.40 euros a user. Her report says: "+0.27 euros, 95 per cent interval −0.33 to 0.88, p = .37."
# You need none of these words yet: each comes below.
#
# Finance reads: "no effect". Sales reads: "+0.27 is a gain". A developer reads: "63 per cent sure".
#
# Amara asks: "If I ran this test again, what would I see?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given an interval and what pays, you **read** it, and decide to ship, to stop, or to say "inconclusive".
# - Given a rule for intervals, you **repeat** its experiment, and decide whether it keeps its promise.
# - Given a table and a metric, you **choose** the call that fits, and decide whether a p-value on it may be trusted.

# %%
import numpy as np
import abkit as ab
from scipy import stats

rng = ab.teach.start("04", seed=7)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# An **arm** is a group of users that sees one version. Answer with a letter, as the second value: `ab.teach.quiz("04.q1", "a")`.
# A guess is fine.

# %%
display(ab.teach.quiz("04.q1"), ab.teach.quiz("04.q2"), ab.teach.quiz("04.q3"))

# %% [markdown]
# ## Amara's table has one row a user
#
# The table is simulated. `default_rng(1)` fixes which users came; 5,000 is the number of users in each arm.
#
# | column | meaning | unit |
# |---|---|---|
# | `user` | one user | |
# | `arm` | control: old, treatment: new recommendations | |
# | `revenue` | what this user brought in the test, after the cost of the goods | euros |
# | `clicks`, `views` | clicks on, and views of, a product list (used near the end) | counts |
#
# `cart` is 1 if the user filled a cart. Ignore `load_ms`. To see what the new page may add, we take the mean of
# treatment minus the mean of control.

# %%
shop = ab.datasets.shop_table(5_000, rng=np.random.default_rng(1))
means = shop.groupby("arm")["revenue"].mean()
gap = means["treatment"] - means["control"]
print("gap, treatment minus control:", round(gap, 2), "euros a user")
shop.head()

# %% [markdown]
# The gap is 0.27 euros for these users. It is an **estimate**: what the users of one experiment say about all users. The truth
# is what we would see with endlessly many users. Nobody at work knows it. Here we do, for we made this shop: the new page adds 0.425
# euros a user.
#
# ## Your guess, before you see more
#
# Write your guess as the second value.

# %%
ab.teach.predict("04.p1")

# %% [markdown]
# ## New users, another estimate
#
# We run Amara's experiment five more times. Page and truth stay the same. Only the users are new.

# %%
for run in (1, 2, 3, 4, 5):
    table = ab.datasets.shop_table(5_000, rng=rng)
    new = table.groupby("arm")["revenue"].mean()
    print("run", run, "gap", round(new["treatment"] - new["control"], 2), "euros")

# %% [markdown]
# Five runs, five estimates. How far may an estimate be off? `ab.datasets.repeated_shop(70)` runs the experiment 70 times;
# `estimate` holds the 70 gaps. Each point below is one of them, stacked where they are close. The diamond, "the first", is Amara's.

# %%
seventy = ab.datasets.repeated_shop(70, rng=rng)
ab.plots.plot_draws(seventy.estimate, 0.425, first=gap, unit="euros")

# %% [markdown]
# The points pile up around the truth. Squares left of zero are experiments in which the better page looks worse. The grey band
# reaches 0.30 euros to each side of the truth. In the long run, two in three points lie in it.
#
# Now 2,000 experiments, for a good count. The mean of `many.estimate < 0` is the share of True.
# `.std()`, the standard deviation, says how far values usually lie from their mean, which here is close to the truth.

# %%
many = ab.datasets.repeated_shop(2_000, rng=rng)
ab.teach.reveal("04.p1", round(100 * (many.estimate < 0).mean(), 1))
print("usual distance from the truth:", round(many.estimate.std(), 3), "euros")

# %% [markdown]
# In theory it is 7.8 of 100. The usual distance, 0.296, is near the theory's 0.300. It has a name: the **standard error** is the
# usual distance of an estimate from the truth, over repeated experiments.

# %% [markdown]
# ## One table tells how far its estimate may be off
#
# Amara has one experiment, not 2,000. But she sees how much single users differ: their standard deviation is about 15 euros. In a
# mean of 5,000 users, high and low ones partly cancel. A rule of statistics says how well: divide by the square root of 5,000.
# 15 / 70.7 = 0.21 euros.
#
# The gap has two such means. The rule for two: add the squares, then take the root:
# √(0.21² + 0.21²) = 0.30.
#
# The cell does it with her own spreads (`** 2`: square, `np.sqrt`: square root).

# %%
spread = shop.groupby("arm")["revenue"].std()
error_control = spread["control"] / np.sqrt(5_000)
error_treatment = spread["treatment"] / np.sqrt(5_000)
error = np.sqrt(error_control**2 + error_treatment**2)
print("standard deviation of users:", round(spread["control"], 1), "and", round(spread["treatment"], 1))
print("standard error from one table:", round(error, 3), "euros")

# %% [markdown]
# One table says 0.308, close to what 2,000 experiments showed. (We made the shop with 15 euros in both arms: that gives 0.300.)
#
# ## Turn it round: from the estimate to the truth
#
# How many standard errors is an estimate off? `distance` is how far each of the 2,000 estimates lies from the truth (`abs` drops
# the sign). 0.300 is this shop's standard error.

# %%
distance = abs(many.estimate - 0.425)
for times in (0.5, 1, 1.96, 3):
    close = distance < times * 0.300
    print("within", times, "standard errors:", round(100 * close.mean()), "of 100")

# %% [markdown]
# 95 of 100 estimates lie within 1.96 standard errors of the truth. If you are 3 steps from me, I am 3 steps from you.
# So in 95 of 100 experiments the truth lies within 1.96 standard errors of the estimate. Amara can use that without knowing the truth.
#
# `ab.welch` does it for two columns of numbers; `shop[shop["arm"] == "control"]` keeps the rows of control. The p comes later.

# %%
print("by hand:", round(gap - 1.96 * error, 2), "to", round(gap + 1.96 * error, 2), "euros")
old = shop[shop["arm"] == "control"]
new = shop[shop["arm"] == "treatment"]
effect = ab.welch(old["revenue"], new["revenue"])
low, high = round(effect.low, 2), round(effect.high, 2)
print("ab.welch:", low, "to", high, "euros, p =", round(effect.pvalue, 2))

# %% [markdown]
# Both lines agree: −0.33 to 0.88. This is the **95 per cent interval**: the estimate ± 1.96 standard errors. (For few
# users `ab.welch` goes further than 1.96.)
#
# ## Your second guess: a hundred intervals
#
# New users give another estimate, so they give another interval too. Next come a hundred. Remember: the page truly gains 0.425 euros.

# %%
ab.teach.predict("04.p2")

# %% [markdown]
# `low` and `high` hold the ends of each interval, and `.sum()` counts the True. Each upright line is one interval, sorted by lower
# end. The black line is the truth, the dotted line is zero. A dashed interval with a square misses the truth. (If you guessed:
# right of your line the intervals would lie above zero.) `rng=54` was picked as typical; all 2,000 follow.

# %%
hundred = ab.datasets.repeated_shop(100, rng=54)
ab.teach.reveal("04.p2", (hundred.low > 0).sum())
guess = ab.teach.predicted("04.p2")
ab.plots.plot_intervals(hundred, 0.425, unit="euros", ranked=True, against=0, guess=guess)

# %% [markdown]
# 95 of the 100 cross the black line: they hold the truth. Only 30 lie wholly above the dotted line. Now all 2,000 (`&` means
# "and"):

# %%
holds = (many.low < 0.425) & (many.high > 0.425)
print("hold the truth:", round(100 * holds.mean(), 1), "of 100")
print("lie above zero:", round(100 * (many.low > 0).mean(), 1), "of 100")

# %% [markdown]
# The **coverage** of a rule is the share of its intervals that hold the truth. 95 of 100 is promised, and kept. But in the long run
# only 29.3 of 100 lie above zero (each count is off a little by chance). An interval can be right and still leave "loss" and
# "gain" open. That is Amara's case.

# %% [markdown]
# ## Explain the gap between your guess and the count
#
# - Does an interval that holds zero say that the page does nothing?
# - To what does the 95 belong: this interval, or the rule?
#
# <details><summary>Explanation</summary>
# Most intervals hold zero here, and yet the page gains: zero is one of many values that fit. The 95 belongs to the
# rule, over repetitions. One interval holds the truth or not, and nobody sees which.
# </details>

# %% [markdown]
# ## Explore: experiments arrive one by one
#
# The *level* is what the rule promises: how many of 100 intervals hold the truth. So far it was 95. Move `experiments run` to 100.
# Then two goals, each from level 95 and 5,000 users, where an interval is about 1.18 euros wide:
#
# - Make it half as wide with the level alone. Which level is that?
# - Make it half as wide with the users alone. How many users is that?

# %%
panel = ab.explore.promise(run=20, level=95, users=5_000, seed=3)
panel

# %% [markdown]
# Half the width has a price. Either the promise falls (level 67: only 67 of 100 hold the truth), or you need four times the users
# (20,000 in each arm): the square root of 4 is 2.
#
# ## The p-value asks: could no effect look like this?
#
# The story's last number is p = .37. It answers another question: if the page did nothing, how often would chance alone give such a
# gap? So play 2,000 worlds in which it does nothing: `gain=0`. The hatched bars are gaps as far from zero as Amara's, or
# further, up or down.

# %%
nothing = ab.datasets.repeated_shop(2_000, gain=0, rng=rng)
ab.plots.plot_extreme(nothing.estimate, gap, unit="euros")

# %% [markdown]
# The title counts the hatched worlds: about a third. The **p-value** is this share: worlds without effect with a gap at least as
# extreme. Endlessly many would give 36.1 of 100. `ab.welch` plays no worlds: it computes the share, with the standard error
# 0.308 of Amara's table instead of 0.300. That gives 37 of 100, written p = .37.
#
# So p = .37 is not "63 per cent sure". It says: no effect often looks like this. So does a gain of 0.425.
#
# ## Your third guess: p-values when nothing happens
#
# An **A/A test** is an experiment in which both arms see the same page, like these 2,000. `nothing.pvalue` holds their p-values.

# %%
ab.teach.predict("04.p3")

# %%
ab.teach.reveal("04.p3", round(100 * (nothing.pvalue > 0.95).mean(), 1))
ab.plots.plot_pvalues(nothing.pvalue, guess=ab.teach.predicted("04.p3"))

# %% [markdown]
# The p-values lie in 20 bars, each .05 wide. All are about as high as the dotted line: p near .97 is as common as p near .03.
# A large p does not prove "no effect".
#
# A result with p below .05 (the first bar) is called **significant**. In the long run 5 of 100 A/A tests are: false alarms. p below .05 means that the gap lies
# further than 1.96 standard errors from zero (`nothing.se` holds the standard error of each test). The interval reaches 1.96 to each
# side, so it then leaves out zero.

# %% [markdown]
# ## A flat picture is the test of a method
#
# A sound method gives flat bars in A/A tests. (With few users who say yes or no, only roughly.) Is Tom's method sound? He measures
# clicks per view, and treats every *view* as if it were a user. But users were assigned, and views of one user are alike.
#
# The next cell is folded: it plays 500 A/A tests and draws Tom's p-values. `ab.ratio`, which counts users, gets the same tests.

# %% jupyter={"source_hidden": true}
z, by_user = [], []
for _ in range(500):
    table = ab.datasets.shop_table(500, rng=rng, click_lift=0)
    sums = table.groupby("arm")[["clicks", "views"]].sum()
    rate = sums["clicks"] / sums["views"]
    toms_error = np.sqrt((rate * (1 - rate) / sums["views"]).sum())
    z.append((rate["treatment"] - rate["control"]) / toms_error)
    two = ab.Moments.from_table(table, ["clicks", "views"], by="arm")
    one = ab.ratio(two["control"], two["treatment"], numerator="clicks", denominator="views")
    by_user.append(one.pvalue)
toms = 2 * stats.norm.sf(np.abs(z))
users_below = 100 * (np.array(by_user) < 0.05).mean()
print(f"users as units, ab.ratio: p below .05 in {users_below:.1f} of 100 tests")
ab.plots.plot_pvalues(toms)

# %% [markdown]
# Look at the first bar. In theory Tom finds p below .05 in 22.2 of 100 A/A tests, not in 5: views are no new users, so his standard
# error is too small. With users as *units*, things that chance assigns, it is about 5: the printed line.

# %% [markdown]
# ## Which call for which metric
#
# | one user gives | here | call | a wrong way |
# |---|---|---|---|
# | a number | `revenue` | `ab.welch` | several rows of one user |
# | yes or no | `cart` | `ab.proportions` | several rows of one user |
# | two counts | `clicks`, `views` | `ab.ratio` | views as units: 22 of 100 A/A tests significant |
#
# `ab.Moments.from_table` sums up each arm: its users, the means and spreads of the named columns. `ab.ratio` takes two such arms.

# %%
arms = ab.Moments.from_table(shop, ["clicks", "views"], by="arm")
clicks = ab.ratio(arms["control"], arms["treatment"], numerator="clicks", denominator="views")
print("more clicks in 100 views:", round(100 * clicks.estimate, 2))
print("interval:", round(100 * clicks.low, 2), "to", round(100 * clicks.high, 2))

# %% [markdown]
# 1.94 more clicks in 100 views; one click in 100 views is one *point*. The interval lies above zero, so "no effect" does not fit.
#
# ## Where it bites at work
#
# - "Not significant" is read as "no effect". Read the ends of the interval instead.
# - A user who comes back is one row: sum the days of each user first, over equally many days.
# - Clicks per view can rise just because views fall. Test views too.
#
# ## Exercises

# %%
ab.exercise("04.1")

# %%
answer = None  # such as 1.2
display(ab.check("04.1", answer), ab.solution("04.1"))

# %%
ab.exercise("04.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("04.2", answer), ab.solution("04.2"))

# %%
ab.exercise("04.3")

# %%
answer = None  # a letter and a number, such as ("a", 1.2)
display(ab.check("04.3", answer), ab.solution("04.3"))

# %%
ab.exercise("04.4")

# %%
answer = None  # a letter and a number, such as ("a", "12%")
display(ab.check("04.4", answer), ab.solution("04.4"))

# %% [markdown]
# ## Your own table
#
# Write your file, such as `"users.csv"`, for `shop`, and your column for `"revenue"`. One row a user. If your arms have other
# names, change those too.

# %%
my_table = shop
metric = "revenue"
my_arms = ab.Moments.from_table(my_table, [metric], by="arm")
mine = ab.welch(my_arms["control"], my_arms["treatment"])
print("estimate", round(mine.estimate, 3), "p", round(mine.pvalue, 2))
print("interval", round(mine.low, 3), "to", round(mine.high, 3))

# %% [markdown]
# ## The decision you would make
#
# Amara does not know the truth. The licence pays from 0.40 euros a user: the interval is read against this number, not against zero.
# We assume that the gain per user over the year is the gain in the test.
#
# In a text `f"…"`, braces show a value: `:.2f` with two decimals, `:,.0f` as a whole number. Write your decision into `choice`, and
# what would make you change it into `change`.

# %%
lose, miss = 40_000 - 100_000 * effect.low, 100_000 * effect.high - 40_000
ab.teach.decision(
    rule="Interval above 0.40 euros a user: ship; below: stop; else inconclusive.",
    evidence=f"{effect.estimate:.2f} euros, interval {effect.low:.2f} to {effect.high:.2f}.",
    cost=f"Ship, and the low end is true: lose {lose:,.0f} euros a year. "
    f"Stop, and the high end is true: miss {miss:,.0f} a year.",
    choice="", change="", by_rule="inconclusive",
)

# %% [markdown]
# ## Take-aways
#
# - Another draw, another estimate: the standard error is their usual distance from the truth.
# - A 95 per cent interval is a promise over repetitions: about 95 of 100 hold the truth.
# - A p-value compares with "no effect". A decision compares the interval with what pays.
#
# If it is inconclusive, [05 Sample size](05_sample_size.ipynb) says how many users the next test needs.
#
# When this may be wrong: few users, a few users with huge values, one arm much larger than the other. Then repeat a world like yours, and count the intervals that
# hold its truth. If you look at the data more than once before you stop, the promise breaks: [07 Peeking](07_peeking.ipynb).
#
# ## Exit questions

# %%
display(ab.teach.quiz("04.q4"), ab.teach.quiz("04.q5"), ab.teach.quiz("04.q6"))

# %% [markdown]
# ## Going further
#
# ### Other levels, and the next estimate
#
# Each level has its own multiple, as 95 has 1.96: half of all estimates lie within 0.674 standard errors of the truth, 67 of 100
# within 0.974. A wider interval misses less:

# %%
for level, times in ((50, 0.674), (67, 0.974), (95, 1.96), (99, 2.576)):
    inside = distance < times * many.se
    print(f"level {level}: {2 * times * 0.300:.2f} euros wide, {100 * inside.mean():.0f} of 100 hold")

# %% [markdown]
# The counts may be one off by chance.
#
# > Myth: you may read that in 95 of 100 repetitions the new estimate falls into the first interval. On average 83.4 do: both
# > estimates vary. The interval is about the truth, not about the next estimate.
#
# ### Means: two shortcuts break the promise
#
# Student's t test uses one common spread for both arms. Here 30 noisy users (standard deviation 3) meet 300 quiet ones (1) in A/A tests.
# `ab.calibrate` plays the tests of a world and counts; the small number is the error of the count. `allocation` is treatment's share
# of all users: 300 of 330.

# %%
def student(control, treatment):
    return stats.ttest_ind(control, treatment, axis=-1).pvalue


uneven = ab.datasets.normal_rows(30, sd=(3.0, 1.0), allocation=10 / 11)
wrong = ab.calibrate(uneven, student, reps=8_000, rng=rng)
right = ab.calibrate(uneven, ab.welch, reps=8_000, rng=rng)
five = ab.calibrate(ab.datasets.normal_moments(5), ab.z_test, reps=20_000, rng=rng)
ab.teach.report(
    student_rejects=(wrong.reject, wrong.reject_se),
    welch_rejects=(right.reject, right.reject_se),
    five_users_covered_by_1_96=(five.coverage, five.coverage_se),
)

# %% [markdown]
# Expected: Student .374, Welch .05. With five users of a bell-shaped metric in each arm, ± 1.96 standard errors cover 91.4 per cent: five users tell little
# about their spread, so Welch's interval takes a wider multiple, from a t distribution:
#
# $$\bar y_T - \bar y_C \pm t_{df}\,\sqrt{s_C^2/n_C + s_T^2/n_T}$$
#
# ### Shares: zero cases still have uncertainty
#
# `ab.proportions` takes two columns of zeros and ones, here whether a user filled a cart:

# %%
carts = ab.proportions(old["cart"], new["cart"])
print(f"carts a user: {carts.estimate:.4f}, interval {carts.low:.4f} to {carts.high:.4f}")

# %% [markdown]
# For carts, −0.30 to 2.14 points, a loss and a gain both fit.
#
# What if nobody says yes? A vaccine trial announced no case among 1,131 vaccinated teenagers, and 18 among 1,129 with placebo. The Wald interval takes each arm's variance
# from its own share, here zero. The score interval asks which true differences fit the counts. Newcombe's joins the score intervals
# of the arms.

# %%
trial = ab.Moments.from_table(ab.datasets.bnt162b2(), ["infected"], by="group")
for way in ("wald", "score", "newcombe"):
    found = ab.proportions(trial["placebo"], trial["vaccine"], method=way)
    print(f"{way:<8}  {1000 * found.low:.1f} to {1000 * found.high:.1f} per 1,000")

# %% [markdown]
# Wald says that at most 23.2 cases per 1,000 are avoided. The other two allow 25.1.

# %% [markdown]
# ### Long tails: the promise depends on shape and on split
#
# Skewness says how much longer the right tail is than the left: 0 for a symmetric metric, 2 for exponential data. Equal arms of
# one shape cancel it, unequal arms do not. For a lognormal metric of skewness 6 and 30 users in control, the true coverage is 96.1 per cent at equal
# arms. It falls with further treatment users: 94.9, 93.6, 92.8 per cent at 1:2, 1:3, 1:4, and 90.7 at 1:9. Shape counts too:
# gamma data of skewness 6 have 85.4 at 1:9. The panel is lognormal.
#
# Goals: keep 30 users and skewness 6. Compare 1 and 9 treatment users per control user: which keeps 95?

# %%
ab.explore.interval(n=30, skew=6.0, ratio=9)

# %%
grid = ab.datasets.coverage_table([10, 30, 100, 300], [0.0, 2.0, 6.0], 9, seed=7, reps=2_000)
columns = ["n", "coverage", "error"]
curves = {f"skewness {s:g}": [part[c] for c in columns] for s, part in grid.groupby("skew")}
ab.plots.plot_coverage(curves)

# %% [markdown]
# A rule of thumb asks for 355 · skewness² users. It is made for one mean; for a difference of equal arms it is far too strict. Amara's
# revenue has skewness 3.5, her arms are equal, and her coverage above is 95. A cap on revenue, fixed before the test from older data,
# shortens the tail; the effect is then one on capped revenue.
#
# ### Rows of one person are alike
#
# The RAND experiment gave some families free care and let others pay 95 per cent of each bill, up to a limit a year. Years of one person are alike. Free care
# brings 1.01 visits to a doctor more a year.

# %%
visits = ab.datasets.rand_health().assign(years=1)
people = ab.sum_units(visits, ["mdvis", "years"], unit="person", arm="coins")
rows, persons = (ab.Moments.from_table(t, ["mdvis", "years"], by="coins") for t in (visits, people))
by_row = ab.welch(rows[95].select("mdvis"), rows[0].select("mdvis"))
by_person = ab.ratio(persons[95], persons[0], numerator="mdvis", denominator="years")
ab.teach.report(
    visits_more_with_free_care=by_person.estimate,
    error_by_row=by_row.se,
    error_by_person=by_person.se,
)

# %% [markdown]
# The standard error is 0.14 by person; rows taken for people say 0.09. Whole families were assigned, so even 0.14 is probably too small.
#
# ### "Observed power" says nothing that p has not said
#
# Power is the chance that a test finds an effect of a given size (notebook 05). Some put the observed effect in. The result follows
# from p alone: .5 at p = .05, .178 at p = .3 (one side).
#
# Worse is a monitor that demands enough power at the observed effect. True rates 10 and 11 per cent, 14,751 users in each arm, power .80:

# %%
n, reps = 14_751, 200_000
pc, pt = rng.binomial(n, 0.10, reps) / n, rng.binomial(n, 0.11, reps) / n
score = (pt - pc) / np.sqrt((pc + pt) * (1 - (pc + pt) / 2) / n)
for name, bound in (("significant", 1.96), ("gate", 2.8016)):
    passed = score > bound
    lift = 100 * (pt / pc - 1)[passed].mean()
    print(f"{name}: {passed.mean():.3f} pass, mean lift {lift:.1f} per cent")

# %% [markdown]
# Significance alone passes .80 and reports +11.4 per cent where the truth is +10. The gate passes .50 and reports +13.

# %% [markdown]
# ### One side: only if the other side changes nothing
#
# A one-sided interval has one end. Use it where every effect on one side gives the same decision, as in a guardrail: no gain changes
# what you do. Fix the side before the data: `ab.welch(control, treatment, alternative="greater")`.
#
# ### A simulated check is as good as its world
#
# You may read a simulation with revenue max(0, N(8.50, 15)) and a lift of 5 per cent. Its mean is 11.17 and its true lift 2.74 per
# cent: the analysis looks biased, but the world is. Here revenue is gamma, and the mean of 2,000 estimates is the truth:

# %%
ab.teach.report(mean_estimate=(many.estimate.mean(), many.estimate.std() / np.sqrt(2_000)), truth=0.425)

# %% [markdown]
# ## References
#
# - Welch (1947), Biometrika 34, 28-35: the interval without equal variances. DOI 10.1093/biomet/34.1-2.28
# - Cumming and Maillardet (2006), Psychological Methods 11, 217-227: 83.4 in 100 repetitions. DOI 10.1037/1082-989X.11.3.217
# - Deng, Knoblich and Lu (2018), KDD: ratios of two sums. DOI 10.1145/3219819.3219919
# - Newcombe (1998), Statistics in Medicine 17: few events. DOI
# `10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I`
# - Miettinen and Nurminen (1985), Statistics in Medicine 4: the score interval. DOI 10.1002/sim.4780040211
# - Kohavi and others (2014), KDD: 355 · skewness². DOI 10.1145/2623330.2623341
# - Hoenig and Heisey (2001), American Statistician 55: observed power. DOI 10.1198/000313001300339897
# - Frenck and others (2021), NEJM 385: the vaccine trial. DOI 10.1056/NEJMoa2107456
# - Deb and Trivedi (2002), Journal of Health Economics 21: visits of the RAND experiment. DOI 10.1016/S0167-6296(02)00008-5

# %% jupyter={"source_hidden": true}
theory, count = "normal theory, in the tests", "five errors of 2,000 counts"
extreme = (abs(nothing.estimate) >= gap).mean()
numbers_checked = ab.teach.checked(
    ("standard error of 2,000 estimates, euros", many.estimate.std(), 0.300, 0.024, theory),
    ("below zero, in 100", 100 * (many.estimate < 0).mean(), 7.8, 3.0, count),
    ("wholly above zero, in 100", 100 * (many.low > 0).mean(), 29.3, 5.1, count),
    ("coverage, per cent", 100 * holds.mean(), 95.0, 2.5, count),
    ("no-effect worlds at least as extreme, in 100", 100 * extreme, 36.1, 5.4, count),
    ("A/A tests above .95, in 100", 100 * (nothing.pvalue > 0.95).mean(), 5.0, 2.5, count),
    ("views as units, in 100", 100 * (toms < 0.05).mean(), 22.2, 9.3, "five errors of 500 counts"),
)
display(numbers_checked)
ab.teach.finish()
