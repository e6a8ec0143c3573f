"""The steps of a computation and of its backward pass, as plain data beside the picture of the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from autograd.backward import gradients
from autograd.drawing.folding import Wish
from autograd.drawing.model import Box, Picture, folded_box, picture_of
from autograd.drawing.numbers import Heat, heat_of, in_short
from autograd.drawing.scene import Scene, scene_of
from autograd.stepping.lines import Writer, updated
from autograd.value import Value
from autograd.walk import Contribution, contributions

MOST_BOXES = 600  # that a page lays out; what is more stays folded
MOST_ELEMENTS = 64  # of an array that are written out in full


class Step(NamedTuple):
    """One step.

    Attributes:
        phase: "start", "forward", "backward" or "update".
        box: the key of the box that is lit: the operation.
        to: the key of the box whose gradient changes, or empty.
        arrow: which arrow the gradient flows along, -1 for none.
        line: what happens, in symbols and numbers.
        note: how far a sum over several paths has come, or empty.
    """

    phase: str
    box: str = ""
    to: str = ""
    arrow: int = -1
    line: str = ""
    note: str = ""


class Moment(NamedTuple):
    """What a box shows from a step on: text, the exact numbers, and the heat map of an array."""

    step: int
    text: str
    exact: str
    heat: Heat | None = None


@dataclass
class Walkthrough:
    """Everything that a page of steps shows.

    Attributes:
        picture: the graph with all numbers and gradients.
        steps: from the start to the update.
        values, gradients: by the key of a box, what its two lines show, and from when.
        folds: by the key of a frame, the box that stands for it when it is folded.
        output: the name of the Value that is differentiated.
        short: the name of another, whose gradient is written ``dW`` for short; empty if none is.
    """

    picture: Picture
    steps: list[Step] = field(default_factory=list)
    values: dict[str, list[Moment]] = field(default_factory=dict)
    gradients: dict[str, list[Moment]] = field(default_factory=dict)
    folds: dict[str, Box] = field(default_factory=dict)
    output: str = ""
    short: str = ""


def walkthrough(
    output: Value,
    names: Mapping[str, Any],
    lr: float | None = None,
    seed: Any = None,
    depth: int | None = None,
    constants: bool = True,
) -> Walkthrough:
    """The steps of a graph."""
    scene = scene_of(output, (), names, constants)
    whole = [v for v in scene.order if v.requires_grad]
    scene.gradients = dict(zip(whole, gradients(output, whole, seed), strict=True))
    writer = Writer(scene, names)
    scene.title = f"Backpropagation of {writer.names[output]}, step by step"
    picture = picture_of(scene, Wish(depth, further=MOST_BOXES))
    return _Recorder(scene, picture, writer, lr).recorded()


def exact(x: Any) -> str:
    """A number with all its digits; an array likewise, one that is large at its corners."""
    x = np.asarray(x)
    if x.ndim == 0:
        return str(x[()])
    few: Any = {"threshold": MOST_ELEMENTS, "edgeitems": 2, "max_line_width": 36}
    return np.array2string(x, formatter={"float_kind": str}, separator=", ", **few)


class _Recorder:
    """Goes through the graph forward and backward, and notes what each box shows from when."""

    def __init__(self, scene: Scene, picture: Picture, writer: Writer, lr: float | None) -> None:
        self.scene, self.writer, self.lr = scene, writer, lr
        leaf = next(v for v in scene.order if v.is_leaf and v.requires_grad)
        short = writer.names[leaf] if writer.arrays else ""
        self.found = Walkthrough(picture, output=writer.names[writer.output], short=short)
        self.boxes = {box.key: box for box in picture.boxes}
        self.owner = {scene.order[i]: box for box in picture.boxes for i in box.nodes}
        self.arrows: dict[tuple[str, str], list[int]] = {}
        for k, arrow in enumerate(picture.arrows):
            self.arrows.setdefault((arrow.tail, arrow.head), []).append(k)

    def recorded(self) -> Walkthrough:
        leaves = sum(v.is_leaf for v in self.scene.order)
        self._step("start", line=f"Only inputs, parameters and constants have values ({leaves:,} of them).")
        self._forward()
        self._backward()
        self._update()
        for frame in self.found.picture.frames:
            inside = [b for b in self.boxes.values() if f"{b.frame}.".startswith(f"{frame.key}.")]
            nodes = sorted(i for b in inside for i in b.nodes)
            self.found.folds[frame.key] = folded_box(frame.key, frame.key, nodes, frame.inside, self.scene)
        return self.found

    def _step(
        self, phase: str, box: str = "", to: str = "", arrow: int = -1, *, line: str, note: str = ""
    ) -> int:
        self.found.steps.append(Step(phase, box, to, arrow, line, note))
        return len(self.found.steps) - 1

    # -- forward ----------------------------------------------------------------------------------

    def _forward(self) -> None:
        waiting = {
            key: sum(not self.scene.order[i].is_leaf for i in box.nodes) for key, box in self.boxes.items()
        }
        for v in self.scene.order:
            box, step = self.owner[v], 0
            if not v.is_leaf:
                waiting[box.key] -= 1
                if box.kind != "folded":
                    step = self._step("forward", box.key, line=self.writer.forward(v))
                elif not waiting[box.key]:  # a folded box is one step, when all in it is done
                    self._step("forward", box.key, line=f"{box.title}: {box.facts[0]}")
            if box.kind != "folded":
                shown = box.facts[bool(v.ndim)]
                self.found.values[box.key] = [Moment(step, shown, exact(v.data), box.value)]

    # -- backward ---------------------------------------------------------------------------------

    def _backward(self) -> None:
        output = self.writer.output
        seed, key = self.scene.gradient(output), self.owner[output].key
        self._note(output, seed, self._step("backward", key, key, line=self.writer.seed(seed)), True)
        everything = list(contributions(output, seed))
        total = Counter(c.node.parents[c.i] for c in everything)
        ahead = Counter(map(self._between, everything))
        done: Counter[Value] = Counter()
        size = dict(ahead)
        for c in everything:
            parent, pair = c.node.parents[c.i], self._between(c)
            done[parent] += 1
            ahead[pair] -= 1
            if pair is None or (pair[0] != pair[1] and not ahead[pair]):
                self._contribution(c, size[pair] if pair else 0, done[parent], total[parent])
            if self.owner[parent].kind == "folded" and parent.is_leaf:
                self._note_folded(self.owner[parent])

    def _between(self, c: Contribution) -> tuple[str, str] | None:
        """The two boxes, if one is folded: what passes from one to the other is one step then."""
        above, below = self.owner[c.node], self.owner[c.node.parents[c.i]]
        return (above.key, below.key) if "folded" in (above.kind, below.kind) else None

    def _contribution(self, c: Contribution, together: int, done: int, total: int) -> None:
        """One step: what an operation adds to an operand's gradient, or a folded box to another's."""
        parent = c.node.parents[c.i]
        above, below = self.owner[c.node], self.owner[parent]
        line = self._together(c, together) if together else self.writer.backward(c)
        closed = below.kind == "folded"
        note = "" if closed or total == 1 else self.writer.sum_so_far(c, done, total)
        step = self._step("backward", above.key, below.key, self._arrow(c), line=line, note=note)
        if not closed:
            self._note(parent, c.total, step, c.last)

    def _together(self, c: Contribution, count: int) -> str:
        above, below = self.owner[c.node], self.owner[c.node.parents[c.i]]
        many = f"{count:,} contribution{'s' * (count > 1)}"
        if below.kind == "folded":
            return f"into {below.title}: {many} from {above.title}"
        return f"{self.writer.gradient(c.node.parents[c.i])} += {many} from {above.title}"

    def _arrow(self, c: Contribution) -> int:
        """The arrow of an operand; of one that is there twice, its own."""
        parents = c.node.parents
        found = self.arrows.get((self.owner[parents[c.i]].key, self.owner[c.node].key), [-1])
        return found[min(sum(p is parents[c.i] for p in parents[: c.i]), len(found) - 1)]

    def _note(self, v: Value, total: Any, step: int, last: bool) -> None:
        """From this step on, the box shows this sum."""
        box = self.owner[v]
        if box.kind == "folded":
            return
        if last:
            moment = Moment(step, box.facts[-1], exact(self.scene.gradient(v)), box.gradient)
        else:
            moment = Moment(step, f"gradient {in_short(total)} so far", exact(total), heat_of(total))
        self.found.gradients.setdefault(box.key, []).append(moment)

    def _note_folded(self, box: Box) -> None:
        """A folded box shows the norm of its leaves' gradients when all are there."""
        self.found.gradients[box.key] = [Moment(len(self.found.steps) - 1, box.facts[-1], "")]

    # -- update -------------------------------------------------------------------------------------

    def _update(self) -> None:
        for v in self.scene.order:
            box = self.owner[v]
            if not (v.is_leaf and v.requires_grad) or box.kind == "folded":
                continue
            g = self.scene.gradient(v)
            step = self._step("update", box.key, line=self.writer.update(v, self.lr, g))
            if self.lr is not None:
                new = updated(v, self.lr, g)
                before = "" if v.ndim else f"{in_short(v.data)} -> "
                text = f"value {before}{in_short(new)}{' updated' * bool(v.ndim)}"
                self.found.values[box.key].append(Moment(step, text, exact(new), heat_of(new)))
