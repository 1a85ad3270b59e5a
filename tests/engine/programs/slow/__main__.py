"""Makes one value, says so, and waits longer than any test."""

import time
from pathlib import Path

import pulumi
import pulumi_random as random

random.RandomId("identifier", byte_length=2)
if marker := pulumi.Config().get("marker"):
    Path(marker).touch()
    time.sleep(120)
