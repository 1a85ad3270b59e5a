"""Settings of a stack: one strict tree, its defaults by environment, and the errors a wrong one causes.

Owns what may be configured and which combinations are allowed. Does not read Pulumi's configuration (the component
layer's doorway hands it over as text) and makes no resource: a wrong setting ends the program before the first one.
"""

from model.settings.areas import Network, Workload, Workloads
from model.settings.clusters import Addons, Clusters, NodePool, Runner
from model.settings.edge import Edge
from model.settings.loader import SettingsError, load
from model.settings.peaks import Peaks
from model.settings.stores import Cache, Database, Provisioned
from model.settings.tree import Settings

__all__ = [
    "Addons",
    "Cache",
    "Clusters",
    "Database",
    "Edge",
    "Network",
    "NodePool",
    "Peaks",
    "Provisioned",
    "Runner",
    "Settings",
    "SettingsError",
    "Workload",
    "Workloads",
    "load",
]
