"""The page of a report in a real browser; `make browser` runs these."""

import itertools
import shutil

import pytest
from playwright.sync_api import sync_playwright

from kerasinst import baselines, explain, report

pytestmark = pytest.mark.browser
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")
def page_file(finished, tmp_path_factory):
    """A report of a search with heatmaps and baselines, beside an evaluation that lacks a file."""
    folder = tmp_path_factory.mktemp("report")
    run = explain.explain(shutil.copytree(finished.path, folder / "run"))
    baselines.baselines(run.experiment(), run.path, models=["naive_bayes", "decision_tree"], features=["statistics"])
    other = shutil.copytree(finished.path, folder / "other")
    (other / "history.csv").unlink()
    report.report([run.path, other], folder / "report")
    return folder / "report" / "index.html"


@pytest.fixture(scope="module")
def browser():
    """Chromium without a window."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "there is no Chromium: install it, such as by `apt-get install chromium`"
    options = ["--no-sandbox", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as started:
        running = started.chromium.launch(executable_path=found, args=options)
        yield running
        running.close()


@pytest.fixture
def opened(browser, page_file):
    """Opens the page as a visitor would; gives the page and what went wrong on it."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
        contexts.append(context)
        page, problems = context.new_page(), []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("requestfailed", lambda request: problems.append(request.url[:80]))
        page.goto(page_file.as_uri())
        return page, problems

    yield open_page
    for context in contexts:
        context.close()


def test_it_opens_from_disk_without_errors_and_without_the_network(opened):
    page, problems = opened(offline=True)
    page.wait_for_load_state("networkidle")
    assert problems == []
    pictures = page.evaluate("[...document.images].map(each => [each.complete, each.naturalWidth])")
    assert len(pictures) >= 8 and all(complete and width > 100 for complete, width in pictures)


def test_audio_plays_to_its_end(opened):
    page, problems = opened()
    played = page.evaluate(
        """Promise.all([...document.querySelectorAll("audio")].map(each => new Promise((done, fail) => {
            each.onended = () => done(each.currentTime); each.onerror = () => fail(each.error.message);
            each.play(); })))"""
    )
    assert len(played) >= 2 and all(seconds == pytest.approx(0.5, abs=0.05) for seconds in played)
    assert problems == []


def test_tables_sort_by_mouse_and_by_keyboard(opened):
    page, _ = opened()
    table = page.locator("table.sortable").first
    values = lambda: [float(text) for text in table.locator("tbody td:nth-child(5)").all_inner_texts()]  # noqa: E731
    head = table.get_by_role("columnheader", name="precision")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending" and values() == sorted(values(), reverse=True)
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending" and values() == sorted(values())
    first = table.get_by_role("columnheader", name="model")
    first.get_by_role("button").click()
    names = table.locator("tbody th").all_inner_texts()
    assert first.get_attribute("aria-sort") == "ascending" and names == sorted(names, key=str.lower)
    assert head.get_attribute("aria-sort") is None
    assert table.locator("tbody button").count() == 0


@pytest.mark.parametrize("width", [400, 1200])
def test_nothing_sticks_out_of_the_window(opened, width):
    page, _ = opened(viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 16


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened, scheme):
    """WCAG 2.1, success criterion 1.4.3: a contrast of at least 4.5."""
    page, _ = opened(color_scheme=scheme)
    ground = _luminance(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert (ground < 0.1) == (scheme == "dark")
    for selector in ("p", ".muted", "th", "td", "a", "figcaption", "dt"):
        text = _luminance(page.evaluate(f"getComputedStyle(document.querySelector('{selector}')).color"))
        lighter, darker = max(text, ground), min(text, ground)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, selector


def test_it_prints_on_paper(opened):
    page, _ = opened()
    assert page.locator("details:not([open])").count() > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0  # what is folded is printed, too
    page.emulate_media(media="print", color_scheme="dark")
    assert _luminance(page.evaluate("getComputedStyle(document.body).color")) < 0.1  # no white ink
    assert not page.locator("audio").first.is_visible() and not page.locator("nav").is_visible()
    sheet = page.pdf(format="A4")
    assert sheet.startswith(b"%PDF") and sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") >= 3


def test_a_screen_reader_finds_its_way(opened):
    page, _ = opened()
    assert page.evaluate("document.documentElement.lang") == "en" and page.title()
    assert page.locator("h1").count() == page.locator("main").count() == page.get_by_role("navigation").count() == 1
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map(each => +each.tagName[1])")
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.evaluate("[...document.images].every(each => each.alt.length > 3)")
    assert page.evaluate("[...document.querySelectorAll('audio')].every(each => each.ariaLabel)")
    assert page.evaluate("[...document.querySelectorAll('th')].every(each => ['col', 'row'].includes(each.scope))")
    anchors = page.evaluate("[...document.querySelectorAll('nav a')].map(each => !!document.querySelector(each.hash))")
    assert len(anchors) >= 8 and all(anchors)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#summary"


def test_what_is_missing_is_said(opened):
    page, _ = opened()
    assert page.get_by_text("there is no history.csv").is_visible()


def _luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, by WCAG 2.1."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
