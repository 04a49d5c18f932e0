"""Private certificate authorities and certificates of ours, against a real TLS server."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.sdk import Unavailable
from gateway.settings import Tls
from gateway.upstream.clients import BadTls, context_of, open_clients


@dataclass(frozen=True)
class Authority:
    """A private certificate authority in a folder of its own."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        """Return its certificate in PEM."""
        return self.folder / "ca.pem"

    def issue(self, name: str) -> tuple[Path, Path]:
        """Return certificate and key of somebody at 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _builder(name, self.certificate.subject, key)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
            )
            .sign(self.key, hashes.SHA256())
        )
        return _written(self.folder / f"{name}.pem", certificate), _key(self.folder / f"{name}.key", key)


def _builder(name: str, issuer: x509.Name | None, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _written(file: Path, certificate: x509.Certificate) -> Path:
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return file


def _key(file: Path, key: ec.EllipticCurvePrivateKey, password: bytes | None = None) -> Path:
    secrecy = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secrecy)
    )
    return file


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder("district", None, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _written(tmp_path / "ca.pem", certificate)
    return Authority(tmp_path, key, certificate)


@asynccontextmanager
async def serving(authority: Authority, *, asks: bool = False) -> AsyncIterator[str]:
    """Answer with the common name of the caller's certificate; ``asks`` for one."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority.issue("server"))
    if asks:
        tls.load_verify_locations(authority.file)
        tls.verify_mode = ssl.CERT_REQUIRED

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        presented = writer.get_extra_info("peercert") or {}
        names = dict(pair for names in presented.get("subject", ()) for pair in names)
        name = names.get("commonName", "nobody").encode()
        writer.write(
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(name), name)
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def told(url: str, tls: Tls) -> str:
    async with open_clients() as clients:
        return (await clients.transport(tls).handle_async_request(httpx.Request("GET", url))).text


async def test_a_private_authority_is_believed_where_it_is_named(authority: Authority) -> None:
    async with serving(authority) as url:
        assert await told(url, Tls(ca=authority.file)) == "nobody"
        with pytest.raises(Unavailable, match="TLS failed"):
            await told(url, Tls())


async def test_we_present_our_certificate_to_a_system_that_asks_for_one(authority: Authority) -> None:
    certificate, key = authority.issue("gateway")
    async with serving(authority, asks=True) as url:
        assert await told(url, Tls(ca=authority.file, certificate=certificate, key=key)) == "gateway"
        with pytest.raises(Unavailable):
            await told(url, Tls(ca=authority.file))


async def test_one_system_never_sees_the_certificate_meant_for_another(authority: Authority) -> None:
    certificate, key = authority.issue("gateway")
    known = Tls(ca=authority.file, certificate=certificate, key=key)
    async with serving(authority, asks=True) as url, open_clients() as clients:
        request = httpx.Request("GET", url)
        assert (await clients.transport(known).handle_async_request(request)).text == "gateway"
        with pytest.raises(Unavailable):
            await clients.transport(Tls(ca=authority.file)).handle_async_request(request)


async def test_who_names_the_same_files_shares_one_context_and_one_transport(authority: Authority) -> None:
    one, other = Tls(ca=authority.file), Tls(ca=Path(str(authority.file)))
    assert context_of(one) is context_of(other)
    async with open_clients() as clients:
        assert clients.transport(one) is clients.transport(other)
        assert clients.transport(one) is not clients.transport()


def test_files_that_cannot_be_used_are_named(authority: Authority) -> None:
    certificate, key = authority.issue("gateway")
    _, strange = authority.issue("strange")
    locked = _key(authority.folder / "locked.key", ec.generate_private_key(ec.SECP256R1()), b"word")
    for tls, said in (
        (Tls(ca=authority.folder / "none.pem"), "ca: .*none.pem"),
        (Tls(ca=key), "ca: .*gateway.key"),
        (Tls(certificate=authority.folder / "none.pem"), "certificate: .*none.pem"),
        (Tls(certificate=certificate, key=strange), "certificate: .*gateway.pem"),
        (Tls(certificate=certificate, key=locked), "need a password"),
    ):
        with pytest.raises(BadTls, match=said):
            context_of(tls)


def test_a_key_needs_its_certificate(authority: Authority) -> None:
    with pytest.raises(ValueError, match="a key needs its certificate"):
        Tls(key=authority.file)
