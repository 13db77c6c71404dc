"""Letters that a program damaged by taking UTF-8 for something else are put right; whole text is left as it is."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from file_reader.mending import put_right

spanish = st.text("abcxyzABCXYZ áéíóúüñÁÉÍÓÚÜÑªº’", min_size=1, max_size=20)


@example("’", "cp1252", 2)
@example("Áª", "mac_roman", 1)
@given(spanish, st.sampled_from(["cp1252", "latin-1", "mac_roman", "cp850"]), st.integers(1, 2))
def test_what_was_misread_comes_back(text, encoding, times):
    damaged = text
    # Twice is what happens with the usual encoding: opened in Excel and saved, and once more.
    for _ in range(times if encoding in ("cp1252", "latin-1") else 1):
        before = damaged
        damaged = damaged.encode().decode(encoding, "ignore")
        assume(damaged.encode(encoding) == before.encode())
    assert put_right(damaged) == text


@given(spanish)
def test_what_is_whole_is_left_alone(text):
    assert put_right(text) == text


@pytest.mark.parametrize("text", ["João", "CONCEIÇÃO", "Âge", "50 €", "Mu–oz"])
def test_letters_of_other_languages_are_no_damage(text):
    assert put_right(text) == text
