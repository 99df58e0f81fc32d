"""Opening the database: SQLite (WAL, synchronous=FULL) by path, or any SQLAlchemy URL, PostgreSQL meant.

A commit that returned is on the disk: nothing committed is lost by ``kill -9`` or power loss.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, CursorResult, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from dashboard.errors import StoreError

FILE_NAME = "risewatch.db"

BUSY_MS = 10_000
"""How long a writer waits for another one. The longest write of the house takes a few milliseconds."""

WATCH_BUSY_MS = 500
"""The same for a watch that runs: while it waits it reads no port, and what has no time of its own is dated when it
is read. It keeps what it could not write and tries again."""

IMPORT_WAIT_S = 1.0
"""How long an import waits for the lock of imports: a watch that clears away what a killed one left holds it for some
milliseconds at a time, another import for long."""

_LOCKS = {"watch": 0x5249_5345, "import": 0x5249_5346}
"""Any numbers, the same in every version: PostgreSQL knows the locks by them."""


class Store:
    """The database of one clinic. `reading()` and `writing()` give connections; a Store may be shared by threads.

    Raises (every method):
        StoreError: the database cannot be opened, read or written; the sentence says why.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.busy_ms = BUSY_MS
        self._watch_claim: TextIO | Connection | None = None
        self._file = _identity(engine) if self.is_sqlite else None

    @property
    def url(self) -> str:
        """What `open_store` opens the same database by, in another process; with its password, so not to be shown."""
        return self.engine.url.render_as_string(hide_password=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries, in one short transaction: fetch all, then leave (long reads hold up the WAL)."""
        with _explained(self.engine), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is durable when the block is left, and undone whole if it raises."""
        self._check_file()
        with _explained(self.engine), self.engine.connect() as connection:
            if self.is_sqlite:
                # Taking the write lock at once: a transaction that reads first could be refused when it writes.
                connection.exec_driver_sql(f"PRAGMA busy_timeout={self.busy_ms}")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def _check_file(self) -> None:
        """A file that was removed or replaced under us takes all that is written to its grave, without an error."""
        if not self.is_sqlite:
            return
        there = _identity(self.engine)
        if self._file is None:
            self._file = there
        elif there != self._file:
            raise StoreError(
                f"the database file {self.engine.url.database} was removed or replaced while in use: put it back, "
                "or start the program again, which begins a new one"
            )

    def claim_watch(self) -> None:
        """Makes this process the one watch of this database, until it ends, however it ends.

        Raises:
            StoreError: another process is it; two would record everything twice.
        """
        self._watch_claim = self._claimed(
            "watch", "another watch is running on this database; two would record everything twice: stop it first"
        )

    @contextmanager
    def importing(self, wait_s: float = IMPORT_WAIT_S) -> Iterator[None]:
        """Within the block this is the one import into this database: it may clear away what a killed one left.

        Args:
            wait_s: how long to wait for another one that holds the lock.

        Raises:
            StoreError: it holds it still.
        """
        until = time.monotonic() + wait_s
        while True:
            try:
                claim = self._claimed("import", "another import into this database is running: wait until it has ended")
                break
            except StoreError:
                if time.monotonic() >= until:
                    raise
            time.sleep(0.02)
        try:
            yield
        finally:
            if isinstance(claim, Connection):
                claim.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCKS['import']})")
                claim.commit()
            claim.close()

    def _claimed(self, what: str, taken: str) -> TextIO | Connection:
        if self.is_sqlite:
            import fcntl

            lock = Path(f"{self.engine.url.database}.{what}").open("w")  # noqa: SIM115 (kept open: it is the lock)
            try:
                # The system frees it with the process, so a killed one never locks out its successor.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                lock.close()
                raise StoreError(taken) from None
            return lock
        with _explained(self.engine):
            connection = self.engine.connect()
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_LOCKS[what]})").scalar_one():
                connection.close()
                raise StoreError(taken)
            connection.commit()  # the lock belongs to the connection, not to the transaction
            return connection

    def close(self) -> None:
        if self._watch_claim is not None:
            self._watch_claim.close()
            self._watch_claim = None
        self.engine.dispose()


def _identity(engine: Engine) -> tuple[int, int] | None:
    """Which file the database is on this machine; None if there is none (yet)."""
    try:
        found = Path(engine.url.database or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def url_of(place: str | Path) -> str:
    """The database URL of `place`: a URL as it is, a folder's database file otherwise."""
    if isinstance(place, str) and "://" in place:
        return place
    return f"sqlite:///{Path(place) / FILE_NAME}"


def open_store(place: str | Path, create: bool = True) -> Store:
    """Opens the database at `place` (a folder, or a SQLAlchemy URL) and brings its schema up to date.

    With `create` False a database that does not exist is refused instead of made, and none is migrated.

    Raises:
        StoreError: it cannot be opened, is damaged, or was written by a newer version.
    """
    address = url_of(place)
    try:
        url = make_url(address)
    except ArgumentError:
        raise StoreError(f"{address!r} is not a database URL such as postgresql+psycopg://host/name") from None
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        file = Path(url.database or "")
        if not create and not file.exists():
            raise StoreError(
                f"there is no database at {file}: start the watch there first, or name another --data folder"
            )
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"the folder {file.parent} cannot be made: {error.strerror}") from None
    try:
        engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1_000} if is_sqlite else {})
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(f"no driver for {url.drivername}: install risewatch[postgresql] ({error})") from None
    if is_sqlite:
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    store = Store(engine)
    with _explained(engine):
        _migrate(store) if create else _check_version(store)
    return store


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling is off: it would open a deferred transaction before a write.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(_connection: Connection) -> None:
    """Reads need no BEGIN of ours (each statement sees one snapshot); `Store.writing` opens its own."""


def _alembic_config(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _migrate(store: Store) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with store.engine.connect() as connection:
        script = ScriptDirectory.from_config(_alembic_config(connection))
        current = MigrationContext.configure(connection).get_current_revision()
        _refuse_unknown(script, current)
        if current == script.get_current_head():
            return
    with store.writing() as connection:
        command.upgrade(_alembic_config(connection), "head")


def _check_version(store: Store) -> None:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with store.engine.connect() as connection:
        script = ScriptDirectory.from_config(_alembic_config(connection))
        current = MigrationContext.configure(connection).get_current_revision()
        _refuse_unknown(script, current)
        if current != script.get_current_head():
            raise StoreError(
                f"the database is of an older version ({current}): start the watch once to bring it up to date"
            )


def _refuse_unknown(script: Any, current: str | None) -> None:
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise StoreError(f"the database was written by a newer version of the program (revision {current}): update it")


@contextmanager
def _explained(engine: Engine) -> Iterator[None]:
    """Turns the driver's errors into one sentence."""
    try:
        yield
    except DBAPIError as error:
        where = engine.url.render_as_string(hide_password=True)
        raise StoreError(f"the database {where} refused: {error.orig}") from error


def new_id(result: CursorResult[Any]) -> int:
    """The id of the row that an INSERT has made."""
    key = result.inserted_primary_key
    assert key is not None  # every table with an id of its own gives it back
    return int(key[0])


def change_token(connection: Connection) -> int:
    """A number that differs from the last one on this connection once anyone else has committed.

    Cheap enough to ask for 20 times a second (7 microseconds in SQLite). The connection must be kept and must not
    be inside a transaction.
    """
    if connection.dialect.name == "sqlite":
        # Past SQLAlchemy, which takes ten times as long over it.
        driver = connection.connection.driver_connection
        assert driver is not None
        return int(driver.execute("PRAGMA data_version").fetchone()[0])
    token = int(connection.exec_driver_sql("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").scalar_one())
    connection.rollback()
    return token
