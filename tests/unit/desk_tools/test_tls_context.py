"""Certificates are read once per process, and only where there is something to verify."""

import ssl

from httpx import AsyncHTTPTransport
from pydantic import SecretStr

from tools import Office, tls_context


def authorities(office: Office) -> int:
    """How many authorities the client of `office` has read."""
    transport = office._client._transport
    assert isinstance(transport, AsyncHTTPTransport)
    context = transport._pool._ssl_context
    assert context is not None
    return context.cert_store_stats()["x509_ca"]


def test_an_office_over_https_must_prove_who_it_is() -> None:
    """A certificate of an authority, for this very host."""
    made = tls_context()

    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert made.cert_store_stats()["x509_ca"] > 0


def test_an_office_over_https_knows_authorities_also_without_a_context() -> None:
    """Whoever does not prepare one waits longer, and is not less safe."""
    assert authorities(Office("https://api.example.com/v1", SecretStr("key"))) > 0


def test_an_office_over_plain_http_reads_none() -> None:
    """There is nothing to verify, so no time is spent on it."""
    assert authorities(Office("http://127.0.0.1:8090", SecretStr("key"))) == 0
