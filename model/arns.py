"""ARNs that can be known before anything exists, because we choose the names in them.

Owns the form of the ARNs that our IAM documents mention. A literal ARN keeps a document known at preview, so the
policy pack can judge it there; where AWS chooses the id (KMS keys, Aurora's resource id) an Output is unavoidable
and the component that has it writes the ARN.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arns:
    """Makes ARNs of one account and region.

    Attributes:
        account_id: Twelve digits.
        region: Home region.
        partition: `aws` everywhere but in China and GovCloud.
    """

    account_id: str
    region: str
    partition: str = "aws"

    def of(self, service: str, resource: str, *, region: str | None = None) -> str:
        """Return the ARN of a regional resource; `region` overrides the home region."""
        return f"arn:{self.partition}:{service}:{region or self.region}:{self.account_id}:{resource}"

    def worldwide(self, service: str, resource: str) -> str:
        """Return the ARN of a resource that belongs to no region."""
        return f"arn:{self.partition}:{service}::{self.account_id}:{resource}"

    def account_root(self) -> str:
        """Return the principal that stands for the account, which lets its IAM policies decide."""
        return self.worldwide("iam", "root")

    def managed_policy(self, name: str, *, path: str = "") -> str:
        """Return the ARN of a policy that AWS manages, such as `AmazonEKSClusterPolicy`."""
        return f"arn:{self.partition}:iam::aws:policy/{path}{name}"

    def bucket(self, name: str, key: str | None = None) -> str:
        """Return the ARN of a bucket, or of the objects below `key` in it."""
        return f"arn:{self.partition}:s3:::{name}" + (f"/{key}" if key is not None else "")

    def distribution(self, id_: str) -> str:
        """Return the ARN of a CloudFront distribution, which has no region."""
        return self.worldwide("cloudfront", f"distribution/{id_}")

    def cluster_access_policy(self, name: str) -> str:
        """Return the ARN of an EKS access policy, such as `AmazonEKSViewPolicy`."""
        return f"arn:{self.partition}:eks::aws:cluster-access-policy/{name}"
