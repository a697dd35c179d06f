"""The page to draw on, in a real browser: it computes what the program does, and does what it says."""

import re
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event as Flag
from typing import Any

import numpy as np
import pytest

from cnn import Model
from cnn.layer_info import LayerInfo
from cnn.layers import KINDS
from feature_visualize.ascent import SETTINGS
from feature_visualize.attribution import integrated_gradients
from feature_visualize.receptive_field import receptive_field
from preprocessing.digits import find_digits
from preprocessing.foreground import FAINT_THRESHOLD
from preprocessing.mnist import load_mnist
from preprocessing.mnist_form import normalize_digit
from preprocessing.picture import read_picture
from routines.models import read_catalog
from routines.page import PageRequest, make_page
from routines.places import PLACES, Places
from system.arrays import Array
from tests.browser import open_browser, requests, resize

SHIPPED = [model.string for model in read_catalog(PLACES).models]
EVERY_KIND = "C(6,5,p2,s2)-BN-A2-C(8,3,p1)-D(0.25)-P2-C(9,2)-BN-P2-FC24-BN-D(0.5)-FC16-FC10"
SMALLEST = "C(8,5)-P2-C(16,3)-P2-FC128-FC10"
IMAGES = 200
Open = Callable[[str], Any]


@pytest.fixture(scope="module")
def digits() -> Array:
    return load_mnist().x_test[:IMAGES]


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(downloads: Path) -> Iterator[Any]:
    with open_browser(downloads) as found:
        yield found


@cache
def model_of(string: str) -> Model:
    """The model that ships, or one of random numbers."""
    for model in read_catalog(PLACES).models:
        if model.string == string:
            return model
    model, generator = Model.create(string), np.random.default_rng(0)
    for arrays in model.arrays().values():
        for name, array in arrays.items():
            if name != "weight":
                array[...] = generator.uniform(0.5, 1.5, array.shape) * (1 if name == "variance" else 0.5)
    return model


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, digits: Array) -> Callable[[str], Path]:
    """Make the page of a model, once; its pictures are rough, and tell of few images."""
    folder, data, made = tmp_path_factory.mktemp("pages"), load_mnist(), dict[str, Path]()
    np.savez(folder / "few.npz", x_test=digits, y_test=data.y_test[:IMAGES])
    places = Places.of(folder, folder / "few.npz")

    def make(string: str) -> Path:
        if string not in made:
            path = folder / f"{len(made)}.html"
            request = PageRequest(model_of(string), path, settings=replace(SETTINGS, steps=2))
            for _ in make_page(request, places, Flag()):
                pass
            made[string] = path
        return made[string]

    return make


@pytest.fixture
def open_page(browser: Any, pages: Callable[[str], Path]) -> Iterator[Open]:
    """Open the page of a model; nothing may be complained of in the console, or asked for beyond the file."""
    opened: set[str] = set()

    def open_it(string: str) -> Any:
        address = pages(string).as_uri()
        resize(browser, 1440)
        browser.get_log("browser")
        requests(browser)
        browser.get(address)
        opened.add(address)
        wait_for(browser, "return document.documentElement.dataset.ready === 'true'")
        return browser

    yield open_it
    assert [entry["message"] for entry in browser.get_log("browser")] == []
    assert requests(browser) <= opened


def wait_for(page: Any, script: str, seconds: float = 30) -> Any:
    """Run a script until it returns something true, and return that."""
    end = time.monotonic() + seconds
    while not (found := page.execute_script(script)):
        assert time.monotonic() < end, script
        time.sleep(0.05)
    return found


def settled(page: Any) -> None:
    """Wait until the page has read what was drawn last."""
    page.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def draw(page: Any, *strokes: list[tuple[float, float]]) -> None:
    """Draw strokes with the mouse; points are shares of the paper's side."""
    from selenium.webdriver import ActionChains

    paper = page.find_element("id", "paper")
    page.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", paper)
    width, height = paper.size["width"], paper.size["height"]

    def at(point: tuple[float, float]) -> tuple[int, int]:
        return round((point[0] - 0.5) * width), round((point[1] - 0.5) * height)

    for first, *others in strokes:
        actions = ActionChains(page, duration=5)
        actions.move_to_element_with_offset(paper, *at(first)).click_and_hold()
        start = first
        for end in others:
            for share in np.linspace(0.125, 1, 8):
                between = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
                actions.move_to_element_with_offset(paper, *at(between))
            start = end
        actions.release().perform()
    settled(page)


SEVEN = [(0.28, 0.2), (0.72, 0.2), (0.45, 0.82)]
ONE = [(0.5, 0.15), (0.5, 0.85)]
L_SHAPE = [(0.3, 0.15), (0.3, 0.8), (0.75, 0.8)]


def answer(page: Any) -> str:
    text: str = page.execute_script("return document.querySelector('#answer strong').textContent")
    return text


def close(found: Any, expected: Array, tolerance: float = 1e-4) -> bool:
    """Whether numbers of the page are those of the program, within a share of the largest."""
    array = np.asarray(found, np.float64)
    return bool(np.abs(array - expected.ravel()).max() <= tolerance * max(1, float(np.abs(expected).max())))


@pytest.mark.parametrize("string", [*SHIPPED, EVERY_KIND])
def test_probabilities_are_the_program_s(open_page: Open, digits: Array, string: str) -> None:
    page = open_page(string)
    found = page.execute_script(
        "return arguments[0].map((image) => readDigit(image))", (digits.reshape(-1, 784) / 255).tolist()
    )
    assert np.abs(np.array(found) - model_of(string).probabilities(digits)).max() < 1e-4


@pytest.mark.parametrize("given", ["[]", "Array(783).fill(0)", "Array(784).fill(255)", "Array(784).fill(NaN)"])
def test_what_is_no_image_is_refused(open_page: Open, given: str) -> None:
    page = open_page(SMALLEST)
    message = page.execute_script(f"try {{ readDigit({given}) }} catch (error) {{ return error.message }}")
    assert message.startswith("readDigit takes 784 numbers from 0 to 1")


@pytest.mark.parametrize("string", [*SHIPPED, EVERY_KIND])
def test_activation_maps_and_fields_are_the_program_s(open_page: Open, digits: Array, string: str) -> None:
    page, model = open_page(string), model_of(string)
    page.execute_script("paper.show(Float32Array.from(arguments[0]))", (digits[0].ravel() / 255).tolist())
    settled(page)
    for layer in model.layers:
        found = page.execute_script(f"return Array.from(inside.shown(network.layers[{layer.number - 1}]))")
        assert close(found, model.activations(digits[0], layer.number)[0])
        for unit in {0, layer.shape[-1] // 2, layer.shape[-1] - 1} if len(layer.shape) > 1 else {0}:
            seen = receptive_field(model.specs, layer.number, unit)
            field = page.execute_script(f"return network.receptiveField({layer.number}, {unit}, {unit})")
            assert field == {"top": seen.start, "left": seen.start, "bottom": seen.stop, "right": seen.stop}


@pytest.mark.parametrize("string", [SHIPPED[0], SHIPPED[-1], EVERY_KIND])
def test_reasons_are_the_program_s(open_page: Open, digits: Array, string: str) -> None:
    page, model = open_page(string), model_of(string)
    last, image = len(model.specs), digits[1].astype(np.float32) / 255
    found = page.execute_script(
        """
        const weights = classes.map((_, i) => (i === 2) - (i === 7));
        const steps = integratedGradients(new Network(data.model, arrays), arguments[0], arguments[1], weights, 32);
        return Array.from([...steps].at(-1));
        """,
        image.ravel().tolist(),
        last,
    )
    # A pixel on the edge of two linear parts may be on one side here and on the other there.
    assert close(found, integrated_gradients(model.network(), image, 2, 7, steps=32), 1e-3)


def test_every_kind_of_layer_is_in_the_page(open_page: Open) -> None:
    page = open_page(SMALLEST)
    found = page.execute_script(
        "return arguments[0].map((token) => KINDS.some((kind) => kind.token.test(token)))",
        [kind.example for kind in KINDS],
    )
    assert all(found)


@pytest.mark.parametrize("stroke, name", [(SEVEN, "7"), (ONE, "1")])
def test_a_digit_drawn_with_the_mouse_is_read(open_page: Open, stroke: list[tuple[float, float]], name: str) -> None:
    page = open_page(SHIPPED[-1])
    draw(page, stroke)
    assert answer(page) == name
    assert page.execute_script("return byId('bars').querySelector('.best b').textContent") == name
    assert page.execute_script("return byId('hint').hidden")


def test_a_drawing_is_brought_into_the_program_s_form(open_page: Open) -> None:
    page, generator = open_page(SMALLEST), np.random.default_rng(0)
    shapes = [[SEVEN], [ONE], [L_SHAPE, [(0.5, 0.5)]], [[(0.5, 0.5)]]]
    shapes += [[list(map(tuple, generator.uniform(0.1, 0.9, (count, 2))))] for count in (2, 4, 5, 6, 7, 8)]
    for strokes in shapes:
        points = [[{"x": x, "y": y} for x, y in stroke] for stroke in strokes]
        ink, found = page.execute_script(
            """
            const ink = inkOf(arguments[0], PEN);
            return [{ ...ink, values: Array.from(ink.values) }, Array.from(normalizeDrawing(arguments[0], PEN))];
            """,
            points,
        )
        mask = np.array(ink["values"], np.float32).reshape(ink["height"], ink["width"])
        expected = normalize_digit(2 * mask, FAINT_THRESHOLD) / 255
        assert np.abs(np.array(found).reshape(28, 28) - expected).max() < 0.01


def test_strokes_are_undone_one_by_one_and_cleared(open_page: Open) -> None:
    page = open_page(SMALLEST)
    draw(page, ONE, [(0.2, 0.5), (0.8, 0.5)])
    page.find_element("id", "undo").click()
    settled(page)
    assert answer(page) == "1"
    page.find_element("id", "clear").click()
    settled(page)
    assert answer(page) == ""
    assert not page.find_element("id", "undo").is_enabled()
    assert page.execute_script("return Math.max(...pixels)") == 0


def test_a_digit_is_drawn_by_keyboard(open_page: Open) -> None:
    from selenium.webdriver.common.keys import Keys

    page = open_page(SHIPPED[-1])
    paper = page.find_element("id", "paper")
    paper.send_keys(Keys.ESCAPE, Keys.ARROW_UP * 8, Keys.SPACE, Keys.ARROW_DOWN * 16, Keys.SPACE)
    settled(page)
    assert answer(page) == "1"
    assert page.execute_script("return byId('spoken').textContent").startswith("1, ")
    paper.send_keys(Keys.CONTROL + "z")
    settled(page)
    assert answer(page) == ""


def test_a_finger_draws_and_does_not_scroll(open_page: Open) -> None:
    page = open_page(SHIPPED[-1])
    resize(page, 390, 844)
    page.execute_script("byId('paper').scrollIntoView({behavior: 'instant'})")
    box = page.execute_script("return byId('paper').getBoundingClientRect().toJSON()")
    before = page.execute_script("return scrollY")
    points = [(0.28 + 0.44 * share, 0.2) for share in np.linspace(0, 1, 9)]
    points += [(0.72 - 0.27 * share, 0.2 + 0.62 * share) for share in np.linspace(0.1, 1, 9)]
    for place, (x, y) in enumerate(points):
        touch = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}]
        kind = "touchMove" if place else "touchStart"
        page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})
    page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settled(page)
    assert answer(page) == "7"
    assert page.execute_script("return scrollY") == before


def test_what_the_network_is_not_sure_of_does_not_look_like_a_digit(open_page: Open) -> None:
    page = open_page(SMALLEST)
    draw(page, SEVEN)
    sure = page.execute_script("return Math.max(...probabilities)")
    for threshold, shown in ((sure + 1e-6, "?"), (sure - 1e-6, "7")):
        page.execute_script("data.threshold = arguments[0]; read()", threshold)
        assert answer(page) == shown
    page.execute_script("data.threshold = 1; read()")
    assert "does not look like a digit" in page.find_element("id", "answer").text


def test_kept_drawings_are_downloaded_as_pictures_that_read_the_same(open_page: Open, downloads: Path) -> None:
    page, model = open_page(SMALLEST), model_of(SMALLEST)
    seen = []
    for label, stroke in ((7, SEVEN), (1, ONE), (7, [*SEVEN[:2], (0.5, 0.9)]), (2, L_SHAPE)):
        draw(page, stroke)
        seen.append(np.array(page.execute_script("return Array.from(pixels)")).reshape(28, 28))
        page.find_elements("css selector", "#keep button")[label].click()
        wait_for(page, f"return kept.length === {len(seen)}")
    page.find_elements("css selector", "#kept button")[3].click()  # which removes it
    page.find_element("id", "download").click()
    path = downloads / "my_digits.zip"
    end = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["7_001.png", "1_001.png", "7_002.png"]
        archive.extractall(downloads)
    for name, image in zip(("7_001", "1_001", "7_002"), seen, strict=False):
        (digit,) = find_digits(read_picture(downloads / f"{name}.png").pixels).digits
        # Of pictures of other sizes, sides and middles are rounded to other pixels.
        moved = [np.roll(digit.image / 255, (down, right), (0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
        assert min(np.abs(each - image).mean() for each in moved) < 0.03
        assert model.probabilities(digit.image)[0].argmax() == int(name[0])


def number(text: str) -> float:
    """A number as the page shows it, with a true minus sign."""
    return float(text.replace("\N{MINUS SIGN}", "-"))


def numbers_shown(page: Any) -> list[float]:
    cells = page.find_elements("css selector", "#sums .sum:last-of-type tr td:last-child")
    return [number(cell.text) for cell in cells]


def check_sums(page: Any, layer: LayerInfo) -> None:
    """Check that the last number of the sums that are shown is the one that they explain."""
    number = layer.number
    page.execute_script(f"inside.chooseStrongest({number})")
    value = page.execute_script(
        f"return inside.shown(network.layers[{number - 1}])[indexOf(inside.layer, inside.unit)]"
    )
    title = page.find_element("id", "unit-title").text
    assert title.startswith(f"Layer {number}, {layer.spec}: ") and title.endswith(f": {value:.3f}")
    if shown := numbers_shown(page):
        assert abs(shown[-1] - value) < 6e-4
    else:
        assert f"{value:.3f}" in page.find_element("id", "sums").text


@pytest.mark.parametrize("string", [*SHIPPED, EVERY_KIND])
def test_sums_end_in_the_number_that_they_explain(open_page: Open, string: str) -> None:
    page = open_page(string)
    for layer in model_of(string).layers:
        check_sums(page, layer)
        pictures = page.execute_script("return document.querySelectorAll('#channel-pictures canvas').length")
        assert pictures == 2 + 9


def test_products_of_a_filter_can_be_checked_with_a_pencil(open_page: Open) -> None:
    page = open_page(SMALLEST)
    page.execute_script("inside.chooseStrongest(1)")
    cells = [number(cell.text) for cell in page.find_elements("css selector", "#sums .grid td")]
    patch, weights, products = np.reshape(cells, (3, 25))
    np.testing.assert_allclose(patch * weights, products, atol=2e-3)
    total, bias, before, after = numbers_shown(page)
    assert abs(products.sum() - total) < 0.02
    assert abs(total + bias - before) < 2e-3
    assert after == max(before, 0)


def test_pooling_shows_the_four_and_the_winner(open_page: Open) -> None:
    page = open_page(SMALLEST)
    page.execute_script("inside.chooseStrongest(2)")
    cells = page.find_elements("css selector", "#sums .grid td")
    values = [number(cell.text) for cell in cells]
    assert len(values) == 4
    assert ["winner" in cell.get_attribute("class") for cell in cells] == [
        place == int(np.argmax(values)) for place in range(4)
    ]


def test_a_map_is_tapped_and_its_unit_is_shown(open_page: Open) -> None:
    from selenium.webdriver import ActionChains

    page = open_page(SMALLEST)
    canvas = page.find_elements("css selector", "#strip .maps canvas")[2]
    page.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", canvas)
    ActionChains(page).move_to_element_with_offset(
        canvas, 2 - canvas.size["width"] // 2, 2 - canvas.size["height"] // 2
    ).click().perform()
    title = page.find_element("id", "unit-title").text
    assert re.match(r"Layer 3, C\(16,3\): channel 0, row 0, column 0: \d", title)
    from selenium.webdriver.common.keys import Keys

    page.find_element("id", "map").send_keys(Keys.ARROW_DOWN, Keys.ARROW_RIGHT * 2)
    assert "channel 0, row 1, column 2" in page.find_element("id", "unit-title").text


def test_why_this_and_not_that_adds_up(open_page: Open) -> None:
    page = open_page(SMALLEST)
    draw(page, SEVEN)
    page.execute_script("byId('why-other').value = 1; byId('why-other').dispatchEvent(new Event('change'))")
    wait_for(page, "return byId('why-text').textContent.includes('speaks for 1 orange')")

    def table() -> list[float]:
        cells = page.find_elements("css selector", "#why-sums td:last-child")
        return [number(cell.text) for cell in cells]

    wait_for(page, "return why.job.finished")
    one, other, lead, blank, ink, pixels = table()
    assert abs(one - other - lead) < 2e-3
    assert abs(lead - blank - ink) < 2e-3
    assert abs(ink - pixels) < 0.02 * abs(ink)


def test_a_page_is_resized_before_it_has_read_anything(browser: Any, open_page: Open) -> None:
    source = "addEventListener('DOMContentLoaded', () => dispatchEvent(new Event('resize')))"
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})
    open_page(SMALLEST)
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


@pytest.mark.parametrize("width", [360, 390, 720, 1024, 1440, 2560])
def test_nothing_is_wider_than_the_page(open_page: Open, width: int) -> None:
    page = open_page(SHIPPED[-1])
    resize(page, width)
    for number in (1, 3, len(model_of(SHIPPED[-1]).specs)):
        page.execute_script(f"inside.chooseStrongest({number})")
        settled(page)
        assert page.execute_script("return document.documentElement.scrollWidth") <= width
