"""The profile likelihood of the variance components, its gradient and average information."""

from __future__ import annotations

import math
from copy import copy
from functools import cached_property
from typing import Protocol

import numpy as np

from probatum.meta.models.multilevel.factors import Ints
from probatum.meta.types import Floats

LOG_2PI = math.log(2.0 * math.pi)


class Covariance(Protocol):
    """M at given parameters, through a T with T'T = M^-1 (T may have more rows than columns)."""

    logdet: float

    def whiten(self, B: Floats) -> Floats:
        """T B."""

    def unwhiten(self, W: Floats) -> Floats:
        """T' W."""

    def products(self, b: Floats) -> Floats:
        """dM b for each parameter, shape (k, q)."""

    def quadratics(self, B: Floats) -> Floats:
        """Diagonal of B' dM B for each parameter, shape (q, r)."""

    def traces(self) -> Floats:
        """Trace of M^-1 dM for each parameter, shape (q,)."""

    def effects(self, term: int, B: Floats) -> tuple[Floats, Floats, Floats]:
        """K B, and the diagonals of K M^-1 K and K, for the covariance K that a term gives."""

    def errors(self) -> Floats:
        """Diagonal of V M^-1 V."""


class Layout(Protocol):
    """A model's rows in the order in which it computes."""

    order: Ints

    def at(self, theta: Floats) -> Covariance:
        """The covariance with these parameters."""


class Likelihood:
    """Estimates and design of one model, in its layout's order and made well conditioned.

    The design is rotated so that X'D^-1 X = I with D = diag(v), and the weighted fit of D is taken
    from the estimates: large effects and moderators far from 0 then cost no digits.

    Attributes
    ----------
    k, p : int
    restricted : bool
    """

    def __init__(
        self, y: Floats, X: Floats, v: Floats, layout: Layout, *, restricted: bool
    ) -> None:
        self.layout, self.restricted = layout, restricted
        self.k, self.p = X.shape
        root = 1.0 / np.sqrt(v)
        size = np.sqrt(np.einsum("kp,kp->p", X * root[:, None], X * root[:, None]))
        Q, R = np.linalg.qr(X / size * root[:, None])
        self.rotation = R * size
        self.first = Q.T @ (y * root)
        X_rotated = Q / root[:, None]
        rest = y - X_rotated @ self.first
        self.yX = np.column_stack([X_rotated, rest])[layout.order]
        _, plain = np.linalg.qr(X / size)
        self.log_XX = 2.0 * float(np.sum(np.log(np.abs(np.diagonal(plain)) * size)))
        self.log_rotation = 2.0 * float(np.sum(np.log(np.abs(np.diagonal(self.rotation)))))

    def relaid(self, layout: Layout) -> Likelihood:
        """The same with another layout of the covariance."""
        out = copy(self)
        out.layout = layout
        in_order = np.empty_like(self.yX)
        in_order[self.layout.order] = self.yX
        out.yX = in_order[layout.order]
        return out

    def at(self, theta: Floats) -> Point:
        """The likelihood with these parameters."""
        return Point(self, theta)


class Point:
    """Everything of a model at given parameters; what is costly is computed when asked for."""

    def __init__(self, model: Likelihood, theta: Floats) -> None:
        self.model, self.theta = model, theta
        self.M = model.layout.at(theta)
        white = self.M.whiten(model.yX)
        self._Q, self._R = orthogonal(white[:, :-1])
        z = white[:, -1]
        self._along = self._Q.T @ z
        self._rest = z - self._Q @ self._along
        self.rss = float(self._rest @ self._rest)

    @cached_property
    def log_likelihoods(self) -> tuple[float, float]:
        """Full and restricted log-likelihood.

        The restricted one is Harville's (1974, Biometrika 61, 383-385), with the term in X'X.
        """
        model = self.model
        full = -0.5 * (model.k * LOG_2PI + self.M.logdet + self.rss)
        log_R = 2.0 * float(np.sum(np.log(np.abs(np.diagonal(self._R)))))
        # rotated and plain design differ by a constant factor
        change = log_R + model.log_rotation - model.log_XX
        restricted = full + 0.5 * (model.p * LOG_2PI - change)
        return full, restricted

    @property
    def ll(self) -> float:
        """The log-likelihood that is maximised."""
        value = self.log_likelihoods[int(self.model.restricted)]
        return value if math.isfinite(value) else -math.inf

    @cached_property
    def _back(self) -> tuple[Floats, Floats]:
        """P y, shape (k,), and U = T'Q, shape (k, p): P = M^-1 - U U'."""
        both = self.M.unwhiten(np.column_stack([self._Q, self._rest]))
        return both[:, -1], both[:, :-1]

    @cached_property
    def gradient(self) -> Floats:
        """Derivative of the log-likelihood: (y'P dM P y - tr(P dM)) / 2 when restricted.

        For the full likelihood the trace is that of M^-1 dM; e.g. Gilmour AR, Thompson R,
        Cullis BR (1995). Biometrics 51, 1440-1450, eq. 3.
        """
        Py, U = self._back
        if not self.model.restricted:
            return 0.5 * (self.M.quadratics(Py[:, None])[:, 0] - self.M.traces())
        quadratics = self.M.quadratics(np.column_stack([Py, U]))
        trace = self.M.traces() - quadratics[:, 1:].sum(axis=1)
        return np.asarray(0.5 * (quadratics[:, 0] - trace))

    @cached_property
    def information(self) -> Floats:
        """Average information, y'P dM_i P dM_j P y / 2 (Gilmour et al. 1995, eq. 6)."""
        white = self.M.whiten(self.M.products(self._back[0]))
        white = white - self._Q @ (self._Q.T @ white)
        return np.asarray(0.5 * (white.T @ white))

    @cached_property
    def beta(self) -> Floats:
        """Coefficients by generalised least squares."""
        rotated = np.linalg.solve(self._R, self._along) + self.model.first
        return np.asarray(np.linalg.solve(self.model.rotation, rotated))

    @cached_property
    def root(self) -> Floats:
        """A with A A' = (X'M^-1 X)^-1, shape (p, p)."""
        return np.asarray(np.linalg.inv(self._R @ self.model.rotation))

    @property
    def vb(self) -> Floats:
        """Covariance of the coefficients."""
        return np.asarray(self.root @ self.root.T)

    @property
    def Py(self) -> Floats:
        """M^-1 (y - X beta), in the order of the data."""
        return self.unsorted(self._back[0])

    @property
    def U(self) -> Floats:
        """M^-1 X A with A of `root`, in the order of the data: P = M^-1 - U U'."""
        return self.unsorted(self._back[1])

    def unsorted(self, x: Floats) -> Floats:
        """From the layout's order back to that of the data."""
        out = np.empty_like(x)
        out[self.model.layout.order] = x
        return out


def orthogonal(A: Floats) -> tuple[Floats, Floats]:
    """QR factors; by Cholesky twice where A is long, which its conditioning here allows.

    Yamamoto Y, Nakatsukasa Y, Yanagisawa Y, Fukaya T (2015). Roundoff error analysis of the
    CholeskyQR2 algorithm. Electronic Transactions on Numerical Analysis 44, 306-326.
    """
    p = A.shape[1]
    if p == 1:
        size = np.sqrt(A[:, 0] @ A[:, 0])
        return A / size, np.array([[size]])
    if len(A) < 200 * p:
        return np.linalg.qr(A)
    Q, R = A, np.eye(p)
    for _ in range(2):
        try:
            step = np.linalg.cholesky(Q.T @ Q).T
        except np.linalg.LinAlgError:
            return np.linalg.qr(A)
        Q = np.linalg.solve(step.T, Q.T).T
        R = step @ R
    return Q, R
