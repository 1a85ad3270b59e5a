"""The WEB node: httpd with the image's own files and with what the chart renders for this machine.

Owns the call of Helm and httpd's environment. The configuration files themselves are those of workloads/web: a setting
that fails here fails in a pod too.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from operations.app.processes import AppError, Process, accepts, free_port, own, private_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOST = "127.0.0.1"
_WORKLOAD = Path(__file__).parents[2] / "workloads" / "web"
_MODULES = "/usr/lib/apache2/modules"
# Helm alone would take the Kubernetes that it was built for, which may be older than the chart allows.
_RENDERED = ("--kube-version", "1.36.0", "--show-only", "templates/configmap.yaml")
_START_SECONDS = 20
_STOP_SECONDS = 40


class Web:
    """One httpd.

    Args:
        parent: Private folder of the stack.
        helm: Path of Helm.
        workers: Per service the AJP port and the addresses, as the chart's value `workers` has them.
        secret: The AJP secret; None leaves it unset.
        port: Port of the page; 0 chooses a free one.
    """

    def __init__(
        self,
        parent: Path,
        helm: Path,
        workers: Mapping[str, tuple[int, Sequence[str]]],
        secret: str | None,
        port: int = 0,
    ) -> None:
        self.folder = folder = private_folder(parent, "web")
        self.run_folder = private_folder(folder, "run")
        config = private_folder(folder, "config")
        shutil.copytree(_WORKLOAD / "httpd", folder / "httpd")
        shutil.copytree(_WORKLOAD / "static", folder / "static")
        for name, text in rendered(helm, workers).items():
            (config / name).write_text(text)
            own(config / name)
        self.port = port or free_port()
        self.status_port = free_port()
        environment = {
            "HTTPD_MODULES": _MODULES,
            "HTTPD_ROOT": str(folder / "httpd"),
            "HTTPD_CONFIG": str(config),
            "HTTPD_STATIC": str(folder / "static"),
            "HTTPD_RUN": str(self.run_folder),
            "HTTPD_LISTEN": f"{HOST}:{self.port}",
            "HTTPD_STATUS": f"{HOST}:{self.status_port}",
        }
        if secret is not None:
            environment["AJP_SECRET"] = secret
        command = ["apache2", "-f", str(folder / "httpd" / "httpd.conf"), "-D", "FOREGROUND"]
        self.process = Process("web", command, environment, folder)

    @property
    def address(self) -> str:
        """Where a browser finds the page."""
        return f"http://{HOST}:{self.port}/"

    def start(self) -> None:
        """Start httpd and wait until it accepts connections."""
        (self.run_folder / "draining").unlink(missing_ok=True)
        self.process.start()
        self.process.wait_until(lambda: accepts(HOST, self.port), _START_SECONDS)

    def drain(self) -> None:
        """Leave the mark that the pod's preStop hook leaves: readiness turns negative, httpd serves on."""
        (self.run_folder / "draining").touch()

    def stop(self) -> None:
        """End httpd as the image's stop signal does: running requests are finished."""
        self.process.stop(signal.SIGWINCH, _STOP_SECONDS)


def rendered(helm: Path, workers: Mapping[str, tuple[int, Sequence[str]]]) -> dict[str, str]:
    """Render the chart's ConfigMap for loopback addresses and return its files."""
    values = {
        "image": {"repository": "local", "tag": "local"},
        "ajp": {"secretName": "local"},
        "workers": {service: {"port": port, "hosts": list(hosts)} for service, (port, hosts) in workers.items()},
        # A test on this machine may speak for any client, as the load balancer does.
        "network": {"loadBalancerCidrs": ["127.0.0.0/8"], "wasCidrs": ["127.0.0.0/8"], "dnsCidr": "127.0.0.1/32"},
        "serviceAccountName": "local",
    }
    chart = str(_WORKLOAD / "chart")
    result = subprocess.run(
        [str(helm), "template", "web", chart, *_RENDERED, "--values", "-"],
        input=yaml.safe_dump(values),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise AppError(f"the web chart does not render:\n{result.stderr}")
    files: dict[str, str] = yaml.safe_load(result.stdout)["data"]
    return files
