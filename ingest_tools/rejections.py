"""Why a source is refused: a stable code, and the sentence that says what to do, translated where it is shown."""

from __future__ import annotations

from library_server.processes.errors import ReportedError
from library_server.translations.message_catalogs import gettext_noop as _
from library_server.translations.message_catalogs import with_cause, with_detail

INTERNAL = "internal"
SHOWN_CHARACTERS = 200
"""So much of a value or a detail is kept in a refusal."""
REASONS: dict[str, str] = {
    "empty_file": _("文件是空的：请从原处重新复制。"),
    "no_text": _("文档打得开，里面没有文字，也没有图片：是空白的模板就不用收，内容丢了就换一份。"),
    "unknown_format": _("认不出是什么文件：请转成 EPUB、PDF、MP4、MP3 或 JPEG 再入库。"),
    "archive": _("这样的压缩包打不开：包里还套着两层包的、写在表里的、ACE 的，请解压后再收。"),
    "archive_volumes": _("压缩包分成了几卷（括号里写着）：请放在一起解压，再收解开的文件夹。"),
    "archive_method": _("压缩包里这个文件的压缩法（括号里写着）这里打不开：请用 7-Zip 解压，再收解开的文件。"),
    "volume_missing": _("分卷的压缩包缺了几卷，缺的写在括号里：各卷放在一起，再收一次。"),
    "unsafe_member": _("压缩包里的这一条是链接，或者指到了压缩包外面，没有解开。"),
    "same_name": _("压缩包里另有内容不同的文件或文件夹叫这个名字，只收了前一个：请解压，改名以后再收。"),
    "name_too_long": _("文件名太长，这里的磁盘存不下（约 85 个汉字）：请解压，把名字改短再收。"),
    "no_pages": _("漫画包里没有图片（里面的写在括号里）：装的是别的书，就把扩展名改成 .zip 或 .rar 再收。"),
    "comic_archive": _("漫画打成了 ACE 包（CBA），这里打不开：请解压后打成 ZIP，扩展名写 .cbz。"),
    "web_page": _("网页不能入库：请在浏览器里打印成 PDF，或把文字另存为文本。"),
    "vector_picture": _("矢量图（SVG）里可以带程序，不能入库：请导出为 PNG 或 JPEG。"),
    "data_file": _("这是给程序读的数据文件（XML、CSS、日志等），不是文章。"),
    "other_document": _("这种文档请另存为 DOCX 或 PDF 再入库。"),
    "program_missing": _("收这种文件要用的程序没有装：请管理员装上括号里的，再收一次这一批，或另存为 PDF。"),
    "reader_format": _("这种格式只有它自己的阅读软件打得开：请用那个软件打开，另存为或打印成 PDF 再入库。"),
    "program": _("程序文件不能入库：EXE 电子书请打开它，另存为文本或打印成 PDF；自己会解压的压缩包请先解压。"),
    "damaged": _("文件已损坏，读不完整：请换一份。"),
    "truncated": _("文件不完整（可能没有复制完）：请重新复制。"),
    "encrypted": _("文件有密码：请去掉密码后再试。"),
    "drm": _("电子书有版权保护（DRM），这里打不开：请用无保护的版本。"),
    "too_large": _("内容大得异常，已停止读取。"),
    "no_room": _("数据文件夹所在的磁盘剩下的不够解开这个包：请腾出空间，再收一次这一批。"),
    "too_slow": _("读取时间过长，已停止：请检查文件是否正常。"),
    "out_of_memory": _("读取需要的内存过多，已停止。"),
    "parser_crashed": _("读取程序出错停止了：请换一份文件或转换格式。"),
    "unreadable": _("没有权限或磁盘读不出：请检查权限和磁盘。"),
    "changed_while_read": _("文件正在改动：请等它写完再入库。"),
    "not_a_file": _("不是普通文件（设备、管道或断开的链接）。"),
    "bad_text": _("文字编码认不出：请另存为 UTF-8。"),
    "orphan_subtitle": _("字幕旁边没有同名的视频或音频：请把名字改成和片子一样，把这个文件夹再收一次。"),
    "main_refused": _("它要跟着的那个文件没有收下：把那个文件换好，再收一次，它会一起收进来。"),
    "untimed": _("字幕或歌词里没有读得出的时间：影音照收，用字幕软件加上时间再收。"),
    "picture_subtitles": _("画成图片的字幕（VobSub、SUP）里没有文字：影音照收，用字幕软件认成 SRT 再收。"),
    "bad_cue": _("CUE 里没有读得出的曲目和时间：录音照收，章节要改好 CUE 再收。"),
    "bad_nfo": _("NFO 写得不完整，读不出：片子照收，用媒体中心重新导出 NFO 再收。"),
    "playlist": _("这是播放列表，只写着别的文件在哪里，不是影音本身：请给出影音文件。"),
    "link_outside": _("这是一个链接，指到了给出的文件夹之外，不能收：请把文件本身放进来。"),
    "inside_library": _("这里是图书馆自己的数据文件夹，不能当作来源。"),
    "no_streams": _("里面没有可播放的画面或声音。"),
    "bad_cells": _("表里有看不懂的格子：照着说明改好，再把表交来，只收改好的行。"),
    "bad_front_matter": _("抬头（--- 之间的几行）写得不对：每行写成“栏目: 内容”，冒号用半角，后面空一格。"),
    "bad_access": _("文件里写着谁可以看，但写法认不出：请改成公开、读者证或馆内。"),
    "same_file_said_otherwise": _("这个文件和另一行的文件内容完全一样，两行写的却不同：核对以后改成一样，或删去一行。"),
    "repeated_row": _("和前面一行完全一样：是多册就在前一行填册数。"),
    "record_id_mismatch": _(
        "行里的记录号在本馆是另一条记录，题名、作者和文件名都对不上，没有改动：核对记录号，新书就清空。"
    ),
    "file_of_other_record": _(
        "行里写的文件在本馆是另一条记录的（括号里写着），没有改动：核对记录号和文件名，两样要是同一条记录的。"
    ),
    "record_edited_since": _("导出以后，本馆在同一栏也改过，两边不一样：重新导出再改，或把这一栏写成和本馆一样。"),
    "record_withdrawn": _("这条记录已经下架或并入别的记录，改动没有收：要恢复请在工作台上办，或改并入的那一条。"),
    "no_headings": _(
        "表里没有读到一行书目：前 30 行里要有一行标题，写着书名（或文件）和别的栏目名，标题下面至少填一行；"
        "不是清单的表，另存为 PDF 再收。"
    ),
    "part_unread": _(
        "表里有一部分没有当作行读（没有标题行的页、示例、合计行），却写着没收的文件：写到标题行下面，或从表里删去。"
    ),
    "file_missing": _("表里写的文件找不到：把文件和表放在一起，或改正路径。"),
    "row_refused": _("表里有一行写着这个文件，那一行没收，文件先不收，免得没有使用范围就公开：改好那一行。"),
    "list_refused": _(
        "表没收下，里面也许写着这个文件只给谁看，文件先不收：改好表，和文件一起再收；不是清单的表请移走。"
    ),
    "file_outside": _("表里写的文件不在给出的文件夹里，不能收。"),
    "marc_cut": _("MARC 记录不完整，后面断了：请重新导出。"),
    "marc_damaged": _("MARC 记录的目次区坏了，读不出。"),
    "marc_untitled": _("MARC 记录没有题名（200 或 245 字段）。"),
    "marc_other": _("这条 MARC 记录不是书目（是规范、馆藏记录，或者标着已删除），没有收。"),
    "untitled": _("这条都柏林核心（DC）记录没有题名（title）。"),
    "partial_answer": _("OAI-PMH 的应答只是一部分，后面还有（resumptionToken）：用它接着取，把后面几批也收进来。"),
    "no_records": _("这是 SRU 或 OAI-PMH 的应答，里面没有书目记录（对方说的在括号里）：改检索式或参数，取到记录再收。"),
    "raw_photo": _("相机的 RAW 原片这里显示不了：请用相机软件导出 JPEG 或 TIFF。"),
    "layered_picture": _("画图软件的工程文件，里面没有能直接看的画面：请用那个软件导出 JPEG、PNG 或 TIFF。"),
    INTERNAL: _("程序在这一条上出了错，别的照常入库：请把日志里 entry_failed 那一行交给维护的人，修好以后再收这一条。"),
    "storage_failed": _("存入时出错：请检查磁盘后再运行一次。"),
}


FILM_EXTRA = "film_extra"
"""The code of files that are no entry of their batch, since they belong to a film next to them."""
FILM_EXTRA_REASON = _("是旁边那部片子的预告、样片或花絮，没有单独收：要收，另放一个文件夹，或在表里写上它。")

# codes whose detail is in the words of a parser or of the system, in English
_OF_PARSERS = frozenset((
    "damaged", "truncated", "encrypted", "drm", "too_large", "too_slow", "out_of_memory", "parser_crashed",
    "unreadable", "no_streams", "marc_cut", "marc_damaged", "storage_failed", INTERNAL,
))  # fmt: skip

UNREADABLE = frozenset((
    "damaged", "truncated", "encrypted", "drm", "too_large", "too_slow", "out_of_memory", "parser_crashed",
    "unreadable", "no_streams", "empty_file", "unknown_format", "bad_text",
))  # fmt: skip
"""Codes that say something of the content of one file, and nothing of those next to it."""


class RejectedError(ReportedError):
    """A source that is not taken in; `code` is a key of `REASONS`."""

    @property
    def reason(self) -> str:
        """The sentence for people, with a detail in brackets, or with the words of a parser as its cause.

        Stored and passed on as it is, in the language of the source: `translations.rendering.translate` reads it.
        """
        sentence = REASONS.get(self.code, REASONS["damaged"])
        has_cause = self.code in _OF_PARSERS or self.code not in REASONS
        return (with_cause if has_cause else with_detail)(sentence, self.detail[:SHOWN_CHARACTERS])
