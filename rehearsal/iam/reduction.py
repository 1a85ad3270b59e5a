"""What of a policy is needed, judged by the calls that were made.

Owns the judgement: a word of a policy (an action of one of its statements, or its whole NotAction) is needed when some
call is allowed by it and by no other. The calls come from a rehearsal (`rehearsal/aws/authorization/record.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.iam import patterns
from rehearsal.iam.documents import Policy, Statement
from rehearsal.iam.evaluation import Identity, Request, decide

Word = tuple[str, str]
"""The label of a statement and one of its actions, or `NotAction`, which stands for all that it does not exclude."""
_REST = "NotAction"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What calls say of policies.

    Attributes:
        needed: For each word whose absence would have refused a call, one such call.
        idle: The words whose absence nobody would have noticed.
        refused: Calls that are not allowed with all words either, and why.
    """

    needed: Mapping[Word, Request] = field(default_factory=dict[Word, Request])
    idle: tuple[Word, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """The needed part of all words; 1 for policies without any."""
        return len(self.needed) / (len(self.needed) + len(self.idle) or 1) if self.needed or self.idle else 1.0


def judge(identity: Identity, requests: Iterable[Request]) -> Judgement:
    """Judge each word of an identity's policies by the calls it made; its boundary and session limit the calls only."""
    needed: dict[Word, Request] = {}
    refused: list[str] = []
    for request in requests:
        decision = decide(identity, request)
        if not decision:
            refused.append(decision.reason)
            continue
        known = {**request.context, **identity.context}
        allowing = list(_allowing(identity.policies, request, known))
        if len(allowing) == 1:
            needed.setdefault(allowing[0], request)
    words = [word for policy in identity.policies for word in _words(policy)]
    idle = tuple(word for word in words if word not in needed)
    return Judgement(needed=needed, idle=idle, refused=tuple(dict.fromkeys(refused)))


def _allowing(policies: Sequence[Policy], request: Request, known: patterns.Context) -> Iterator[Word]:
    for policy in policies:
        for statement in policy.naming(request.action):
            if statement.allows and statement.reaches(request.resource, known) and not statement.unmet(known):
                yield from _naming(statement, request.action)


def _naming(statement: Statement, action: str) -> Iterator[Word]:
    named = (one for one in statement.actions if patterns.action_matches(one, action))
    return ((statement.label, one) for one in ((_REST,) if statement.not_actions else named))


def _words(policy: Policy) -> Iterator[Word]:
    return ((one.label, word) for one in policy.statements if one.allows for word in one.actions or (_REST,))
