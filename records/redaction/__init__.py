"""One redactor for logs, spans, transcripts and exports: what is personal is taken out of text."""

from records.redaction.kinds import Kind, Redacted
from records.redaction.listening import Earlier, Heard, Listener
from records.redaction.logged import mask, masked
from records.redaction.redactor import Redactor, holds_card_data
from records.redaction.secrets import Secrets

__all__ = [
    "Earlier",
    "Heard",
    "Kind",
    "Listener",
    "Redacted",
    "Redactor",
    "Secrets",
    "holds_card_data",
    "mask",
    "masked",
]
