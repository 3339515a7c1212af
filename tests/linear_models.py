"""Least squares as a scikit-learn estimator, ten times as fast: for tests that fit 40,000 of them."""

import numpy as np
from sklearn.base import BaseEstimator


class Line(BaseEstimator):
    """Least squares with an intercept, by the normal equations; test_learners compares it with
    scikit-learn's.
    """

    def fit(self, x, y, sample_weight=None):
        rows = np.column_stack([np.ones(len(x)), x])
        weighted = rows if sample_weight is None else rows * np.asarray(sample_weight)[:, None]
        self.coef_ = np.linalg.solve(weighted.T @ rows, weighted.T @ y)
        return self

    def predict(self, x):
        return self.coef_[0] + x @ self.coef_[1:]
