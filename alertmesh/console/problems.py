"""Say what went wrong in the form of RFC 9457, `application/problem+json`.

Every answer of our own API that is not a success has this form. Paths under `/api/v2/` answer as
Alertmanager does, because its generated clients read nothing else. What is refused is worded in English
and told in the reader's language where the answer leaves (`explain`).
"""

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from msgspec import Struct
from msgspec.structs import replace

from alertmesh.chinese.forms import is_chinese
from alertmesh.chinese.problems import detail_in
from alertmesh.console.alertmanager_forms import Unfit
from alertmesh.console.connections import place
from alertmesh.console.views import IncidentView
from alertmesh.core.errors import AlertMeshError, Overloaded, StoreUnavailable

_PROBLEM = "application/problem+json"
_URN = "urn:alertmesh:"
_ALERTMANAGER = "/api/v2/"
_LANGUAGES = ("en", "zh")
_encode = msgspec.json.Encoder().encode

log = structlog.get_logger()


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of a refusal.

    `field` names the offending part of the request (a path in the body, a query parameter or a
    header). `incident` is the current state that a stale or impossible action met; `problems`
    lists the faults of a configuration.
    """

    type: str
    title: str
    status: int
    detail: str
    field: str = ""
    incident: IncidentView | None = None
    problems: tuple[str, ...] = ()


class ProblemAnswer(web.Response):
    """A problem as it is sent."""

    def __init__(self, problem: Problem, headers: Mapping[str, str]) -> None:
        super().__init__(status=problem.status, body=_encode(problem), content_type=_PROBLEM, headers=headers)
        self._problem = problem

    def told_to(self, request: web.Request) -> "ProblemAnswer":
        """Return this in the reader's language: the `language` that is asked for, or else their browser's."""
        language = request.query.get("language", "")
        if language not in _LANGUAGES:
            language = request.headers.get("Accept-Language", "")
            self.headers.add("Vary", "Accept-Language")
        said = replace(
            self._problem,
            detail=detail_in(language, self._problem.detail),
            problems=tuple(detail_in(language, one) for one in self._problem.problems),
        )
        if is_chinese(language) and said != self._problem:
            self.body = _encode(said)
            self.headers["Content-Language"] = "zh"
        return self


class Refused(AlertMeshError):
    """A request that is answered with a problem; `kind` is the last part of its type."""

    def __init__(
        self, status: int, kind: str, detail: str, field: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.field = field
        self.headers = headers or {}
        self.incident: IncidentView | None = None
        self.problems: tuple[str, ...] = ()

    def response(self) -> ProblemAnswer:
        """Return the HTTP answer."""
        body = Problem(
            type=_URN + self.kind,
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=str(self),
            field=self.field,
            incident=self.incident,
            problems=self.problems,
        )
        return ProblemAnswer(body, self.headers)


def try_later(error: Overloaded | StoreUnavailable) -> Refused:
    """Turn a passing inability into 503 with `Retry-After`, which every sender repeats on."""
    if isinstance(error, Overloaded):
        return Refused(503, "overloaded", str(error), headers=_retry(error.retry_after_s))
    return Refused(503, "store-unavailable", "the store does not take writes now", headers=_retry(1.0))


def _retry(seconds: float) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, -int(-seconds // 1)))}


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors raised by a handler or by routing into problems, told in the reader's language."""
    answer = await _answered(request, handler)
    return answer.told_to(request) if isinstance(answer, ProblemAnswer) else answer


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Unfit as unfit:
        return unfit.response()
    except Refused as refused:
        return told(request, refused)
    except (Overloaded, StoreUnavailable) as error:
        return told(request, try_later(error))
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _unrouted(request, error)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001
        return _unforeseen(request, error)


def _unforeseen(request: web.Request, error: Exception) -> web.Response:
    """Answer in spite of a fault of our own, and log where it is; the request itself may hold secrets."""
    route = request.match_info.route.resource
    log.error(
        "request_failed",
        method=request.method,
        path=route.canonical if route is not None else "",
        error=type(error).__name__,
        place=place(error),
    )
    if request.writer.output_size:
        raise ConnectionAbortedError("a part of the answer is sent already") from error
    return told(request, Refused(500, "unforeseen", "something went wrong here; the log says where"))


def told(request: web.Request, refused: Refused) -> web.Response:
    """Return a refusal in the form of the API that was asked: Alertmanager's tools read nothing but JSON."""
    if _ALERTMANAGER not in request.path:
        return refused.response()
    answer = Unfit(refused.status, str(refused), refused.status).response()
    answer.headers.update(refused.headers)
    return answer


def _unrouted(request: web.Request, error: web.HTTPException) -> web.Response:
    allowed = sorted(error.allowed_methods) if isinstance(error, web.HTTPMethodNotAllowed) else []
    headers = {"Allow": ",".join(allowed)} if allowed else {}
    if _ALERTMANAGER in request.path:
        return _as_alertmanager(request, error.status, allowed, headers)
    if allowed:
        detail = f"{request.method} is not possible here, only {', '.join(allowed)}"
        return Refused(error.status, "method-not-allowed", detail, headers=headers).response()
    if error.status == HTTPStatus.NOT_FOUND:
        return Refused(error.status, "not-found", "there is nothing at this path").response()
    return Refused(error.status, "bad-request", error.reason).response()


def _as_alertmanager(
    request: web.Request, status: int, allowed: list[str], headers: Mapping[str, str]
) -> web.Response:
    if allowed:
        named = ",".join(method for method in allowed if method != "HEAD")
        message = f"method {request.method} is not allowed, but [{named}] are"
    else:
        message = f"path {request.path} was not found"
    body = _encode({"code": status, "message": message})
    return web.Response(status=status, body=body, content_type="application/json", headers=headers)
