"""API gateways: known callers, a firewall before them.

Owns the rules on REST, HTTP and WebSocket APIs.
"""

from __future__ import annotations

from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA


@AREA.rule(
    "api-behind-waf",
    title="REST API stages stand behind a WAF",
    cause="Without WAF, injection and floods reach the functions behind the API.",
    remedy="Add a wafv2.WebAclAssociation for the stage's ARN.",
    types=["apigateway/stage"],
    scope="stack",
    controls=["APIGateway.4"],
    good=[
        (
            sample("apigateway/stage", "live", stageName="live"),
            sample("wafv2/webAclAssociation", "live-waf", resourceArn=Ref("live", "arn")),
        )
    ],
    bad=[(sample("apigateway/stage", "live", stageName="live"),)],
)
def api_behind_waf(stage: Resource, run: Run) -> Findings:
    """Look for an association."""
    if run.stack.lacks_side(stage, "wafv2/webAclAssociation", "resourceArn"):
        yield stage.finding(f"{stage.label} has no web ACL")


@AREA.rule(
    "api-authorized",
    title="API methods and routes know their callers",
    cause="A method without authorization is open to anyone who finds its address.",
    remedy="Set authorization to AWS_IAM, COGNITO_USER_POOLS, JWT or CUSTOM (an API key is no login).",
    types=["apigateway/method", "apigatewayv2/route"],
    severity="high",
    controls=["APIGateway.8", "cdk-nag APIG4"],
    good=[
        sample("apigateway/method", httpMethod="GET", authorization="AWS_IAM"),
        sample("apigateway/method", httpMethod="OPTIONS", authorization="NONE"),
        sample("apigatewayv2/route", routeKey="GET /orders", authorizationType="JWT"),
    ],
    bad=[
        sample("apigateway/method", httpMethod="GET", authorization="NONE"),
        sample("apigatewayv2/route", routeKey="GET /orders", authorizationType="NONE"),
        sample("apigatewayv2/route", routeKey="GET /orders"),
    ],
)
def api_authorized(entry: Resource) -> Findings:
    """Look at the type; OPTIONS answers browsers before they log in."""
    path = "authorization" if entry.type == "apigateway/method" else "authorizationType"
    preflight = entry.text("httpMethod") == "OPTIONS" or (entry.text("routeKey") or "").startswith(("OPTIONS", "$dis"))
    keyed = entry.is_true("apiKeyRequired") and entry.type == "apigateway/method"
    known = all(entry.is_known(name) for name in (path, "httpMethod", "routeKey", "apiKeyRequired"))
    if known and entry.text(path) in (None, "NONE") and not preflight and not keyed:
        yield entry.finding(f"{entry.label} answers anyone")
