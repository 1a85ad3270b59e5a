"""Acts on the simulated cloud as the AWS API would: creates, reads, updates, deletes, and refuses what AWS refuses.

Owns AWS's answers to conflicts: names that exist, references that dangle, deletion protection, dependents in the way,
types that a region does not have.
The state of a resource comes from `outputs.py`; storage is `rehearsal/cloud.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.account.number import account_number
from rehearsal.account.refusals import Wish, deletion_refusal, refusal
from rehearsal.aws import log_writers, outputs, web_acls
from rehearsal.aws.arguments import DEFAULTS, TAGS
from rehearsal.aws.authorization.guard import DeniedError, Guard
from rehearsal.aws.checking import UNKNOWN
from rehearsal.aws.endings import end
from rehearsal.aws.invention import Inventor, fill_properties
from rehearsal.aws.knowledge import knowledge
from rehearsal.aws.refusals import combination_refusal
from rehearsal.aws.regions import offered
from rehearsal.cloud import AlreadyExistsError, Cloud, CloudObject, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rehearsal.aws.authorization.needs import Operation
    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import Json, JsonObject

_PROTECTION = ("deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled")
# Ids whose owners always live in the simulated cloud, so that a dangling one is a mistake of the program.
_ID = re.compile(r"^(vpc|subnet|sg|rtb|igw|nat|eipalloc|vpce|acl|dopt|pcx|fs|fsap)-[0-9a-f]{17}$")
_ARN = re.compile(
    r"^arn:aws:(?:kms|elasticloadbalancing|acm):[a-z0-9-]+:(\d{12}):"
    r"(?:key|loadbalancer|targetgroup|listener|certificate)/\S+$"
)


class RefusedError(Exception):
    """The API refuses; the message reads like AWS's own, error code first."""


@dataclass(frozen=True)
class World:
    """The AWS API over one simulated cloud, which asks its guard about every operation."""

    cloud: Cloud
    guard: Guard

    def create(self, resource: ResourceType, inputs: JsonObject, urn: str, region: str) -> tuple[str, JsonObject]:
        """Makes the resource; returns its id and state. Raises `RefusedError` as AWS would."""
        location = _location(resource, inputs, region)
        if not offered(resource.cloudformation, location):
            message = f"UnsupportedOperation: {location} does not have {resource.cloudformation}"
            raise RefusedError(message)
        _refuse_combination(resource, inputs)
        self._refuse_dangling(resource, inputs)
        self._refuse_by_account(resource, inputs, location, None)
        identifier, state = self._invent(resource, inputs, urn, location)
        self._ask("create", resource, identifier, state, location or region)
        thing = _thing(resource, identifier, state, location)
        if knowledge(resource.token).global_name and any(
            other.id == identifier for other in self.cloud.list(resource.token)
        ):
            message = f"BucketAlreadyExists: {identifier} is taken, its namespace is global"
            raise RefusedError(message)
        try:
            self.cloud.create(thing)
        except AlreadyExistsError as error:
            message = f"EntityAlreadyExists: {error}"
            raise RefusedError(message) from error
        return identifier, state

    def read(self, resource: ResourceType, identifier: str, known: JsonObject, region: str) -> JsonObject | None:
        """The state as it is out there now, or None when it is gone; `known` is what was believed of it."""
        found = self._find(resource, identifier, region)
        self._ask("read", resource, identifier, found.properties if found else known, region)
        if found is not None and resource.token == web_acls.ACL:
            return web_acls.seen(self.cloud, found)
        return found.properties if found else None

    def update(
        self,
        resource: ResourceType,
        identifier: str,
        old: tuple[JsonObject, JsonObject],
        new: JsonObject,
        urn: str,
        region: str,
        ignored: Sequence[str] = (),
    ) -> JsonObject:
        """Changes the resource in place and returns its new state.

        `old` is its state and its inputs before, `ignored` the paths of `ignoreChanges`.
        """
        _refuse_combination(resource, new)
        self._refuse_dangling(resource, new)
        old_state, old_inputs = old
        location = _location(resource, new, region)
        self._ask("update", resource, identifier, old_state | new, location or region)
        self._refuse_by_account(resource, new, location, identifier)
        inventor = Inventor(seed=urn, region=location or region, properties=new, cloud=self.cloud)
        state = outputs.updated(resource, old_state, old_inputs, new, inventor)
        thing = _thing(resource, identifier, state, location)
        self._refuse_frozen(resource, thing, old_inputs, new)
        try:
            self.cloud.put(thing)
        except NotFoundError as error:
            message = f"ResourceNotFoundException: {error}"
            raise RefusedError(message) from error
        except AlreadyExistsError as error:
            message = f"EntityAlreadyExists: {error}"
            raise RefusedError(message) from error
        if resource.token == web_acls.ACL:
            web_acls.send(self.cloud, thing, old, new, ignored)
        return state

    def delete(self, resource: ResourceType, identifier: str, state: JsonObject, region: str) -> None:
        """Removes the resource; one that is already gone is no error, as the provider treats it."""
        location = _location(resource, state, region)
        found = self.cloud.get(resource.token, identifier, location=location)
        self._ask("delete", resource, identifier, found.properties if found else state, location or region)
        if found is None:
            return
        protected = next((name for name in _PROTECTION if found.properties.get(name) is True), None)
        if protected:
            message = f"OperationNotPermitted: {identifier} is protected: set {protected} to false before deleting it"
            raise RefusedError(message)
        self._refuse_dependents(resource, found)
        refused = deletion_refusal(self.cloud, resource.token, found.properties, location) or end(
            self.cloud, found, state
        )
        if refused:
            raise RefusedError(refused)
        self.cloud.delete(resource.token, identifier, location=location)

    def _ask(
        self, operation: Operation, resource: ResourceType, identifier: str, properties: JsonObject, region: str
    ) -> None:
        try:
            self.guard.ask(operation, resource.token, identifier, properties, region)
        except DeniedError as error:
            raise RefusedError(str(error)) from error

    def _invent(self, resource: ResourceType, inputs: JsonObject, urn: str, location: str) -> tuple[str, JsonObject]:
        region = location or "us-east-1"
        # A replacement exists beside what it replaces: it needs an id of its own wherever ids are invented. Where they
        # follow from a name they do not change with the seed, and the collision is the program's to hear of.
        seed, before = urn, None
        while True:
            inventor = Inventor(seed=seed, region=region, properties=inputs, cloud=self.cloud)
            identifier, state = outputs.invented(resource, inputs, inventor)
            if identifier == before or self.cloud.get(resource.token, identifier, location=location) is None:
                return identifier, state
            seed, before = f"{seed}#", identifier

    def _find(self, resource: ResourceType, identifier: str, region: str) -> CloudObject | None:
        location = region if "region" in resource.inputs else ""
        return self.cloud.get(resource.token, identifier, location=location)

    def _refuse_dangling(self, resource: ResourceType, inputs: JsonObject) -> None:
        if knowledge(resource.token).adopted:
            return
        for path, value in _references(inputs, ""):
            if not self.cloud.find(value):
                message = f"InvalidParameterValue: {path} points to {value}, which does not exist"
                raise RefusedError(message)

    def _refuse_by_account(
        self, resource: ResourceType, inputs: JsonObject, location: str, identifier: str | None
    ) -> None:
        wish = Wish(cloud=self.cloud, token=resource.token, inputs=inputs, location=location, identifier=identifier)
        refused = refusal(wish) or log_writers.refusal(self.cloud, resource.token, inputs, location)
        if refused:
            raise RefusedError(refused)

    def _refuse_dependents(self, resource: ResourceType, thing: CloudObject) -> None:
        for other in self._dependents(resource, thing, knowledge(resource.token).blocked_by):
            message = f"DependencyViolation: {thing.id} cannot be deleted, {other.type} {other.id} depends on it"
            raise RefusedError(message)

    def _refuse_frozen(self, resource: ResourceType, thing: CloudObject, old: JsonObject, new: JsonObject) -> None:
        if all(old.get(name) == new.get(name) for name in (old.keys() | new.keys()) - TAGS):
            return
        for other in self._dependents(resource, thing, knowledge(resource.token).frozen_by):
            message = f"CannotUpdateEntityWhileInUse: {thing.id} cannot be changed, {other.type} {other.id} uses it"
            raise RefusedError(message)

    def _dependents(self, resource: ResourceType, thing: CloudObject, tokens: Sequence[str]) -> Iterator[CloudObject]:
        pointers = {thing.id, str(thing.properties.get("arn", thing.id))}
        by_name = knowledge(resource.token).blocked_by_name
        for token in tokens:
            yield from (other for other in self.cloud.list(token) if _points_to(other, pointers, by_name))


def _refuse_combination(resource: ResourceType, inputs: JsonObject) -> None:
    message = combination_refusal(resource.token, inputs)
    if message:
        raise RefusedError(message)


def _points_to(other: CloudObject, pointers: set[str], by_name: str | None) -> bool:
    if by_name:
        return other.properties.get(by_name) in pointers or any(
            value in pointers for _, value in _references(other.properties, "")
        )
    own = other.properties.get("securityGroupId")
    # Rules live in their own group and go with it; only rules of others that name it are in the way.
    return any(value in pointers and value != own for _, value in _texts(other.properties, ""))


def _thing(resource: ResourceType, identifier: str, state: JsonObject, location: str) -> CloudObject:
    unique = knowledge(resource.token).unique
    return CloudObject(
        provider="aws",
        type=resource.token,
        location=location,
        id=identifier,
        name=fill_properties(unique, state) if unique else None,
        properties=state,
        references=outputs.references(resource, identifier, state),
    )


def _location(resource: ResourceType, values: JsonObject, region: str) -> str:
    return str(values.get("region") or region) if "region" in resource.inputs else ""


def _texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _texts(element, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, member in value.items():
            if name not in {"tags", "tagsAll", DEFAULTS}:
                yield from _texts(member, f"{path}.{name}" if path else name)


def _references(value: Json, path: str) -> Iterator[tuple[str, str]]:
    for where, text in _texts(value, path):
        arn = _ARN.match(text)
        if text != UNKNOWN and (_ID.match(text) or (arn and arn[1] == account_number())):
            yield where, text
