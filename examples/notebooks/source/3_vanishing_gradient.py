# %% [markdown]
# # The vanishing gradient
#
# On its way back, each layer multiplies the gradient by its weights and by the derivative of its activation:
# $\sigma' = \sigma (1 - \sigma) \le \tfrac14$, $\tanh' = 1 - \tanh^2 \le 1$, and exactly 1 for a ReLU that is on.
# %%
import numpy as np

import autograd
from autograd import Value, explain
from nn import MLP, plots, squared_error


def chain(activation, depth):
    """Single neurons in a row, each of weight 1 and bias 0, at x = 1: the output and the input."""
    x = y = Value(1.0, label="x")
    for k in range(depth):
        y = getattr(autograd, activation)(y)
        y.label = f"a{k + 1}"
    return y, x


# %% [markdown]
# ## A chain of neurons
#
# For four sigmoid neurons the derivative is a product of four factors, none above 1/4:
# %%
y, x = chain("sigmoid", 4)
explain(y, wrt=x)

# %%
print("neurons   sigmoid      tanh      relu")
for depth in (2, 5, 10, 20, 30):
    slopes = [explain(*chain(name, depth)).value for name in ("sigmoid", "tanh", "relu")]
    print(f"{depth:7d}" + "".join(f"{slope:10.1e}" for slope in slopes))

# %% [markdown]
# ## Networks
#
# Networks of 30 layers with 64 neurons each, before training, with the initial weights that are usual for each
# activation. The gradient of each layer's weights, for that of the last:


# %%
def network(activation, init, depth=30, width=64):
    """A network after one backward pass."""
    rng = np.random.default_rng(0)
    model = MLP(width, [width] * depth, activation, activation, init=init, rng=rng)
    inputs, targets = rng.normal(size=(64, width)), rng.uniform(size=(64, width))
    squared_error(model(inputs), targets).backward()
    return model


models = {
    "sigmoid": network("sigmoid", "xavier"),
    "tanh": network("tanh", "xavier"),
    "relu": network("relu", "he"),
}
plots.gradient_by_layer(models, relative=True)

# %%
for name, model in models.items():
    norms = plots.weight_gradients(model)
    print(f"{name:8s} first layer / last layer = {norms[0] / norms[-1]:.0e}")

# %% [markdown]
# With sigmoid the first layers hardly learn. With tanh and ReLU, and weights to suit, the gradient gets there.
#
# ## Against depth
# %%
depths = [2, 5, 10, 15, 20, 25, 30]
for name, init in (("sigmoid", "xavier"), ("tanh", "xavier"), ("relu", "he")):
    shares = []
    for depth in depths:
        norms = plots.weight_gradients(network(name, init, depth))
        shares.append(norms[0] / norms[-1])
    print(f"{name:8s}" + "".join(f"{share:10.0e}" for share in shares))
