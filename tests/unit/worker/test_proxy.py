"""How the worker reaches LiveKit where the network has a proxy."""

import pytest

from agent import worker

PROXY = "http://proxy.example.com:3128"


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("wss://sip.example.com", PROXY),
        ("ws://livekit.internal:7880", None),
        ("ws://127.0.0.1:7880", None),
        ("http://elsewhere.example.com", None),
    ],
)
def test_no_proxy_is_kept_to(monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None) -> None:
    """livekit-agents by itself would send an address inside through the proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost,.internal")

    assert worker._proxy(url) == proxy
