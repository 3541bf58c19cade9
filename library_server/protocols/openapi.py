"""OpenAPI 3.1 of all of `/api/v1`, generated from the routes' parameters and answers."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from library_server.protocols import rest, schemas
from library_server.web.errors.problem_details import MEDIA_TYPE, Problem

_REF = "#/components/schemas/{model}"


@rest.blueprint.get("/openapi.json")
def openapi() -> Response:
    """This description."""
    return jsonify(build_document())


def build_document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    answers: list[type[BaseModel]] = [
        schemas.SearchResult,
        schemas.Suggestions,
        schemas.RecordItem,
        Problem,
    ]
    _, definitions = models_json_schema([(answer, "serialization") for answer in answers], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tianyuan Digital Library", "version": "1"},
        "paths": {
            "/api/v1/search": _build_path(rest.search, schemas.SearchResult, rest.SearchParameters, "400", "503"),
            "/api/v1/suggest": _build_path(rest.suggest, schemas.Suggestions, rest.SuggestParameters, "400", "503"),
            "/api/v1/records/{record_id}": _build_path(rest.record, schemas.RecordItem, None, "404", "410"),
        },
        "components": {"schemas": definitions["$defs"]},
    }


def _build_path(
    route: Any, answer: type[BaseModel], parameters: type[BaseModel] | None, *problems: str
) -> dict[str, Any]:
    return {
        "get": {
            "operationId": route.__name__,
            "summary": route.__doc__,
            "parameters": _build_query_parameters(parameters) if parameters else [_record_id()],
            "responses": {
                "200": {"description": "The answer.", "content": {"application/json": _build_schema(answer)}},
                **{
                    status: {"description": "Refused.", "content": {MEDIA_TYPE: _build_schema(Problem)}}
                    for status in (*problems, "429")
                },
            },
        }
    }


def _build_schema(model: type[BaseModel]) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=model.__name__)}}


def _build_query_parameters(model: type[BaseModel]) -> list[dict[str, Any]]:
    parameters = []
    for name, schema in model.model_json_schema(by_alias=True)["properties"].items():
        schema = {key: value for key, value in schema.items() if key not in {"title", "default"}}
        if "anyOf" in schema:  # an absent parameter is None inside; a query string has no null
            schema = next(option for option in schema["anyOf"] if option.get("type") != "null")
        parameters.append({"name": name, "in": "query", "required": False, "schema": schema})
    return parameters


def _record_id() -> dict[str, Any]:
    return {"name": "record_id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
