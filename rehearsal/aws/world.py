"""Acts on the simulated cloud as the AWS API would: creates, reads, updates, deletes, and refuses what AWS refuses.

Owns AWS's answers to conflicts: names that exist, deletion protection, dependents in the way, types that a region does
not have. Each operation is one transaction with all that it looked at, as AWS never lets a child be made under a parent
that is going. What points where is `references.py`, what an update writes `writing.py`, the state of a resource comes
from `outputs.py`; storage is `rehearsal/cloud.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.account.refusals import Wish, deletion_refusal, refusal
from rehearsal.aws import lag, log_writers, maintenance, outputs, references, web_acls
from rehearsal.aws.arguments import DEFAULTS, TAGS
from rehearsal.aws.authorization.guard import DeniedError, Guard
from rehearsal.aws.endings import end
from rehearsal.aws.facts.changes import decisions
from rehearsal.aws.facts.combinations import refusals
from rehearsal.aws.facts.conditions import holds
from rehearsal.aws.facts.grammar import Dependent
from rehearsal.aws.invention import Inventor, fill_properties
from rehearsal.aws.knowledge import knowledge
from rehearsal.aws.refusals import RefusedError, combination_refusal
from rehearsal.aws.regions import offered
from rehearsal.aws.writing import waiting, written
from rehearsal.cloud import AlreadyExistsError, Cloud, CloudObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rehearsal.aws.authorization.needs import Operation
    from rehearsal.aws.facts.grammar import Ending, Stage
    from rehearsal.aws.shapes import ResourceType
    from rehearsal.cloud import JsonObject

_PROTECTION = ("deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled")


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
        lag.look(self.cloud, resource, inputs)
        with self.cloud.atomic():
            _refuse_combination(resource, "create", inputs)
            references.refuse_dangling(self.cloud, resource, inputs)
            self._refuse_by_account(resource, inputs, location, None)
            identifier, state = self._invent(resource, inputs, urn, location)
            self._ask("create", resource, identifier, state, location or region)
            self._refuse_taken(resource, identifier)
            thing = _thing(resource, identifier, state, location)
            try:
                self.cloud.create(thing)
            except AlreadyExistsError as error:
                message = f"EntityAlreadyExists: {error}"
                raise RefusedError(message) from error
            lag.begin(self.cloud, thing)
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
        """Changes the resource in place and returns its new state, of which only what the program changed is written.

        `old` is its state and its inputs before, `ignored` the paths of `ignoreChanges`.
        """
        old_state, old_inputs = old
        location = _location(resource, new, region)
        with self.cloud.atomic():
            _refuse_combination(resource, "update", new)
            _refuse_change(resource, old_inputs, new)
            references.refuse_dangling(self.cloud, resource, new)
            self._ask("update", resource, identifier, old_state | new, location or region)
            self._refuse_by_account(resource, new, location, identifier)
            found = self.cloud.get(resource.token, identifier, location=location)
            if found is None:
                message = f"ResourceNotFoundException: {resource.token} {identifier} does not exist in {location}"
                raise RefusedError(message)
            inventor = Inventor(seed=urn, region=location or region, properties=new, cloud=self.cloud)
            wanted = outputs.updated(resource, old_state, old_inputs, new, inventor)
            state = written(resource, found.properties, (old_state, old_inputs), wanted, new)
            thing = _thing(resource, identifier, state, location)
            self._refuse_frozen(resource, thing, old_inputs, new)
            try:
                self.cloud.put(thing)
            except AlreadyExistsError as error:
                message = f"EntityAlreadyExists: {error}"
                raise RefusedError(message) from error
            later = waiting(resource, old_inputs, new)
            if later:
                maintenance.remember(self.cloud, thing, later)
            if resource.token == web_acls.ACL:
                web_acls.send(self.cloud, thing, old, new, ignored)
        return state

    def delete(self, resource: ResourceType, identifier: str, state: JsonObject, region: str) -> None:
        """Removes the resource; one that is already gone is no error, as the provider treats it."""
        location = _location(resource, state, region)
        with self.cloud.atomic():
            found = self.cloud.get(resource.token, identifier, location=location)
            self._ask("delete", resource, identifier, found.properties if found else state, location or region)
            if found is None:
                return
            ending = resource.facts.ending if resource.facts else None
            if ending and ending.stays_when is not None and holds(ending.stays_when, state) is True:
                return
            _refuse_protected(ending, found)
            self._refuse_dependents(resource, found)
            _refuse_combination(resource, "delete", state)
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

    def _refuse_taken(self, resource: ResourceType, identifier: str) -> None:
        everywhere = self.cloud.list(resource.token) if knowledge(resource.token).global_name else ()
        if any(other.id == identifier for other in everywhere):
            message = f"BucketAlreadyExists: {identifier} is taken, its namespace is global"
            raise RefusedError(message)

    def _refuse_by_account(
        self, resource: ResourceType, inputs: JsonObject, location: str, identifier: str | None
    ) -> None:
        wish = Wish(cloud=self.cloud, token=resource.token, inputs=inputs, location=location, identifier=identifier)
        refused = refusal(wish) or log_writers.refusal(self.cloud, resource.token, inputs, location)
        if refused:
            raise RefusedError(refused)

    def _refuse_dependents(self, resource: ResourceType, thing: CloudObject) -> None:
        for other in references.dependents(self.cloud, thing, references.in_the_way(resource)):
            message = f"DependencyViolation: {thing.id} cannot be deleted, {other.type} {other.id} depends on it"
            raise RefusedError(message)

    def _refuse_frozen(self, resource: ResourceType, thing: CloudObject, old: JsonObject, new: JsonObject) -> None:
        if all(old.get(name) == new.get(name) for name in (old.keys() | new.keys()) - TAGS):
            return
        users = [Dependent(type=one) for one in (resource.facts.frozen_by if resource.facts else ())]
        for other in references.dependents(self.cloud, thing, users):
            message = f"CannotUpdateEntityWhileInUse: {thing.id} cannot be changed, {other.type} {other.id} uses it"
            raise RefusedError(message)


def _refuse_combination(resource: ResourceType, stage: Stage, inputs: JsonObject) -> None:
    message = combination_refusal(resource.token, inputs) if stage != "delete" else None
    if message is None and resource.facts:
        added = inputs.get(DEFAULTS)
        skipped = {DEFAULTS, *(map(str, added) if isinstance(added, list) else ())}
        stated = {name: value for name, value in inputs.items() if name not in skipped}
        found = next(refusals(resource.facts, stage, inputs, stated), None)
        message = f"InvalidParameterCombination: {found[1]}" if found else None
    if message:
        raise RefusedError(message)


def _refuse_change(resource: ResourceType, old: JsonObject, new: JsonObject) -> None:
    """Refuse what the provider finds only when it updates."""
    changed = [name for name in (old.keys() | new.keys()) - {DEFAULTS} if old.get(name) != new.get(name)]
    for found in decisions(resource.facts, "update", old, new, changed).values():
        if found.does == "refuse":
            raise RefusedError(found.says)


def _refuse_protected(ending: Ending | None, thing: CloudObject) -> None:
    names = _PROTECTION if ending is None else [ending.protected_by] if ending.protected_by else []
    protected = next((name for name in names if thing.properties.get(name) is True), None)
    if protected:
        message = f"OperationNotPermitted: {thing.id} is protected: set {protected} to false before deleting it"
        raise RefusedError(message)


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
