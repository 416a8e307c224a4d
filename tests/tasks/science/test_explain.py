"""Explanations: sentences whose numbers are the tables' numbers, and nobody's name."""

import re
from dataclasses import replace

import numpy as np
import pytest

from model.counterfactual import Counterfactual, Move
from tasks.publishing.explain import CHANGED, Explanation, explain_customer, sentences, what_would_move
from tasks.science.panel import Panel, read_panel
from tasks.science.scope import open_scope
from tests.support.counterfactuals import applied, segment_of
from tests.tasks.science.conftest import AS_OF, Bank
from warehouse.connection import connect
from warehouse.errors import MicrosegError

pytestmark = pytest.mark.warehouse


def customer_with(bank: Bank, condition: str) -> str:
    return published_with(bank, condition)[1]


def published_with(bank: Bank, condition: str) -> tuple[int, str]:
    """Key and id of the first customer whose published segment meets a condition."""
    with connect(bank.settings, read_only=True) as connection:
        row = connection.execute(
            "SELECT customer_key, customer_id FROM segments.current JOIN raw.customers USING (customer_key) "
            f"WHERE {condition} ORDER BY customer_key LIMIT 1"
        ).fetchone()
    assert row is not None
    return int(row[0]), str(row[1])


def test_the_account_adds_up_and_the_reasons_are_ordered(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    sizes = [abs(reason.contribution) for reason in found.reasons]
    assert found.lead == pytest.approx(found.explained + found.intercept + found.residual)
    assert sizes == sorted(sizes, reverse=True)
    assert found.margin is not None
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
    assert "and +0.00 is not explained" in "\n".join(sentences(replace(found, residual=-0.001)))  # nothing has no sign


FIGURES = re.compile(r"(?:If | and )(.+?) took ([\d.]+)% of spending on average instead of ([\d.]+)%")
LANDING = re.compile(r"this customer would be in segment ([OCEAN.]+);")


def published(bank: Bank, count: int) -> tuple[Panel, list[tuple[str, int]], dict[int, str]]:
    """Shares, segment and depth of the first customers with a segment, by ascending key, and the classes' labels."""
    with connect(bank.settings, read_only=True) as connection:
        rows = connection.execute(
            "SELECT customer_key, segment, depth FROM segments.current WHERE depth > 0 ORDER BY customer_key LIMIT $1",
            [count],
        ).fetchall()
        connection.execute("CREATE TEMP TABLE asked AS SELECT unnest($1) AS customer_key", [[row[0] for row in rows]])
        labels = dict(connection.execute("SELECT class_id, label FROM ref.classes").fetchall())
        open_scope(connection)
        panel = read_panel(connection, AS_OF, "bimonthly", "asked", len(labels))
    assert panel.keys.tolist() == [key for key, _, _ in rows]
    return panel, [(segment, depth) for _, segment, depth in rows], labels


def test_every_sentence_of_200_customers_is_what_the_network_does(bank_home: Bank) -> None:
    panel, segments, labels = published(bank_home, 200)
    positions = {label: position for position, label in labels.items()}
    one = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    landed = 0
    for row, (segment, depth) in enumerate(segments):
        found = replace(one, segment=segment, depth=depth)
        way_out = what_would_move(found, panel.take(np.array([row])), bank_home.model)
        text = "\n".join(sentences(replace(found, counterfactual=way_out)))
        needed = {positions[label]: float(percent) / 100 for label, percent, _ in FIGURES.findall(text)}
        (stated,) = LANDING.findall(text)
        changed = applied(panel.shares[row], panel.mask[row], needed)
        landed += segment_of(bank_home.model.weights, changed, panel.mask[row], depth) == stated != segment
    assert landed == len(segments) == 200


def test_a_way_out_is_explained_with_the_customer_and_within_what_anybody_spends(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    assert found.counterfactual is not None
    assert found.counterfactual.segment != found.segment
    for move in found.counterfactual.moves:
        assert found.labels[move.position] in "\n".join(sentences(found))
        assert move.needed < move.current or move.needed <= bank_home.model.share_ceiling[move.position]


def test_two_classes_or_none_are_said_plainly(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    rise, fall = Move(0, 0.001, 0.2, 1), Move(1, 0.0304, 0.0012, 2)
    text = "\n".join(sentences(replace(found, counterfactual=Counterfactual((rise, fall), "E.A"))))
    first, second = found.labels[0], found.labels[1]
    assert f"If {first} took 20.0% of spending on average instead of 0.1% and {second} took 0.12%" in text
    assert "would be in segment E.A; no change in a single class would move them into another segment without" in text
    assert f"{first} takes an equal part of all other spending, {second} is cut by an equal part" in text
    nothing = "\n".join(sentences(replace(found, counterfactual=None)))
    assert "No change was found that would move this customer into another segment: no change in a single" in nothing
    assert "would, without raising it above what 99 in 100 customers spend on it, and none was found in two" in nothing


def test_a_margin_that_is_not_there_is_not_spoken_of(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    text = "\n".join(sentences(replace(found, margin=None, neighbour=None)))
    assert "nearest segment" not in text
    assert "None" not in text


def test_spending_that_changed_since_the_segment_was_published_is_said(bank: Bank) -> None:
    key, customer_id = published_with(bank, "segment LIKE 'E%'")
    other, _ = published_with(bank, "segment LIKE 'O%'")
    with connect(bank.settings) as connection:
        connection.execute("DELETE FROM spend.periods WHERE customer_key = $1", [key])
        connection.execute("UPDATE spend.periods SET customer_key = $1 WHERE customer_key = $2", [key, other])
    found = explain_customer(bank.settings, customer_id)
    assert found.changed
    assert found.counterfactual is None
    assert CHANGED in sentences(found)


def test_an_unknown_customer_is_one_clear_line_without_the_id(bank_home: Bank) -> None:
    with pytest.raises(MicrosegError, match=r"^this customer has no published segment: check the id") as caught:
        explain_customer(bank_home.settings, "no such customer")
    assert "no such customer" not in str(caught.value)


def test_weak_and_missing_segments_are_said_plainly(bank_home: Bank) -> None:
    found = explain_customer(bank_home.settings, customer_with(bank_home, "depth > 0"))
    assert "treat them as weak" in "\n".join(sentences(replace(found, weak=True)))
    assert "too few for a segment" in sentences(without_segment(found, "insufficient_data"))[0]
    assert "shows no clear direction" in sentences(without_segment(found, "undetermined"))[0]
    assert "has a segment that is not shown" in sentences(without_segment(found, "withheld"))[0]
    assert "saying why would reveal a group" in sentences(without_segment(found, "unassigned"))[0]
    assert "to name a segment there" in "\n".join(sentences(replace(found, neighbour=None)))


def without_segment(found: Explanation, segment: str) -> Explanation:
    return replace(found, segment=segment, depth=0)
