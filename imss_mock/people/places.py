"""Where IMSS keeps people: delegación and NSS prefixes by the entity of birth in the CURP.

Delegación really depends on the address, which the JSON API does not ask for; birth entity stands in for it. The prefixes are the
documented part of IMSS' table ("Manual interno para integrar el NSS"); entities it leaves out get the special series.
"""

_SPECIAL = ("66", "68", "69", "70")

DELEGACIONES = {
    "AS": "01 AGUASCALIENTES", "BC": "02 BAJA CALIFORNIA", "BS": "03 BAJA CALIFORNIA SUR", "CC": "04 CAMPECHE",
    "CL": "05 COAHUILA", "CM": "06 COLIMA", "CS": "07 CHIAPAS", "CH": "08 CHIHUAHUA", "DG": "10 DURANGO",
    "GT": "11 GUANAJUATO", "GR": "12 GUERRERO", "HG": "13 HIDALGO", "JC": "14 JALISCO",
    "MC": "15 ESTADO DE MÉXICO ORIENTE", "MN": "17 MICHOACÁN", "MS": "18 MORELOS", "NT": "19 NAYARIT",
    "NL": "20 NUEVO LEÓN", "OC": "21 OAXACA", "PL": "22 PUEBLA", "QT": "23 QUERÉTARO", "QR": "24 QUINTANA ROO",
    "SP": "25 SAN LUIS POTOSÍ", "SL": "26 SINALOA", "SR": "27 SONORA", "TC": "28 TABASCO", "TS": "29 TAMAULIPAS",
    "TL": "30 TLAXCALA", "VZ": "31 VERACRUZ NORTE", "YN": "33 YUCATÁN", "ZS": "34 ZACATECAS",
    "DF": "35 CIUDAD DE MÉXICO NORTE", "NE": "35 CIUDAD DE MÉXICO NORTE",
}  # fmt: skip

ENTITY_NAMES = {
    "AS": "AGUASCALIENTES", "BC": "BAJA CALIFORNIA", "BS": "BAJA CALIFORNIA SUR", "CC": "CAMPECHE", "CL": "COAHUILA", "CM": "COLIMA",
    "CS": "CHIAPAS", "CH": "CHIHUAHUA", "DG": "DURANGO", "GT": "GUANAJUATO", "GR": "GUERRERO", "HG": "HIDALGO", "JC": "JALISCO",
    "MC": "MÉXICO", "MN": "MICHOACÁN", "MS": "MORELOS", "NT": "NAYARIT", "NL": "NUEVO LEÓN", "OC": "OAXACA", "PL": "PUEBLA",
    "QT": "QUERÉTARO", "QR": "QUINTANA ROO", "SP": "SAN LUIS POTOSÍ", "SL": "SINALOA", "SR": "SONORA", "TC": "TABASCO",
    "TS": "TAMAULIPAS", "TL": "TLAXCALA", "VZ": "VERACRUZ", "YN": "YUCATÁN", "ZS": "ZACATECAS", "DF": "CIUDAD DE MÉXICO",
    "NE": "NACIDO EN EL EXTRANJERO",
}  # fmt: skip

_PREFIXES = {
    "AS": ("51",), "BC": ("21", "25"), "BS": ("22",), "CC": ("81",), "CL": ("32",), "CS": ("71",), "CM": ("52",),
    "CH": ("33", "35"), "DG": ("31",), "GT": ("12",), "GR": ("72",), "HG": ("13",), "JC": ("04", "54", "56"),
    "MN": ("53",), "MS": ("15",), "NT": ("55",), "NL": ("03", "43", "47"), "SL": ("23", "26"), "SR": ("24", "57"),
    "TC": ("83",), "TS": ("09", "49"), "MC": ("16", "90", "91", "92", "93", "94", "95"),
    "DF": ("01", "06", "07", "10", "11", "17", "20", "27", "28", "29", "30", "36", "37", "38", "39", "40"),
}  # fmt: skip

ALL_PREFIXES = tuple(sorted({prefix for prefixes in _PREFIXES.values() for prefix in prefixes}.union(_SPECIAL)))


def nss_prefixes(entity: str) -> tuple[str, ...]:
    """First two NSS digits given to people of this birth entity."""
    return _PREFIXES.get(entity, _SPECIAL)
