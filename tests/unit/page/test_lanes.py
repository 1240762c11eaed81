"""Where everything lies on the timeline of a call's page."""

from records.page.clock import clock_of
from records.page.lanes import Lane, lanes_of, span_of
from records.page.transcript import said
from records.view import CallView, Latency, ToolUse, Turn
from tests.recorded_call import ANSWERED, SAID, cancelled_order


def lanes(call: CallView) -> dict[str, Lane]:
    """The lanes of a call by their names."""
    return {lane.name: lane for lane in lanes_of(call, clock_of(call))}


def test_a_turn_lies_where_its_voice_was() -> None:
    """Not where it was written down; each side has a lane, clips have their own."""
    found = lanes(cancelled_order())

    for lane, speaker in (("Caller says", "caller"), ("Agent says", "agent"), ("Clips", "clip")):
        wanted = [(begin, end) for who, begin, end, *_ in SAID if who == speaker]
        assert [(mark.begins, mark.ends) for mark in found[lane].marks] == wanted


def test_a_turn_whose_voice_was_not_measured_lies_where_it_was_written() -> None:
    """And says that it is not certain."""
    turn = Turn(at=ANSWERED + 4, speaker="caller", text="hello")
    call = cancelled_order().model_copy(update={"turns": [turn]})

    (mark,) = lanes(call)["Caller says"].marks

    assert 4 <= mark.begins < mark.ends < 4.1
    assert not said(call)[0].certain


def test_a_response_lies_between_the_callers_end_and_the_answer() -> None:
    """Its end is the begin of the turn that answers."""
    begins = [(mark.begins, mark.ends) for mark in lanes(cancelled_order())["Response"].marks]

    assert begins == [(9.888, 10.7), (17.53, 19.4), (24.56, 25.2), (32.41, 33.0)]


def test_tools_that_run_at_once_stand_in_rows() -> None:
    """None hides another; the next one that fits goes back to the first row."""
    call = cancelled_order()
    uses = [
        ToolUse(at=ANSWERED + at, tool="x", outcome="ok", duration_ms=ms)
        for at, ms in ((1, 3000), (2, 1000), (5, 100))
    ]
    tools = lanes(call.model_copy(update={"tools": uses}))["Tools"]

    assert [mark.row for mark in tools.marks] == [0, 1, 0]
    assert tools.rows == 2


def test_what_is_too_short_to_be_seen_is_drawn_a_little_longer() -> None:
    """A tool of 0 ms can still be clicked on."""
    use = ToolUse(at=ANSWERED, tool="x", outcome="ok", duration_ms=0)
    (mark,) = lanes(cancelled_order().model_copy(update={"tools": [use]}))["Tools"].marks

    assert mark.ends - mark.begins == 0.05


def test_where_the_agent_was_cut_off_is_marked_at_the_end_of_its_turn() -> None:
    """The turn is named, so that a click leads to it."""
    (mark,) = lanes(cancelled_order())["Cut off"].marks

    assert (mark.begins, mark.turn) == (24.2, 5)


def test_a_lane_without_anything_is_left_out() -> None:
    """A quiet call is a quiet page."""
    call = CallView(call_id="x", profile="acme", started_at=ANSWERED)

    assert lanes(call) == {}


def test_the_timeline_reaches_around_everything() -> None:
    """From the first ringing to whatever ends last; never of no length."""
    call = cancelled_order()
    late = [Latency(at=ANSWERED + 60, what="dead_air", ms=5000)]
    longer = call.model_copy(update={"latencies": late})
    nothing = CallView(call_id="x", profile="acme", started_at=ANSWERED)

    spans = [
        span_of(one, clock_of(one), lanes_of(one, clock_of(one))) for one in (call, longer, nothing)
    ]

    assert spans == [(-1.4, 35.9), (-1.4, 65.0), (0.0, 1.0)]
