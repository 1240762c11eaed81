"""`python -m agent check`: every mistake in one go, exit 1, nothing started, no secret shown."""

from pathlib import Path

from tests.integration.starting.worker import REPO, SECRETS, run

PROFILES = REPO / "rehearsal" / "profiles"
ACME = (
    (PROFILES / "acme.yaml")
    .read_text(encoding="utf-8")
    .replace("acme.knowledge.yml", str(PROFILES / "acme.knowledge.yml"))
)
# The line where its tools are.
TOOLS = ACME[: ACME.index("tools:")].count("\n") + 1


def mistakes(**changes: str | None) -> list[str]:
    """What `check` says about bad settings, line by line."""
    done = run("check", **changes)
    assert done.returncode == 1
    assert done.stdout == ""
    assert not [secret for secret in SECRETS if secret in done.stderr]
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


def test_good_settings_are_summed_up() -> None:
    """An operator sees what the worker would serve."""
    done = run("check")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "ok: profiles: 2, numbers: 2, calls at once: 20\n"


def test_every_missing_setting_is_named() -> None:
    """By the name it has in the environment, all at once."""
    needed = ["LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "OPENAI_API_KEY"]
    needed += ["FRONTDESK_OFFICE_URL", "FRONTDESK_OFFICE_KEY", "FRONTDESK_RECORDS_KEY"]

    told = mistakes(**dict.fromkeys(needed))

    assert told == [f"setting {name}: Field required (see docs/settings.md)" for name in needed]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Settings, profiles, clips and tools are mended in one go."""
    (tmp_path / "acme.yaml").write_text("name: acme\nnumbers: [nobody]\nlimits: {}\nfoo: 1\n")
    told = mistakes(
        LIVEKIT_URL="localhost:7880",
        LIVEKIT_API_SECRET="",
        FRONTDESK_MAX_CALLS="many",
        FRONTDESK_HTTP_PORT="70000",
        FRONTDESK_OFFICE_URL="office",
        FRONTDESK_PROFILES=str(tmp_path),
    )

    named = [line.split(": ")[0] for line in told]
    assert named == [
        "setting LIVEKIT_URL",
        "setting LIVEKIT_API_SECRET",
        "setting FRONTDESK_MAX_CALLS",
        "setting FRONTDESK_HTTP_PORT",
        "setting FRONTDESK_OFFICE_URL",
        f"{tmp_path}/acme.yaml:2",
        f"{tmp_path}/acme.yaml:4",
    ]


def test_a_tool_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    """A typo in a profile would else cost every caller a tool."""
    (tmp_path / "acme.yaml").write_text(ACME.replace("look_up_order", "lookup_order"))

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))

    assert told.startswith(
        f"{tmp_path}/acme.yaml:{TOOLS}: tools: no tool named 'lookup_order'; there are: "
    )
    assert "look_up_order" in told


def test_mistakes_of_one_profile_hide_none_of_another(tmp_path: Path) -> None:
    """Nor does a wrong setting hide a folder that takes no records."""
    (tmp_path / "acme.yaml").write_text(ACME.replace("look_up_order", "lookup_order"))
    (tmp_path / "beta.yaml").write_text("name: Beta\n")
    (tmp_path / "spool").write_text("a file")

    told = mistakes(
        FRONTDESK_PROFILES=str(tmp_path),
        FRONTDESK_RECORDS_SPOOL=str(tmp_path / "spool"),
        FRONTDESK_MAX_CALLS="many",
    )

    named = [line.split(": ")[0] for line in told]
    assert named == [
        "setting FRONTDESK_MAX_CALLS",
        f"{tmp_path}/acme.yaml:{TOOLS}",
        f"{tmp_path}/beta.yaml:1",
        "setting FRONTDESK_RECORDS_SPOOL",
    ]


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    """The folder's other profiles would be lost in silence."""
    (tmp_path / "acme.yaml").write_text(ACME)

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path / "acme.yaml"))

    assert told.endswith("acme.yaml:1: is a file; name the folder that holds it")


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """Not as one that is empty."""
    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path / "none"))

    assert "none:1: there is no such folder; make it" in told


def test_a_clip_that_cannot_be_played_is_told_with_the_fix(tmp_path: Path) -> None:
    """Found now, and not when a caller needs it."""
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "apology.wav").write_bytes(b"no sound")
    (tmp_path / "acme.yaml").write_text(f"{ACME}clips: clips\n")

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))

    assert told.startswith(f"{tmp_path}/clips/apology.wav:1: is no usable clip")


def test_a_price_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """A book with a mistake would price no call at all."""
    prices = tmp_path / "prices.yaml"
    prices.write_text(
        "currency: USD\nplatform:\n  ours:\n    - {from: 2026-01-01, source: us, per_minute: 0}\n"
    )

    (told,) = mistakes(FRONTDESK_RECORDS_PRICES=str(prices))

    assert told.startswith(f"{prices}:4: platform.ours.0.source: ")


def test_a_budget_without_a_price_is_told(tmp_path: Path) -> None:
    """What the book does not price would be spent without end."""
    (tmp_path / "acme.yaml").write_text(f"{ACME}budget: {{call: 2.5}}\n")

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))

    assert "budget: cannot be kept" in told
    assert "name the carrier in costs.telephony" in told


def test_yaml_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """The line where reading stopped."""
    (tmp_path / "acme.yaml").write_text("name: acme\nnumbers: [+1555\npersona: x\n")

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))

    assert told.startswith(f"{tmp_path}/acme.yaml:3: is not YAML")


def test_start_refuses_what_check_refuses() -> None:
    """No process is started, no port opened, no connection tried."""
    done = run("start", OPENAI_API_KEY=None)

    assert done.returncode == 1
    assert done.stderr == "setting OPENAI_API_KEY: Field required (see docs/settings.md)\n"


HELPDESK = """mcp_servers:
  - name: helpdesk
    url: https://helpdesk.example.com/mcp
    key_variable: HELPDESK_KEY
    tools:
      find_ticket: {effect: read}
"""


def test_tools_of_a_server_are_offered_only_as_they_were_pinned(tmp_path: Path) -> None:
    """The command that pins them is named, and so is a key that is not there."""
    profile = tmp_path / "acme.yaml"
    profile.write_text(ACME + HELPDESK)
    line = ACME.count("\n") + 1

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))
    assert told.startswith(f"{profile}:{line}: mcp_servers: ")
    assert f"run `python -m tools import mcp {profile}`" in told

    (tmp_path / "acme.mcp.json").write_text('{"helpdesk": {}}')
    key, pin = mistakes(FRONTDESK_PROFILES=str(tmp_path))
    assert key.endswith("mcp_servers.0.key_variable: HELPDESK_KEY is not in the environment")
    assert pin.startswith(f"{profile}:{line + 5}: mcp_servers.0.tools.find_ticket: it is not pinn")


def test_a_listed_tool_without_a_policy_stops_the_worker(tmp_path: Path) -> None:
    """On the line where it is listed."""
    listed = HELPDESK.replace(" {effect: read}", "")
    (tmp_path / "acme.yaml").write_text(ACME + listed)

    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))

    line = f"{tmp_path}/acme.yaml:{ACME.count(chr(10)) + 6}: mcp_servers.0.tools.find_ticket: "
    assert told.startswith(f"{line}has no policy")


def test_nobody_to_hear_the_words_is_told(tmp_path: Path) -> None:
    """Emergency words, consent and a spoken yes are found in the transcript: there must be one."""
    deaf = f"{ACME}transcription_model: null\n"
    (tmp_path / "acme.yaml").write_text(deaf)
    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))
    assert "emergency words are found in the transcript" in told

    deaf = deaf[: deaf.index("emergency:")] + "transcription_model:\n"
    (tmp_path / "acme.yaml").write_text(deaf)
    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))
    assert "recording: whoever is asked for consent is heard in the transcript" in told

    announced = "recording: {consent: {all_party: announce, unknown: announce}}\n"
    (tmp_path / "acme.yaml").write_text(deaf + announced)
    (told,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))
    assert told.startswith(f"{tmp_path}/acme.yaml:{TOOLS}: tools: verify_caller, change_phone, ")
    assert "a spoken yes or number is found in the transcript" in told


def test_a_code_that_nobody_sends_is_told(tmp_path: Path) -> None:
    """A profile that could never do what it offers stops the worker."""
    told = ACME.replace("  - send_code\n", "")
    (tmp_path / "acme.yaml").write_text(told, encoding="utf-8")

    (line,) = mistakes(FRONTDESK_PROFILES=str(tmp_path))
    assert line.startswith(
        f"{tmp_path}/acme.yaml:{TOOLS}: tools: change_phone: somebody has to send"
    )


def test_a_folder_that_takes_no_records_is_told(tmp_path: Path) -> None:
    """Every call would lose its record there."""
    (tmp_path / "spool").write_text("a file")

    (told,) = mistakes(FRONTDESK_RECORDS_SPOOL=str(tmp_path / "spool"))

    assert told.startswith("setting FRONTDESK_RECORDS_SPOOL: nothing can be written to")
    assert "docs/settings.md" in told


def test_what_only_a_start_would_tell_is_told_before(tmp_path: Path) -> None:
    """Two services on one port, and a ready file in a folder that is not there."""
    told = mistakes(
        FRONTDESK_HTTP_PORT="9464",
        FRONTDESK_METRICS_PORT="9464",
        FRONTDESK_READY_FILE=str(tmp_path / "missing" / "ready"),
    )

    named = [line.split(": ")[0] for line in told]
    assert named == ["setting FRONTDESK_METRICS_PORT", "setting FRONTDESK_READY_FILE"]
