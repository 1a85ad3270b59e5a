"""Runs JMeter's plan against one address: `python -m operations.load.jmeter http://127.0.0.1:8080 --model open`.

Owns fetching JMeter from Maven Central into the tool cache, the bounds of a run and the short table at its end; the
plan is fast-order.jmx, which JMeter's own window opens too. Reports of JMeter's own kind come with `--report`.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

_HERE = Path(__file__).parent
_MOST_SECONDS, _MOST_THREADS, _MOST_RATE = 3600, 500, 500


class _Arguments(argparse.Namespace):
    address: str
    model: str
    threads: int
    rate: float
    seconds: int
    report: Path | None


def main() -> int:
    """Run the plan; returns 1 when any request failed."""
    parser = argparse.ArgumentParser(prog="operations.load.jmeter", description=__doc__)
    parser.add_argument("address", help="http(s)://host[:port] of the WEB tier or of the CDN in front of it")
    parser.add_argument(
        "--model", choices=("closed", "open"), default="closed", help="customers at once, or per second"
    )
    parser.add_argument("--threads", type=int, default=8, help=f"customers at once, closed (at most {_MOST_THREADS})")
    parser.add_argument("--rate", type=float, default=5, help=f"new customers a second, open (at most {_MOST_RATE})")
    parser.add_argument("--seconds", type=int, default=30, help=f"length of the run (at most {_MOST_SECONDS})")
    parser.add_argument("--report", type=Path, help="empty folder for JMeter's HTML report")
    arguments = parser.parse_args(namespace=_Arguments())
    for name, most in (("threads", _MOST_THREADS), ("rate", _MOST_RATE), ("seconds", _MOST_SECONDS)):
        if not 0 < getattr(arguments, name) <= most:
            parser.error(f"--{name} is {getattr(arguments, name)}: it must be above 0 and at most {most}")
    parts = urlsplit(arguments.address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        parser.error(f"{arguments.address} is no address: write http://host:port or https://host")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples.csv"
        properties = {
            "protocol": parts.scheme,
            "host": parts.hostname,
            "port": port,
            "model": arguments.model,
            "threads": arguments.threads,
            "rate": arguments.rate,
            "seconds": arguments.seconds,
        }
        command = _command(jmeter_home(), samples, arguments.report)
        command += [f"-J{name}={value}" for name, value in properties.items()]
        # Twice the run's length: slow last answers are waited for, a hanging run is not.
        subprocess.run(command, cwd=folder, check=True, timeout=arguments.seconds * 2 + 120)
        return _print_table(samples)


def _command(home: Path, samples: Path, report: Path | None) -> list[str]:
    options = ["-n", "-t", str(_HERE / "fast-order.jmx"), "-l", str(samples), "-j", str(samples.with_suffix(".log"))]
    if report:
        options += ["-e", "-o", str(report.resolve())]
    return ["java", "-Xmx512m", "-Djava.awt.headless=true", "-jar", str(home / "bin" / "ApacheJMeter.jar"), *options]


def jmeter_home() -> Path:
    """Return the folder of JMeter, fetching its parts from Maven Central the first time.

    Raises:
        subprocess.CalledProcessError: Maven could not fetch them; its output says why.
    """
    pom = _HERE / "pom.xml"
    version = ET.parse(pom).findtext(".//{*}jmeter.version")  # noqa: S314 - our own file
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fastorder"
    home = base / f"jmeter-{version}"
    if home.is_dir():
        return home
    base.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".jmeter-", dir=base))
    sys.stdout.write("fetching JMeter from Maven Central\n")
    subprocess.run(
        ["mvn", "-q", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={scratch}/lib/ext"],
        check=True,
    )
    (scratch / "bin").mkdir()
    # Not used, but looked for at each start.
    (scratch / "lib" / "junit").mkdir()
    for jar in (scratch / "lib" / "ext").glob("*.jar"):
        if jar.name == f"ApacheJMeter-{version}.jar":
            # JMeter finds its home by its own file name.
            shutil.move(jar, scratch / "bin" / "ApacheJMeter.jar")
        elif jar.name.startswith("ApacheJMeter_config"):
            with zipfile.ZipFile(jar) as archive:
                archive.extractall(scratch, [name for name in archive.namelist() if name.startswith("bin/")])
        elif not jar.name.startswith("ApacheJMeter"):
            shutil.move(jar, scratch / "lib" / jar.name)
    scratch.rename(home)
    return home


def _print_table(samples: Path) -> int:
    times: defaultdict[str, list[int]] = defaultdict(list)
    failures: defaultdict[str, int] = defaultdict(int)
    starts: list[int] = []
    with samples.open(newline="") as lines:
        for row in csv.DictReader(lines):
            times[row["label"]].append(int(row["elapsed"]))
            failures[row["label"]] += row["success"] != "true"
            starts.append(int(row["timeStamp"]))
    if not starts:
        sys.stderr.write("no request was sent: JMeter's own messages above say why\n")
        return 1
    seconds = max(1.0, (max(starts) - min(starts)) / 1000)
    sys.stdout.write(f"{'':10} {'requests':>8} {'per s':>8} {'p50 ms':>7} {'p95 ms':>7} {'p99 ms':>7} {'failed':>7}\n")
    for label, elapsed in [*times.items(), ("all", [value for values in times.values() for value in values])]:
        cuts = statistics.quantiles(elapsed, n=100, method="inclusive") if len(elapsed) > 1 else elapsed * 99
        failed = sum(failures.values()) if label == "all" else failures[label]
        sys.stdout.write(
            f"{label:10} {len(elapsed):8} {len(elapsed) / seconds:8.1f} "
            f"{cuts[49]:7.0f} {cuts[94]:7.0f} {cuts[98]:7.0f} {failed:7}\n"
        )
    return 1 if any(failures.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
