"""Foundations of an account, made once by a person before a pipeline can deploy: state, rights, trust, public zone."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi

# Pulumi puts this folder on the path; the packages lie beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bootstrap.operators import Operators
from bootstrap.pipeline import Pipeline
from bootstrap.policies import Policies
from bootstrap.state import State
from bootstrap.zone import PublicZone
from components.doorway import enter
from model.settings.bootstrap import load_bootstrap

settings, opts = enter(load_bootstrap)
rules = settings.conventions

state = State("state", rules, opts)
policies = Policies("policies", rules, settings.rights, opts)
pipeline = Pipeline("pipeline", settings, policies, opts)
operators = Operators("operators", settings, policies, opts)
zone = PublicZone("zone", settings.zone.name, rules, opts)

pulumi.export("backend", state.backend)
pulumi.export("secretsProvider", state.secrets_provider)
pulumi.export("roleArns", {**pipeline.role_arns, "operator": operators.role_arn})
pulumi.export("zoneId", zone.zone_id)
pulumi.export("nameServers", zone.name_servers)
pulumi.export("delegationSigner", zone.delegation_signer)
