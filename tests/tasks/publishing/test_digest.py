"""The page of a night: verdict and freshness in its first line, segments in words, moves drawn."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.vocabulary import LETTERS, WITHOUT_SEGMENT
from tasks.publishing.digest import digest
from tasks.publishing.words import moves_diagram
from warehouse.connection import connect
from warehouse.settings import Settings

AS_OF = date(2024, 6, 30)
SEGMENTS = st.one_of(
    st.permutations(LETTERS).map(lambda order: ".".join(order[:2])), st.sampled_from([*WITHOUT_SEGMENT, "new", "gone"])
)
ARROW = re.compile(r'^  from\d+\["[^"\[\]]+"\] -->\|"[\d,]+"\| to\d+\["[^"\[\]]+"\]$')
FILL = """
INSERT INTO raw.transactions BY NAME SELECT unnest([DATE '2024-06-27', DATE '2024-07-02']) AS booked_on;
INSERT INTO segments.summary (as_of, segment, depth, customers, part, mean_margin, top_classes, model_version) VALUES
    ('2024-05-31', 'O', 1, 30, 1.0, 0.5, 'Books', 'm'),
    ('2024-06-30', 'E.A', 2, 30, 1.0, 0.5, 'Food <b>|x', 'm');
INSERT INTO segments.by_date (as_of, customer_key, segment, segment_1, depth)
    SELECT '2024-06-30', i, 'E.A', 'E', 2 FROM range(30) AS r (i)
    UNION ALL SELECT '2024-05-31', i, 'O', 'O', 1 FROM range(30) AS r (i);
INSERT INTO segments.transitions (as_of, previous, from_segment, to_segment, customers)
    VALUES ('2024-06-30', '2024-05-31', 'O', 'E.A', 30);
"""


def filled(settings: Settings) -> Settings:
    with connect(settings) as connection:
        connection.execute(FILL)
    return settings


@pytest.mark.warehouse
def test_the_first_line_is_the_verdict_with_how_fresh_the_data_are(lake: Settings) -> None:
    told = digest(filled(lake), AS_OF, "run", [])
    assert told.headline == (
        "All gates passed, no drift; 2024-06-30 is published with 30 customers; "
        "newest booking 2024-06-27, 3 days of silence"
    )
    assert told.markdown.splitlines()[0] == f"# {told.headline}"


@pytest.mark.warehouse
def test_segments_are_in_words_and_moves_are_drawn_and_told(lake: Settings) -> None:
    text = digest(filled(lake), AS_OF, "run", []).markdown
    assert "| E | extraversion | 30 | +30 |" in text
    assert "| E.A | extraversion, then agreeableness | 30 | 100.0% | Food &lt;b&gt;\\|x |" in text
    assert "| openness | extraversion | 30 |" in text
    assert 'from0["O: openness"] -->|"30"| to0["E: extraversion"]' in text


@pytest.mark.warehouse
def test_it_leads_on_to_files_and_commands(lake: Settings) -> None:
    text = digest(lake, AS_OF, "run", [], links={"Report": "/srv/x_y/*.html"}).markdown
    assert r"- Report: /srv/x_y/\*.html" in text
    assert "data_docs/index.html" in text.replace("\\", "")
    assert "`microseg explain CUSTOMER_ID`" in text
    assert "`microseg report --customer CUSTOMER_ID`" in text


@given(st.lists(st.tuples(SEGMENTS, SEGMENTS, st.integers(1, 10**6)), max_size=8))
def test_a_diagram_has_an_arrow_for_each_move(moves: list[tuple[str, str, int]]) -> None:
    lines = moves_diagram(moves).splitlines()
    assert len(lines) == (len(moves) + 3 if moves else 0)
    assert all(ARROW.match(line) for line in lines[2:-1])


@given(st.text(max_size=12))
def test_a_name_that_is_not_ours_cannot_end_its_label(name: str) -> None:
    lines = moves_diagram([("E", name, 3)]).splitlines()
    assert len(lines) == 4
    assert lines[2].count('"') == 6
