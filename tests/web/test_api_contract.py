"""The whole JSON interface asked at random by Schemathesis, as anybody, as another platform and as a moderator.

Whatever is sent, the answer is one that the description names, in its form, and never a fault of the site; what is as
described is taken, and what is not is refused.
"""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from sqlalchemy import func, select, update

from portal.models import ApiKey, Comment, Submission
from portal.rules.words import CommentState
from portal.services import audit
from tests.web.test_api_writing import made  # noqa: F401 — the keys, and comments to work on

#: what every answer is held against
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    allow_header_conformance,
    negative_data_rejection,
]
#: how often each operation is asked, in each way
EXAMPLES = 10
#: half of the requests are about things that are there
THERE = {"slug": "hehu", "number": 1}


@pytest.mark.parametrize("caller", ["anybody", "platform", "staff"])
def test_every_answer_is_as_described_whatever_is_asked(app, made, caller):  # noqa: F811
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.extensions["database"].transaction() as session:
        session.execute(update(ApiKey).values(per_minute=6000))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    description = app.test_client().get("/api/v1/openapi.json").get_json()
    # in process nothing unpacks what was packed for the wire
    headers = {"Accept-Encoding": "identity"}
    if caller in made:
        headers["Authorization"] = f"Bearer {made[caller]}"
    asked: dict[str, set[int]] = {}

    def ask(strategy, often=EXAMPLES):
        @settings(
            max_examples=often, deadline=None, database=None, derandomize=True,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=strategy)
        def once(case):
            answer = case.call(headers=headers)
            asked.setdefault(case.operation.label, set()).add(answer.status_code)
            case.validate_response(answer, checks=CHECKS, headers=headers)

        once()

    for found in schema.get_all_operations():
        operation = found.ok()
        there = {parameter.name: THERE[parameter.name] for parameter in operation.path_parameters}
        if operation.body:
            # by chance alone no label of a clause would ever fit: the example of the description has to
            content = description["paths"][operation.path][operation.method]["requestBody"]["content"]
            name = content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            (example,) = description["components"]["schemas"][name]["examples"]
            ask(operation.as_strategy(path_parameters=there, body=example), 3)
        for mode in GenerationMode:
            if mode.is_negative and not (operation.body or operation.query):
                continue  # any words are a slug, and a path is all there is
            ask(operation.as_strategy(generation_mode=mode))
            if there:
                ask(operation.as_strategy(generation_mode=mode, path_parameters=there))
    every = {f"{method.upper()} {path}" for path, item in description["paths"].items() for method in item}
    assert set(asked) == every - {"GET /openapi.json"}  # Schemathesis leaves out where it read the description
    assert {200, 404, 422} <= asked["GET /consultations/{slug}/comments"]
    if caller == "platform":
        assert 201 in asked["POST /consultations/{slug}/submissions"], asked
    if caller == "staff":
        assert 201 in asked["POST /moderation/consultations/{slug}/comments/{number}/decisions"], asked
    with app.extensions["database"].reader() as session:
        # whatever was asked, the books are right
        received = session.scalar(select(func.count()).select_from(Submission))
        assert (received > 1) == (caller == "platform")
        assert list(audit.verify(session)) == []
        if caller == "anybody":
            assert set(session.scalars(select(Comment.state))) == {CommentState.PENDING}
