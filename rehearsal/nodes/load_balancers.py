"""Addresses for what asks EKS for a load balancer: Services of that type and Ingresses.

This program's own load balancers are Pulumi's and need none of this; third-party charts may ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from rehearsal.cloud import JsonObject
    from rehearsal.kubernetes.api import Api

_SERVICES = "/api/v1/services"
_INGRESSES = "/apis/networking.k8s.io/v1/ingresses"


def give_addresses(api: Api) -> None:
    """Gives a host name to each Service of type LoadBalancer and each Ingress that has none."""
    for service in cast("list[JsonObject]", api.get(_SERVICES)["items"]):
        if cast("JsonObject", service["spec"]).get("type") == "LoadBalancer":
            _give(api, service, "/api/v1/namespaces/{namespace}/services/{name}/status")
    for ingress in cast("list[JsonObject]", api.get(_INGRESSES)["items"]):
        _give(api, ingress, "/apis/networking.k8s.io/v1/namespaces/{namespace}/ingresses/{name}/status")


def _give(api: Api, thing: JsonObject, path: str) -> None:
    status = cast("JsonObject", thing.get("status") or {})
    if not cast("JsonObject", status.get("loadBalancer") or {}).get("ingress"):
        metadata = cast("JsonObject", thing["metadata"])
        place = {key: str(metadata[key]) for key in ("namespace", "name")}
        host = f"{place['name']}-{place['namespace']}.elb.amazonaws.com"
        api.merge(path.format(**place), {"status": {"loadBalancer": {"ingress": [{"hostname": host}]}}})
