"""Statistics and networks, written as for plain NumPy: nothing here knows of derivatives.

``PROGRAMS`` maps each function to the arguments at which it is differentiated.
"""

from __future__ import annotations

import numpy as np

RNG = np.random.default_rng(7)


def draw(*shape, scale=1.0):
    return scale * RNG.normal(size=shape)


# -- probability and statistics --------------------------------------------------------------


def gaussian_process_cholesky(log_amplitude, log_lengths, log_noise, X, y):
    """Log marginal likelihood of a Gaussian process with a squared exponential kernel."""
    n = len(y)
    Z = X / np.exp(log_lengths)
    sq = np.sum(Z**2, axis=1)[:, None] + np.sum(Z**2, axis=1)[None, :] - 2 * Z @ Z.T
    K = np.exp(2 * log_amplitude) * np.exp(-0.5 * sq) + np.exp(2 * log_noise) * np.eye(n)
    L = np.linalg.cholesky(K)
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return -0.5 * np.dot(y, alpha) - np.sum(np.log(np.diag(L))) - 0.5 * n * np.log(2 * np.pi)


def gaussian_process_slogdet(log_amplitude, log_lengths, log_noise, X, y):
    """The same with a Matern 3/2 kernel, by solve and slogdet."""
    diff = (X[:, None, :] - X[None, :, :]) / np.exp(log_lengths)
    r = np.sqrt(3.0 * np.sum(diff**2, axis=-1) + 1e-2)
    K = np.exp(2 * log_amplitude) * (1 + r) * np.exp(-r) + np.exp(2 * log_noise) * np.eye(len(y))
    _, logdet = np.linalg.slogdet(K)
    return -0.5 * (y @ np.linalg.solve(K, y) + logdet + len(y) * np.log(2 * np.pi))


def logistic_regression(w, b, X, labels, penalty):
    """Mean negative log likelihood of labels 0 and 1, with a ridge penalty."""
    z = X.dot(w) + b
    p = 1.0 / (1.0 + np.exp(-z))
    loss = -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))
    return loss + 0.5 * penalty * np.sum(w**2)


def softmax_regression(W, b, X):
    """Cross-entropy with one-hot targets."""
    labels = np.arange(X.shape[0]) % W.shape[1]
    scores = X @ W + b
    scores -= np.max(scores, axis=1, keepdims=True)
    log_probs = scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))
    return -log_probs[np.arange(len(labels)), labels].mean()


def kalman_filter(A, H, q, r, m0, ys):
    """Log likelihood of a linear Gaussian state space model."""
    n = len(m0)
    Q, R = np.exp(q) * np.eye(n), np.diag(np.exp(r))
    m, P, loglik = m0, np.eye(n), 0.0
    for y in ys:
        m = A @ m
        P = A @ P @ A.T + Q
        S = H @ P @ H.T + R
        v = y - H @ m
        K = P @ H.T @ np.linalg.inv(S)
        loglik += -0.5 * (v @ np.linalg.solve(S, v) + np.log(np.linalg.det(2 * np.pi * S)))
        m = m + K @ v
        P = (np.eye(n) - K @ H) @ P
    return loglik


def gaussian_mixture(logits, means, log_scales, X):
    """Log likelihood of a mixture of axis-parallel Gaussians, with logsumexp by hand."""
    log_weights = logits - np.log(np.sum(np.exp(logits)))
    z = (X[:, np.newaxis, :] - means) / np.exp(log_scales)
    log_prob = -0.5 * (z**2).sum(axis=2) - log_scales.sum(axis=1) - np.log(2 * np.pi)
    a = log_weights + log_prob
    amax = a.max(axis=1)
    return np.sum(amax + np.log(np.sum(np.exp(a - amax[:, None]), axis=1)))


def hidden_markov_model(transition, emission, start):
    """Negative log likelihood by the forward algorithm in probabilities, scaled in each step."""
    T = np.exp(transition) / np.exp(transition).sum(1, keepdims=True)
    E = np.exp(emission) / np.exp(emission).sum(1, keepdims=True)
    alpha = np.exp(start) / np.exp(start).sum()
    total = 0.0
    for k in [0, 2, 1, 1, 0, 2]:
        alpha = np.dot(alpha, T) * E[:, k]
        c = alpha.sum()
        alpha = alpha / c
        total -= np.log(c)
    return total


def multivariate_normal(mean, factor, X):
    """Mean log density, from the inverse and the determinant of a covariance."""
    cov = np.matmul(factor, np.transpose(factor)) + 0.5 * np.identity(len(mean))
    d = X - mean
    maha = np.einsum("ni,ij,nj->n", d, np.linalg.inv(cov), d)
    return np.average(-0.5 * (maha + np.log(np.linalg.det(cov)) + len(mean) * np.log(2 * np.pi)))


def variational_autoencoder(W1, W2, V1, V2, X):
    """Evidence lower bound with fixed noise."""
    h = np.maximum(X @ W1, 0.1 * (X @ W1))
    mu, log_var = np.split(h @ W2, 2, axis=1)
    eps = np.cos(np.arange(mu.size)).reshape(mu.shape)
    z = mu + np.exp(0.5 * log_var) * eps
    out = np.tanh(z @ V1) @ V2
    reconstruction = -0.5 * np.sum((X - out) ** 2, axis=1)
    divergence = -0.5 * np.sum(1 + log_var - mu**2 - np.exp(log_var), axis=1)
    return np.mean(reconstruction - divergence)


# -- networks --------------------------------------------------------------------------------


def lstm(Wx, Wh, b, V, xs):
    """A long short-term memory cell over a sequence; the loss is on every output."""

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    n = Wh.shape[0]
    h, c, loss = np.zeros(n), np.zeros(n), 0
    for t in range(len(xs)):
        gates = np.dot(xs[t], Wx) + np.dot(h, Wh) + b
        i, f, o = sigmoid(gates[:n]), sigmoid(gates[n : 2 * n]), sigmoid(gates[2 * n : 3 * n])
        g = np.tanh(gates[3 * n :])
        c = f * c + i * g
        h = o * np.tanh(c)
        loss = loss + np.sum((V @ h - np.sin(t)) ** 2)
    return loss / len(xs)


def convolution(images, kernels, bias, weights):
    """Two-dimensional convolution by einsum, windows by indexing; mean pooling, softplus."""
    N, _, H, W = images.shape
    F, _, kh, kw = kernels.shape
    rows = np.arange(H - kh + 1)[:, None] + np.arange(kh)[None, :]
    cols = np.arange(W - kw + 1)[:, None] + np.arange(kw)[None, :]
    windows = images[:, :, rows[:, None, :, None], cols[None, :, None, :]]
    out = np.einsum("nchwij,fcij->nfhw", windows, kernels) + bias.reshape(1, F, 1, 1)
    out = np.log1p(np.exp(out))
    pooled = out.reshape(N, F, 2, out.shape[2] // 2, 2, out.shape[3] // 2).mean(axis=(3, 5))
    return np.sum(np.tanh(pooled.reshape(N, -1) @ weights))


def attention(X, Wq, Wk, Wv, Wo, gain, shift):
    """A causal softmax attention block of two heads, with a residual and a layer norm."""
    T, D = X.shape
    heads, size = 2, D // 2

    def split(Z):
        return Z.reshape(T, heads, size).transpose(1, 0, 2)

    q, k, v = split(X @ Wq), split(X @ Wk), split(X @ Wv)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(size)
    mask = np.tril(np.ones((T, T), dtype=bool))
    scores = np.where(mask, scores, -1e30)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    y = X + (weights @ v).transpose(1, 0, 2).reshape(T, D) @ Wo
    y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-5)
    return ((y * gain + shift) ** 3).mean()


def batch_norm_network(W1, g, b, W2, X):
    """Batch normalization between two layers, with the standard deviation of NumPy."""
    h = X.dot(W1)
    h = (h - np.mean(h, axis=0)) / (np.std(h, axis=0) + 1e-3) * g + b
    a = h * (0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (h + 0.044715 * np.power(h, 3)))))
    return np.sqrt(np.mean(np.square(a @ W2)))


PROGRAMS = {
    gaussian_process_cholesky: (0.3, draw(2, scale=0.3), -1.0, draw(6, 2), draw(6)),
    gaussian_process_slogdet: (0.3, draw(2, scale=0.3), -1.0, draw(6, 2), draw(6)),
    logistic_regression: (draw(3), 0.2, draw(8, 3), (draw(8) > 0).astype(float), 0.1),
    softmax_regression: (draw(4, 3), draw(3), draw(7, 4)),
    kalman_filter: (np.eye(3) * 0.8 + draw(3, 3, scale=0.1), draw(2, 3), -1.0, draw(2), draw(3), draw(5, 2)),
    gaussian_mixture: (draw(3), draw(3, 2), draw(3, 2, scale=0.3), draw(9, 2)),
    hidden_markov_model: (draw(4, 4), draw(4, 3), draw(4)),
    multivariate_normal: (draw(3), draw(3, 3), draw(6, 3)),
    variational_autoencoder: (draw(4, 5), draw(5, 4, scale=0.5), draw(2, 5), draw(5, 4), draw(6, 4)),
    lstm: (draw(2, 12, scale=0.5), draw(3, 12, scale=0.5), draw(12), draw(2, 3), draw(6, 2)),
    convolution: (draw(2, 2, 6, 6), draw(3, 2, 3, 3, scale=0.3), draw(3), draw(12, 2, scale=0.5)),
    attention: (draw(5, 4), *(draw(4, 4) for _ in range(4)), draw(4), draw(4)),
    batch_norm_network: (draw(3, 4), 1 + draw(4, scale=0.1), draw(4), draw(4, 2), draw(6, 3)),
}  # fmt: skip
