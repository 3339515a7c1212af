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
# A clinic takes bookings on its site. For two weeks half of the visitors saw a new page. The manager counts: “560 bookings
# instead of 500. That is 60 more. We buy the page.” It costs 40,000 euros.
#
# Lina starts as an analyst. She reads the same table and says: “Half a booking more for each 100 visitors. That may be chance.”
#
# Both cannot spend the money. Who is right?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given two counts, you **ask** how often chance shows such a gap, and decide whether to believe it yet.
# - Given a number on a screen, you **restart** and run all, and decide whether the number is real.
# - Given a tool, you **check** it with numbers that are known, and decide whether to use it.

# %% [markdown]
# ## A notebook is a page of cells with a memory behind it
#
# A **cell** is a box with text or code. Click on the next cell, then press Shift and Enter: it runs, and what it says appears below
# it. The **kernel** is the program that runs the cells and keeps their names in memory.

# %%
import numpy as np

import abkit as ab

rng = ab.teach.start("00", seed=7)

# %% [markdown]
# The two imports load numpy and our package. `start` opens the notebook, and `rng` is its source of chance. Each notebook begins like this.

# %% [markdown]
# ## The map of the course
#
# This is the course; notebook 01 comes next. An arrow says what needs what, and the table below tells what you have done.

# %%
ab.teach.map()

# %% [markdown]
# ## Three questions to warm up
#
# Later notebooks ask about earlier ones here. Answer with a letter as the second value, `ab.teach.quiz("00.q1", "a")`, and run the cell
# again. A guess is fine.

# %%
display(ab.teach.quiz("00.q1"), ab.teach.quiz("00.q2"), ab.teach.quiz("00.q3"))

# %% [markdown]
# ## The table has one row a visitor
#
# It is made up, and it loads from the package. `head()` shows the first five rows.

# %%
visits = ab.datasets.booking_visits()
visits.head()

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `visitor` | one visitor of the site | |
# | `page` | the page that this visitor saw: old or new | |
# | `booked` | 1 if the visitor booked, else 0 | booking |
#
# The visitors of the old page are the **control**: nothing changed for them. Those of the new page are the **treatment**.
#
# Count the visitors and the bookings of each page. The mean of zeros and ones is the share of ones.

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
# Write your guess as the second value, such as `ab.teach.predict("00.p1", 30)`. Nobody grades it. A guess, right or wrong, makes you look
# closer.

# %%
ab.teach.predict("00.p1")

# %% [markdown]
# ## A page that changes nothing also shows a gap
#
# Let us make a useless page: 5.27 of 100 visitors book, whichever page they see. (That is the share of both pages together.)
# `rng.binomial(10_000, 0.0527)` sends 10,000 visitors, lets each book by chance, and counts the bookings. Do it five times.

# %%
for page in range(5):
    old_bookings = rng.binomial(10_000, 0.0527)
    new_bookings = rng.binomial(10_100, 0.0527)
    gap = 100 * (new_bookings / 10_100 - old_bookings / 10_000)
    print(f"page {page + 1}: old {old_bookings}, new {new_bookings}, a gap of {gap:+.2f} points")

# %% [markdown]
# Nothing differs between these pages, and yet no gap is 0. Chance decides who comes to which page.
#
# Five are too few to count. The third value asks for 10,000 useless pages at once; `old` and `new` are then lists of 10,000 shares.

# %%
old = rng.binomial(10_000, 0.0527, 10_000) / 10_000
new = rng.binomial(10_100, 0.0527, 10_000) / 10_100
gaps = 100 * (new - old)  # points
seen = 100 * (pages.loc["new", "mean"] - pages.loc["old", "mean"])

# %%
counted = 100 * (abs(gaps) >= seen).mean()  # abs: up or down
ab.teach.reveal("00.p1", round(counted, 1))

# %%
ab.plots.plot_by_chance(gaps, seen)

# %% [markdown]
# Each useless page is one piece of this heap. The dark heap in the middle holds gaps smaller than the clinic's. The striped ends
# hold gaps at least as large, up or down. Exactly, they are 8.4 of 100 useless pages; your count differs a little.
#
# ## Its name is p-value
#
# The **p-value** is the share of useless changes that show a gap at least as large as the one you saw. Here it is 0.084. Many teams
# act only below 0.05: 5 of 100. This package computes it from the counts, without a simulation:

# %%
control = ab.Moments.counts(500, 10_000)
treatment = ab.Moments.counts(560, 10_100)
booking = ab.proportions(control, treatment, method="pooled")
print(f"simulated {counted / 100:.3f}, computed {booking.pvalue:.3f}")

# %% [markdown]
# The two agree. Lina is right to wait: a page that does nothing shows this gap 8 times in 100. That does not prove that the page is
# useless. It says that this test cannot tell yet.
#
# ## Your first exercise
#
# The first cell asks. Write your answer in place of `None` in the second cell and run it: the check says right, close or not yet, and
# why. Ask for help with `ab.hint("00.1")`, one hint at a time. The solution opens by a click.

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
# A page on paper has no sliders. So here are the same numbers for five sizes of the test:

# %%
visitors = [2_500, 5_000, 10_000, 20_000, 40_000]
by_chance = ab.datasets.rarity(visitors, 5, 0.5)
ab.plots.plot_rarity(visitors, by_chance, gap=0.5)

# %% [markdown]
# The same half point is nothing special with 2,500 visitors on each page, and very rare with 40,000. At about 15,500 it is rarer than 5
# in 100: that is the first goal.
#
# ## Your second guess: what does the kernel remember?
#
# Now the second kind of quarrel: the same page, two screens, two numbers. Run the first of these two cells once, the second one as
# often as you like.

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
# Each click adds 60, and the page looks the same after each. Nobody who reads it can see how often somebody clicked.
#
# ## A restart shows hidden steps
#
# In the menu, choose Kernel, then "Restart Kernel and Run All Cells". The memory is emptied, and each cell runs once, from top to
# bottom. Do it once now. Your answers stay, because they stand on the page.
#
# - A number that changes at a restart came from a hidden step.
# - A cell that fails used a name that only memory held.
# - If you have changed so much that nothing works: `abkit reset 00` in a terminal brings the notebook back, and keeps your copy.

# %% [markdown]
# ## The same seed, the same draws
#
# Chance is repeatable too. A **seed** is the number from which all draws of `rng` follow. Here a second source has its own. Change the 8 and run the cell; run it twice.

# %%
again = np.random.default_rng(seed=8)
print(again.binomial(10_000, 0.0527, 5))

# %% [markdown]
# The same seed gives the same five counts, on every machine. Another seed gives others. So a run with the same seed repeats a
# number; it does not confirm it.
#
# ## Your third guess: does this tool compute correctly?
#
# Lina also checks her tool. She takes numbers that are printed in papers, or that the program R gives: a p-value of two means (Welch), the
# low end of an interval (Newcombe), an alarm about two counts (Kohavi), the clinic's p-value, and a number that a poor formula gets
# wrong. Later notebooks explain each. Today they are only known answers.

# %%
ab.teach.predict("00.p3")

# %%
welch = ab.welch([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
shares = ab.proportions(ab.Moments.counts(48, 80), ab.Moments.counts(56, 70), method="newcombe")
split = ab.srm([821_588, 815_482], [0.5, 0.5])
moments = ab.Moments.of([100_000_001.0, 100_000_002.0, 100_000_003.0])

# %%
ab.teach.checked(
    ("the clinic's p-value", booking.pvalue, 0.0842, 0.00005, "R, prop.test"),
    ("p-value of two means", welch.pvalue, 0.2961, 0.00005, "R, t.test"),
    ("low end of an interval", shares.low, 0.0524, 0.00005, "Newcombe 1998, method 10"),
    ("alarm, times a million", 1e6 * split.pvalue, 1.8, 0.05, "Kohavi and others 2020"),
    ("variance of three large numbers", moments.cov.item(), 1, 1e-9, "exact"),
)

# %%
good, total = ab.teach.matched()
ab.teach.reveal("00.p3", good)

# %% [markdown]
# A number matches if it agrees to the last printed digit. Each notebook ends with such a table.
#
# ## Explain the gap between your guesses and the answers
#
# - Which did you take more seriously before: 60 more bookings, or 0.54 points?
# - Which of the five numbers could a wrong formula still give?
#
# <details><summary>Explanation</summary>
# A count grows with the visitors, so 60 sounds large; only its share and the heap of useless pages say how large. And a wrong formula
# gets easy numbers right. So a good check is a number that a wrong method misses: that is the last of the five ("Going further").
# </details>

# %% [markdown]
# ## Where it bites at work
#
# - “60 more” in a headline, without the visitors behind it.
# - Two dashboards, two numbers: one of them ran with a filter that is gone from the page.
# - A simulation that “was confirmed” with the same seed.
#
# > Myth: you may hear that 10,000 visitors are enough for any test. Exact: with 10,000 on each page, 11.3 of 100 useless pages
# > show half a point.
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
# Put the path of your file and its column names into the first two lines. One row a visitor or user; the metric may be 0 or 1, or any
# number. Without a path the cell reads the clinic's table.

# %%
my_table = visits  # or a path, such as "visits.csv"
names = {"page": "page", "old": "old", "new": "new", "metric": "booked"}
arms = ab.Moments.from_table(my_table, [names["metric"]], by=names["page"])
mine = ab.welch(arms[names["old"]], arms[names["new"]])
print(f"gap {mine.estimate:+.4f}: chance shows it in {100 * mine.pvalue:.1f} of 100 useless changes")

# %% [markdown]
# The gap is in the unit of your metric; for zeros and ones it is a share, so 0.0054 is 0.54 points.
#
# ## The decision you would make
#
# The clinic sets its rule before it reads the table. Write your decision into `choice` (ship: buy the page; stop: drop it; extend: test
# longer), and what would make you change it into `change`.

# %%
ab.teach.decision(
    rule="By chance 5 times in 100 or more: extend. Rarer: weigh size against cost, as in notebook 01.",
    evidence=f"Useless pages show a gap of {seen:.2f} points {100 * booking.pvalue:.1f} times in 100.",
    cost="A useless page: 40,000 euros. Two more weeks of test: 2,000 euros.",
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
# with cost.
#
# ## Exit questions

# %%
display(ab.teach.quiz("00.q4"), ab.teach.quiz("00.q5"), ab.teach.quiz("00.q6"))

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
# At a shift of 1e11 the textbook formula says −2,097,152, and no variance is negative. Time stamps in seconds are about 1.8e9, so a
# duration computed in this way goes wrong at work.
#
# ### Pooled or not
#
# The heap used one share for both pages, so `method="pooled"` fits it. The call `ab.welch` of your own table keeps the two pages apart and gives 0.084
# as well: with thousands of visitors the difference is in the fourth digit. Notebook 04 compares the methods.

# %% [markdown]
# ## References
#
# - Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247: ways to compute a variance. DOI 10.1080/00031305.1983.10483115
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*, ch. 21: 821,588 against 815,482. DOI 10.1017/9781108653985
# - Newcombe (1998), Statistics in Medicine 17, 873-890: interval of method 10. DOI 10.1002/(SICI)1097-0258(19980430)17:8&lt;873::AID-SIM779>3.0.CO;2-I
# - Welch (1947), Biometrika 34, 28-35: two means with unequal variances. DOI 10.1093/biomet/34.1-2.28

# %%
ab.teach.finish()
