"""What callers hear, over time: waits, silences, interruptions, sentences that need no model."""

from dashboards.panel import Kind, Panel, Query, Row
from dashboards.promql import buckets, per_minute, quantile
from dashboards.slo import COUNTED_RESPONSE_S, FIRST_AUDIO_S, HEARD_RESPONSE_S, PATH_S
from dashboards.units import Colour, Unit
from dashboards.waits import HERE, NEVER, NO_CALLS, clocked, heard
from dashboards.words import OUR_SILENCE

HEARD = Row(
    "What callers hear",
    (
        Panel(
            "Waits for an answer",
            "From the end of the caller's voice to the agent's first sound, on the worker's clock;"
            f" the caller hears it {PATH_S:g} s later. Dark: many turns; 95 % of them are to be"
            f" below {COUNTED_RESPONSE_S} s.",
            Kind.HEATMAP,
            Unit.SECONDS,
            (Query(buckets("frontdesk_turn_response_seconds", HERE), "{{le}}"),),
            "Nobody spoke in this time.",
            width=12,
            height=9,
            line=COUNTED_RESPONSE_S,
            runbook="AnswersAreSlow",
        ),
        Panel(
            "Waits for an answer, heard",
            f"The same on the caller's ear, {PATH_S:g} s of path included, and the promise as a"
            " line. With a tool it is usually the back office that takes the time. A fixed sentence"
            " that bridges the wait is a sound and no answer.",
            Kind.SERIES,
            Unit.SECONDS,
            (
                *heard("frontdesk_turn_response_seconds"),
                Query(
                    "("
                    + quantile(
                        0.95,
                        "frontdesk_turn_response_seconds",
                        where=f'{HERE}, tool_used="yes"',
                    )
                    + f") + {PATH_S:g}",
                    "95 % with a tool",
                    colour=Colour.OTHER,
                ),
                Query(
                    f"({quantile(0.95, 'frontdesk_turn_first_sound_seconds', where=HERE)})"
                    f" + {PATH_S:g}",
                    "95 % until any sound",
                    colour=Colour.CALM,
                ),
            ),
            "Nobody spoke in this time.",
            width=12,
            height=9,
            line=HEARD_RESPONSE_S,
            runbook="AnswersAreSlow",
        ),
        Panel(
            "First words",
            "From the line being answered to the agent's first sound, on the worker's clock, and"
            " the promise as a line.",
            Kind.SERIES,
            Unit.SECONDS,
            clocked("frontdesk_greeting_seconds"),
            NO_CALLS,
            line=FIRST_AUDIO_S,
            runbook="GreetingIsSlow",
        ),
        Panel(
            "Silences over 3 s, by cause",
            "Each is a caller who heard nothing for 3 s. The cause names what was waited for; grey"
            " ones wait for the caller: for their words, or for keys they were asked for.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_dead_air_events_total", "cause", HERE),
                    "{{cause}}",
                ),
            ),
            NEVER,
            stacked=True,
            colours={"caller": Colour.FAINT, "keys": Colour.FAINTER},
            runbook="DeadAir",
        ),
        Panel(
            "How long silences last",
            "Silences from both sides of a second and more that waited for us, whatever the"
            " reason; the longest are those to listen to.",
            Kind.HEATMAP,
            Unit.SECONDS,
            (Query(buckets("frontdesk_dead_air_seconds", f"{OUR_SILENCE}, {HERE}"), "{{le}}"),),
            "No silence of a second or more in this time.",
            runbook="DeadAir",
        ),
        Panel(
            "Spoken over, asked again",
            "Callers who spoke over the agent, and times the agent had to ask again. Both rise"
            " when callers are not understood.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(per_minute("frontdesk_interruptions_total", where=HERE), "spoken over"),
                Query(
                    per_minute("frontdesk_reprompts_total", "kind", HERE), "asked again: {{kind}}"
                ),
            ),
            "Nobody was interrupted or asked again.",
            runbook="AnswersAreSlow",
        ),
        Panel(
            "Sentences that need no model",
            "Fixed clips that callers heard, by which. `apology` and `one_moment` mean that the"
            " model could not speak.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (Query(per_minute("frontdesk_clips_played_total", "reason", HERE), "{{reason}}"),),
            NEVER,
            stacked=True,
            colours={"apology": Colour.BAD, "emergency": Colour.WORST},
            runbook="CallsFail",
        ),
        Panel(
            "The agent's voice has gaps",
            "Times the agent's audio ran dry while it was speaking: its voice breaks up.",
            Kind.SERIES,
            Unit.PER_MINUTE,
            (
                Query(
                    per_minute("frontdesk_audio_underruns_total", "instance", HERE), "{{instance}}"
                ),
            ),
            "No worker is scraped.",
            runbook="VoiceStutters",
        ),
    ),
)
