"""W4: a network for images, 784-256-128-10, ReLU, float32, one step with momentum."""

from functools import partial

import numpy as np

from . import dense
from .updates import SGD
from .workload import Target, Workload

WORKLOADS = [
    Workload(
        "w4",
        "MLP 784-256-128-10, batch 128, float32, one step with momentum",
        partial(dense.inputs, 128, (784, 256, 128, 10), np.float32),
        dense.columns("relu", SGD(lr=0.01, momentum=0.9), torch_compile=True),
        targets={"eager": Target(1.06), "compiled": Target(0.98)},
        start=dense.start,
        tolerance=1e-3,
    )
]
