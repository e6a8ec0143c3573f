"""W8: a character transformer, one step with Adam.

Two layers, width 64, four heads, context 64, batch 16, vocabulary 65, float32: embeddings of
characters and places, then per layer attention and a network of one hidden layer (256, ReLU), each
behind a layer norm and added to its input; a last norm and a product with the vocabulary.
Activations are matrices (batch * context, width). The hand-written pass is in ``transformer_by_hand``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from . import libraries, torches
from .transformer_by_hand import reference
from .updates import Adam
from .workload import Inputs, Target, Workload

UPDATE = Adam(lr=1e-3)
HEADS, EPS = 4, 1e-5
PER_LAYER = 10


def inputs(small: bool) -> Inputs:
    """Characters at random; weights small, gains 1."""
    rng = np.random.default_rng(8)
    batch, context, width, vocabulary = (2, 5, 8, 11) if small else (16, 64, 64, 65)

    def draw(n: int, m: int) -> Any:
        return rng.standard_normal((n, m), dtype=np.float32) * np.float32(n**-0.5)

    def norm() -> list[Any]:
        return [np.ones(width, np.float32), np.zeros(width, np.float32)]

    params = [draw(vocabulary, width), draw(context, width)]
    for _ in range(2):
        params += [*norm(), draw(width, 3 * width), draw(width, width), *norm()]
        params += [draw(width, 4 * width), np.zeros(4 * width, np.float32)]
        params += [draw(4 * width, width), np.zeros(width, np.float32)]
    params += [*norm(), draw(width, vocabulary)]
    text = rng.integers(0, vocabulary, (batch, context + 1))
    mask = np.triu(np.full((context, context), -1e9, np.float32), 1)
    return {"params": params, "data": (text[:, :-1].copy(), text[:, 1:].ravel(), mask)}


def loss(lib: Any, params: list[Any], characters: Any, targets: Any, mask: Any) -> Any:
    """The network in NumPy's functions."""
    np = lib.np
    batch, context = characters.shape
    characters_in, places, *rest = params
    x = np.reshape(characters_in[characters] + places, (batch * context, -1))

    def norm(x: Any, gain: Any, bias: Any) -> Any:
        centred = x - np.mean(x, axis=-1, keepdims=True)
        return centred / np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + EPS) * gain + bias

    while len(rest) > 3:
        g1, c1, Wqkv, Wo, g2, c2, W1, b1, W2, b2 = rest[:PER_LAYER]
        rest = rest[PER_LAYER:]
        qkv = np.reshape(norm(x, g1, c1) @ Wqkv, (batch, context, 3, HEADS, -1))
        q, k, v = (np.transpose(qkv[:, :, i], (0, 2, 1, 3)) for i in range(3))
        scores = q @ np.transpose(k, (0, 1, 3, 2)) * float(q.shape[-1]) ** -0.5 + mask
        mixed = np.transpose(lib.softmax(scores) @ v, (0, 2, 1, 3))
        x = x + np.reshape(mixed, (batch * context, -1)) @ Wo
        x = x + lib.relu(norm(x, g2, c2) @ W1 + b1) @ W2 + b2
    g, c, W = rest
    return lib.cross_entropy(norm(x, g, c) @ W, targets)


def torch_loss(torch: Any, params: list[Any], characters: Any, targets: Any, mask: Any) -> Any:
    """The same in PyTorch's functions."""
    F = torch.nn.functional
    batch, context = characters.shape
    characters_in, places, *rest = params
    width = characters_in.shape[1]
    x = (F.embedding(characters, characters_in) + places).reshape(batch * context, -1)
    while len(rest) > 3:
        g1, c1, Wqkv, Wo, g2, c2, W1, b1, W2, b2 = rest[:PER_LAYER]
        rest = rest[PER_LAYER:]
        qkv = F.layer_norm(x, (width,), g1, c1, EPS) @ Wqkv
        q, k, v = qkv.reshape(batch, context, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + mixed.transpose(1, 2).reshape(batch * context, -1) @ Wo
        hidden = torch.relu(torch.addmm(b1, F.layer_norm(x, (width,), g2, c2, EPS), W1))
        x = x + torch.addmm(b2, hidden, W2)
    g, c, W = rest
    return F.cross_entropy(F.layer_norm(x, (width,), g, c, EPS) @ W, targets)


def start(inputs: Inputs) -> list[Any]:
    """The parameters before the first step."""
    return [p.copy() for p in inputs["params"]]


WORKLOADS = [
    Workload(
        "w8",
        "character transformer, 2 layers, width 64, context 64, batch 16, one step with Adam",
        inputs,
        {
            "reference": partial(reference, UPDATE, HEADS, EPS),
            **libraries.columns(loss, update=UPDATE),
            **torches.columns(torch_loss, UPDATE),
        },
        targets={"eager": Target(1.0), "compiled": Target(1.0, "torch")},
        start=start,
        tolerance=1e-3,
    )
]
