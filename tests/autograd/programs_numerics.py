"""Linear algebra, equations and optimization, written as for plain NumPy: nothing here knows of derivatives.

``PROGRAMS`` maps each function to the arguments at which it is differentiated.
"""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(7)


def draw(*shape, scale=1.0):
    return scale * RNG.normal(size=shape)


# -- linear algebra and fitting --------------------------------------------------------------


def principal_components(X, weights):
    """Share of the variance in two components, and the reconstruction from them."""
    C = X - X.mean(axis=0)
    U, S, Vt = np.linalg.svd(C, full_matrices=False)
    explained = (S**2)[:2].sum() / (S**2).sum()
    back = U[:, :2] @ np.diag(S[:2]) @ Vt[:2]
    return explained + np.sum(weights * (C - back) ** 2)


def ridge_by_solve(X, y, log_penalty, X_test, y_test):
    """Test error of ridge regression as a function of its data and its penalty."""
    w = np.linalg.solve(X.T @ X + np.exp(log_penalty) * np.eye(X.shape[1]), X.T @ y)
    return np.mean((X_test @ w - y_test) ** 2)


def line_by_least_squares(x, y):
    """Residual of a fitted parabola, by lstsq of a Vandermonde matrix."""
    A = np.vstack([x**2, x, np.ones_like(x)]).T
    coefficients = np.linalg.lstsq(A, y, rcond=None)[0]
    return np.linalg.norm(A @ coefficients - y) + coefficients[0]


def soft_k_means(X, centres, log_stiffness):
    """Three steps of k-means with soft assignments, and its distortion."""
    for _ in range(3):
        d = ((X[:, None] - centres[None]) ** 2).sum(-1)
        r = np.exp(-np.exp(log_stiffness) * (d - d.min(1, keepdims=True)))
        r = r / r.sum(1, keepdims=True)
        centres = (r.T @ X) / r.sum(0)[:, None]
    return (r * ((X[:, None] - centres[None]) ** 2).sum(-1)).sum() / len(X)


def whitening(X, target):
    """Distance of whitened data from a target, by the eigenvectors of a covariance."""
    values, vectors = np.linalg.eigh(np.cov(X, rowvar=False))
    white = (X - np.mean(X, 0)) @ (vectors / np.sqrt(values)) @ vectors.T
    return np.linalg.norm(white - target) ** 2


def power_iteration(links, damping):
    """PageRank by iteration; the entropy of the ranks."""
    P = np.abs(links) / np.abs(links).sum(axis=0)
    rank = np.full(len(P), 1 / len(P))
    for _ in range(15):
        rank = damping * P @ rank + (1 - damping) / len(P)
    return -(rank * np.log(rank)).sum()


# -- equations and optimization ----------------------------------------------------------------


def runge_kutta(rates, start, observed):
    """A predator-prey model by Runge-Kutta steps of fourth order, compared with observations."""

    def f(u):
        x, y = u
        a, b, c, d = rates
        return np.stack([a * x - b * x * y, c * x * y - d * y])

    u, loss, h = start, 0.0, 0.1
    for target in observed:
        k1 = f(u)
        k2 = f(u + h / 2 * k1)
        k3 = f(u + h / 2 * k2)
        k4 = f(u + h * k3)
        u = u + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        loss += ((u - target) ** 2).sum()
    return loss


def heat_equation(conductivity, source, start):
    """Implicit Euler steps of a rod, with a tridiagonal matrix from diagonals."""
    n = len(start)
    k = np.exp(conductivity)
    A = np.diag(1 + 0.1 * (k[:-1] + k[1:])) - 0.1 * np.diag(k[1:-1], 1) - 0.1 * np.diag(k[1:-1], -1)
    u = start
    for _ in range(4):
        u = np.linalg.solve(A, u + 0.1 * source)
    return np.trapezoid(u**2, dx=1 / n) + np.gradient(u)[n // 2]


def n_bodies(positions, masses):
    """Potential energy of point masses, over pairs."""
    i, j = np.triu_indices(len(masses), k=1)
    r = np.linalg.norm(positions[i] - positions[j], axis=1)
    return -(masses[i] * masses[j] / np.hypot(r, 0.1)).sum()


def pendulum(theta, omega, length):
    """Semi-implicit steps of a pendulum; the height it reaches."""
    heights = []
    for _ in range(20):
        omega = omega - 0.05 * 9.81 / length * np.sin(theta)
        theta = theta + 0.05 * omega
        heights.append(length * (1 - np.cos(theta)))
    return np.stack(heights).max()


def soft_time_warping(x, y):
    """Distance of two series, by dynamic programming with a smooth minimum."""
    n, m = len(x), len(y)
    D = [[0.0 if i == j == 0 else 1e3 for j in range(m + 1)] for i in range(n + 1)]
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            before = [D[i - 1][j], D[i][j - 1], D[i - 1][j - 1]]
            low = min(float(b) for b in before)
            softmin = low - 0.5 * np.log(sum(np.exp(-(b - low) / 0.5) for b in before))
            D[i][j] = (x[i - 1] - y[j - 1]) ** 2 + softmin
    return D[n][m]


def rosenbrock(x):
    """The banana function, by slices."""
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def ackley(x):
    """Ackley's function."""
    n = x.size
    return (-20 * np.exp(-0.2 * np.sqrt((x**2).sum() / n)) - np.exp(np.cos(2 * np.pi * x).sum() / n)
            + 20 + np.e)  # fmt: skip


def matrix_factorization(U, V, ratings):
    """Squared error on observed entries only, with a penalty."""
    observed = np.isfinite(np.where(np.indices(np.shape(ratings)).sum(0) % 3, ratings, np.nan))
    error = (U @ V.T - ratings)[observed]
    return 0.5 * np.dot(error, error) + 0.1 * (np.linalg.norm(U, "fro") ** 2 + np.linalg.norm(V) ** 2)


def fourier_features(frequencies, phases, weights, x):
    """Ridge-like fit with random features, concatenated."""
    angles = np.outer(x, frequencies) + phases
    features = np.concatenate([np.cos(angles), np.sin(angles)], axis=1) / np.sqrt(len(frequencies))
    return np.var(features @ weights - np.sign(x)) + np.abs(weights).sum() * 1e-2


def cubic_bezier(points, times):
    """Length of a curve in pieces, by de Casteljau's construction."""
    p = np.broadcast_to(points, (len(times), *points.shape))
    while p.shape[1] > 1:
        p = (1 - times)[:, None, None] * p[:, :-1] + times[:, None, None] * p[:, 1:]
    return np.sqrt((np.diff(p[:, 0], axis=0) ** 2).sum(axis=1)).sum()


def network_of_lists(layers, x):
    """A network whose parameters are a list of pairs, as tutorials have it."""
    for W, b in layers[:-1]:
        x = np.tanh(W @ x + b)
    W, b = layers[-1]
    return np.squeeze(W @ x + b) ** 2


PROGRAMS = {
    principal_components: (draw(7, 4) * [3.0, 2.0, 1.0, 0.5], draw(7, 4)),
    ridge_by_solve: (draw(8, 3), draw(8), -0.5, draw(4, 3), draw(4)),
    line_by_least_squares: (np.linspace(-1, 1, 6) + draw(6, scale=0.05), draw(6)),
    soft_k_means: (draw(8, 2), draw(3, 2), 0.2),
    whitening: (draw(9, 3) * [1.0, 2.0, 4.0], draw(9, 3)),
    power_iteration: (1 + draw(4, 4, scale=0.2), 0.85),
    runge_kutta: (np.array([1.1, 0.4, 0.4, 1.2]), np.array([2.0, 1.0]), 1 + draw(8, 2, scale=0.2)),
    heat_equation: (draw(7, scale=0.5), draw(6), draw(6)),
    n_bodies: (draw(5, 3), 1 + draw(5, scale=0.1)),
    pendulum: (0.4, 0.5, 1.3),
    soft_time_warping: (draw(4), draw(3)),
    rosenbrock: (draw(5, scale=0.5),),
    ackley: (draw(4),),
    matrix_factorization: (draw(4, 2), draw(5, 2), draw(4, 5)),
    fourier_features: (draw(4), draw(4), draw(8), draw(6)),
    cubic_bezier: (draw(4, 2), np.linspace(0.1, 0.9, 5)),
    network_of_lists: (
        [(draw(4, 3), draw(4)), (draw(4, 4), draw(4)), (draw(1, 4), draw(1))], draw(3)),
}  # fmt: skip
