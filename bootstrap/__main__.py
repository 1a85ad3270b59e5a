"""Foundations of an account, made once by a person before any pipeline can deploy: state, trust, public zone."""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi
import pulumi_aws as aws
from pulumi.runtime.config import CONFIG, get_config_env

# Pulumi puts this folder on the path; the packages lie beside it.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bootstrap.pipeline import Pipeline
from bootstrap.state import State
from bootstrap.zone import PublicZone
from model.settings.bootstrap import PROJECT, load_bootstrap
from model.settings.loader import SettingsError

given = {**get_config_env(), **CONFIG.get()}
ours = {key.removeprefix(f"{PROJECT}:"): text for key, text in given.items() if key.startswith(f"{PROJECT}:")}
try:
    settings = load_bootstrap(pulumi.get_stack(), ours)
except SettingsError as error:
    raise pulumi.RunError(str(error)) from error
rules = settings.conventions
# The provider refuses any other account, whatever credentials it is run with.
account = aws.Provider("aws", region=rules.region, allowed_account_ids=[rules.account_id])
opts = pulumi.ResourceOptions(providers=[account])

state = State("state", rules, opts)
pipeline = Pipeline("pipeline", settings, opts)
zone = PublicZone("zone", settings.zone.name, rules, opts)

pulumi.export("backend", state.backend)
pulumi.export("secretsProvider", state.secrets_provider)
pulumi.export("roleArns", pipeline.role_arns)
pulumi.export("zoneId", zone.zone_id)
pulumi.export("nameServers", zone.name_servers)
pulumi.export("delegationSigner", zone.delegation_signer)
