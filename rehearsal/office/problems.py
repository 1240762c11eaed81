"""How the office says no: one JSON shape, `{code, message}`, for every error it answers.

Routes raise `Problem`; `app` turns it, and the framework's own errors, into that shape. Codes are
part of the API (tools map them to sentences); messages are for developers and carry no data.
"""

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

FRAMEWORK_CODES = {404: "no_such_route", 405: "method_not_allowed"}


class ProblemBody(BaseModel):
    """Body of every answer with a status of 400 or more."""

    code: str
    message: str


class Problem(Exception):
    """A refusal with HTTP `status`, a closed `code` and a `message` free of personal data."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.body = ProblemBody(code=code, message=message)
        super().__init__(f"{status} {code}")


async def answer_problem(_request: Request, error: Exception) -> JSONResponse:
    """Turn a `Problem` into its response."""
    assert isinstance(error, Problem)
    return JSONResponse(error.body.model_dump(), error.status)


async def answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    """Give the framework's 404 and 405 the office's own shape."""
    assert isinstance(error, HTTPException)
    code = FRAMEWORK_CODES.get(error.status_code, "http_error")
    body = ProblemBody(code=code, message=str(error.detail))
    return JSONResponse(body.model_dump(), error.status_code, headers=error.headers)


async def answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    """Name the fields that do not fit, never the values sent."""
    assert isinstance(error, RequestValidationError)
    places = sorted({".".join(str(part) for part in item["loc"]) for item in error.errors()})
    body = ProblemBody(code="invalid_request", message=f"does not fit: {', '.join(places)}")
    return JSONResponse(body.model_dump(), 422)
