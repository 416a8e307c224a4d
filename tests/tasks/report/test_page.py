"""The page says what its content says, at its place, whatever the texts in it are made of."""

import re
from base64 import b64encode
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tasks.report import study_figures
from tasks.report.content import Report, Sized
from tasks.report.names import is_order
from tasks.report.page import render_report
from tasks.report.phrases import day, plain
from tasks.report.trust import newest_drift
from tests.tasks.report.made_up import AS_OF, empty, made_up
from tests.tasks.report.parsed import Element, by_id, cells, code_of, parse, rows_of

DOCS = Path(__file__).resolve().parents[3] / "docs"
LINKS = {"Data Docs": "../../data-docs/index.html"}
HOSTILE = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    "\"' onmouseover='alert(1)' \"",
    "{{ 7 * 7 }}{% raw %}",
    "[a](javascript:alert(1)) **b** `c` | d",
    "\u202eright to left\u202c\u200f",
    "a\x00b\x1bc\ud800d",
    "x" * 300,
    "&lt;b&gt; &amp; ]]> --> <!--",
)


report = cache(made_up)


def few() -> Report:
    """A part of it, for what would look the same with all of it."""
    full = report()
    return replace(
        full, segments=full.segments[:3], branches=full.branches[:5], paths=full.paths[:3], coverage=full.coverage[:5],
        moves=[replace(moves, rows=[*moves.rows[:2], *moves.rows[-8:]]) for moves in full.moves], drift=full.drift[-9:],
    )  # fmt: skip


@cache
def page() -> Element:
    return parse(render_report(report(), LINKS))


def test_the_head_says_what_the_data_is() -> None:
    (head,) = (element for element in page().all("header"))
    assert day(AS_OF) in head.words
    assert "Simulated data" in head.words
    assert "authored stand-in" in head.words
    assert f"{report().release.segmented:,} customers" in by_id(page(), "night").words
    assert "Use with care" in by_id(page(), "night").words


def test_a_bank_of_its_own_is_not_called_simulated() -> None:
    release = replace(report().release, simulated=False, stand_in=False)
    text = parse(render_report(replace(report(), release=release), LINKS)).words
    assert "Simulated data" not in text
    assert "stand-in" not in text


def test_nothing_is_asked_of_a_network_and_nothing_strange_may_run() -> None:
    source = render_report(report(), LINKS)
    root = parse(source)
    (policy,) = (
        meta.attributes["content"]
        for meta in root.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (element,) = root.all(tag)
        digest = b64encode(sha256(element.text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert not [element for element in root.all() if "src" in element.attributes or "style" in element.attributes]
    assert not [element.tag for element in root.all("link") if not element.attributes["href"].startswith("data:")]


def test_its_parts_have_their_order_and_their_names() -> None:
    names = [element.attributes["id"] for element in page().all() if "id" in element.attributes]
    assert len(names) == len(set(names))
    targets = {element.attributes["href"] for element in page().all("a", "use")} - {LINKS["Data Docs"]}
    assert {target.removeprefix("#") for target in targets} <= set(names)
    heads = [int(element.tag[1]) for element in page().all("h1", "h2", "h3", "h4")]
    assert heads[0] == 1
    assert heads.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(heads))
    assert [len(list(page().all(tag))) for tag in ("header", "nav", "main", "footer")] == [1, 1, 1, 1]
    for table in page().all("table"):
        assert len(list(table.all("caption"))) == 1
        assert all(head.attributes.get("scope") for head in table.all("th"))
    for figure_ in page().all("figure"):
        (drawing,) = (svg for svg in figure_.all("svg") if svg.attributes.get("role") == "img")
        (caption,) = figure_.all("figcaption")
        assert drawing.attributes["aria-label"] == caption.words
        assert any(True for details in figure_.all("details") for _ in details.all("table"))


def with_texts(value: Any, text: str) -> Any:
    """The same content with another text in place of every text but levels and codes of traits."""
    if isinstance(value, str):
        return (
            value if is_order(value) or value in {"steady", "warning", "critical", "fresh", ""} else f"{value} {text}"
        )
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: with_texts(getattr(value, field.name), text) for field in fields(value)}
        return type(value)(**changed)
    if isinstance(value, list | tuple):
        return type(value)(with_texts(part, text) for part in value)
    return value


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_of_others_stay_texts(text: str) -> None:
    hostile = with_texts(few(), text)
    source = render_report(hostile, {text: f"docs/{text}", "run": "javascript:alert(1)", "rún": " JavaScript:alert(1)"})
    root = parse(source)
    ours = parse(render_report(few(), LINKS))
    for tag in ("script", "style", "img", "title", "iframe", "b"):
        assert len(list(root.all(tag))) == len(list(ours.all(tag)))
    assert not [name for element in root.all() for name in element.attributes if name.startswith("on")]
    assert all(element.attributes["href"].startswith(("#", "docs/")) for element in root.all("a"))
    assert plain(hostile.coverage[0].label) in root.text
    assert plain(hostile.segments[0].description) in root.text
    assert "\u202e" not in source
    source.encode()


def test_codes_that_nobody_knows_are_shown_as_they_are() -> None:
    strange = "<script>alert('E.A')</script>\u202e" + "y" * 300
    segments = [replace(report().segments[0], code=strange, words="", depth=0), *report().segments[1:]]
    root = parse(render_report(replace(report(), segments=segments), LINKS))
    assert len(list(root.all("script"))) == 1
    assert code_of(rows_of(root, "segments-table")[0][0]) == plain(strange)


PARTS = [field.name for field in fields(Report) if field.name not in {"release", "quality", "model"}]


@pytest.mark.parametrize("name", PARTS)
def test_each_part_may_be_empty(name: str) -> None:
    nothing: Any = {name: None if name == "angles" else []}
    source = render_report(replace(few(), **nothing), LINKS)
    says_so(parse(source))


def test_all_parts_may_be_empty() -> None:
    root = parse(render_report(empty(), {}))
    says_so(root)
    assert "No customer is known" in by_id(root, "night").words
    assert "Look into it first" in by_id(root, "night").words


def says_so(root: Element) -> None:
    assert [element for element in root.all("p") if element.attributes.get("class") == "empty"]
    (main,) = root.all("main")
    assert not re.search(r"\b(None|nan|undefined|inf)\b", main.text)


def test_what_may_not_be_told_is_not() -> None:
    hidden = [
        replace(segment, near=None, towards=[], margin=None, memberships=None, trend=[Sized(AS_OF, segment.customers)])
        for segment in report().segments
    ]
    root = parse(render_report(replace(report(), segments=hidden), LINKS))
    says = cells(root, "segments-table")
    assert {row[4] for row in says} == {"not shown"}
    assert {row[7] for row in says} == {"not shown", "–"}
    assert not re.search(r"\bNone\b", root.text)


def test_the_page_is_small_whatever_the_history() -> None:
    assert len(render_report(report(), LINKS).encode()) < 600_000
    dates = [AS_OF - timedelta(days=n) for n in reversed(range(400))]
    long = [replace(each, trend=[Sized(when, each.customers) for when in dates]) for each in report().segments]
    drift = [replace(each, as_of=when) for when in dates for each in newest_drift(report().drift)]
    kept = [replace(report().kept[0], as_of=when, previous=when) for when in dates]
    assert len(render_report(replace(report(), segments=long, drift=drift, kept=kept), LINKS).encode()) < 5_000_000


def test_figures_of_the_study_are_those_of_its_document() -> None:
    text = (DOCS / "study.md").read_text(encoding="utf-8")
    section = text.partition(f"## {study_figures.HEADING}")[2].partition("\n## ")[0]
    assert f"{study_figures.HOUSEHOLDS:,} customers" in section
    assert f"{study_figures.PAPER_CUSTOMERS:,} bank customers" in section
    assert study_figures.COMMAND in text
    tables = [
        [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in block.splitlines()]
        for block in re.findall(r"(?:^\|.*\n?)+", section, re.MULTILINE)
    ]
    known = {
        (row[0], column, cell)
        for head, _, *rows in tables
        for row in rows
        for column, cell in zip(head, row, strict=True)
    }
    quoted = [figure_ for finding in study_figures.FINDINGS for figure_ in finding.figures]
    assert [each for each in quoted if (each.row, each.column, each.text) not in known] == []
    assert all(f"{each.text}" in by_id(page(), "paper-table").words for each in quoted)
    assert {"no", "yes"} <= {row[1] for row in cells(page(), "paper-table")}


def test_the_model_card_says_what_its_document_says() -> None:
    card = re.sub(r"\s+", " ", (DOCS / "model-card.md").read_text(encoding="utf-8")).replace(" x ", " by ")
    told = by_id(page(), "model").words
    for fact in ("three units", "five outputs", "about 0.15", "N = 2,193", "61 classes by 5 traits", "one in five"):
        assert fact in card
        assert fact in told
