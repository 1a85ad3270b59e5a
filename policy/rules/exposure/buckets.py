"""Buckets: public access blocked at every level, ACLs off.

Owns the rules that join a bucket with the side resources that keep it private.
"""

from __future__ import annotations

from typing import Final

from policy.frame.resources import Resource
from policy.frame.rule import ExampleValue, Findings, Ref, Run, Sample, sample

from . import AREA

_BLOCK: Final = "s3/bucketPublicAccessBlock"
_ACCOUNT_BLOCK: Final = "s3/accountPublicAccessBlock"
_FLAGS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_ALL_ON: Final[dict[str, ExampleValue]] = dict.fromkeys(_FLAGS, True)
_EVERYBODY: Final = ("/AllUsers", "/AuthenticatedUsers")
_PUBLIC_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")


def _on(kind: str, name: str = "example", **changes: ExampleValue) -> Sample:
    return Sample(kind, name, {**_ALL_ON, **changes})


@AREA.rule(
    "s3-bucket-blocks-public-access",
    title="Every bucket has a public access block",
    cause="One policy or ACL written wrongly is enough to publish a bucket; the block overrules both.",
    remedy="Add a BucketPublicAccessBlock with all four flags true.",
    types=["s3/bucket"],
    severity="high",
    scope="stack",
    controls=["FSBP S3.8", "FSBP S3.2", "cdk-nag S2"],
    good=[(sample("s3/bucket", "static"), _on(_BLOCK, "static-block", bucket=Ref("static")))],
    bad=[
        (sample("s3/bucket", "static"),),
        (
            sample("s3/bucket", "static"),
            sample("s3/bucket", "logs"),
            _on(_BLOCK, "logs-block", bucket=Ref("logs")),
        ),
    ],
)
def s3_bucket_blocks_public_access(bucket: Resource, run: Run) -> Findings:
    """Look for the side resource."""
    if run.stack.lacks_side(bucket, _BLOCK, "bucket"):
        yield bucket.finding(f"{bucket.label} has no public access block")


def _off(block: Resource, flag: str) -> bool:
    """Tell whether a flag is certainly off; access points have all on unless they say otherwise."""
    if block.type in (_BLOCK, _ACCOUNT_BLOCK):
        return block.not_true(flag)
    points = [*block.blocks("publicAccessBlockConfiguration"), *block.blocks("details.publicAccessBlock")]
    return any(point.is_false(flag) for point in points)


def _register(id_: str, flag: str, title: str, cause: str) -> None:
    def check(block: Resource) -> Findings:
        if _off(block, flag):
            yield block.finding(f"{block.label} leaves {flag} off")

    AREA.rule(
        id_,
        title=title,
        cause=cause,
        remedy=f"Set {flag} to true; in a block that leaves it out it is false.",
        types=[_BLOCK, _ACCOUNT_BLOCK, "s3/accessPoint", "s3control/multiRegionAccessPoint"],
        severity="high",
        controls=["FSBP S3.1", "FSBP S3.8", "FSBP S3.19"],
        good=[
            _on(_BLOCK),
            _on(_ACCOUNT_BLOCK),
            sample("s3/accessPoint", publicAccessBlockConfiguration=_ALL_ON),
        ],
        bad=[
            Sample(_BLOCK, "example", {**_ALL_ON, flag: False}),
            Sample(_ACCOUNT_BLOCK, "example", {name: True for name in _FLAGS if name != flag}),
            sample("s3/accessPoint", publicAccessBlockConfiguration={**_ALL_ON, flag: False}),
        ],
    )(check)


for _id, _flag, _title, _cause in (
    (
        "s3-refuses-public-acls",
        "blockPublicAcls",
        "Public ACLs are refused",
        "One object uploaded with public-read is enough.",
    ),
    (
        "s3-refuses-public-policies",
        "blockPublicPolicy",
        "Public bucket policies are refused",
        "A policy for everybody is one mistyped principal away.",
    ),
    (
        "s3-ignores-public-acls",
        "ignorePublicAcls",
        "Public ACLs that exist already count for nothing",
        "Refusing new ones leaves those that were set before.",
    ),
    (
        "s3-restricts-public-buckets",
        "restrictPublicBuckets",
        "A public policy admits nobody from outside the account",
        "Refusing new policies leaves the one that was set before.",
    ),
):
    _register(_id, _flag, _title, _cause)


@AREA.rule(
    "s3-no-public-acl",
    title="No ACL opens a bucket or object to everybody",
    cause="public-read lists and serves the bucket to the world.",
    remedy="Remove the ACL; publish through CloudFront with origin access control.",
    types=["s3/bucketAcl", "s3/bucket", "s3/bucketObject", "s3/bucketObjectv2"],
    severity="critical",
    controls=[
        "FSBP S3.2",
        "FSBP S3.3",
        "Pulumi s3-bucket-disallow-public-read",
        "cdk-nag S3BucketPublicReadProhibited",
    ],
    good=[sample("s3/bucketAcl", acl="private"), sample("s3/bucket", bucket="prod-common-s3-logs-01")],
    bad=[
        sample("s3/bucketAcl", acl="public-read"),
        sample("s3/bucket", acl="public-read-write"),
        sample(
            "s3/bucketAcl",
            accessControlPolicy={
                "grants": [
                    {
                        "permission": "READ",
                        "grantee": {"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"},
                    }
                ]
            },
        ),
    ],
)
def s3_no_public_acl(holder: Resource) -> Findings:
    """Look at canned ACLs and grants."""
    if holder.text("acl") in _PUBLIC_ACLS:
        yield holder.finding(f"{holder.label} is open to everybody by its ACL {holder.text('acl')}")
    grants = [*holder.blocks("accessControlPolicy.grants"), *holder.blocks("grants")]
    for grant in grants:
        uri = grant.text("grantee.uri") or grant.text("uri") or ""
        if uri.endswith(_EVERYBODY):
            yield holder.finding(f"{holder.label} grants {grant.text('permission') or 'rights'} to everybody")


@AREA.rule(
    "s3-acls-off",
    title="Bucket ACLs are off",
    cause="With ACLs on, whoever writes an object owns it and can open it past the bucket's policy.",
    remedy="Set object_ownership=BucketOwnerEnforced (the default of new buckets).",
    types=["s3/bucketOwnershipControls"],
    controls=["FSBP S3.12"],
    good=[sample("s3/bucketOwnershipControls", rule={"objectOwnership": "BucketOwnerEnforced"})],
    bad=[
        sample("s3/bucketOwnershipControls", rule={"objectOwnership": "ObjectWriter"}),
        sample("s3/bucketOwnershipControls", rule={"objectOwnership": "BucketOwnerPreferred"}),
    ],
)
def s3_acls_off(controls: Resource) -> Findings:
    """Look at the ownership."""
    ownership = controls.text("rule.objectOwnership")
    if ownership is not None and ownership != "BucketOwnerEnforced":
        yield controls.finding(f"{controls.label} keeps ACLs on: objectOwnership is {ownership}")


@AREA.rule(
    "s3-no-website",
    title="Buckets are no websites",
    cause="A website endpoint is public and speaks plain HTTP, past CloudFront, WAF and logs.",
    remedy="Serve the bucket by CloudFront with origin access control.",
    types=["s3/bucket", "s3/bucketWebsiteConfiguration"],
    good=[sample("s3/bucket", bucket="prod-common-s3-static-01")],
    bad=[
        sample("s3/bucket", website={"indexDocument": "index.html"}),
        sample("s3/bucketWebsiteConfiguration", indexDocument={"suffix": "index.html"}),
    ],
)
def s3_no_website(holder: Resource) -> Findings:
    """Find either form; one that only redirects serves nothing."""
    own = holder.type == "s3/bucket"
    redirects = not holder.lacks("website.redirectAllRequestsTo" if own else "redirectAllRequestsTo")
    if (not own and not holder.lacks("indexDocument")) or (own and not holder.lacks("website") and not redirects):
        yield holder.finding(f"{holder.label} is a public website without TLS")


@AREA.rule(
    "s3-cors-named-origins",
    title="Buckets answer pages of named origins",
    cause="With * any page that a customer opens may read and write objects in the customer's name.",
    remedy="Name the origins in allowed_origins.",
    types=["s3/bucket", "s3/bucketCorsConfiguration"],
    good=[sample("s3/bucketCorsConfiguration", corsRules=[{"allowedOrigins": ["https://order.example.com"]}])],
    bad=[
        sample("s3/bucketCorsConfiguration", corsRules=[{"allowedOrigins": ["*"]}]),
        sample("s3/bucket", corsRules=[{"allowedOrigins": ["*"]}]),
    ],
)
def s3_cors_named_origins(holder: Resource) -> Findings:
    """Look at every rule's origins."""
    if any("*" in rule.texts("allowedOrigins") for rule in holder.blocks("corsRules")):
        yield holder.finding(f"{holder.label} answers pages of any origin")
