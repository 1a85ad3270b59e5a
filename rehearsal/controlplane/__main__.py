"""Runs the supervisor of one cluster: `python -m rehearsal.controlplane FOLDER OWNER_PID`."""

import sys
from pathlib import Path

from rehearsal.controlplane.place import Place
from rehearsal.controlplane.supervisor import Supervisor

if __name__ == "__main__":
    Supervisor(Place(Path(sys.argv[1])), int(sys.argv[2])).run()
