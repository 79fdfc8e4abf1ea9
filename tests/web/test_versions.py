"""The next version in the office and before the public."""

from __future__ import annotations

import re

from tests.services.test_versions import SECOND
from tests.web.test_commenting import put, send
from tests.web.test_office import OFFICE, decide, office


def test_the_whole_way_of_a_second_version(app, client, site):
    put(client, body="巡查太少。")
    send(client)
    decide(office(app, "moderator"), 1, "published")
    publisher = office(app, "publisher")
    assert publisher.post(f"{OFFICE}/versions/", data={"text": ""}).status_code == 422
    assert publisher.post(f"{OFFICE}/versions/", data={"text": SECOND}).status_code == 302
    assert "加强宣传" in publisher.page(f"{OFFICE}/outline").text
    assert "加强宣传" not in app.test_client().page("/consultations/hehu/").text
    page = publisher.page(f"{OFFICE}/versions/")
    assert "处没有确认" in page.text
    line = re.search(r"/versions/lineage/(\d+)", page.source).group(1)
    assert publisher.post(f"{OFFICE}/versions/lineage/{line}", data={}).status_code == 302
    assert publisher.post(f"{OFFICE}/versions/publication", data={"note": "说明"}).status_code == 422
    assert publisher.post(f"{OFFICE}/versions/lineage", data={}).status_code == 302
    assert "都已确认" in publisher.page(f"{OFFICE}/versions/").text
    assert publisher.post(f"{OFFICE}/versions/publication", data={"note": "增加巡查次数。"}).status_code == 302

    public = app.test_client()
    assert "每日巡查两次" in public.page("/consultations/hehu/").text
    page = public.page("/consultations/hehu/clauses/2-2")
    assert "巡查太少。" in page.text
    assert "针对第1稿第二部分第（一）条" in page.text.replace(" ", "")
    for view in ("side", "inline"):
        page = public.page(f"/consultations/hehu/compare/1/2?view={view}&all=1")
        assert "增加巡查次数。" in page.text
        assert "未改" in page.text
        assert page.all("ins")
        assert page.all("del")
    assert "每日巡查一次" in public.page("/consultations/hehu/versions/1").text
    assert public.get("/consultations/hehu/versions/3").status_code == 404
    assert public.get("/consultations/hehu/compare/1/9").status_code == 404


def test_a_version_in_preparation_is_nobodys_business(app, site):
    publisher = office(app, "publisher")
    publisher.post(f"{OFFICE}/versions/", data={"text": SECOND})
    public = app.test_client()
    assert public.get("/consultations/hehu/versions/2").status_code == 404
    assert public.get("/consultations/hehu/compare/1/2").status_code == 404
