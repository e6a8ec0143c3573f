"""Hand-derived backward passes through time, written the way people write them in plain NumPy."""

from __future__ import annotations

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


# -- a network over characters: dicts of states, column vectors --------------------------------------


def rnn(inputs, targets, Wxh, Whh, Why, bh, by, hprev):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((Wxh.shape[1], 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    return loss, xs, hs, ps


def rnn_backward(inputs, targets, Wxh, Whh, Why, bh, by, xs, hs, ps):
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, dhraw)
    return dWxh, dWhh, dWhy, dbh, dby


# -- states in one array, batch by hidden --------------------------------------------------------------


def rnn_arrays(x, h0, Wx, Wh, b):
    T, N, D = x.shape
    h = np.zeros((T, N, h0.shape[1]))
    prev = h0
    for t in range(T):
        a = x[t] @ Wx + prev @ Wh + b
        prev = np.tanh(a)
        h[t] = prev
    return h


def rnn_arrays_backward(dh, x, h0, Wx, Wh, h):
    T, N, D = x.shape
    dx = np.zeros_like(x)
    dWx = np.zeros_like(Wx)
    dWh = np.zeros_like(Wh)
    db = np.zeros(Wh.shape[0])
    dprev = np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        before = h[t - 1] if t > 0 else h0
        da = (dh[t] + dprev) * (1 - h[t] ** 2)
        dx[t] = da @ Wx.T
        dWx += x[t].T @ da
        dWh += before.T @ da
        db += da.sum(axis=0)
        dprev = da @ Wh.T
    dh0 = dprev
    return dx, dh0, dWx, dWh, db


# -- a long short-term memory: lists of states ---------------------------------------------------------


def lstm(X, h0, c0, W, b, T):
    H = h0.shape[1]
    hs, cs, gates = [h0], [c0], []
    for t in range(len(X)):
        z = np.concatenate([X[t], hs[-1]], axis=1) @ W + b
        i = sigmoid(z[:, :H])
        f = sigmoid(z[:, H : 2 * H])
        o = sigmoid(z[:, 2 * H : 3 * H])
        g = np.tanh(z[:, 3 * H :])
        c = f * cs[-1] + i * g
        h = o * np.tanh(c)
        hs.append(h)
        cs.append(c)
        gates.append((i, f, o, g))
    loss = 0.5 * np.sum((hs[-1] - T) ** 2)
    return loss, hs, cs, gates


def lstm_backward(X, W, b, T, hs, cs, gates):
    D = X.shape[2]
    dW, db = np.zeros_like(W), np.zeros_like(b)
    dh = hs[-1] - T
    dc = np.zeros_like(dh)
    for t in reversed(range(len(X))):
        i, f, o, g = gates[t]
        tc = np.tanh(cs[t + 1])
        do = dh * tc
        dc = dc + dh * o * (1 - tc**2)
        di = dc * g
        df = dc * cs[t]
        dg = dc * i
        dz = np.concatenate([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)], axis=1)
        dW += np.concatenate([X[t], hs[t]], axis=1).T @ dz
        db += dz.sum(axis=0)
        dh = dz @ W[D:].T
        dc = dc * f
    dh0, dc0 = dh, dc
    return dW, db, dh0, dc0
