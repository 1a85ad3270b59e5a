"""A plugin process that does not outlive its engine.

The engine ends its plugins by SIGINT. One that was killed, or that died of a closed pipe when the rehearsal was killed,
cannot, and its plugins would wait for calls for ever.
"""

from __future__ import annotations

import os
import threading
import time

_POLL_SECONDS = 1.0


def end_with_parent() -> None:
    """Ends this process soon after the one that started it is gone; returns at once."""
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_POLL_SECONDS)
    os._exit(1)
