"""Copying and pickling of graphs, without recursion: a deep graph is a flat list of rows."""

from __future__ import annotations

from typing import Any

from autograd.errors import UnsupportedType
from autograd.graph import topological_order
from autograd.node import NOT_KEPT, gradient_of
from autograd.value import Value, catch_up

_KEPT, _DROPPED = "kept", "not kept"


def reduce_value(v: Value) -> Any:
    """What ``Value.__reduce__`` gives: for a leaf its contents, else the graph in forward order.

    Leaves are separate objects, so that a model and its loss, pickled together, share them. Stamps
    stay, so that a copy is as stale as its original. A gradient that is a graph (``create_graph=True``)
    refers back to what it is the gradient of: a copy has its numbers alone.
    """
    if v.is_leaf:
        return _leaf, (type(v), v._data, v.label, v.requires_grad, _numbers(v._grad), v._note, v._stamp)
    order = topological_order(v)
    place = {node: i for i, node in enumerate(order)}
    return _graph, ([node if node.is_leaf else _row(node, place) for node in order],)


def _row(node: Value, place: dict[Value, int]) -> tuple[Any, ...]:
    if node.primitive is not None and node.primitive.replay is not None:
        raise UnsupportedType(
            "a graph with a checkpoint cannot be copied or pickled, as its function refers to the Values of "
            "this graph: copy the leaves, and compute the result again"
        )
    grad = gradient_of(node)
    kept = (_DROPPED, None) if grad is NOT_KEPT else (_KEPT, _numbers(grad))
    parents = tuple(place[p] for p in node.parents)
    return node._data, node._source, parents, node.params, node.label, kept, node._stamp


def _numbers(grad: Any) -> Any:
    return grad._data if isinstance(grad, Value) else grad


def _leaf(
    cls: type[Value], data: Any, label: str | None, requires_grad: bool, grad: Any, note: Any, stamp: int = 0
) -> Value:
    leaf = cls.__new__(cls)
    Value.__init__(leaf, data, label=label, requires_grad=requires_grad)
    leaf._data = data  # as it was: a constant may hold integers
    leaf._grad, leaf._note, leaf._stamp = grad, note, catch_up(stamp)
    return leaf


def _graph(rows: list[Any]) -> Value:
    nodes: list[Value] = []
    for row in rows:
        if isinstance(row, Value):
            nodes.append(row)
            continue
        node = Value(0.0)
        node._data, node._source, parents, node.params, node.label, (kept, grad), node._stamp = row
        node.parents = tuple(nodes[i] for i in parents)
        node._grad = grad if kept == _KEPT else NOT_KEPT
        nodes.append(node)
    catch_up(nodes[-1]._stamp)  # it was made last
    return nodes[-1]
