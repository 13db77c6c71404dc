"""People whose names are hard on a page: the shortest, the longest, other alphabets, and signs that mean something to programs."""

SHORT = {"nombre": "Li", "primer_apellido": "Ek", "segundo_apellido": ""}
LONG = {
    "nombre": "María del Sagrado Corazón de Jesús Guadalupe de la Santísima",
    "primer_apellido": "De los Ríos Villaseñor Aguirre-Ortiz-de-Montellano-y-Ibarrola",
    "segundo_apellido": "Fernández de Lizardi Mac Gregor Zumárraga Peñaloza y Ñáñez-G",
}  # fmt: skip
NAMES = {
    "short": SHORT,
    "long": LONG,
    "ñ": {"nombre": "Íñigo Óscar", "primer_apellido": "Ñáñez", "segundo_apellido": "Güemes"},
    "one word": {
        "nombre": "W" * 60,
        "primer_apellido": "Wolfeschlegelsteinhausenbergerdorff",
        "segundo_apellido": "Ñ" * 40,
    },
    "decomposed": {"nombre": "Jose\u0301 A\u0301ngel", "primer_apellido": "Nu\u0301n\u0303ez", "segundo_apellido": ""},
    "foreign": {"nombre": "Łukasz Đorđe", "primer_apellido": "Şahin", "segundo_apellido": "Žižek"},
    "other alphabets": {"nombre": "Ωμέγα Юлия", "primer_apellido": "李小龍", "segundo_apellido": "さくら"},
    "signs": {"nombre": "<b>Ana</b> &amp;", "primer_apellido": '"Cruz" <br/>', "segundo_apellido": "{{ x }} $nombre %s"},
}
