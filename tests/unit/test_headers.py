"""Security headers: what is read from httpd's configuration, and what of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.headers import HeadersError, SecurityHeaders
from tests.unit.testkit import ROOT

LINES = (ROOT / "workloads/web/httpd/headers.conf").read_text(encoding="utf-8")


def read(folder: Path, text: str) -> SecurityHeaders:
    file = folder / "headers.conf"
    file.write_text(text, encoding="utf-8")
    return SecurityHeaders.read(file)


def test_fixed_headers_are_read_and_those_of_a_request_are_left_to_httpd(tmp_path: Path):
    headers = read(tmp_path, LINES)
    assert headers.content_security_policy.startswith("default-src 'none';")
    assert headers.transport_security_seconds == 63072000
    assert headers.referrer_policy == "strict-origin-when-cross-origin"
    assert sorted(headers.others) == [
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
    ]


@pytest.mark.parametrize(
    "name", ["Content-Security-Policy", "Strict-Transport-Security", "Referrer-Policy", "X-Content-Type-Options"]
)
def test_a_header_that_is_gone_is_named(tmp_path: Path, name: str):
    without = "\n".join(line for line in LINES.splitlines() if name not in line)
    with pytest.raises(HeadersError, match=f"sets no {name}: add a line"):
        read(tmp_path, without)


@pytest.mark.parametrize(("old", "new"), [("; includeSubDomains", ""), ('"nosniff"', '"sniff"')])
def test_a_value_that_cloudfront_cannot_send_is_refused(tmp_path: Path, old: str, new: str):
    assert old in LINES
    with pytest.raises(HeadersError, match=r"change components/edge\.py"):
        read(tmp_path, LINES.replace(old, new))
