"""Names of bodies by the words that they end in: `湖南花鼓戏剧院`, `天元区志编纂委员会`."""

from __future__ import annotations

from typing import Final

from library_server.lazy_patterns import lazy_pattern

_LARGE: Final = "剧院|剧团|电视台|电台|学院|大学|文化馆|图书馆|文工团|艺术团|乐团|乐队|合唱团|歌舞团|曲艺团|出版社"
_OTHER: Final = (
    "委员会|编委会|编辑部|编写组|编辑组|办公室|小组|工作组|政府|党委|研究[会所院室]|实验室|协会|学会|公司|集团|中心"
    "|学校|中学|小学|大队|公社|博物馆"
)
_SHORT: Final = "[局馆社所院系厅部处站队校]"
LARGE_BODY: Final = lazy_pattern(rf"(?:{_LARGE})$")
"""The end of the name of a body in which hardly any title ends."""
BODY: Final = lazy_pattern(rf"(?:{_LARGE}|{_OTHER}|{_SHORT})$")
"""The end of the name of a body where names and not titles stand."""
