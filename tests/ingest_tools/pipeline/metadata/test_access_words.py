"""Whatever words state who may read: none of them make public what they restrict."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Record
from reportlab.pdfgen import canvas

from ingest_tools.formats.access_levels import access_of_head
from ingest_tools.rejections import RejectedError
from ingest_tools.sample.books import write_epub
from ingest_tools.sample.builder import CONTENT
from library_server.exchange import access_statements
from library_server.exchange.access_statements import ACCESS_OF, UnknownAccess
from library_server.exchange.marc import cnmarc, marc21
from library_server.library import Library
from tests.factories.marc_records import field
from tests.factories.spreadsheets import workbook
from tests.support.libraries import ingest
from tests.support.records import load_records, records_by_title

REJECTED = "bad_access"
ZERO_WIDTH = "\u200b"


def epub(path: Path, statement: str) -> Path:
    write_epub(next((CONTENT / "books").glob("*.md")), path.with_suffix(".whole"))
    with zipfile.ZipFile(path.with_suffix(".whole")) as book, zipfile.ZipFile(path, "w") as changed:
        for item in book.infolist():
            content = book.read(item)
            if item.filename.endswith(".opf"):
                content = content.replace(b"</metadata>", f"{statement}</metadata>".encode())
                content = content.replace(b"<package ", b'<package prefix="q: http://purl.org/dc/terms/" ')
            changed.writestr(item, content)
    path.with_suffix(".whole").unlink()
    return path


DCTERMS = 'xmlns:t="http://purl.org/dc/terms/"'
COAR = "http://purl.org/coar/access_right"


@pytest.mark.parametrize(
    ("statement", "access"),
    [
        (f"<t:accessRights {DCTERMS}>馆内</t:accessRights>", "premises"),
        (f"<t:accessRights {DCTERMS}>Staff</t:accessRights>", REJECTED),
        (f"<t:accessRights {DCTERMS}>{COAR}/c_abf2</t:accessRights>", "public"),
        (f"<t:accessRights {DCTERMS}/>", "public"),
        ('<meta name="dcterms:accessRights" content="涉密"/>', REJECTED),
        ('<meta name="DCTERMS.accessRights" content="读者证"/>', "members"),
        ('<meta property="dcterms:accessRights">公開</meta>', "public"),
        ('<meta property="q:accessRights">不限</meta>', "public"),
        ('<meta property="q:accessRights">embargoedAccess</meta>', REJECTED),
        (f'<meta property="dcterms:accessRights">{COAR}/c_16ec</meta>', REJECTED),
        ('<meta property="dcterms:accessRights">info:eu-repo/semantics/openAccess</meta>', "public"),
        ('<meta property="dcterms:accessRights">info:eu-repo/semantics/restrictedAccess</meta>', REJECTED),
        (f'<link rel="dcterms:accessRights" href="{COAR}/c_16ec"/>', REJECTED),
        ('<meta property="dcterms:accessRights">公开</meta><meta name="q:accessRights" content="馆内"/>', "premises"),
        ('<meta property="dcterms:accessRights">公开</meta><meta name="q:accessRights" content="Staff"/>', REJECTED),
        ('<meta property="dcterms:accessRights">公开，须登记</meta>', REJECTED),
        ("<dc:rights>版权所有，未经许可不得转载，仅限个人学习使用</dc:rights>", "public"),
        ("<dc:rights>All rights reserved. Not for sale.</dc:rights>", "public"),
        ("<dc:rights>使用范围：馆内</dc:rights>", "premises"),
        ("<dc:rights>版权所有；仅供馆内阅览</dc:rights>", "premises"),
        ("<dc:rights>内部资料，注意保存</dc:rights>", REJECTED),
        ("<dc:rights>For staff only</dc:rights>", REJECTED),
        (f"<dc:rights>{COAR}/c_16ec</dc:rights>", REJECTED),
    ],
)
@pytest.mark.slow
def test_access_rights_of_an_epub(library: Library, tmp_path: Path, statement: str, access: str) -> None:
    report = ingest(library, epub(tmp_path / "书.epub", statement))
    if access == REJECTED:
        assert [row["code"] for row in report.rejections] == [REJECTED]
    assert [str(record.access) for record in load_records(library)] == ([] if access == REJECTED else [access])


@pytest.mark.parametrize("where", ["META-INF/metadata.xml", "second.opf"])
@pytest.mark.slow
def test_access_rights_outside_the_first_package(library: Library, tmp_path: Path, where: str) -> None:
    book = epub(tmp_path / "书.epub", "")
    stated = f"<package><metadata><t:accessRights {DCTERMS}>馆内</t:accessRights></metadata></package>"
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(tmp_path / "改.epub", "w") as changed:
        for item in whole.infolist():
            content = whole.read(item)
            if item.filename == "META-INF/container.xml":
                second = b'<rootfile full-path="second.opf" media-type="application/oebps-package+xml "/></rootfiles>'
                content = content.replace(b"</rootfiles>", second)
            changed.writestr(item, content)
        changed.writestr(where, stated)
    book.unlink()
    assert ingest(library, tmp_path / "改.epub").rejected == 0
    assert [str(record.access) for record in load_records(library)] == ["premises"]


@pytest.mark.parametrize(
    ("line", "access"),
    [
        ("使用范围：水稻、柑橘", None),
        ("使用范围：适用于各类宾馆、饭店的地面，保证安全", None),
        ("使用范围：仅限水稻田，禁止用于桑园", None),
        ("使用范围：Windows 10 以上", None),
        ("权限：不是谁都有的东西", None),
        ("密级分为三等，绝密最高", None),
        ("密级：", None),
        ("密级：\n作者：乙", None),
        ("使用范围：馆内", "premises"),
        ("使用範圍：館內閱覽", "premises"),
        (f"使{ZERO_WIDTH}用范围：馆{ZERO_WIDTH}内", "premises"),
        ("**使用范围**：馆内", "premises"),
        ("- 使用范围：馆内", "premises"),
        ("【使用范围】馆内", "premises"),
        ("| 使用范围 | 馆内 |", "premises"),
        ("使用范围＝馆内", "premises"),
        ("使用范围：\n馆内", "premises"),
        ("使用范围：\n\n- 馆内", "premises"),
        ("使用范围：\n\n\n馆内阅览", "premises"),
        ("使用范围：\n\n本药剂用于水稻、柑橘和茶树的多种病害", None),
        ("阅览范围：凭读者证阅览", "members"),
        ("是否公开：是", "public"),
        ("密级：公开", "public"),
        (
            "使用范围：仅供家属和研究人员在征得本馆书面同意以后，在阅览室里登记阅读，不得复印，不得外传，不得拍照，不得借出",
            REJECTED,
        ),
        ("使用范围：室内", REJECTED),
        ("使用范围：凭工作证", REJECTED),
        ("使用范围：本单位工作人员", REJECTED),
        ("使用范围：须登记", REJECTED),
        ("使用范围：保密", REJECTED),
        ("使用范围：Staff", REJECTED),
        ("访问权限：馆员", REJECTED),
        ("使用权限：甲级", REJECTED),
        ("閱讀權限：乙", REJECTED),
        ("密级：\n绝密", REJECTED),
        ("密级：秘密★10年", REJECTED),
        ("是否公开：否", REJECTED),
        ("是否公开：不公开", REJECTED),
        *(
            (f"{mark}使用范围：馆内", "premises")
            for mark in (
                "1. ",
                "1) ",
                "12、",
                "一、",
                "（三）",
                "①",
                "※",
                "▲",
                "■ ",
                "☆",
                "（1）",
                "1 ",
                "<p>",
                "## 1.2 ",
            )
        ),
        ("<p>使用范围：馆内</p>", "premises"),
        ("<dt>使用范围</dt><dd>馆内</dd>", "premises"),
        ("2、密级：秘密", REJECTED),
        ("使用范围︰馆内", "premises"),
        ("使用范围；馆内", "premises"),
        ("一、使用范围\n\n本药剂用于水稻、柑橘", None),
        ("使用范围：公开\n阅览范围：馆内", "premises"),
        ("使用范围：公开；须登记", REJECTED),
    ],
)
def test_the_head_of_a_text(line: str, access: str | None) -> None:
    text = f"书名：甲\n作者：乙\n{line}\n\n正文\n"
    if access == REJECTED:
        with pytest.raises(RejectedError) as refusal:
            access_of_head(text)
        assert refusal.value.code == REJECTED
    else:
        assert access_of_head(text) == access


@pytest.mark.parametrize(
    "mark",
    [
        "使用范围 馆内",
        "使用范围　馆内阅览",
        "内部资料，注意保存",
        "内部资料 免费交流",
        "內部資料，請勿外傳！",
        "【内部发行】",
        "秘密★启用前",
        "绝密",
        "机密",
        "机 密",
        "机密★10年",
        "机密　编号：0012",
        "**机密**",
        "内部刊物 不得外传",
        "内部参考·注意保存",
        "仅供内部参考",
        "仅供干部阅读",
        "本资料仅供内部交流，不得翻印",
        "此件不公开",
        "不得外传",
        "CONFIDENTIAL",
        "For internal use only",
    ],
)
def test_a_text_that_marks_itself_as_secret_or_internal(mark: str) -> None:
    assert access_of_head(f"书名：甲\n作者：乙\n{mark}\n\n正文\n") == "premises"
    assert access_of_head(f"{mark}\n\n县志稿\n\n正文\n") == "premises"
    assert access_of_head(f"县志稿\n县志办 编\n{mark}\n\n目录\n正文\n") == "premises"


@pytest.mark.parametrize(
    "line",
    [
        "内部资料显示渡口的水位",
        "这是一个秘密",
        "公开的秘密",
        "秘密\n作者：张三",
        "保密工作讲座",
        "请勿翻印",
        "版权所有 翻印必究",
        "注意保存",
        "内部装修",
        "第12号",
        "限国内发行",
        "公开发行",
        "使用范围 水稻和柑橘",
        "内部结构图",
        "供农村基层干部使用",
        "供干部群众阅读",
        "秘密\n东野圭吾 著",
        "机密\n[英] 某某 著",
        "短篇集\n目录\n秘密\n渡口",
    ],
)
def test_a_text_that_only_speaks_of_secrets(line: str) -> None:
    assert access_of_head(f"{line}\n\n正文\n") is None


def test_marked_texts_and_pdfs_are_not_public_and_the_report_says_so(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "甲.txt").write_text("甲\n\n内部资料，注意保存\n\n渡口边上的老人讲过去的故事。", "utf-8")
    (disk / "乙.txt").write_text("乙\n\n渡口边上的老人讲从前的故事。", "utf-8")
    page = canvas.Canvas(str(disk / "丙.pdf"))
    page.drawString(100, 700, "CONFIDENTIAL")
    page.drawString(100, 600, "A report on the ferry")
    page.save()
    report = ingest(library, disk)
    assert report.rejected == 0
    levels = sorted(str(record.access) for record in load_records(library))
    assert levels == ["premises", "premises", "public"]
    restricted = {(Path(entry["path"]).name, entry["access"]) for entry in report.restricted}
    assert restricted == {("甲.txt", "premises"), ("丙.pdf", "premises")}
    assert report.to_json()["restricted"] == report.restricted


@pytest.mark.parametrize(
    ("text", "access"),
    [
        ("---\n标题: 甲\n使用範圍: 館內\n---\n正文\n", "premises"),
        (f"---\n标题: 甲\n使用{ZERO_WIDTH}范围: 馆内\n---\n正文\n", "premises"),
        ("---\n标题: 甲\nａｃｃｅｓｓ: ｍｅｍｂｅｒｓ\n---\n正文\n", "members"),
        ("---\n标题: 甲\n阅读权限: 读者证\n---\n正文\n", "members"),
        ("---\n标题: 甲\n密级: 公开\n是否公开: 是\n---\n正文\n", "public"),
        ("---\n标题: 甲\n是否公开: true\n---\n正文\n", "public"),
        ("---\n标题: 甲\n是否公开: 否\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n是否公开: no\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n是否公开: 不公开\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n密级: 内部\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n阅览范围: 专家\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n使用范围: 馆内\n正文，没有第二条线\n", REJECTED),
        ("---\n标题: 甲\n\n使用范围: 馆内\n\n正文，没有第二条线\n", "premises"),
        ('+++\ntitle = "甲"\n使用范围 = "馆内"\n+++\n正文\n', REJECTED),
        ('+++\ntitle = "甲"\naccess = "staff"\n\n[x]\n+++\n正文\n', REJECTED),
        ("----\n标题: 甲\naccess: premises\n----\n正文\n", REJECTED),
        (f"---{ZERO_WIDTH}\n标题: 甲\naccess: premises\n---\n正文\n", REJECTED),
        ("—————\n标题：甲\n密级：公开\n—————\n正文\n", REJECTED),
        ("```yaml\n标题: 甲\naccess: premises\n```\n正文\n", REJECTED),
        ("---\n标题: 甲\n---\n---\naccess: premises\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n---\n\n+++\na = 1\n+++\n+++\naccess = 'staff'\n+++\n", REJECTED),
        ("---\n标题: 甲\n---\n使用范围：馆内\n\n正文\n", "premises"),
        ("---\n标题: 甲\n---\n**使用范围**：馆内\n\n正文\n", "premises"),
        ("---\n标题: 甲\n使用范围: 公开\n---\n- 使用范围：馆内\n\n正文\n", "premises"),
        ("**使用范围**：馆内\n\n正文\n", "premises"),
        ("- 使用范围：馆员\n\n正文\n", REJECTED),
        ("---\n标题: 甲\nmeta:\n  access: premises\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\nmeta:\n  - 说明: {阅读权限: 馆内}\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\naccess:\n  level: premises\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n? access\n: members\naccess: public\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n  使用范围：馆内\n---\n正文\n", REJECTED),
        ("---\n标题: 甲\n摘要: 用法\n  使用范围：水稻\n---\n正文\n", "public"),
        ("---\n\n一条分隔线，不是抬头\n\n---\n\n正文\n", "public"),
    ],
)
@pytest.mark.slow
def test_the_head_of_a_story(library: Library, tmp_path: Path, text: str, access: str) -> None:
    (tmp_path / "甲.md").write_text(text, "utf-8")
    if access == REJECTED or "分隔线" in text:
        with_code = [row["code"] for row in ingest(library, tmp_path / "甲.md").rejections]
        assert with_code in ([REJECTED], ["bad_front_matter"]) if access != REJECTED else with_code == [REJECTED]
        assert load_records(library) == []
        return
    assert ingest(library, tmp_path / "甲.md").rejected == 0
    assert [str(record.access) for record in load_records(library)] == [access]


@pytest.mark.parametrize(
    ("heading", "cell", "access"),
    [
        ("是否公开", "是", "public"),
        ("是否公開", "馆内", "premises"),
        ("是否公开", "否", REJECTED),
        ("是否公开", "不公开", REJECTED),
        ("密级", "公开", "public"),
        ("密級", "内部", REJECTED),
        ("阅览范围", "仅供馆内阅览", "premises"),
        ("閱覽範圍", "凭工作证", REJECTED),
        ("阅读权限", "读者证", "members"),
        ("使用范围", "读者证可看", "members"),
        ("使用范围", "到馆可看", "premises"),
        ("閱讀權限", "高级", REJECTED),
        ("使用範圍", "館內", "premises"),
        ("使用范围", f"馆内{ZERO_WIDTH}", "premises"),
        ("使用范围", "公开、须登记", REJECTED),
        ("使用范围", "是", REJECTED),
    ],
)
@pytest.mark.slow
def test_columns_of_access(library: Library, tmp_path: Path, heading: str, cell: str, access: str) -> None:
    disk = tmp_path / "盘"
    disk.mkdir()
    (disk / "a.txt").write_text("正文", "utf-8")
    workbook(disk / "表.xlsx", ["书名", "文件", heading], ["甲", "a.txt", cell])
    report = ingest(library, disk)
    expected = {} if access == REJECTED else {"甲": access}
    assert {title: str(record.access) for title, record in records_by_title(library).items()} == expected
    assert [row["code"] for row in report.rejections] == (["bad_cells", "row_refused"] if access == REJECTED else [])


@pytest.mark.parametrize(
    ("indicators", "subfields", "access"),
    [
        ("  ", ["aOpen access to staff only"], "premises"),
        ("0 ", ["aOpen access to postdoctoral fellows"], "premises"),
        ("  ", ["aNot unrestricted"], "premises"),
        ("  ", ["aNo open access"], "premises"),
        ("  ", ["aNo restrictions on access."], "public"),
        ("0 ", ["aOpen to the public, without restrictions."], "public"),
        ("0 ", ["a涉密"], "premises"),
        ("0 ", ["aStaff"], "premises"),
        ("0 ", [], "public"),
        ("0 ", ["aUnrestricted", "dStaff"], "premises"),
        ("  ", ["a公开", "e须登记"], "premises"),
        ("0 ", ["a公开，须登记"], "premises"),
        ("  ", ["a公開"], "public"),
        ("0 ", ["aUnrestricted", "g20991231"], "premises"),
        ("1 ", ["a读者证；公开"], "members"),
        ("1 ", ["a甲"], "premises"),
    ],
)
def test_restrictions_on_access_in_marc21(indicators: str, subfields: Sequence[str], access: str) -> None:
    record = Record()
    record.add_field(field("245", "00", "a题"), field("506", indicators, *subfields))
    assert marc21.read(record).access == access


@pytest.mark.parametrize(
    ("note", "access"),
    [
        *((words, "premises") for words in (
            "仅供馆内阅览", "絕密", "机密", "秘密", "内部文件", "限馆员使用", "公开；须登记", 
            "Open access to staff only", "凭介绍信", "阅览范围：家属", "不对外", "精装，限本馆使用",
            "非公开发行", "不公开发行", "未公开出版发行",
        )),
        *((words, "") for words in ("精装", "线装", "限国内发行", "公开发行", "国内外公开发行", "非卖品",
                                    "附光盘 1 张", "馆装订")),
        ("凭读者证", "members"),
        ("公开", "public"),
        ("使用范围：公开", "public"),
    ],
)  # fmt: skip
def test_notes_on_availability_in_cnmarc(note: str, access: str) -> None:
    record = Record()
    record.add_field(field("200", "1 ", "a题"), field("310", "  ", f"a{note}"))
    assert cnmarc.read(record).access == access


def test_a_note_that_is_not_ours_is_kept_when_the_level_is_written() -> None:
    assert not cnmarc.is_own_note(field("310", "  ", "a使用范围：家属同意以后"))
    assert cnmarc.is_own_note(field("310", "  ", "a使用范围：馆内"))


@pytest.mark.property
@given(st.sampled_from(sorted(ACCESS_OF)), st.text("不非未仅只须馆内读者工作人员abcdent, ，;；、（）", min_size=1))
def test_words_beside_known_words_are_never_public(phrase: str, beside: str) -> None:
    for words in (phrase + beside, beside + phrase):
        if access_statements.known_level(words) is None:
            with pytest.raises(UnknownAccess):
                access_statements.read_access(words)
            restriction = access_statements.read_restriction([words], says_open=False, says_restricted=False)
            known = [access_statements.known_level(clause) for clause in re.split("[,，;；、]", words)]
            assert restriction != "public" or "public" in known


def test_the_handbook_lists_the_words_that_are_known() -> None:
    handbook = (Path(__file__).parents[4] / "docs/librarians/access.md").read_text("utf-8")
    table = [line.split("|")[1:3] for line in handbook.splitlines() if line.startswith("|")]
    levels = {"公开": "public", "读者证": "members", "馆内": "premises"}
    listed = {
        (word.strip(" `"), levels[level.strip()])
        for words, level in table
        if level.strip() in levels
        for word in words.partition("（")[0].partition("COAR")[0].replace("；", "、").split("、")
        if word.strip()
    }
    assert len(listed) > 30
    assert {(word, access_statements.known_level(word)) for word, _ in listed} == listed
