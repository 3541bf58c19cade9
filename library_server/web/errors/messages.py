"""What an HTTP error says to people and to programs, for pages, for `/api` and for the server before any of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from flask_babel import gettext
from werkzeug.exceptions import HTTPException

from library_server.translations.message_catalogs import gettext_noop as _
from library_server.translations.message_catalogs import load_translation

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODES = {
    400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 410: "gone",
    412: "precondition_failed", 413: "content_too_large", 414: "uri_too_long", 415: "unsupported_media_type",
    416: "range_not_satisfiable", 429: "too_many_requests", 431: "request_header_fields_too_large",
    500: "internal_error", 501: "not_implemented", 503: "unavailable",
}  # fmt: skip


@dataclass(frozen=True)
class ErrorMessage:
    """What happened, what it means, and what to do."""

    title: str
    explanation: str
    advice: str


_MESSAGES = {
    400: ErrorMessage(
        _("请求读不懂"), _("这个地址或请求写得不对，服务器读不懂。"), _("请检查地址，或者回首页重新打开。")
    ),
    403: ErrorMessage(
        _("现在打不开"), _("这份资料需要读者证，或者要到馆里看。"), _("可以问问附近的服务点，或者先看看别的。")
    ),
    404: ErrorMessage(
        _("没有找到这一页"), _("地址可能写错了，或者这一页已经不在了。"), _("可以回首页，或者在上面重新检索。")
    ),
    405: ErrorMessage(_("这里不能这样做"), _("这个地址不接受这种请求。"), _("请从页面上的链接或按钮进来。")),
    410: ErrorMessage(_("这份资料已经收回"), _("它以前在这里，现在不再提供。"), _("可以找找同一主题的别的资料。")),
    413: ErrorMessage(_("交上来的太大"), _("交上来的内容超过了能收的大小。"), _("请分成几次交，或者交小一点的文件。")),
    414: ErrorMessage(_("地址太长"), _("这个地址超过了服务器能读的长度。"), _("请把要检索的词写短一点。")),
    429: ErrorMessage(_("请慢一点"), _("刚才的请求太多了。"), _("过一分钟再试就好。")),
    431: ErrorMessage(
        _("浏览器送来的太多"),
        _("浏览器随请求送来的信息太多，多半是 cookie。"),
        _("请清除这个网站的 cookie，再打开一次。"),
    ),
    500: ErrorMessage(_("出了点问题"), _("是我们这边的故障，您的设备没有问题。"), _("请过一会儿再试；已经记下来了。")),
    503: ErrorMessage(_("正在准备"), _("这一部分暂时还没有准备好。"), _("请过一会儿再试。")),
}


def error_message(status: int) -> ErrorMessage:
    """Return the message of a status in the language of the request; other statuses have that of 400 or 500."""
    message = _message_of(status)
    return ErrorMessage(gettext(message.title), gettext(message.explanation), gettext(message.advice))


def in_both_languages(sentence: str) -> str:
    """Return a sentence in Chinese and English: for players and downloads, which have no language."""
    return f"{sentence} {load_translation('en').gettext(sentence)}"


def own_description(error: Exception) -> str | None:
    """Return the sentence given to `abort`, in both languages; None for Werkzeug's own, which is in English only."""
    if not isinstance(error, HTTPException) or error.description == type(error).description:
        return None
    description = error.description
    return description if description and _CHINESE.search(description) else None


def error_code(status: int) -> str:
    """Return the stable `code` of problem details (RFC 9457) for a status."""
    return CODES.get(status, "refused" if status < 500 else "internal_error")


def build_problem(status: int) -> dict[str, str | int]:
    """Problem details for what is refused before the language of a request is known: Chinese, with English."""
    message = _message_of(status)
    return {
        "type": "about:blank",
        "title": message.title,
        "status": status,
        "detail": in_both_languages(message.explanation),
        "code": error_code(status),
    }


@cache
def static_page(status: int) -> str:
    """Return a page in both languages that needs no request: the answer to what cannot be handed to the application."""
    message, english = _message_of(status), load_translation("en")
    texts = (message.title, message.explanation, message.advice)  # ours, without markup in them
    sections = "".join(
        f'<section lang="{lang}"><h1>{title}</h1><p>{explanation}</p><p>{advice}</p></section>'
        for lang, (title, explanation, advice) in (("zh-CN", texts), ("en", tuple(map(english.gettext, texts))))
    )
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{message.title}</title></head><body>{sections}</body></html>\n"
    )


def _message_of(status: int) -> ErrorMessage:
    return _MESSAGES.get(status, _MESSAGES[500 if status >= 500 else 400])
