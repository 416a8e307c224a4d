"""The page in a browser: three widths, light and dark, keyboard alone, and axe-core."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tasks.report.page import render_customer, render_report
from tests.flows.browser import CHROMIUM, FLAGS, SHOTS
from tests.tasks.report.made_up import empty, made_up
from tests.tasks.report.made_up_customer import made_up_customer
from tests.tasks.report.test_page import HOSTILE, few, with_texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium is installed"),
]
LOOKS = [(width, scheme) for width in (390, 1024, 1920) for scheme in ("light", "dark")]
WIDE = "[document.documentElement.scrollWidth, window.innerWidth]"
FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  return [element.tagName, element.dataset.turn ?? element.dataset.open ?? element.id, style.outlineStyle];
}"""
DEEPEST = """(depth) => depth === Math.max(
  ...[...document.querySelectorAll(".block:not([hidden])")].map((block) => Number(block.dataset.depth)))"""
ARRIVED = "() => Math.abs(document.getElementById('segment-N.E.O.A').getBoundingClientRect().top) < 40"
REACHABLE = """() => [...document.querySelectorAll('a[href], button, select, summary, [tabindex="0"]')]
  .filter((element) => element.checkVisibility() && !element.hidden).length"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    long = with_texts(made_up(), " ".join(HOSTILE))
    told = {"full": made_up(), "few": few(), "empty": empty(), "hostile": replace(long, release=made_up().release)}
    for name, report in told.items():
        Path(folder / f"{name}.html").write_text(render_report(report, {"Data Docs": "docs.html"}), encoding="utf-8")
    (folder / "customer.html").write_text(render_customer(made_up_customer()), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in (*told, "customer")}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


class Opened:
    """A page that keeps what it complained about and whom it asked."""

    def __init__(self, browser: "Browser", address: str, width: int = 1024, scheme: Any = "light", **more: Any) -> None:
        self.page: Page = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, **more
        ).new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.set_default_timeout(10_000)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("full", *look) for look in LOOKS]
    + [("customer", *look) for look in LOOKS[::3]]
    + [("empty", 390, "light"), ("hostile", 390, "dark"), ("hostile", 1024, "light")],
)
def test_it_opens_at_every_width(browser: "Browser", pages: dict[str, str], name: str, width: int, scheme: str) -> None:
    opened = Opened(browser, pages[name], width, scheme)
    opened.page.evaluate("for (const details of document.querySelectorAll('.figures')) details.open = true")
    content, window = opened.page.evaluate(WIDE)
    assert content <= window
    assert opened.complaints == []
    assert [address for address in opened.asked if not address.startswith(("file:", "data:"))] == []
    SHOTS.mkdir(exist_ok=True)
    opened.page.screenshot(path=SHOTS / f"report-{name}-{width}-{scheme}.png")


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("few", 390, "dark"),
        ("few", 1024, "light"),
        ("few", 1920, "dark"),
        ("customer", 390, "light"),
        ("customer", 1024, "dark"),
        ("empty", 1920, "light"),
    ],
)
def test_axe_finds_nothing_serious(
    browser: "Browser", pages: dict[str, str], name: str, width: int, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    opened = Opened(browser, pages[name], width, scheme, bypass_csp=True)
    opened.page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    violations = Axe().run(opened.page).response["violations"]
    assert [
        (each["id"], [node["target"] for node in each["nodes"][:3]])
        for each in violations
        if each["impact"] in ("serious", "critical")
    ] == []


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    reached = []
    for _ in range(page.evaluate(REACHABLE)):
        page.keyboard.press("Tab")
        reached.append(tuple(page.evaluate(FOCUSED)))
    assert reached[0][0] == "A"
    assert {"15,0", "0,-10", "reset", "play", "1", "4"} <= {name for _, name, _ in reached}
    assert {"A", "BUTTON", "SELECT", "SUMMARY", "DIV"} <= {tag for tag, _, _ in reached}
    assert "BODY" not in {tag for tag, _, _ in reached}
    assert {outline for _, _, outline in reached} == {"solid"}


def trail(page: "Page") -> list[float]:
    text = page.locator(".trail polyline").first.get_attribute("points") or ""
    return [float(value) for value in text.replace(",", " ").split()]


def test_trajectories_turn(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    drawn = trail(page)
    page.locator("[data-turn='15,0']").focus()
    page.keyboard.press("ArrowUp")
    tilted = trail(page)
    assert tilted != drawn
    page.keyboard.press("Enter")
    assert trail(page) != tilted
    page.get_by_role("button", name="Start again").click()
    assert trail(page) == pytest.approx(drawn, abs=0.3)  # drawn twice: in Python, and here in the browser
    page.locator(".space").scroll_into_view_if_needed()
    box = page.locator(".space").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 320, box["y"] + 300)
    page.mouse.up()
    assert trail(page) != pytest.approx(drawn, abs=1)


def test_they_turn_slowly_only_for_those_who_like_it(browser: "Browser", pages: dict[str, str]) -> None:
    calm = Opened(browser, pages["full"], reduced_motion="reduce").page
    assert not calm.locator("[data-turn=play]").is_visible()
    page = Opened(browser, pages["full"], reduced_motion="no-preference").page
    before = trail(page)
    page.locator("[data-turn=play]").click()
    page.wait_for_function(
        "before => document.querySelector('.trail polyline').getAttribute('points') !== before", arg=before
    )
    page.locator("[data-turn=play]").click()
    assert page.locator("[data-turn=play]").get_attribute("aria-pressed") == "false"


def test_one_segment_can_be_brought_out(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    page.get_by_label("Bring out").select_option("E.A")
    assert page.locator(".trail.bright").count() == 1
    assert page.locator(".trail.bright text").is_visible()


def test_the_hierarchy_opens_level_by_level(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    shown = page.locator(".icicle .block:not([hidden])")
    depths = {branch.depth for branch in made_up().branches}
    counts = []
    for depth in sorted(depths):
        page.get_by_role("button", name=f"{depth} trait", exact=False).first.click()
        page.wait_for_function(DEEPEST, arg=depth)
        counts.append(shown.count())
    assert counts == [sum(branch.depth <= depth for branch in made_up().branches) for depth in sorted(depths)]
    page.get_by_role("button", name="1 trait", exact=True).click()
    page.locator(".twig[data-code=E] > summary").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.block[data-code=\"E.A\"]:not([hidden])')")
    assert page.locator(".block[data-code='C.A']").get_attribute("hidden") is not None


def test_drawings_say_what_is_pointed_at(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    page.locator(".block[data-code=E]").hover()
    assert page.locator("#hierarchy-chart .readout").inner_text().startswith("Extraversion (E): ")


def test_segments_can_be_sorted(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    page.locator("#segments-table th:nth-child(2) button").click()
    page.locator("#segments-table th:nth-child(2) button").click()
    sizes = [int(text.replace(",", "")) for text in page.locator("#segments-table td:nth-child(2)").all_inner_texts()]
    assert sizes == sorted(segment.customers for segment in made_up().segments)
    assert page.locator("#segments-table th[aria-sort=ascending]").count() == 1


def test_it_can_be_read_without_script_and_is_open_in_print(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"], java_script_enabled=False).page
    assert page.locator(".tools:visible").count() == 0
    assert page.locator(".readout:visible").count() == 0
    assert page.locator(".icicle .block:visible").count() == len(made_up().branches)
    printed = Opened(browser, pages["full"]).page
    printed.emulate_media(media="print")
    assert printed.locator(".tools:visible").count() == 0
    assert printed.locator("#stability-table").evaluate("(table) => table.getBoundingClientRect().height") > 0


def test_a_link_to_a_segment_leads_there(browser: "Browser", pages: dict[str, str]) -> None:
    page = Opened(browser, pages["full"]).page
    page.locator("#segments-table").get_by_role("link", name="Neuroticism, then extraversion, then openness").click()
    page.wait_for_url("**#segment-N.E.O.A")
    page.wait_for_function(
        "() => Math.abs(document.getElementById('segment-N.E.O.A').getBoundingClientRect().top) < 40"
    )


@pytest.mark.parametrize(
    ("name", "page", "section"),
    [
        ("report-segments", "full", "#segments"),
        ("report-map", "full", "#map"),
        ("report-hierarchy", "full", "#hierarchy"),
        ("customer-why", "customer", "#why"),
    ],
)
def test_pictures_for_the_docs(pages: dict[str, str], browser: "Browser", name: str, page: str, section: str) -> None:
    """Leave the pictures that `make pictures` puts into docs/images."""
    SHOTS.mkdir(exist_ok=True)
    picture = SHOTS / f"{name}.png"
    Opened(browser, pages[page]).page.locator(section).screenshot(path=picture)
    assert picture.stat().st_size > 5_000
