"""The report behind a release: of what readers see, linked where the operator looks, whole after a kill."""

from datetime import date
from pathlib import Path

import pytest
from prefect.artifacts import Artifact

import tasks.stages.reporting
from flows.cli import main
from flows.nightly import nightly
from tasks.operation.reported import report_page, told_release
from tests.flows.banks import Bank
from warehouse.settings import Settings

OCTOBER, NOVEMBER = date(2025, 10, 31), date(2025, 11, 30)
pytestmark = [pytest.mark.flow, pytest.mark.usefixtures("real_pages")]


class KilledError(BaseException):
    """Ends a run as a kill does: nobody catches it."""


@pytest.fixture
def home(bank: Bank) -> Path:
    return Settings().home.resolve()


def newest(home: Path) -> Path:
    return (home / "reports" / "latest" / "index.html").resolve()


def test_a_night_leaves_a_page_of_its_own_release_and_leads_to_it(bank: Bank, home: Path) -> None:
    nightly(NOVEMBER)
    page = report_page(home, NOVEMBER)
    assert newest(home) == page
    released = bank.value("SELECT released_at::VARCHAR FROM segments.releases ORDER BY as_of DESC LIMIT 1")
    assert told_release(page)["released_at"] == released
    text = page.read_text(encoding="utf-8")
    for code, customers in bank.rows(f"SELECT segment, customers FROM segments.summary WHERE as_of = '{NOVEMBER}'"):
        assert str(code) in text
        assert f"{customers:,}" in text
    assert page.as_uri() in str(Artifact.get("report"))
    written = page.stat()
    nightly(NOVEMBER)
    assert page.stat() == written


def test_a_run_that_is_killed_behind_its_release_leaves_its_page_to_the_next(
    bank: Bank, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed(*_: object) -> None:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(tasks.stages.reporting, "write_report", killed)
        with pytest.raises(KilledError):
            nightly(NOVEMBER)
    assert newest(home) == report_page(home, OCTOBER)
    capsys.readouterr()
    main(["status"])
    said = capsys.readouterr().out
    assert "its report is missing" in said
    assert f"microseg report --as-of {NOVEMBER} --no-open" in said
    assert main(["report", "--as-of", str(NOVEMBER), "--no-open"]) == 0
    assert newest(home) == report_page(home, NOVEMBER)
    capsys.readouterr()
    main(["status"])
    assert "report" not in capsys.readouterr().out


def test_one_customer_is_looked_up(bank: Bank, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key, asked = bank.rows(
        "SELECT customer_key, customer_id FROM segments.current JOIN raw.customers USING (customer_key) "
        "WHERE depth > 0 ORDER BY 1 LIMIT 1"
    )[0]
    assert main(["report", "--customer", str(asked), "--no-open"]) == 0
    page = home / "lookups" / f"customer-{key}.html"
    assert capsys.readouterr().out.splitlines()[-1] == str(page)
    assert page.stat().st_mode & 0o777 == 0o600
    assert main(["report", "--customer", "nobody", "--no-open"]) == 1
    assert "nobody" not in capsys.readouterr().err
