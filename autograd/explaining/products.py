"""What products of arrays pass on to their operands, and where joined arrays lie, in NumPy's words."""

from __future__ import annotations

from autograd.formula import Expr, as_product, binary, call, method, name, times, transposed, written
from autograd.spelling import Speller, one_or_more
from autograd.value import Value

LETTERS = "abcdefgh"  # of the axes of a stack, in the subscripts of einsum


def affine(node: Value, i: int, g: Expr, speller: Speller) -> Expr:
    """What a layer ``x @ weight.T + bias`` passes on, for one row, for several, and for stacks of them."""
    x, weight, _ = node.parents
    if i == 0:
        return binary("@", g, speller.mention(weight))
    if i == 2:
        rows = tuple(range(node.ndim - 1))
        return method(g, "sum", axis=one_or_more(rows)) if rows else g
    if node.ndim == 2:
        return binary("@", transposed(g), speller.mention(x))
    stack = LETTERS[: node.ndim - 1]
    return call("einsum", [name(repr(f"{stack}i,{stack}j->ij")), g, speller.mention(x)])


def place(node: Value, i: int, axis: int) -> str:
    """Where an array that was joined with others is in the result."""
    if node.op == "stack":
        place = str(i)
    else:
        start = sum(p.shape[axis] for p in node.parents[:i])
        place = f"{start or ''}:{start + node.parents[i].shape[axis]}"
    return ", ".join([":"] * axis + [place])


def matmul(node: Value, i: int, g: Expr, speller: Speller) -> Expr:
    """Products of vectors are no products with a transpose."""
    a, b = node.parents
    own, other = node.parents[i], speller.mention(node.parents[1 - i])
    if a.ndim == 1 and b.ndim == 1:
        return written(times(as_product(g), as_product(other)))
    if a.ndim > 1 and b.ndim > 1:
        flipped = transposed(other, "T" if a.ndim == b.ndim == 2 else "mT")
        return binary("@", g, flipped) if i == 0 else binary("@", flipped, g)
    if max(a.ndim, b.ndim) > 2:  # a vector and a stack: the letters of rows and columns say it best
        stack = LETTERS[: max(a.ndim, b.ndim) - 2]
        terms = (f"{stack}ik", "k") if a.ndim > 1 else ("k", f"{stack}kj")
        result = stack + ("i" if a.ndim > 1 else "j")
        return call("einsum", [name(repr(f"{result},{terms[1 - i]}->{terms[i]}")), g, other])
    if own.ndim == 2:
        return call("outer", [g, other] if i == 0 else [other, g])
    return binary("@", other, g) if i == 0 else binary("@", transposed(other), g)


def einsum(node: Value, i: int, g: Expr, speller: Speller) -> Expr | None:
    """The same sum with ``g`` in the place of an input, unless a letter of that stands alone or repeats."""
    inputs, out = (node.params or {})["subscripts"].split("->")
    terms, values = inputs.split(","), list(node.parents)
    own, x = terms.pop(i), values.pop(i)
    sizes: dict[str, int] = {}
    for term, v in ((out, node), *zip(terms, values, strict=True)):
        for letter, n in zip(term, v.shape, strict=True):
            sizes[letter] = max(n, sizes.get(letter, n))
    if len(set(own)) < len(own) or [sizes.get(letter) for letter in own] != list(x.shape):
        return None
    subscripts = f"{','.join([out, *terms])}->{own}"
    return call("einsum", [name(repr(subscripts)), g, *map(speller.mention, values)])
