"""Tables show what other people named as it is: no markup, no control character of it takes effect."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.operation.tables import Table, escaped, render_markdown, render_text

HOSTILE = "<img src=x onerror=alert(1)>|a\n# [b](javascript:c) `d` **e** ~~f~~ \x1b[31m http://g"


def test_markup_of_others_is_shown_and_not_followed() -> None:
    text = render_markdown(Table(HOSTILE, ("column", HOSTILE), ((HOSTILE, "1"),)))
    assert "<" not in text
    assert "\x1b" not in text
    assert "http://" not in text
    assert len(text.splitlines()) == 5
    for line in text.splitlines()[2:]:
        assert line.replace("\\|", "").count("|") == 3
    assert all(f"\\{mark}" in text for mark in "[]`*|~")


def test_a_terminal_gets_no_control_characters() -> None:
    text = render_text(Table("t", ("column",), ((HOSTILE,),)))
    assert len(text.splitlines()) == 4
    assert "\x1b" not in text


@given(st.text())
def test_what_is_harmless_stays(text: str) -> None:
    assert escaped(text).isprintable()
    if all(char.isalnum() or char in " .,:/()-=+%" for char in text) and "://" not in text:
        assert escaped(text) == text
