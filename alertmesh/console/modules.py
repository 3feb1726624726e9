"""What PaaS modules bring: their pages as described, their actions, and the addresses others post to."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from alertmesh.console.auth import Scope
from alertmesh.console.bodies import read_body, read_json, send_json
from alertmesh.console.problems import Refused
from alertmesh.console.service import Service
from alertmesh.console.tells import Object, tells
from alertmesh.core.errors import (
    BadCommand,
    BadConfig,
    BadPayload,
    MonitorRefused,
    MonitorUnavailable,
    PluginFailed,
)
from alertmesh.core.module import Choice, Done, Field, FieldType, Given, Module, ModuleAction, ModulePage
from alertmesh.core.ports import AuditEntry, Inbound
from alertmesh.core.sheet import Sheet, Words, both

_GIVEN: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(
    dict[str, str | int | float | bool | None]
)
_SHOWN = 100
_REASONS = (PluginFailed, MonitorRefused, MonitorUnavailable)


class FieldView(Struct, frozen=True, kw_only=True):
    """A field of a form; see `core/module.py`. `choices` of a field of the type `person` are the people."""

    name: str
    label: Words
    type: str
    required: bool
    default: str
    choices: list[Choice]
    least: float | None
    most: float | None
    hint: Words | None


class PageView(Struct, frozen=True, kw_only=True):
    """A page of a module before it is drawn; `fields` are what its query may hold."""

    name: str
    title: Words
    about: Words | None
    fields: list[FieldView]
    scope: str
    refresh_s: float


class ActionView(Struct, frozen=True, kw_only=True):
    """An action of a module; `confirm` is asked before, `danger` says that it cannot be taken back."""

    name: str
    label: Words
    about: Words | None
    fields: list[FieldView]
    scope: str
    confirm: Words | None
    danger: bool


class ModuleView(Struct, frozen=True, kw_only=True):
    """A module; `troubles` are what its tasks could not do, by task."""

    name: str
    title: Words
    summary: Words
    pages: list[PageView]
    actions: list[ActionView]
    hooks: list[str]
    troubles: dict[str, str]


class ModuleList(Struct, frozen=True):
    """Every module, by name."""

    modules: list[ModuleView]


class DrawnPage(Struct, frozen=True):
    """A page as it is now."""

    page: PageView
    sheet: Sheet


class Modules:
    """The handlers of `/api/v1/modules`."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @tells(ModuleList)
    async def index(self, _request: web.Request, _actor: str) -> web.StreamResponse:
        """Return every module with its pages and actions."""
        return send_json(ModuleList([self._view(module) for module in self._service.desks.modules.all()]))

    @tells(DrawnPage)
    async def page(self, request: web.Request, _actor: str) -> web.StreamResponse:
        """Return a page as it is now; 400 names the field of the query that is wrong."""
        module, name = request.match_info["module"], request.match_info["page"]
        desk = self._service.desks.modules
        try:
            sheet = await desk.draw(module, name, _query(request))
        except KeyError as error:
            raise _unknown("page", module, name) from error
        except BadPayload as error:
            raise Refused(400, "bad-query", str(error), error.field) from error
        except BadCommand as error:
            raise Refused(409, "impossible", str(error)) from error
        except _REASONS as error:
            raise Refused(502, "module-failed", str(error)) from error
        return send_json(DrawnPage(self._page(desk.page(module, name)), sheet))

    @tells(Done, takes=Object)
    async def act(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Do an action; 422 names the field that is wrong."""
        module, name = request.match_info["module"], request.match_info["action"]
        body = await read_json(request, _GIVEN)
        try:
            given = self._service.desks.modules.check(module, name, body)
        except KeyError as error:
            raise _unknown("action", module, name) from error
        except BadPayload as error:
            raise Refused(422, "wrong-type", str(error), error.field) from error
        await self._audit(actor, module, name, given)
        return send_json(await self._done(module, name, given, actor))

    @tells(None, media="*/*")
    async def hook(self, request: web.Request, actor: str) -> web.StreamResponse:
        """Take what another program posts; the module says what it is answered."""
        module, name = request.match_info["module"], request.match_info["hook"]
        inbound = Inbound(
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={key.lower(): value for key, value in request.headers.items()},
            body=await read_body(request, self._service.limits),
            at=self._service.clock.now(),
        )
        try:
            status, body, content_type = await self._service.desks.modules.take(module, name, inbound)
        except KeyError as error:
            raise _unknown("hook", module, name) from error
        except BadPayload as error:
            raise Refused(400, "unreadable", str(error), error.field or "body") from error
        except _REASONS as error:
            raise Refused(502, "module-failed", str(error)) from error
        headers = {"Content-Type": content_type} if content_type else {}
        return web.Response(status=status, body=body, headers=headers)

    def page_scope(self, request: web.Request) -> Scope:
        """Return what it takes to see the page that is asked for."""
        return self._scope(request, "page")

    def action_scope(self, request: web.Request) -> Scope:
        """Return what it takes to do the action that is asked for."""
        return self._scope(request, "action")

    def hook_scope(self, request: web.Request) -> Scope:
        """Return what it takes to post to the hook that is asked for."""
        return self._scope(request, "route", "hook")

    def _scope(self, request: web.Request, kind: str, named: str = "") -> Scope:
        find = getattr(self._service.desks.modules, kind)
        try:
            return Scope(find(request.match_info["module"], request.match_info[named or kind]).scope)
        except KeyError:
            return Scope.READ  # whoever may read is told that there is none

    async def _done(self, module: str, name: str, given: Given, actor: str) -> Done:
        try:
            return await self._service.desks.modules.act(module, name, given, actor)
        except BadPayload as error:
            raise Refused(422, "wrong-type", str(error), error.field) from error
        except BadCommand as error:
            raise Refused(409, "impossible", str(error)) from error
        except BadConfig as error:
            refused = Refused(422, "bad-config", "the configuration has faults; the old one stays", "config")
            refused.problems = tuple(error.problems)
            raise refused from error
        except _REASONS as error:
            raise Refused(502, "module-failed", str(error)) from error

    async def _audit(self, actor: str, module: str, name: str, given: Given) -> None:
        """Write it down first: there must be no action without a line."""
        told = ((key, str(value)) for key, value in given.values.items() if value is not None)
        entry = AuditEntry(
            at=self._service.clock.now(),
            actor=actor,
            action=f"{module}.{name}",
            target=f"module/{module}",
            detail=" ".join(f"{key}={_short(value)}" for key, value in told),
        )
        await self._service.audit(entry)

    def _view(self, module: Module) -> ModuleView:
        troubles = self._service.desks.modules.troubles
        return ModuleView(
            name=module.name,
            title=module.title,
            summary=module.summary,
            pages=[self._page(page) for page in module.pages],
            actions=[self._action(action) for action in module.actions],
            hooks=[route.name for route in module.routes],
            troubles={task: said for (name, task), said in troubles.items() if name == module.name},
        )

    def _page(self, page: ModulePage) -> PageView:
        return PageView(
            name=page.name,
            title=page.title,
            about=page.about,
            fields=[self._field(field) for field in page.fields],
            scope=page.scope,
            refresh_s=page.refresh_s,
        )

    def _action(self, action: ModuleAction) -> ActionView:
        return ActionView(
            name=action.name,
            label=action.label,
            about=action.about,
            fields=[self._field(field) for field in action.fields],
            scope=action.scope,
            confirm=action.confirm,
            danger=action.danger,
        )

    def _field(self, field: Field) -> FieldView:
        choices = list(field.choices)
        if field.type is FieldType.PERSON:
            users = self._service.duties.oncall().users
            choices = [Choice(name, both(users[name].display or name)) for name in sorted(users)]
        return FieldView(
            name=field.name,
            label=field.label,
            type=field.type,
            required=field.required,
            default=field.default,
            choices=choices,
            least=field.least,
            most=field.most,
            hint=field.hint,
        )


def _query(request: web.Request) -> Mapping[str, Any]:
    for name in request.query:
        if len(request.query.getall(name)) > 1:
            raise Refused(400, "bad-query", "is given twice", name[:64])
    return dict(request.query)


def _unknown(kind: str, module: str, name: str) -> Refused:
    return Refused(
        404, f"unknown-{kind}", f"there is no {kind} {name[:64]!r} of a module {module[:64]!r}", kind
    )


def _short(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"
