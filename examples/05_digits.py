"""Handwritten digits: a network of 64-32-10 neurons learns to read 8x8 images in seconds.

The UCI optical digits: 1,797 images, four fifths to learn from, one fifth held out.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import common
import numpy as np

from nn import MLP, SGD, fit, plots

DATA = Path(__file__).parent / "data" / "digits.csv.gz"
ROUNDS, EPOCHS = 6, 5
SHADES = " .:-=+*#%@"


def load(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Images to learn from, their labels, images held out, their labels; pixels from 0 to 1."""
    table = np.loadtxt(DATA, delimiter=",")
    images, labels = (table[:, :-1] / 16).astype(np.float32), table[:, -1].astype(int)
    order = rng.permutation(len(labels))
    held_out, learn = np.split(order, [len(order) // 5])
    return images[learn], labels[learn], images[held_out], labels[held_out]


def read(model: MLP, images: np.ndarray) -> np.ndarray:
    """The digit that the network sees in each image."""
    return model(images).data.argmax(axis=1)


def train(model: MLP, data: tuple[np.ndarray, ...], rng: np.random.Generator) -> tuple[Any, Any]:
    """Learn in rounds: (epoch, loss, accuracy learnt, accuracy held out) of each; all losses."""
    images, labels, new_images, new_labels = data
    optimizer = SGD(model.parameters(), lr=0.2, momentum=0.9)
    rows, losses = [], []
    for _ in range(ROUNDS):
        history = fit(
            model, "cross_entropy", (images, labels), optimizer, epochs=EPOCHS, batch_size=32, rng=rng
        )
        learnt, held_out = (
            (read(model, images) == labels).mean(),
            (read(model, new_images) == new_labels).mean(),
        )
        losses += history.losses
        rows.append((len(losses), losses[-1], learnt, held_out))
    return rows, losses


def as_text(image: np.ndarray) -> list[str]:
    """Eight lines of shades."""
    return ["".join(2 * SHADES[int(p * (len(SHADES) - 1))] for p in row) for row in image.reshape(8, 8)]


def report_mistakes(images: np.ndarray, labels: np.ndarray, seen: np.ndarray) -> None:
    """Which digits are misread most, as what, and how some of them look."""
    wrong = np.flatnonzero(seen != labels)
    rows = []
    for digit, missed in Counter(labels[wrong].tolist()).most_common(4):
        taken = Counter(seen[wrong][labels[wrong] == digit].tolist())
        as_what = ", ".join(f"{other} ({n})" for other, n in taken.most_common())
        rows.append((str(digit), int((labels == digit).sum()), missed, as_what))
    print("Misread most often:")
    common.table({"digit": "", "held out": "d", "misread": "d", "taken for (times)": ""}, rows)
    print("Some of them:\n")
    some = wrong[:4]
    captions = [f"is {labels[i]}, read as {seen[i]}" for i in some]
    print("  " + "".join(f"{caption:<20}" for caption in captions).rstrip())
    for lines in zip(*(as_text(images[i]) for i in some), strict=True):
        print("  " + "".join(f"{line:<20}" for line in lines).rstrip())


def draw(
    figure: Any, rows: list[tuple[Any, ...]], losses: list[float], mistakes: list[tuple[Any, int, int]]
) -> None:
    """The loss, the accuracy, and the misread digits."""
    left, right = figure.subfigures(1, 2, width_ratios=[3, 2])
    loss, accuracy = left.subplots(1, 2)
    epochs, _, learnt, held_out = zip(*rows, strict=True)
    plots.loss_history(losses, ax=loss)
    loss.set_ylabel("cross-entropy")
    accuracy.plot(epochs, learnt, "o-", color=plots.BLUE, label="training")
    accuracy.plot(epochs, held_out, "o-", color=plots.VERMILLION, label="held out")
    accuracy.set(title="Accuracy", xlabel="epoch", ylabel="share read correctly")
    accuracy.legend(loc="lower right")
    right.suptitle("Misread")
    panels = list(right.subplots(2, 4).flat)
    for ax in panels:
        ax.axis("off")
    for ax, (image, label, seen) in zip(panels, mistakes, strict=False):
        ax.imshow(image.reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(f"{label} read as {seen}", fontsize=9, loc="center")


def main(output: Path) -> list[Path]:
    """Print the report; return the files written."""
    common.heading("Reading handwritten digits")
    rng = np.random.default_rng(0)
    data = _, labels, new_images, new_labels = load(rng)
    model = MLP(64, [32, 10], activation="relu", rng=rng)
    weights = sum(p.size for p in model.parameters())
    print(f"{len(labels)} images to train on, {len(new_labels)} held out; {weights} parameters.")

    start = time.perf_counter()
    rows, losses = train(model, data, rng)
    seconds = time.perf_counter() - start
    common.table({"epoch": "d", "loss": ".4f", "right, training": ".2%", "right, held out": ".2%"}, rows)
    seen = read(model, new_images)
    right = int((seen == new_labels).sum())
    print(f"Held out: {right} of {len(new_labels)} read correctly, accuracy {right / len(new_labels):.4f}.")
    print(f"Training took {seconds:.1f} seconds.\n")
    report_mistakes(new_images, new_labels, seen)
    wrong = np.flatnonzero(seen != new_labels)
    mistakes = [(new_images[i], new_labels[i], seen[i]) for i in wrong]
    return common.save_plot(output / "digits.png", (11, 3.6), draw, rows, losses, mistakes)


if __name__ == "__main__":
    common.run(main, __doc__)
