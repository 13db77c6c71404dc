import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from students.nss import ALL_ZEROS, Nss, NssError, all_valid, masked

ten_digits = st.text("0123456789", min_size=10, max_size=10)


@given(ten_digits)
def test_every_number_with_its_check_digit_holds_and_no_other_does(body):
    right = body + luhn.calc_check_digit(body)
    if right == ALL_ZEROS:
        return
    assert Nss.parse(right) == right
    for wrong in "0123456789".replace(right[-1], ""):
        with pytest.raises(NssError):
            Nss.parse(body + wrong)


@pytest.mark.parametrize("text", ["12345678903", "92038109713", "03230500013", " 0323 05 0001-3 "])
def test_takes_known_vectors(text):
    assert len(Nss.parse(text)) == 11


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12345678901", "dígito verificador"),
        ("92119624722", "dígito verificador"),
        (ALL_ZEROS, "no es de nadie"),
        ("3230500013", "¿Será 03230500013"),
        ("3230500014", "cero inicial"),
        ("1.22E+10", "Excel lo convirtió"),
        ("1,22E+10", "Excel lo convirtió"),
        ("0323050001A", "solo dígitos"),
        ("٠٣٢٣٠٥٠٠٠١٣", "solo dígitos"),
        ("123", "11 dígitos y tiene 3"),
    ],
)
def test_refuses_with_the_reason_and_never_pads(text, reason):
    with pytest.raises(NssError, match=reason.replace("?", r"\?").replace("+", r"\+")):
        Nss.parse(text)


def test_birth_year_is_only_told():
    assert Nss.parse("03230500013").birth_year_digits == "05"


def test_masked_shows_the_last_four():
    assert masked("03230500013") == "•••••••0013"
    assert masked(None) == ""


@given(
    st.lists(
        ten_digits.map(lambda body: body + luhn.calc_check_digit(body)) | st.sampled_from(["", "1", "03230500014", "٠٣٢٣٠٥٠٠٠١٣"]),
        max_size=9,
    )
)
def test_all_valid_is_every_one_parsed_as_it_is(numbers):
    assert all_valid(numbers) == all(as_it_is(number) for number in numbers)


def as_it_is(number):
    try:
        return Nss.parse(number) == number
    except NssError:
        return False
