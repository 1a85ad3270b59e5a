"""The `aws` command of a rehearsal with real API servers: it answers `eks get-token`, which the kubeconfig runs.

Owns the form of the answer (the exec credential of client-go). The token stands in the cluster's own folder, so neither
the kubeconfig nor a stack's state holds a secret. Where a rehearsal needs more of the AWS CLI, there is
`rehearsal/account/command.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from rehearsal.cloud import FOLDER_VARIABLE
from rehearsal.controlplane.lifecycle import place_of


def main() -> int:
    """Print the credential for the cluster that the arguments name."""
    parser = argparse.ArgumentParser(prog="aws", description="Answer `aws eks get-token` for the rehearsal's clusters.")
    parser.add_argument("--region")
    parser.add_argument("service", choices=["eks"])
    parser.add_argument("operation", choices=["get-token"])
    parser.add_argument("--cluster-name", required=True)
    parser.add_argument("--output")
    parser.add_argument("--role")
    parser.add_argument("--profile")
    options = parser.parse_args()
    token = place_of(Path(os.environ[FOLDER_VARIABLE]), options.cluster_name).token
    credential = {
        "kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "spec": {},
        "status": {"token": token},
    }
    sys.stdout.write(json.dumps(credential))
    return 0


if __name__ == "__main__":
    sys.exit(main())
