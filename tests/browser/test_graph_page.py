"""The page that draw_graph saves, in a browser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pages import drag, notes_network, place, press, requests, run, wheel

from autograd import draw_graph


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    named = notes_network()
    named["E"].backward()
    return draw_graph(named["E"], names=named).save(tmp_path_factory.mktemp("pages") / "graph.html")


def test_it_opens_from_a_file(open_page, page):
    """It opens without a message on the console, and asks for nothing else."""
    browser = open_page(page)
    assert browser.get_log("browser") == []
    assert requests(browser) == [page.as_uri()]


def test_keys(open_page, page):
    """Keys zoom, move, and show the whole picture again."""
    browser = open_page(page)
    whole = place(browser, "svg")
    press(browser, "+")
    assert place(browser, "svg")[2] == pytest.approx(1.25 * whole[2], rel=1e-3)
    press(browser, "-", "ARROW_LEFT", "ARROW_DOWN")
    assert place(browser, "svg") - whole == pytest.approx([60, -60, 0, 0], abs=1)
    press(browser, "0")
    assert place(browser, "svg") == pytest.approx(whole)


def test_buttons_wheel_and_dragging(open_page, page):
    """Buttons and the wheel zoom, dragging moves."""
    browser = open_page(page)
    whole = place(browser, "svg")
    more, less, fit = browser.find_elements("css selector", "button")
    more.click()
    more.click()
    less.click()
    assert place(browser, "svg")[2] == pytest.approx(1.25 * whole[2], rel=1e-3)
    wheel(browser, "main", 500)
    assert place(browser, "svg")[2] < whole[2]
    fit.click()
    drag(browser, "main", -40, 25)
    assert place(browser, "svg") - whole == pytest.approx([-40, 25, 0, 0], abs=1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_light_and_dark(open_page, page, dark):
    """Page, boxes and text have the reader's colours."""
    browser = open_page(page, dark=dark)
    script = (
        "['body', 'svg .leaf>rect', 'svg .leaf>text'].map("
        "(s, k) => getComputedStyle(document.querySelector(s))[k ? 'fill' : 'backgroundColor'])"
    )
    means = [np.mean([int(x) for x in re.findall(r"\d+", c)[:3]]) for c in run(browser, script)]
    assert [m < 128 for m in means] == [dark, dark, not dark]


def test_without_scripts(open_page, page):
    """With scripts switched off it is the picture, with all numbers."""
    browser = open_page(page, scripts=False)
    shown = [e.text for e in browser.find_elements("css selector", "svg text")]
    assert {"value 0.6023", "gradient 0.05707", "0.2037"} <= set(shown)
    assert not browser.find_elements("css selector", "button")
