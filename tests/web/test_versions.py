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


def test_a_match_is_confirmed_corrected_and_confirmed_in_bulk(app, site):
    publisher = office(app, "publisher")
    publisher.post(f"{OFFICE}/versions/", data={"text": SECOND})
    page = publisher.page(f"{OFFICE}/versions/")
    assert "条文字一字未改" in page.text
    assert page.all("ins")
    assert page.all("del")
    fates = [element.get("id") for element in page.all("li") if element.get("class") == "fate"]
    first, second = (fate.removeprefix("line-") for fate in fates[:2])
    answer = publisher.post(f"{OFFICE}/versions/lineage/{first}", data={})
    assert answer.headers["Location"].endswith(f"#line-{second}")
    page = publisher.page(f"{OFFICE}/versions/lineage/{second}")
    assert "现在记的是" in page.text
    ticked = [box.get("value") for box in page.all("input") if box.get("name") == "new" and "checked" in box.attrib]
    assert len(ticked) == 1
    answer = publisher.post(f"{OFFICE}/versions/lineage/{second}", data={"is_said": "1"})
    assert answer.status_code == 422
    assert "至少要有一边有条款" in answer.get_data(as_text=True)
    old = next(box.get("value") for box in page.all("input") if box.get("name") == "old" and "checked" in box.attrib)
    answer = publisher.post(
        f"{OFFICE}/versions/lineage/{second}", data={"is_said": "1", "old": old, "new": [ticked[0], "3-3"]}
    )
    assert answer.status_code == 302
    page = publisher.page(f"{OFFICE}/versions/")
    assert "拆分" in page.text
    assert "人工调整" in page.text
    assert publisher.post(f"{OFFICE}/versions/lineage", data={"only_same": "1"}).status_code == 302
    page = publisher.page(f"{OFFICE}/versions/")
    assert "条文字一字未改" not in page.text
    assert "处没有确认" in page.text
    publisher.set_cookie("lang", "en")
    assert "No, correct the match" in publisher.page(f"{OFFICE}/versions/").text
    assert "Record this match" in publisher.page(f"{OFFICE}/versions/lineage/{second}").text
    moderator = office(app, "moderator")
    assert moderator.get(f"{OFFICE}/versions/lineage/{second}").status_code == 403
    assert publisher.get(f"{OFFICE}/versions/lineage/99999").status_code == 404
