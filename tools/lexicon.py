"""What a yes, a no and a doubt sound like in each language that calls can be held in. Pure data.

Phrases are as `tools.heard.words` writes them: lower case, no apostrophes. A language without a
lexicon has no yes, so a profile in it is refused at start. Read by `tools.confirm`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Phrases: TypeAlias = Sequence[tuple[str, ...]]


def _phrases(text: str) -> Phrases:
    found = [tuple(phrase.split()) for phrase in text.replace("\n", " ").split(";")]
    return sorted(found, key=len, reverse=True)


@dataclass(frozen=True)
class Lexicon:
    """The phrases of one language, the longest first."""

    yes: Phrases
    no: Phrases
    doubt: Phrases
    """Words that make an answer unclear, whatever else is in it."""
    denials: frozenset[str]
    """Words that turn what the agent reads back into something else."""
    keys: Mapping[str, str]
    """What pressed keys say: one for yes, two for no."""


LEXICONS: Mapping[str, Lexicon] = {
    "en": Lexicon(
        yes=_phrases("""
yes; yeah; yep; yup; yes please; yes sir; yes maam; sure; sure thing; of course; absolutely;
definitely; correct; thats correct; that is correct; thats right; that is right; right; exactly;
go ahead; go for it; please do; do it; do that; please proceed; proceed; confirm; confirmed;
i confirm; i agree; agreed; affirmative; sounds good; that works; thats fine; thats it;
thats what i want; that is what i want; no problem go ahead
"""),
        no=_phrases("""
no; nope; nah; no thanks; no thank you; not; dont; do not; doesnt; isnt; never; never mind;
nevermind; stop; wait; hold on; hang on; cancel; forget it; leave it; keep it; wrong; incorrect;
negative; rather not; changed my mind; thats not; i didnt; cant; wont; shouldnt; refuse; abort; undo
"""),
        doubt=_phrases("""
but; maybe; perhaps; unless; if; except; instead; actually; question; different; another; other;
else; change; first; before; later; think; guess; suppose; unsure; what; why; how; when; which; who;
where; hmm; um what; sorry; pardon; repeat; again; or; could you; can you; would you; only; just;
did; said; say; says; heard; is that; is it; he; she; they
"""),
        denials=frozenset(
            {"not", "dont", "doesnt", "wont", "never", "cant", "cannot", "wouldnt", "without"}
        ),
        keys={"1": "yes", "2": "no"},
    )
}
