# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Who gets another lesson plan when a test grows?
#
# Time: 45 minutes. Needs: notebook 01. Runs on: any laptop, no network.
# Previous: [01 One experiment, end to end](01_end_to_end.ipynb). Next: [03 Sample-ratio mismatch](03_srm.ipynb).
#
# ## The story: my lesson plan is gone
#
# Tomás tests a new lesson plan in a learning app. Half of the learners in the test get it. In the first week, 10 per cent of all
# learners are in the test. All is quiet, so Tomás lets 50 per cent in. Then 400 learners write: "My lesson plan is gone!" A
# cancelled subscription costs 60 euros.
#
# Nobody changed the code. Tomás asks: "Who got another plan, and can I still use this test?"

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given ids and a salt, you **compute** who is in a test, and decide whether a learner who returns keeps the version.
# - Given a test that grew, you **find** who changed version, and decide whose data may be read.
# - Given two tests on the same users, you **see** what they share, and decide whether both may run.

# %%
import hashlib

import duckdb  # used in "Going further" only
import numpy as np
import pandas as pd

import abkit as ab
from abkit.assignment.arms import holdout, verify  # used in "Going further" only
from abkit.assignment.ramps import moved

rng = ab.teach.start("02", seed=7)

# %% [markdown]
# ## Three questions from earlier notebooks
#
# An *arm* is a group of users that sees one version: control sees the old one, treatment the new one. Answer with a letter, as the
# second value: `ab.teach.quiz("02.q1", "a")`. A guess is fine.

# %%
display(ab.teach.quiz("02.q1"), ab.teach.quiz("02.q2"), ab.teach.quiz("02.q3"))

# %% [markdown]
# ## Tomás's log has one row a learner
#
# The log is simulated, so that we know the truth. Some rows of it; learner-119 lost the new plan:

# %%
log = ab.datasets.lesson_ramp(rng=rng)
log.iloc[118:124]

# %% [markdown]
# | column | meaning | unit |
# |---|---|---|
# | `learner` | the id of one learner | |
# | `week1`, `week2` | arm in that week; `out`: not in the test, sees the old plan | |
# | `minutes` | learning time in the second week | minutes a day |
#
# ## Your guess, before you count
#
# Take the learners who were in the test in the first week. Write your guess as the second value.

# %%
ab.teach.predict("02.p1")

# %%
first = log[log["week1"] != "out"]
changed = first["week1"] != first["week2"]  # True or False; the mean is the part of True
ab.teach.reveal("02.p1", round(100 * changed.mean(), 1))
pd.crosstab(first["week1"], first["week2"])

# %% [markdown]
# ## All who changed lost the new plan
#
# On average it is 50 of 100; these ids add a little chance. The table (`pd.crosstab`) counts the learners for each pair of arms; a row is an arm in the first week. The whole first control stays in
# control. The whole first treatment now sees the old plan again. Why?
#
# ## A hash makes a position out of an id
#
# Tomás stores no list of arms. His code computes the arm anew at each visit. It turns the id into a number:
# a **position** from 0 to .9999. It stands for one id in one test. In front of the id it writes a word, the `salt`, here "plan".

# %%
def position(name, salt):
    digest = hashlib.md5(f"{salt}.{name}".encode()).hexdigest()
    return int(digest[:15], 16) % 10_000 / 10_000

for name in ("learner-119", "learner-120", "learner-121", "learner-119"):
    print(name, hashlib.md5(f"plan.{name}".encode()).hexdigest(), position(name, "plan"))

# %% [markdown]
# `md5` scrambles a text such as plan.learner-119 into 32 signs (0 to 9 and a to f). `int(..., 16)` reads the first 15 signs (a number so long
# still fits into a database) as a whole number, `% 10_000` keeps its last four digits. Ids that look alike land anywhere. Under one salt, the same id always lands in the same place.
#
# `ab.position` does this for a whole column, from 0 to 9,999. Here it is for all 100,000 learners, counted in ten equal parts of
# the line.

# %%
ids = log["learner"].tolist()
where = ab.position(ids, "plan") / 10_000
print(position(ids[119], "plan") == where[119])
print(np.histogram(where, bins=10, range=(0, 1))[0])

# %% [markdown]
# `True`: both ways give one position. Each part of the line holds about 10,000 learners. A **hash** turns a text into a number that looks
# random, always the same for the same text. The number says nothing about the learner, so it can replace a coin. ("Going further" tests the spread.)
#
# ## Tomás asks one position two questions
#
# First: is the position below the share? Then the learner is in. Second: in which half *of the share* does it lie? The
# lower half is control, the upper half treatment. (`np.where(question, a, b)` gives `a` where the answer is yes, else `b`.)

# %%
def one_hash(where, share):
    arm = np.where(where < share / 2, "control", "treatment")
    return np.where(where < share, arm, "out")

print(all(one_hash(where, 0.10) == log["week1"]), all(one_hash(where, 0.50) == log["week2"]))
ab.plots.plot_positions(where, {"week 1": log["week1"], "week 2": log["week2"]})

# %% [markdown]
# Two times `True`: this rule wrote the log. Each point is a learner; 400 are drawn, their height says nothing. Nobody moves on the line. But the cut between the arms moves,
# from .05 to .25. It passes over the whole first treatment, ringed in black.
#
# To let more learners in while a test runs is called a **ramp**.
#
# ## Explain the gap between your guess and the count
#
# - Which arm is the part from .05 to .10, in each week?
# - What would happen with three arms?
#
# <details><summary>Explanation</summary>
# The middle of the share moves from .05 to .25: the old upper half falls below it. With three arms only the first third
# stays: two thirds change.
# </details>

# %% [markdown]
# ## Who is in which arm now?
#
# Tomás wants to save the test. He asks where the learners of the two arms come from.

# %%
ab.plots.plot_origins(log["week1"], log["week2"])

# %% [markdown]
# Control is mixed: one fifth saw the new plan, and lost it. Treatment is clean: nobody in it was in the test before.
#
# The **new entrants** are the learners who came in with the ramp: 40 per cent of all, about 40,000. None of
# them had seen the new plan before.
#
# ## Your second guess: the new entrants
#
# Tomás wanted half and half. Look again at the line of week 2, right of .10.

# %%
ab.teach.predict("02.p2")

# %%
new = log[(log["week1"] == "out") & (log["week2"] != "out")]
ab.teach.reveal("02.p2", round(100 * (new["week2"] == "treatment").mean(), 1))
n_control = (new["week2"] == "control").sum()
n_treatment = (new["week2"] == "treatment").sum()
print("counts fit 37.5 to 62.5:", ab.srm([n_control, n_treatment], [0.375, 0.625]).passed)

# %% [markdown]
# The new ones in control stand from .10 to .25, those in treatment from .25 to .50: 15 to 25, or 37.5 to 62.5. Not half and half, and
# no fault. The hash, not the learner, decided who is where. So the two groups differ by chance and by the lesson plan only.
# Unequal sizes are fair, if you compare *means*. (`ab.srm` asks whether counts fit given shares: notebook 03.)
#
# ## Two readings of the same test
#
# The new plan costs money. It pays from 3.5 more minutes a day. Tomás fixes his rule before he looks: interval above 3.5, ship; below,
# stop; else inconclusive. Compare with all of control, or with the new
# ones in it:

# %%
treatment = log.loc[log["week2"] == "treatment", "minutes"]
everybody = ab.welch(log.loc[log["week2"] == "control", "minutes"], treatment)
clean = ab.welch(new.loc[new["week2"] == "control", "minutes"], treatment)
for name, effect in (("all learners", everybody), ("new entrants", clean)):
    print(f"{name}: {effect.estimate:.2f} minutes, interval {effect.low:.2f} to {effect.high:.2f}")

# %% [markdown]
# `ab.welch` gives treatment minus control, and an *interval*: repeat such a test, and 95 of 100 intervals hold the true effect,
# if the arms are fair.
#
# The first reading says "it pays", the second "it does not". Which one is right? We repeat the test 300 times. In this world the
# plan adds 3 minutes, and learners who lose it study 5 minutes less than others with the old plan.

# %%
repeats = ab.datasets.lesson_repeats(300, rng=rng)
ab.plots.plot_readings(repeats, truth=3, worth=3.5)

# %% [markdown]
# Each point is one test. The new entrants scatter around the truth. All learners together miss it, always on the same side: a fifth of
# control is disappointed and studies 5 minutes less, so its mean is one minute too low. More data does not help; the error is not chance.

# %% [markdown]
# So Tomás has three choices: read all (wrong), restart (two weeks), or read the new entrants only. The third is sound (it tells
# the effect of a first week with the plan) and costs little: its points scatter 15 per cent more than those of a sound test of
# this size with equal arms, because control is smaller.
#
# ## Two questions need two positions
#
# A **salt** is the word in front of the id: another salt gives other positions, as if all were shuffled anew. Give each purpose a salt of
# its own: one for "who is in?", one for "which arm?".

# %%
def two_hashes(share):
    enters = ab.position(ids, "plan/entry") / 10_000 < share
    arm = np.where(ab.position(ids, "plan/arm") / 10_000 < 0.5, "control", "treatment")
    return np.where(enters, arm, "out")

entry = ab.position(ids, "plan/entry") / 10_000
weeks = {"week 1": two_hashes(0.1), "week 2": two_hashes(0.5)}
ab.plots.plot_positions(entry, weeks, x="position for entry")

# %% [markdown]
# Now the colours are mixed along the line: the position for entry says nothing about the arm. The edge moves right and lets learners in.
# No cut passes over anybody: no ring.
#
# `ab.assign` does the same: it adds /entry and /arm to the salt. It leaves `None` where a learner is out.

# %%
halves = {"control": 0.5, "treatment": 0.5}
arms = ab.assign(ids, halves, salt="plan", share=0.5)
print(all(pd.Series(arms).fillna("out") == two_hashes(0.5)))
one, two, exposed = moved(0.1, 0.5, 2, seed=2)
ab.plots.plot_moved({"10% to 50%": (one, two)}, guess=ab.teach.predicted("02.p1"))

# %% [markdown]
# `moved(before, after, arms, seed)` plays a ramp on 20,000 other ids, set by `seed`. *Exposed* users are those in the test before. Which part
# changes arm with one hash (one position for both questions), and with two? Your guess is the dashed line.
#
# To let more learners in, raise `share`. Never touch salt or weights while a test runs.
#
# ## Explore: other ramps, other numbers of arms
#
# Two goals. Find a ramp from 10 per cent in which one hash moves more than 70 per cent. Then find one that
# grows and moves less than 10 per cent. Below the panel: a ramp from 10 to 50 per cent with two to five arms
# (`[:2]`: the first two numbers).

# %%
panel = ab.explore.ramp()
panel

# %%
ab.plots.plot_moved({f"{k} arms": moved(0.1, 0.5, k, seed=2)[:2] for k in (2, 3, 4, 5)})

# %% [markdown]
# From 10 to 50 per cent, only the first of k arms stays: one hash moves 50, 67, 75 and 80 per cent, on average. A small step moves fewer: from 10 to 15 per cent, with two arms, a quarter. Two hashes move nobody.
#
# ## Your third guess: two tests, one salt
#
# Two other teams use a tool whose salt is "default" for every test. Team A sends a reminder: 2 minutes more. Team B changes a colour,
# which does nothing. Both tests run on all learners, half and half.

# %%
ab.teach.predict("02.p3")

# %%
def colour_effect(salt_a, salt_b):
    reminder = ab.assign(ids, halves, salt=salt_a) == "treatment"
    colour = ab.assign(ids, halves, salt=salt_b) == "treatment"
    minutes = rng.normal(60, 10, len(ids)) + 2 * reminder
    return minutes[colour].mean() - minutes[~colour].mean()

ab.teach.reveal("02.p3", round(colour_effect("default", "default"), 1))
print(f"own salts: {colour_effect('reminder', 'colour'):.1f} minutes")

# %% [markdown]
# `rng.normal(60, 10, n)` draws n learners with 60 minutes on average and a spread of 10; in a sum, True counts 1; `~` means "not". With one salt Team B measures
# the reminder. Here is why:

# %%
default = ab.position(ids, "default/arm") / 10_000
own = (ab.position(ids, "reminder/arm") / 10_000, ab.position(ids, "colour/arm") / 10_000)
pairs = {"One salt": (default, default), "Own salts": own}
ab.plots.plot_squares(pairs, names=("reminder", "colour"))

# %% [markdown]
# Each point is a learner, orange with the reminder: the position in test A to the right, in test B upwards. Left, both are the same, so the colour arm is the
# reminder arm. Right, all four groups are about equally large: half of *each* colour arm has the reminder, so it cancels. Two tests are
# **independent** if the arm in one says nothing about the arm in the other.
#
# ## Fair is not enough: two changes can meet
#
# Own salts make each comparison fair. Yet the reminder may be unreadable in the new colour. Suppose the reminder alone adds 2 minutes,
# the colour alone 1. Both together (`&`) take 4 away: 2 + 1 − 4 = −1.

# %%
reminder, colour = own[0] >= 0.5, own[1] >= 0.5
minutes = rng.normal(60, 10, len(ids)) + 2 * reminder + 1 * colour - 4 * (reminder & colour)
print(f"colour, plain effect: {minutes[colour].mean() - minutes[~colour].mean():.1f} minutes")
ab.plots.plot_together(reminder, colour, minutes, names=("reminder", "colour"))

# %% [markdown]
# The lines are not parallel: the colour helps without the reminder and harms with it. An **interaction** is an
# effect that depends on the arm in another test. The plain effect, −1 on
# average, is the mean of +1 and −3. It is right for a world where half have the reminder. After both tests, no user lives in such a mix.
#
# So ask before the start: can the two changes spoil each other? If not, run both, with own salts. If so, keep them
# apart: one learner, one of the two tests. Each test then tells what its change does without the other. What both do together it cannot tell.

# %% [markdown]
# ## Where it bites at work
#
# - Weights changed in a running test move the cut, and users with it.
# - A salt used again sends last month's treatment into this month's treatment, habits included.
# - A ramp takes days, and the world changes. If the *split* changes too, do not pool the days: notebook 09 (planned).
#
# > Myth: you may read that a hash always gives a user the same version. It gives the same position, under the same salt. With one hash for
# two purposes, a ramp from 10 to 50 per cent changes the version of half of the users in the test.
#
# ## Exercises

# %%
ab.exercise("02.1")

# %%
answer = None  # such as "25%", after filling the blank
display(ab.check("02.1", answer), ab.solution("02.1"))

# %%
ab.exercise("02.2")

# %%
answer = None  # a letter, such as "a"
display(ab.check("02.2", answer), ab.solution("02.2"))

# %%
ab.exercise("02.3")

# %%
answer = None  # your code, or its result
display(ab.check("02.3", answer), ab.solution("02.3"))

# %%
ab.exercise("02.4")

# %%
answer = None  # a letter and a number, such as ("a", 0.5)
display(ab.check("02.4", answer), ab.solution("02.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of your log and the names of its columns into the first two lines: the arm before and after a ramp, and the word
# for "not in the test". Without a path the cell reads Tomás's log.

# %%
path = None  # or a path, such as "log.csv"
before, after, out = "week1", "week2", "out"
mine = log if path is None else pd.read_csv(path)
inside = mine[mine[before].fillna(out) != out]
lost = (inside[before] != inside[after]).sum()
print(f"{lost:,} of {len(inside):,} users in the test changed or left their arm")
pd.crosstab(mine[before].fillna(out), mine[after].fillna(out))

# %% [markdown]
# Only the diagonal and the row of those who were out may hold users. Anything else was moved.
#
# ## The decision you would make
#
# Back to Tomás. Write your decision into `choice` and what would make you change it into `change`.

# %%
ab.teach.decision(
    rule="If anybody changed arm: new entrants, if in both arms. "
    "Interval above 3.5 minutes: ship; below: stop; else inconclusive.",
    evidence=f"All: {everybody.low:.2f} to {everybody.high:.2f} minutes. "
    f"New entrants: {clean.low:.2f} to {clean.high:.2f}.",
    cost="Paying for a plan that does not pay, or dropping one that does. A restart: two weeks.",
    choice="", change="", by_rule="stop",
)

# %% [markdown]
# ## Take-aways
#
# - One purpose, one salt: entry, arm and each test have their own.
# - Grow a test by raising the share, and by nothing else.
# - After a ramp that moved users, read those who entered last, at their own split, if each arm got some.
#
# When this advice is wrong: units without a stable id. For a class list, draw the arms by chance and store them. A visitor who deletes cookies needs a login first.
#
# ## Exit questions

# %%
display(ab.teach.quiz("02.q4"), ab.teach.quiz("02.q5"), ab.teach.quiz("02.q6"))

# %% [markdown]
# ## Going further
#
# ### Test a tool before you trust it
#
# `verify` tests by chi-square that the arms fit their shares, that all positions are equally full, and that two tests do not go together.
# A *p-value* is the chance of deviations so large or larger in a sound tool. `verify` fails if the smallest of the three, times
# three, is below .001.

# %%
tool = verify(ids, halves, salt="plan", against="price")
print(tool.message, "passed:", tool.passed)
print("against itself:", verify(ids, halves, salt="plan", against="plan").passed)

# %% [markdown]
# Now twelve tests, so 66 pairs. The correlation of two sound ones is 0 within chance: with 100,000 learners, all 66 lie within .0137 in at least
# 999 of 1,000 sound tools. A salt that is used twice has correlation 1.

# %%
twelve = [ab.assign(ids, halves, salt=f"test-{k}") == "treatment" for k in range(12)]
table = np.corrcoef(twelve) - np.eye(12)  # without the 1 of each test with itself
print(f"largest of 66 correlations: {abs(table).max():.4f}")

# %% [markdown]
# ### Too few buckets break a small ramp
#
# Some tools cut the line into 100 buckets. With one hash, a ramp to 1 per cent is then one bucket. It cannot be cut in half:

# %%
for buckets in (100, 10_000):
    at = ab.position(ids, "fine") * buckets // 10_000
    for share in (0.01, 0.03, 0.05, 0.10):
        entered = at[at < buckets * share]
        control = 100 * (entered < buckets * share / 2).mean()
        print(f"{buckets:6,} buckets, share {share:.0%}: {control:.1f} per cent of those in are control")

# %% [markdown]
# With 100 buckets, all, two thirds, three fifths and half are control. Two hashes and 10,000 buckets have no such trouble.
#
# ### A warehouse gives the same arms
#
# The rule has no memory, so SQL can repeat it. `ab.assign_sql` writes the text for DuckDB, PostgreSQL or Spark.

# %%
text = ab.assign_sql(halves, salt="plan", share=0.5, column="learner")
rows = duckdb.sql(f"SELECT {text} AS arm FROM log").fetchall()
print(text)
print("the same arms in Python and SQL:", [row[0] for row in rows] == arms.tolist())

# %% [markdown]
# ### Who may enter: rules, layers, a holdout
#
# `ab.eligible` checks facts from before the start; an unknown country meets no rule. A *layer* gives each of its tests its own part of one line, so
# that they never meet: the way to keep two changes apart. A learner has one place on that line, so at most one test. If you need to know what both
# changes do together, plan the four groups as one test and read their four means. A *holdout* stays out of everything, under a salt of its own.

# %%
people = pd.DataFrame({"id": ["ann", "bob", "eve", "kim"], "country": ["NL", "DE", None, "PL"]})
people["eligible"] = ab.eligible(people, ab.Where("country", "not in", ["DE"]))
layer = ab.Layer("lessons")
print(people, "\n", layer.allocate("reminder", 0.5), layer.allocate("colour", 0.3))
members, held = layer.members(ids), holdout(ids, 0.05, salt="2026")
for name in ("reminder", "colour"):
    print(f"{name}: {(members[~held] == name).sum():,} learners")

# %% [markdown]
# ### Without ids that return: blocks
#
# A teacher enters 30 names one by one. `ab.stratified` fills *blocks* of 2, 4 or 6 names, each with both arms equally often, in random order. Who
# bets on the arm that is behind is right in 70.3 per cent (with a coin 50, with strict alternation 75), and who knows where a block
# ends is certain of its last name. Blocks buy balance; hide the list from those who enter names.

# %%
def right_bets(treated):
    step = np.where(treated, 1, -1)
    lead = step.cumsum() - step  # treatment minus control before this name
    return 100 * np.where(lead == 0, 0.5, (lead > 0) != treated).mean()

n = 40_000
blocks = ab.stratified(range(n), ["one school"] * n, halves, rng=rng) == "treatment"
lists = {"blocks": blocks, "coin": rng.random(n) < 0.5, "alternating": np.arange(n) % 2 == 1}
for name, arm in lists.items():
    print(f"{name}: {right_bets(arm):.1f} per cent of bets are right")

# %% [markdown]
# ### After a test: shuffle anew
#
# Habits of one test live on in the next. A new salt does not remove them; it spreads them evenly over the new arms, so that the comparison is fair
# again.

# %% [markdown]
# ### What the new entrants tell
#
# They tell the effect of a *first* week with the new plan, among learners who came in with the ramp. As the hash chose them, these are a fair
# sample of all. Here the first control could be added: it saw the old plan all along, and the hash chose it too. It is left out because it
# entered a week earlier; if a metric counts from the day of entry, its week is another one. What happens in later weeks (novelty, seasons, days with another split) is the subject of notebook 09 (planned).

# %% [markdown]
# ## References
#
# - Bakshy, Eckles and Bernstein (2014), WWW, 283-292: assignment as a hash of salt and unit. DOI 10.1145/2566486.2567967
# - Tang, Agarwal, O'Brien and Meyer (2010), KDD, 17-26: layers of experiments. DOI 10.1145/1835804.1835810
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*: ramps, carry-over. DOI 10.1017/9781108653985
# - Blackwell and Hodges (1957), Ann. Math. Statist. 28, 449-460: how predictable blocks are. DOI 10.1214/aoms/1177706973
# - Rivest (1992), RFC 1321: the function md5. DOI 10.17487/RFC1321

# %% jupyter={"source_hidden": true}
theory, printed = "edges of the positions, counted", "Blackwell and Hodges 1957"
numbers_checked = ab.teach.checked(
    ("changed arm, of 100", 100 * changed.mean(), 50.0, 2.5, theory),
    ("treatment among new entrants, of 100", 100 * n_treatment / len(new), 62.5, 1.3, theory),
    ("all learners, minutes", everybody.estimate, 4.0, 0.46, "3 + 5 / 5"),
    ("new entrants, minutes", clean.estimate, 3.0, 0.52, "the world"),
    ("all learners in 300 tests, minutes", repeats["all learners"].mean(), 4.0, 0.03, "3 + 5 / 5"),
    ("new entrants in 300 tests, minutes", repeats["new entrants"].mean(), 3.0, 0.03, "the world"),
    ("right bets on blocks, per cent", right_bets(blocks), 70.28, 1.5, printed),
)
display(numbers_checked)
ab.teach.finish()
