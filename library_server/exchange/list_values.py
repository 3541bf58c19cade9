"""The words for kinds in lists, as librarians write them, in CSV and workbooks."""

from __future__ import annotations

_KINDS = {
    "book": "图书 书 电子书 book ebook 期刊 普通图书 专著 连环画 古籍 教材 绘本",
    "audio": "音频 有声书 有声 录音 听书 audio",
    "lecture": "讲座 课程 微课 视频 lecture",
    "film": "电影 影片 纪录片 电视剧 动画片 film movie", "performance": "戏曲 演出 花鼓戏 曲艺 戏剧 performance",
    "story": "故事 口述 口述史 story", "person": "人物 名人 person", "photo": "照片 图片 老照片 photo image",
}  # fmt: skip
KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
