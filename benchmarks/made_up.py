"""Made-up but plausible records and EPUBs in any number; the same number always gives the same ones."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

from PIL import Image

from library_server.catalogue.dto import CreatorName, RecordDraft
from library_server.catalogue.enums import Kind

WORDS = (  # noqa: SIM905 - read more easily so
    "柑橘 栽培 水稻 节气 湘江 船歌 花鼓戏 唱腔 老街 口述 历史 村小 往事 围棋 入门 病虫害 "
    "防治 节水 灌溉 家庭 用药 株洲 天元 三门 群丰 雷打石 马家河 栗雨 炎帝 神农 醴陵 瓷器 "
    "火车 工厂 机车 劳动 诗词 书法 剪纸 皮影 太极 健康 养生 心理 儿童 故事 童话 科学 "
    "实验 数学 语文 英语 计算机 网络 电商 直播 农机 养殖 蔬菜 油茶 竹木 水库 桥梁 公路 "
).split()
FAMILY, GIVEN = "陈李周谭何王刘张黄曾彭罗邓唐肖", "守田月娥望水素芳一白建国秀英志强小明海燕春生"
CLASSES = ("S666", "S511", "I276", "J825", "K296", "G891", "R161", "TP312", "F323", "H12")


def draft(number: int) -> RecordDraft:
    """Record number `number`."""
    chance = random.Random(number)
    title = "".join(chance.sample(WORDS, chance.randint(2, 4)))
    name = chance.choice(FAMILY) + "".join(chance.sample(GIVEN, 2))
    return RecordDraft(
        kind=chance.choices(list(Kind), (60, 5, 10, 3, 4, 6, 2, 10))[0],
        title=f"{title}{number % 97 or ''}",
        creators=(CreatorName(name, "author"),),
        date=str(chance.randint(1949, 2026)),
        language="zh",
        clc=chance.choice(CLASSES),
        subjects=tuple(chance.sample(WORDS, 2)),
        abstract="，".join(chance.sample(WORDS, 12)),
    )


def write_epubs(folder: Path, count: int, size: int = 280_000) -> None:
    """`count` EPUBs of about `size` bytes with a cover of 1200 x 1600 and eight chapters."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        chance = random.Random(number)
        paint = Image.linear_gradient("L").resize((1200, 1600)).rotate(number % 4 * 90, expand=False)
        cover = Image.blend(paint, Image.effect_noise((1200, 1600), 40), 0.12).convert("RGB")
        picture = io.BytesIO()
        cover.save(picture, "JPEG", quality=75 if size > 200_000 else 40)
        book = draft(number)
        chapter = "".join(chance.choices("".join(WORDS), k=max(500, (size - picture.tell()) // 3)))
        _epub(folder / f"{number:05d}.epub", book, picture.getvalue(), chapter)


def _epub(path: Path, metadata: RecordDraft, cover: bytes, chapter: str) -> None:
    items = "".join(f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>' for n in range(8))
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(8))
    opf = (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">{path.stem}</dc:identifier>'
        f"<dc:title>{metadata.title}</dc:title><dc:creator>{metadata.creators[0].name}</dc:creator><dc:language>zh</dc:language>"
        f'</metadata><manifest><item id="cover" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/>'
        f"{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile '
        'full-path="o.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        book.writestr("META-INF/container.xml", container)
        book.writestr("o.opf", opf)
        book.writestr("cover.jpg", cover, zipfile.ZIP_STORED)
        for number in range(8):
            start = number * len(chapter) // 8
            text = chapter[start : start + len(chapter) // 8 or None]
            page = (
                f'<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>第{number + 1}章</h1><p>{text}</p></body></html>'
            )
            book.writestr(f"c{number}.xhtml", page, zipfile.ZIP_STORED)
