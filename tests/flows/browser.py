"""Drives the Prefect UI as a person would, and keeps what it saw."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tests.flows.served import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOTS = Path(__file__).resolve().parents[2] / "test-output"
CHROMIUM = Path("/usr/bin/chromium")
# Chromium must not call home from a test either.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WAIT_MS = 300_000
RUN_SECONDS = 1500  # three dates with all gates took nine minutes beside two workers that run other tests


@contextmanager
def open_page() -> Iterator["Page"]:
    from playwright.sync_api import sync_playwright

    SHOTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1500})
        page.set_default_timeout(WAIT_MS)
        yield page
        browser.close()


def log_in(page: "Page", up: Served) -> None:
    """Type the password that `microseg up` told where to find."""
    page.goto(f"{up.address}/deployments", wait_until="domcontentloaded")
    page.locator("input[type=password]").wait_for()
    page.screenshot(path=SHOTS / "log-in.png")
    page.locator("input[type=password]").fill(up.password)
    page.get_by_role("button", name="Login").click()
    page.locator("input[type=password]").wait_for(state="detached")


def open_form(page: "Page", up: Served, deployment: str) -> str:
    """Open a deployment's run form from the list of deployments and return its text."""
    page.goto(f"{up.address}/deployments", wait_until="domcontentloaded")
    page.get_by_role("link", name=deployment, exact=True).first.click()
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_text("Custom run").click()
    page.get_by_text("max_parallel").first.wait_for()
    page.screenshot(path=SHOTS / f"{deployment}-form.png")
    return page.inner_text("body")


def pick_date(page: "Page", day: date) -> None:
    """Fill the first date that is still empty."""
    page.get_by_text("Select date", exact=True).first.click()
    page.locator("input[type=date]").fill(day.isoformat())
    page.get_by_role("button", name="Apply").click()
    page.locator("input[type=date]").wait_for(state="detached")


def submit_backfill(page: "Page", up: Served, start: date, end: date, for_real: bool, shot: str) -> None:
    """Fill the form, submit it, and wait until the run is complete."""
    open_form(page, up, "backfill")
    pick_date(page, start)
    pick_date(page, end)
    if for_real:
        page.get_by_role("switch").first.click()
    page.screenshot(path=SHOTS / f"{shot}-filled.png")
    # Leaving the page before the server has answered would take the run back.
    with page.expect_response(lambda response: "create_flow_run" in response.url):
        page.get_by_role("button", name="Submit").click()
    page.goto(f"{up.address}/runs", wait_until="domcontentloaded")
    page.get_by_text(f"backfill-{start}-{end}", exact=True).first.click()
    page.wait_for_url("**/runs/flow-run/**")
    run = page.url
    page.goto("about:blank")  # the page of a run is drawn all the time, and would take the run's own core
    wait_for_end(page, up, run.rpartition("/")[2])
    page.goto(run, wait_until="networkidle")
    page.get_by_text("Completed", exact=True).first.wait_for()
    page.wait_for_timeout(2000)  # the page fades in
    page.screenshot(path=SHOTS / f"{shot}-run.png")


def wait_for_end(page: "Page", up: Served, flow_run: str) -> None:
    until = monotonic() + RUN_SECONDS
    while not up.ask(f"flow_runs/{flow_run}")["end_time"]:
        assert monotonic() < until, f"flow run {flow_run} does not end"
        page.wait_for_timeout(500)


def read_artifact(page: "Page", up: Served, key: str) -> str:
    """Open an artifact by its key, keep a picture of it, and return its Markdown."""
    page.goto(f"{up.address}/artifacts/key/{key}", wait_until="networkidle")
    page.screenshot(path=SHOTS / f"{key}.png")
    return str(up.ask(f"artifacts/{key}/latest")["data"])
