from students.names import search_key, sort_key


def test_orders_as_a_mexican_list_does():
    in_order = [
        ("Canul", "", "Ana"),
        ("Cañedo", "", "Ana"),  # ñ after n
        ("Canto", "", "Ana"),
        ("García", "", "Zoé"),
        ("García", "López", "Ana"),
        ("Garciadiego", "", "Ana"),
        ("Núñez", "", "Ana"),
        ("Ñáñez", "", "Ana"),
        ("Óscar", "", "Ana"),
    ]
    expected = [in_order[2], in_order[0], in_order[1], *in_order[3:]]
    assert sorted(in_order, key=lambda name: sort_key(*name)) == expected


def test_is_found_without_accents_and_in_any_case():
    assert search_key("  María José ", "Ñáñez", "De la O") == "maria jose nanez de la o"
    assert search_key("MARIA") == search_key("maría")
