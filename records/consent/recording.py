"""What a company keeps of its calls, and on which terms: the table `recording` of a profile.

The voice and the written words of a call are kept on the same terms: to whom it matters, one is
as much a record of what they said as the other. Read with the profile by `agent.profile`.
"""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from records.consent.owed import Owed, Policy, Rules, owed
from records.consent.places import UNKNOWN, Place, jurisdiction_of

Beginning: TypeAlias = Annotated[str, Field(pattern=r"^\+[1-9]\d{0,14}$")]

NOTHING_KEPT = Owed(Policy.NONE, UNKNOWN, "no words are kept")


class Recording(BaseModel):
    """What is kept of a call, and whose consent is needed before."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    audio: bool = False
    """Keep a stereo recording: caller left, agent right."""
    transcript: bool = True
    """Keep what was said as text. Without it, and without `audio`, nobody is asked or told."""
    jurisdiction: Place | None = None
    """Where the company is: a country, or a state of the USA (`US-NY`). Its law counts as much as
    that of the caller's number; none counts as the strictest. See [Consent](privacy.md#consent)."""
    consent: Rules = Rules()
    """What is done where."""
    known_numbers: Mapping[Beginning, Place] = {}
    """Where numbers were issued that begin like this (`"+1555": US-NY`), as far as no numbering
    plan knows them: extensions of your own, test numbers."""

    @property
    def keeps_words(self) -> bool:
        """Whether anything that was said is kept."""
        return self.audio or self.transcript

    @property
    def region(self) -> str:
        """The country whose numbers are said without a country code, as two letters."""
        return (self.jurisdiction or "US")[:2]

    @property
    def may_ask(self) -> bool:
        """Whether some caller may be asked, depending on their number."""
        strictest = self.consent.unknown if self.keeps_words else Policy.NONE
        return strictest is Policy.ASK

    def owed_to(self, number: str | None) -> Owed:
        """What the caller with this number is owed before words are kept.

        Args:
            number: E.164, None if withheld.
        """
        if not self.keeps_words:
            return NOTHING_KEPT
        caller = jurisdiction_of(number, self.known_numbers)
        return owed(self.consent, caller, self.jurisdiction or UNKNOWN)
