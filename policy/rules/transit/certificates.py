"""Certificates: strong keys, one name each, logged.

Owns the demands on ACM certificates.
"""

from __future__ import annotations

from policy.frame.demands import Want, demand, never
from policy.frame.values import Block

from . import AREA


def _wildcard(block: Block, rest: str) -> bool:
    return any(name.startswith("*") for name in block.texts(rest))


demand(
    AREA,
    "certificate-key-strong",
    "acm/certificate",
    "Certificates have strong keys",
    wants=[never("keyAlgorithm", "RSA_1024", good="EC_prime256v1")],
    cause="A 1024-bit key is breakable.",
    remedy="Use RSA_2048 or stronger or EC_prime256v1.",
    severity="high",
    controls=["FSBP ACM.2"],
)
demand(
    AREA,
    "certificate-names-hosts",
    "acm/certificate",
    "Certificates name their hosts",
    wants=[
        Want("domainName", _wildcard, good="order.example.com", bad=("*.example.com",), says="is a wildcard"),
        Want("subjectAlternativeNames", _wildcard, good=None, bad=(["*.example.com"],), says="has a wildcard"),
    ],
    cause="A wildcard certificate's key opens every name.",
    remedy="Name each host.",
    severity="low",
)
demand(
    AREA,
    "certificate-logged",
    "acm/certificate",
    "Certificates are in the transparency logs",
    wants=[never("options.certificateTransparencyLoggingPreference", "DISABLED", good="ENABLED")],
    cause="An unlogged certificate is refused by browsers, and a forged one is not noticed.",
    remedy="Leave transparency logging on.",
)
