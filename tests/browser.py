"""A browser for tests: Chromium without a window, driven by selenium; tests are skipped where there is none."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest


@contextmanager
def open_browser(downloads: Path) -> Iterator[Any]:
    """Start a browser that keeps a log of its console and its requests, and saves what is downloaded in a folder."""
    programs = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
    browser, driver = next(filter(None, programs), None), shutil.which("chromedriver")
    if not browser or not driver:
        pytest.skip("no Chromium with its driver is installed here")
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    # As root, as in many containers, Chromium has no sandbox.
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(driver)
    found = webdriver.Chrome(options=options, service=service)
    try:
        found.set_script_timeout(60)
        yield found
    finally:
        found.quit()


def requests(browser: Any) -> set[str]:
    """Return the addresses that pages asked for since the last call, but for data that they hold themselves."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    addresses = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    return {address for address in addresses if urlparse(address).scheme not in ("data", "blob")}


def resize(browser: Any, width: int, height: int = 900) -> None:
    """Give the page so many pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
