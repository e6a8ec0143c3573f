"""Hand-derived backward passes, written the way people write them in plain NumPy.

Forward and right backward of each, with inputs whose sizes are pairwise different, except where
a square matrix must hide a missing transpose. The mistakes are made in the text of the backward
functions, by ``mistakes_table.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import derivations_in_time as in_time
import numpy as np


@dataclass(frozen=True)
class Derivation:
    """Forward, right backward, and inputs drawn by a generator."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: Callable[[np.random.Generator], dict[str, Any]]


def normal(rng: np.random.Generator, **shapes: Any) -> dict[str, Any]:
    """An array of normal numbers for each shape; a float for the shape ()."""
    return {k: rng.normal(size=s) if s else float(rng.normal()) for k, s in shapes.items()}


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


# -- the lecture notes' network: two sigmoid neurons in a row ---------------------------------


def two_neurons(x, w1, b1, w2, b2, T):
    z1 = w1 * x + b1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = w2 * a1 + b2
    a2 = 1 / (1 + np.exp(-z2))
    E = 0.5 * (T - a2) ** 2
    return E


def two_neurons_backward(x, w2, T, a1, a2):
    da2 = -(T - a2)
    dz2 = da2 * a2 * (1 - a2)
    dw2 = dz2 * a1
    db2 = dz2
    da1 = dz2 * w2
    dz1 = da1 * a1 * (1 - a1)
    dw1 = dz1 * x
    db1 = dz1
    return dw1, db1, dw2, db2


# -- logistic regression with weight decay -------------------------------------------------------


def logistic(X, y, w, b, lam):
    m = X.shape[0]
    z = X @ w + b
    a = sigmoid(z)
    cost = -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)) + lam / 2 * np.sum(w**2)
    return cost


def logistic_backward(X, y, w, a, m, lam):
    dz = (a - y) / m
    dw = X.T @ dz + lam * w
    db = np.sum(dz)
    return dw, db


# -- two layers, softmax and cross-entropy --------------------------------------------------------


def mlp(X, Y, W1, b1, W2, b2):
    N = X.shape[0]
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    Z2 = A1 @ W2 + b2
    E2 = np.exp(Z2 - np.max(Z2, axis=1, keepdims=True))
    P = E2 / np.sum(E2, axis=1, keepdims=True)
    loss = -np.sum(Y * np.log(P)) / N
    return loss, {"A1": A1, "Z1": Z1, "P": P}


def mlp_backward(X, Y, W1, W2, cache):
    A1, Z1, P = cache["A1"], cache["Z1"], cache["P"]
    lr = 0.1
    N = X.shape[0]
    grads = {}
    dZ2 = (P - Y) / N
    grads["W2"] = A1.T @ dZ2
    grads["b2"] = np.sum(dZ2, axis=0)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - A1**2)
    grads["W1"] = X.T @ dZ1
    grads["b1"] = dZ1.sum(axis=0)
    W2 = W2 - lr * grads["W2"]
    return grads


# -- three sigmoid layers with squared error and square weights: shapes hide transposes -----------


def square_network(X, T, W1, W2, W3):
    m = len(X)
    H1 = sigmoid(X @ W1)
    S2 = H1 @ W2
    H2 = np.maximum(S2, 0)
    Y = H2 @ W3
    loss = np.mean(np.sum((Y - T) ** 2, axis=1))
    return loss


def square_network_backward(X, T, W1, W2, W3, H1, S2, H2, Y, m):
    dY = 2 * (Y - T) / m
    dW3 = H2.T @ dY
    dH2 = dY @ W3.T
    dS2 = dH2 * (S2 > 0)
    dW2 = H1.T @ dS2
    dH1 = dS2 @ W2.T
    dW1 = X.T @ (dH1 * H1 * (1 - H1))
    return dW1, dW2, dW3


# -- batch normalisation, step by step -------------------------------------------------------------


def batchnorm(x, gamma, beta):
    N, D = x.shape
    mu = x.mean(axis=0)
    xc = x - mu
    var = np.mean(xc**2, axis=0)
    std = np.sqrt(var + 1e-5)
    xhat = xc / std
    out = gamma * xhat + beta
    return out, (xc, std, xhat, gamma)


def batchnorm_backward(dout, cache):
    xc, std, xhat, gamma = cache
    N, D = dout.shape
    dbeta = dout.sum(axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    dstd = -np.sum(dxhat * xc, axis=0) / std**2
    dvar = 0.5 * dstd / std
    dxc = dxhat / std
    dxc += 2 / N * xc * dvar
    dmu = -dxc.sum(axis=0)
    dx = dxc + dmu / N
    return dx, dgamma, dbeta


# -- layer normalisation, in one formula -----------------------------------------------------------


def layernorm(x, gamma, beta):
    mean = np.mean(x, axis=-1, keepdims=True)
    rstd = 1 / np.sqrt(np.var(x, axis=-1, keepdims=True) + 1e-5)
    norm = (x - mean) * rstd
    out = norm * gamma + beta
    return out


def layernorm_backward(dout, x, gamma, norm, rstd):
    dbeta = dout.sum(axis=0)
    dgamma = (dout * norm).sum(axis=0)
    dnorm = dout * gamma
    dx = dnorm - dnorm.mean(axis=-1, keepdims=True) - norm * (dnorm * norm).mean(axis=-1, keepdims=True)
    dx *= rstd
    return dx, dgamma, dbeta


# -- attention over one sequence; and of several heads at once -------------------------------------


def attention(X, Wq, Wk, bk, Wv):
    Q = X @ Wq
    K = X @ Wk + bk
    V = X @ Wv
    scale = 1 / np.sqrt(Q.shape[-1])
    S = Q @ K.T * scale
    E = np.exp(S - S.max(axis=-1, keepdims=True))
    A = E / E.sum(axis=-1, keepdims=True)
    out = A @ V
    return out


def attention_backward(dout, X, Wq, Wk, Wv, Q, K, V, A, scale):
    dA = dout @ V.T
    dV = A.T @ dout
    dS = A * (dA - np.sum(dA * A, axis=-1, keepdims=True))
    dQ = dS @ K * scale
    dK = dS.T @ Q * scale
    dWq = X.T @ dQ
    dWk = X.T @ dK
    dbk = dK.sum(axis=0)
    dWv = X.T @ dV
    dX = dQ @ Wq.T + dK @ Wk.T
    dX += dV @ Wv.T
    return dX, dWq, dWk, dbk, dWv


def heads(q, k, v):
    d = q.shape[-1]
    s = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d)
    e = np.exp(s - np.max(s, axis=-1, keepdims=True))
    p = e / np.sum(e, axis=-1, keepdims=True)
    y = np.einsum("bhij,bhjd->bhid", p, v)
    return y


def heads_backward(dy, q, k, v, p, d):
    dv = np.einsum("bhij,bhid->bhjd", p, dy)
    dp = np.einsum("bhid,bhjd->bhij", dy, v)
    ds = p * (dp - (dp * p).sum(axis=-1, keepdims=True))
    dq = ds @ k / np.sqrt(d)
    dk = ds.transpose(0, 1, 3, 2) @ q / np.sqrt(d)
    return dq, dk, dv


# -- convolution, with loops over positions ---------------------------------------------------------


def convolution(x, w, b, Y):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = H - HH + 1, W - WW + 1
    out = np.zeros((N, F, Ho, Wo))
    for i in range(Ho):
        for j in range(Wo):
            window = x[:, :, i : i + HH, j : j + WW]
            out[:, :, i, j] = np.einsum("nchw,fchw->nf", window, w) + b
    act = np.maximum(out, 0)
    loss = np.sum((act - Y) ** 2) / (2 * N)
    return loss


def convolution_backward(x, w, b, Y, out, act):
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    Ho, Wo = H - HH + 1, W - WW + 1
    dact = (act - Y) / N
    dout = dact * (out > 0)
    dx = np.zeros_like(x)
    dw = np.zeros_like(w)
    db = dout.sum(axis=(0, 2, 3))
    for i in range(Ho):
        for j in range(Wo):
            window = x[:, :, i : i + HH, j : j + WW]
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], window)
            dx[:, :, i : i + HH, j : j + WW] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
    return dx, dw, db


# -- word vectors: an embedding whose rows are used again -------------------------------------------


def embedding(words, table, U, Y):
    v = table[words]
    h = v.mean(axis=1)
    score = h @ U
    loss = 0.5 * np.sum((score - Y) ** 2)
    return loss


def embedding_backward(words, table, U, Y, v, h, score):
    dscore = score - Y
    dU = h.T @ dscore
    dh = dscore @ U.T
    dv = np.repeat(dh[:, None, :], words.shape[1], axis=1) / words.shape[1]
    dtable = np.zeros_like(table)
    np.add.at(dtable, words, dv)
    return dU, dtable


def _labels(rng: np.random.Generator, n: int, classes: int) -> Any:
    return np.eye(classes)[rng.permutation(np.arange(n) % classes)]


DERIVATIONS = {
    "two neurons": Derivation(
        two_neurons,
        two_neurons_backward,
        lambda rng: normal(rng, x=(), w1=(), b1=(), w2=(), b2=(), T=()),
    ),
    "logistic regression": Derivation(
        logistic,
        logistic_backward,
        lambda rng: normal(rng, X=(7, 4), w=(4,), b=()) | {"y": (np.arange(7) % 2) * 1.0, "lam": 0.3},
    ),
    "MLP": Derivation(
        mlp,
        mlp_backward,
        lambda rng: normal(rng, X=(7, 4), W1=(4, 6), b1=(6,), W2=(6, 3), b2=(3,)) | {"Y": _labels(rng, 7, 3)},
    ),
    "square network": Derivation(
        square_network,
        square_network_backward,
        lambda rng: normal(rng, X=(7, 4), T=(7, 4), W1=(4, 4), W2=(4, 4), W3=(4, 4)),
    ),
    "batch normalisation": Derivation(
        batchnorm, batchnorm_backward, lambda rng: normal(rng, x=(7, 4), gamma=(4,), beta=(4,))
    ),
    "layer normalisation": Derivation(
        layernorm, layernorm_backward, lambda rng: normal(rng, x=(5, 7), gamma=(7,), beta=(7,))
    ),
    "attention": Derivation(
        attention,
        attention_backward,
        lambda rng: normal(rng, X=(5, 4), Wq=(4, 3), Wk=(4, 3), bk=(3,), Wv=(4, 6)),
    ),
    "heads of attention": Derivation(
        heads, heads_backward, lambda rng: normal(rng, q=(2, 3, 5, 4), k=(2, 3, 7, 4), v=(2, 3, 7, 6))
    ),
    "convolution": Derivation(
        convolution,
        convolution_backward,
        lambda rng: normal(rng, x=(3, 2, 6, 7), w=(5, 2, 3, 4), b=(5,), Y=(3, 5, 4, 4)),
    ),
    "embedding": Derivation(
        embedding,
        embedding_backward,
        lambda rng: (
            normal(rng, table=(8, 4), U=(4, 3), Y=(5, 3))
            | {"words": np.arange(5)[:, None] % 3 + np.arange(6)}
        ),
    ),
    "recurrent network": Derivation(
        in_time.rnn,
        in_time.rnn_backward,
        lambda rng: (
            normal(rng, Wxh=(6, 5), Whh=(6, 6), Why=(4, 6), bh=(6, 1), by=(4, 1), hprev=(6, 1))
            | {"inputs": [0, 3, 3], "targets": [3, 1, 2]}
        ),
    ),
    "recurrent network in arrays": Derivation(
        in_time.rnn_arrays,
        in_time.rnn_arrays_backward,
        lambda rng: normal(rng, x=(4, 3, 2), h0=(3, 5), Wx=(2, 5), Wh=(5, 5), b=(5,)),
    ),
    "LSTM": Derivation(
        in_time.lstm,
        in_time.lstm_backward,
        lambda rng: normal(rng, X=(3, 4, 2), h0=(4, 5), c0=(4, 5), W=(7, 20), b=(20,), T=(4, 5)),
    ),
}
