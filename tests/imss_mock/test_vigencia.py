from tests.imss_mock.harness import Twin, alta, baja, new_curp, new_nss

NRP = "A0112345321"


def student(twin: Twin, persona: str) -> tuple[str, str]:
    """A person of this story whose alta was received today."""
    curp, nss = new_curp(), new_nss()
    twin.tell(curp=curp, nss=nss, persona=persona, nombre="Ensayo", primer_apellido="Ñúñez", segundo_apellido="Ficticia")
    assert twin.move(alta(curp, nss, twin.today().isoformat()))[0] == 200
    return curp, nss


def test_before_the_alta_there_is_no_right(twin: Twin) -> None:
    status, answer = twin.vigencia(new_curp(), new_nss())
    assert (status, answer["con_derecho"], answer["estado"], answer["registro_patronal"]) == (200, "NO", "NO VIGENTE", None)


def test_within_four_weeks_of_the_alta_the_answer_is_si_through_the_school(twin: Twin) -> None:
    sent_on = twin.today().isoformat()
    curp, nss = student(twin, "localizado")
    assert twin.vigencia(curp, nss)[1]["con_derecho"] == "NO"
    twin.days_later(24)
    answer = twin.vigencia(curp, nss)[1]
    facts = ("con_derecho", "estado", "registro_patronal", "inicio_vigencia", "fecha_constancia", "umf", "agregado_medico")
    assert [answer[fact] for fact in facts] == ["SI", "VIGENTE", NRP, sent_on, twin.today().isoformat(), "005", "1M2005ES"]
    assert (answer["curp"], answer["nss"], answer["nombre"]) == (curp, nss, "Ensayo Ñúñez Ficticia")
    assert answer["delegacion"] == "14 JALISCO"
    assert answer["turno"] in ("MATUTINO", "VESPERTINO")


def test_the_slow_one_takes_more_than_four_weeks(twin: Twin) -> None:
    curp, nss = student(twin, "lento")
    twin.days_later(28)
    assert twin.vigencia(curp, nss)[1]["con_derecho"] == "NO"
    twin.days_later(32)
    assert twin.vigencia(curp, nss)[1]["con_derecho"] == "SI"


def test_for_some_it_never_becomes_si_and_for_the_rejected_neither(twin: Twin) -> None:
    people = [student(twin, persona) for persona in ("nunca", "rechazado")]
    twin.days_later(120)
    assert [twin.vigencia(curp, nss)[1]["con_derecho"] for curp, nss in people] == ["NO", "NO"]


def test_a_job_prevails_over_the_school(twin: Twin) -> None:
    curp, nss = student(twin, "cubierto_por_trabajo")
    twin.days_later(30)
    answer = twin.vigencia(curp, nss)[1]
    assert (answer["con_derecho"], answer["agregado_medico"]) == ("SI", "1M2005OR")
    assert answer["registro_patronal"] not in (None, NRP)
    assert answer["razon_social"]


def test_an_operated_baja_ends_the_right(twin: Twin) -> None:
    curp, nss = student(twin, "localizado")
    twin.days_later(24)
    assert twin.vigencia(curp, nss)[1]["con_derecho"] == "SI"
    assert twin.move(baja(curp, nss, twin.today().isoformat()))[0] == 200
    assert twin.vigencia(curp, nss)[1]["con_derecho"] == "SI"
    twin.days_later(3)
    answer = twin.vigencia(curp, nss)[1]
    assert (answer["con_derecho"], answer["estado"], answer["registro_patronal"]) == ("NO", "BAJA", NRP)


def test_a_transfer_shows_the_last_school(twin: Twin) -> None:
    curp, nss = student(twin, "localizado")
    twin.days_later(24)
    twin.move(baja(curp, nss, twin.today().isoformat()))
    twin.move(alta(curp, nss, twin.today().isoformat(), registro_patronal="B0212345329"))
    twin.days_later(24)
    assert twin.vigencia(curp, nss)[1]["registro_patronal"] == "B0212345329"


def test_curp_and_nss_of_two_people_have_no_record(twin: Twin) -> None:
    (one, _), (_, other_nss) = student(twin, "localizado"), student(twin, "localizado")
    for curp in (one, new_curp()):
        status, answer = twin.vigencia(curp, other_nss)
        assert (status, answer["codigo"], answer["curp"]) == (422, "SIN_REGISTRO", curp)


def test_a_number_from_elsewhere_is_adopted_once(twin: Twin) -> None:
    curp, nss = new_curp(), new_nss()
    assert twin.vigencia(curp, nss)[0] == 200
    assert twin.vigencia(curp, new_nss())[1]["codigo"] == "SIN_REGISTRO"
    assert twin.nss(curp)[1] | {"folio": ""} == {
        "resultado": "LOCALIZADO",
        "folio": "",
        "fecha": twin.today().isoformat(),
        "curp": curp,
        "nss": nss,
        "nombre": None,
        "primer_apellido": None,
        "segundo_apellido": None,
    }
