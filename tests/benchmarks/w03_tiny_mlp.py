"""W3: a tiny network, 4-8-8-3, tanh, softmax cross-entropy, float64, one step of gradient descent."""

from functools import partial

import numpy as np

from . import dense
from .updates import SGD
from .workload import Target, Workload

WORKLOADS = [
    Workload(
        "w3",
        "tiny MLP 4-8-8-3, batch 8, float64, one SGD step",
        partial(dense.inputs, 8, (4, 8, 8, 3), np.float64),
        dense.columns("tanh", SGD(lr=0.01), torch_compile=True),
        targets={"eager": Target(1.5), "compiled": Target(0.5)},
        start=dense.start,
    )
]
