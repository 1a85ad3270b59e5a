"""The simulated cloud: what exists "out there", kept on disk, apart from what Pulumi believes exists.

Owns storage, identity (provider, type, location, id), uniqueness of physical names and the answer to "does anything
with this id or ARN exist?". Does not know what a VPC or a Deployment is: the stand-in providers decide what to store,
tests and the command line change it behind Pulumi's back (drift). One SQLite file serves several plugin processes at
once; its locks replace any of our own.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = "dict[str, Json]"

FOLDER_VARIABLE = "FASTORDER_CLOUD_DIR"
_BUSY_TIMEOUT_SECONDS = 30.0
_PATH_STEP = re.compile(r"[^.\[\]]+")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  provider TEXT NOT NULL, type TEXT NOT NULL, location TEXT NOT NULL, id TEXT NOT NULL,
  name TEXT, properties TEXT NOT NULL,
  PRIMARY KEY (provider, type, location, id)
);
CREATE UNIQUE INDEX IF NOT EXISTS physical_name ON object (provider, type, location, name) WHERE name IS NOT NULL;
CREATE TABLE IF NOT EXISTS reference (
  value TEXT NOT NULL, provider TEXT NOT NULL, type TEXT NOT NULL, location TEXT NOT NULL, id TEXT NOT NULL,
  FOREIGN KEY (provider, type, location, id) REFERENCES object ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS reference_value ON reference (value);
CREATE INDEX IF NOT EXISTS reference_owner ON reference (provider, type, location, id);
"""
_BY_KEY = (
    "SELECT provider, type, location, id, name, properties FROM object"
    " WHERE provider = ? AND type = ? AND location = ? AND id = ?"
)
_BY_FILTER = (
    "SELECT provider, type, location, id, name, properties FROM object"
    " WHERE provider = ifnull(?, provider) AND type = ifnull(?, type) AND location = ifnull(?, location)"
    " ORDER BY provider, type, location, id"
)
_BY_REFERENCE = (
    "SELECT DISTINCT provider, type, location, id, name, properties FROM object"
    " JOIN reference USING (provider, type, location, id) WHERE provider = ? AND value = ?"
    " ORDER BY provider, type, location, id"
)


class AlreadyExistsError(Exception):
    """An object with this id or physical name exists already in its location."""


class NotFoundError(Exception):
    """No such object, or no such property in it."""


@dataclass(frozen=True, kw_only=True)
class CloudObject:
    """One thing that exists in the simulated cloud.

    `location` is the AWS region, the Kubernetes cluster's name, or empty for what is global. `name` is the physical
    name when the cloud demands that it be unique per type and location. `references` are values by which other objects
    may point here besides the id (its ARN, ids of parts it made by itself such as a VPC's default security group).
    """

    provider: str
    type: str
    location: str
    id: str
    properties: JsonObject
    name: str | None = None
    references: tuple[str, ...] = field(default=(), compare=False)


class Cloud:
    """The objects in one folder; safe to use from several processes and threads.

    Every method is one transaction, and all that a thread does inside `atomic` is one together.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._file = folder / "cloud.sqlite3"
        self._thread = threading.local()
        with closing(self._connect()) as connection:
            connection.executescript(_SCHEMA)

    @classmethod
    def from_environment(cls) -> Cloud:
        """The cloud in the folder that FASTORDER_CLOUD_DIR names; raises `KeyError` with the fix when it is not set."""
        folder = os.environ.get(FOLDER_VARIABLE)
        if not folder:
            message = f"{FOLDER_VARIABLE} is not set: set it to the folder that keeps the simulated cloud"
            raise KeyError(message)
        return cls(Path(folder))

    def create(self, thing: CloudObject) -> None:
        """Adds an object; raises `AlreadyExistsError` when its id or its physical name is taken."""
        with self._transaction() as connection:
            try:
                connection.execute(
                    "INSERT INTO object (provider, type, location, id, name, properties) VALUES (?, ?, ?, ?, ?, ?)",
                    (*_key(thing), thing.name, json.dumps(thing.properties, sort_keys=True)),
                )
            except sqlite3.IntegrityError as error:
                message = f"{thing.type} {thing.name or thing.id} already exists in {thing.location or 'the account'}"
                raise AlreadyExistsError(message) from error
            _write_references(connection, thing)

    def put(self, thing: CloudObject) -> None:
        """Replaces an existing object's name, properties and references.

        Raises `NotFoundError` when there is none, `AlreadyExistsError` when another one has its physical name.
        """
        with self._transaction() as connection:
            _update(connection, thing)

    def get(self, object_type: str, object_id: str, *, location: str = "", provider: str = "aws") -> CloudObject | None:
        """The object, or None when it does not exist."""
        found = self._select(_BY_KEY, (provider, object_type, location, object_id))
        return found[0] if found else None

    def list(
        self, object_type: str | None = None, *, location: str | None = None, provider: str | None = None
    ) -> list[CloudObject]:
        """All objects, or those of one type, location or provider; in a stable order."""
        return self._select(_BY_FILTER, (provider, object_type, location))

    def find(self, reference: str, *, provider: str = "aws") -> list[CloudObject]:
        """The objects that an id, an ARN or the id of an implied part points to; empty when it dangles."""
        return self._select(_BY_REFERENCE, (provider, reference))

    def change(
        self, object_type: str, object_id: str, path: str, value: Json, *, location: str = "", provider: str = "aws"
    ) -> CloudObject:
        """Sets one property behind Pulumi's back, as a person in the console would; returns the changed object.

        `path` names the property as Pulumi shows it (`tags.Owner`, `rules[0].port`). Raises `NotFoundError` when the
        object or a step on the way to the last one does not exist.
        """
        with self._transaction() as connection:
            found = _rows(connection, _BY_KEY, (provider, object_type, location, object_id))
            if not found:
                message = f"{object_type} {object_id} does not exist in {location or 'the account'}"
                raise NotFoundError(message)
            properties = json.loads(json.dumps(found[0].properties))
            _set(properties, path, value)
            changed = replace(found[0], properties=properties)
            connection.execute(
                "UPDATE object SET properties = ? WHERE provider = ? AND type = ? AND location = ? AND id = ?",
                (json.dumps(properties, sort_keys=True), *_key(changed)),
            )
            return changed

    def delete(self, object_type: str, object_id: str, *, location: str = "", provider: str = "aws") -> None:
        """Removes an object; raises `NotFoundError` when it is already gone."""
        with self._transaction() as connection:
            cursor = connection.execute(
                "DELETE FROM object WHERE provider = ? AND type = ? AND location = ? AND id = ?",
                (provider, object_type, location, object_id),
            )
            if cursor.rowcount == 0:
                message = f"{object_type} {object_id} does not exist in {location or 'the account'}"
                raise NotFoundError(message)

    def is_empty(self) -> bool:
        """Whether nothing at all exists."""
        with closing(self._connect()) as connection:
            return connection.execute("SELECT 1 FROM object LIMIT 1").fetchone() is None

    @contextmanager
    def atomic(self) -> Generator[None]:
        """Make everything in the block happen at once, or not at all when it raises; nobody else writes meanwhile."""
        with self._transaction():
            yield

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=_BUSY_TIMEOUT_SECONDS, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        # A rehearsal's cloud may be lost with the machine: surviving a power cut is not worth an fsync per resource.
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    @contextmanager
    def _transaction(self) -> Generator[sqlite3.Connection]:
        ongoing = self._ongoing
        if ongoing is not None:
            yield ongoing
            return
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._thread.connection = connection
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            finally:
                self._thread.connection = None
            connection.execute("COMMIT")

    @property
    def _ongoing(self) -> sqlite3.Connection | None:
        return getattr(self._thread, "connection", None)

    def _select(self, query: str, values: tuple[str | None, ...]) -> list[CloudObject]:
        ongoing = self._ongoing
        if ongoing is not None:
            return _rows(ongoing, query, values)
        with closing(self._connect()) as connection:
            return _rows(connection, query, values)


def _key(thing: CloudObject) -> tuple[str, str, str, str]:
    return (thing.provider, thing.type, thing.location, thing.id)


def _rows(connection: sqlite3.Connection, query: str, values: tuple[str | None, ...]) -> list[CloudObject]:
    return [
        CloudObject(
            provider=provider, type=kind, location=location, id=identifier, name=name, properties=json.loads(properties)
        )
        for provider, kind, location, identifier, name, properties in connection.execute(query, values)
    ]


def _update(connection: sqlite3.Connection, thing: CloudObject) -> None:
    try:
        cursor = connection.execute(
            "UPDATE object SET name = ?, properties = ? WHERE provider = ? AND type = ? AND location = ? AND id = ?",
            (thing.name, json.dumps(thing.properties, sort_keys=True), *_key(thing)),
        )
    except sqlite3.IntegrityError as error:
        message = f"{thing.type} {thing.name} already exists in {thing.location or 'the account'}"
        raise AlreadyExistsError(message) from error
    if cursor.rowcount == 0:
        message = f"{thing.type} {thing.id} does not exist in {thing.location or 'the account'}"
        raise NotFoundError(message)
    connection.execute("DELETE FROM reference WHERE provider = ? AND type = ? AND location = ? AND id = ?", _key(thing))
    _write_references(connection, thing)


def _write_references(connection: sqlite3.Connection, thing: CloudObject) -> None:
    connection.executemany(
        "INSERT INTO reference (value, provider, type, location, id) VALUES (?, ?, ?, ?, ?)",
        [(value, *_key(thing)) for value in sorted({thing.id, *thing.references})],
    )


def _set(properties: JsonObject, path: str, value: Json) -> None:
    steps = _PATH_STEP.findall(path)
    here: Json = properties
    for step in steps[:-1]:
        here = _step(here, step, path)
    last = steps[-1]
    if isinstance(here, dict):
        here[last] = value
    elif isinstance(here, list) and last.isdecimal() and int(last) < len(here):
        here[int(last)] = value
    else:
        message = f"no property {path}: {last} is not there"
        raise NotFoundError(message)


def _step(here: Json, step: str, path: str) -> Json:
    if isinstance(here, dict) and step in here:
        return here[step]
    if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
        return here[int(step)]
    message = f"no property {path}: {step} is not there"
    raise NotFoundError(message)
