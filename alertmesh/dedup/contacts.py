"""Know when each sender was last heard, how far its clock is off, and whether it fell silent.

The repeat filter sees alerts; this sees requests, those that only repeat among them. A sender that
dies takes its alerts with it: their leases run out one after another, which looks like healing.
So a silent sender becomes an alert of its own, which stands in the log before those ends.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from alertmesh.core.alert import Entity, Parsed, Priority
from alertmesh.core.contact import MODULE_SOURCE, TEST_DOOR, SourceStatus
from alertmesh.core.entries import Ended, Fired, LogEntry
from alertmesh.core.labels import fingerprint
from alertmesh.core.ports import Door
from alertmesh.core.records import Records, Row
from alertmesh.dedup.beats import CALLS
from alertmesh.dedup.contact import Contact, ContactState
from alertmesh.dedup.heartbeat import SILENT, own_alert
from alertmesh.dedup.heartbeatsettings import ContactSettings
from alertmesh.dedup.instance import NEVER, DoorKey, Instance
from alertmesh.dedup.repeats import Admission, RepeatFilter
from alertmesh.dedup.wording import clock, span

_LOOK_EVERY = timedelta(seconds=1)
_AWAY = timedelta(seconds=30)
_SAVE_EVERY = timedelta(minutes=1)


def _always(_key: DoorKey) -> bool:
    return True


class Contacts:
    """Follow every door. What is decided comes out as entries for the log.

    An entry that `check` or `judge` returned counts once it is given to `logged`. `stands` tells
    whether a door is still there: one that is not is waited for no more, and forgotten.
    """

    def __init__(
        self, filter: RepeatFilter, settings: ContactSettings, stands: Callable[[DoorKey], bool] = _always
    ) -> None:
        self.settings = settings
        self._stands = stands
        self.records = Records[str, ContactState]("contacts", ContactState)
        self.filter = filter
        self._known: dict[DoorKey, Contact] = {}
        self._looked_at: datetime | None = None
        self._checked_at: datetime | None = None
        self._saved_at: datetime | None = None
        self._patient_from: datetime | None = None

    def restore(self, rows: Iterable[tuple[str | int, bytes]], now: datetime) -> None:
        """Take back what was known before a restart, after the filter was; all get a full grace."""
        self.records.restore((str(key), body) for key, body in rows)
        self._patient_from = self._looked_at = now
        for state in self.records.values():
            contact = Contact(state)
            contact.owing, contact.moved = state.owing, False
            if self.filter.sighted(_name(state)) is not None:
                contact.silent_since = state.last_seen
            self._known[state.source, state.name] = contact

    def jump(self, by: timedelta, now: datetime) -> None:
        """Go along with a jump of the clock by `by` to `now`; everybody gets a full grace."""
        self._patient_from = self._looked_at = now
        self._checked_at = self._saved_at = None
        for contact in self._known.values():
            contact.shift(by, now)

    def heard(self, door: Door, parsed: Parsed, now: datetime) -> None:
        """Note a request."""
        if door.source in (CALLS.source, MODULE_SOURCE) or door.name == TEST_DOOR:
            return
        contact = self._contact(door, now)
        contact.hear(now, self._patient_from)
        contact.count(now, len(parsed.sightings), len(parsed.rejected))
        if parsed.rejected:
            contact.refuse(now, (one.error for one in parsed.rejected))

    def misheard(self, door: Door, now: datetime, why: str) -> None:
        """Note a request whose body could not be read; that it came says nothing about its alerts."""
        contact = self._contact(door, now)
        contact.unreadable += 1
        contact.refuse(now, (why,), whole=True)

    def admitted(self, door: Door, admission: Admission, now: datetime) -> None:
        """Learn from fresh alerts how far the sender's clock is off."""
        contact = self._known.get((door.source, door.name))
        if contact is None:
            return
        contact.rejected += len(admission.refused)
        if admission.refused:
            contact.refuse(now, (error for _, error in admission.refused))
        for transition in admission.transitions:
            instance = transition.instance
            if instance.firing and instance.seen_start is not None:
                contact.measure(now - instance.seen_start)

    def check(self, now: datetime) -> list[LogEntry]:
        """Return an alert for each sender that fell silent; ends for those heard again, or without a door."""
        self._wake(now)
        if self._checked_at is not None and now - self._checked_at < _LOOK_EVERY:
            return []
        self._checked_at = now
        said: list[LogEntry] = []
        for contact in list(self._known.values()):
            stands = self._stands(contact.key)
            if contact.silent_since is not None:
                if contact.state.last_seen > contact.silent_since or not stands:
                    said.append(Ended(_name(contact.state), now, now))
            elif not stands:
                self._forget(contact)
            elif self.settings.enabled and self._is_silent(contact, now):
                said.append(self._alert(contact, now))
        return said

    def judge(self, admission: Admission, now: datetime) -> Admission:
        """Return an admission of leases that ran out, with those marked whose sender fell silent.

        The alert that tells of the silence comes first.
        """
        self._wake(now)
        lost: dict[DoorKey, str] = {}
        said: list[LogEntry] = []
        for key in dict.fromkeys(one.instance.door for one in admission.transitions):
            contact = self._known.get(key) if key is not None else None
            if contact is None or key is None:
                continue
            contact.judged = False
            if contact.silent_since is None and self._takes_many(contact, now):
                said.append(self._alert(contact, now))
            elif contact.silent_since is None or contact.state.last_seen > contact.silent_since:
                continue
            lost[key] = contact.label
        if not lost:
            return admission
        ends = zip(admission.entries, admission.transitions, strict=True)
        marked = [_because(entry, lost.get(one.instance.door or ("", ""), "")) for entry, one in ends]
        return replace(admission, entries=[*said, *marked])

    def logged(self, entries: Iterable[LogEntry]) -> None:
        """Take note that these entries are in the log."""
        ours = {_name_in(entry): entry for entry in entries}
        for contact in self._known.values():
            entry = ours.get(_name(contact.state))
            if entry is not None:
                contact.silent_since = contact.state.last_seen if isinstance(entry, Fired) else None
                self.filter.observe(entry)

    def rows(self, now: datetime) -> list[Row]:
        """Return what to write, once a minute at most."""
        if self._saved_at is not None and now - self._saved_at < _SAVE_EVERY:
            return []
        self._saved_at = now
        for contact in self._known.values():
            if contact.moved:
                contact.moved = False
                contact.owing = any(self._owed(contact, now + self.settings.longest))
                self.records.put(contact.label, contact.saved())
        return self.records.drain()

    def statuses(self) -> list[SourceStatus]:
        """Return every sender as it stands."""
        learn, now = self.settings.learn, self._looked_at
        return [contact.status(learn, now) for _, contact in sorted(self._known.items())]

    def _contact(self, door: Door, now: datetime) -> Contact:
        contact = self._known.get((door.source, door.name))
        if contact is None:
            contact = Contact(ContactState(door.name, door.source, now))
            self._known[door.source, door.name] = contact
        return contact

    def _forget(self, contact: Contact) -> None:
        del self._known[contact.key]
        self.records.drop(contact.label)

    def _wake(self, now: datetime) -> None:
        """Notice when we did not look for a while: then nobody can be blamed for what was not heard."""
        if self._looked_at is None or now - self._looked_at > _AWAY:
            self._patient_from = now
        self._looked_at = now

    def _quiet(self, contact: Contact, now: datetime) -> timedelta:
        """Return for how long nothing was heard while we listened."""
        return now - max(contact.state.last_seen, self._patient_from or contact.state.last_seen)

    def _is_silent(self, contact: Contact, now: datetime) -> bool:
        usual = contact.usual_gap(self.settings.learn)
        if usual is None or usual > self.settings.longest or contact.judged:
            return False
        if self._quiet(contact, now) < max(self.settings.least, self.settings.factor * usual):
            return False
        owes = contact.owing or any(self._owed(contact, now))
        contact.judged = not owes
        return owes

    def _owed(self, contact: Contact, until: datetime) -> Iterator[Instance]:
        """Return the alerts that a sender should have repeated by `until`; a regular one, all that fire."""
        latest = NEVER if contact.is_regular() else until
        return self.filter.owed_by(contact.key, contact.state.last_seen, latest)

    def _takes_many(self, contact: Contact, now: datetime) -> bool:
        """Tell whether a sender that is quiet owes so many repeats that it cannot be well.

        Alerts count whose leases were at most twice as long as it has been quiet by now.
        """
        usual = contact.usual_gap(self.settings.learn)
        if not self.settings.enabled or usual is None or usual > self.settings.longest:
            return False
        quiet = self._quiet(contact, now)
        if quiet < max(self.settings.quiet, self.settings.factor * usual):
            return False
        owed = list(self.filter.owed_by(contact.key, contact.state.last_seen, now + quiet))
        return len(owed) >= self.settings.mass or any(one.pace is not None for one in owed)

    def _alert(self, contact: Contact, now: datetime) -> Fired:
        usual = contact.usual_gap(self.settings.learn) or timedelta(0)
        owed = sum(1 for _ in self._owed(contact, now + self._quiet(contact, now)))
        text = (
            f"Nothing was heard of {contact.label} since {clock(contact.state.last_seen)}, which otherwise"
            f" comes every {span(usual.total_seconds())}; {owed} of its alerts fired then."
        )
        entity = Entity("service", contact.state.name)
        priority = Priority[self.settings.priority]
        return Fired(own_alert(_labels(contact.state), priority, entity, {"summary": text}, now), now)


def _labels(state: ContactState) -> Mapping[str, str]:
    return {"alertname": SILENT, "source": state.source, "instance": state.name}


def _name(state: ContactState) -> str:
    return fingerprint(_labels(state))


def _name_in(entry: LogEntry) -> str:
    match entry:
        case Fired(alert=alert):
            return alert.fingerprint
        case Ended(fingerprint=name):
            return name
    return ""


def _because(entry: LogEntry, lost: str) -> LogEntry:
    return replace(entry, lost=lost) if lost and isinstance(entry, Ended) else entry
