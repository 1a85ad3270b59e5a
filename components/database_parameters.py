"""Parameters of the Aurora cluster that differ from AWS's own.

Owns each value, its reason and how it is applied. Does not own instance parameters: none differs.
"""

from __future__ import annotations

from typing import Final

import pulumi_aws as aws

FAMILY: Final = "aurora-mysql8.0"
"""Of the engine's major version; a parameter group of another is another group."""
_PARAMETERS: Final = {
    # Refuses connections without TLS, from whatever client.
    "require_secure_transport": "ON",
    "tls_version": "TLSv1.2,TLSv1.3",
    "character_set_server": "utf8mb4",
    "collation_server": "utf8mb4_0900_ai_ci",
    # Timestamps of logs and of NOW() as operators and customers read them.
    "time_zone": "Asia/Seoul",
    # Who connected and who changed tables or rights; queries with customers' data stay out of the log.
    "server_audit_logging": "1",
    "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL",
    "slow_query_log": "1",
    "long_query_time": "1",
}
_STATIC: Final = ("tls_version",)
"""What Aurora changes by a restart only: RDS refuses to apply it immediately, though MySQL itself could."""


def cluster_parameters() -> list[aws.rds.ClusterParameterGroupParameterArgsDict]:
    """Return the parameters in the form of the parameter group.

    A new cluster begins with all of them. A later change of a static one waits until its instances are restarted.
    """
    return [
        {"name": name, "value": value, "apply_method": "pending-reboot" if name in _STATIC else "immediate"}
        for name, value in sorted(_PARAMETERS.items())
    ]
