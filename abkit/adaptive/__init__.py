"""How to earn while learning, and what may be claimed afterwards?

Open `policies` first: small frozen values with `pull(rng)` and `update(arm, reward)`. `racing` runs a policy
thousands of times at once and sums up its regret. `contextual` holds the policies that look at the user
first. Data that a policy gathered are not those of a fixed test: `after_adaptation` says what can still be
claimed, and when nothing can.
"""
