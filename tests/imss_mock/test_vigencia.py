from tests.imss_mock.harness import StandIn, alta, baja, new_curp, new_nss

NRP = "A0112345321"


def student(stand_in: StandIn, persona: str) -> tuple[str, str]:
    """A person of this story whose alta was received today."""
    curp, nss = new_curp(), new_nss()
    stand_in.tell(curp=curp, nss=nss, persona=persona, nombre="Ensayo", primer_apellido="Ñúñez", segundo_apellido="Ficticia")
    assert stand_in.move(alta(curp, nss, stand_in.today().isoformat()))[0] == 200
    return curp, nss


def test_before_the_alta_there_is_no_right(stand_in: StandIn) -> None:
    status, answer = stand_in.vigencia(new_curp(), new_nss())
    assert (status, answer["con_derecho"], answer["estado"], answer["registro_patronal"]) == (200, "NO", "NO VIGENTE", None)


def test_within_four_weeks_of_the_alta_the_answer_is_si_through_the_school(stand_in: StandIn) -> None:
    sent_on = stand_in.today().isoformat()
    curp, nss = student(stand_in, "localizado")
    assert stand_in.vigencia(curp, nss)[1]["con_derecho"] == "NO"
    stand_in.days_later(24)
    answer = stand_in.vigencia(curp, nss)[1]
    facts = ("con_derecho", "estado", "registro_patronal", "inicio_vigencia", "fecha_constancia", "umf", "agregado_medico")
    assert [answer[fact] for fact in facts] == ["SI", "VIGENTE", NRP, sent_on, stand_in.today().isoformat(), "005", "1M2005ES"]
    assert (answer["curp"], answer["nss"], answer["nombre"]) == (curp, nss, "Ensayo Ñúñez Ficticia")
    assert answer["delegacion"] == "14 JALISCO"
    assert answer["turno"] in ("MATUTINO", "VESPERTINO")


def test_the_slow_one_takes_more_than_four_weeks(stand_in: StandIn) -> None:
    curp, nss = student(stand_in, "lento")
    stand_in.days_later(28)
    assert stand_in.vigencia(curp, nss)[1]["con_derecho"] == "NO"
    stand_in.days_later(32)
    assert stand_in.vigencia(curp, nss)[1]["con_derecho"] == "SI"


def test_for_some_it_never_becomes_si_and_for_the_rejected_neither(stand_in: StandIn) -> None:
    people = [student(stand_in, persona) for persona in ("nunca", "rechazado")]
    stand_in.days_later(120)
    assert [stand_in.vigencia(curp, nss)[1]["con_derecho"] for curp, nss in people] == ["NO", "NO"]


def test_a_job_prevails_over_the_school(stand_in: StandIn) -> None:
    curp, nss = student(stand_in, "cubierto_por_trabajo")
    stand_in.days_later(30)
    answer = stand_in.vigencia(curp, nss)[1]
    assert (answer["con_derecho"], answer["agregado_medico"]) == ("SI", "1M2005OR")
    assert answer["registro_patronal"] not in (None, NRP)
    assert answer["razon_social"]


def test_an_operated_baja_ends_the_right(stand_in: StandIn) -> None:
    curp, nss = student(stand_in, "localizado")
    stand_in.days_later(24)
    assert stand_in.vigencia(curp, nss)[1]["con_derecho"] == "SI"
    assert stand_in.move(baja(curp, nss, stand_in.today().isoformat()))[0] == 200
    assert stand_in.vigencia(curp, nss)[1]["con_derecho"] == "SI"
    stand_in.days_later(3)
    answer = stand_in.vigencia(curp, nss)[1]
    assert (answer["con_derecho"], answer["estado"], answer["registro_patronal"]) == ("NO", "BAJA", NRP)


def test_a_transfer_shows_the_last_school(stand_in: StandIn) -> None:
    curp, nss = student(stand_in, "localizado")
    stand_in.days_later(24)
    stand_in.move(baja(curp, nss, stand_in.today().isoformat()))
    stand_in.move(alta(curp, nss, stand_in.today().isoformat(), registro_patronal="B0212345329"))
    stand_in.days_later(24)
    assert stand_in.vigencia(curp, nss)[1]["registro_patronal"] == "B0212345329"


def test_curp_and_nss_of_two_people_have_no_record(stand_in: StandIn) -> None:
    (one, _), (_, other_nss) = student(stand_in, "localizado"), student(stand_in, "localizado")
    for curp in (one, new_curp()):
        status, answer = stand_in.vigencia(curp, other_nss)
        assert (status, answer["codigo"], answer["curp"]) == (422, "SIN_REGISTRO", curp)


def test_a_number_from_elsewhere_is_adopted_once(stand_in: StandIn) -> None:
    curp, nss = new_curp(), new_nss()
    assert stand_in.vigencia(curp, nss)[0] == 200
    assert stand_in.vigencia(curp, new_nss())[1]["codigo"] == "SIN_REGISTRO"
    assert stand_in.nss(curp)[1] | {"folio": ""} == {
        "resultado": "LOCALIZADO",
        "folio": "",
        "fecha": stand_in.today().isoformat(),
        "curp": curp,
        "nss": nss,
        "nombre": None,
        "primer_apellido": None,
        "segundo_apellido": None,
    }
