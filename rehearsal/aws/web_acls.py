"""A firewall's rules are part of its ACL: what that means for those that are resources of their own.

Owns what the official provider's change of an ACL does to such rules, and that the ACL shows them when it is read. It
sends the whole ACL with each change: with the rules that the program gives, or where the program ignores them, with
those of the state, which were in the ACL when it was last read (its `resourceWebACLUpdate` and `resourceWebACLRead`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rehearsal.aws.arguments import TAGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rehearsal.cloud import Cloud, CloudObject, Json, JsonObject

ACL = "aws:wafv2/webAcl:WebAcl"
_RULE = "aws:wafv2/webAclRule:WebAclRule"
_NOT_IN_THE_RULE = frozenset({"webAclArn", "region"})


def seen(cloud: Cloud, acl: CloudObject) -> JsonObject:
    """The state of an ACL as it is read: with all its rules, whoever made them."""
    inside = _list(acl.properties.get("rules"))
    names = _names(inside)
    separate = [rule for rule in _separate(cloud, acl) if rule.properties.get("name") not in names]
    if not separate:
        return acl.properties
    added: list[Json] = [
        {name: value for name, value in rule.properties.items() if name not in _NOT_IN_THE_RULE} for rule in separate
    ]
    return {**acl.properties, "rules": [*inside, *added]}


def send(
    cloud: Cloud, acl: CloudObject, old: tuple[JsonObject, JsonObject], new: JsonObject, ignored: Sequence[str]
) -> None:
    """Remove the rules that a change of the ACL does not name; `old` is its state and its inputs before."""
    old_state, old_inputs = old
    if all(old_inputs.get(name) == new.get(name) for name in (old_inputs.keys() | new.keys()) - TAGS):
        return
    kept = _names(_list(old_state.get("rules") if "rules" in ignored else new.get("rules")))
    for rule in _separate(cloud, acl):
        if rule.properties.get("name") not in kept:
            cloud.delete(rule.type, rule.id, location=rule.location)


def _separate(cloud: Cloud, acl: CloudObject) -> list[CloudObject]:
    arn = acl.properties.get("arn")
    return [rule for rule in cloud.list(_RULE) if rule.properties.get("webAclArn") == arn]


def _names(rules: Iterable[Json]) -> set[str]:
    return {str(rule.get("name")) for rule in rules if isinstance(rule, dict)}


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
