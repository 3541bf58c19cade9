"""The words for kinds and access levels in lists, as librarians write them, in CSV and workbooks."""

from __future__ import annotations

_KINDS = {
    "book": "图书 书 电子书 book ebook 期刊", "audio": "音频 有声书 有声 录音 听书 audio",
    "lecture": "讲座 课程 微课 视频 lecture",
    "film": "电影 影片 纪录片 film movie", "performance": "戏曲 演出 花鼓戏 曲艺 戏剧 performance",
    "story": "故事 口述 口述史 story", "person": "人物 名人 person", "photo": "照片 图片 老照片 photo image",
}  # fmt: skip
KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
ACCESS_OF = {
    "公开": "public", "所有人": "public", "免费": "public", "开放": "public", "public": "public", "无限制": "public",
    "读者证": "members", "注册读者": "members", "仅限读者": "members", "持证读者": "members", "members": "members",
    "馆内": "premises", "仅限馆内": "premises", "馆内阅览": "premises", "局域网": "premises", "premises": "premises",
}  # fmt: skip
