# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Two people read one table and disagree: who is right?
#
# Time: 30 minutes. Needs: a percentage. Runs on: any laptop, no network.
# Next: [01 One experiment, end to end](01_end_to_end.ipynb).
#
# ## The story: 60 bookings more
#
# A clinic takes bookings on its site. For two weeks a coin sends each visitor to the old page or to a new one. Then the manager counts:
# “560 bookings instead of 500. That is 60 more. We buy the page.” It costs 40,000 euros.
#
# Lina starts as an analyst. She reads the same table and says: “Half a booking more for each 100 visitors. That may be chance. We
# wait.”
#
# One table, two answers. Who is right?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given two counts, you **ask** how often chance shows such a gap, and decide whether to believe it yet.
# - Given a number on a screen, you **restart** and run all, and decide whether the number is real.
# - Given a tool, you **check** it with numbers that are known, and decide whether to use it.

# %% [markdown]
# ## A notebook is a page of cells with a memory behind it
#
# A **cell** is a box with text or code. The next box holds code. Click into it, then press Shift and Enter: it runs, and what it says
# appears below it. Run every cell in this way, from top to bottom. To change a cell, click into it, type, and run it again.
#
# Beside a code cell stand brackets. `[*]` means that it still runs. A number, such as `[1]`, counts the runs.
#
# The **kernel** is the program that runs the cells and keeps their names in memory.

# %%
import numpy as np

import abkit as ab

rng = ab.teach.start("00", seed=57)

# %% [markdown]
# The first line loads numpy, which computes with long lists of numbers; from now on it is called `np`. The second loads the package of
# this course, `ab`. `start` opens the notebook, and `rng` is its source of chance: it makes all draws. What a seed is, you see below.
# Each notebook begins like this.
#
# ## The map of the course
#
# This is the course; notebook 01 comes next. An arrow leads from a notebook to one that builds on it. Grey boxes are planned. Below, a list of those that exist.

# %%
ab.teach.map()

# %% [markdown]
# ## Three questions to warm up
#
# Later notebooks ask about earlier ones here. Today a guess is fine: each answer explains itself.
#
# If you see buttons below a question, click one. Else write a letter into the code, with a comma and quotation marks, and run the cell
# again: `ab.teach.quiz("00.q1", "a")`. All questions of the course work like this. `display` shows several things below one cell.

# %%
display(
    ab.teach.quiz("00.q1"),
    ab.teach.quiz("00.q2"),
    ab.teach.quiz("00.q3"),
)

# %% [markdown]
# ## The table has one row a visitor
#
# It is made up, and it loads from the package. `head(9)` shows the first nine rows; old and new are mixed. The bold numbers on the
# left count the rows, from 0.

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
# The visitors of the old page are the **control**: nothing changed for them. Those of the new page are the **treatment**.
#
# Now one row a page: `count` is its visitors, `sum` its bookings, and `mean` the share that booked. (The mean of zeros and ones is the
# share of ones.)

# %%
pages = visits.groupby("page")["booked"].agg(["count", "sum", "mean"])
pages.round(4)

# %% [markdown]
# The manager is right: 560 − 500 = 60 bookings more. But the new page also had 100 visitors more. Of 100 visitors, 5.00 book on the old
# page and 5.54 on the new.
#
# So Lina is right too: the gap is 0.54 **percentage points**, or 0.54 points for short. They count different things. One question is left: can this gap be chance?
#
# ## Your guess, before you see more
#
# If you see a box, type your guess into it and press “Store”. Else write it into the code, such as `ab.teach.predict("00.p1", 30)`,
# and run the cell again. Nobody grades it. A guess, right or wrong, makes you look closer.

# %%
ab.teach.predict("00.p1")

# %% [markdown]
# ## A page that changes nothing also shows a gap
#
# Let us make a useless page: 5.27 of 100 visitors book, whichever page they see. (That is the share of both pages together, 1,060 of 20,100.)
# `rng.binomial(10_000, 0.0527)` sends 10,000 visitors, lets each book by chance, and counts the bookings. (`10_000` is how Python writes
# 10,000.) Do it five times.

# %%
for page in range(5):
    old_bookings = rng.binomial(10_000, 0.0527)
    new_bookings = rng.binomial(10_100, 0.0527)
    gap = 100 * (new_bookings / 10_100 - old_bookings / 10_000)
    print(f"page {page + 1}: old {old_bookings}, new {new_bookings}, a gap of {gap:+.2f} points")

# %% [markdown]
# Nothing differs between the old page and the new one, and yet there is a gap each time. Chance decides who books.
#
# Five are too few to count. A third value says how often to repeat: `old` and `new` are then lists of 20,000 shares, one for each
# useless page, and `gaps` a list of 20,000 gaps. `seen` is the clinic's gap.

# %%
useless = 20_000  # useless pages
old = rng.binomial(10_000, 0.0527, useless) / 10_000
new = rng.binomial(10_100, 0.0527, useless) / 10_100
gaps = 100 * (new - old)  # points
seen = 100 * (pages.loc["new", "mean"] - pages.loc["old", "mean"])

# %% [markdown]
# Now count. `abs(gaps)` drops the sign: a loss of 0.6 counts like a gain of 0.6, because before the test nobody knew which page would
# win. `abs(gaps) >= seen` is true for each gap at least as large as the clinic's. The mean of true and false is the share of true.

# %%
counted = 100 * (abs(gaps) >= seen).mean()
ab.teach.reveal("00.p1", round(counted, 1))

# %%
ab.plots.plot_by_chance(gaps, seen)

# %% [markdown]
# Each useless page is one piece of this heap. The grey middle holds gaps smaller than the clinic's. The striped ends hold gaps at least
# as large, up or down. Exactly, they are 8.4 of 100 useless pages. Other draws move the count by about 0.2.
#
# ## Its name is p-value
#
# The **p-value** is the share of useless changes that show a gap at least as large as the one you saw, up or down. Here it is 0.084. Many teams
# act only below 0.05: a custom.
#
# The package computes it from the counts, without a simulation. `Moments.counts` takes bookings and visitors of a page;
# `method="pooled"` means one share for both pages, as in the heap.

# %%
control = ab.Moments.counts(500, 10_000)
treatment = ab.Moments.counts(560, 10_100)
booking = ab.proportions(control, treatment, method="pooled")
print(f"simulated {counted / 100:.3f}, computed {booking.pvalue:.3f}")

# %% [markdown]
# The two agree, but for the chance in the simulation, about 0.002. Lina is right to wait: a page that does nothing shows such a gap, up or down, 8 times in 100. This does not prove that the page is useless: this test cannot tell yet.
#
# ## Your first exercise
#
# The first cell asks. Write your answer in place of `None` in the second cell and run it (or use the box, if you see one): the check
# says right, close or not yet, and why.
#
# For help, write `ab.hint("00.1")` as a new last line; each run gives one more hint. The solution opens by a click. The button + above
# the page adds a cell.

# %%
ab.exercise("00.1")

# %%
answer = None  # a number, such as 3.25
display(ab.check("00.1", answer), ab.solution("00.1"))

# %% [markdown]
# ## More visitors make the same gap rarer
#
# This is an **explorer**: move a slider, and the picture and the sentence below follow. It computes the p-value for the same number of
# visitors on both pages, as a count of 100 useless pages.
#
# Two goals. First: with 5 bookings of 100 visitors and a gap of 0.5 points, how many visitors on each page make it rarer than 5 in 100?
# Second: set your own visitors, share and last gap. Would you have paid?

# %%
ab.explore.chance()

# %% [markdown]
# A page on paper has no sliders. So here are the same numbers for six sizes of the test. `rarity` takes the visitors on each page, the
# bookings of 100 visitors on the old page, and the gap in points:

# %%
visitors = [2_500, 5_000, 10_000, 15_500, 20_000, 40_000]
by_chance = ab.datasets.rarity(visitors, 5, 0.5)
ab.plots.plot_rarity(visitors, by_chance, gap=0.5)

# %% [markdown]
# Half a point is common by chance with 2,500 visitors on each page, and very rare with 40,000. From about 15,500 on it is rarer than 5
# in 100: that is the first goal. These numbers come from the formula of the p-value. Counted piece by piece, 10,000 visitors give 11.7 in
# place of 11.3.
#
# ## Your second guess: what does the kernel remember?
#
# Now the second kind of disagreement: the same page, two screens, two numbers. Run the first of these two cells once, the second one as
# often as you like. They show nothing: only memory changes.

# %%
bookings = 500

# %%
bookings = bookings + 60

# %%
ab.teach.predict("00.p2")

# %%
bookings = 500
for click in range(3):
    bookings = bookings + 60
    print(f"click {click + 1}: {bookings}")
ab.teach.reveal("00.p2", bookings)

# %% [markdown]
# Each run adds 60, and the code looks the same after each. The only trace is the number in brackets beside the cell: it counts all runs
# of all cells. It does not say what ran in between.

# %% [markdown]
# ## A restart shows hidden steps
#
# In the menu, choose Kernel, then "Restart Kernel and Run All Cells". The memory is emptied, and each cell runs once, from top to
# bottom: the brackets say 1, 2, 3. Do it once now. What you wrote into cells stays.
#
# - A number that changes at a restart came from a hidden step, or from draws without a seed.
# - A name that is “not defined” was held by memory only.
# - If nothing works any more: add a cell with `%run -m abkit reset 00` and run it. The notebook of the start comes back, and a copy keeps
#   what you wrote.

# %% [markdown]
# ## The same seed, the same draws
#
# Chance is repeatable too. A **seed** is the number from which all draws of `rng` follow. `start` set
# it to 57 above; any number will do. Here a second source has its own. Run the cell twice, then change the 8 and run it again.

# %%
again = np.random.default_rng(seed=8)
print(again.binomial(10_000, 0.0527, 5))

# %% [markdown]
# The same seed gives the same five counts, on every machine with the same version of numpy. Another seed gives others. So a run with the
# same seed repeats a number; it does not confirm it.
#
# ## Your third guess: does this tool compute correctly?
#
# Lina also checks her tool, with numbers from papers and from the program R: a p-value of two means (Welch), the
# low end of an interval (Newcombe), an alarm about two counts (Kohavi), the clinic's p-value, and a number that a poor formula gets
# wrong. Later notebooks explain each.
#
# You need not read the next two cells of code yet. One computes, the other compares: name, our number, the known one, allowed distance,
# source.

# %%
ab.teach.predict("00.p3")

# %%
welch = ab.welch([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
shares = ab.proportions(ab.Moments.counts(48, 80), ab.Moments.counts(56, 70), method="newcombe")
split = ab.srm([821_588, 815_482], [0.5, 0.5])
moments = ab.Moments.of([100_000_001.0, 100_000_002.0, 100_000_003.0])

# %%
ab.teach.checked(
    ("the clinic's p-value", booking.pvalue, 0.0842, 0.00005, "R, prop.test, correct = FALSE"),
    ("p-value of two means", welch.pvalue, 0.2961, 0.00005, "R, t.test"),
    ("low end of an interval", shares.low, 0.0524, 0.00005, "Newcombe 1998, method 10"),
    ("alarm, times a million", 1e6 * split.pvalue, 1.8, 0.05, "Kohavi and others 2020"),
    ("variance of three large numbers", moments.cov.item(), 1, 1e-9, "exact"),
)

# %%
good, total = ab.teach.matched()
ab.teach.reveal("00.p3", good)

# %% [markdown]
# A number matches if it agrees to the last printed digit. Each notebook has such a table.
#
# ## Explain the gap between your guesses and the answers
#
# - Which looked larger to you: 60 more bookings, or 0.54 points?
# - Which of the five numbers could a wrong formula still give?
#
# <details><summary>Explanation</summary>
# A count grows with the visitors; only its share and the heap of useless pages say how large it is. A wrong formula
# gets easy numbers right, so a good check is a number that a wrong method misses. For the interval a common shortcut gives 0.0575 in place of
# 0.0524. For the variance a textbook formula gives 0 in place of 1 ("Going further").
# </details>

# %% [markdown]
# ## Where it bites at work
#
# - “60 more” in a headline, without the visitors behind it.
# - Two dashboards, two numbers: one of them ran with a filter that is gone from the page.
# - A simulation that “was confirmed” with the same seed.
#
# > Myth: you may hear that 10,000 visitors are enough for any test. Exact: with 10,000 on each page, where 5.25 of 100
# > book, 11.7 of 100 useless pages show half a point or more, up or down.
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
answer = None  # your code, or its result
display(ab.check("00.3", answer), ab.solution("00.3"))

# %%
ab.exercise("00.4")

# %%
answer = None  # a letter and a number, such as ("a", 5_000)
display(ab.check("00.4", answer), ab.solution("00.4"))

# %% [markdown]
# ## Your own table
#
# Copy your file into the folder of this notebook. Put its name and your column names into the first two lines: `page` is the column of
# the groups, `old` and `new` are the two words in it, `metric` is the column that you compare. One row a visitor or user; the metric may
# be 0 or 1, or any number. As it stands, the cell reads the clinic's table.

# %%
my_table = visits  # or a path, such as "visits.csv"
names = {"page": "page", "old": "old", "new": "new", "metric": "booked"}
arms = ab.Moments.from_table(my_table, [names["metric"]], by=names["page"])
mine = ab.welch(arms[names["old"]], arms[names["new"]])
print(f"gap {mine.estimate:+.4f}: as large or larger in {100 * mine.pvalue:.1f} of 100 useless changes")

# %% [markdown]
# The gap is in the unit of your metric; for zeros and ones it is a share, so 0.0054 is 0.54 points.
#
# ## The decision you would make
#
# The clinic wrote its rule before the test; the manager did not look at it. Write your decision between the quotation marks of `choice`:
# ship (buy the page), stop (drop it) or extend (test longer). Write into `change` what would make you change it.

# %%
ab.teach.decision(
    rule="Such a gap by chance 5 times in 100 or more: extend. Rarer: weigh size against cost.",
    evidence=f"Useless pages show {100 * booking.estimate:.2f} points or more, up or down, "
    f"{100 * booking.pvalue:.1f} times in 100.",
    cost="A useless page: 40,000 euros. Waiting with a good one: its bookings, and 2,000.",
    choice="", change="", by_rule="extend",
)

# %% [markdown]
# ## Take-aways
#
# - First ask what chance does. A count without its visitors says little.
# - Restart and run all before you believe a number, and before you share it.
# - Check a tool with known numbers that a wrong method misses.
#
# When this advice is wrong: a rare gap is not yet a useful one. Half a point may be real and still not pay. Notebook 01 compares size
# with cost. And who tests longer because the first look was not enough gives chance a second try. Notebook 07 counts its price.
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
# ### A textbook formula says 0 where the variance is 1
#
# The variance is the mean squared distance from the mean, with n − 1 below the line. The values 1, 2 and 3 have the variance 1. A shift
# moves all values alike, so with 100 million added it is still 1. On paper both sides of
#
# $$\sum_i (y_i - \bar y)^2 = \sum_i y_i^2 - n \bar y^2$$
#
# are equal. A machine keeps about 16 digits, and the squares on the right need 17. So the right side loses them: this is called
# cancellation (Chan, Golub and LeVeque 1983). The package subtracts the mean first.

# %%
for power in (4, 6, 8, 11):
    y = [10**power + 1.0, 10**power + 2.0, 10**power + 3.0]
    mean = sum(y) / 3
    textbook = (sum(v * v for v in y) - 3 * (mean * mean)) / 2
    print(f"shift 1e{power}: textbook {textbook:,.0f}, package {ab.Moments.of(y).cov.item():.0f}")

# %% [markdown]
# At a shift of 1e11 the textbook formula says −2,097,152, and no variance is negative. Time stamps in seconds are about 1.8e9, so the variance of stamps within one minute goes wrong in this way.
#
# ### Pooled or not
#
# The heap used one share for both pages, so `method="pooled"` fits it. The call `ab.welch` of your own table keeps the two pages apart and gives 0.084
# as well: with pages of about equal size the difference is in the fourth digit. Notebook 04 compares the methods.

# %% [markdown]
# ## References
#
# - Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247: ways to compute a variance. DOI 10.1080/00031305.1983.10483115
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*, ch. 21: 821,588 against 815,482. DOI 10.1017/9781108653985
# - Newcombe (1998), Statistics in Medicine 17, 873-890: interval of method 10. DOI 10.1002/(SICI)1097-0258(19980430)17:8&lt;873::AID-SIM779>3.0.CO;2-I
# - Welch (1947), Biometrika 34, 28-35: two means with unequal variances. DOI 10.1093/biomet/34.1-2.28

# %%
ab.teach.finish()
