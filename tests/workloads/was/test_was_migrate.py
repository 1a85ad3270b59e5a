"""The command migrate: repeatable, and sparing with rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operations.app import was
from operations.app.processes import AppError, run

if TYPE_CHECKING:
    from tests.workloads.was.conftest import Tiers


def as_service(tiers: Tiers, user: str, statement: str) -> str:
    """Run a statement over TCP with a service's own login."""
    login = ["mariadb", "--host=127.0.0.1", f"--port={tiers.database.writer.port}", f"--user={user}"]
    password = f"--password={tiers.settings(user)['DB_PASSWORD']}"
    return run("mariadb", [*login, password, f"--execute={statement}"], {}, tiers.folder)


@pytest.mark.parametrize("service", ["user", "item", "pay"])
def test_a_second_run_changes_no_table(tiers: Tiers, service: str):
    writer = tiers.database.writer
    tables = f"SELECT table_name, create_time FROM information_schema.tables WHERE table_schema = '{service}'"
    history = f"SELECT COUNT(*) FROM {service}.flyway_schema_history"
    before = writer.sql(tables), writer.sql(history)

    tiers.migrate(service)

    assert int(before[1]) > 0
    assert (writer.sql(tables), writer.sql(history)) == before


@pytest.mark.parametrize(
    ("user", "statement"),
    [
        ("user", "CREATE TABLE user.more (id INT)"),
        ("user", "SELECT * FROM pay.customer_order"),
        ("item", "DROP TABLE item.theatre"),
        ("item", "SELECT * FROM user.member"),
        ("pay", "ALTER TABLE pay.payment ADD COLUMN note INT"),
        ("pay", "UPDATE item.menu_item SET price = 1"),
        ("pay", "SELECT * FROM user.member"),
    ],
)
def test_a_service_user_has_no_right_beyond_its_rows(tiers: Tiers, user: str, statement: str):
    with pytest.raises(AppError, match="command denied"):
        as_service(tiers, user, statement)


def test_a_service_user_may_do_its_work(tiers: Tiers):
    assert "19000" in as_service(tiers, "pay", "SELECT price FROM item.menu_item; SELECT * FROM pay.payment")


def test_keys_older_than_a_week_are_deleted_and_younger_ones_kept(tiers: Tiers):
    writer = tiers.database.writer
    writer.sql(
        "INSERT INTO user.idempotency_key (idempotency_key, request_hash, created_at) VALUES "
        "('eight-days-old', 'x', NOW() - INTERVAL 8 DAY), ('six-days-old', 'x', NOW() - INTERVAL 6 DAY)"
    )

    tiers.migrate("user")

    kept = writer.sql("SELECT idempotency_key FROM user.idempotency_key WHERE idempotency_key LIKE '%days-old'")
    assert kept.split() == ["six-days-old"]


def test_a_wrong_administrator_password_ends_the_command_with_the_reason(tiers: Tiers):
    with pytest.raises(AppError, match="Access denied"):
        was.migrate(tiers.classes, "user", tiers.settings("user") | {"DB_ADMIN_PASSWORD": "wrong"})
