# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Two people read one table: who is right?
#
# Time: 45 minutes. Needs: a percentage. Runs on: any laptop, no network.
# Next: [01 One experiment, end to end](01_end_to_end.ipynb).
#
# ## The story: 60 bookings more
#
# For two weeks a coin sends each visitor of a clinic's site to the old page or to a new one. Then the manager counts: “560 bookings
# instead of 500. That is 60 more. We buy the page.” It costs 40,000 euros.
#
# Lina, an analyst, says: “Half a booking more for each 100 visitors. We wrote a rule before: buy only if a page that
# changes nothing shows such a difference, up or down, in fewer than 5 of 100 tests. Else test longer.”
#
# Who is right?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given two counts and their visitors, you **ask** how often chance alone shows such a gap, and decide whether to believe it yet.
# - Given a number on a screen, you **restart** the notebook, run all cells, and decide whether they really make it.
# - Given a number from random draws, you **repeat** it with other draws, and decide how far to trust it.

# %% [markdown]
# ## A notebook is a page of cells with a memory behind it
#
# A **cell** is a box with text or code. The next box holds code. Click into it, then press Shift and Enter: it runs, and what it says
# appears below it. Run every cell in this way, from top to bottom. To change a cell, click into it, type, and run it again.
#
# Beside a code cell stand brackets. `[*]` means that it still runs. A number, such as `[1]`, counts the runs of all cells.
#
# The **kernel** is the program that runs the cells. It keeps each name and its value in memory.

# %%
import numpy as np

import abkit as ab

rng = ab.teach.start("00", seed=57)

# %% [markdown]
# `import` loads a package, `as` gives it a short name: `np` is numpy, for long lists of numbers, and `ab` is the package of this
# course. `start` hands over `rng`, a source of chance: the random draws below come from it. (What a seed is, you see below.)
#
# ## The map of the course
#
# Each box is a notebook. An arrow leads to a notebook that builds on another one. Grey boxes are planned. The list
# below has the full names; each notebook explains the words of its own.

# %%
ab.teach.map()

# %% [markdown]
# ## Three questions to warm up
#
# A guess is fine: each answer explains itself.
#
# If you see buttons below a question, click one. Else write a letter into the code, as in
# `ab.teach.quiz("00.q1", "a")`, and run the cell again. `display` shows several things below one cell.

# %%
display(
    ab.teach.quiz("00.q1"),
    ab.teach.quiz("00.q2"),
    ab.teach.quiz("00.q3"),
)

# %% [markdown]
# ## The table has one row a visitor
#
# It is made up, and it loads from the package. `head(9)` shows the first nine rows; old and new are mixed.

# %%
visits = ab.datasets.booking_visits()
visits.head(9)

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `visitor` | one visitor of the site | |
# | `page` | the page that this visitor saw: old or new | |
# | `booked` | 1 if the visitor booked, else 0 | booking |
#
# The old page is the **control**: nothing changed for its visitors. The new page is the **treatment**.
#
# We want one row a page. `groupby("page")` sorts the visitors into two groups, `["booked"]` takes one column, and
# `agg` asks three things of each group: `count`, its visitors; `sum`, its bookings; `mean`, the share that booked. (The mean of zeros and
# ones is the share of ones.) `round(4)` keeps four decimals.

# %%
pages = visits.groupby("page")["booked"].agg(["count", "sum", "mean"])
pages.round(4)

# %% [markdown]
# The manager is right: 560 − 500 = 60 bookings more. But the new page also had 100 visitors more, who bring about 5 bookings. Of 100 visitors, 5.00 book on the old
# page and 5.54 on the new (0.0500 and 0.0554 in the table).
#
# So Lina is right too: the gap is 0.54 **percentage points**, or 0.54 points for short. Can chance alone make such a gap?

# %% [markdown]
# ## Your guess, before you see more
#
# Imagine a useless page: it changes nothing. Then each visitor books with the same chance on both pages. We take 5.27 of 100, because
# 1,060 of all 20,100 visitors booked.
#
# If you see a box, type your guess into it and press “Store”. Else write it into the code, such as `ab.teach.predict("00.p1", 30)`,
# and run the cell again.

# %%
ab.teach.predict("00.p1")

# %% [markdown]
# ## A page that changes nothing also shows a gap
#
# Let us test such a useless page. `rng.binomial(10_000, 0.0527)` sends 10,000 visitors to a page, lets each of them book
# with chance 0.0527, and counts the bookings. (`10_000` is how Python writes 10,000.) `for page in [1, 2, 3, 4, 5]:` runs the indented
# lines below it five times: five useless pages. Watch the last number of each line, the gap in points.

# %%
for page in [1, 2, 3, 4, 5]:
    old_bookings = rng.binomial(10_000, 0.0527)
    new_bookings = rng.binomial(10_100, 0.0527)
    gap = 100 * new_bookings / 10_100 - 100 * old_bookings / 10_000
    print("page", page, "old", old_bookings, "new", new_bookings, "gap", round(gap, 2))

# %% [markdown]
# The two pages are alike, and yet a gap appears each time, up or down. Chance alone decides who books.
#
# How often is the gap as large as the clinic's 0.54 points? Five pages are too few to say. A third value in `rng.binomial` says how often
# to repeat. Then `old` and `new` are lists of 20,000 counts, one for each useless page. numpy computes with each value of a list, so `gaps`
# holds 20,000 gaps.

# %%
old = rng.binomial(10_000, 0.0527, 20_000)  # bookings on the old page, 20,000 times
new = rng.binomial(10_100, 0.0527, 20_000)
gaps = 100 * new / 10_100 - 100 * old / 10_000  # points
seen = 100 * 560 / 10_100 - 100 * 500 / 10_000  # the clinic's gap

# %% [markdown]
# Lina's rule says “up or down”: chance may favour either page, and a loss by chance misleads too. So a loss of 0.6 points counts
# like a gain of 0.6. `abs(gaps)` drops the sign.
# `abs(gaps) >= seen` says true for each gap at least as large as the clinic's, else false. The mean of true and false is the share of
# true. `reveal` compares your guess with it, and `plot_by_chance` draws all gaps.

# %%
large = abs(gaps) >= seen
counted = 100 * large.mean()
ab.teach.reveal("00.p1", round(counted, 1))
ab.plots.plot_by_chance(gaps, seen)

# %% [markdown]
# Each useless page is one piece of this heap. The grey middle holds gaps smaller than the clinic's, the striped ends all others: losses
# on the left, gains on the right. Together the ends are 8.4 of 100 useless pages.
#
# ## Its name is p-value
#
# The **p-value** is the share of useless changes that show a gap at least as large as the one you saw, up or down. Here it is 0.084. Many teams act only below 0.05: a custom.
#
# A formula gives it without draws. `ab.Moments.counts(500, 10_000)` says: 500 of 10,000 booked.
# `ab.proportions` compares two such shares, control first; `.pvalue` of the result is the p-value. `method="pooled"` means one share for both pages, as in our useless pages.

# %%
control = ab.Moments.counts(500, 10_000)
treatment = ab.Moments.counts(560, 10_100)
clinic = ab.proportions(control, treatment, method="pooled")
print("counted", round(counted / 100, 3), "computed", round(clinic.pvalue, 3))

# %% [markdown]
# Both say about 0.084. So the clinic does not buy yet: a useless page shows such a gap, up or down, 8.4 times in
# 100, and the rule asks for fewer than 5. This does not prove that the page is useless. The test cannot tell yet.

# %% [markdown]
# ## Your first exercise
#
# The first cell asks. In the second cell, write your answer in place of `None` and run it (or use the box, if you see one). The check
# says right, close or not yet, and why. More stars: harder.
#
# For help, the button + above the page adds a cell. Write `ab.hint("00.1")` into it. Each run gives one more hint. The
# solution opens by a click.

# %%
ab.exercise("00.1")

# %%
answer = None  # a number, such as 3.25
display(ab.check("00.1", answer), ab.solution("00.1"))

# %% [markdown]
# ## More visitors make the same gap rarer
#
# In this **explorer**, move a slider: the picture and its sentence follow. The sliders set the visitors on each page, how many of 100
# book on the old page, and the gap in points. The line shows how many of 100 useless pages show such a gap or a larger one, up or down.
# (Useless pages get the middle share: 5.25 of 100 between 5.0 and 5.5.)
#
# Two goals. First: how many visitors on each page make a gap of 0.5 points, from 5.0 to 5.5 of 100, rarer than 5 in 100? Second: set a
# change that you remember. Would you have believed it?

# %%
ab.explore.chance()

# %% [markdown]
# The explorer starts at 11.3 of 100, not at 8.4: chance shows 0.5 points more often than 0.54.
#
# The same on paper, for six sizes of the test. `ab.datasets.rarity(visitors, 5, 0.5)` takes the
# visitors on each page, how many of 100 book on the old page, and the gap in points.

# %%
visitors = [2_500, 5_000, 10_000, 15_500, 20_000, 40_000]
by_chance = ab.datasets.rarity(visitors, 5, 0.5)
ab.plots.plot_rarity(visitors, by_chance, gap=0.5)

# %% [markdown]
# With 2,500 visitors on each page, chance alone shows half a point or more, up or down, in 42.8 of 100 tests. Among more
# visitors, good and bad luck balance better: each share stays nearer to its 5.25. The line meets the dashed one a little above 15,000 visitors. The slider moves by 500, and 15,500 is its first step below 5 of 100: the first goal.
#
# ## Your second guess: what does the kernel remember?
#
# Now a second way to disagree: one notebook, two screens, two numbers.

# %%
ab.teach.predict("00.p2")

# %% [markdown]
# Try it. The first cell stores 500 under the name `bookings`. The second adds 60 and shows the result. Run the first once. Run
# the second three times: click into it before each run, since Shift and Enter moves on.

# %%
bookings = 500

# %%
bookings = bookings + 60
bookings

# %%
bookings = 500
for click in [1, 2, 3]:  # the same in one cell, from the start
    bookings = bookings + 60
    print("click", click, "bookings", bookings)
ab.teach.reveal("00.p2", bookings)

# %% [markdown]
# Each run adds 60. The code looks the same; only the number in brackets shows that a cell ran again.
#
# ## A restart shows hidden steps
#
# In the menu, choose Kernel, then "Restart Kernel and Run All Cells". The memory is emptied, and each cell runs once, in order.
# What you wrote into cells stays. Do it once now, and scroll back here: below `bookings = bookings + 60` stands 560, no longer 680.

# %% [markdown]
# - A number that changes at a restart came from a hidden step, from draws without a seed, or from data that changed.
# - A cell that now fails with “is not defined” used a name that only memory held.
# - If nothing works: add a cell with `%run -m abkit reset 00` and run it. Then choose File, "Reload Notebook from Disk". The
#   notebook of the start comes back, and a copy keeps what you wrote.

# %% [markdown]
# ## Your third guess: is chance repeatable?
#
# A source of chance starts from a number, its **seed**. `start` set it to 57 above; any number will do. `np.random.default_rng(seed=8)` makes such a
# source. Below, two sources start from the same seed, and each draws five counts of bookings. `one == other` compares them one by one,
# and `.sum()` counts the true ones.

# %%
ab.teach.predict("00.p3")

# %%
one = np.random.default_rng(seed=8).binomial(10_000, 0.0527, 5)
other = np.random.default_rng(seed=8).binomial(10_000, 0.0527, 5)
print(one)
print(other)
ab.teach.reveal("00.p3", (one == other).sum())

# %% [markdown]
# The same seed gives the same draws, as long as numpy has the same version. So a run with the same seed repeats a number. It
# does not confirm it.
#
# How far may you trust the 8.4? Repeat the 20,000 useless pages with other seeds.

# %%
for seed in [1, 2, 3, 4, 5]:
    again = np.random.default_rng(seed)
    old_again = again.binomial(10_000, 0.0527, 20_000)
    new_again = again.binomial(10_100, 0.0527, 20_000)
    gaps_again = 100 * new_again / 10_100 - 100 * old_again / 10_000
    large_again = abs(gaps_again) >= seen
    print("seed", seed, "of 100:", round(100 * large_again.mean(), 1))

# %% [markdown]
# The counts lie between 8.2 and 8.8, none further than 0.4 from 8.4. So trust the 8.4 to about 0.4: far from the 5 of the rule.
#
# ## Explain the gap between your guesses and the answers
#
# - Which looked larger to you: 60 more bookings, or 0.54 points?
# - Why does a second run with the same seed not make a number surer?
#
# <details><summary>Explanation</summary>
# A count grows with the visitors. Only the share, and the heap of useless pages, say whether a gap is large. The same seed sends the same
# imagined visitors again.
# </details>

# %% [markdown]
# ## Where it bites at work
#
# - “60 more” in a headline, without the visitors behind it.
# - Two screens, two numbers: one still remembers a cell that was deleted.
#
# > Myth: 10,000 visitors are enough for any test. Count: with 10,000 on each page, more than 11 of 100 useless pages show half a
# > point or more, up or down, where about 5 of 100 book.
#
# ## Exercises

# %%
ab.exercise("00.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("00.2", answer), ab.solution("00.2"))

# %%
ab.exercise("00.3")

# %%
control = ab.Moments.counts(1_000, 20_000)  # add your lines below
answer = None  # the result, such as 12.5
display(ab.check("00.3", answer), ab.solution("00.3"))

# %%
ab.exercise("00.4")

# %%
answer = None  # a letter and a number, such as ("a", 5_000)
display(ab.check("00.4", answer), ab.solution("00.4"))

# %% [markdown]
# ## Your own table
#
# Copy your file, one row a visitor, into the folder of this notebook. Edit only the first four lines: the words after `#` say what each
# holds. Now it reads the clinic's table.
#
# `from_table` packs the numbers of each group, as `counts` did for two counts; `by` names the column of the groups. `packs[first]` is the
# control. `ab.welch` compares two packs, also of other numbers than 0 and 1, if the groups are large.

# %%
my_table = visits  # or a file, such as "visits.csv"
group = "page"  # the column of the groups
first, second = "old", "new"  # its two words, control first
compared = "booked"  # the column to compare
packs = ab.Moments.from_table(my_table, [compared], by=group)
mine = ab.welch(packs[first], packs[second])
print("gap", round(mine.estimate, 4), "p-value", round(mine.pvalue, 3))

# %% [markdown]
# The gap is in the unit of your column. For zeros and ones it is a share, so 0.0054 is 0.54 points.
#
# ## The decision you would make
#
# Two more weeks of test cost 2,000 euros. Write your decision between the quotation marks of `choice`: ship (buy the page),
# stop (drop it) or extend (test longer). Write into `change` what would make you change it.
# `by_rule` is what the rule says. (The memo knows two more words, inconclusive and
# investigate: notebook 01 explains them.)

# %%
ab.teach.decision(
    rule="Ship a gain only if fewer than 5 of 100 useless pages show such a gap, "
    "up or down; else extend.",
    evidence="Useless pages show 0.54 points or more, up or down, 8.4 times in 100.",
    cost="Buy a useless page: 40,000 euros. Wait with a good one: 2,000, and its bookings.",
    choice="", change="", by_rule="extend",
)

# %% [markdown]
# ## Take-aways
#
# - First ask what chance does. A count without its visitors says little.
# - Restart and run all before you believe a number, and before you share it.
# - A second run with the same seed is no second opinion.
#
# When this advice is wrong: a rare gap is not yet a useful one. Half a point may be real and still not pay. Notebook 01 compares size
# with cost. And who looks again after two more weeks gives chance a second try. Notebook 07 counts its price.
#
# ## Exit questions

# %%
display(
    ab.teach.quiz("00.q4"),
    ab.teach.quiz("00.q5"),
    ab.teach.quiz("00.q6"),
)

# %% [markdown]
# ## Going further
#
# ### A tool is checked with numbers that are known
#
# Lina also checks her tool with five known numbers: two from the program R, two from publications, and one from exact arithmetic.
# The first is the clinic's p-value. The next section explains the last, a variance; later notebooks explain the other three. The
# next cell is folded (click the three dots to open it). It asks our package for the same five.

# %% jupyter={"source_hidden": true}
welch = ab.welch([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
shares = ab.proportions(ab.Moments.counts(48, 80), ab.Moments.counts(56, 70), method="newcombe")
split = ab.srm([821_588, 815_482], [0.5, 0.5])
moments = ab.Moments.of([100_000_001.0, 100_000_002.0, 100_000_003.0])
ab.teach.checked(
    ("the clinic's p-value", clinic.pvalue, 0.0842, 0.00005, "R, prop.test, correct = FALSE"),
    ("p-value of two means", welch.pvalue, 0.2961, 0.00005, "R, t.test"),
    ("low end of an interval", shares.low, 0.0524, 0.00005, "Newcombe 1998, method 10"),
    ("an alarm, times a million", 1e6 * split.pvalue, 1.8, 0.05, "Kohavi and others 2020"),
    ("variance of three large numbers", moments.cov.item(), 1, 1e-9, "exact"),
)

# %% [markdown]
# Each row: our number, then the known one and where it stands. All five match, to the last digit printed there. Numbers that were not
# checked may still be wrong.

# %% [markdown]
# ### A textbook formula says 0 where the variance is 1
#
# The variance measures how far values lie apart: subtract the mean from each value, square, add up, and divide by one less than the
# number of values. For 1, 2 and 3 it is (1 + 0 + 1) / 2 = 1. Add 100 million to each: it is still 1. A textbook has a shortcut. $\sum$ means: add up over all values $y_i$; $\bar y$ is their mean, $n$ their number.
#
# $$\sum_i (y_i - \bar y)^2 = \sum_i y_i^2 - n \bar y^2$$

# %% [markdown]
# On paper both sides are equal. A machine keeps about 16 digits, and the squares on the right need 17. So the right side loses the
# difference: this is called cancellation (Chan, Golub and LeVeque 1983). The package subtracts the mean first.
#
# `10**8` is 1 with eight zeros. `y[0]` is the first value of the list. `ab.Moments.of(y)` packs the
# list, and `.cov.item()` is its variance.

# %%
for power in [4, 6, 8, 11]:
    y = [10**power + 1.0, 10**power + 2.0, 10**power + 3.0]
    mean = sum(y) / 3
    squares = y[0] * y[0] + y[1] * y[1] + y[2] * y[2]
    textbook = (squares - 3 * (mean * mean)) / 2
    print("zeros", power, "textbook", round(textbook), "package", round(ab.Moments.of(y).cov.item()))

# %% [markdown]
# With eight zeros the textbook formula says 0. With eleven the textbook formula says −2,097,152, and no variance is negative. Time
# stamps in seconds are about 1,800,000,000, so the variance of stamps within one minute goes wrong in this way.

# %% [markdown]
# ### A good check is a number that a wrong method misses
#
# A wrong formula often gets easy numbers right. For the low end of the interval above, a common shortcut gives 0.0575 in place of 0.0524. So
# this number tells the two methods apart.
#
# ### Two ways to count chance
#
# With 10,000 visitors on each page, the formula says 11.3 of 100 useless pages. Counted one by one, they are 11.7: bookings
# are whole numbers, and the formula smooths them. At 5,000 visitors they differ most among the six sizes: 26.2 and 27.2.

# %% [markdown]
# ### Pooled or not
#
# The heap used one share for both pages, so `method="pooled"` fits it. The call `ab.welch` of your own table keeps the two pages apart and gives 0.084
# as well: with the clinic's counts the two differ in the fourth decimal, 0.0842 and 0.0841. Notebook 04 compares the methods.

# %% [markdown]
# ## References
#
# - Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247: ways to compute a variance. DOI 10.1080/00031305.1983.10483115
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*, ch. 21: 821,588 against 815,482. DOI 10.1017/9781108653985
# - Newcombe (1998), Statistics in Medicine 17, 873-890: interval of method 10. DOI 10.1002/(SICI)1097-0258(19980430)17:8&lt;873::AID-SIM779>3.0.CO;2-I
# - Welch (1947), Biometrika 34, 28-35: two means with unequal variances. DOI 10.1093/biomet/34.1-2.28

# %%
ab.teach.finish()
