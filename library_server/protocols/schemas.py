"""What `/api/v1` answers, as pydantic models: the responses are built with them and OpenAPI is made from them."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Item(BaseModel):
    """One found record."""

    id: str
    kind: str
    title: str
    creators: list[str]
    year: int | None
    summary: str | None
    cover_url: str
    url: str
    highlights: dict[str, str] = Field(description="Fields with <mark> around the words; all else is escaped.")


class FacetCount(BaseModel):
    """A value of a facet."""

    value: str
    count: int


class SearchResult(BaseModel):
    """A page of what was found."""

    total: int
    page: int
    per_page: int
    took_ms: float
    items: list[Item]
    facets: dict[str, list[FacetCount]]
    relaxed: bool = Field(description="No record has all the words; these have most of them.")
    suggestion: str | None


class Suggestion(BaseModel):
    """A title that begins as typed."""

    id: str
    kind: str
    title: str
    url: str


class Suggestions(BaseModel):
    """What may be meant."""

    items: list[Suggestion]


class Creator(BaseModel):
    """A creator with the role."""

    name: str
    role: str


class AssetItem(BaseModel):
    """Stored bytes of a record; `bytes` is their number."""

    id: str
    role: str
    label: str
    media_type: str
    language: str | None
    bytes: int
    sha256: str | None = Field(description="None where this visitor may not fetch it.")
    url: str | None = Field(description="None where this visitor may not fetch it.")


class RecordItem(BaseModel):
    """All of one record."""

    id: str
    kind: str
    title: str
    other_titles: list[str]
    creators: list[Creator]
    publisher: str | None
    place: str | None
    date: str | None
    date_edtf: str | None
    year: int | None
    language: str | None
    isbn: list[str]
    clc: str | None
    subjects: list[str]
    abstract: str | None
    series: str | None
    part_of: str | None
    part_number: int | None
    place_covered: str | None
    time_covered: str | None
    rights: str | None
    access: str
    extent: int | None
    duration_ms: int | None
    cover_url: str
    url: str
    assets: list[AssetItem]
    hls_url: str | None
