"""The reader against drafts with known outlines."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portal.drafts import Draft, read
from tests.drafts.corpus import shared


@pytest.fixture(scope="module")
def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_score", shared("corpus", "score.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prediction(draft: Draft, title: str | None) -> dict[str, Any]:
    """What was read, in the words of the scorer."""
    facts = draft.facts
    meta = {
        "title": title,
        "publisher": facts.issuing_bureau,
        "published": facts.published_on,
        "doc_number": facts.document_number,
        "window": {"start": facts.opens_on, "end": facts.closes_on},
        "email": list(facts.emails),
        "phone": list(facts.phones),
        "postal": list(facts.postal_addresses),
    }
    nodes = [asdict(node) for node in draft.nodes]
    return {"nodes": nodes, "meta": meta, "responsibilities": [asdict(r) for r in draft.responsibilities]}


def documents(folder: str) -> Iterator[tuple[dict[str, Any], Path]]:
    for path in sorted(shared("corpus", folder).glob("*.truth.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        for suffix in (".txt", ".html"):
            source = path.with_name(truth["id"] + suffix)
            if source.exists():
                yield truth, source


def scored(scorer: ModuleType, truth: dict[str, Any], source: Path) -> dict[str, Any]:
    draft = read(source.read_bytes(), source.name)
    result: dict[str, Any] = scorer.score_doc(truth, prediction(draft, draft.facts.draft_title))
    other: dict[str, Any] = scorer.score_doc(truth, prediction(draft, draft.facts.title))
    # Either title of a notice about a draft is right.
    result["meta"]["title"] = result["meta"].get("title", True) or other["meta"].get("title", True)
    return result


@pytest.mark.parametrize(("folder", "bar"), [("laws", 0.995), ("policies", 0.985), ("stress", 0.97)])
def test_clauses_headings_offices_and_facts(scorer: ModuleType, folder: str, bar: float) -> None:
    results = [scored(scorer, truth, source) for truth, source in documents(folder)]
    total = {name: sum(r[name] for r in results) for name in ("truth", "pred", "parent", "headings", "headings_ok")}
    assert scorer.prf(total["parent"], total["pred"], total["truth"])[2] >= bar
    assert total["headings_ok"] >= 0.98 * total["headings"]
    notes = [r["resp"] for r in results if r.get("resp")]
    if notes:
        found, predicted, wanted = (sum(note[i] for note in notes) for i in range(3))
        assert scorer.prf(found, predicted, wanted)[2] >= 0.99
    facts = [right for r in results for right in r["meta"].values()]
    assert sum(facts) >= 0.95 * len(facts)


def test_the_five_seeds_are_read_without_a_fault(scorer: ModuleType) -> None:
    for truth, source in documents("policies"):
        if truth["style"] != "seed":
            continue
        result = scored(scorer, truth, source)
        assert result["parent_f1"][2] == 1.0, truth["id"]
        assert result["path_f1"][2] == 1.0, truth["id"]
        assert result["headings"] == result["headings_ok"], truth["id"]
        assert all(result["meta"].values()), truth["id"]


def test_short_notices(scorer: ModuleType) -> None:
    for line in shared("corpus", "notices", "notices.jsonl").read_text(encoding="utf-8").splitlines():
        notice = json.loads(line)
        facts = read(notice["text"].encode(), "notice.txt").facts
        truth = notice["truth"]
        window = truth["window"] or {"start": None, "end": None}
        assert (facts.opens_on, facts.closes_on) == (window["start"], window["end"]), notice["id"]
        assert list(facts.emails) == truth["email"], notice["id"]
        assert list(facts.phones) == (truth["phone"] or []), notice["id"]
        assert list(facts.faxes) == truth.get("fax", []), notice["id"]
        assert list(facts.postal_addresses) == ([truth["postal"]] if truth["postal"] else []), notice["id"]
        assert list(facts.postcodes) == ([truth["postcode"]] if "postcode" in truth else []), notice["id"]
        assert facts.title == truth["title"], notice["id"]
        assert facts.issuing_bureau == (truth["publisher"] or [None])[0], notice["id"]


def test_every_clause_of_every_document_can_be_cited() -> None:
    from portal.drafts import citation

    for folder in ("laws", "policies", "stress"):
        for _, source in documents(folder):
            nodes = read(source.read_bytes(), source.name).nodes
            for index in range(0, len(nodes), 7):
                assert isinstance(citation(nodes, index), str)
