"""The provider protocol of the Pulumi engine, answered by the modules of this package.

Owns the translation between gRPC messages and `arguments`, `diffing`, `world`, `functions`. Holds the configuration of
one provider instance and nothing else: all that lasts is in the simulated cloud.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from rehearsal.account.number import account_number
from rehearsal.aws import PROVIDER_VERSION, outputs
from rehearsal.aws.arguments import DEFAULTS, Origin, Settings, checked
from rehearsal.aws.authorization.guard import DeniedError, Guard
from rehearsal.aws.catalog import describe
from rehearsal.aws.diffing import difference
from rehearsal.aws.functions import Call, FunctionError, invoke
from rehearsal.aws.naming import Autonaming
from rehearsal.aws.refusals import RefusedError
from rehearsal.aws.wire import from_struct, to_struct
from rehearsal.aws.world import World
from rehearsal.aws.writing import stays
from rehearsal.provider_plugin import ProviderPlugin, type_of

if TYPE_CHECKING:
    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Cloud, Json, JsonObject

_KINDS = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_STRUCTURED = frozenset({"defaultTags", "ignoreTags", "allowedAccountIds", "forbiddenAccountIds"})


class ConfigurationError(Exception):
    """The provider's settings do not suffice; the message names the setting."""


class AwsProvider(ProviderPlugin):
    """One provider instance over one simulated cloud; `configure` needs only the region."""

    version = PROVIDER_VERSION

    def __init__(self, cloud: Cloud) -> None:
        self._world = World(cloud, Guard.from_environment(cloud))
        self._settings = Settings(region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "")

    def diff_config(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Another region means other resources; all other settings can change in place."""
        old, new = _configuration(from_struct(request.olds)), _configuration(from_struct(request.news))
        changed = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        replaces = ["region"] if "region" in changed else []
        kind = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=kind, diffs=changed, replaces=replaces)

    def configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Takes the settings; raises `ConfigurationError` without a region, or for an account that is not allowed."""
        configuration = _configuration(from_struct(request.args))
        default_tags, ignored = (
            _member(configuration, "defaultTags", "tags"),
            _member(configuration, "ignoreTags", "keys"),
        )
        self._settings = Settings(
            region=str(configuration.get("region") or self._settings.region),
            default_tags={key: str(value) for key, value in default_tags.items()}
            if isinstance(default_tags, dict)
            else {},
            ignored_tags=frozenset(map(str, ignored)) if isinstance(ignored, list) else frozenset(),
        )
        if not self._settings.region:
            raise ConfigurationError("missing region: set aws:region in the stack's configuration, or AWS_REGION")
        _refuse_other_accounts(configuration)
        # The engine strips secrets and marks them again in the answers: nothing here needs to know which are secret.
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False, supportsPreview=True, acceptResources=False, supports_autonaming_configuration=True
        )

    def check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Completes the arguments and refuses wrong ones."""
        resource = _described(request.urn)
        naming = request.autonaming
        modes = provider_pb2.CheckRequest.AutonamingOptions
        setting = Autonaming(
            disabled=request.HasField("autonaming") and naming.mode == modes.DISABLE,
            enforced=naming.mode == modes.ENFORCE,
            proposed=naming.proposed_name,
        )
        origin = Origin(logical_name=request.urn.rsplit("::", 1)[1], seed=request.randomSeed, autonaming=setting)
        inputs, failures = checked(
            resource, from_struct(request.news), from_struct(request.olds), self._settings, origin
        )
        found = [provider_pb2.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
        return provider_pb2.CheckResponse(inputs=to_struct(inputs), failures=found)

    def diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Says what an update would change and what it would replace."""
        resource = _described(request.urn)
        found = difference(
            resource, from_struct(request.old_inputs), from_struct(request.news), list(request.ignoreChanges)
        )
        if found.refusals:
            # The provider finds these while it plans, so the preview fails.
            raise RefusedError(f"{resource.token}: {'; '.join(found.refusals)}")
        detailed = {
            path: provider_pb2.PropertyDiff(kind=_KINDS[kind, path in found.replaces], inputDiff=True)
            for path, kind in found.changes.items()
        }
        some = provider_pb2.DiffResponse.DIFF_SOME if found.changes else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            diffs=sorted({_top(path) for path in found.changes}),
            replaces=sorted({_top(path) for path in found.replaces}),
            detailedDiff=detailed,
            hasDetailedDiff=True,
            deleteBeforeReplace=found.delete_before_replace,
        )

    def create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Makes a resource, or at preview only says what it would look like."""
        resource, inputs = _described(request.urn), from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(outputs.previewed(resource, inputs)))
        try:
            identifier, state = self._world.create(resource, inputs, request.urn, self._settings.region)
        except RefusedError as error:
            raise RefusedError(f"creating {resource.token}: {error}") from error
        return provider_pb2.CreateResponse(id=identifier, properties=to_struct(state))

    def read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """Says how a resource is now, for a refresh or an import."""
        resource = _described(request.urn)
        known, inputs = from_struct(request.properties), from_struct(request.inputs)
        region = str(known.get("region") or inputs.get("region") or self._settings.region)
        try:
            state = self._world.read(resource, request.id, known | inputs, region)
        except RefusedError as error:
            raise RefusedError(f"reading {resource.token} {request.id}: {error}") from error
        if state is None:
            return provider_pb2.ReadResponse()
        seen = _inputs_seen(resource, state, inputs, imported=not request.HasField("inputs"))
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(state), inputs=to_struct(seen))

    def update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """Changes a resource in place, or at preview only says what it would look like."""
        resource, new = _described(request.urn), from_struct(request.news)
        old_state, old_inputs = from_struct(request.olds), from_struct(request.old_inputs)
        if request.preview:
            kept = {
                name: value
                for name, value in old_state.items()
                if name not in resource.inputs or name in new or stays(resource, name, new)
            }
            return provider_pb2.UpdateResponse(properties=to_struct(kept | outputs.given(resource, new)))
        try:
            state = self._world.update(
                resource,
                request.id,
                (old_state, old_inputs),
                new,
                request.urn,
                self._settings.region,
                list(request.ignoreChanges),
            )
        except RefusedError as error:
            raise RefusedError(f"updating {resource.token} {request.id}: {error}") from error
        return provider_pb2.UpdateResponse(properties=to_struct(state))

    def delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """Removes a resource."""
        resource = _described(request.urn)
        try:
            self._world.delete(resource, request.id, from_struct(request.properties), self._settings.region)
        except RefusedError as error:
            raise RefusedError(f"deleting {resource.token}: {error}") from error
        return empty_pb2.Empty()

    def invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        """Answers a function."""
        arguments = from_struct(request.args)
        region = str(arguments.get("region") or self._settings.region)
        try:
            self._world.guard.ask_function(request.tok, arguments, region)
            result = invoke(Call(token=request.tok, arguments=arguments, region=region, cloud=self._world.cloud))
        except (FunctionError, DeniedError) as error:
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=str(error))])
        response = provider_pb2.InvokeResponse()
        # The field is called `return`, which Python cannot spell as an attribute.
        getattr(response, "return").CopyFrom(to_struct(result))
        return response


def _described(urn: str) -> ResourceType:
    return describe(type_of(urn))


def _configuration(values: JsonObject) -> dict[str, Any]:
    """Provider configuration: structured values travel as JSON texts."""
    return {
        name: json.loads(value) if name in _STRUCTURED and isinstance(value, str) else value
        for name, value in values.items()
    }


def _refuse_other_accounts(configuration: dict[str, Any]) -> None:
    account = account_number()
    allowed, forbidden = configuration.get("allowedAccountIds"), configuration.get("forbiddenAccountIds")
    if (allowed and account not in allowed) or account in (forbidden or ()):
        raise ConfigurationError(f"AWS account ID not allowed: {account}")


def _member(configuration: dict[str, Any], name: str, member: str) -> Json:
    value: Json = configuration.get(name)
    return value.get(member) if isinstance(value, dict) else None


def _inputs_seen(resource: ResourceType, state: JsonObject, inputs: JsonObject, *, imported: bool) -> JsonObject:
    """The inputs as a refresh sees them: what was given, with the values that are out there now.

    An import has no inputs yet: all that the type accepts and the resource has.
    """
    if imported:
        return {
            name: state[name] for name in (*resource.inputs, "tagsAll") if state.get(name) not in (None, "", [], {})
        }
    seen = {
        name: _as_given(resource.inputs[name].shape.kind if name in resource.inputs else "any", given, state[name])
        for name, given in inputs.items()
        if name != DEFAULTS and state.get(name) is not None
    }
    appeared = {name: state[name] for name in ("tags",) if name in resource.inputs and state.get(name)}
    return inputs | appeared | seen


def _as_given(kind: str, given: Json, now: Json) -> Json:
    """A value as it is now, without the parts of an object that AWS adds to those that were given."""
    if kind == "object" and isinstance(given, dict) and isinstance(now, dict):
        return {name: value for name, value in now.items() if name in given}
    return now


def _top(path: str) -> str:
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
