"""KMS: encrypt, decrypt and data keys, with the keys and aliases of the simulated account.

Owns the sealing, for real (a ciphertext opens with its own key only). Does not own keys, aliases and their policies,
which the program makes.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet, InvalidToken

from rehearsal.endpoint.refusal import Authority, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rehearsal.cloud import Cloud, CloudObject, JsonObject

_KEY = "aws:kms/key:Key"
_ALIAS = "aws:kms/alias:Alias"
_DATA_KEY_BYTES = {"AES_256": 32, "AES_128": 16}


@dataclass(frozen=True, kw_only=True)
class Kms:
    """KMS of one region of the simulated account."""

    cloud: Cloud
    region: str
    allow: Authority

    def answer(self, operation: str, caller: str, request: JsonObject) -> JsonObject:
        """Answer one request, such as `Encrypt`; raises `Refusal`."""
        operations: Mapping[str, Callable[[str, JsonObject], JsonObject]] = {
            "Decrypt": self._decrypt,
            "DescribeKey": self._describe,
            "Encrypt": self._encrypt,
            "GenerateDataKey": self._generate,
        }
        if operation not in operations:
            raise Refusal(501, "NotImplemented", f"the rehearsal's KMS does not answer {operation}")
        return operations[operation](caller, request)

    def may_use(self, caller: str, action: str, key_id: str, *, via: str) -> None:
        """Refuse unless the caller may use a key through a service, as `s3.<region>.amazonaws.com`."""
        key, _ = self._find(key_id)
        self._authorise(caller, action, key, {"kms:ViaService": via})

    def _encrypt(self, caller: str, request: JsonObject) -> JsonObject:
        key, named = self._find(str(request["KeyId"]))
        self._authorise(caller, "kms:Encrypt", key, named)
        sealed = self._seal(key, base64.b64decode(str(request["Plaintext"])))
        return {"CiphertextBlob": sealed, "KeyId": key.properties["arn"], "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}

    def _decrypt(self, caller: str, request: JsonObject) -> JsonObject:
        blob = base64.b64decode(str(request["CiphertextBlob"]))
        key_id, _, token = blob.partition(b":")
        key, _ = self._find(key_id.decode(errors="replace"))
        self._authorise(caller, "kms:Decrypt", key, {})
        try:
            plain = self._box(key).decrypt(token)
        except InvalidToken as error:
            raise Refusal(400, "InvalidCiphertextException", "the ciphertext is not of this key") from error
        return {
            "Plaintext": base64.b64encode(plain).decode(),
            "KeyId": key.properties["arn"],
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }

    def _generate(self, caller: str, request: JsonObject) -> JsonObject:
        key, named = self._find(str(request["KeyId"]))
        self._authorise(caller, "kms:GenerateDataKey", key, named)
        size = request.get("NumberOfBytes") or _DATA_KEY_BYTES[str(request.get("KeySpec") or "AES_256")]
        plain = secrets.token_bytes(int(str(size)))
        return {
            "Plaintext": base64.b64encode(plain).decode(),
            "CiphertextBlob": self._seal(key, plain),
            "KeyId": key.properties["arn"],
        }

    def _describe(self, caller: str, request: JsonObject) -> JsonObject:
        key, named = self._find(str(request["KeyId"]))
        self._authorise(caller, "kms:DescribeKey", key, named)
        return {"KeyMetadata": {"KeyId": key.id, "Arn": key.properties["arn"], "Enabled": True, "KeyState": "Enabled"}}

    def _find(self, wanted: str) -> tuple[CloudObject, dict[str, str]]:
        """The key that an id, ARN or alias names, and the condition keys that the way of naming it sets."""
        identifier, named = wanted.rsplit(":", 1)[-1].removeprefix("key/"), dict[str, str]()
        if identifier.startswith("alias/"):
            alias = self.cloud.get(_ALIAS, identifier, location=self.region)
            if alias is None:
                raise Refusal(400, "NotFoundException", f"Alias {identifier} is not found in {self.region}.")
            named = {"kms:RequestAlias": identifier}
            identifier = str(alias.properties["targetKeyId"])
        key = self.cloud.get(_KEY, identifier, location=self.region)
        if key is None:
            raise Refusal(400, "NotFoundException", f"Key '{identifier}' does not exist in {self.region}")
        return key, named

    def _authorise(self, caller: str, action: str, key: CloudObject, context: Mapping[str, str]) -> None:
        aliases = [
            alias.id
            for alias in self.cloud.list(_ALIAS, location=self.region)
            if key.id in (alias.properties.get("targetKeyId"), str(alias.properties.get("targetKeyArn"))[-36:])
        ]
        resource = str(key.properties["arn"])
        self.allow(
            caller, action, resource, {**context, "kms:ResourceAliases": aliases, "aws:RequestedRegion": self.region}
        )

    def _seal(self, key: CloudObject, plain: bytes) -> str:
        return base64.b64encode(key.id.encode() + b":" + self._box(key).encrypt(plain)).decode()

    def _box(self, key: CloudObject) -> Fernet:
        file: Path = self.cloud.folder / "keys" / key.id
        if not file.is_file():
            file.parent.mkdir(exist_ok=True)
            file.touch(mode=0o600)
            file.write_bytes(Fernet.generate_key())
        return Fernet(file.read_bytes())
