"""A pack with a mandatory rule and an advisory one."""

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
)


def _long_enough(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type.endswith("RandomPassword") and args.props["length"] < 12:
        report("a password has at least 12 characters", None)


def _identifier_is_frowned_upon(args: ResourceValidationArgs, report: ReportViolation) -> None:
    if args.resource_type.endswith("RandomId"):
        report("prefer a name to an identifier", None)


PolicyPack(
    name="strict",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy("password-length", "Passwords are long.", _long_enough),
        ResourceValidationPolicy(
            "no-identifier", "Names over identifiers.", _identifier_is_frowned_upon, EnforcementLevel.ADVISORY
        ),
    ],
)
