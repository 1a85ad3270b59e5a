"""A TLS certificate that AWS issues and renews by itself.

Owns the certificate, the DNS records that prove the domain is ours, and the wait until it is issued. Does not own
the zone, which `bootstrap` makes and which must be delegated before the first deployment: ACM waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from model.conventions import Conventions


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """What is certified.

    Attributes:
        conventions: Names and tags.
        role: Role part of the name.
        domain_name: Name on the certificate.
        zone_id: Public zone that holds the name.
        region: None is the home region; CloudFront takes certificates of us-east-1 only.
    """

    conventions: Conventions
    role: str
    domain_name: str
    zone_id: str
    region: str | None = None


class Certificate(pulumi.ComponentResource):
    """One issued certificate."""

    arn: pulumi.Output[str]
    """ARN, available once the certificate is issued."""

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fastorder:certificate:Certificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            region=args.region,
            domain_name=args.domain_name,
            validation_method="DNS",
            key_algorithm="EC_prime256v1",
            tags=args.conventions.tags("acm", args.role),
            opts=child,
        )
        proof = certificate.domain_validation_options
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=args.zone_id,
            name=proof.apply(_record_name),
            type=proof.apply(_record_type),
            records=[proof.apply(_record_value)],
            ttl=300,
            # Certificates of the same name in other regions are proven by the same record.
            allow_overwrite=True,
            opts=child,
        )
        issued = aws.acm.CertificateValidation(
            f"{name}-issued",
            region=args.region,
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=child,
        )
        self.arn = issued.certificate_arn
        self.register_outputs({"arn": self.arn})


def _record_name(options: Sequence[aws.acm.outputs.CertificateDomainValidationOption]) -> str:
    return options[0].resource_record_name or ""


def _record_type(options: Sequence[aws.acm.outputs.CertificateDomainValidationOption]) -> str:
    return options[0].resource_record_type or ""


def _record_value(options: Sequence[aws.acm.outputs.CertificateDomainValidationOption]) -> str:
    return options[0].resource_record_value or ""
