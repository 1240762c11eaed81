"""Measuring calls from the caller's leg, beside peers on the same machine in the same run.

What the figures mean; milliseconds unless the name says otherwise:

- `invite_to_200_ms`, `200_to_first_audio_ms`: ringing, and silence before the greeting.
- `response_overhead_ms`: the gap a caller waits after their last word, less the silence by which
  the model knows that the turn is over (`vad_silence_ms`), less the model's own time (`model_ms`),
  both from its ledger. What is left is the path, and the worker. The peers' is measured in the same
  way. `response_overhead_less_onset_ms` leaves out, too, how long the first sound of the voice, an
  "f" for example, is too soft for a telephone (`onset_ms`).
- `barge_in_stop_ms`: how long the agent talks on after the caller began to speak over it.
- `gap_less_metric_less_path_ms`: the same gap, less what the worker's own metric
  (`frontdesk_turn_response_seconds`) says of that turn, less the path constant that docs/metrics.md
  documents (`bench.figures.PATH_MS`). Zero: the dashboard tells what the caller heard.
- `gate_read_ms`, `gate_write_ms`: what a use of a tool costs besides the time in which the office
  has it: policy, identity, counts in Redis, and for a write its two rows on the disk.
- `minutes`: the whole run, the peers' installation and the stack's start included.

Ours and the peers take turns, so that a noisy minute of the machine hits all alike. The smallest
livekit-agents worker stands idle meanwhile under a name of its own; a Pipecat bot serves one caller
only and is started anew, between calls, for each of its own.
"""

__all__: list[str] = []
