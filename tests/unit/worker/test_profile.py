"""Profiles: what a dialled number means, and what is wrong with a file."""

import pickle
from pathlib import Path

import pytest

from agent.profile import NOT_IN_SERVICE, load_profiles
from configs import ConfigError

ACME = """
name: acme
numbers: ["+15557654321"]
opening: Hello
"""


def test_a_number_leads_to_its_profile_in_either_spelling(tmp_path: Path) -> None:
    """Carriers send the number with and without a plus."""
    (tmp_path / "acme.yaml").write_text(ACME)
    profiles = load_profiles(tmp_path)

    assert profiles.for_number("15557654321").name == "acme"
    assert profiles.for_number("+1 555 765-4321").name == "acme"


def test_an_unknown_number_is_not_in_service(tmp_path: Path) -> None:
    """A number without a profile gets a sentence and never somebody else's agent."""
    (tmp_path / "acme.yaml").write_text(ACME)
    profiles = load_profiles(tmp_path)

    assert profiles.for_number("+15550000000").only_says == NOT_IN_SERVICE
    assert profiles.for_number(None).name == NOT_IN_SERVICE


def test_every_mistake_of_every_file_is_told_with_its_line(tmp_path: Path) -> None:
    """Whoever writes profiles mends them in one go."""
    (tmp_path / "a.yaml").write_text("name: a\nnumbers: [nobody]\nlimits:\n  max_duration_s: 1\n")
    (tmp_path / "b.yaml").write_text("name: b\npersonna: typo\n")

    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)

    told = [(m.file.name, m.line) for m in caught.value.mistakes]
    assert told == [("a.yaml", 2), ("a.yaml", 4), ("b.yaml", 2)]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        (ACME.replace("opening: Hello", ""), "opening: a caller waits for a greeting"),
        (ACME.replace('["+15557654321"]', "[]"), "numbers: nobody can call it"),
        (f'{ACME}emergency: {{words: [""]}}\n', "emergency.words.0: "),
    ],
)
def test_a_profile_that_would_fail_its_callers_is_refused(
    tmp_path: Path, written: str, says: str
) -> None:
    """No greeting, no number, a word that everything contains: found out before a call."""
    (tmp_path / "acme.yaml").write_text(written)

    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)

    assert says in str(caught.value)


def test_a_profile_that_only_says_a_clip_needs_no_opening(tmp_path: Path) -> None:
    """And the one for numbers of nobody needs no number."""
    (tmp_path / "nobody.yaml").write_text("name: not_in_service\nonly_says: not_in_service\n")

    assert load_profiles(tmp_path).for_number("+15550000000").file is not None


def test_the_answers_of_a_company_lie_beside_its_profile(tmp_path: Path) -> None:
    """And are read at start: a mistake in them stops the worker and not a call."""
    (tmp_path / "acme.yaml").write_text(f"{ACME}knowledge: answers.yml\n")
    with pytest.raises(ConfigError, match=r"answers\.yml:1: cannot be read"):
        load_profiles(tmp_path)

    (tmp_path / "answers.yml").write_text(
        'version: "1"\nentries: [{question: Opening hours, answer: Nine to six.}]\n'
    )
    known = load_profiles(tmp_path)["acme"].known

    assert known is not None
    assert known.version == "1"
    assert pickle.loads(pickle.dumps(load_profiles(tmp_path)["acme"])).known == known  # noqa: S301


def test_a_folder_of_clips_that_is_missing_is_told_with_its_line(tmp_path: Path) -> None:
    """The line that names it."""
    (tmp_path / "acme.yaml").write_text("name: acme\nlanguage: en\nclips: ours\n")

    with pytest.raises(ConfigError, match=r"acme\.yaml:3: clips: there is no folder"):
        load_profiles(tmp_path)


def test_a_number_belongs_to_one_profile(tmp_path: Path) -> None:
    """Two profiles that claim a number would make answering a matter of chance."""
    (tmp_path / "acme.yaml").write_text(ACME)
    (tmp_path / "other.yaml").write_text(ACME.replace("acme", "other"))

    with pytest.raises(ConfigError, match=r"already used by acme\.yaml"):
        load_profiles(tmp_path)


def test_an_empty_folder_is_told_with_the_fix(tmp_path: Path) -> None:
    """A worker without profiles would answer nobody."""
    with pytest.raises(ConfigError, match="holds no profile; write one"):
        load_profiles(tmp_path)


def test_a_field_of_another_name_says_what_to_write_now(tmp_path: Path) -> None:
    """On its line; nobody has to look for where it went."""
    (tmp_path / "acme.yaml").write_text(f"{ACME}record_audio: true\n")

    with pytest.raises(ConfigError) as caught:
        load_profiles(tmp_path)

    (mistake,) = caught.value.mistakes
    assert (mistake.line, mistake.field) == (5, "record_audio")
    assert "write `recording: {audio: true, jurisdiction: US-NY}`" in mistake.says


@pytest.mark.parametrize(
    ("recording", "says"),
    [
        ("{jurisdiction: California}", "recording.jurisdiction: "),
        ("{consent: {all_party: none}}", "recording.consent.all_party: "),
        ("{consent: {unknown: announce}}", "recording.consent: all_party may not be milder than"),
        ('{known_numbers: {"555": US-NY}}', "recording.known_numbers.555"),
    ],
)
def test_terms_of_recording_that_hold_nowhere_are_refused(
    tmp_path: Path, recording: str, says: str
) -> None:
    """A place is a code, and nobody is owed less the less is known of them."""
    (tmp_path / "acme.yaml").write_text(f"{ACME}recording: {recording}\n")

    with pytest.raises(ConfigError, match=says):
        load_profiles(tmp_path)


def test_who_may_be_asked_must_be_heard(tmp_path: Path) -> None:
    """A yes is found in the transcript; a line that keeps no words asks nobody."""
    deaf = f"{ACME}transcription_model:\n"
    (tmp_path / "acme.yaml").write_text(deaf)
    with pytest.raises(ConfigError, match="whoever is asked for consent is heard in the transcr"):
        load_profiles(tmp_path)

    (tmp_path / "acme.yaml").write_text(f"{deaf}recording: {{transcript: false}}\n")
    assert not load_profiles(tmp_path)["acme"].recording.keeps_words
