"""One call from the job's start to the closed line and the closed record.

A job runs `Call.run`: who calls and which number was dialled decide the profile, the profile opens
a conversation, and whatever happens the line is closed, the record written and the parent told.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import structlog
from livekit import rtc
from livekit.agents import Agent, AgentSession, JobContext, llm, vad

from agent import call_trace, resuming
from agent.acting import Ending
from agent.bridge import keep_use, offer
from agent.conversation import Conversation
from agent.day_budget import day_is_spent
from agent.desk import facts_of, open_gate
from agent.ear import Ear
from agent.keeping import Keeper, open_keeper
from agent.leg import when_answered, when_gone
from agent.lifeline import LIFELINE_VARIABLE, Reporter
from agent.logs import bind_call
from agent.playout import phone_output
from agent.profile import Profile, Profiles
from agent.question import Answer
from agent.realtime import open_model
from agent.recorder import Recorder
from agent.reports import CallEnded, CallStarted, Happened, Report, Timed, Unkept
from agent.rooms import Unreachable, joined_again
from agent.session import make_agent, open_session, room_options
from agent.settings import Settings
from agent.terms import terms_here
from agent.voice import Clip, Clips, Unheard, play_alone
from records import CallOutcome, Journal, Keeping, keep
from records.costing import Terms
from records.prices import PriceBook
from records.redaction import Secrets
from records.settings import RecordsAccess
from sip import Caller, read_caller

# The caller hears ringing meanwhile; a room that cannot be joined by then never will be.
JOIN_TIMEOUT_S = 5.0
# The line is closed first; what remains must not hold the process for long.
CLOSE_TIMEOUT_S = 8.0
HANG_UP_TIMEOUT_S = 3.0

log = structlog.get_logger(__name__)


class Call:
    """One caller on one line. `resumes` is the call whose job died on it, "" for a new one."""

    def __init__(
        self,
        ctx: JobContext,
        *,
        settings: Settings,
        profiles: Profiles,
        clips: Clips,
        local_vad: vad.VAD,
        tls: ssl.SSLContext,
        book: PriceBook,
        resumes: str = "",
    ) -> None:
        self._book, self._secrets = book, Secrets()
        self._ctx, self._settings, self._profiles, self._clips = ctx, settings, profiles, clips
        self._vad, self._tls, self._resumes = local_vad, tls, resumes
        self._began = time.monotonic()
        self._answered_at: float | None = None
        self.call_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self._reporter: Reporter | None = None
        self._keeping: Keeping
        self._keeper: Keeper | None = None
        self._recorder: Recorder | None = None
        self._line_is_down = False

    async def run(self) -> None:
        """Hold the call. Returns when the line is closed and the record written."""
        bind_call(self.call_id, call_trace.place().trace_id, secrets=self._secrets)
        with contextlib.suppress(OSError, TimeoutError):
            # Without a parent the caller is still served; only the counting is lost.
            self._reporter = await Reporter.open(os.environ.get(LIFELINE_VARIABLE, ""))
        participant = await self._join()
        if participant is None:
            await self._leave("no caller")
            return
        caller = read_caller(dict(participant.attributes), participant.identity)
        profile = self._profiles.for_number(caller.dialled if caller.in_service else None)
        self._keeping = await keep(RecordsAccess(), self.call_id)
        journal = self._keeping.journal
        terms = terms_here(profile)
        self._open_record(journal, profile, caller, participant, terms)
        ending = Ending(CallOutcome.FAILED, "the job was ended from outside")
        try:
            ending = await self._serve(profile, caller, participant, terms)
        except Exception as error:
            # The edge of a call: whatever went wrong, the caller hears why the line closes.
            log.error("the call failed", exc_info=error)  # noqa: TRY400 - told by type and place
            ending = Ending(CallOutcome.FAILED, "an error in the worker")
            await self._say(profile, journal, "apology")
        except asyncio.CancelledError:
            if await self._parent_has_died():
                ending = Ending(CallOutcome.FAILED, "the worker died")
            raise
        finally:
            await asyncio.shield(self._close(journal, ending))

    async def _serve(
        self, profile: Profile, caller: Caller, participant: rtc.RemoteParticipant, terms: Terms
    ) -> Ending:
        if profile.only_says:
            ending = Ending(CallOutcome.NOT_IN_SERVICE)
            return await self._say_only(profile, profile.only_says, ending, participant)
        # A call that goes on is never refused.
        if not self._resumes and await day_is_spent(
            self._keeping.record, self._book, self._settings.budget_day
        ):
            self._tell(Happened(what="budget_stop", why="day"))
            ending = Ending(CallOutcome.LIMIT, "the day's budget is spent")
            return await self._say_only(profile, "budget_day_over", ending, participant)
        self._keeper, self._recorder = open_keeper(
            profile,
            self._keeping,
            terms=terms,
            book=self._book,
            secrets=self._secrets,
            tell=self._tell,
        )
        return await self._converse(profile, caller, participant, self._keeper)

    async def _join(self) -> rtc.RemoteParticipant | None:
        """Enter the room; the caller in it, or None if there is none to serve."""
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_S):
                await self._ctx.connect()
                return await self._ctx.wait_for_participant(
                    kind=[rtc.ParticipantKind.PARTICIPANT_KIND_SIP]
                )
        except (TimeoutError, rtc.ConnectError, RuntimeError) as error:
            log.warning("no caller was found in the room", error=type(error).__name__)
            return None

    def _open_record(
        self,
        journal: Journal,
        profile: Profile,
        caller: Caller,
        participant: rtc.RemoteParticipant,
        terms: Terms,
    ) -> None:
        journal.write(
            "started",
            call_id=self.call_id,
            sip_call_id=participant.attributes.get("sip.callIDFull", caller.sip_call_id),
            profile=profile.name,
            model=profile.model,
            dialled=caller.dialled or "",
            caller=caller.number,
            worker=socket.gethostname(),
            pid=os.getpid(),
            resumes=self._resumes,
            trace_id=call_trace.place().trace_id,
            terms=asdict(terms),
        )
        call_trace.tell_profile(profile.name)
        self._tell(
            CallStarted(
                call_id=self.call_id,
                room=self._ctx.room.name,
                profile=profile.name,
                resumed=bool(self._resumes),
                trace=str(call_trace.place()),
            )
        )
        self._keeping.tell_pending(lambda *waits: self._tell(Unkept.since(*waits)))
        log.info("call started", profile=profile.name)

    async def _say_only(
        self, profile: Profile, name: str, ending: Ending, caller: rtc.RemoteParticipant
    ) -> Ending:
        clip, journal = self._clips[profile.name][name], self._keeping.journal
        self._when_answered(caller, partial(journal.write, "answered"))
        self._note_clip(clip, journal)
        try:
            async with asyncio.timeout(None) as until_hang_up:
                when_gone(self._ctx.room, caller, lambda: _end_now(until_hang_up))
                await play_alone(self._ctx.room, clip)
        except TimeoutError:
            return Ending(CallOutcome.ABANDONED, "the caller hung up")
        except Unheard:
            return Ending(CallOutcome.FAILED, "the sentence could not be played")
        return ending

    async def _converse(
        self,
        profile: Profile,
        caller: Caller,
        participant: rtc.RemoteParticipant,
        keeper: Keeper,
    ) -> Ending:
        journal = self._keeping.journal
        profile, said, agreed = await self._taken_up(profile)
        model = open_model(profile, self._settings)
        model.on_connected = lambda took: self._tell(Timed(what="model_connect", seconds=took))
        session = open_session(model, self._vad)
        async with (
            open_gate(
                profile,
                facts_of(profile, self.call_id, caller.number),
                self._keeping.record,
                tls=self._tls,
                on_secret=self._secrets.add,
                on_use=lambda use: keep_use(use, journal, self._tell, keeper.arguments),
            ) as gate,
            phone_output(self._ctx.room, self._recorded("voice")) as output,
            self._closing(session, profile, journal),
        ):
            session.output.audio = output
            conversation = Conversation(
                session=session,
                room=self._ctx.room,
                profile=profile,
                clips=self._clips[profile.name],
                gate=gate,
                journal=journal,
                keeper=keeper,
                tell=self._tell,
                owed=profile.recording.owed_to(caller.number),
                agreed=agreed,
                sent=self._recorded("clip"),
            )
            model.on_fatal = conversation.model_is_gone
            conversation.listen(output.voice)
            self._watch_room(conversation, participant)
            running, goodbye = conversation.tools_running, conversation.goodbye
            offered = offer(gate, on_running=running, on_goodbye=goodbye)

            agent = make_agent(profile, offered, now=datetime.now(UTC), said=said)
            return await conversation.run(lambda: self._begin(session, agent, participant))

    async def _taken_up(
        self, profile: Profile
    ) -> tuple[Profile, llm.ChatContext | None, Answer | None]:
        """Of a call that goes on: what was said and agreed to, and how it goes on."""
        if not self._resumes:
            return profile, None, None
        await self._say(profile, self._keeping.journal, resuming.CLIP)
        said, agreed = await resuming.before(self._keeping, self._resumes)
        return profile.model_copy(update={"opening": resuming.OPENING}), said, agreed

    async def _begin(
        self, session: AgentSession[None], agent: Agent, caller: rtc.RemoteParticipant
    ) -> None:
        await session.start(
            agent,
            room=self._ctx.room,
            room_options=room_options(caller.identity),
            # Sound is recorded by ourselves.
            record=False,
            # Nobody drives or watches our session through the room.
            session_host=False,
        )
        if self._recorder is not None and session.input.audio is not None:
            session.input.audio = Ear(session.input.audio, self._recorder)

    def _recorded(self, source: str) -> Callable[[bytes, float], None]:
        """Where sound that leaves is told, with when it is heard."""
        recorder = self._recorder
        if recorder is None:
            return lambda _, __: None
        return lambda pcm, at: recorder.agent_sent(pcm, at, source)

    def _watch_room(self, conversation: Conversation, caller: rtc.RemoteParticipant) -> None:
        room = self._ctx.room
        room.on("disconnected", lambda _: conversation.room_lost())
        room.on("sip_dtmf_received", lambda event: conversation.key_pressed(event.digit))
        self._when_answered(caller, conversation.answered)
        when_gone(room, caller, conversation.caller_left)

    def _when_answered(self, caller: rtc.RemoteParticipant, then: Callable[[], object]) -> None:
        def up() -> None:
            self._answered_at = time.monotonic()
            if not self._resumes:
                rang_s = self._answered_at - self._began
                self._tell(Timed(what="answer", seconds=rang_s))
                call_trace.tell_answered(rang_s)
            then()

        when_answered(self._ctx.room, caller, up)

    @asynccontextmanager
    async def _closing(
        self, session: AgentSession[None], profile: Profile, journal: Journal
    ) -> AsyncIterator[None]:
        """Close the line before the session: the caller should not wait for our housekeeping."""
        try:
            yield
        except (Exception, asyncio.CancelledError):
            # Before the line closes: afterwards nobody hears it. Cancelled: the worker must stop.
            with contextlib.suppress(RuntimeError):
                session.interrupt(force=True)
            await self._parent_has_died()
            await self._say(profile, journal, "apology")
            raise
        finally:
            await self._hang_up()
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await session.aclose()
            except TimeoutError:
                log.warning("the session did not close in time")
            finally:
                # Of a session whose tasks were all cancelled too.
                if self._keeper is not None:
                    await self._keeper.close()

    async def _say(self, profile: Profile, journal: Journal, name: str) -> None:
        """Play a clip, whatever the session does, or without one."""
        if self._line_is_down:
            return
        clip = self._clips[profile.name][name]
        self._note_clip(clip, journal)
        sent = self._recorded("clip")
        heard = lambda frame, at: sent(bytes(frame.data.cast("b")), at)  # noqa: E731
        try:
            if self._parent_is_gone:
                async with joined_again(self._settings, self._ctx.room.name) as room:
                    await play_alone(room, clip, heard=heard)
            else:
                await play_alone(self._ctx.room, clip, heard=heard)
        except (Unheard, Unreachable):
            log.warning("a clip could not be played", clip=name)

    async def _hang_up(self) -> None:
        if self._line_is_down:
            return
        self._line_is_down = True
        try:
            async with asyncio.timeout(HANG_UP_TIMEOUT_S):
                # By the job's name for it: a room that was never joined has none of its own.
                await self._ctx.delete_room(self._ctx.job.room.name)
        except TimeoutError:
            log.warning("the room could not be deleted; `sip watch` closes the caller's line")

    async def _close(self, journal: Journal, ending: Ending) -> None:
        await self._hang_up()
        journal.write("ended", outcome=ending.outcome.value, reason=ending.reason)
        await self._keeping.close()
        if lost := journal.lost:
            self._tell(Happened(what="entry_lost", times=lost))
        since = self._answered_at
        talked_s = None if since is None else time.monotonic() - since
        self._tell(CallEnded(outcome=ending.outcome, seconds=talked_s))
        call_trace.tell_outcome(ending.outcome)
        log.info("call ended", outcome=ending.outcome.value, reason=ending.reason)
        await self._leave(ending.outcome.value)

    async def _leave(self, reason: str) -> None:
        """Close the line and let the process go; without this its place would stay taken."""
        await self._hang_up()
        if self._reporter:
            await self._reporter.close()
        self._ctx.shutdown(reason=reason)

    async def _parent_has_died(self) -> bool:
        """Asked when the job fails or is cancelled, which its death may have caused."""
        if self._reporter:
            await self._reporter.notice_death()
        return self._parent_is_gone

    @property
    def _parent_is_gone(self) -> bool:
        return self._reporter is not None and self._reporter.parent_is_gone

    def _note_clip(self, clip: Clip, journal: Journal) -> None:
        self._tell(Happened(what="clip", why=clip.name))
        journal.write("turn", speaker="clip", text=clip.text)

    def _tell(self, report: Report) -> None:
        if self._reporter:
            self._reporter.tell(report)


def _end_now(scope: asyncio.Timeout) -> None:
    # RuntimeError: it has ended by itself.
    with contextlib.suppress(RuntimeError):
        scope.reschedule(0)
