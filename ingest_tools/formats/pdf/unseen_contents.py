"""What a PDF holds that its pages do not show: attached files, and forms (XFA) that one program alone fills in.

The page of an XFA form says `Please wait...` to every program that cannot draw the form (XFA 3.3, chapter 2). The cover
page of a portfolio (ISO 32000-1, 12.3.5) says as much, and the documents are its attachments.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Sequence
from typing import Final

import pypdfium2
from pypdfium2 import raw

from library_server.catalogue.normalization.text import normalize
from library_server.catalogue.passages.serialization import Passage
from library_server.lazy_patterns import lazy_pattern

_XFA: Final = frozenset((raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND))
_WAITING: Final = lazy_pattern(
    r"\s*(?:please wait|if this message is not eventually replaced|请稍[候等]|如果此消息最终未被替换)", re.IGNORECASE
)
_MOST_NAMES, _LONGEST_NAME = 20, 120
_MOST_BYTES: Final = 4 * _LONGEST_NAME


def is_waiting_page(document: pypdfium2.PdfDocument, pages: Sequence[Passage]) -> bool:
    """Return whether a document is a form of which the pages show nothing but that the program should be updated."""
    return (
        raw.FPDF_GetFormType(document) in _XFA and len(document) == 1 and all(says_to_wait(page.text) for page in pages)
    )


def says_to_wait(text: str) -> bool:
    """Return whether a text begins as the page of such a form does."""
    return _WAITING.match(text) is not None


def describe_unseen(document: pypdfium2.PdfDocument, *, is_waiting: bool) -> tuple[str, ...]:
    """Return notes on what a reader does not see, for librarians."""
    notes = []
    if is_waiting:
        notes.append("这是 XFA 表单，页面上只写着“请稍候”：内容要用 Adobe Reader 打开，打印成 PDF 再收")
    count = raw.FPDFDoc_GetAttachmentCount(document)
    if count > 0:
        names = [name for number in range(min(count, _MOST_NAMES)) if (name := _read_name(document, number))]
        more = f" 等 {count} 个" if count > len(names) else ""
        notes.append(f"PDF 里带着附件，没有收，收下的只是页面：{'、'.join(names)}{more}")
    return tuple(notes)


def _read_name(document: pypdfium2.PdfDocument, number: int) -> str:
    attachment = raw.FPDFDoc_GetAttachment(document, number)
    buffer = ctypes.create_string_buffer(_MOST_BYTES)
    size = raw.FPDFAttachment_GetName(attachment, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), _MOST_BYTES)
    return normalize(buffer.raw[: max(0, min(size, _MOST_BYTES) - 2)].decode("utf-16-le", "replace"))[:_LONGEST_NAME]
