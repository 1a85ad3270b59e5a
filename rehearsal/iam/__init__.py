"""What AWS Identity and Access Management decides: may this identity do this, on that, in this context?

A pure evaluation of documents, without AWS, without the simulated cloud: `decide()` for what an identity may,
`may_assume()` for who may become it. Which calls an operation makes is not known here (`rehearsal/aws/authorization`).

No Python library that is kept up was found to do it whole: `principalmapper` and `policyglass` saw no release since
2022, `iam-ape` knows no conditions. The verdicts are held against those of `@cloud-copilot/iam-simulate`
(`tests/unit/rehearsal_iam`).
"""

from rehearsal.iam.documents import DocumentError, Policy
from rehearsal.iam.evaluation import Decision, Identity, Request, decide
from rehearsal.iam.trust import may_assume

__all__ = ["Decision", "DocumentError", "Identity", "Policy", "Request", "decide", "may_assume"]
