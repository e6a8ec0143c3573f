"""The transformer of W8, forward and backward, in plain NumPy by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from .workload import Inputs, Step


def reference(update: Any, heads: int, eps: float, inputs: Inputs) -> Step:
    """A step of training."""
    params, data = inputs["params"], inputs["data"]
    change = update.in_place(params)

    def step() -> Any:
        loss, gradients = value_and_gradients(params, *data, heads, eps)
        change(gradients)
        return loss, params

    return step


def value_and_gradients(
    params: list[Any], characters: Any, targets: Any, mask: Any, heads: int, eps: float
) -> Any:
    """The loss, and its gradients in the order of the parameters."""
    shape = [*characters.shape, heads]
    layers = [params[k : k + 10] for k in range(2, len(params) - 3, 10)]
    g, c, W = params[-3:]
    x = (params[0][characters] + params[1]).reshape(-1, params[0].shape[1])
    tape = []
    for layer in layers:
        x, saved = _layer(x, layer, mask, shape, eps)
        tape.append(saved)
    y, *normal = _norm(x, g, c, eps)
    loss, d = _cross_entropy(y @ W, targets)
    dx, dg, dc = _norm_back(d @ W.T, *normal, g)
    gradients = [dg, dc, y.T @ d]
    for layer, saved in zip(reversed(layers), reversed(tape), strict=True):
        dx, of_layer = _layer_back(dx, layer, saved, shape)
        gradients = of_layer + gradients
    one_hot = (characters.ravel() == np.arange(len(params[0]))[:, None]).astype(dx.dtype)
    return loss, [one_hot @ dx, dx.reshape(*characters.shape, -1).sum(axis=0), *gradients]


def _cross_entropy(logits: Any, targets: Any) -> Any:
    rows = np.arange(len(logits))
    shifted = logits - logits.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    loss = (np.log(total[:, 0]) - shifted[rows, targets]).mean()
    d = e / total
    d[rows, targets] -= 1.0
    d /= len(logits)
    return loss, d


def _layer(x: Any, layer: list[Any], mask: Any, shape: list[int], eps: float) -> Any:
    g1, c1, Wqkv, Wo, g2, c2, W1, b1, W2, b2 = layer
    batch, context, heads = shape
    y1, *normal1 = _norm(x, g1, c1, eps)
    q, k, v = (y1 @ Wqkv).reshape(batch, context, 3, heads, -1).transpose(2, 0, 3, 1, 4)
    scores = q @ k.swapaxes(-1, -2) * q.shape[-1] ** -0.5 + mask
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    mixed = (p @ v).transpose(0, 2, 1, 3).reshape(x.shape)
    x = x + mixed @ Wo
    y2, *normal2 = _norm(x, g2, c2, eps)
    hidden = np.maximum(y2 @ W1 + b1, 0.0)
    return x + (hidden @ W2 + b2), (y1, normal1, q, k, v, p, mixed, y2, normal2, hidden)


def _layer_back(dx: Any, layer: list[Any], saved: Any, shape: list[int]) -> Any:
    g1, _, Wqkv, Wo, g2, _, W1, _, W2, _ = layer
    y1, normal1, q, k, v, p, mixed, y2, normal2, hidden = saved
    batch, context, heads = shape
    dhidden = dx @ W2.T * (hidden > 0.0)
    network = [y2.T @ dhidden, dhidden.sum(axis=0), hidden.T @ dx, dx.sum(axis=0)]
    dy2, dg2, dc2 = _norm_back(dhidden @ W1.T, *normal2, g2)
    dx = dx + dy2
    dWo = mixed.T @ dx
    dmixed = (dx @ Wo.T).reshape(batch, context, heads, -1).transpose(0, 2, 1, 3)
    dp = dmixed @ v.swapaxes(-1, -2)
    dscores = p * (dp - (dp * p).sum(axis=-1, keepdims=True)) * q.shape[-1] ** -0.5
    dqkv = np.stack([dscores @ k, dscores.swapaxes(-1, -2) @ q, p.swapaxes(-1, -2) @ dmixed])
    dqkv = dqkv.transpose(1, 3, 0, 2, 4).reshape(len(dx), -1)
    dy1, dg1, dc1 = _norm_back(dqkv @ Wqkv.T, *normal1, g1)
    return dx + dy1, [dg1, dc1, y1.T @ dqkv, dWo, dg2, dc2, *network]


def _norm(x: Any, gain: Any, bias: Any, eps: float) -> Any:
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = 1.0 / np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + eps)
    normal = centred * scale
    return normal * gain + bias, normal, scale


def _norm_back(d: Any, normal: Any, scale: Any, gain: Any) -> Any:
    dnormal = d * gain
    dx = dnormal - dnormal.mean(axis=-1, keepdims=True)
    dx -= normal * (dnormal * normal).mean(axis=-1, keepdims=True)
    return dx * scale, (d * normal).sum(axis=0), d.sum(axis=0)
