"""The built-in layout: what must hold of every picture, on random graphs, and dot as a yardstick."""

from __future__ import annotations

import itertools
import math
import random
import shutil
import time

import numpy as np
import pytest

from autograd import Value, draw_graph
from autograd.drawing.coordinates import spread
from autograd.drawing.dot_layout import arrange_by_dot
from autograd.drawing.layout import Edge, Plan, arrange
from autograd.drawing.metrics import text_width
from autograd.drawing.ordering import Link, order_rows
from autograd.drawing.plan import CELL, PAD_X, inside_of, plan_of
from autograd.drawing.ranks import _tight_tree, longest_path_ranks, ranks_of

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


# -- random graphs --------------------------------------------------------------------------------


def expression(n, rng):
    """Operations of one or two operands, most of them recent, on n // 3 leaves."""
    leaves = max(3, n // 3)
    edges = []
    for k in range(leaves, n):
        edges.append((rng.choice(range(k)[-12:]), k))
        if rng.random() < 0.7:
            edges.append((rng.choice(range(k)[-12:] if rng.random() < 0.6 else range(k)), k))
    return edges


def tree_and_more(n, rng):
    """Each node hangs on one or two of the fifteen before it."""
    return [(rng.randrange(max(0, v - 15), v), v) for v in range(1, n) for _ in range(rng.choice((1, 1, 2)))]


def anything(n, rng):
    """Arrows between any two nodes."""
    return [tuple(sorted(rng.sample(range(n), 2))) for _ in range(int(1.4 * n))]


GRAPHS = {"expression": expression, "tree and more": tree_and_more, "anything": anything}


def random_plan(seed, rankdir="LR", frames=True):
    """Boxes of many sizes, some arrows with labels, and frames around runs of boxes."""
    rng = random.Random(seed)
    n = rng.randrange(1, 60)
    edges = rng.choice(list(GRAPHS.values()))(n, rng) if n > 3 else []
    boxes = {f"n{i}": (rng.uniform(20, 150), rng.uniform(15, 120)) for i in range(n)}
    labelled = [
        Edge(f"n{a}", f"n{b}", (rng.uniform(8, 90), 13.0) if rng.random() < 0.6 else None) for a, b in edges
    ]
    inside, titles = {}, {}
    if frames and n > 8:  # runs of consecutive nodes are convex: no arrow leaves one and comes back
        outer = sorted(rng.sample(range(n), 4))
        for k, (start, stop) in enumerate(((outer[0], outer[1]), (outer[2], outer[3]))):
            titles[f"frame{k}"] = rng.uniform(10, 300)
            middle = (start + stop) // 2
            titles[f"inner{k}"] = 30.0
            inside[f"inner{k}"] = f"frame{k}"
            inside |= {f"n{i}": f"inner{k}" if i <= middle else f"frame{k}" for i in range(start, stop + 1)}
        for key in [key for key in titles if key not in inside.values()]:  # no frame is empty
            inside.pop(key, None)
            del titles[key]
    return Plan(boxes, labelled, inside, titles, rankdir)


def home(plan, key):
    """All frames around a box or frame."""
    found = []
    while key in plan.inside:
        key = plan.inside[key]
        found.append(key)
    return found


def overlap(a, b, tolerance=1e-6):
    return (
        a[0] < b[0] + b[2] - tolerance and b[0] < a[0] + a[2] - tolerance
        and a[1] < b[1] + b[3] - tolerance and b[1] < a[1] + a[3] - tolerance
    )  # fmt: skip


def polyline(route, steps=8):
    """Points on the curves of a route."""
    points = [route[0]]
    for k in range(0, len(route) - 3, 3):
        a, b, c, d = route[k : k + 4]
        for i in range(1, steps + 1):
            t, s = i / steps, 1 - i / steps
            points.append(
                tuple(
                    s**3 * p + 3 * s * s * t * q + 3 * s * t * t * r + t**3 * u
                    for p, q, r, u in zip(a, b, c, d, strict=True)
                )
            )
    return points


PLANS = [
    (seed, rankdir) for seed in range(40) for rankdir in ("LR", "TB", "RL", "BT")[:: 1 if seed < 5 else 4]
]


@pytest.fixture(params=PLANS, ids=str, scope="module")
def laid_out(request):
    plan = random_plan(*request.param)
    return plan, arrange(plan)


def test_no_two_boxes_overlap(laid_out):
    """Boxes and labels keep clear of one another."""
    plan, layout = laid_out
    places = list(layout.boxes.values())
    for edge, centre in zip(plan.edges, layout.labels, strict=True):
        if edge.label:
            (w, h), (x, y) = edge.label, centre
            places.append((x - w / 2, y - h / 2, w, h))
    assert [(a, b) for a, b in itertools.combinations(places, 2) if overlap(a, b)] == []
    assert all(layout.boxes[key][2:] == pytest.approx(size) for key, size in plan.boxes.items())


def test_everything_is_on_the_page(laid_out):
    """Boxes, frames, labels and arrows are within the picture."""
    _, layout = laid_out
    rectangles = [*layout.boxes.values(), *layout.frames.values()]
    points = [p for route in layout.routes for p in route] + [p for p in layout.labels if p]
    points += [(x, y) for x, y, _, _ in rectangles] + [(x + w, y + h) for x, y, w, h in rectangles]
    assert all(-1e-6 <= x <= layout.width + 1e-6 and -1e-6 <= y <= layout.height + 1e-6 for x, y in points)


def test_frames_hold_what_is_theirs(laid_out):
    """A frame contains its boxes and inner frames, and touches no other."""
    plan, layout = laid_out
    everything = layout.boxes | layout.frames
    for frame, (x, y, w, h) in layout.frames.items():
        for key, (x2, y2, w2, h2) in everything.items():
            if frame in home(plan, key):
                assert x <= x2
                assert y <= y2
                assert x2 + w2 <= x + w + 1e-6
                assert y2 + h2 <= y + h + 1e-6
            elif key != frame and key not in home(plan, frame):
                assert not overlap((x, y, w, h), (x2, y2, w2, h2))


def test_every_arrow_points_forward(laid_out):
    """The head begins after the end of the tail, and the arrow never turns back."""
    plan, layout = laid_out
    axis, sign = {"LR": (0, 1), "TB": (1, 1), "RL": (0, -1), "BT": (1, -1)}[plan.rankdir]
    for edge, route in zip(plan.edges, layout.routes, strict=True):
        (*a, aw, ah), (*b, bw, bh) = layout.boxes[edge.tail], layout.boxes[edge.head]
        tail, head = (a[axis] + (aw, ah)[axis], b[axis]) if sign > 0 else (a[axis], b[axis] + (bw, bh)[axis])
        assert sign * (head - tail) > 0
        assert (route[0][axis], route[-1][axis]) == pytest.approx((tail, head))
        steps = [sign * (q[axis] - p[axis]) for p, q in itertools.pairwise(polyline(route))]
        assert min(steps) > -1e-6


def test_no_arrow_crosses_a_box(laid_out):
    """An arrow meets no box but its own two."""
    plan, layout = laid_out
    for edge, route in zip(plan.edges, layout.routes, strict=True):
        others = [place for key, place in layout.boxes.items() if key not in (edge.tail, edge.head)]
        for x, y in polyline(route):
            assert not any(overlap((x, y, 0, 0), place, 0.01) for place in others)


def test_layouts_are_deterministic():
    """The same plan gives the same layout, number for number."""
    assert arrange(random_plan(7)) == arrange(random_plan(7))


def test_cycles_are_refused():
    """There is no layered layout of a cycle."""
    with pytest.raises(ValueError, match="cycle"):
        arrange(Plan({"a": (1, 1), "b": (1, 1)}, [Edge("a", "b"), Edge("b", "a")]))


def test_nothing_is_laid_out_too():
    """No boxes give an empty picture."""
    assert arrange(Plan({}, [])).boxes == {}


# -- its parts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_ranks_are_shorter_than_longest_paths(seed):
    """Ranks respect the least lengths, and the arrows are no longer in all than with longest paths."""
    rng = random.Random(seed)
    n = rng.randrange(5, 60)
    arcs = [(a, b, rng.choice((1, 1, 2))) for a, b in anything(n, rng)]
    ranks, plain = ranks_of(n, arcs), longest_path_ranks(n, arcs)
    assert all(ranks[b] - ranks[a] >= length for a, b, length in arcs)
    assert sum(ranks[b] - ranks[a] for a, b, _ in arcs) <= sum(plain[b] - plain[a] for a, b, _ in arcs)
    assert min(ranks) == 0


class Walked(list):
    """A list that counts how often it is walked through."""

    times = 0

    def __iter__(self):
        self.times += 1
        return super().__iter__()


def test_a_long_chain_is_not_walked_again_for_each_of_its_constants():
    """The first tree goes through the arrows once, however many operands are moved to where they go."""
    n = 500
    arcs = Walked([(k, k + 1, 1) for k in range(n)] + [(n + k, k, 1) for k in range(1, n)])
    ranks = longest_path_ranks(2 * n, arcs)
    arcs.times = 0
    assert len(_tight_tree(arcs, ranks)) == 2 * n - 1
    assert all(ranks[v] - ranks[u] == 1 for u, v, _ in arcs[:])
    assert arcs.times == 1


@pytest.mark.parametrize("seed", range(20))
def test_ranks_are_the_best_there_are(seed):
    """On small graphs no other ranks make the arrows shorter: compared with all of them."""
    rng = random.Random(seed)
    n = 5
    arcs = [(a, b, 1) for a, b in {tuple(sorted(rng.sample(range(n), 2))) for _ in range(7)}]
    best = min(
        sum(r[b] - r[a] for a, b, _ in arcs)
        for r in itertools.product(range(n), repeat=n)
        if all(r[b] > r[a] for a, b, _ in arcs)
    )
    ranks = ranks_of(n, arcs)
    assert sum(ranks[b] - ranks[a] for a, b, _ in arcs) == best


@pytest.mark.parametrize("seed", range(20))
def test_orders_of_two_rows_are_nearly_the_best(seed):
    """Two rows of five have at most one crossing more than the best of all orders."""
    rng = random.Random(seed)
    pairs = sorted({(rng.randrange(5), 5 + rng.randrange(5)) for _ in range(9)})

    def crossings(top, bottom):
        at = {v: i for row in (top, bottom) for i, v in enumerate(row)}
        return sum(
            (at[a] - at[c]) * (at[b] - at[d]) < 0 for (a, b), (c, d) in itertools.combinations(pairs, 2)
        )

    rows = order_rows([0] * 5 + [1] * 5, [Link(a, b) for a, b in pairs])
    orders = list(itertools.permutations(range(5)))
    best = min(crossings(top, [5 + i for i in bottom]) for top in orders for bottom in orders[::3])
    assert crossings(*rows) <= best + 1


def test_places_are_the_nearest_without_overlap():
    """spread() is a least-squares solution: moving any pool of neighbours makes it worse."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        n = int(rng.integers(1, 9))
        wanted, weights, gaps = rng.normal(0, 3, n), rng.uniform(0.1, 5, n), rng.uniform(0, 2, n - 1)
        places = np.array(spread(list(wanted), list(weights), list(gaps)))
        assert np.all(np.diff(places) >= gaps - 1e-9)
        cost = np.sum(weights * (places - wanted) ** 2)
        for i, j in itertools.combinations(range(n + 1), 2):
            for step in (-1e-3, 1e-3):
                moved = places.copy()
                moved[i:j] += step
                if np.all(np.diff(moved) >= gaps - 1e-12):
                    assert np.sum(weights * (moved - wanted) ** 2) >= cost - 1e-9


# -- dot as a yardstick -------------------------------------------------------------------------------


def crossings(routes, edges):
    """Pairs of arrows without a common end that cross, counted on the drawn curves."""
    segments = []
    for k, route in enumerate(routes):
        segments += [(*sorted((a, b)), k) for a, b in itertools.pairwise(polyline(route, 4)) if a != b]
    segments.sort()
    total, active = 0, []
    for a, b, k in segments:
        active = [s for s in active if s[1][0] >= a[0]]
        total += sum(
            k != j and not {*edges[k]} & {*edges[j]} and cross(a, b, c, d) for c, d, j in active
        )  # fmt: skip
        active.append((a, b, k))
    return total


def cross(a, b, c, d):
    if max(a[1], b[1]) < min(c[1], d[1]) or max(c[1], d[1]) < min(a[1], b[1]):
        return False
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) <= 0


def side(a, b, c):
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


@needs_dot
@pytest.mark.parametrize("n", [20, 60, 200])
@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_few_arrows_cross(graph, n):
    """Three random graphs of each kind and size together have at most 1.5 times the crossings of dot's."""
    ours = dots = 0
    for seed in range(3):
        edges = graph(n, random.Random(seed))
        plan = Plan({str(i): (80.0, 40.0) for i in range(n)}, [Edge(str(a), str(b)) for a, b in edges])
        ours += crossings(arrange(plan).routes, edges)
        dots += crossings(arrange_by_dot(plan).routes, edges)
    assert ours <= 1.5 * dots + 1


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_five_hundred_boxes_take_less_than_two_seconds(graph):
    """500 boxes with labelled arrows are laid out in less than two seconds."""
    edges = graph(500, random.Random(0))
    plan = Plan(
        {str(i): (80.0, 40.0) for i in range(500)}, [Edge(str(a), str(b), (30.0, 13.0)) for a, b in edges]
    )
    start = time.process_time()
    arrange(plan)
    assert time.process_time() - start < 2


@needs_dot
def test_dot_and_the_built_in_layout_have_the_same_boxes():
    """The two layouts differ in places alone: the same boxes in the same sizes, arrows and labels."""
    plan = random_plan(3, frames=False)
    ours, dots = arrange(plan), arrange_by_dot(plan)
    assert list(ours.boxes) == list(dots.boxes)
    for key in plan.boxes:
        assert ours.boxes[key][2:] == pytest.approx(dots.boxes[key][2:])
    assert [bool(p) for p in ours.labels] == [bool(p) for p in dots.labels]
    for edge, route in zip(plan.edges, dots.routes, strict=True):
        x, y, w, h = dots.boxes[edge.head]
        assert x - 1 <= route[-1][0] <= x + w + 1
        assert y - 1 <= route[-1][1] <= y + h + 1


def test_pictures_with_frames_are_laid_out_here():
    """Arrows of dot cross foreign frames, so that it is asked for pictures without frames alone."""
    plan = next(p for p in map(random_plan, range(20)) if p.titles)
    assert arrange_by_dot(plan) is None


# -- text in boxes --------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["w", "W" * 30, "iiii", "日本語", "a" * 200, "mmmm@@@", "α²·∇J", ""])
def test_labels_are_inside_their_boxes(label):
    """Every line of a box is narrower than the box, by the widths of the widest common fonts."""
    box = draw_graph(Value(np.arange(300.0).reshape(15, 20), label=label)).picture.boxes[0]
    inside = inside_of(box)
    for text, bold in inside.lines:
        assert text_width(text, 12.0, bold) <= inside.width - 2 * PAD_X
    for _, heat, x, y in inside.heats:
        assert x + CELL * len(heat.cells[0]) <= inside.width - PAD_X + 1e-9
        assert y + CELL * len(heat.cells) <= inside.height


def test_widths_are_those_of_the_widest_font():
    """No character is narrower here than in Helvetica or DejaVu Sans, as their metrics have it."""
    helvetica = {"i": 0.222, "l": 0.222, "t": 0.278, "a": 0.556, "m": 0.833, "w": 0.722, "W": 0.944,
                 "0": 0.556, "@": 1.015, "%": 0.889, "+": 0.584, "Q": 0.778, "r": 0.333}  # fmt: skip
    dejavu = {"i": 0.278, "t": 0.392, "a": 0.613, "b": 0.635, "m": 0.974, "w": 0.818, "W": 0.989, "0": 0.636,
              "@": 1.0, "%": 0.950, "Q": 0.787, "r": 0.411, "-": 0.361, " ": 0.318, "N": 0.748}  # fmt: skip
    bold = {"i": 0.343, "t": 0.478, "a": 0.675, "m": 1.042, "W": 1.103, "0": 0.696, "f": 0.435, "M": 0.995}
    for widths, is_bold in ((helvetica, False), (dejavu, False), (bold, True)):
        for c, width in widths.items():
            assert text_width(c, 1.0, is_bold) >= width, c


def test_plans_have_every_box_and_arrow():
    """The plan of a picture has its boxes, its arrows and their labels."""
    x = Value(1.0, label="x")
    picture = draw_graph(x * x).picture
    plan = plan_of(picture, "TB")
    assert list(plan.boxes) == ["n0", "n1"]
    assert [(e.tail, e.head) for e in plan.edges] == [("n0", "n1")] * 2
    assert all(e.label and math.isfinite(e.label[0]) for e in plan.edges)
