"""Put the paths together: which handler, and which scope it takes to get there."""

from collections.abc import Callable
from functools import wraps

from aiohttp import web

from alertmesh.console.actions import TAKES, Actions
from alertmesh.console.alertmanager import Alertmanager
from alertmesh.console.alertmanager_silences import AlertmanagerSilences
from alertmesh.console.alerts import Alerts
from alertmesh.console.apidocs import ApiDocs
from alertmesh.console.audit import Audit
from alertmesh.console.auth import ActorHandler, Gate, Scope
from alertmesh.console.callbacks import Callbacks
from alertmesh.console.changes import ChangeEvents
from alertmesh.console.deliveries import Deliveries
from alertmesh.console.digest import Digest
from alertmesh.console.doors import Doors
from alertmesh.console.evidence import EvidenceDoor
from alertmesh.console.feedback import Feedbacks
from alertmesh.console.heartbeats import Heartbeats
from alertmesh.console.incidents import Incidents
from alertmesh.console.live import LiveStream
from alertmesh.console.members import Members
from alertmesh.console.modules import Modules
from alertmesh.console.noise import NoiseRules
from alertmesh.console.oidc import CALLBACK, ProviderDoor
from alertmesh.console.oncall import OnCallTimes
from alertmesh.console.oncall_overrides import Overrides
from alertmesh.console.openapi import Description
from alertmesh.console.operations import Operations
from alertmesh.console.pages import Pages
from alertmesh.console.policies import Policies
from alertmesh.console.problems import explain
from alertmesh.console.reports import Reporting
from alertmesh.console.rows import Rows
from alertmesh.console.rules import Rules
from alertmesh.console.runbooks import Runbooks
from alertmesh.console.savedviews import SavedViews
from alertmesh.console.service import Service
from alertmesh.console.session import Sessions
from alertmesh.console.silencepreview import SilencePreview
from alertmesh.console.silences import Silences
from alertmesh.console.sources import Sources
from alertmesh.console.static import Static, add_static
from alertmesh.console.suggestions import Suggestions
from alertmesh.console.topology import Topology
from alertmesh.console.users import Users
from alertmesh.console.why import Reasons
from alertmesh.metrics import Metrics

_FROM = "/from/{name:[A-Za-z0-9._:-]{1,64}}"
_INCIDENT = "/api/v1/incidents/{id:[0-9]+}"
_OVERRIDES = "/api/v1/oncall/overrides"


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

    def patch(self, path: str, scope: Scope, handler: ActorHandler) -> None:
        self._router.add_patch(path, self._gate.guard(scope, handler))

    def put(self, path: str, scope: Scope, handler: ActorHandler) -> None:
        self._router.add_put(path, self._gate.guard(scope, handler))

    def scoped(
        self, method: str, path: str, of: Callable[[web.Request], Scope], handler: ActorHandler
    ) -> None:
        """Add what takes a scope of its own, told by the request."""

        @wraps(handler)
        async def guarded(request: web.Request) -> web.StreamResponse:
            return await handler(request, self._gate.admit(request, of(request)))

        guarded.scope = Scope.READ  # type: ignore[attr-defined]  # the least that it can take

        self._router.add_route(method, path, guarded)


def build_app(service: Service, metrics: Metrics) -> web.Application:
    """Return the web application; serve it with `connections.runner`."""
    app = web.Application(middlewares=[explain])
    gate = Gate(service, metrics)
    paths = _Paths(app, gate)
    _add_alertmanager(app, paths, Alertmanager(service), AlertmanagerSilences(service, metrics))
    _add_changes(paths, ChangeEvents(service))
    _add_deliveries(paths, Deliveries(service))
    _add_doors(paths, Doors(service, metrics))
    _add_incidents(paths, service, metrics)
    _add_live(app, paths, LiveStream(service, gate, metrics))
    _add_heartbeats(paths, Heartbeats(service))
    _add_feedback(paths, Feedbacks(service, metrics))
    _add_modules(paths, Modules(service))
    paths.get("/api/v1/audit", Audit(service).index)
    _add_oncall(paths, service, metrics)
    _add_reports(paths, Reporting(service, metrics))
    _add_rules(paths, Rules(service), Digest(service), NoiseRules(service))
    sessions = Sessions(service, gate)
    _add_session(app, paths, sessions, SavedViews(service, gate))
    _add_provider(app, ProviderDoor(service, sessions))
    _add_silences(paths, Silences(service, metrics))
    paths.post("/api/v1/silences/preview", Scope.READ, SilencePreview(service).show)
    _add_topology(paths, Topology(service, metrics))
    _add_answers(app, Callbacks(service), Pages(service))
    _add_operations(app, paths, Operations(service, metrics))
    add_static(app, Static())
    description = Description(app)
    paths.get("/api/openapi.json", description.show)
    paths.get("/api/docs", ApiDocs(description).show)
    return app


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
    app.router.add_get("/p/{code}", pages.show)
    app.router.add_post("/p/{code}", pages.act)
    app.router.add_get("/p/look/{name}", pages.look)


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
    paths.get("/api/v1/incidents/rows", Rows(service, incidents).index)
    paths.get(_INCIDENT, incidents.show)
    paths.get(_INCIDENT + "/timeline", incidents.timeline)
    paths.get(_INCIDENT + "/alerts", Members(service, incidents).index)
    paths.get(_INCIDENT + "/causes", incidents.causes)
    paths.get(_INCIDENT + "/pages", incidents.pages)
    reasons = Reasons(service, incidents)
    paths.get(_INCIDENT + "/why", reasons.why)
    paths.get(_INCIDENT + "/why-not/{other:[0-9]+}", reasons.why_not)
    for action in TAKES:
        paths.post(f"{_INCIDENT}/{action.value}", Scope.RESPOND, actions.handler(action))
    _add_evidence(paths, EvidenceDoor(service, incidents), Runbooks(service, incidents, actions))
    answers = Suggestions(service, incidents, actions)
    paths.post(_INCIDENT + "/suggestions/{n:[0-9]+}", Scope.RESPOND, answers.answer)
    paths.get("/api/v1/alerts", Alerts(service).index)
    sources = Sources(service)
    paths.get("/api/v1/sources", sources.index)
    paths.post("/api/v1/sources/{source}/test", Scope.INGEST, sources.test)


def _add_evidence(paths: _Paths, evidence: EvidenceDoor, runbooks: Runbooks) -> None:
    paths.get(_INCIDENT + "/graph", evidence.graph)
    paths.get(_INCIDENT + "/changes", evidence.changes)
    paths.get(_INCIDENT + "/repeats", evidence.repeats)
    paths.get(_INCIDENT + "/similar", evidence.similar)
    paths.get(_INCIDENT + "/runbooks", runbooks.index)
    paths.post(_INCIDENT + "/step", Scope.RESPOND, runbooks.step)


def _add_heartbeats(paths: _Paths, heartbeats: Heartbeats) -> None:
    paths.get("/api/v1/heartbeats", heartbeats.index)
    paths.call("/api/v1/heartbeats/{name:[A-Za-z0-9._-]{1,64}}", heartbeats.call)


def _add_feedback(paths: _Paths, feedbacks: Feedbacks) -> None:
    paths.get("/api/v1/feedback", feedbacks.index)
    paths.post("/api/v1/feedback", Scope.RESPOND, feedbacks.take)


def _add_live(app: web.Application, paths: _Paths, live: LiveStream) -> None:
    app.on_startup.append(live.begin)
    app.on_shutdown.append(live.end)
    paths.get("/api/v1/live", live.stream)


def _add_modules(paths: _Paths, modules: Modules) -> None:
    root = "/api/v1/modules/{module:[a-z0-9_-]{1,32}}"
    paths.get("/api/v1/modules", modules.index)
    paths.scoped("GET", root + "/pages/{page:[a-z0-9_-]{1,32}}", modules.page_scope, modules.page)
    paths.scoped("POST", root + "/actions/{action:[a-z0-9_-]{1,32}}", modules.action_scope, modules.act)
    paths.scoped("POST", root + "/hooks/{hook:[a-z0-9_-]{1,32}}", modules.hook_scope, modules.hook)


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


def _add_session(app: web.Application, paths: _Paths, sessions: Sessions, views: SavedViews) -> None:
    """Add what is for each person; who is not signed in yet may ask who they are, and sign in."""
    app.router.add_get("/api/v1/session", sessions.show)
    app.router.add_post("/api/v1/session", sessions.begin)
    app.router.add_delete("/api/v1/session", sessions.end)
    app.router.add_post("/api/v1/session/password", sessions.change_password)
    paths.patch("/api/v1/session/settings", Scope.READ, sessions.settings)
    paths.get("/api/v1/views", views.index)
    one = "/api/v1/views/{name:[^/]{1,200}}"
    paths.get(one, views.show)
    paths.put(one, Scope.READ, views.put)
    paths.delete(one, Scope.READ, views.drop)


def _add_provider(app: web.Application, door: ProviderDoor) -> None:
    """Add sign-in by an OpenID provider, for who is not signed in yet."""
    app.router.add_get("/api/v1/session/ways", door.ways)
    app.router.add_get("/api/v1/session/oidc/start", door.start)
    app.router.add_get(CALLBACK, door.callback)
    app.router.add_post("/api/v1/session/oidc/logout", door.logout)


def _add_rules(paths: _Paths, rules: Rules, digest: Digest, noise: NoiseRules) -> None:
    paths.get("/api/v1/noise", noise.index)
    paths.get("/api/v1/digest", digest.index)
    for action, scope, handler in (
        ("preview", Scope.READ, digest.preview),
        ("apply", Scope.ADMIN, digest.apply),
        ("dismiss", Scope.RESPOND, digest.dismiss),
        ("recall", Scope.RESPOND, digest.recall),
    ):
        paths.post(f"/api/v1/digest/{{id:[^/]{{1,64}}}}/{action}", scope, handler)
    root = "/api/v1/rules"
    paths.get(root, rules.index)
    paths.get(root + "/schema/{name}", rules.schema)
    paths.post(root + "/check", Scope.ADMIN, rules.check)
    paths.get(root + "/dry-run", rules.trials)
    paths.post(root + "/dry-run", Scope.ADMIN, rules.try_out)
    paths.get(root + "/dry-run/{id}", rules.trial)
    paths.delete(root + "/dry-run/{id}", Scope.ADMIN, rules.cancel)
    # The path of a rule file may have a slash in it.
    paths.post(root + "/{path:.+}/rollback", Scope.ADMIN, rules.roll_back)
    paths.get(root + "/{path:.+}", rules.show)
    paths.put(root + "/{path:.+}", Scope.ADMIN, rules.save)
    paths.delete(root + "/{path:.+}", Scope.ADMIN, rules.delete)


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
