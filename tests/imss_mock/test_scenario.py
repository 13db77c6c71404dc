from collections import Counter
from pathlib import Path

import pytest

from imss_mock.state.scenario import DEFAULT, Chance, ScenarioError, load


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('tramite = "en_proceso"', 'tramite = "quizá"'),
        ('al_adoptar = "localizado"', 'al_adoptar = "nadie"'),
        ('rechazo = "F-CURP"', 'rechazo = "F-OTRO"'),
        ("espera_dias = [10, 25]", "espera_dias = [25, 10]"),
        ("espera_dias = [10, 25]", "espera_dias = []"),
        ("espera_dias = [10, 25]", "espera_dias = 10"),
        ("parte = 52", "parte = -1"),
        ("parte = 52", "porcion = 52"),
        ("[base]", "[bases]"),
        ("[base]", "[base"),
        ("F-NSS =", "F-NNS ="),
        ("latencia_ms = 800", "latencia_ms = -1"),
        ("latencia_ms = 800", "lentitud_ms = 800"),
        ('animo_inicial = ""', 'animo_inicial = "nadie"'),
    ],
)
def test_a_wrong_scenario_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "otro.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError):
        load(tmp_path / "otro.toml")


def test_the_stories_are_handed_out_by_their_shares() -> None:
    scenario, chance = load(), Chance(7)
    total = sum(persona.parte for persona in scenario.personas.values())
    drawn = Counter(scenario.pick(chance.number("persona", number)) for number in range(20_000))
    for name, persona in scenario.personas.items():
        assert drawn[name] / 20_000 == pytest.approx(persona.parte / total, abs=0.012)


def test_chance_depends_on_the_seed_and_the_subject_only() -> None:
    spans = {Chance(7).within((3, 5), "espera", number) for number in range(100)}
    assert spans == {3, 4, 5}
    assert Chance(7).number("a", "b") == Chance(7).number("a", "b")
    assert len({Chance(7).number("a"), Chance(8).number("a"), Chance(7).number("b")}) == 3
