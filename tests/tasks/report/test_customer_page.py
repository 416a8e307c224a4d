"""The page of one customer says what its content says, and nothing of it can run."""

import re
from dataclasses import replace
from functools import cache

import pytest

from model.vocabulary import INSUFFICIENT
from tasks.report.page import render_customer
from tasks.report.phrases import plain, short_day
from tests.tasks.report.made_up_customer import made_up_customer
from tests.tasks.report.parsed import Element, by_id, cells, code_of, figure, parse, rows_of
from tests.tasks.report.test_page import HOSTILE

customer = cache(made_up_customer)


@cache
def page() -> Element:
    return parse(render_customer(customer()))


def test_it_says_where_the_customer_is() -> None:
    where = by_id(page(), "where").words
    assert "extraversion then agreeableness (E.A)" in where
    assert "3.4 degrees from the nearest boundary, beyond which lies agreeableness then extraversion (A.E)" in where
    (head,) = page().all("header")
    assert [notice in head.words for notice in ("Personal data", "Simulated data", "Stand-in")] == [True] * 3


def test_it_says_why() -> None:
    why = customer().explanation
    for reason, row in zip(why.reasons, cells(page(), "reasons"), strict=True):
        told = [figure(words.lstrip("+")) for words in (row[1], *row[3:])]
        assert row[0] == reason.label
        assert told == pytest.approx(
            [reason.contribution, 100 * reason.share, 100 * reason.usual, float(reason.amount)], abs=0.0501
        )
    text = by_id(page(), "why").words
    assert "favours extraversion over agreeableness by 0.92 logit points" in text
    assert "give +0.64, the average customer +0.20, and +0.08 is not explained" in text
    assert "weak" not in text


def test_weak_reasons_are_called_weak() -> None:
    weak = replace(customer(), explanation=replace(customer().explanation, weak=True))
    assert "treat them as weak" in by_id(parse(render_customer(weak)), "why").words


def test_it_says_what_would_move_the_customer() -> None:
    assert cells(page(), "changes") == [
        ["Restaurants and bars", "21.0%", "13.4%"],
        ["Books and magazines", "5.10%", "8.25%"],
    ]
    assert "leads to agreeableness then extraversion (A.E)" in by_id(page(), "move").words


def test_what_has_changed_since_is_not_told_as_if_it_had_not() -> None:
    explanation = replace(customer().explanation, changed=True, counterfactual=None)
    text = parse(render_customer(replace(customer(), explanation=explanation)))
    assert "has changed since" in by_id(text, "move").words
    assert "changes" not in text.named


def test_it_says_which_way_the_customer_came() -> None:
    for table, window in (("steps-1", "annual"), ("steps-2", "bimonthly")):
        steps = [step for step in customer().steps if step.window_name == window]
        for step, row in zip(steps, cells(page(), table), strict=True):
            assert row[:3] == [str(step.step), short_day(step.first_day), short_day(step.last_day)]
            assert row[3] == ("yes" if step.active else "no")
            assert row[4] == (step.segment if "." in step.segment else "No clear direction")
            assert [figure(words) for words in row[5:10]] == [round(100 * value) for value in step.memberships]
            assert figure(row[10]) == (None if step.azimuth is None else round(step.azimuth, 1))
    drawn = [group.attributes for group in page().all("g") if "data-note" in group.attributes]
    assert len(drawn) == len(customer().steps)
    assert sum("idle" in group["class"] for group in drawn) == sum(not step.active for step in customer().steps)


def test_it_says_where_the_customer_was_and_what_it_is_made_from() -> None:
    history = [(code_of(row[0]), row[1].words, row[2].words) for row in rows_of(page(), "spells")]
    assert history == [
        (spell.segment, short_day(spell.since), short_day(spell.until) if spell.until else "now")
        for spell in customer().history
    ]
    told = [(figure(row[1]), figure(row[2])) for row in cells(page(), "months")]
    assert told == [(month.rows, month.loads) for month in customer().months]
    data = by_id(page(), "data").words
    assert f"{sum(month.rows for month in customer().months):,} purchases in 68 of 72 months" in data
    assert all(version in data for version in (customer().model_version, customer().reference_version))
    assert all(line.strip() in data for line in customer().sentences)
    assert all(caution in by_id(page(), "not").words for caution in customer().cautions)


def test_a_customer_without_a_segment_has_a_page() -> None:
    explanation = replace(customer().explanation, segment=INSUFFICIENT, depth=0, margin=None, reasons=())
    bare = replace(
        customer(), segment=INSUFFICIENT, words="", margin=None, neighbour="", explanation=explanation,
        sentences=["As of 2026-01-31 this customer has 2 steps with spending."], steps=[], history=[], months=[],
    )  # fmt: skip
    text = parse(render_customer(bare))
    assert "too little data yet" in by_id(text, "where").words
    assert "reasons" not in text.named
    assert not re.search(r"\b(None|nan)\b", text.text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_texts_of_others_stay_texts(text: str) -> None:
    explanation = replace(
        customer().explanation,
        reasons=tuple(replace(reason, label=text) for reason in customer().explanation.reasons),
        labels=dict.fromkeys(range(3), text),
    )
    hostile = replace(
        customer(), customer_id=text, currency=text, explanation=explanation, sentences=[text], cautions=[text],
        model_version=text, reference=text, reference_version=text, description=text,
    )  # fmt: skip
    root = parse(render_customer(hostile))
    for tag in ("script", "style", "img", "title", "b"):
        assert len(list(root.all(tag))) == len(list(page().all(tag)))
    assert not [name for element in root.all() for name in element.attributes if name.startswith("on")]
    assert cells(root, "reasons")[0][0] == " ".join(plain(text).split())
