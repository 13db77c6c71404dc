import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from imss_mock.state.store import FILE, VERSIONS, Store

LEDGER_ROW = "INSERT INTO bitacora VALUES (NULL, '', '', 'op', NULL, NULL, 200, 'SI', NULL, '{}', NULL)"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def setting(store: Store, key: str) -> str | None:
    row = store.db.execute("SELECT valor FROM ajustes WHERE clave = ?", (key,)).fetchone()
    return row[0] if row else None


def put(store: Store, key: str, value: str = "x") -> None:
    with store.change() as db:
        db.execute("INSERT INTO ajustes VALUES (?, ?)", (key, value))


def test_requests_of_one_turn_share_a_commit(store: Store) -> None:
    commits = []
    store.db.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)

    async def request(number: int) -> None:
        put(store, str(number))
        await store.committed()
        assert not store.db.in_transaction

    async def turn() -> None:
        await asyncio.gather(*(request(number) for number in range(50)))

    asyncio.run(turn())
    assert len(commits) == 1
    assert setting(store, "49") == "x"


def test_a_failing_request_undoes_its_own_writes_only(store: Store) -> None:
    def bad() -> None:
        with store.change() as db:
            db.execute("INSERT INTO ajustes VALUES ('malo', '')")
            raise ZeroDivisionError

    async def turn() -> None:
        put(store, "bueno")
        with pytest.raises(ZeroDivisionError):
            bad()
        await store.committed()

    asyncio.run(turn())
    assert (setting(store, "bueno"), setting(store, "malo")) == ("x", None)


def test_a_waiter_that_goes_away_does_not_cancel_the_others(store: Store) -> None:
    async def turn() -> None:
        put(store, "uno")
        waiters = [asyncio.ensure_future(store.committed()) for _ in range(2)]
        await asyncio.sleep(0)
        waiters[0].cancel()
        await waiters[1]

    asyncio.run(turn())
    assert setting(store, "uno") == "x"


def test_a_full_disk_fails_everybody_of_the_group_and_later_works_again(store: Store) -> None:
    async def request(key: str, value: str) -> None:
        put(store, key, value)
        await store.committed()

    async def turn(*requests: tuple[str, str]) -> list[BaseException | None]:
        return await asyncio.gather(*(request(*each) for each in requests), return_exceptions=True)

    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    together = asyncio.run(turn(("junto", "x"), ("grande", "x" * 100_000)))
    assert [str(error) for error in together] == ["database or disk is full"] * 2
    assert setting(store, "junto") is None
    assert asyncio.run(turn(("después", "x"))) == [None]
    assert setting(store, "después") == "x"


def test_the_ledger_only_grows(store: Store) -> None:
    store.db.execute(LEDGER_ROW)
    for statement in ("UPDATE bitacora SET resultado = 'NO'", "DELETE FROM bitacora"):
        with pytest.raises(sqlite3.IntegrityError, match="bitacora_solo_crece"):
            store.db.execute(statement)


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("personas.nss", "INSERT INTO personas VALUES (?, '03230500013', NULL, NULL, NULL, 'nuevo', '2026-08-03', NULL)"),
        ("correos.correo", "INSERT INTO correos VALUES ('una@example.mx', ?)"),
    ],
)
def test_one_holder_each_is_a_constraint(store: Store, constraint: str, statement: str) -> None:
    store.db.execute(statement, ("PUFE050315HNERCNA4",))
    with pytest.raises(sqlite3.IntegrityError, match=constraint):
        store.db.execute(statement, ("PUFE050315XNERCNA8",))


def test_the_file_is_where_it_was_asked_to_be(store: Store, tmp_path: Path) -> None:
    assert (tmp_path / FILE).is_file()


@pytest.mark.parametrize("seen", range(1, len(VERSIONS)))
def test_a_database_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path, seen: int) -> None:
    old = sqlite3.connect(tmp_path / FILE)
    old.executescript(f"{''.join(VERSIONS[:seen])} PRAGMA user_version = {seen};")
    old.close()
    store = Store(tmp_path)
    store.db.execute(LEDGER_ROW)
    store.close()
