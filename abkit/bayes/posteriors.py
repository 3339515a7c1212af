"""Two posteriors in closed form: a Beta for a rate, a normal for an effect.

Each is a small frozen value: `update` returns the next one, and nothing else happens. A prior that is not
flat is a claim about the world; say where it comes from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from abkit import _check
from abkit._table import Table


@dataclass(frozen=True, repr=False)
class Beta(Table):
    """What is believed of a rate: a Beta density with a and b above 0; Beta(1, 1) calls all rates alike.

    a, b: as if a successes and b failures had been seen. Raises ValueError where one is not above 0.

    References: Gelman and others 2013, Bayesian Data Analysis, section 2.4.

    >>> Beta(1, 1).update(12, 88)
    Beta: a 13  b 89
    """

    a: float
    b: float

    def __post_init__(self) -> None:
        _check.positive("a", self.a)
        _check.positive("b", self.b)
        super().__post_init__()

    def update(self, successes: float, failures: float) -> Beta:
        """Return the posterior after that many more successes and failures, neither below 0.

        Raises ValueError for a negative count; the second number is failures, not trials.

        >>> Beta(0.5, 0.5).update(0, 50).b
        50.5
        """
        for name, count in (("successes", successes), ("failures", failures)):
            if _check.number(name, count) < 0:
                raise _check.fail(name, "must not be negative", f"{count:g}")
        return Beta(self.a + successes, self.b + failures)

    @property
    def mean(self) -> float:
        """Return the mean, a / (a + b).

        >>> Beta(1, 3).mean
        0.25
        """
        return self.a / (self.a + self.b)

    @property
    def sd(self) -> float:
        """Return the standard deviation: that of the uniform law, Beta(1, 1), is √(1/12).

        >>> round(Beta(1, 1).sd, 4)
        0.2887
        """
        total = self.a + self.b
        return math.sqrt(self.a * self.b / (total**2 * (total + 1)))

    def interval(self, *, alpha: float = 0.05) -> tuple[float, float]:
        """Return the equal-tailed interval that holds the rate with probability 1 − alpha.

        Raises ValueError for an alpha outside 0 to 1.

        >>> [round(v, 4) for v in Beta(13, 89).interval()]
        [0.0704, 0.1983]
        """
        tail = _check.share("alpha", alpha) / 2
        return (
            float(special.betaincinv(self.a, self.b, tail)),
            float(special.betainccinv(self.a, self.b, tail)),
        )

    def above(self, rate: float) -> float:
        """Return the probability that the rate lies above this one. Raises ValueError where it is no number.

        >>> Beta(1, 1).above(0.25)
        0.75
        """
        return float(special.betaincc(self.a, self.b, min(max(_check.number("rate", rate), 0.0), 1.0)))


@dataclass(frozen=True, repr=False)
class Normal(Table):
    """What is believed of an effect: a normal with mean and sd; inf is a flat prior, 0 a known value.

    mean, sd: in the effect's own unit. Raises ValueError for a mean that is not finite or a negative sd.

    References: Gelman and others 2013, Bayesian Data Analysis, section 2.5.

    >>> Normal(0, 1).update(0.5, 0.3)
    Normal: mean 0.4587  sd 0.2873
    """

    mean: float
    sd: float

    def __post_init__(self) -> None:
        _check.number("mean", self.mean)
        if not (isinstance(self.sd, float) and self.sd == math.inf) and _check.number("sd", self.sd) < 0:
            raise _check.fail("sd", "must not be negative", f"{self.sd:g}")
        super().__post_init__()

    def update(self, estimate: float, se: float) -> Normal:
        """Return the posterior after an estimate with its standard error: means weighted by 1/sd².

        Raises ValueError where the estimate is not finite or its error not above 0.

        se: its standard error, (...,).

        >>> Normal(0, math.inf).update(0.5, 0.3)
        Normal: mean 0.5  sd 0.3
        """
        estimate, se = _check.number("estimate", estimate), _check.positive("se", se)
        if self.sd == 0:
            return self
        prior, data = self.sd**-2.0, se**-2.0
        return Normal((prior * self.mean + data * estimate) / (prior + data), (prior + data) ** -0.5)

    def interval(self, *, alpha: float = 0.05) -> tuple[float, float]:
        """Return the interval that holds the effect with probability 1 − alpha.

        Raises ValueError for an alpha outside 0 to 1.

        >>> [round(v, 2) for v in Normal(1, 1).interval()]
        [-0.96, 2.96]
        """
        reach = -float(special.ndtri(_check.share("alpha", alpha) / 2)) * self.sd
        return self.mean - reach, self.mean + reach

    def above(self, effect: float) -> float:
        """Return the probability that the effect lies above this one. Raises ValueError for no number.

        >>> Normal(0, 1).above(0)
        0.5
        """
        effect = _check.number("effect", effect)
        if self.sd == 0:
            return float(self.mean > effect)
        return float(special.ndtr((self.mean - effect) / self.sd))
