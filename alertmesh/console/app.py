"""Put the paths together: which handler, and which scope it takes to get there."""

from aiohttp import web

from alertmesh.console.actions import TAKES, Actions
from alertmesh.console.alertmanager import Alertmanager
from alertmesh.console.alertmanager_silences import AlertmanagerSilences
from alertmesh.console.alerts import Alerts
from alertmesh.console.auth import ActorHandler, Gate, Scope
from alertmesh.console.callbacks import Callbacks
from alertmesh.console.changes import ChangeEvents
from alertmesh.console.deliveries import Deliveries
from alertmesh.console.digest import Digest
from alertmesh.console.doors import Doors
from alertmesh.console.feedback import Feedbacks
from alertmesh.console.heartbeats import Heartbeats
from alertmesh.console.incidents import Incidents
from alertmesh.console.oncall import OnCallTimes
from alertmesh.console.oncall_overrides import Overrides
from alertmesh.console.operations import Operations
from alertmesh.console.pages import Pages
from alertmesh.console.policies import Policies
from alertmesh.console.problems import explain
from alertmesh.console.reports import Reporting
from alertmesh.console.service import Service
from alertmesh.console.silences import Silences
from alertmesh.console.sources import Sources
from alertmesh.console.suggestions import Suggestions
from alertmesh.console.topology import Topology
from alertmesh.console.users import Users
from alertmesh.console.why import Reasons
from alertmesh.metrics import Metrics

_FROM = "/from/{name:[A-Za-z0-9._:-]{1,64}}"
_INCIDENT = "/api/v1/incidents/{id:[0-9]+}"
_OVERRIDES = "/api/v1/oncall/overrides"
_LINGER_S = 2.0


class _Paths:
    """Collect routes behind one gate."""

    def __init__(self, app: web.Application, gate: Gate) -> None:
        self._router = app.router
        self._gate = gate

    def get(self, path: str, handler: ActorHandler) -> None:
        self._router.add_get(path, self._gate.guard(Scope.READ, handler))

    def call(self, path: str, handler: ActorHandler) -> None:
        for method in ("GET", "POST"):
            self._router.add_route(method, path, self._gate.guard(Scope.INGEST, handler))

    def delete(self, path: str, scope: Scope, handler: ActorHandler) -> None:
        self._router.add_delete(path, self._gate.guard(scope, handler))

    def post(self, path: str, scope: Scope, handler: ActorHandler) -> None:
        self._router.add_post(path, self._gate.guard(scope, handler))


def build_app(service: Service, metrics: Metrics) -> web.Application:
    """Return the web application; serve it with `runner`."""
    app = web.Application(middlewares=[explain])
    paths = _Paths(app, Gate(service, metrics))
    _add_alertmanager(app, paths, Alertmanager(service), AlertmanagerSilences(service, metrics))
    _add_changes(paths, ChangeEvents(service))
    _add_deliveries(paths, Deliveries(service))
    _add_doors(paths, Doors(service, metrics))
    _add_incidents(paths, service, metrics)
    _add_heartbeats(paths, Heartbeats(service))
    _add_feedback(paths, Feedbacks(service, metrics))
    _add_oncall(paths, service, metrics)
    _add_reports(paths, Reporting(service, metrics))
    _add_silences(paths, Silences(service, metrics))
    _add_topology(paths, Topology(service, metrics))
    _add_answers(app, Callbacks(service), Pages(service))
    _add_operations(app, paths, Operations(service, metrics))
    return app


def runner(app: web.Application) -> web.AppRunner:
    """Return what serves `app`.

    Bodies are inflated by `bodies`, which counts while it does so. There is no access log, since
    the address of a request may hold a token.
    """
    return web.AppRunner(
        app, access_log=None, auto_decompress=False, lingering_time=_LINGER_S, handle_signals=False
    )


def _add_alertmanager(
    app: web.Application, paths: _Paths, alertmanager: Alertmanager, silences: AlertmanagerSilences
) -> None:
    app.on_startup.append(alertmanager.begin)
    for prefix in ("", _FROM):
        root = prefix + "/api/v2"
        paths.get(root + "/alerts", alertmanager.alerts)
        paths.get(root + "/alerts/groups", alertmanager.groups)
        paths.get(root + "/receivers", alertmanager.receivers)
        paths.get(root + "/status", alertmanager.status)
        paths.get(root + "/silences", silences.index)
        paths.post(root + "/silences", Scope.RESPOND, silences.put)
        paths.get(root + "/silence/{id}", silences.show)
        paths.delete(root + "/silence/{id}", Scope.RESPOND, silences.expire)


def _add_answers(app: web.Application, callbacks: Callbacks, pages: Pages) -> None:
    """Add what needs no token: a channel knows its provider, and a code is only known to who was paged."""
    for method in ("GET", "POST"):
        app.router.add_route(method, "/api/v1/callbacks/{channel:[A-Za-z0-9._-]{1,64}}", callbacks.take)
    app.router.add_get("/p/{code:[0-9A-Za-z]{1,32}}", pages.show)
    app.router.add_post("/p/{code:[0-9A-Za-z]{1,32}}", pages.act)


def _add_changes(paths: _Paths, changes: ChangeEvents) -> None:
    paths.post("/api/v1/ingest/changes", Scope.INGEST, changes.take)
    paths.get("/api/v1/changes", changes.index)


def _add_deliveries(paths: _Paths, deliveries: Deliveries) -> None:
    paths.get("/api/v1/pages", deliveries.pages)
    # The id of an attempt has a slash in it: that of its page, then its channel.
    paths.post("/api/v1/pages/{id:.+}/retry", Scope.RESPOND, deliveries.retry)
    paths.get("/api/v1/deliveries/failed", deliveries.failed)
    paths.get("/api/v1/channels", deliveries.channels)
    paths.post("/api/v1/channels/{name:[^/]{1,64}}/probe", Scope.RESPOND, deliveries.probe)
    paths.post("/api/v1/users/{name:[^/]{1,200}}/test", Scope.RESPOND, deliveries.test)
    paths.get(_INCIDENT + "/message", deliveries.preview)


def _add_doors(paths: _Paths, doors: Doors) -> None:
    for prefix in ("", _FROM):
        paths.post(prefix + "/api/v1/ingest/{source}", Scope.INGEST, doors.native)
        paths.post(prefix + "/api/v2/alerts", Scope.INGEST, doors.alertmanager)


def _add_incidents(paths: _Paths, service: Service, metrics: Metrics) -> None:
    incidents = Incidents(service)
    actions = Actions(service, incidents, metrics)
    paths.get("/api/v1/incidents", incidents.index)
    paths.get(_INCIDENT, incidents.show)
    paths.get(_INCIDENT + "/timeline", incidents.timeline)
    paths.get(_INCIDENT + "/alerts", incidents.members)
    paths.get(_INCIDENT + "/causes", incidents.causes)
    paths.get(_INCIDENT + "/pages", incidents.pages)
    reasons = Reasons(service, incidents)
    paths.get(_INCIDENT + "/why", reasons.why)
    paths.get(_INCIDENT + "/why-not/{other:[0-9]+}", reasons.why_not)
    for action in TAKES:
        paths.post(f"{_INCIDENT}/{action.value}", Scope.RESPOND, actions.handler(action))
    answers = Suggestions(service, incidents, actions)
    paths.post(_INCIDENT + "/suggestions/{n:[0-9]+}", Scope.RESPOND, answers.answer)
    paths.get("/api/v1/alerts", Alerts(service).index)
    paths.get("/api/v1/digest", Digest(service).index)
    sources = Sources(service)
    paths.get("/api/v1/sources", sources.index)
    paths.post("/api/v1/sources/{source}/test", Scope.INGEST, sources.test)


def _add_heartbeats(paths: _Paths, heartbeats: Heartbeats) -> None:
    paths.get("/api/v1/heartbeats", heartbeats.index)
    paths.call("/api/v1/heartbeats/{name:[A-Za-z0-9._-]{1,64}}", heartbeats.call)


def _add_feedback(paths: _Paths, feedbacks: Feedbacks) -> None:
    paths.get("/api/v1/feedback", feedbacks.index)
    paths.post("/api/v1/feedback", Scope.RESPOND, feedbacks.take)


def _add_oncall(paths: _Paths, service: Service, metrics: Metrics) -> None:
    overrides = Overrides(service, metrics)
    paths.get(_OVERRIDES, overrides.index)
    paths.post(_OVERRIDES, Scope.RESPOND, overrides.put)
    paths.get(_OVERRIDES + "/{id}", overrides.show)
    paths.delete(_OVERRIDES + "/{id}", Scope.RESPOND, overrides.end)
    paths.post(_OVERRIDES + "/{id}/accept", Scope.RESPOND, overrides.accept)
    paths.post(_OVERRIDES + "/{id}/decline", Scope.RESPOND, overrides.decline)
    times = OnCallTimes(service)
    paths.get("/api/v1/oncall", times.index)
    paths.get("/api/v1/oncall/{roster}/shifts", times.shifts)
    paths.get("/api/v1/oncall/{roster}/gaps", times.gaps)
    paths.get("/api/v1/oncall/{roster}/calendar.ics", times.calendar)
    paths.get("/api/v1/oncall/people/{name}/calendar.ics", times.person_calendar)
    policies = Policies(service)
    paths.get("/api/v1/rosters", policies.rosters)
    paths.get("/api/v1/policies", policies.index)
    paths.get("/api/v1/users", Users(service).index)


def _add_reports(paths: _Paths, reporting: Reporting) -> None:
    paths.get("/api/v1/reports/response", reporting.response)
    paths.get("/api/v1/reports/load", reporting.load)
    paths.get("/api/v1/reports/noise", reporting.noise)
    paths.get("/api/v1/reports/delivery", reporting.delivery)
    paths.get("/api/v1/reports/coverage", reporting.coverage)
    paths.get("/api/v1/oncall/{roster}/handover", reporting.handover)
    paths.post("/api/v1/oncall/{roster}/handover", Scope.RESPOND, reporting.sign)


def _add_silences(paths: _Paths, silences: Silences) -> None:
    paths.get("/api/v1/silences", silences.index)
    paths.get("/api/v1/silences/{id}", silences.show)
    paths.post("/api/v1/silences", Scope.RESPOND, silences.put)
    paths.delete("/api/v1/silences/{id}", Scope.RESPOND, silences.expire)
    paths.get("/api/v1/maintenance", silences.maintenance)


def _add_topology(paths: _Paths, topology: Topology) -> None:
    paths.get("/api/v1/topology", topology.index)
    paths.post("/api/v1/topology", Scope.RESPOND, topology.put)


def _add_operations(app: web.Application, paths: _Paths, operations: Operations) -> None:
    paths.get("/metrics", operations.scrape)
    paths.get("/api/v1/status", operations.status)
    paths.post("/-/reload", Scope.ADMIN, operations.reload)
    app.router.add_get("/-/healthy", operations.healthy)
    app.router.add_get("/-/ready", operations.ready)
