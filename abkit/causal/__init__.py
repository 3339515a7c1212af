"""What does a change cause: for whom, when users touch each other, and without randomization?

Open first: `unequal_effects` for effects that differ between users, `cluster_robust` for whole clusters in
one arm, `exposures` for users linked in a graph (`partitions` cuts it), `graphs` for data that nobody
randomised. `learners` needs scikit-learn, which loads when a model is fitted.
"""
