"""Why a source is refused: a stable code, and a sentence in Chinese and English that says what to do."""

from __future__ import annotations

from library_server.processes.errors import ReportedError

INTERNAL = "internal"
REASONS: dict[str, str] = {
    "empty_file": "文件是空的：请从原处重新复制。 The file is empty: copy it again from where it came.",
    "unknown_format": "认不出是什么文件：请转成 EPUB、PDF、MP4、MP3 或 JPEG 再入库。 "
    "Not a format this library knows: convert it to EPUB, PDF, MP4, MP3 or JPEG.",
    "archive": "压缩包不能入库：请解压后再试。 Archives are not taken in: unpack it and try again.",
    "web_page": "网页不能入库：请在浏览器里打印成 PDF，或把文字另存为文本。 "
    "Web pages are not taken in: print it to PDF in a browser, or save its words as text.",
    "vector_picture": "矢量图（SVG）里可以带程序，不能入库：请导出为 PNG 或 JPEG。 "
    "SVG may carry programs and is not taken in: export it as PNG or JPEG.",
    "data_file": "这是给程序读的数据文件（XML、CSS、日志等），不是文章。 "
    "This is data for programs, not something to read.",
    "other_document": "这种文档（DOC、RTF、PPT、ODT 等）请另存为 DOCX 或 PDF 再入库。 "
    "Save a document of this kind (DOC, RTF, PPT, ODT and others) as DOCX or PDF.",
    "program": "程序文件不能入库。 Programs are not taken in.",
    "damaged": "文件已损坏，读不完整：请换一份。 The file is damaged: find another copy.",
    "truncated": "文件不完整（可能没有复制完）：请重新复制。 The file is cut short: copy it again.",
    "encrypted": "文件有密码：请去掉密码后再试。 The file has a password: remove it and try again.",
    "drm": "电子书有版权保护（DRM），这里打不开：请用无保护的版本。 The book is locked by DRM: use an unlocked copy.",
    "too_large": "内容大得异常，已停止读取。 The content is abnormally large; reading was stopped.",
    "too_slow": "读取时间过长，已停止：请检查文件是否正常。 Reading took too long and was stopped: check the file.",
    "out_of_memory": "读取需要的内存过多，已停止。 Reading needed too much memory and was stopped.",
    "parser_crashed": "读取程序出错停止了：请换一份文件或转换格式。 "
    "The parser crashed on this file: find another copy or convert it.",
    "unreadable": "没有权限或磁盘读不出：请检查权限和磁盘。 No permission, or the disk cannot be read: check both.",
    "changed_while_read": "文件正在改动：请等它写完再入库。 The file is still being written: wait and try again.",
    "not_a_file": "不是普通文件（设备、管道或断开的链接）。 Not a regular file (device, pipe or broken link).",
    "bad_text": "文字编码认不出：请另存为 UTF-8。 The text encoding is unknown: save it as UTF-8.",
    "orphan_subtitle": "字幕旁边没有同名的视频或音频。 "
    "No video or recording of the same name in the folder of this subtitle.",
    "playlist": "这是播放列表，只写着别的文件在哪里，不是影音本身：请给出影音文件。 "
    "A playlist names other files and holds no pictures or sound itself: give the recordings.",
    "link_outside": "这是一个链接，指到了给出的文件夹之外，不能收：请把文件本身放进来。 "
    "A link that leads out of the folder that was given: put the file itself there.",
    "inside_library": "这里是图书馆自己的数据文件夹，不能当作来源。 "
    "This is the data folder of the library itself and no source.",
    "no_streams": "里面没有可播放的画面或声音。 There is no picture or sound to play in it.",
    "bad_cells": "表里有看不懂的格子：照着说明改好，再把表交来，只收改好的行。 "
    "Some cells could not be read: mend them as told and give the list again; only mended rows are taken.",
    "bad_access": "文件里写着谁可以看，但写法认不出：请改成公开、读者证或馆内。 "
    "The file states who may read it in words that are not known. Write 公开, 读者证 or 馆内.",
    "same_file_said_otherwise": "这个文件和另一行的文件内容完全一样，两行写的却不同：核对以后改成一样，或删去一行。 "
    "The same file as in another row, described otherwise: make the rows agree, or delete one.",
    "repeated_row": "和前面一行完全一样：是多册就在前一行填册数。 "
    "The same as an earlier row: where there are more copies, write their number there.",
    "record_id_mismatch": "行里的记录号在本馆是另一条记录，题名和作者都对不上，没有改动：核对记录号，新书就清空。 "
    "The record number is that of another record here, of another title and creator; nothing was changed: "
    "correct the number, or empty it for a new record.",
    "record_edited_since": "导出以后，本馆在同一栏也改过，两边不一样：重新导出再改，或把这一栏写成和本馆一样。 "
    "The same field was changed here after the export: export the record again and edit that, or make them agree.",
    "record_withdrawn": "行里的记录已经下架或并入别的记录，改动没有收：要恢复请在工作台上办，或改并入的那一条。 "
    "The record was withdrawn or merged into another; the changes were not applied: publish it again at the desk, "
    "or change the record that it was merged into.",
    "no_headings": "表里没有找到标题行：前 30 行里要有一行写着书名（或文件）和别的栏目名。 "
    "No heading row: one of the first 30 rows must name the title (or file) and another column.",
    "file_missing": "表里写的文件找不到：把文件和表放在一起，或改正路径。 "
    "The file that the row names is not there: put it in the folder of the list, or correct the path.",
    "row_refused": "表里有一行写着这个文件，那一行没收，文件先不收，免得没有使用范围就公开：改好那一行。 "
    "A row that names this file was rejected, so the file waits for it: correct the row.",
    "list_refused": "表没收下，里面也许写着这个文件只给谁看，文件先不收：改好表，和文件一起再收；不是清单的表请移走。 "
    "A list that was not taken might say who may read this file, so the file waits: mend the list and take both again, "
    "or put it elsewhere if it is no list.",
    "file_outside": "表里写的文件不在给出的文件夹里，不能收。 The file lies outside the folders that were given.",
    "marc_cut": "MARC 记录不完整，后面断了：请重新导出。 The MARC record is cut short: export it again.",
    "marc_damaged": "MARC 记录的目次区坏了，读不出。 The directory of the MARC record is damaged.",
    "marc_untitled": "MARC 记录没有题名（200 或 245 字段）。 The MARC record has no title (field 200 or 245).",
    "raw_photo": "相机的 RAW 原片这里显示不了：请用相机软件导出 JPEG 或 TIFF。 "
    "Camera RAW cannot be shown here: export it as JPEG or TIFF with the camera's program.",
    INTERNAL: "程序在这一条上出了错，别的照常入库：请把日志里 entry_failed 那一行交给维护的人，修好以后再收这一条。 "
    "The program itself failed on this entry, the others went on: send the log line `entry_failed` to the operators, "
    "and take this entry again when it is mended.",
    "storage_failed": "存入时出错：请检查磁盘后再运行一次。 Storing failed: check the disk and try again.",
}


class RejectedError(ReportedError):
    """A source that is not taken in; `code` is a key of `REASONS`."""

    @property
    def reason(self) -> str:
        """The sentence for people, with the parser's own words where they help."""
        sentence = REASONS.get(self.code, REASONS["damaged"])
        return f"{sentence} ({self.detail[:200]})" if self.detail else sentence
