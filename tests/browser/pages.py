"""What the tests of pages look at, and the graphs that they show."""

from __future__ import annotations

import json

import numpy as np

from autograd import Value


def notes_network():
    """The lecture notes' two neurons: every Value by its name, the error as E."""
    p = {n: Value(x, label=n) for n, x in {"w1": 0.15, "b1": 0.40, "w2": 0.45, "b2": 0.65}.items()}
    x, T = Value(0.1, label="x", requires_grad=False), Value(0.25, label="T", requires_grad=False)
    z1 = p["w1"] * x + p["b1"]
    a1 = z1.sigmoid()
    z2 = p["w2"] * a1 + p["b2"]
    a2 = z2.sigmoid()
    return {**p, "x": x, "T": T, "z1": z1, "a1": a1, "z2": z2, "a2": a2, "E": 0.5 * (T - a2) ** 2}


def layers(inputs=3, sizes=(4, 4, 1), seed=0):
    """A network of neurons, whose parameters have the paths of modules: ``layer0.neuron1.w2``."""
    rng = np.random.default_rng(seed)
    xs = [Value(x, label=f"x{i}", requires_grad=False) for i, x in enumerate(rng.normal(size=inputs))]
    for k, size in enumerate(sizes):
        outputs = []
        for j in range(size):
            home = f"layer{k}.neuron{j}"
            total = Value(rng.normal(), label=f"{home}.b")
            for i, x in enumerate(xs):
                total = total + Value(rng.normal(), label=f"{home}.w{i}") * x
            outputs.append(total.tanh())
        xs = outputs
    (y,) = xs
    y.label = "y"
    return y


def requests(browser):
    """The addresses of everything that was asked for since the page was opened."""
    events = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]


def run(browser, script, *arguments):
    """The result of a script in the page."""
    return browser.execute_script(f"return {script}", *arguments)


def text(browser, key):
    """The text of an element, by its id."""
    return run(browser, "document.getElementById(arguments[0]).textContent", key)


def press(browser, *keys, shift=False):
    """Press keys, one after the other, wherever the focus is."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.keys import Keys

    chain = ActionChains(browser, duration=0)
    if shift:
        chain.key_down(Keys.SHIFT)
    for key in keys:
        chain.send_keys(getattr(Keys, key, key))
    if shift:
        chain.key_up(Keys.SHIFT)
    chain.perform()


def place(browser, selector):
    """Left, top, width and height of an element on the screen."""
    script = (
        "(r => [r.x, r.y, r.width, r.height])(document.querySelector(arguments[0]).getBoundingClientRect())"
    )
    return np.array(run(browser, script, selector))


def wheel(browser, selector, by):
    """Turn the wheel over the middle of an element, and drag it by so many points if asked."""
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    origin = ScrollOrigin.from_element(browser.find_element("css selector", selector))
    ActionChains(browser, duration=0).scroll_from_origin(origin, 0, by).perform()


def drag(browser, selector, dx, dy):
    """Drag by so many points from the middle of an element."""
    from selenium.webdriver import ActionChains

    start = browser.find_element("css selector", selector)
    ActionChains(browser, duration=0).move_to_element(start).click_and_hold().move_by_offset(
        dx, dy
    ).release().perform()
