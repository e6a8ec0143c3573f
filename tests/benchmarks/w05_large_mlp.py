"""W5: a network that is nearly all matrix products, 784-2048-2048-10, float32."""

from functools import partial

import numpy as np

from . import dense
from .updates import SGD
from .workload import Target, Workload

SIZES, BATCH = (784, 2048, 2048, 10), 512
COLUMNS = dense.columns("relu", SGD(lr=0.01, momentum=0.9))
inputs = partial(dense.inputs, BATCH, SIZES, np.float32)

WORKLOADS = [
    Workload(
        "w5",
        "MLP 784-2048-2048-10, batch 512, float32, one step with momentum",
        inputs,
        COLUMNS,
        targets={"eager": Target(1.03), "compiled": Target(0.98)},
        start=dense.start,
        tolerance=1e-3,
    )
]
