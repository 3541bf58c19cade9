"""`/api/v1`: search, suggest, records."""

from __future__ import annotations

import time
from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request
from markupsafe import escape
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from library_server.catalogue.common_fields import common_fields
from library_server.catalogue.dto import AssetView, RecordCard, RecordView
from library_server.catalogue.enums import Status
from library_server.catalogue.records import queries, withdrawal
from library_server.delivery.urls import cover_address, file_address, hls_address
from library_server.delivery.video.variants import playing_asset
from library_server.library import Library
from library_server.protocols import schemas
from library_server.search import service
from library_server.search.highlights import Fragment, make_snippet, mark_matches
from library_server.search.results import FACETS, IndexUnavailable, SearchQuery, Sort
from library_server.web.context import current_library
from library_server.web.errors import problem_details
from library_server.web.threadpool import run_in_threadpool

blueprint = Blueprint("rest", __name__, url_prefix="/api/v1")
DEEPEST_PAGE = 1_000_000
M = TypeVar("M", bound=BaseModel)


class ApiProblem(Exception):
    """An error that becomes problem details."""

    def __init__(self, status: int, code: str, title: str, detail: str) -> None:
        super().__init__(detail)
        self.problem = problem_details.Problem(status=status, code=code, title=title, detail=detail)


class SearchParameters(BaseModel):
    """Parameters of `/search`. A facet value that no record has finds nothing; it is no error."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    q: str = Field(default="", max_length=200)
    kind: str | None = None
    collection: str | None = None
    creator: str | None = None
    year: str | None = None
    language: str | None = None
    clc: str | None = Field(default=None, alias="class")
    sort: Sort = "relevance"
    page: int = Field(default=1, ge=1, le=DEEPEST_PAGE)
    per_page: int = Field(default=20, ge=1, le=100)

    def to_query(self) -> SearchQuery:
        """As the search core takes it."""
        given = {facet: getattr(self, "clc" if facet == "class" else facet) for facet in FACETS}
        filters = {facet: value for facet, value in given.items() if value}
        return SearchQuery(self.q, filters, self.sort, self.page, self.per_page)


class SuggestParameters(BaseModel):
    """Parameters of `/suggest`."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field(default="", max_length=60)


@blueprint.get("/search")
def search() -> Response:
    """Find records."""
    query = _parse_parameters(SearchParameters).to_query()
    started = time.perf_counter()
    return _json_response(run_in_threadpool(_search, current_library(), query, started))


def _search(opened: Library, query: SearchQuery, started: float) -> schemas.SearchResult:
    page = service.search_page(opened.database, opened.index, query)
    results = page.results
    return schemas.SearchResult(
        total=results.total,
        page=query.page,
        per_page=query.per_page,
        took_ms=round((time.perf_counter() - started) * 1000, 2),
        items=[_make_item(card, query.words) for card in page.cards],
        facets={
            name: [schemas.FacetCount(value=value.value, count=value.count) for value in values]
            for name, values in results.facets.items()
        },
        relaxed=results.relaxed,
        suggestion=None,
    )


@blueprint.get("/suggest")
def suggest() -> Response:
    """Titles that begin as typed: characters, pinyin or initials."""
    typed = _parse_parameters(SuggestParameters).q
    cards = run_in_threadpool(_suggest, current_library(), typed)
    items = [
        schemas.Suggestion(id=card.id, kind=card.kind, title=card.title, url=f"/records/{card.id}") for card in cards
    ]
    return _json_response(schemas.Suggestions(items=items))


def _suggest(opened: Library, typed: str) -> list[RecordCard]:
    ids = service.suggest(opened.index, typed)
    with opened.database.reading() as session:
        return queries.load_cards(session, ids)


@blueprint.get("/records/<record_id>")
def record(record_id: str) -> Response:
    """One record with its assets."""
    record, whole = run_in_threadpool(_load_record_and_parent, current_library(), record_id)
    if record is None:
        raise ApiProblem(404, "record_missing", "没有这条记录", "No record has this id.")
    if record.status != Status.PUBLISHED:
        raise ApiProblem(410, "record_withdrawn", "这份资料已经收回", withdrawal.public_reason(record) or "Withdrawn.")
    return _json_response(_make_record_item(record, whole.id if whole else None))


def _load_record_and_parent(opened: Library, record_id: str) -> tuple[RecordView | None, RecordCard | None]:
    with opened.database.reading() as session:
        return queries.find_record(session, record_id), queries.find_parent(session, record_id)


@blueprint.errorhandler(ApiProblem)
def _api_problem(error: ApiProblem) -> Response:
    response = jsonify(error.problem.model_dump())
    response.status_code, response.mimetype = error.problem.status, problem_details.MEDIA_TYPE
    return response


@blueprint.errorhandler(IndexUnavailable)
def _index_unavailable(_error: IndexUnavailable) -> Response:
    return _api_problem(
        ApiProblem(503, IndexUnavailable.code, "检索正在准备", "The index is being rebuilt: try again soon.")
    )


def _parse_parameters(model: type[M]) -> M:
    try:
        return model.model_validate(request.args.to_dict())
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise ApiProblem(400, "bad_parameter", "参数不对", faults) from error


def _json_response(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), mimetype="application/json")


def _make_item(card: RecordCard, words: str) -> schemas.Item:
    highlights = {"title": _render_html(mark_matches(card.title, words))} if words else {}
    if words and (quote := make_snippet(card.abstract or "", words)):
        highlights["summary"] = _render_html(quote)
    return schemas.Item(
        id=card.id,
        kind=card.kind,
        title=card.title,
        creators=list(card.creators),
        year=card.year,
        summary=card.abstract,
        cover_url=cover_address(card, 240),
        url=f"/records/{card.id}",
        highlights=highlights,
    )


def _render_html(pieces: tuple[Fragment, ...]) -> str:
    return "".join(
        f"<mark>{escape(piece.text)}</mark>" if piece.marked else str(escape(piece.text)) for piece in pieces
    )


def _make_record_item(record: RecordView, part_of: str | None) -> schemas.RecordItem:
    plain: dict[str, Any] = {
        name: getattr(record, name) for name in ("id", "kind", "title", "date_edtf", "year", "access")
    }
    return schemas.RecordItem(
        **plain | common_fields(record),
        other_titles=list(record.other_titles),
        creators=[schemas.Creator(name=credit.name, role=credit.role) for credit in record.credits],
        date=record.date_written,
        isbn=list(record.isbns),
        subjects=list(record.subjects),
        part_of=part_of,
        cover_url=cover_address(record, 480),
        url=f"/records/{record.id}",
        assets=[_make_asset_item(record, asset) for asset in record.assets],
        hls_url=hls_address(record) if playing_asset(record) else None,
    )


def _make_asset_item(record: RecordView, asset: AssetView) -> schemas.AssetItem:
    """Return an asset; its digest only for who may fetch it: it tells which file it is to whoever has a copy of
    that.
    """
    url = file_address(record, asset)
    return schemas.AssetItem(
        id=asset.id,
        role=asset.role,
        label=asset.label,
        media_type=asset.media_type,
        language=asset.language,
        bytes=asset.size,
        sha256=asset.sha256 if url else None,
        url=url,
    )
