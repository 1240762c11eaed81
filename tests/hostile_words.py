"""What somebody could say, type or be called so that a page would take it for more than words.

Used by the tests of the page of a call, as text and in a browser.
"""

from records.view import CallView
from tests.recorded_call import cancelled_order

# Runs where it is taken for script; the browser's test watches for what it does.
STRIKE = "document.documentElement.dataset.struck=1;alert(1)"
HOSTILE = (
    f"<script>{STRIKE}</script>",
    f"</script><script>{STRIKE}</script>",
    f"</SCRIPT ><svg/onload={STRIKE}>",
    f"</style><script>{STRIKE}</script>",
    f"</title><script>{STRIKE}</script>",
    f"</textarea></noscript></template><script>{STRIKE}</script>",
    f"<img src=x onerror={STRIKE}>",
    f"<img src='https://example.invalid/seen.png'>{STRIKE}",
    f'"><img src=x onerror="{STRIKE}">',
    f"'><svg onload='{STRIKE}'>",
    f'" onmouseover="{STRIKE}" autofocus onfocus="{STRIKE}" x="',
    f"' onclick='{STRIKE}' x='",
    f"` onclick=`{STRIKE}`",
    f"javascript:{STRIKE}",
    f"<a href='javascript:{STRIKE}'>press me</a>",
    f"<iframe srcdoc='<script>parent.{STRIKE}</script>'></iframe>",
    f"<iframe src='javascript:parent.{STRIKE}'></iframe>",
    f"<object data='data:text/html,<script>{STRIKE}</script>'></object>",
    f"<math><mi//xlink:href='data:x,<script>{STRIKE}</script>'>",
    f"<details open ontoggle={STRIKE}>",
    f"<body onload={STRIKE}>",
    f"<video><source onerror={STRIKE}></video>",
    "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
    "<link rel=stylesheet href=https://example.invalid/a.css>",
    "<style>@import 'https://example.invalid/b.css'; body { display: none }</style>",
    "<base href='https://example.invalid/'>",
    "<form action='https://example.invalid/'><button>go</button></form>",
    "<!-- <script> --!> <!--",
    "]]><![CDATA[ <x> ]]>",
    "&lt;script&gt; &amp;amp; &#60;img&#62; &quot;",
    "{{ 7 * 7 }} {% raw %} {{ config }} {# gone #} ${7*7} <%= 7*7 %>",
    "{{ cycler.__init__.__globals__ }}",
    "\u202etxt.exe \u2066 isolated \u200fright to left",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "null\x00byte bell\x07 escape\x1b[31m delete\x7f",
    "half \ud83d a face, \udc00 and the other half",
    "no character \uffff\ufffe",
    "line\u2028 and \u2029 paragraph, a\r\nnew line",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \u00e9e\u0301 Z\u0351\u036b",
    "Donaudampfschifffahrtsgesellschaft" * 60,
    "\\u003cscript\\u003e \\x3cscript\\x3e \\",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)


def hostile_call() -> CallView:
    """A call whose every free text is hostile, one turn and one tool use for each of `HOSTILE`."""
    call = cancelled_order()
    words = iter(HOSTILE * 3)
    return call.model_copy(
        update={
            **{name: next(words) for name in ("profile", "model", "dialled", "caller", "worker")},
            **{name: next(words) for name in ("reason", "trace_id", "sip_call_id", "resumes")},
            "call_id": next(words),
            "turns": [
                call.turns[n % 10].model_copy(update={"text": text})
                for n, text in enumerate(HOSTILE)
            ],
            "tools": [
                call.tools[2].model_copy(
                    update={
                        **dict.fromkeys(("tool", "outcome", "settled", "reason", "key"), text),
                        "arguments": {text: [text, {text: text}]},
                    }
                )
                for text in HOSTILE
            ],
            "latencies": [one.model_copy(update={"what": next(words)}) for one in call.latencies],
            "tokens": [one.model_copy(update={"model": next(words)}) for one in call.tokens],
            "cost": [
                one.model_copy(
                    update={name: next(words) for name in ("kind", "item", "unit", "price_dated")}
                    | {"currency": HOSTILE[8]}
                )
                for one in call.cost
            ],
            "consent": call.consent
            and call.consent.model_copy(update={"jurisdiction": next(words)}),
            "recording": call.recording
            and call.recording.model_copy(update={"name": next(words), "sha256": next(words)}),
            "gaps": [one.model_copy(update={"reason": next(words)}) for one in call.gaps],
            "follow_ups": [one.model_copy(update={"kind": next(words)}) for one in call.follow_ups],
        }
    )
