"""A start that is quick because its classes come from the archive."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.workloads.was.conftest import Tiers


def test_the_classes_of_the_application_and_its_libraries_come_from_the_archive(tiers: Tiers):
    # The JVM ignores an archive that does not fit and only gets slower, so nothing else would notice.
    node = tiers.node("item", 50, JDK_JAVA_OPTIONS="-Xlog:class+load")
    node.start()
    node.wait_until_ready()
    node.process.stop()

    loaded = [line for line in node.process.log.read_text().splitlines() if " source: " in line]
    ours = [line for line in loaded if "[class,load] fastorder." in line and "$$" not in line]
    from_jars = [line for line in loaded if line.endswith(".jar")]
    assert len(ours) > 20
    assert {line for line in ours if "shared objects file (top)" not in line and "$Proxy" not in line} == set()
    # What only a database or a cache that answers makes necessary.
    assert len(from_jars) < len(loaded) / 10
