# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One hash for two purposes moves half of the exposed users when a test grows from 10 to 50 per cent
#
# Time: 45 minutes. Needs: notebook 01. Runs on: any laptop, no network.
#
# Tomás runs tests at a learning app. A new lesson plan starts with 10 per cent of the learners. After a week without
# complaints he raises it to 50 per cent. Support then gets 400 angry mails: "my lesson plan is gone". Each
# cancelled subscription costs 60 euros. Nobody changed the code. Tomás asks: who got another version, and why?

# %% [markdown]
# ## After this notebook you can do three things
#
# - Given ids and a salt, you **build** a stable assignment, and decide whether a warehouse may repeat it.
# - Given two experiments, you **test** that their arms are independent, and decide whether they may run together.
# - Given a running test, you **ramp** it, and decide whether any user was moved.
#
# ## Recall: what an experiment compares
#
# An **arm** is a group of users that sees one version. Three questions before you go on. Write a letter as
# the second value, for example `ab.teach.quiz("02.q1", "a")`.

# %%
import numpy as np
from IPython.display import display

import abkit as ab

rng = ab.teach.start("02", seed=7)
display(ab.teach.quiz("02.q1"), ab.teach.quiz("02.q2"), ab.teach.quiz("02.q3"))

# %% [markdown]
# ## Predict: how many learners change their arm if there are three arms?
#
# A hash gives each user a fixed position from 0 to 9,999. At 10 per cent, positions 0 to 999 are in the test, and each of
# three arms gets one third of them, in order. Then the test grows to 20 per cent, positions 0 to 1,999, again cut into
# thirds. Which per cent of the first users change their arm? Replace 33 by your guess.

# %%
ab.teach.predict("02.p1", 33, low=0, high=100)

# %% [markdown]
# ## The idea takes ten lines: a hash turns an id into a position
#
# A **hash** turns text into a number that looks random and is always the same. A **salt** is a name that we put before
# the id: another salt, another shuffle. A **bucket** is one of 10,000 positions.

# %%
import hashlib

def bucket(unit, salt):  # a position from 0 to 9,999
    digest = hashlib.md5(f"{salt}.{unit}".encode()).hexdigest()
    return int(digest[:15], 16) % 10_000

def arm(unit, salt):  # half and half, always the same for one unit
    return "control" if bucket(unit, f"{salt}/arm") < 5_000 else "treatment"

print([(unit, bucket(unit, "plan"), arm(unit, "plan")) for unit in ("ann", "bob", "eve")])

# %% [markdown]
# The library gives the same positions and the same arms. No table of assignments is stored anywhere.

# %%
HALVES = {"control": 0.5, "treatment": 0.5}
ids = [f"learner-{i}" for i in range(100_000)]
assert ab.position(ids, "plan").tolist() == [bucket(unit, "plan") for unit in ids]
arms = ab.assign(ids, HALVES, salt="plan")
assert arms.tolist() == [arm(unit, "plan") for unit in ids]
ab.teach.report({name: int((arms == name).sum()) for name in HALVES})

# %% [markdown]
# ## Tomás used one position for two purposes
#
# His code asks one position two questions. Is it below the share? Then the user enters. In which part *of the share* does
# it lie? That is the arm. When the share grows, each part grows too.
#
# `ab.assign` asks two positions. One salt decides who enters, another decides the arm. A larger share adds users and
# changes no arm.

# %%
NAMES = np.array(["control", "treatment", "second treatment", "out"])

def one_hash(position, share, arms=2):  # enters below the edge; each arm is an equal part of it
    edge = round(10_000 * share)
    return NAMES[np.where(position < edge, position * arms // edge, 3)]

def two_hashes(share, arms=2):
    weights = {str(name): 1 / arms for name in NAMES[:arms]}
    return np.array([name or "out" for name in ab.assign(ids, weights, salt="plan", share=share)])

def moved(before, after):  # share of the exposed that sees another arm
    return float((before != after)[before != "out"].mean())

# %%
where = ab.position(ids, "plan")
ramps = {}
for low, high, k in ((0.1, 0.5, 2), (0.5, 1.0, 2), (0.1, 0.2, 3)):
    one = moved(one_hash(where, low, k), one_hash(where, high, k))
    two = moved(two_hashes(low, k), two_hashes(high, k))
    ramps[f"{low:.0%} to {high:.0%}, {k} arms"] = (one, two)
for rule, i in (("one hash", 0), ("two hashes", 1)):
    ab.teach.report({f"{name}, {rule}": 100 * pair[i] for name, pair in ramps.items()})
half, third = (100 * ramps[name][0] for name in ("10% to 50%, 2 arms", "10% to 20%, 3 arms"))
ab.teach.match("two arms, 10% to 50%", half, 50, 2.5, source="in theory")
ab.teach.match("three arms, 10% to 20%", third, 66.7, 2.4, source="in theory")

# %%
from abkit.plots import plot_buckets, plot_moved

ax = plot_moved(ramps, guess=ab.teach.predicted("02.p1"))
title = f"One hash: {half:.1f}% of two arms move, {third:.1f}% of three"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
shares = ", ".join(f"{100 * one:.1f}% ({name})" for name, (one, _) in ramps.items())
ab.teach.show(ax.figure, alt="Share of exposed users that change arm in three ramps. "
              f"With one hash {shares}; with two hashes 0% in each.")

# %% [markdown]
# ## Explain the gap between your guess and two thirds
#
# - Three arms: which arm has position 700 at 10 per cent? Which at 20 per cent?
# - Which positions keep their arm?
#
# <details><summary>Explanation</summary>
# At 10 per cent, positions 334 to 666 are the second arm. At 20 per cent the second arm starts at 667. So only the first
# third keeps its arm. With two arms the first half keeps its arm, and everybody who saw the new plan loses it. The chance
# part comes only from how many ids fall below the edge.
# </details>

# %% [markdown]
# ## One more experiment: follow one learner through the ramp
#
# Take the first id whose position lies between 500 and 999, and raise the share in steps. The first
# row is Tomás's rule, the second is `ab.assign`.

# %%
steps = (0.1, 0.2, 0.5, 1.0)
both = np.flatnonzero((where >= 500) & (where < 1_000) & (two_hashes(0.1) == "treatment"))
user = int(both[0])
print(ids[user], "position", where[user])
print("one hash  ", [str(one_hash(where, s)[user]) for s in steps])
print("two hashes", [str(two_hashes(s)[user]) for s in steps])

# %% [markdown]
# ## Its name: a pure function of salt and id
#
# `position(unit, salt)` is the first 15 hexadecimal digits of md5(salt + "." + unit), modulo 10,000. The unit enters if
# $h(s_{entry}, u) < 10{,}000 \cdot share$. Its arm is the interval that holds $h(s_{arm}, u)$. A **ramp** raises the share,
# and nothing else. An assignment is **sticky** if a unit that comes back gets its old arm.
#
# ## Explore: which ramp moves the fewest?
#
# Two goals. First, find a ramp that grows and moves less than 10 per cent with one hash. Then find the number of arms where
# your own ramp moves the most users.

# %%
panel = ab.explore.ramp()
panel

# %% [markdown]
# ## The same on paper: more arms, more moved users
#
# Each line uses the same function. Two hashes move nobody in any of them.

# %%
from abkit.assignment.ramps import moved as moved_by

for low, high in ((0.1, 0.2), (0.1, 0.5), (0.5, 1.0)):
    found = [100 * moved_by(low, high, k, seed=2)[0] for k in (2, 3, 5)]
    print(f"{low:>4.0%} to {high:>4.0%}: 2 arms {found[0]:.1f}%, 3 arms {found[1]:.1f}%, "
          f"5 arms {found[2]:.1f}%")
twin = plot_moved({f"{k} arms": moved_by(0.1, 0.5, k, seed=2)[:2] for k in (2, 3, 5)})
most = 100 * moved_by(0.1, 0.5, 5, seed=2)[0]
title = f"10 to 50% with five arms: one hash moves {most:.1f}%"
twin.set_title(title, loc="left", fontsize=12, fontweight="bold")
ab.teach.show(twin.figure, alt="Share of exposed users that change arm from 10 to 50%, for 2, 3 "
              f"and 5 arms. One hash moves {most:.1f}% with five arms; two hashes move 0% in each.")

# %% [markdown]
# ## Test it: two experiments must be independent
#
# A **chi-square test** adds up how far counts lie from what we expect. Its **p-value** is the chance of such a distance or
# more in a sound assignment. `verify` tests three things: the arms fit the plan, all positions are equally full, and two
# experiments do not go together. It multiplies the smallest p-value by the number of tests.
#
# The second call compares the salt with itself. It fails, as it must.

# %%
from abkit.assignment.arms import verify

print(verify(ids[:20_000], HALVES, salt="plan", against="price").message)
print("passed against itself:", verify(ids[:20_000], HALVES, salt="plan", against="plan").passed)

# %% [markdown]
# Now twelve experiments, so 66 pairs. Each pair is tested at .001 / 66. One experiment that keeps a constant default
# salt, and Tomás's ramp, take the same test.

# %%
from itertools import combinations
from scipy.stats import chi2_contingency

def independence(a, b):  # p-value of the table of two assignments
    table = np.array([[((a == x) & (b == y)).sum() for y in HALVES] for x in HALVES])
    return float(chi2_contingency(table + 1e-9, correction=False).pvalue)  # an empty row may stay

twelve = [ab.assign(ids, HALVES, salt=f"experiment-{k}") for k in range(12)]
pairs = [independence(a, b) for a, b in combinations(twelve, 2)]
ab.teach.report(pairs=len(pairs), smallest_p=min(pairs), limit=0.001 / 66,
                failed=sum(p < 0.001 / 66 for p in pairs))

# %%
grown = one_hash(where, 0.5)
early = np.where(where < 1_000, "control", "treatment")  # exposed in week one, or later
inside = grown != "out"
safe, week = two_hashes(0.5), np.where(two_hashes(0.1) != "out", "control", "treatment")
entered = safe != "out"
default = ab.assign(ids, HALVES, salt="default")
found = {"constant salt": independence(default, default),
         "one hash ramp": independence(early[inside], grown[inside]),
         "two hashes ramp": independence(week[entered], safe[entered])}
ab.teach.report({name: p if p >= 1e-300 else "below 1e-300" for name, p in found.items()})

# %% [markdown]
# ## A constant salt gives one test the effect of another
#
# Two teams use a tool whose salt is "default" unless somebody changes it. Team A's reminder adds 2 minutes a day. Team
# B changes a colour, which does nothing. What does team B measure?

# %%
def measured(salt_a, salt_b, users=20_000):
    a, b = (ab.assign(ids[:users], HALVES, salt=salt) for salt in (salt_a, salt_b))
    minutes = rng.normal(20, 10, users) + 2 * (a == "treatment")
    same = np.corrcoef(a == "treatment", b == "treatment")[0, 1]
    return float(same), ab.welch(minutes[b == "control"], minutes[b == "treatment"])

(r1, default), (r2, own) = measured("default", "default"), measured("reminder", "colour")
ab.teach.report(correlation_default=r1, correlation_own=round(r2, 4))
for label, effect in (("default salt", default), ("own salt", own)):
    print(f"colour, {label}: {effect.estimate:.2f} minutes, standard error {effect.se:.2f}")

# %% [markdown]
# With the default salt the arms are the same people: correlation 1. Team B reports 1.79 minutes that
# are the reminder's. With a salt for each experiment the colour gets 0.04, well within its standard error of 0.14.
#
# ## Too few buckets break a small ramp
#
# Some tools have 100 buckets. Then 0.5 per cent is half a bucket. We let shares from 0.5 to 10 per cent enter, with one
# hash and the arms cut inside the share.

# %%
fine = ab.position(ids, "fine")
traffic = [0.005, 0.01, 0.03, 0.05, 0.10]
split, lines = {100: [], 10_000: []}, {}
for buckets in split:
    at = fine * buckets // 10_000
    for share in traffic:
        inside = at < buckets * share
        split[buckets].append(float((at[inside] < buckets * share / 2).mean()))
        lines[f"{buckets:,} buckets, {share:.1%}"] = (
            f"{100 * inside.mean():.2f}% enter, control {100 * split[buckets][-1]:.1f}%")
ab.teach.report(lines)

# %%
ax = plot_buckets(split, traffic)
at_1, at_5 = (100 * split[100][i] for i in (1, 3))
title = f"100 buckets: a 1% ramp has {at_1:.0f}% in control, a 5% ramp {at_5:.1f}%"
ax.set_title(title, loc="left", fontsize=12, fontweight="bold")
alt = ("Control's part of the enrolled users against the share that enters. With 100 buckets it is "
       f"{at_1:.0f}% at 1% and {at_5:.1f}% at 5%; with 10,000 buckets it stays near 50%.")
ab.teach.show(ax.figure, alt=alt)

# %% [markdown]
# ## A warehouse gives the same arms: SQL text
#
# The rule has no state, so SQL can repeat it. `ab.assign_sql` writes the text for DuckDB, PostgreSQL or Spark. Here
# DuckDB runs it on all 100,000 ids.

# %%
import duckdb
import pandas as pd

text = ab.assign_sql(HALVES, salt="plan", share=0.5, column="id")
print(text)
learners = pd.DataFrame({"id": ids})
rows = duckdb.sql(f"SELECT {text} AS arm FROM learners").fetchall()
same = [r[0] for r in rows] == ab.assign(ids, HALVES, salt="plan", share=0.5).tolist()
print(f"{len(rows):,} ids, the same arm in Python and in SQL: {same}")

# %% [markdown]
# ## Who may enter: rules, layers, and a holdout
#
# `eligible` checks attributes from before the assignment. An unknown country meets no rule, so that learner stays out.
# A **layer** shares out buckets: two of its experiments never meet. A **holdout** must be taken out first: then it stays
# out of everything.

# %%
from abkit.assignment.arms import holdout

people = pd.DataFrame({"id": ["ann", "bob", "eve", "kim"], "country": ["NL", "DE", None, "PL"]})
people["eligible"] = ab.eligible(people, ab.Where("country", "not in", ["DE"]))
print(people.to_string(index=False))
layer = ab.Layer("lessons")
print("buckets", layer.allocate("order", 0.5), layer.allocate("length", 0.3))
members, out = layer.members(ids), holdout(ids, 0.05, salt="2026")
members[out] = None
ab.teach.report({slot: int((members == slot).sum()) for slot in ("order", "length")})
ab.teach.report(held_out=int(out.sum()), held_out_in_order=int((out & (members == "order")).sum()))

# %% [markdown]
# ## Without ids that return: blocks that are hard to predict
#
# A class of 30 has no hash: a teacher enters names one by one. `stratified` fills **permuted blocks** of 2, 4 or 6 in
# each school: short lists with each arm equally often, in random order. A teacher who bets on the arm that is behind shows
# how predictable a list is.

# %%
from abkit.assignment.drawing import randomize

def hits(treated):  # share of right bets on the arm that is behind; a tie counts one half
    steps = np.where(treated, 1, -1)
    lead = np.cumsum(steps) - steps  # treatment minus control before this unit
    return float(np.where(lead == 0, 0.5, (lead > 0) != treated).mean())

n = 40_000
blocks = ab.stratified(range(n), ["one school"] * n, HALVES, rng=rng) == "treatment"
simple = randomize(range(n), HALVES, rng=rng) == "treatment"
ab.teach.report(alternating=hits(np.arange(n) % 2 == 1), blocks=hits(blocks), simple=hits(simple))
ab.teach.match("right bets, blocks", hits(blocks), 0.7028, 0.015, source="in theory")

# %% [markdown]
# On an alternating list 75 per cent of the bets are right, and 100 for a teacher who knows the rule. The block list gives
# 70 per cent (theory: .7028; the last ones of a block are certain), simple randomization 50. Blocks buy balance and pay with some predictability. Store the list:
# unlike a hash it cannot be computed again.
#
# ## Where it bites at work
#
# - Weights changed in a running test move users. Change only the share.
# - A salt that is used again sends last month's treatment group into this month's, and its users keep their habits.
# - A column of ids with a gap becomes floats. "7.0" is another user than "7", so `assign` refuses floats.

# %% [markdown]
# > **Myth.** You may read that a hash always gives a user the same variant. Measured: with one hash, the ramp from 10 to
# > 50 per cent changes the variant of half of the exposed users. A hash is stable; the rule around it may not be.
#
# ## Exercises
#
# **1 (one star).** Which bucket has the id "maya" under the salt "2026"? Replace `None` by your answer.

# %%
display(ab.check("02.1", None), ab.hint("02.1"), ab.solution("02.1"))

# %% [markdown]
# **2 (two stars).** A test runs with 10 per cent of the users, half and half. You want more users. What do you do, and
# why? a) change the weights to 80/20; b) raise `share` and keep the salt; c) raise `share` and take a fresh salt; d) start a
# second test with the same salt.

# %%
display(ab.check("02.2", None), ab.hint("02.2"), ab.solution("02.2"))

# %% [markdown]
# **3 (three stars).** A one-hash tool has four equal arms and grows from 20 to 30 per cent. Which share of the
# exposed users changes its arm in theory? Write code, or count positions.

# %%
display(ab.check("02.3", None), ab.hint("02.3"), ab.solution("02.3"))

# %% [markdown]
# **4 (bug hunt).** Ines takes the last two hexadecimal digits of a hash, gives control the values below 128, and lets
# those below 26 enter for a 10 per cent ramp: one number for both. Which share of the enrolled users is in control?

# %%
display(ab.check("02.4", None), ab.hint("02.4"), ab.solution("02.4"))

# %% [markdown]
# ## Your own table
#
# Put the path of a CSV file with one row a user into `my_file`, and name the column of the ids. In a terminal the
# same is `abkit assign FILE --unit id --weights control=.5,treatment=.5 --salt plan --out arms.csv`.

# %%
my_file, unit = None, "id"

mine = learners.head(5_000) if my_file is None else pd.read_csv(my_file, dtype=str)
mine = mine.assign(arm=ab.assign(mine[unit].tolist(), HALVES, salt="my test", share=0.5))
counts = mine["arm"].value_counts()
plan = verify(mine[unit].tolist(), HALVES, salt="my test")
print({label: int(counts[label]) for label in HALVES}, "passed" if plan.passed else "ALARM")

# %% [markdown]
# ## The decision you would make
#
# The rule stands before the data. A restart costs two weeks. A mixed control group (a fifth of it saw the plan) spoils the comparison of all; the new entrants alone are sound. Change the
# memo until you would sign it.

# %%
exposed = int((one_hash(where, 0.1) != "out").sum())
ab.teach.decision(
    rule="If any exposed user changes the arm, the effect is not read.",
    evidence=f"The ramp from 10 to 50 per cent moved {half:.1f} per cent of {exposed:,} learners. "
             f"400 complaints at 60 euros: up to {400 * 60:,} euros.",
    cost="Restart: two weeks. Reading all: the control is mixed. Third way: read the new entrants only.",
    choice="Stop, take a fresh salt with separate entry and arm, and start again.",
    change="A log that shows that no learner had seen the plan before the ramp.",
)

# %% [markdown]
# ## Take-aways
#
# - One purpose, one salt: entry, arm, layer and holdout each have their own.
# - Ramp by raising the share. Never touch weights or salt while a test runs.
# - Test independence of salts once, for all pairs, before you trust a tool.
#
# When this advice is wrong: units that cannot carry an id, such as a class list. Draw blocks and store them. Next:
# notebook 03, sample-ratio mismatch.
#
# ## Three exit questions

# %%
display(ab.teach.quiz("02.q4"), ab.teach.quiz("02.q5"), ab.teach.quiz("02.q6"))

# %% [markdown]
# ## References
#
# - Bakshy, Eckles and Bernstein (2014), WWW: assignment as a pure hash of salt and unit. DOI 10.1145/2566486.2567967
# - Blackwell and Hodges (1957), *Annals of Mathematical Statistics* 28: how predictable a list of blocks is. DOI 10.1214/aoms/1177706973
# - Kohavi, Tang and Xu (2020), *Trustworthy Online Controlled Experiments*: ramps and carry-over. DOI 10.1017/9781108653985
# - Rivest (1992), RFC 1321: the MD5 function. DOI 10.17487/RFC1321
# - Tang and others (2010), KDD: layers of experiments. DOI 10.1145/1835804.1835810

# %%
ab.teach.finish()
