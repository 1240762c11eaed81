"""A scripted server of the OpenAI Realtime protocol: hears and speaks real audio, by a script.

It is not a language model and says so wherever it says anything about itself. Started by
`python -m rehearsal.model`; tests use `serve`. docs/rehearsal-model.md has the protocol coverage,
the language of brains, the faults and the limits.
"""

from rehearsal.model.brain import Brain, load_brain
from rehearsal.model.log import Logger
from rehearsal.model.server import ModelServer, serve
from rehearsal.model.settings import ModelSettings

__all__ = ["Brain", "Logger", "ModelServer", "ModelSettings", "load_brain", "serve"]
