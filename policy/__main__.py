"""The pack's doorway: started by the engine it serves the rules, started as `python -m policy` it explains them.

The engine runs this file with the pack's folder as the only place to import from, whatever that folder is called;
the package is therefore loaded under its own name first.
"""

import importlib.util
import sys
from pathlib import Path

if not __package__:
    folder = Path(__file__).resolve().parent
    spec = importlib.util.spec_from_file_location(
        "policy", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        sys.exit(f"policy pack: {folder} is no package")
    module = importlib.util.module_from_spec(spec)
    sys.modules["policy"] = module
    spec.loader.exec_module(module)

    from policy.frame import server
    from policy.rules import load

    server.serve(load())
else:
    from policy.reports import cli

    sys.exit(cli.main(sys.argv[1:]))
