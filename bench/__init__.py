"""Measuring calls from the caller's leg, beside peers on the same machine in the same run.

What the figures mean; milliseconds unless the name says otherwise:

- `invite_to_200_ms`, `200_to_first_audio_ms`: ringing, and silence before the greeting.
- `response_overhead_ms`: the gap a caller waits after their last word, less the silence by which
  the model knows that the turn is over (`vad_silence_ms`), less the model's own time (`model_ms`),
  both from its ledger. What is left is the path, and the worker. The peers' is measured in the same
  way. `response_overhead_less_onset_ms` leaves out, too, how long the first sound of the voice, an
  "f" for example, is too soft for a telephone (`onset_ms`).
- `barge_in_stop_ms`: how long the agent talks on after the caller began to speak over it.
- `response_bias_ms`, `response_error_ms_p95`: the same gap, less what the worker's own metric
  (`frontdesk_turn_response_seconds`) says of that answer, less the path constant that
  docs/metrics.md documents (`rehearsal.rehearse.agreement.PATH_MS`): its mean, and the 95th
  percentile of its amount. Zero: the dashboard tells what the caller heard.
- `silences`, `silences_missed`: stretches of 1.5 s and more in which the waveform has nobody speak,
  and those of them that the worker's dead air does not have, or has wrong by more than 300 ms.
- `scrape_growth`, `scrape_bytes_growth`, `scrape_series`: what Prometheus gets after 10,000 calls
  against after 10, in time and size, and how many series it is; see `bench.scrape`.
- `kept_cores`, `kept_pss_mb`: what record and recording together add to a call, processor and
  memory of its job; one of two processes that hold the same call keeps it; see `bench.kept`.
- `gate_read_ms`, `gate_write_ms`: what a use of a tool costs besides the time in which the office
  has it: policy, identity, counts in Redis, and for a write its two rows on the disk.
- `minutes`: the whole run, the peers' installation and the stack's start included.

Ours and the peers take turns, so that a noisy minute of the machine hits all alike. The smallest
livekit-agents worker stands idle meanwhile under a name of its own; a Pipecat bot serves one caller
only and is started anew, between calls, for each of its own.
"""

__all__: list[str] = []
