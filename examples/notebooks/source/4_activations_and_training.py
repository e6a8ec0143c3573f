# %% [markdown]
# # Activations, and a network that learns
#
# An activation makes a layer more than a linear map. Its derivative decides what of the gradient passes.
# %%
import numpy as np

from autograd import explain, jacobian, softmax
from nn import MLP, SGD, cross_entropy, fit, plots

plots.activations()

# %% [markdown]
# Binary step is flat everywhere: nothing can be learned through it. Softmax depends on all its inputs, so its
# derivative is a matrix, $\operatorname{diag}(s) - s s^\top$; the plot above shows one of its entries.
# %%
at = np.array([1.0, 2.0, 3.0])
s = softmax(at)
J = jacobian(softmax)(at)
print(J.round(4))
print("differs from diag(s) - s s^T by less than 1e-15:", np.abs(J - (np.diag(s) - np.outer(s, s))).max() < 1e-15)

# %% [markdown]
# ## The data
#
# Two hundred points in a square; those inside of a circle are of class 1.
# %%
rng = np.random.default_rng(2)
points = rng.uniform(-1, 1, size=(200, 2))
inside = (np.hypot(points[:, 0], points[:, 1]) < 0.7).astype(int)

# %% [markdown]
# ## The network
# %%
model = MLP(2, [16, 2], activation="tanh", dtype=np.float64, rng=rng)
model

# %% [markdown]
# One forward pass gives the loss. `explain` writes the gradient of the first layer's weights as products of
# matrices, with their shapes:
# %%
loss = cross_entropy(model(points), inside)
explain(loss, wrt=model.layers[0].weight, names={"loss": loss, "points": points})

# %% [markdown]
# ## Training
#
# What the network decides, before training and on the way:
# %%
optimizer = SGD(model.parameters(), lr=0.2, momentum=0.9)
options = {"batch_size": 20, "rng": rng}
plots.boundary_while_training(
    model, "cross_entropy", (points, inside), optimizer, epochs=[0, 5, 20, 100], **options
)

# %%
history = fit(model, "cross_entropy", (points, inside), optimizer, epochs=100, **options)
right = (model(points).data.argmax(axis=1) == inside).mean()
print(f"{right:.0%} of the points are on the right side.")

# %%
plots.loss_history(history)
