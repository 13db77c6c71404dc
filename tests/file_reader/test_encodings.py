"""Which encoding a text is in, told by its words: right, or refused; never letters lost without a word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.operations.simulation.invented_people import MEN, SURNAMES, WOMEN
from file_reader.encodings import by_words
from file_reader.order import FileRefused

ONE_BYTE = ("cp1252", "mac_roman", "cp850")
HEADINGS = ["Matrícula", "Teléfono", "Situación", "Género"]
names = st.lists(st.sampled_from((*WOMEN, *MEN, *SURNAMES)), min_size=1, max_size=8)


@given(names, st.sampled_from(ONE_BYTE), st.booleans(), st.booleans())
def test_names_are_read_as_they_were_written_or_refused(words, encoding, upper, headed):
    text = [word for part in [*words, *(HEADINGS if headed else [])] for word in part.replace("-", " ").split()]
    text = [word.upper() if upper else word for word in text]
    written = {word.encode(encoding) for word in text if not word.isascii()}
    try:
        read = by_words(written)
    except FileRefused:
        return
    assert [word.encode(encoding).decode(read) for word in text] == text


@pytest.mark.parametrize("encoding", ONE_BYTE)
@pytest.mark.parametrize("upper", [False, True])
def test_with_its_headings_a_list_is_read_in_each(encoding, upper):
    words = [word.upper() if upper else word for word in (*HEADINGS, "Muñoz", "García")]
    assert by_words({word.encode(encoding) for word in words}) == encoding


@pytest.mark.parametrize("words", [["O’Farrill"], ["François", "Muñoz"], ["Müller"], ["3º"], [], ["Zoë", "Peña"]])
def test_what_is_not_spanish_is_no_reason_to_doubt_the_usual_encoding(words):
    assert by_words({word.encode("cp1252") for word in words}) == "cp1252"


@pytest.mark.parametrize("word", ["Díaz", "Río", "díaz", "Lía"])
def test_an_i_of_a_mac_is_not_taken_for_an_apostrophe(word):
    with pytest.raises(FileRefused, match="Mac OS Roman"):
        by_words({word.encode("mac_roman")})
    assert by_words({word.encode("mac_roman"), "Peña".encode("mac_roman")}) == "mac_roman"


@pytest.mark.parametrize(("words", "encoding"), [(["Úrsula"], "cp850"), (["Óscar", "Úrsula"], "cp850"), (["Ordóñez"], "mac_roman")])
def test_words_that_could_be_of_two_encodings_are_refused(words, encoding):
    with pytest.raises(FileRefused, match="no es seguro"):
        by_words({word.encode(encoding) for word in words})


def test_one_word_alone_does_not_prove_another_encoding():
    with pytest.raises(FileRefused, match="CSV UTF-8"):
        by_words({"Muñoz".encode("mac_roman")})
