"""W7: a convolutional network, value and gradients.

Batch 32 of 1x28x28, two convolutions 3x3 (8 and 16 channels, zero-padded to keep the size), each
with ReLU and 2x2 max-pooling, then a dense layer to 10 classes; float32.
Arrays are (batch, channels, height, width), filters (out, in, 3, 3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import libraries, torches
from .workload import Inputs, Step, Target, Workload


def inputs(small: bool) -> Inputs:
    """Normal data and labels at random."""
    rng = np.random.default_rng(7)
    batch, side, c1, c2, classes = (2, 8, 2, 3, 4) if small else (32, 28, 8, 16, 10)

    def draw(*shape: int, scale: float = 1.0) -> Any:
        return rng.standard_normal(shape, dtype=np.float32) * np.float32(scale)

    flat = c2 * (side // 4) ** 2
    params = [draw(c1, 1, 3, 3, scale=0.4), draw(c1, scale=0.1), draw(c2, c1, 3, 3, scale=0.2)]
    params += [draw(c2, scale=0.1), draw(flat, classes, scale=flat**-0.5), draw(classes, scale=0.1)]
    return {"params": params, "data": (draw(batch, 1, side, side), rng.integers(0, classes, batch))}


def reference(inputs: Inputs) -> Step:
    """Plain NumPy by hand: channels last, windows as rows of a matrix, so that BLAS convolves."""
    (w1, b1, w2, b2, W, b), (x, labels) = inputs["params"], inputs["data"]
    n, images = np.arange(len(x)), x.transpose(0, 2, 3, 1)

    def step() -> Any:
        rows1, a1 = _convolve(images, w1, b1)
        h1 = _pool(a1)
        rows2, a2 = _convolve(h1, w2, b2)
        h2 = _pool(a2)
        flat = h2.transpose(0, 3, 1, 2).reshape(len(x), -1)
        logits = flat @ W + b
        shifted = logits - logits.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - shifted[n, labels]).mean()
        d = e / total
        d[n, labels] -= 1.0
        d /= len(x)
        batch, height, width, channels = h2.shape
        dh2 = (d @ W.T).reshape(batch, channels, height, width).transpose(0, 2, 3, 1)
        dw2, db2, drows2 = _filters_back(_unpool(dh2, h2, a2), rows2, w2)
        dw1, db1, _ = _filters_back(_unpool(_windows_back(drows2, h1.shape), h1, a1), rows1, w1, inner=False)
        return loss, [dw1, db1, dw2, db2, flat.T @ d, d.sum(axis=0)]

    return step


def _convolve(x: Any, w: Any, b: Any) -> Any:
    """The windows as rows (batch * height * width, 9 * in), and the ReLU of the convolution."""
    batch, height, width, channels = x.shape
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))
    rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 9 * channels)
    z = rows @ _matrix(w) + b
    return rows, np.maximum(z, 0.0).reshape(batch, height, width, -1)


def _matrix(w: Any) -> Any:
    """Filters (out, in, 3, 3) as a matrix (9 * in, out)."""
    return w.transpose(2, 3, 1, 0).reshape(-1, len(w))


def _filters_back(d: Any, rows: Any, w: Any, inner: bool = True) -> Any:
    """Gradients of filters and biases, and of the rows if they are asked for."""
    flat = d.reshape(-1, len(w))
    drows = flat @ _matrix(w).T if inner else None
    dw = (rows.T @ flat).reshape(3, 3, w.shape[1], len(w)).transpose(3, 2, 0, 1)
    return dw, flat.sum(axis=0), drows


def _windows_back(drows: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of the images: each window adds to the nine places it was read from."""
    batch, height, width, channels = shape
    windows = drows.reshape(batch, height, width, 3, 3, channels)
    padded = np.zeros((batch, height + 2, width + 2, channels), drows.dtype)
    for i in range(3):
        for j in range(3):
            padded[:, i : i + height, j : j + width] += windows[:, :, :, i, j]
    return padded[:, 1:-1, 1:-1]


def _pool(a: Any) -> Any:
    """The largest of each 2x2 block."""
    batch, height, width, channels = a.shape
    return a.reshape(batch, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))


def _unpool(d: Any, h: Any, a: Any) -> Any:
    """Through pooling and ReLU: to the largest of a block, and to none where all are 0."""
    blocks = a.reshape(len(a), h.shape[1], 2, h.shape[2], 2, h.shape[3])
    largest = blocks == h[:, :, None, :, None]
    return (largest * (d * (h > 0.0))[:, :, None, :, None]).reshape(a.shape)


def loss(lib: Any, params: list[Any], x: Any, labels: Any) -> Any:
    """The network in NumPy's functions, on Values."""
    np = lib.np
    w1, b1, w2, b2, W, b = params
    for w, bias in ((w1, b1), (w2, b2)):
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        windows = sliding_window_view(padded, (3, 3), axis=(2, 3))
        z = np.einsum("nchwij,ocij->nohw", windows, w, optimize=True) + bias[:, None, None]
        n, c, height, width = z.shape
        x = np.max(np.reshape(lib.relu(z), (n, c, height // 2, 2, width // 2, 2)), axis=(3, 5))
    return lib.cross_entropy(np.reshape(x, (len(labels), -1)) @ W + b, labels)


def mygrad_loss(lib: Any, params: list[Any], x: Any, labels: Any) -> Any:
    """MyGrad has layers for it."""
    from mygrad.nnet import layers

    w1, b1, w2, b2, W, b = params
    for w, bias in ((w1, b1), (w2, b2)):
        z = layers.conv_nd(x, w, stride=1, padding=1) + bias.reshape(1, -1, 1, 1)
        x = layers.max_pool(lib.relu(z), (2, 2), 2)
    return lib.cross_entropy(x.reshape(len(labels), -1) @ W + b, labels)


def jax_loss(lib: Any, params: list[Any], x: Any, labels: Any) -> Any:
    """JAX has convolutions and windows."""
    from jax import lax

    w1, b1, w2, b2, W, b = params
    for w, bias in ((w1, b1), (w2, b2)):
        z = lax.conv_general_dilated(x, w, (1, 1), "SAME") + bias[:, None, None]
        two = (1, 1, 2, 2)
        x = lax.reduce_window(lib.relu(z), -lib.np.inf, lax.max, two, two, "VALID")
    return lib.cross_entropy(x.reshape(len(labels), -1) @ W + b, labels)


def torch_loss(torch: Any, params: list[Any], x: Any, labels: Any) -> Any:
    """PyTorch has all of it."""
    F = torch.nn.functional
    w1, b1, w2, b2, W, b = params
    for w, bias in ((w1, b1), (w2, b2)):
        x = F.max_pool2d(torch.relu(F.conv2d(x, w, bias, padding=1)), 2)
    return F.cross_entropy(torch.addmm(b, x.flatten(1), W), labels)


WORKLOADS = [
    Workload(
        "w7",
        "convolutional net, batch 32, 1x28x28, value and gradients",
        inputs,
        {
            "reference": reference,
            **libraries.columns(loss, ("eager", "compiled")),
            **libraries.columns(mygrad_loss, ("mygrad",)),
            **libraries.columns(jax_loss, ("jax",)),
            **torches.columns(torch_loss),
        },
        targets={"eager": Target(1.0), "compiled": Target(1.0, "torch")},
        tolerance=1e-3,
    )
]
