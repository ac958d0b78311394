"""Texts in the characters of an X12 element."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.texts import mark, paragraphs, prose

MARKS = "*^:~"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("O'HARA-DIAZ III", "O'HARA-DIAZ III"),
        ("José Müller", "JOSE MULLER"),
        ("Łukasz Ørsted Æsir Groß", "LUKASZ ORSTED AESIR GROSS"),
        ("O’Neil – “Junior”", 'O\'NEIL - "JUNIOR"'),
        ("½ ﬁsh", "1/2 FISH"),
        ("李小龙", "???"),
        ("COPAY: 20 * 2 ~ END", "COPAY 20 2 END"),
        (" A\tB\r\n", "A B"),
        ("A\u200bB", "AB"),
        ("\x00\x1d*", ""),
        ("", ""),
    ],
)
def test_prose_is_told_in_the_letters_of_x12(text: str, told: str) -> None:
    assert prose(text, 60) == told


def test_prose_is_cut_where_the_element_ends_and_never_ends_with_a_space() -> None:
    assert prose("A" * 61, 60) == "A" * 60
    assert prose("A" * 59 + " B", 60) == "A" * 59


@pytest.mark.parametrize(("text", "told"), [("aB-1|2", "aB-1|2"), ("a*b:c", "a?b?c"), ("*", "?"), ("é 1 ", "? 1")])
def test_a_mark_is_kept_but_for_what_cannot_be_told_in_it(text: str, told: str) -> None:
    assert mark(text) == told


def test_a_long_text_is_broken_between_words() -> None:
    assert paragraphs("call " * 100, 264) == [("CALL " * 53).strip(), ("CALL " * 47).strip()]
    assert paragraphs("x" * 300, 264) == ["X" * 264, "X" * 36]
    assert paragraphs(" * ", 264) == []


@given(st.text(max_size=80), st.integers(1, 60))
def test_whatever_is_told_can_be_held_by_an_element(text: str, length_max: int) -> None:
    for told in (prose(text, length_max), mark(text), *paragraphs(text, length_max)):
        assert told.isascii()
        assert told.isprintable()
        assert told == told.strip()
        assert not set(told) & set(MARKS)
    assert len(prose(text, length_max)) <= length_max
    assert prose(prose(text, length_max), length_max) == prose(text, length_max)
    assert mark(mark(text)) == mark(text)
