"""What a past incident has in common with one."""

from alertmesh.chinese.forms import Catalogue, is_chinese

_MORE = Catalogue([("{**} and {} more", "{} 等，另有 {} 个")]).place()
_SHARED = Catalogue(
    [
        ("the same alerts: {list}", "相同的告警：{}"),
        ("the same alerts in the same place: {list}", "同一位置的相同告警：{}"),
        ("the same likely root: {list}", "相同的可能根因：{}"),
        ("the same places: {list}", "相同的位置：{}"),
        ("the same words: {list}", "相同的文字：{}"),
        ("the same labels: {list}", "相同的标签：{}"),
        ("things of the same kind: {list}", "同类对象：{}"),
    ],
    list=_MORE,
)
_BETWEEN = "; "


def shared_in(language: str, shared: str) -> str:
    """Return what two incidents share, in a language.

    >>> shared_in("zh", "the same alerts: DiskFull; the same words: disk, full")
    '相同的告警：DiskFull；相同的文字：disk, full'
    """
    if not is_chinese(language):
        return shared
    return "；".join(_SHARED.told(part) or part for part in shared.split(_BETWEEN))
