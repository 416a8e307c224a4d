"""Explanations: sentences whose numbers are the tables' numbers, and nobody's name."""

from dataclasses import replace

import pytest

from tasks.publishing.explain import Explanation, explain_customer, sentences
from tests.tasks.science.conftest import AS_OF, Bank
from warehouse.connection import connect
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


def customer_with(bank: Bank, condition: str) -> str:
    with connect(bank.settings, read_only=True) as connection:
        row = connection.execute(
            "SELECT customer_id FROM segments.current JOIN raw.customers USING (customer_key) "
            f"WHERE {condition} ORDER BY customer_key LIMIT 1"
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_the_account_adds_up_and_the_reasons_are_ordered(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    sizes = [abs(reason.contribution) for reason in found.reasons]
    assert found.lead == pytest.approx(found.explained + found.intercept + found.residual)
    assert sizes == sorted(sizes, reverse=True)
    assert 0 < found.margin < 3.2
    assert found.neighbour != found.segment


def test_the_sentences_say_what_the_tables_say_and_name_nobody(bank_home: Bank) -> None:
    customer_id = customer_with(bank_home, "depth > 0")
    found = explain_customer(bank_home.settings, customer_id)
    text = "\n".join(sentences(found))
    assert found.segment in text
    assert str(AS_OF) in text
    assert found.reasons[0].label in text
    assert f"{found.lead:.2f} logit points" in text
    assert "not a diagnosis" in text
    assert customer_id not in text


def test_a_turn_stays_within_what_anybody_spends(bank_home: Bank) -> None:
    with connect(bank_home.settings, read_only=True) as connection:
        ids = connection.execute(
            "SELECT customer_id FROM segments.current JOIN raw.customers USING (customer_key) "
            "WHERE depth > 0 ORDER BY margin LIMIT 8"
        ).fetchall()
    turns = [explain_customer(bank_home.settings, row[0]).turn for row in ids]
    needed = [turn.needed for turn in turns if turn is not None]
    assert needed, "not one of the customers nearest to a boundary can be turned by one class"
    assert all(0 <= share <= 1 for share in needed)


def test_an_unknown_customer_is_one_clear_line_without_the_id(bank_home: Bank) -> None:
    with pytest.raises(MicrosegError, match=r"^this customer has no published segment: check the id") as caught:
        explain_customer(bank_home.settings, "no such customer")
    assert "no such customer" not in str(caught.value)


def test_weak_and_missing_segments_are_said_plainly(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    assert "take them as weak" in "\n".join(sentences(replace(found, weak=True)))
    assert "no change of a single class" in "\n".join(sentences(replace(found, turn=None)))
    assert "too few for a segment" in sentences(without_segment(found, "insufficient_data"))[0]
    assert "points in no direction" in sentences(without_segment(found, "undetermined"))[0]
    assert "has a segment that is not shown" in sentences(without_segment(found, "withheld"))[0]
    assert "saying why would show a group" in sentences(without_segment(found, "unassigned"))[0]
    assert "to name a segment there" in "\n".join(sentences(replace(found, neighbour=None, turn=None)))


def without_segment(found: Explanation, segment: str) -> Explanation:
    return replace(found, segment=segment, depth=0)
