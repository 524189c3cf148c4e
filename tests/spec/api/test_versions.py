"""What was held and when: versions, histories, `meta`, and what the client has already (R4, http.html)."""

import pytest

from concord.fhir import parse
from tests.small_system import condition
from tests.spec.api.held import logical, numbered, words
from tests.spec.api.interactions import Server, version_of

LABELLED = {"meta": {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "hiv"}]}}


# -- read and vread --------------------------------------------------------------------------------------------------


def test_every_version_is_read_at_its_own_address(on: Server) -> None:
    first = on.ask("practice", "GET", "Condition/c1")
    second = on.ask("practice", "PUT", "Condition/c1", numbered("Heart failure, severe"))
    for answer, text in ((first, "Heart failure"), (second, "Heart failure, severe")):
        version = version_of(answer)[3:-1]
        found = on.ask("practice", "GET", f"Condition/c1/_history/{version}")
        assert (found.status_code, version_of(found), words(found)) == (200, version_of(answer), text)
        assert parse(found.content)["meta"]["versionId"] == version
        assert on.ask("hospital", "GET", f"Condition/c1/_history/{version}").status_code == 404
        head = on.ask("practice", "HEAD", f"Condition/c1/_history/{version}")
        assert (head.content, head.headers["etag"]) == (b"", version_of(answer))
    assert on.ask("practice", "GET", "Condition/c1/_history/0000").status_code == 404


def test_a_user_reads_the_versions_that_are_open(on: Server) -> None:
    id_, first = logical(on), version_of(on.ask("practice", "GET", "Condition/c1"))[3:-1]
    on.ask("practice", "PUT", "Condition/c1", numbered("Severe"))
    assert words(on.ask("doctor", "GET", f"Condition/{id_}/_history/{first}")) == "Heart failure"


@pytest.mark.parametrize("who", ["practice", "doctor"])
def test_what_the_client_has_already_is_not_sent_again(on: Server, who: str) -> None:
    id_ = logical(on)
    whole = on.ask(who, "GET", f"Condition/{id_}")
    etag, modified = version_of(whole), whole.headers["last-modified"]
    for headers in (
        {"if_none_match": etag}, {"if_none_match": f'"other", {etag}'}, {"if_none_match": "*"},
        {"if_modified_since": modified}, {"if_none_match": etag, "if_modified_since": "Sun, 01 Jan 2006 00:00:00 GMT"},
    ):  # fmt: skip
        for method in ("GET", "HEAD"):
            answer = on.ask(who, method, f"Condition/{id_}", **headers)
            assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag), headers
    for headers in (
        {"if_none_match": '"other"'}, {"if_modified_since": "Sun, 01 Jan 2006 00:00:00 GMT"},
        {"if_modified_since": "yesterday"}, {"if_none_match": '"other"', "if_modified_since": modified},
    ):  # fmt: skip
        assert on.ask(who, "GET", f"Condition/{id_}", **headers).status_code == 200, headers


def test_the_meta_of_an_item_is_told_by_itself(on: Server) -> None:
    answer = parse(on.ask("practice", "GET", "Condition/c1/$meta").content)
    (part,) = answer["parameter"]
    assert part["name"] == "return"
    assert part["valueMeta"] == parse(on.ask("practice", "GET", "Condition/c1").content)["meta"]


# -- history ---------------------------------------------------------------------------------------------------------


def history(on: Server, who: str, path: str) -> list[tuple[str, str]]:
    """(method, status) of each entry, the newest first."""
    found = parse(on.ask(who, "GET", path).content)
    assert found["type"] == "history"
    return [(each["request"]["method"], each["response"]["status"]) for each in found.get("entry", [])]


def test_a_history_tells_every_version_the_newest_first(on: Server) -> None:
    on.ask("practice", "PUT", "Condition/c1", numbered("Severe"))
    on.ask("practice", "DELETE", "Condition/c1")
    on.ask("practice", "PUT", "Condition/c1", numbered("Again"))
    assert history(on, "practice", "Condition/c1/_history") == [
        ("PUT", "201"), ("DELETE", "204"), ("PUT", "200"), ("PUT", "201"),
    ]  # fmt: skip
    found = parse(on.ask("practice", "GET", "Condition/c1/_history").content)
    assert [each.get("resource", {}).get("code", {}).get("text") for each in found["entry"]] == [
        "Again", None, "Severe", "Heart failure",
    ]  # fmt: skip
    assert found["total"] == 4
    assert on.ask("hospital", "GET", "Condition/c1/_history").status_code == 404


def test_a_history_is_paged_and_narrowed(on: Server) -> None:
    instants = []
    for number in range(4):
        instants.append(parse(on.ask("practice", "GET", "Condition/c1").content)["meta"]["lastUpdated"])
        on.ask("practice", "PUT", "Condition/c1", numbered(str(number)))
    seen: list[str] = []
    path: str | None = "Condition/c1/_history?_count=2"
    while path is not None:
        page = parse(on.ask("practice", "GET", path).content)
        assert page["total"] == 5
        seen += [each["resource"]["code"]["text"] for each in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        path = links["next"].partition("/fhir/")[2] if "next" in links else None
    assert seen == ["3", "2", "1", "0", "Heart failure"]
    assert len(history(on, "practice", f"Condition/c1/_history?_since={instants[2]}")) == 3
    assert len(history(on, "practice", f"Condition/c1/_history?_at={instants[2]}")) == 1
    for wrong in ("_since=yesterday", "_sort=-date", "_count=x", "_since=2026&_since=2027"):
        assert on.ask("practice", "GET", f"Condition/c1/_history?{wrong}").status_code == 400, wrong


def test_the_history_of_a_type_is_the_sources_own(on: Server) -> None:
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1"))
    on.ask("practice", "DELETE", "Condition/c2")
    assert history(on, "practice", "Condition/_history") == [("DELETE", "204"), ("PUT", "201"), ("PUT", "201")]
    assert history(on, "practice", "Condition/_history?_count=1") == [("DELETE", "204")]
    assert history(on, "hospital", "Condition/_history") == []
    assert on.ask("doctor", "GET", "Condition/_history").status_code == 403
    assert on.ask("practice", "GET", "Condition/_history?_at=2026").status_code == 400


def test_a_user_is_told_of_open_versions_alone(on: Server) -> None:
    id_ = logical(on)
    on.ask("practice", "PUT", "Condition/c1", numbered("Secret", **LABELLED))
    assert on.ask("doctor", "GET", f"Condition/{id_}/_history").status_code == 404, "the item as it is now is withheld"
    on.ask("practice", "PUT", "Condition/c1", numbered("Open again"))
    found = parse(on.ask("doctor", "GET", f"Condition/{id_}/_history").content)
    assert [each["resource"]["code"]["text"] for each in found["entry"]] == ["Open again", "Heart failure"]
    assert found["total"] == 2


def test_a_version_that_refers_to_what_is_labelled_by_now_is_withheld(on: Server) -> None:
    """The label came after the version, and the item as it is now no longer refers to what carries it."""
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1", "Open yet"))
    on.ask(
        "practice", "PUT", "Condition/c1", numbered("Refers", evidence=[{"detail": [{"reference": "Condition/c2"}]}])
    )
    on.ask("practice", "PUT", "Condition/c1", numbered("Refers no more"))
    path = f"Condition/{logical(on)}/_history"
    assert len(history(on, "doctor", path)) == 3
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1", "Secret", **LABELLED))
    found = parse(on.ask("doctor", "GET", path).content)
    assert [each["resource"]["code"]["text"] for each in found["entry"]] == ["Refers no more", "Heart failure"]
