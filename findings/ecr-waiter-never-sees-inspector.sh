#!/usr/bin/env bash
# botocore's waiter `image_scan_complete`, which is `aws ecr wait image-scan-complete`, cannot end well where Amazon
# Inspector scans the registry: it asks for the status COMPLETE, and Inspector's scans stay ACTIVE; and it ends at the
# ScanNotFoundException that the registry answers until Inspector knows a new image, which is why one waits at all.
# Exit code 0 while that is so. Needs Python 3 and the package index; asks nothing of AWS.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check botocore==1.44.5

AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none "$folder/venv/bin/python" - <<'END'
import botocore.session
from botocore.exceptions import WaiterError
from botocore.stub import Stubber

ASKED = {"repositoryName": "web", "imageId": {"imageTag": "1"}}
# As the API reference shows an image that Inspector has scanned, with one finding.
SCANNED = {
    "imageScanStatus": {"status": "ACTIVE", "description": "Continuous scan is selected for image."},
    "imageScanFindings": {"imageScanCompletedAt": 1767225600, "findingSeverityCounts": {"HIGH": 1}},
}


def outcome(stub):
    client = botocore.session.get_session().create_client("ecr", region_name="eu-west-1")
    with Stubber(client) as stubber:
        stub(stubber)
        try:
            client.get_waiter("image_scan_complete").wait(**ASKED, WaiterConfig={"Delay": 0, "MaxAttempts": 3})
        except WaiterError as error:
            return str(error)
        return "ended well"


def scanned(stubber):
    for _ in range(3):
        stubber.add_response("describe_image_scan_findings", SCANNED, ASKED)


def unknown_at_first(stubber):
    stubber.add_client_error("describe_image_scan_findings", "ScanNotFoundException", expected_params=ASKED)


found = outcome(scanned), outcome(unknown_at_first)
print(*found, sep="\n")
assert "Max attempts exceeded" in found[0], "an image that Inspector has scanned now ends the wait"
assert "ScanNotFoundException" in found[1], "a scan that is not known yet is now waited for"
END
