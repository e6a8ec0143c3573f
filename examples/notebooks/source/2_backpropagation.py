# %% [markdown]
# # Backpropagation through two neurons
#
# One input $x$, two sigmoid neurons in a row, one target $T$:
#
# $$z_1 = w_1 x + b_1, \quad a_1 = \sigma(z_1), \quad z_2 = w_2 a_1 + b_2, \quad a_2 = \sigma(z_2), \quad
# E = \tfrac12 (T - a_2)^2 .$$
# %%
from autograd import Value, draw_graph, explain
from nn import SGD, plots

x = Value(0.1, label="x", requires_grad=False)
T = Value(0.25, label="T", requires_grad=False)
w1, b1 = Value(0.15, label="w1"), Value(0.40, label="b1")
w2, b2 = Value(0.45, label="w2"), Value(0.65, label="b2")


def forward():
    """Every step from the input to the error, by name."""
    z1 = w1 * x + b1
    a1 = z1.sigmoid()
    z2 = w2 * a1 + b2
    a2 = z2.sigmoid()
    E = 0.5 * (T - a2) ** 2
    steps = {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "E": E}
    for name, value in steps.items():
        value.label = name
    return steps


# %% [markdown]
# ## Forward
# %%
steps = forward()
for name, value in steps.items():
    print(f"{name} = {value.item():.4f}")

# %% [markdown]
# ## Backward
#
# `backward()` sets the gradient of every value that the error depends on. The picture shows both.
# %%
E = steps["E"]
E.backward()
draw_graph(E)

# %% [markdown]
# A single value shows itself as a short table:
# %%
steps["a2"]

# %% [markdown]
# ## The chain rule, written out
#
# The error depends on $w_2$ along one path. Each factor is the derivative of one step:
# %%
explain(E, wrt=w2)

# %% [markdown]
# To $w_1$ the path is longer; the first two factors are the same, which is why backpropagation computes them once:
# %%
explain(E, wrt=w1)

# %% [markdown]
# In a terminal the same is text, here for the two biases:
# %%
print(explain(E, wrt=b2))
print()
print(explain(E, wrt=b1))

# %% [markdown]
# ## The update
#
# One step of gradient descent, with the learning rate 0.4:
# %%
optimizer = SGD([w1, b1, w2, b2], lr=0.4)
optimizer.step()
for p in (w1, b1, w2, b2):
    print(f"{p.label} = {p.item():.4f}")

# %% [markdown]
# ## Repeat
#
# Forward, error, backpropagation, update, until the error is below a threshold:
# %%
errors = []
while not errors or errors[-1] > 1e-6:
    optimizer.zero_grad()
    E = forward()["E"]
    E.backward()
    optimizer.step()
    errors.append(E.item())
print(f"After {len(errors)} more epochs the error is {errors[-1]:.1e}.")

# %%
plots.loss_history(errors, threshold=1e-6)
