# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A textbook formula says 0 where the variance is 1
#
# Time: 20 minutes. Needs: nothing. Runs on: five known numbers and three small tables, no network.
#
# Lina starts on Monday as an analyst at a clinic that takes bookings on its site. Her manager opens the dashboard: the new
# page brought 60 bookings more. A decision of 40,000 euros waits on this number. Lina runs the same query and gets another
# number. Who is right? Before she tests the page, she tests her tools.

# %% [markdown]
# ## Three things you can do at the end
#
# - **Run** a notebook from top to bottom, and decide whether its numbers are yours too.
# - **Check** an answer, and learn which mistake led to it.
# - **Reset** the kernel, and decide whether a result depends on a hidden step.

# %% [markdown]
# ## Set-up takes one cell
#
# A **notebook** is a page of cells. The **kernel** is the program that runs them and keeps their names in memory.
# Put the cursor in the next cell and press Shift and Enter.

# %%
import numpy as np
from IPython.display import display

import abkit as ab
from abkit.plots import style

rng = ab.teach.start("00", seed=7)

# %% [markdown]
# ## Three questions show what you know already
#
# Later notebooks ask about earlier ones here. Today the questions ask about words that you may have met at work.
# Write a letter as a second value, such as `ab.teach.quiz("00.q1", "a")`, and run the cell again.

# %%
display(ab.teach.quiz("00.q1"), ab.teach.quiz("00.q2"), ab.teach.quiz("00.q3"))

# %% [markdown]
# ## Predict before you see a number
#
# Five numbers from papers and from other programs come next. How many does your machine reproduce to the last printed
# digit? A guess makes you look closer, right or wrong. Replace 4 by your own guess, from 0 to 5, and run the cell.

# %%
ab.teach.predict("00.p1", 4, low=0, high=5)

# %% [markdown]
# ## The idea fits in three lines of numpy
#
# The first number is a variance. The **variance** is the mean squared distance from the mean, with divisor n − 1.
# The values 1, 2 and 3 have variance 1. Lina's table holds booking ids, so she adds 1e8, that is 100 million, to each.
# A shift moves every value equally, so the variance stays 1.

# %%
y = np.array([1.0, 2.0, 3.0]) + 1e8
# The textbook way: the sum of squares minus n times the squared mean.
textbook = (np.sum(y**2) - len(y) * y.mean() ** 2) / (len(y) - 1)
# The safe way: subtract the mean first.
centred = np.sum((y - y.mean()) ** 2) / (len(y) - 1)
print(f"textbook {textbook:g}, mean subtracted first {centred:g}")

# %% [markdown]
# The textbook formula is right on paper and says 0 on the machine. A stored number keeps about 16 digits, and the squares of
# these values need 17. The kit subtracts first. The next cell asserts that both safe ways agree.

# %%
moments = ab.Moments.of(y)
assert moments.cov.item() == centred
ab.teach.match("variance after a shift of 1e8", moments.cov.item(), 1.0, 1e-9, source="exact")

# %% [markdown]
# ## Four more numbers come from papers and from R
#
# The second number compares two means with the test of Welch (1947). It takes four values in each arm. An **arm** is one of
# the groups in a test. The program R gives the **p-value** 0.2961: how often data at least this far apart appear when the
# arms do not differ.

# %%
welch = ab.welch([100.5, 98.2, 101.1, 99.7], [100.1, 99.5, 102.3, 101.8])
ab.teach.match("Welch p-value", welch.pvalue, 0.2961, 0.00005, source="in R")
welch

# %% [markdown]
# The third number is the low end of an interval for two shares. In Newcombe (1998), 48 of 80 and 56 of 70 people differ by
# 0.20. His method 10 gives an interval from 0.0524 to 0.3339.

# %%
control, treatment = ab.Moments.counts(48, 80), ab.Moments.counts(56, 70)
newcombe = ab.proportions(control, treatment, method="newcombe")
ab.teach.match("Newcombe interval, low end", newcombe.low, 0.0524, 0.00005)
newcombe

# %% [markdown]
# The fourth number is an alarm. A test planned equal arms and got 821,588 and 815,482 users. The two counts differ by less
# than 1 per cent. Would you worry?

# %%
srm = ab.srm([821_588, 815_482], [0.5, 0.5])
ab.teach.match("sample-ratio p-value, times a million", srm.pvalue * 1e6, 1.8, 0.05)

# %% [markdown]
# The p-value is 0.0000018. Chance alone almost never makes such a gap, so something lost or added users. Notebook 03 shows
# how to find them.
#
# The fifth number compares 500 bookings of 10,000 visitors with 560 of 10,100, by the pooled test. R says 0.0842: chance
# alone makes such a gap in 8 of 100 tests. Lina's 60 more bookings prove little.

# %%
old, new = ab.Moments.counts(500, 10_000), ab.Moments.counts(560, 10_100)
booking = ab.proportions(old, new, method="pooled")
ab.teach.match("bookings p-value", booking.pvalue, 0.0842, 0.00005, source="in R")

# %% [markdown]
# ## The report counts the matches
#
# Each notebook prints its numbers in one table. A number that comes from a simulation also carries its **Monte-Carlo
# error**: how far it moves with another seed.

# %%
good, total = ab.teach.matched()
draws = rng.normal(size=10_000)
ab.teach.report(matches=good, of=total, simulated_mean=(draws.mean(), draws.std(ddof=1) / 100))

# %% [markdown]
# ## Five of five numbers match
#
# A number matches if its distance from the printed one is at most half a unit of the last digit. The exact variance has the
# limit 1e-9. Each bar shows the distance as a part of this limit.

# %%
names = ["variance", "Welch p-value", "Newcombe low end", "sample-ratio p-value",
         "bookings p-value"]
got = [centred, welch.pvalue, newcombe.low, srm.pvalue * 1e6, booking.pvalue]
limit = np.array([1e-9, 0.00005, 0.00005, 0.05, 0.00005])
part = np.abs(np.array(got) - [1, 0.2961, 0.0524, 1.8, 0.0842]) / limit
ab.teach.report(dict(zip(names, part.round(2), strict=True)))

# %%
ax = style.axes_or_new(None)
bars = ax.barh(names[::-1], part[::-1], color="#0072B2")
ax.bar_label(bars, fmt="%.2f", padding=4, fontsize=12, backgroundcolor="white")
ax.axvline(1, color="black", linestyle="--", linewidth=2)
ax.annotate("limit", (1, 4.6), (5, 0), textcoords="offset points", fontsize=12, va="center")
ax.set(xlim=(0, 1.2), ylim=(-0.6, 4.9))
guess = ab.teach.predicted("00.p1")
told = "" if guess is None else f" (your guess: {guess:g})"
style.dress(ax, title=f"{good} of {total} numbers match{told}", x="distance / limit")
alt = ("Five bars, one for each number: distance from the printed number as a part of the limit. "
       f"All end below the dashed limit at 1; the longest reaches {part.max():.2f}.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Explain the gap between your guess and the count
#
# 1. What did you expect to differ: the machine, the version, or the formula?
# 2. Which of the five numbers could a wrong formula still reproduce?
#
# <details><summary>One explanation</summary>
#
# The machine is rarely the cause; the formula is. The textbook variance says 0 where the answer is 1. An easy number, such as
# the variance of 1, 2 and 3, would not show it. A good check is one that a wrong method fails.
#
# </details>
#
# ## One more experiment: another seed
#
# Change `seed` below and run the cell twice. The mean moves with the seed by about 0.01, its Monte-Carlo error. It stays
# when the seed stays.

# %%
seed = 8
again = np.random.default_rng(seed).normal(size=10_000)
ab.teach.report(seed=seed, simulated_mean=(again.mean(), again.std(ddof=1) / 100))

# %% [markdown]
# ## The name is cancellation
#
# A loss of digits by subtracting two large, nearly equal numbers is called **cancellation**. On paper both sides are equal:
#
# $$\sum_i (y_i - \bar y)^2 = \sum_i y_i^2 - n \bar y^2 .$$
#
# On a machine only the left side is safe. Chan, Golub and LeVeque (1983) compare the ways.
#
# ## Explore: when does the textbook formula break?
#
# The panel adds a shift to 1, 2 and 3, times a spread, and draws both variances. Move a slider and read the line of text.
#
# - At a spread of 1, find the smallest shift at which the two bars differ.
# - Does a larger spread help or harm?

# %%
def variances(shift, spread=1.0):
    y = np.array([1.0, 2.0, 3.0]) * spread + shift
    return ab.Moments.of(y).cov.item(), (np.sum(y**2) - 3 * y.mean() ** 2) / 2

def draw(ax, *, seed, digits, spread):
    pair = variances(10.0**digits, spread)
    bars = ax.bar(["kit", "textbook formula"], pair, color=["#0072B2", "#767676"])
    ax.bar_label(bars, labels=[f"{value:g}" for value in pair], fontsize=12)
    ax.margins(y=0.15)
    style.dress(ax, title=f"Shift of 1e{digits}, spread {spread:g}", y="variance (units squared)")
    return f"Shift of 1e{digits}: the kit says {pair[0]:g}, the textbook formula says {pair[1]:g}."

# %%
controls = {"digits": ab.explore.Control("shift, power of ten", 8, 0, 12, 1),
            "spread": ab.explore.Control("spread of the values (units)", 1, 1, 20, 1)}
ab.explore.Explorer(draw, controls, title="Variance after a shift", random=False)

# %% [markdown]
# ## The same on paper: digits are lost at a shift of 1e8
#
# A handout has no sliders, so each notebook also prints a fixed table. Here it is the same function for larger and larger
# shifts. At 1e11 the textbook formula even says −2,097,152, and no variance is negative.

# %%
shifts = 10.0 ** np.arange(4, 12)
right, wrong = np.array([variances(shift) for shift in shifts]).T
for shift, safe, other in zip(shifts, right, wrong, strict=True):
    print(f"shift {shift:.0e}: kit {safe:g}, textbook formula {other:,.0f}")

# %%
ax = style.axes_or_new(None)
for label, values, role in (("kit", right, "control"), ("textbook formula", wrong, "wrong")):
    ax.semilogx(shifts[:-1], values[:-1], label=label, **style.role(role))
ax.set_ylim(-0.05, 1.5)
ax.legend(frameon=False, fontsize=12)
title = f"At a shift of 1e8 the textbook formula says {wrong[4]:g}, the variance is {right[4]:g}"
style.dress(ax, title=title, x="shift added to 1, 2 and 3", y="variance (units squared)")
alt = (f"Line chart of variance against the shift, 1e4 to 1e10: the kit stays at {right[4]:g}, "
       f"the textbook formula falls from {wrong[0]:g} to {wrong[4]:g} at a shift of 1e8.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## Where it bites at work
#
# - A time stamp in seconds is about 1.8e9. For one click a second within one minute the textbook variance says −546, the
#   truth is 315.
# - Two people run the same query on two versions and get two numbers. The card at the end of this page names the versions.
# - A notebook that ran out of order shows numbers that nobody can repeat.
#
# > **Myth.** You may read that a formula from a textbook is safe in any program. Measured: at a shift of 1e8 it says 0.

# %%
clicks = 1.8e9 + np.arange(61.0)  # from second 0 to second 60
textbook = (np.sum(clicks**2) - 61 * clicks.mean() ** 2) / 60
ab.teach.report(textbook_variance=textbook, true_variance=ab.Moments.of(clicks).cov.item())

# %% [markdown]
# ## Reset the kernel to see hidden steps
#
# In the menu, choose Kernel, then "Restart Kernel and Run All Cells". All names vanish from memory and the cells run in the
# order of the page. If a cell now fails, it used a name that only your earlier clicks had made. Do it once now.

# %% [markdown]
# ## Exercises
#
# Write your answer in place of `None`. Each check says "right", or "not yet" with the reason, or "not attempted".
#
# ### Exercise 1 (one star): change a number
#
# Change the two counts in the cell of the third number: treatment 66 of 100, control 50 of 100. What is the difference, as
# a share?

# %%
answer_1 = None
display(ab.check("00.1", answer_1), ab.hint("00.1"), ab.solution("00.1"))

# %% [markdown]
# ### Exercise 2 (two stars): choose and explain
#
# A cell fails with a name that is not defined. A colleague's screen shows a number in that cell. What shows that the notebook
# works? a) save it, b) restart the kernel and run all, c) run the cell again.

# %%
answer_2 = None
display(ab.check("00.2", answer_2), ab.hint("00.2"), ab.solution("00.2"))

# %% [markdown]
# ### Exercise 3 (three stars): make it
#
# Compute the variance, with divisor n − 1, of 100000001, 100000002 and 100000003. Use any code.

# %%
answer_3 = None
display(ab.check("00.3", answer_3), ab.hint("00.3"), ab.solution("00.3"))

# %% [markdown]
# ### Exercise 4 (bug hunt): two runs that agree
#
# Lina runs a simulation twice with seed 7 and gets 0.0512 twice. She writes: "two independent runs agree". What is wrong?
# a) The runs are not independent. b) The seed made the run slow. c) Nothing is wrong.

# %%
answer_4 = None
display(ab.check("00.4", answer_4), ab.hint("00.4"), ab.solution("00.4"))

# %% [markdown]
# ## Use your own numbers
#
# Replace the two lists by values from your own table and run the cell. The first list is the control. The effect is always
# treatment minus control, in the unit of your values.

# %%
own_control = [12.0, 15.5, 9.0, 14.0]
own_treatment = [13.5, 16.0, 12.5, 15.0]
ab.welch(own_control, own_treatment)

# %% [markdown]
# ## The decision you would make
#
# Lina's rule stands before the data: she trusts her machine if all five numbers match. Change the memo if your count differs.

# %%
ab.teach.decision(
    rule="Use this machine for the clinic's test if 5 of 5 known numbers match.",
    evidence=f"{good} of {total} numbers match, within half a unit of the last printed digit.",
    cost="A wrong tool decides 40,000 euros. A right tool that is not trusted costs one day.",
    choice="use this machine" if good == total else "find the cause first",
    change="One number that does not match after a restart of the kernel.",
)

# %% [markdown]
# ## Take away three things
#
# 1. Test the tool with numbers that a wrong method fails.
# 2. The same seed repeats a number. It does not confirm it.
# 3. Restart and run all before you share a notebook.
#
# This advice is not enough when the data are wrong: five matches say nothing about your table. Next: notebook 01, one
# experiment from a raw table to a decision.
#
# ## Three questions before you go
#
# 1. Which effect sign means that the treatment is higher?
# 2. Why does a second run with the same seed prove nothing new?
# 3. What does the kernel forget at a restart?

# %% [markdown]
# ## References
#
# - Chan, Golub and LeVeque (1983), The American Statistician 37, 242-247: ways to compute a variance.
#   doi:10.1080/00031305.1983.10483115
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*, ch. 21: the counts 821,588 and 815,482.
#   doi:10.1017/9781108653985
# - Newcombe (1998), Statistics in Medicine 17, 873-890: the interval of method 10.
#   doi:10.1002/(SICI)1097-0258(19980430)17:8&lt;873::AID-SIM779>3.0.CO;2-I
# - R: `t.test` for the second number, `prop.test(correct = FALSE)` for the fifth.
# - Welch (1947), Biometrika 34, 28-35: means with unequal variances. doi:10.1093/biomet/34.1-2.28

# %%
ab.teach.finish()
