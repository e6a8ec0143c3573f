"""A browser for the tests of pages; where there is none they are skipped."""

from __future__ import annotations

import shutil

import pytest

FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync --no-first-run --window-size=1400,900"
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Chromium without a window, driven through Selenium; one for all tests."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs the group test (selenium)")
    programs = [shutil.which(name) for name in ("chromium", "google-chrome", "chromium-browser")]
    program, driver = next(filter(None, programs), None), shutil.which("chromedriver")
    if not (program and driver):
        pytest.skip("needs Chromium and its driver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    service = webdriver.ChromeService(driver)  # named, so that none is looked for elsewhere
    with webdriver.Chrome(options=options, service=service) as chrome:
        yield chrome


@pytest.fixture
def open_page(browser):
    """Opens a file, light or dark, with scripts or without."""

    def opened(path, dark=False, scripts=True):
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get(path.resolve().as_uri())
        return browser

    yield opened
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
