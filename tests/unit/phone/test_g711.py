"""G.711 against the values of the recommendation."""

import numpy as np
import pytest

from rehearsal.phone.g711 import CODECS, PCMA, PCMU, Codec


@pytest.mark.parametrize(
    ("codec", "linear", "code"),
    [
        (PCMU, 0, 0xFF),
        (PCMU, 32767, 0x80),
        (PCMU, -32768, 0x00),
        (PCMU, 1000, 0xCE),
        (PCMU, -1000, 0x4E),
        (PCMA, 0, 0xD5),
        (PCMA, 32767, 0xAA),
        (PCMA, -32768, 0x2A),
        (PCMA, 1000, 0xFA),
        (PCMA, -1000, 0x7A),
    ],
)
def test_a_sample_becomes_the_code_of_the_recommendation(
    codec: Codec, linear: int, code: int
) -> None:
    """Known samples take the byte that ITU-T G.711 assigns."""
    assert codec.encode(np.array([linear], dtype=np.int16)) == bytes([code])


@pytest.mark.parametrize("codec", CODECS.values(), ids=lambda codec: codec.name)
def test_every_code_survives_decoding_and_encoding(codec: Codec) -> None:
    """Each byte stands for one level, but for mu-law's second zero."""
    every = bytes(range(256))
    again = codec.encode(codec.decode(every))
    expected = every.replace(b"\x7f", b"\xff") if codec is PCMU else every

    assert again == expected


@pytest.mark.parametrize("codec", CODECS.values(), ids=lambda codec: codec.name)
def test_no_sample_strays_further_than_its_step(codec: Codec) -> None:
    """The error of a sample is below a twentieth of it, or half the smallest step near zero."""
    linear = np.arange(-32000, 32000).astype(np.int16)
    error = np.abs(codec.decode(codec.encode(linear)).astype(int) - linear)

    assert np.all(error <= np.maximum(np.abs(linear.astype(int)) * 0.05, 8))
