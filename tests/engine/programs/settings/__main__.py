"""Exports what reaches a program: configuration, working folder, environment."""

import os
from pathlib import Path

import pulumi

config = pulumi.Config()
pulumi.export("greeting", config.require("greeting"))
pulumi.export("size", config.require_int("size"))
pulumi.export("sealed", config.require("sealed"))
pulumi.export("secret", pulumi.Output.secret("must-not-show"))
pulumi.export("folder", Path.cwd().name)
pulumi.export("environment", dict(os.environ))
