"""What is watched, shown and asked: metrics, when they are alarms, the dashboard and log queries, in pure Python.

Owns the choice of metrics, the way each is judged, the geometry of the dashboard and the questions to the logs.
`components.observability` makes resources of it. Metrics are generic over the values of dimensions, since half of
them are ids that AWS chooses: an alarm takes them as promises, the dashboard's text once they are known.
"""

from model.observation.dashboard import dashboard
from model.observation.metrics import Metric, Panel, Place, Watch, Watched
from model.observation.panels import panels
from model.observation.queries import LogGroups, Query, queries
from model.observation.watches import watches

__all__ = [
    "LogGroups",
    "Metric",
    "Panel",
    "Place",
    "Query",
    "Watch",
    "Watched",
    "dashboard",
    "panels",
    "queries",
    "watches",
]
