"""MariaDB in the place of Aurora MySQL: a writer and a reader that follows it.

Owns the servers and their data folders. Users, schemas and tables are made by WAS's own command `migrate`, as on AWS.
MariaDB stands in for MySQL here because Debian's stable release has no MySQL; what differs shows on a real Aurora only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from operations.app.processes import Process, accepts, free_port, own, private_folder, run

if TYPE_CHECKING:
    from pathlib import Path

HOST = "127.0.0.1"
ADMIN = "fastorder_admin"
_START_SECONDS = 60


class Database:
    """The writer and the reader.

    Args:
        folder: Private folder of the stack; each server makes its own below.
        password: The administrator's password, for TCP logins.
    """

    def __init__(self, folder: Path, password: str) -> None:
        self._password = password
        self.writer = _server(folder, "database-writer", 1)
        self.reader = _server(folder, "database-reader", 2)

    def start(self) -> None:
        """Make both servers from nothing and let the reader follow the writer."""
        for server in (self.writer, self.reader):
            server.install(ADMIN, self._password)
            server.start()
        self.reader.sql(
            f"CHANGE MASTER TO MASTER_HOST='{HOST}', MASTER_PORT={self.writer.port}, MASTER_USER='{ADMIN}', "
            f"MASTER_PASSWORD='{self._password}', MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1; START SLAVE"
        )

    def stop(self) -> None:
        """Stop both servers, the reader first."""
        self.reader.process.stop()
        self.writer.process.stop()


class Server:
    """One MariaDB server: may be killed and started again on the same data."""

    def __init__(self, process: Process, folder: Path, options: Path, port: int) -> None:
        self.process = process
        self.port = port
        self._folder = folder
        self._options = options

    def install(self, admin: str, password: str) -> None:
        """Make an empty data folder whose administrator logs in over TCP."""
        command = ["mariadb-install-db", f"--defaults-file={self._options}", "--skip-test-db"]
        run(self.process.name, [*command, "--auth-root-authentication-method=normal"], {}, self._folder)
        # Not written to the binary log: the reader makes its own administrator in the same way.
        setup = self._folder / "setup.sql"
        setup.write_text(
            "SET SESSION sql_log_bin=0;\n"
            f"CREATE USER IF NOT EXISTS '{admin}'@'%' IDENTIFIED BY '{password}';\n"
            f"GRANT ALL PRIVILEGES ON *.* TO '{admin}'@'%' WITH GRANT OPTION;\n"
        )
        own(setup)

    def start(self) -> None:
        """Start the server on its data and wait until it accepts connections."""
        self.process.start()
        self.process.wait_until(lambda: accepts(HOST, self.port), _START_SECONDS)

    def sql(self, statement: str) -> str:
        """Run statements as root over the private socket and return rows as tab-separated lines."""
        command = ["mariadb", f"--defaults-file={self._options}", "--batch", "--skip-column-names"]
        return run("mariadb", [*command, f"--execute={statement}"], {}, self._folder)


def _server(parent: Path, name: str, number: int) -> Server:
    folder = private_folder(parent, name)
    port = free_port()
    options = folder / "my.cnf"
    options.write_text(
        "[client]\n"
        "user = root\n"
        f"socket = {folder}/server.sock\n"
        "[mariadbd]\n"
        f"datadir = {folder}/data\n"
        f"socket = {folder}/server.sock\n"
        f"pid-file = {folder}/server.pid\n"
        f"init-file = {folder}/setup.sql\n"
        f"bind-address = {HOST}\n"
        f"port = {port}\n"
        "skip-name-resolve\n"
        f"server-id = {number}\n"
        "log-bin = binlog\n"
        "log-slave-updates\n"
        "character-set-server = utf8mb4\n"
        # As on Aurora: what was acknowledged survives a kill, or the comparison of orders would prove nothing.
        "innodb-flush-log-at-trx-commit = 1\n"
        "sync-binlog = 1\n"
        "innodb-buffer-pool-size = 64M\n"
        "innodb-log-file-size = 32M\n"
        "max-connections = 300\n"
        "performance-schema = off\n"
    )
    own(options)
    process = Process(name, ["mariadbd", f"--defaults-file={options}"], {}, folder)
    return Server(process, folder, options, port)
