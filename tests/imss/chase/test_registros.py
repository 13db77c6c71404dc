"""IMSS says SI: under any registro patronal the plantel has or had by then it is the school's own cover, however it is printed."""

import datetime as dt

import pytest
from aiohttp import web

from afiliacion.cases.states import Coverage, State
from tests.planteles import add_registro

DAY = dt.date(2026, 8, 20)


def under(registro):
    async def behave(request, asked):
        return web.json_response({
            "folio": "1787000000000000000002", "fecha_constancia": DAY.isoformat(), "curp": asked["curp"], "nss": asked["nss"],
            "con_derecho": "SI", "registro_patronal": registro, "umf": "005",
        })  # fmt: skip

    return behave


@pytest.mark.parametrize(
    ("registro", "state", "coverage"),
    [
        ("A01-12345-32-1", State.VIGENTE, Coverage.OURS),
        ("A011234532", State.VIGENTE, Coverage.OURS),
        ("c03 55512 32 1", State.VIGENTE, Coverage.OURS),
        ("D0477777324", State.ALTA_ENVIADA, Coverage.OTHER_SCHOOL),
        ("B0298765329", State.ALTA_ENVIADA, Coverage.OTHER_SCHOOL),
        ("Y5498765108", State.ALTA_ENVIADA, Coverage.OTHER),
    ],
    ids=["former", "former, ten positions", "in force", "begins later", "of another plantel", "a job's"],
)
def test_cover_under_a_registro_the_plantel_has_or_had_is_ours(
    authority, quick, case_in, plantel, other_plantel, night, registro, state, coverage
):
    add_registro(plantel, "C0355512321", DAY)
    add_registro(plantel, "D0477777324", DAY + dt.timedelta(days=1))
    case = case_in(State.ALTA_ENVIADA)
    authority.behave = under(registro)
    night(DAY)
    case.refresh_from_db()
    assert (case.state, case.coverage) == (state, coverage)
