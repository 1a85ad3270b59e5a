"""Foundations of an account, made once by a person before any pipeline can deploy: state, trust, public zone."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi

# Pulumi puts this folder on the path; the packages lie beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bootstrap.pipeline import Pipeline
from bootstrap.state import State
from bootstrap.zone import PublicZone
from components.doorway import enter
from model.settings.bootstrap import load_bootstrap

settings, opts = enter(load_bootstrap)
rules = settings.conventions

state = State("state", rules, opts)
pipeline = Pipeline("pipeline", settings, opts)
zone = PublicZone("zone", settings.zone.name, rules, opts)

pulumi.export("backend", state.backend)
pulumi.export("secretsProvider", state.secrets_provider)
pulumi.export("roleArns", pipeline.role_arns)
pulumi.export("zoneId", zone.zone_id)
pulumi.export("nameServers", zone.name_servers)
pulumi.export("delegationSigner", zone.delegation_signer)
