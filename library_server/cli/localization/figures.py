"""The figures that commands print for people: what each is called, and its value in the words and time of the place.

In brackets after the name stands the key of `--json`, which the handbooks use.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from library_server.cli.localization.language import gettext
from library_server.translations.message_catalogs import gettext_noop as _
from storage_config.units import format_bytes

FIGURE_NAMES: dict[str, str] = {
    "agrees": _("对得上"), "backlog": _("等着进索引"), "backup": _("备份"), "budget": _("预算"), "bytes": _("大小"),
    "checked": _("查了"), "copied": _("拷了"), "created_at": _("备份的时间"), "damaged": _("坏的"),
    "deletable": _("可以删的"), "deleted": _("删了"), "encoded": _("清了的转码"), "extra": _("多出来的"),
    "freed": _("腾出"), "key": _("对象"), "lacking": _("新存储里还缺"), "mended": _("补好的"), "missing": _("缺的"),
    "object_bytes": _("对象的大小"), "objects": _("对象数"), "oldest_check": _("最早查过的那份"), "over": _("还超出"),
    "passages": _("文字段落"), "pictures": _("清了的图片"), "purged": _("彻底删除"), "reachable": _("连得上"),
    "readable": _("索引读得出"), "record": _("记录号"), "records": _("记录数"), "refused": _("没有删的原因"),
    "regenerating": _("正在重做"), "remaining": _("还没有查的"), "remuxed": _("清了的视频缓存"),
    "restored": _("移回原处"),
    "schema": _("数据库的版本"), "seconds": _("用了几秒"), "settings_seen": _("看得到桶的设置"), "sha256": _("校验和"),
    "stored": _("存入的时间"), "switched": _("换到了新存储"), "there": _("原来就有"), "trashed": _("进回收站"),
    "unindexed": _("进不了索引"), "unnamed": _("没有记录用到的"), "used": _("用了"), "verified": _("逐个读过"),
    "version": _("程序的版本"), "volumes_free": _("空着的卷"), "volumes_most": _("最多的卷"), "writable": _("写得进"),
    "wrong_size": _("长度不对的"),
}  # fmt: skip
_LINE, _YES, _NO, _NONE = _("%(label)s（%(name)s）：%(value)s"), _("是"), _("否"), _("无")
_BYTES = frozenset(("bytes", "object_bytes", "budget", "used", "freed", "over", "remuxed", "pictures", "encoded"))
_TIMES = frozenset(("created_at", "oldest_check", "stored"))


def figure_line(name: str, value: Any) -> str:
    """Return a figure in one line: its name, its key and its value."""
    label, shown = gettext(FIGURE_NAMES.get(name, name)), _format_value(name, value)
    if label.replace(" ", "_") == name:  # in English, and for a key without a name
        return f"{label}: {shown}"
    return gettext(_LINE, label=label, name=name, value=shown)


def _format_value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext(_YES if value else _NO)
    if value is None:
        return "-"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or gettext(_NONE)
    if name in _BYTES and isinstance(value, int):
        return format_bytes(value)
    if name in _TIMES and isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone():%Y-%m-%d %H:%M}"
    return str(value)
