"""Who has read a message of an enterprise robot, as far as DingTalk tells."""

from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from alertmesh.core.ports import Http
from alertmesh.notify.dingapi import DingApi
from alertmesh.notify.dingcard import Place
from alertmesh.notify.dingcards import read

_PAGE = 200
_MOST_PAGES = 5


class _Group(Struct, rename="camel"):
    read_user_ids: list[str] = []
    has_more: bool = False
    next_token: str = ""


class _Info(Struct, rename="camel"):
    user_id: str = ""
    read_status: str = ""


class _Person(Struct, rename="camel"):
    message_read_info_list: list[_Info] = []


async def readers(
    api: DingApi, robot_code: str, place: Place, key: str, now: datetime, http: Http
) -> set[str]:
    """Return the staff ids of whoever read the message with DingTalk's id `key`; none if that is not told."""
    if place.group:
        return await _in_group(api, robot_code, place, key, now, http)
    query = f"robotCode={quote(robot_code, safe='')}&processQueryKey={quote(key, safe='')}"
    call = await api.call(http, "GET", f"/v1.0/robot/oToMessages/readStatus?{query}", None, now)
    infos = read(call.body, _Person).message_read_info_list if call.good else []
    return {info.user_id for info in infos if info.read_status == "READ"}


async def _in_group(
    api: DingApi, robot_code: str, place: Place, key: str, now: datetime, http: Http
) -> set[str]:
    found: set[str] = set()
    token = ""
    for _ in range(_MOST_PAGES):
        body = {
            "robotCode": robot_code,
            "openConversationId": place.id,
            "processQueryKey": key,
            "maxResults": _PAGE,
            **({"nextToken": token} if token else {}),
        }
        call = await api.call(http, "POST", "/v1.0/robot/groupMessages/query", body, now)
        page = read(call.body, _Group) if call.good else _Group()
        found.update(page.read_user_ids)
        token = page.next_token
        if not (page.has_more and token):
            break
    return found
