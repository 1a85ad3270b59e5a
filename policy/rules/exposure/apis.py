"""API gateways: known callers, a firewall before them.

Owns the rules on REST, HTTP and WebSocket APIs.
"""

from __future__ import annotations

from policy.frame.demands import demand, given
from policy.frame.resources import Resource
from policy.frame.rule import Findings, Ref, Run, sample

from . import AREA
from .edge import without_web_acl


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
        ),
        (
            sample("apigateway/restApi", "inside", endpointConfiguration={"types": "PRIVATE"}),
            sample("apigateway/stage", "live", stageName="live", restApi=Ref("inside")),
        ),
    ],
    bad=[(sample("apigateway/stage", "live", stageName="live"),)],
)
def api_behind_waf(stage: Resource, run: Run) -> Findings:
    """Look for an association; a private API is reached from VPCs only."""
    apis = run.stack.targets(stage, "restApi", "apigateway/restApi")
    public = all(
        api.is_known("endpointConfiguration") and "PRIVATE" not in api.texts("endpointConfiguration.types")
        for api in apis
    )
    if public and without_web_acl(stage, run):
        yield stage.finding(f"{stage.label} has no web ACL")


@AREA.rule(
    "graphql-behind-waf",
    title="GraphQL APIs stand behind a WAF",
    cause="One endpoint takes every query: without WAF, injection and floods reach the resolvers.",
    remedy="Add a wafv2.WebAclAssociation for the API's ARN.",
    types=["appsync/graphQLApi"],
    scope="stack",
    good=[
        (
            sample("appsync/graphQLApi", "menu", authenticationType="AWS_IAM"),
            sample("wafv2/webAclAssociation", "menu-waf", resourceArn=Ref("menu", "arn")),
        ),
        sample("appsync/graphQLApi", authenticationType="AWS_IAM", visibility="PRIVATE"),
    ],
    bad=[sample("appsync/graphQLApi", authenticationType="AWS_IAM")],
)
def graphql_behind_waf(api: Resource, run: Run) -> Findings:
    """Look for an association."""
    if api.text("visibility") != "PRIVATE" and api.is_known("visibility") and without_web_acl(api, run):
        yield api.finding(f"{api.label} has no web ACL")


@AREA.rule(
    "api-requests-validated",
    title="API methods validate requests",
    cause="What the gateway refuses, no function must run, log and pay for.",
    remedy="Set request_validator_id to an apigateway.RequestValidator for body and parameters.",
    types=["apigateway/method"],
    severity="low",
    controls=["cdk-nag APIG2"],
    good=[
        sample("apigateway/method", httpMethod="POST", requestValidatorId="a1b2c3"),
        sample("apigateway/method", httpMethod="OPTIONS"),
    ],
    bad=[sample("apigateway/method", httpMethod="POST")],
)
def api_requests_validated(method: Resource) -> Findings:
    """Look for a validator; OPTIONS answers browsers."""
    if method.lacks("requestValidatorId") and method.is_known("httpMethod") and method.text("httpMethod") != "OPTIONS":
        yield method.finding(f"{method.label} passes on whatever comes")


demand(
    AREA,
    "api-backend-certificate",
    "apigateway/stage",
    "API stages prove themselves to their backends",
    wants=[given("clientCertificateId", "a1b2c3")],
    cause="Without a client certificate a backend cannot tell the gateway from whoever else found its address.",
    remedy="Set client_certificate_id, where the backend is an HTTP server.",
    severity="low",
    controls=["APIGateway.2"],
)


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
