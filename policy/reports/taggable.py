"""Makes `conventions/taggable.txt` from the installed AWS SDK: a development command, never run by the pack."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from policy.frame.resources import short_type

_TOKEN = re.compile(r"__self__\)\.__init__\(\s*'(aws:[^']+)'")
_TAKES_TAGS = '__props__.__dict__["tags"] = tags'
_LIST_TAGGED = ("autoscaling/group",)  # its tags are a list with propagation flags, under the same property


def render() -> str:
    """Return the file's text.

    Raises:
        ModuleNotFoundError: The AWS SDK is not installed.
    """
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.origin is None:
        msg = "pulumi_aws is not installed: install the development requirements"
        raise ModuleNotFoundError(msg)
    found = set(_LIST_TAGGED)
    for file in Path(spec.origin).parent.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if _TAKES_TAGS in text:
            found |= {short_type(token) for token in _TOKEN.findall(text)}
    header = "# Resource types that take tags. Generated from pulumi_aws by `python -m policy taggable`; do not edit."
    return "\n".join([header, *sorted(found)]) + "\n"
