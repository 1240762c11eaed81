"""Digest authentication against the vectors of RFC 2617 and RFC 7616."""

import pytest

from rehearsal.phone import digest
from rehearsal.phone.digest import Credentials

MUFASA = Credentials("Mufasa", "Circle Of Life")


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_vectors_of_rfc_7616_prove_the_password(algorithm: str, response: str) -> None:
    """The published response fits the published challenge, and no other password."""
    nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
    asked = f'Digest realm="http-auth@example.org", nonce="{nonce}", qop="auth, auth-int"'
    given = (
        f'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
        f'algorithm={algorithm}, nonce="{nonce}", nc=00000001, qop=auth, '
        f'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", response="{response}"'
    )

    assert digest.proves(given, asked, Credentials("Mufasa", "Circle of Life"), method="GET")
    assert not digest.proves(given, asked, MUFASA, method="GET")


@pytest.mark.parametrize(
    "extra", ["", ', qop="auth"', ', qop="auth-int,auth", opaque="x"', ", algorithm=SHA-256"]
)
def test_an_answer_to_any_challenge_proves_itself(extra: str) -> None:
    """What we answer, we would accept; from anybody else we would not."""
    asked = f'Digest realm="trunk", nonce="n1"{extra}'
    given = digest.authorization(asked, MUFASA, method="INVITE", uri="sip:1@127.0.0.1")

    assert digest.proves(given, asked, MUFASA, method="INVITE")
    assert not digest.proves(given, asked, MUFASA, method="BYE")
    assert not digest.proves(given, 'Digest nonce="n2"', MUFASA, method="INVITE")


@pytest.mark.parametrize(
    "asked",
    ["", "Basic realm=x", 'Digest nonce="n", algorithm=MD5-sess', 'Digest nonce="n", qop="odd"'],
)
def test_a_challenge_beyond_us_is_refused(asked: str) -> None:
    """No half answer is given to what the phone does not speak."""
    with pytest.raises(digest.CannotAuthenticate):
        digest.authorization(asked, MUFASA, method="INVITE", uri="sip:1@127.0.0.1")
