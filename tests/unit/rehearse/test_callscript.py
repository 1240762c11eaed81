"""Call scripts: those that ship, and what is wrong with one that does not."""

import re
from pathlib import Path

import numpy as np
import pytest

from configs import ConfigError
from rehearsal import wav
from rehearsal.phone.steps import Step
from rehearsal.rehearse.callscript import NoSuchScript, load_script, script_names
from rehearsal.settings import REPO
from rehearsal.stack.layout import BRAIN

HUM = np.ones(800, dtype=np.int16)
GOOD = """title: One word
caller:
  from: "+15550001111"
  dial: "+15557654321"
  steps:
    - say: hello
"""
SMALL_BRAIN = """name: small
greeting: Hello
start: ready
states: {ready: {rules: [{hears: [hello], say: Hi}]}}
not_understood: [Pardon]
"""
WRONG = """titel: One word
caller:
  from: nobody
  steps:
    - say: hello
      dtmf: "1"
    - {say: hello, at_s: 1, over_s: 2}
    - {dtmf: "12x"}
    - {noise: {seconds: 0}}
  deadline_s: -1
faults:
  model: {faults: [melted]}
  office: [{route: "/orders/{order}", fault: bored}]
goal:
  outcome: happy
  told: [{path: orders, field: status}]
"""


@pytest.mark.parametrize("name", script_names())
def test_every_script_that_ships_can_be_played(name: str) -> None:
    """And says whom it dials."""
    script = load_script(name)

    assert script.title
    assert script.caller.dial


def test_at_least_the_six_promised_scripts_ship() -> None:
    """The README names them."""
    assert {
        "barge_in",
        "cancel_order",
        "hang_up_mid_tool",
        "not_in_service",
        "order_status",
        "wrong_number",
    } <= set(script_names())


def test_a_script_of_ones_own_is_named_by_its_path(tmp_path: Path) -> None:
    """`make call SCRIPT=mine.yaml`."""
    (tmp_path / "mine.yaml").write_text(GOOD)

    script = load_script(str(tmp_path / "mine.yaml"))

    assert script.caller.steps == [Step(say="hello")]
    assert script.goal.sip_status == 200


def test_what_a_script_names_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its brain and what the caller plays, wherever `make` was called."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "brain.yaml").write_text(SMALL_BRAIN)
    (tmp_path / "mine" / "call").write_text(
        f"brain: brain.yaml\n{GOOD}    - {{play: sounds/hum.wav}}\n"
    )
    (tmp_path / "mine" / "sounds").mkdir()
    wav.write(tmp_path / "mine" / "sounds" / "hum.wav", HUM, rate_hz=8000)
    monkeypatch.chdir(tmp_path)

    script = load_script("mine/call")

    assert script.brain == tmp_path / "mine" / "brain.yaml"
    assert script.caller.steps[1].play == tmp_path / "mine" / "sounds" / "hum.wav"


def test_a_sound_that_is_missing_is_told_before_anybody_dials(tmp_path: Path) -> None:
    """With the line that names it."""
    (tmp_path / "brain.yaml").write_text(SMALL_BRAIN)
    written = f"brain: brain.yaml\n{GOOD}    - {{play: hum.wav}}\n"
    (tmp_path / "call.yaml").write_text(written)

    with pytest.raises(ConfigError) as wrong:
        load_script(str(tmp_path / "call.yaml"))

    (mistake,) = wrong.value.mistakes
    assert (mistake.line, mistake.field) == (len(written.splitlines()), "caller.steps.1.play")
    assert mistake.says == f"there is no file {tmp_path / 'hum.wav'}"


def test_what_is_no_sound_is_told_before_anybody_dials(tmp_path: Path) -> None:
    """A recording in another format is not found out in the middle of a call."""
    (tmp_path / "hum.wav").write_text("not a sound")
    (tmp_path / "call.yaml").write_text(f"{GOOD}    - {{play: hum.wav}}\n")

    with pytest.raises(ConfigError, match=r"caller\.steps\.1\.play: "):
        load_script(str(tmp_path / "call.yaml"))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("  voice: darth\n", "there is no voice 'darth': rms, awb"),
        ("goal: {tools: [{tool: cancel_oder, outcome: ok}]}\n", "no tool named 'cancel_oder'"),
        ("goal: {tools: [{tool: cancel_order, outcome: fine}]}\n", "'ok', 'refused'"),
    ],
)
def test_a_script_that_could_never_be_met_is_not_played(
    tmp_path: Path, wrong: str, says: str
) -> None:
    """Names that nobody bears are mistakes of the script, and told as such."""
    written = GOOD.replace("caller:\n", f"caller:\n{wrong}") if "voice" in wrong else GOOD + wrong
    (tmp_path / "call.yaml").write_text(written)

    with pytest.raises(ConfigError, match=re.escape(says)):
        load_script(str(tmp_path / "call.yaml"))


def test_the_script_in_the_docs_can_be_played(tmp_path: Path) -> None:
    """People copy it."""
    page = (REPO / "docs" / "rehearsal-model.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"```yaml\n(title: .*?)```", page, re.DOTALL)
    (tmp_path / "mine.yaml").write_text(written)
    (tmp_path / "brain.yaml").write_text(SMALL_BRAIN)
    (tmp_path / "sounds").mkdir()
    wav.write(tmp_path / "sounds" / "cough.wav", HUM, rate_hz=8000)

    assert load_script(str(tmp_path / "mine.yaml")).goal.told[0].path == "/orders/4271"


def test_a_script_without_a_brain_meets_the_receptionist(tmp_path: Path) -> None:
    """Most people want another caller, not another company."""
    (tmp_path / "mine.yaml").write_text(GOOD)

    assert load_script(str(tmp_path / "mine.yaml")).brain == BRAIN


@pytest.mark.parametrize(
    ("brain", "says"),
    [("brain.yaml", "brain.yaml:4: states.ready.rules.0.go: "), ("none.yaml", "cannot be read")],
)
def test_mistakes_of_a_brain_are_told_before_anything_starts(
    tmp_path: Path, brain: str, says: str
) -> None:
    """With its file and line, like those of the script."""
    (tmp_path / "brain.yaml").write_text(SMALL_BRAIN.replace("say: Hi", "go: nowhere"))
    (tmp_path / "mine.yaml").write_text(f"brain: {brain}\n{GOOD}")

    with pytest.raises(ConfigError, match=says):
        load_script(str(tmp_path / "mine.yaml"))


@pytest.mark.parametrize("name", ["order_statsu", "./mine.yaml", "mine.yml", "../order_status"])
def test_a_script_that_does_not_exist_is_told_with_those_that_do(name: str) -> None:
    """A typo costs one look, and the way to a script of one's own is shown."""
    with pytest.raises(NoSuchScript) as caught:
        load_script(name)

    assert str(caught.value) == (
        f"there is no script {name!r}: choose {', '.join(script_names())},"
        " or give the path of a YAML file of your own, for example ./mine.yaml"
    )


def test_every_mistake_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    """From the caller's steps to the goal, in the order of the file."""
    file = tmp_path / "wrong.yaml"
    file.write_text(WRONG)
    with pytest.raises(ConfigError) as caught:
        load_script(str(file))

    told = caught.value.mistakes
    assert {mistake.file for mistake in told} == {file}
    assert [mistake.line for mistake in told] == sorted(mistake.line for mistake in told)
    assert {mistake.line for mistake in told} == {1, 3, 5, 7, 8, 9, 10, 12, 13, 15, 16}


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("{}", "a step does exactly one of say, play, noise"),
        ("{say: hi, hang_up: true}", "a step does exactly one of"),
        ("{say: hi, at_s: 1, over_s: 1}", "a step has one moment, not at_s and over_s"),
        ("{say: hi, at_s: 1, pause_s: 1}", "pause_s goes with `after`"),
        ("{hang_up: false}", "Input should be True"),
    ],
)
def test_a_step_says_what_is_wrong_with_it(tmp_path: Path, step: str, says: str) -> None:
    """One thing, at one moment."""
    file = tmp_path / "wrong.yaml"
    file.write_text(GOOD.replace("{say: hello}", "").replace("say: hello", step))

    with pytest.raises(ConfigError) as caught:
        load_script(str(file))

    assert [says in mistake.says for mistake in caught.value.mistakes] == [True]
    assert caught.value.mistakes[0].line == 6
