"""Every row: what can break between a caller's yes and the answer, and what may come of it."""

from rehearsal.trials.row import Act, Does, Moment, OfficeFault, Row, Strike, Told

DONE = frozenset({Told.DONE})
NOT_DONE = frozenset({Told.NOT_DONE})
UNCLEAR = frozenset({Told.UNCLEAR})
NOTHING = frozenset({Told.NOTHING})
# Where it depends on the moment; every one of them has to be true.
ANYTHING = frozenset(Told)

# Long enough that a strike while the office has the request is one before its answer.
SLOW = OfficeFault(fault="delay", more={"seconds": 1.0})
# Done, and nobody can be asked whether it was.
LOST = (
    OfficeFault(fault="commit_then_drop"),
    OfficeFault(fault="reset_before", route="/operations/{key}", method="GET"),
    OfficeFault(fault="reset_before", route="/operations/{key}", method="DELETE"),
)


def _answer(name: str, breaks: str, fault: str, may_hear: frozenset[Told], **more: object) -> Row:
    """A row in which the office answers a write badly."""
    return Row(
        name=name,
        breaks=breaks,
        may_hear=may_hear,
        office=(OfficeFault(fault=fault, more=dict(more)),),
    )


def _looked_up(name: str, breaks: str, fault: str) -> Row:
    """A row in which the office answers a look-up badly."""
    return Row(
        name=name,
        breaks=breaks,
        may_hear=NOT_DONE,
        does=Does.LOOKS_UP,
        office=(OfficeFault(fault=fault, route="/orders/{order}", method="GET"),),
    )


ROWS = (
    _answer(
        "reset before", "the connection is reset before the office reads", "reset_before", NOT_DONE
    ),
    _answer("reset after", "the connection is reset in the middle of the answer", "reset", DONE),
    _answer("5xx", "the office answers 500", "status", NOT_DONE, status=500),
    _answer("429", "429, Retry-After 1 s, then well", "status", DONE, status=429, times=1),
    _answer(
        "429 for long", "429, Retry-After 60 s", "status", NOT_DONE, status=429, retry_after_s=60
    ),
    _answer("hang", "the office takes the request and never answers", "hang", NOT_DONE),
    _answer(
        "slow drip", "done, and the answer comes a byte a second", "slow_drip", DONE, seconds=1
    ),
    _answer("huge body", "done, and the answer has 8 MB", "huge", DONE),
    _answer("HTML body", "a gateway's page instead of an answer", "html", NOT_DONE),
    _answer("wrong schema", "done, and the answer has another shape", "wrong_schema", DONE),
    _answer("wrong types", "done, and the answer has other types", "wrong_types", DONE),
    _answer("lost response", "done, and the answer is lost", "commit_then_drop", DONE),
    _answer("duplicate request", "the request arrives twice at once", "twice", DONE),
    _looked_up("look-up, hang", "a look-up is never answered", "hang"),
    _looked_up("look-up, HTML", "a look-up is answered by a page", "html"),
    _looked_up("look-up, wrong types", "a look-up has other types", "wrong_types"),
    Row(
        name="model repeats",
        breaks="the model uses the tool again in a later turn",
        does=Does.HEARS_IT_TWICE,
        may_hear=DONE,
        by_phone=True,
    ),
    Row(
        name="caller interrupts",
        breaks="the caller speaks while it is being done",
        does=Does.INTERRUPTS,
        office=(OfficeFault(fault="delay", more={"seconds": 1.5}),),
        may_hear=ANYTHING,
        hang_up_s=0.6,
        by_phone=True,
    ),
    Row(
        name="caller hangs up",
        breaks="the caller hangs up while it is being done",
        does=Does.HANGS_UP,
        office=(OfficeFault(fault="delay", more={"seconds": 1.5}),),
        may_hear=ANYTHING,
        hang_up_s=1.2,
        window_s=2.5,
        by_phone=True,
    ),
    Row(
        name="job killed",
        breaks="SIGKILL to the job while the office has the request",
        office=(SLOW,),
        strike=Strike(act=Act.KILL_JOB, when=Moment.REACHED, after_s=0.5, window_s=1.2),
        may_hear=ANYTHING,
        by_phone=True,
    ),
    Row(
        name="connect refused",
        breaks="nobody listens at the office when the yes comes",
        strike=Strike(act=Act.KILL_OFFICE, when=Moment.ASKED),
        may_hear=NOT_DONE,
        alone=True,
    ),
    Row(
        name="record locked",
        breaks="another program holds the ledger's database when the yes comes",
        strike=Strike(act=Act.LOCK_RECORD, when=Moment.ASKED),
        may_hear=NOT_DONE,
        alone=True,
    ),
    Row(
        name="record gone",
        breaks="the ledger's database is moved away before the call",
        strike=Strike(act=Act.MOVE_RECORD, when=Moment.BEFORE),
        may_hear=NOT_DONE,
        alone=True,
    ),
    Row(
        name="record away a minute",
        breaks="the ledger's database is gone for 60 s of two calls",
        strike=Strike(act=Act.MOVE_RECORD, when=Moment.GREETED, lasts_s=60.0),
        may_hear=NOT_DONE,
        alone=True,
        by_phone=True,
    ),
    # Those that leave a write open come before those that keep nobody from finding out about it.
    Row(
        name="office lost after commit",
        breaks="done, the answer is lost, and the office cannot be asked",
        office=LOST,
        may_hear=UNCLEAR,
        alone=True,
    ),
    Row(
        name="Redis gone",
        breaks="SIGKILL to Redis when the yes comes",
        strike=Strike(act=Act.KILL_REDIS, when=Moment.ASKED),
        may_hear=DONE,
        alone=True,
    ),
    Row(
        name="clock jump",
        breaks="an hour ahead on the job's clock; done, and the office cannot be asked",
        office=LOST,
        strike=Strike(act=Act.JUMP_CLOCK, when=Moment.ASKED),
        may_hear=UNCLEAR,
        alone=True,
        by_phone=True,
    ),
    Row(
        name="Redis hangs",
        breaks="SIGSTOP to Redis when the yes comes",
        strike=Strike(act=Act.STOP_REDIS, when=Moment.ASKED),
        may_hear=DONE,
        alone=True,
    ),
    Row(
        name="record locked late",
        breaks="the ledger's database is locked once the office has the request",
        office=(SLOW,),
        strike=Strike(act=Act.LOCK_RECORD, when=Moment.REACHED, lasts_s=6.0),
        may_hear=DONE,
        alone=True,
    ),
    Row(
        name="office restarted",
        breaks="the office dies in its transaction and is started again",
        office=(OfficeFault(fault="stall_commit", more={"seconds": 1.2}),),
        strike=Strike(
            act=Act.KILL_OFFICE, when=Moment.REACHED, after_s=0.3, window_s=1.6, lasts_s=0.0
        ),
        may_hear=ANYTHING,
        alone=True,
    ),
    Row(
        name="worker killed",
        breaks="SIGKILL to the worker while the office has the request",
        office=(SLOW,),
        strike=Strike(act=Act.KILL_WORKER, when=Moment.REACHED, after_s=0.5, window_s=1.2),
        may_hear=ANYTHING,
        alone=True,
        by_phone=True,
    ),
)

WORST = (
    "lost response",
    "caller hangs up",
    "job killed",
    "office restarted",
    "worker killed",
)
"""Those that are repeated: each depends on when exactly it strikes."""
