"""Pages below the home: whole, of the release that readers see, and written again when that is another."""

import stat
from datetime import date

import pytest

import tasks.report.write
from tasks.operation.reported import remove_reports, report_page, stale_reports, told_release
from tasks.report.page import render_report
from tasks.report.write import write_report
from tasks.report.write_customer import write_customer
from tests.tasks.builders import Bank
from tests.tasks.report.test_shown import FIRST, SECOND, released
from tests.tasks.science.conftest import Bank as Reported
from warehouse.connection import connect
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """The dates whose pages are drawn."""
    days: list[date] = []

    def noted(report, *rest):  # type: ignore[no-untyped-def]
        days.append(report.release.as_of)
        return render_report(report, *rest)

    monkeypatch.setattr(tasks.report.write, "render_report", noted)
    return days


def stale(bank: Bank) -> list[tuple[str, str]]:
    with connect(bank.settings, read_only=True) as connection:
        return stale_reports(connection, bank.settings)


def release_again(bank: Bank, day: date) -> None:
    with connect(bank.settings) as connection:
        connection.execute("UPDATE segments.releases SET released_at = now() WHERE as_of = $1", [day])


def test_a_page_is_written_once_for_each_release(bank: Bank, drawn: list[date]) -> None:
    released(bank, days=2)
    assert stale(bank) == [(str(SECOND), "its report is missing")]
    pages = [write_report(bank.settings, day) for day in (FIRST, SECOND, FIRST, SECOND)]
    assert drawn == [FIRST, SECOND]
    assert stale(bank) == []
    home = bank.settings.home.resolve()
    assert pages[-1] == report_page(home, SECOND)
    assert (home / "reports" / "latest" / "index.html").resolve() == pages[-1]
    assert told_release(pages[0])["as_of"] == str(FIRST)


def test_a_date_that_is_released_anew_is_told_anew_and_so_is_the_newest_beside_it(
    bank: Bank, drawn: list[date]
) -> None:
    released(bank, days=2)
    for day in (FIRST, SECOND):
        write_report(bank.settings, day)
    release_again(bank, FIRST)
    told = "its report is from an earlier release"
    assert stale(bank) == [(str(FIRST), told), (str(SECOND), told)]
    for day in (FIRST, SECOND):
        write_report(bank.settings, day)
    assert stale(bank) == []
    assert drawn == [FIRST, SECOND] * 2
    release_again(bank, SECOND)
    assert stale(bank) == [(str(SECOND), told)]


def test_a_broken_page_and_a_broken_link_are_mended(bank: Bank) -> None:
    page = write_report(released(bank).settings, FIRST)
    whole = page.read_bytes()
    page.write_bytes(whole[:100])
    assert stale(bank)
    (page.parents[1] / "latest").unlink()
    write_report(bank.settings, FIRST)
    assert told_release(page)
    assert stale(bank) == []


def test_pages_of_dates_that_are_let_go_of_leave(bank: Bank) -> None:
    released(bank, days=2)
    pages = [write_report(bank.settings, day) for day in (FIRST, SECOND)]
    assert remove_reports(bank.settings, [FIRST, date(2000, 1, 1)]) == 1
    assert [page.exists() for page in pages] == [False, True]
    assert stale(bank) == []


def test_a_date_without_a_release_has_no_page(bank: Bank) -> None:
    with pytest.raises(MicrosegError, match=f"{SECOND} is not released: run `microseg backfill {SECOND} {SECOND}"):
        write_report(released(bank).settings, SECOND)


def test_a_file_in_the_way_is_one_line(bank: Bank) -> None:
    (released(bank).settings.home / "reports").write_text("")
    with pytest.raises(MicrosegError, match="is a file where reports need a folder"):
        write_report(bank.settings, FIRST)


def test_the_page_of_a_customer_is_for_its_owner_alone(reported: Reported) -> None:
    with connect(reported.settings, read_only=True) as connection:
        text = "SELECT customer_key, customer_id FROM segments.current JOIN raw.customers USING (customer_key)"
        key, customer_id = connection.execute(f"{text} WHERE depth > 0 ORDER BY 1 LIMIT 1").fetchall()[0]
    page = write_customer(reported.settings, customer_id)
    assert page.name == f"customer-{key}.html"
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    assert customer_id in page.read_text(encoding="utf-8")
