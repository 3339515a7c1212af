"""How sure may we be of each option, given the data and what we believed before?

Open `posteriors` first: a rate is a `Beta`, an effect a `Normal`, and both learn by `update`. `comparing`
then says how probable it is that each option is the best, and how much choosing it would lose on average.
`shrinkage` treats many effects at once: it pulls each towards their mean, the noisy ones more.
"""
