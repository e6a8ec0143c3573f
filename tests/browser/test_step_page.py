"""The page of step_through, in a browser: what a person sees and does there."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pages import drag, layers, notes_network, place, press, requests, run, text, wheel

from autograd import Value, gradients, step_through

SYMBOLS = "document.querySelectorAll('svg g[role=graphics-symbol], svg g.fold')"
SHOWN = f"[...{SYMBOLS}].filter(g => g.getClientRects().length)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def notes(folder):
    """The page of the notes' network, and its Values."""
    named = notes_network()
    return step_through(named["E"], folder / "notes.html", names=named, lr=0.4), named


@pytest.fixture(scope="module")
def network(folder):
    """The page of a network of neurons that starts unfolded."""
    y = layers()
    return step_through(y, folder / "network.html", lr=0.1), y


def boxes(browser):
    """The texts of the boxes that can be seen, by their first line."""
    lines = f"{SHOWN}.map(g => [...g.querySelectorAll(':scope>text')].map(t => t.textContent))"
    return {box[0].split("  ")[0]: box for box in run(browser, lines)}


def exact(browser, name):
    """The exact value and gradient of a Value, found by its name from the keyboard."""
    run(browser, "(s => { s.value = ''; s.focus(); })(document.getElementById('search'))")
    press(browser, *name)
    found = text(browser, "found")
    assert found.endswith(f": {name}") or f": {name} " in found
    gradient = run(browser, "(e => e && e.textContent)(document.getElementById('exact-gradient'))")
    return text(browser, "exact-value"), gradient


def test_it_opens_from_a_file(open_page, notes):
    """The page opens without a message on the console, asks for nothing else, and shows its start."""
    browser = open_page(notes[0])
    assert browser.get_log("browser") == []
    assert requests(browser) == [notes[0].as_uri()]
    assert text(browser, "where") == "step 0 of 26, start"
    shown = boxes(browser)
    assert shown["w1"] == ["w1", "value 0.15", "gradient"]
    assert shown["a1"] == ["a1  sigmoid", "value", "gradient"]
    assert shown["T"] == ["T", "value 0.25"]


def test_every_step_from_the_keyboard(open_page, notes):
    """The arrow keys go through all steps and back, and the page and its list agree on each."""
    browser = open_page(notes[0])
    listed = run(browser, "[...document.querySelectorAll('#steps li code')].map(e => e.textContent)")
    assert len(listed) == 27
    for k in range(27):
        assert text(browser, "line") == listed[k]
        assert run(browser, "document.querySelectorAll('#steps [aria-current]').length") == 1
        lit = run(browser, "document.querySelectorAll('.lit').length")
        assert lit == (k > 0)
        press(browser, "ARROW_RIGHT")
    assert text(browser, "where") == "step 26 of 26, update"  # the last key did nothing
    press(browser, *["ARROW_LEFT"] * 3)
    assert text(browser, "line") == listed[23]
    for key, where in (("HOME", 0), ("PAGE_DOWN", 1), ("PAGE_DOWN", 10), ("PAGE_DOWN", 23), ("END", 26)):
        press(browser, key)
        assert text(browser, "where").startswith(f"step {where} of 26, ")
    press(browser, "PAGE_UP")
    assert text(browser, "where") == "step 23 of 26, update"
    assert run(browser, "document.getElementById('now').getAttribute('aria-live')") == "polite"


def test_slider_and_list(open_page, notes):
    """The slider obeys the keys and says its step in words; a click in the list goes to a step."""
    browser = open_page(notes[0])
    run(browser, "document.getElementById('slider').focus()")
    press(browser, "ARROW_RIGHT", "ARROW_RIGHT")
    assert run(browser, "document.getElementById('slider').value") == "2"
    said = run(browser, "document.getElementById('slider').getAttribute('aria-valuetext')")
    assert said == "step 2 of 26, forward: z1 = v1 + b1 = 0.015 + 0.4 = 0.415"
    browser.find_element("css selector", "#steps li:nth-child(6)").click()
    assert text(browser, "where") == "step 5 of 26, forward"


def test_values_and_gradients_come_with_their_steps(open_page, notes):
    """A value is empty before its forward step, a gradient before its backward step."""
    browser = open_page(notes[0])
    press(browser, *["ARROW_RIGHT"] * 3)
    assert boxes(browser)["a1"] == ["a1  sigmoid", "value 0.6023", "gradient"]
    assert boxes(browser)["v2"] == ["v2  *", "value", "gradient"]
    press(browser, *["ARROW_RIGHT"] * 15)
    assert text(browser, "line") == "dE/da1 += dE/dv2 * w2 = 0.09476 * 0.45 = 0.04264"
    assert boxes(browser)["a1"][2] == "gradient 0.04264"
    assert boxes(browser)["z1"][2] == "gradient"
    classes = run(browser, "['.lit', '.to'].map(c => document.querySelector(c).textContent.slice(0, 2))")
    assert classes == ["v2", "a1"]


def test_numbers_are_the_engines(open_page, notes):
    """Found by its name from the keyboard, each Value shows the engine's numbers, digit for digit."""
    path, named = notes
    browser = open_page(path)
    press(browser, "PAGE_DOWN", "PAGE_DOWN", "PAGE_DOWN", "ARROW_LEFT")  # the end of the backward pass
    for name, v in named.items():
        gradient = repr(gradients(named["E"], [v])[0]) if v.requires_grad else None
        assert exact(browser, name) == (repr(v.data), gradient)


def test_hover(open_page, notes):
    """The pointer over a box shows its exact numbers, also as a tooltip."""
    from selenium.webdriver import ActionChains

    path, named = notes
    browser = open_page(path)
    press(browser, "END")
    box = run(browser, f"{SHOWN}.find(g => g.textContent.includes('a2'))")
    ActionChains(browser, duration=0).move_to_element(box).perform()
    (gradient,) = gradients(named["E"], [named["a2"]])
    assert text(browser, "exact-value") == repr(named["a2"].data)
    assert text(browser, "exact-gradient") == repr(gradient)
    title = run(browser, "arguments[0].querySelector('title').textContent", box)
    assert f"gradient {gradient!r}" in title


def test_partial_sums_accumulate(open_page, folder):
    """A Value that is used three times collects its gradient one contribution after the other."""
    a = Value(3.0, label="a")
    browser = open_page(step_through(a * a + a, folder / "sum.html"))
    press(browser, "PAGE_DOWN", "PAGE_DOWN")
    seen = []
    for _ in range(5):
        seen.append((boxes(browser)["a"][2], text(browser, "note")))
        press(browser, "ARROW_RIGHT")
    assert seen == [
        ("gradient", ""),
        ("gradient", ""),
        ("gradient 1 so far", "dy/da: 1 so far; 1 of 3 contributions"),
        ("gradient 4 so far", "dy/da = 1 + 3 = 4; 2 of 3 contributions"),
        ("gradient 7", "dy/da = 4 + 3 = 7; 3 of 3 contributions: complete"),
    ]


def test_the_update_is_last(open_page, notes):
    """The last steps are those of gradient descent, and the boxes show the parameters before and after."""
    path, named = notes
    browser = open_page(path)
    press(browser, "END")
    phases = run(browser, "[...document.querySelectorAll('#steps li')].map(e => e.className)")
    order = ["start", "forward", "backward", "update"]
    assert phases == sorted(phases, key=order.index)
    assert set(phases[-4:]) == {"update"}
    assert boxes(browser)["w2"][1] == "value 0.45 -> 0.4272"
    (g,) = gradients(named["E"], [named["w2"]])
    assert exact(browser, "w2") == (repr(0.45 - 0.4 * g), repr(g))


def test_arrays(open_page, folder):
    """Arrays have heat maps, empty before their step; the line has shapes; the numbers are the engine's."""
    X = Value(np.linspace(-1, 1, 12).reshape(4, 3), label="X", requires_grad=False)
    W = Value(np.linspace(0, 1, 6).reshape(3, 2), label="W")
    E = (np.tanh(X @ W) ** 2).sum() + (W * W).sum()
    browser = open_page(step_through(E, folder / "arrays.html", names={"E": E}))
    cells = "[...document.querySelectorAll('svg .leaf .heat>g')].map(g => g.childElementCount)"
    assert run(browser, cells)[1] == 0
    press(browser, "END", "ARROW_LEFT")
    assert text(browser, "line").startswith("dW += X.T @ dv1, shapes (3, 4) @ (4, 2) -> (3, 2), norm ")
    assert run(browser, cells)[1] > 0
    shown = [float(x) for x in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", exact(browser, "W")[1])]
    assert np.array_equal(np.reshape(shown, (3, 2)), gradients(E, [W])[0])


def test_fold_and_unfold(open_page, network):
    """A click on a frame's title folds it, a key unfolds it; its steps light the folded box."""
    browser = open_page(network[0])
    before = boxes(browser)
    assert "layer1.neuron0.w0" in before
    title = run(
        browser, "[...document.querySelectorAll('.frame')].find(f => f.textContent.includes('- layer1'))"
    )
    wide = place(browser, "svg")[2]
    run(browser, "arguments[0].dispatchEvent(new MouseEvent('click', {bubbles: true}))", title)
    folded = boxes(browser)
    assert folded["+ layer1"][1:] == ["36 operations", "20 leaves, 20 numbers", ""]
    assert "layer1.neuron0.w0" not in folded
    assert "layer0.neuron0.w0" in folded
    assert place(browser, "svg")[2] < wide  # its room was given away
    inside = (
        "(g => { const [a, b] = [...g.querySelectorAll('rect')].slice(-1).concat(g.querySelector('text.b'))"
        ".map(e => e.getBoundingClientRect());"
        "return a.left < b.left && b.right < a.right && a.top < b.top; })"
        "(document.activeElement)"
    )
    assert run(browser, inside)
    assert run(browser, "document.activeElement.getAttribute('aria-label')").startswith("layer1, folded")
    press(browser, *"/layer1")  # found as it is, in the folded box
    press(browser, "ESCAPE", "END")
    assert boxes(browser)["+ layer1"][3].startswith("gradient norm ")
    steps = run(browser, "[...document.querySelectorAll('#steps code')].map(e => e.textContent)")
    inside = next(k for k, line in enumerate(steps) if line.startswith("dy/dlayer1.neuron0.w0 +="))
    run(browser, "document.querySelectorAll('#steps li')[arguments[0]].click()", inside)
    assert run(browser, "document.querySelector('.lit').getAttribute('aria-label')").startswith(
        "layer1, folded"
    )
    run(browser, "document.querySelector('.lit').focus()")
    press(browser, "ENTER")
    assert boxes(browser).keys() == before.keys()
    assert run(browser, "document.activeElement.getAttribute('aria-expanded')") == "true"


def test_fold_all_and_unfold_all(open_page, network):
    """One key folds everything that has frames, one unfolds it, and search unfolds what it finds."""
    browser = open_page(network[0])
    everything = boxes(browser)
    press(browser, "f")
    few = boxes(browser)
    assert {"+ layer0", "+ layer1", "+ layer2"} <= few.keys()
    assert len(few) < 8
    exact(browser, "layer0.neuron2.w1")
    assert "layer0.neuron2.w1" in boxes(browser)
    assert "+ layer1" in boxes(browser)
    press(browser, "ESCAPE", "u")
    assert boxes(browser).keys() == everything.keys()


def test_no_boxes_overlap_when_folded(open_page, network):
    """Whatever is folded, no two boxes that can be seen overlap."""
    browser = open_page(network[0])
    frames = run(browser, "document.querySelectorAll('.frame').length")
    rng = np.random.default_rng(0)
    for _ in range(6):
        for k in rng.permutation(frames)[:4]:
            run(
                browser,
                "document.querySelectorAll('.frame')[arguments[0]].dispatchEvent(new Event('click'))",
                int(k),
            )
        rects = f"{SHOWN}.map(g => g.querySelector('rect:last-of-type').getBoundingClientRect())"
        r = np.array(run(browser, f"{rects}.map(r => [r.left, r.top, r.right, r.bottom])"))
        apart = (r[:, None, :2] >= r[None, :, 2:] - 0.5).any(-1)
        assert (apart | apart.T | np.eye(len(r), dtype=bool)).all()
        press(browser, "u")


def test_every_control_by_tab(open_page, network):
    """Tab reaches every control, every frame and every box, each with a name and a ring that can be seen."""
    browser = open_page(network[0])
    press(browser, "f")
    script = (
        "(e => [e.id || e.getAttribute('aria-label') || e.tagName, getComputedStyle(e).outlineStyle])"
        "(document.activeElement)"
    )
    met = []
    for _ in range(60):
        press(browser, "TAB")
        met.append(run(browser, script))
        if met[-1][0] in ("BODY", "HTML"):
            break
    names = {name for name, _ in met}
    assert {
        "first",
        "back",
        "slider",
        "next",
        "last",
        "search",
        "more",
        "less",
        "fit",
        "fold",
        "unfold",
    } <= names
    assert any(name.startswith("layer0, folded") for name in names)
    assert any(name.startswith("x0; constant") for name in names)
    assert all(style != "none" for name, style in met if name not in ("BODY", "HTML"))


def test_what_has_the_focus_can_be_seen(open_page, network):
    """Wherever Tab goes, the picture moves so that the box is in it; so it does for the lit box."""
    browser = open_page(network[0])
    seen = (
        "(e => { const [a, b] = [e, document.querySelector('main')].map(e => e.getBoundingClientRect());"
        "return a.right > b.left && a.left < b.right && a.bottom > b.top && a.top < b.bottom; })"
    )
    run(browser, "document.getElementById('unfold').focus()")
    for _ in range(40):
        press(browser, "TAB")
        assert run(browser, f"{seen}(document.activeElement)")
    for _ in range(40):
        press(browser, *["ARROW_RIGHT"] * 4)
        assert run(browser, f"{seen}(document.querySelector('.lit'))")


def test_zoom_and_pan(open_page, notes):
    """Wheel, keys and buttons zoom, dragging and Shift with arrows move, 0 shows the whole."""
    browser = open_page(notes[0])
    whole = place(browser, "svg")
    press(browser, "+")
    assert place(browser, "svg")[2] == pytest.approx(1.25 * whole[2], rel=1e-3)
    press(browser, "-")
    wheel(browser, "main", -500)
    assert place(browser, "svg")[2] > 2 * whole[2]
    press(browser, "0")
    before = place(browser, "svg")
    drag(browser, "main", 30, 50)
    assert place(browser, "svg") - before == pytest.approx([30, 50, 0, 0], abs=1)
    press(browser, "ARROW_DOWN", shift=True)
    assert place(browser, "svg") - before == pytest.approx([30, -10, 0, 0], abs=1)
    assert text(browser, "where") == "step 0 of 26, start"
    browser.find_element("id", "more").click()
    assert place(browser, "svg")[2] > before[2]


def test_search(open_page, notes):
    """Search says how many it found, goes from one to the next, and Escape leaves it."""
    browser = open_page(notes[0])
    press(browser, "/", "w")
    assert text(browser, "found") == "1 of 2: w2"
    press(browser, "ENTER")
    assert text(browser, "found") == "2 of 2: w1"
    press(browser, "q")
    assert text(browser, "found") == "none"
    press(browser, "ESCAPE")
    assert run(browser, "document.activeElement.id") == "slider"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_light_and_dark(open_page, notes, dark):
    """The page has the reader's colours, text and boxes alike."""
    browser = open_page(notes[0], dark=dark)
    colours = run(
        browser,
        "['body', 'svg .computed>rect', 'svg .computed>text'].map("
        "(s, k) => getComputedStyle(document.querySelector(s))[k ? 'fill' : 'backgroundColor'])",
    )
    page, box, ink = (np.mean([int(x) for x in re.findall(r"\d+", c)[:3]]) for c in colours)
    assert (page < 60, box < 60, ink > 200) == (dark, dark, dark)
    assert (page > 200, box > 200, ink < 60) == (not dark, not dark, not dark)


def test_without_scripts(open_page, notes):
    """With scripts switched off it is the finished picture with all numbers, and the steps as a list."""
    browser = open_page(notes[0], scripts=False)
    shown = [e.text for e in browser.find_elements("css selector", "svg g[role=graphics-symbol] text")]
    assert "value 0.6023" in shown
    assert "gradient 0.05707" in shown
    assert len(browser.find_elements("css selector", "#steps li")) == 27
    assert not browser.find_element("id", "controls").is_displayed()


def test_labels_are_text(open_page, folder):
    """A label that looks like a page's end, or like a script, is shown as it is and does nothing."""
    nasty = "</script><img src=x onerror=alert(1)><!--"
    a = Value(2.0, label=nasty)
    browser = open_page(step_through(a * a, folder / "nasty.html"))
    press(browser, "END")
    assert browser.get_log("browser") == []
    assert not browser.find_elements("css selector", "img")
    assert any("</script>" in name for name in boxes(browser))


def test_a_large_graph_starts_folded(open_page, folder):
    """A large graph starts with few boxes, says what stays folded, and its steps can be gone through."""
    y = layers(8, (16, 16, 1))
    browser = open_page(step_through(y, folder / "large.html"))
    assert len(boxes(browser)) <= 200
    assert "stay folded" in run(browser, "document.getElementById('about').textContent")
    press(browser, "PAGE_DOWN", "PAGE_DOWN", "PAGE_DOWN")
    assert text(browser, "where").endswith(", update")
    assert browser.get_log("browser") == []
