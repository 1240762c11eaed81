"""An office over https: the context made before the call is the one that meets it."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel, SecretStr

from tools import Office
from tools.errors import OfficeDown
from tools.policy import Policy

# Ciphers without certificates, which nobody speaks unless told to: a test needs no key on disk.
NO_CERTIFICATE = "AECDH-AES128-SHA:@SECLEVEL=0"
BODY = b'{"open": true}'
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"


class Hours(BaseModel):
    """What the server below answers to anything."""

    open: bool


def without_certificate(purpose: int) -> ssl.SSLContext:
    """One side of a connection in which nobody shows a certificate."""
    made = ssl.SSLContext(purpose)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    made.set_ciphers(NO_CERTIFICATE)
    return made


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request, one answer."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER % (len(BODY), BODY))
    await writer.drain()
    writer.close()


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """An office that speaks TLS on a port of its own."""
    context = without_certificate(ssl.PROTOCOL_TLS_SERVER)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def opening_hours(url: str, tls: ssl.SSLContext | None) -> Hours:
    """One read of the office at `url`."""
    async with Office(url, SecretStr("key"), tls=tls) as office:
        return await office.errand(Policy(tries=1)).read("/hours", Hours)


async def test_the_given_context_meets_the_office(url: str) -> None:
    """A process makes its context once; each call's office uses that one."""
    assert (await opening_hours(url, without_certificate(ssl.PROTOCOL_TLS_CLIENT))).open


async def test_an_office_that_proves_nothing_is_not_spoken_to(url: str) -> None:
    """Without a certificate that an authority vouches for, no key and no request leaves."""
    with pytest.raises(OfficeDown, match="office_unreachable"):
        await opening_hours(url, None)
