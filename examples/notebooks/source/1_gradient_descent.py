# %% [markdown]
# # Gradient descent
#
# A model with one weight, $\hat z = w x$, learns from samples $(x_i, z_i)$. Its cost is
#
# $$J(w) = \sum_i (z_i - w x_i)^2 .$$
#
# The data here obey $z = 2x$, so the best weight is $w = 2$.
# %%
import numpy as np

from autograd import Value, explain
from nn import plots

x = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
z = 2 * x


def J(w):
    return ((z - w * x) ** 2).sum()


# %% [markdown]
# ## The derivative
#
# On paper, $J'(w) = -2 \sum_i x_i (z_i - w x_i)$. The engine records what is computed and differentiates it;
# `explain` writes down how, from the cost back to the weight.
# %%
w = Value(0.2, label="w")
cost = J(w)
cost.backward()
by_hand = -2 * np.sum(x * (z - w.data * x))
print(f"engine {w.grad:.6f}, by hand {by_hand:.6f}")

# %%
explain(cost, wrt=w, names={"J": cost, "x": x, "z": z})

# %% [markdown]
# ## The descent
#
# Each step goes against the slope: $w \leftarrow w - \alpha J'(w)$, with the learning rate $\alpha = 0.4$.


# %%
def descend(rate, steps, start=0.2):
    """The weight before the first step and after each."""
    w = Value(start, label="w")
    path = [w.data]
    for _ in range(steps):
        J(w).backward()
        w.data -= rate * w.grad
        w.zero_grad()
        path.append(w.data)
    return path


path = descend(0.4, 8)
costs = [J(w) for w in path]
for step, (weight, c) in enumerate(zip(path, costs)):
    print(f"step {step}: w = {weight:.4f}, J = {c:.4f}")

# %%
plots.cost_curve(J, path)

# %% [markdown]
# The first step is the largest: the slope is steepest at the start. The steps shrink by themselves, for the slope does.
#
# ## The learning rate
#
# With $S = \sum_i x_i^2$, one step multiplies the distance to the minimum by $1 - 2 \alpha S$. The descent converges
# if and only if $0 < \alpha < 1/S$.
# %%
S = np.sum(x**2)
print(f"S = {S:.2f}, so the learning rate must stay below {1 / S:.3f}")
for rate in (0.01, 0.4, 0.5 / S, 0.95 / S, 1.05 / S):
    end = descend(rate, 20)[-1]
    print(f"alpha = {rate:.3f}: factor {1 - 2 * rate * S:6.3f}, w after 20 steps = {end:.4f}")

# %% [markdown]
# Just above the bound each step overshoots, further than the one before:
# %%
plots.cost_curve(J, descend(1.05 / S, 5), colour=plots.VERMILLION)

# %% [markdown]
# Far below it, the descent creeps:
# %%
plots.cost_curve(J, descend(0.04, 8), span=(-1, 5), colour=plots.GREEN)
