"""The rehearsal as a command of its own, for tests that interrupt or kill it."""

from __future__ import annotations

import sys
from typing import Final

# Whoever runs the tests in a shell's background has SIGINT ignored, which children inherit.
REHEARSAL: Final = ("env", "--default-signal=INT", sys.executable, "-m", "rehearsal")
