"""Runs the stand-in as a Pulumi plugin process: prints its port, serves on 127.0.0.1 until the engine ends it."""

import sys

from pulumi.provider.server import main

from rehearsal.eks.plugin import EksPlugin
from rehearsal.parent import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    main(EksPlugin(), sys.argv[1:])
