"""The keys of one cluster: an authority of its own, the server's certificate, and one client certificate per program.

Owns file names, subjects and lifetimes. Everything is made once per cluster and kept, so that a kubeconfig stays valid
when the cluster is stopped and started again. Readable by this user only; worth nothing outside this machine.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

_LIFETIME = dt.timedelta(days=365)
# The service account key must be RSA or ECDSA; tokens signed with RSA are what EKS issues.
_RSA_BITS = 2048
CLIENTS = {
    "admin": "system:masters",
    "kube-controller-manager": "system:kube-controller-manager",
    "kube-scheduler": "system:kube-scheduler",
    "nodes": "system:masters",
}
"""Client certificates: file name and, for people, the group; programs are known by their user name."""


@dataclass(frozen=True)
class Keys:
    """The files of one cluster's keys, all in `folder`."""

    folder: Path

    def certificate(self, name: str) -> Path:
        """The certificate of `ca`, `server` or a client."""
        return self.folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        """The private key of `ca`, `server`, `service-accounts` or a client."""
        return self.folder / f"{name}.key"


def make_keys(folder: Path) -> Keys:
    """Return the keys in a folder, making them when they are not there."""
    keys = Keys(folder)
    if keys.key("service-accounts").is_file():
        return keys
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fastorder rehearsal")])
    authority = _sign(authority_name, authority_key, authority_name, authority_key, authority=True)
    _write(keys, "ca", authority_key, authority)
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = _sign(_name("kube-apiserver", ""), server_key, authority_name, authority_key, server=True)
    _write(keys, "server", server_key, server)
    for client, who in CLIENTS.items():
        client_key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(client, who) if who == "system:masters" else _name(who, "")
        _write(keys, client, client_key, _sign(subject, client_key, authority_name, authority_key))
    # Last: it marks the set as complete.
    _write(keys, "service-accounts", rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS), None)
    return keys


def _name(common: str, organization: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        attributes.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(attributes)


def _sign(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    authority: bool = False,
    server: bool = False,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if authority:
        builder = builder.add_extension(_usage(sign_certificates=True), critical=True)
    else:
        purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        builder = builder.add_extension(_usage(sign_certificates=False), critical=True)
    if server:
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(
    keys: Keys, name: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, certificate: x509.Certificate | None
) -> None:
    if certificate is not None:
        keys.certificate(name).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    file = keys.key(name)
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
