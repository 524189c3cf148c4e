"""JSON Patch: RFC 6902 and its examples (appendix A), as far as they concern an object."""

from decimal import Decimal
from typing import Any

import pytest

from concord.base import Incorrect
from concord.fhir import apply_patch, encode, parse, read_patch

# (RFC's number) before | patch | after; None: refused
TABLE: dict[str, tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any] | None]] = {
    "A.1 adding an object member": (
        {"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    "A.2 adding an array element": (
        {"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    "A.3 removing an object member": (
        {"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    "A.4 removing an array element": (
        {"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    "A.5 replacing a value": (
        {"baz": "qux", "foo": "bar"}, [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"}),
    "A.6 moving a value": (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
    "A.7 moving an array element": (
        {"foo": ["all", "grass", "cows", "eat"]}, [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]}),
    "A.8 testing a value: success": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
        {"baz": "qux", "foo": ["a", 2, "c"]}),
    "A.9 testing a value: error": ({"baz": "qux"}, [{"op": "test", "path": "/baz", "value": "bar"}], None),
    "A.10 adding a nested member object": (
        {"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}}),
    "A.11 ignoring unrecognised members": (
        {"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}], {"foo": "bar", "baz": "qux"}),
    "A.12 adding to a non-existent target": (
        {"foo": "bar"}, [{"op": "add", "path": "/baz/bat", "value": "qux"}], None),
    "A.14 ~ escape ordering": (
        {"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    "A.15 comparing strings and numbers": (
        {"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": "10"}], None),
    "A.16 adding an array value": (
        {"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}], {"foo": ["bar", ["abc", "def"]]}),
    "4.6 true is not 1": ({"a": 1}, [{"op": "test", "path": "/a", "value": True}], None),
    "4.6 numbers are equal by what they say": (
        {"a": Decimal("1.10")}, [{"op": "test", "path": "/a", "value": Decimal("1.1")}], {"a": Decimal("1.10")}),
    "4.4 nothing is moved into itself": (
        {"a": {"b": {}}}, [{"op": "move", "from": "/a", "path": "/a/b"}], None),
    "4.5 a copy is its own": (
        {"a": {"b": 1}}, [{"op": "copy", "from": "/a", "path": "/c"}, {"op": "remove", "path": "/c/b"}],
        {"a": {"b": 1}, "c": {}}),
    "replacing in an array": ({"a": [1, 2]}, [{"op": "replace", "path": "/a/1", "value": 3}], {"a": [1, 3]}),
    "replacing what is not there": ({"a": 1}, [{"op": "replace", "path": "/b", "value": 3}], None),
    "removing beyond the end": ({"a": [1]}, [{"op": "remove", "path": "/a/1"}], None),
    "an index with a leading zero": ({"a": [1, 2]}, [{"op": "remove", "path": "/a/01"}], None),
    "an index that is no number": ({"a": [1, 2]}, [{"op": "add", "path": "/a/one", "value": 1}], None),
    "removing the whole": ({"a": 1}, [{"op": "remove", "path": ""}], None),
    "through a text": ({"a": "text"}, [{"op": "add", "path": "/a/b/c", "value": 1}], None),
    "nothing of a patch that fails": (
        {"a": 1}, [{"op": "remove", "path": "/a"}, {"op": "test", "path": "/a", "value": 1}], None),
}  # fmt: skip


@pytest.mark.parametrize(("before", "patch", "after"), TABLE.values(), ids=TABLE.keys())
def test_a_patch(before: dict[str, Any], patch: list[dict[str, Any]], after: dict[str, Any] | None) -> None:
    was = encode(before)
    operations = read_patch(encode(patch))
    if after is None:
        with pytest.raises(Incorrect, match=r"^\[\d\]"):
            apply_patch(before, operations)
    else:
        assert apply_patch(before, operations) == after
    assert encode(before) == was, "what was patched is a copy"


def test_digits_that_a_patch_does_not_touch_stay() -> None:
    resource = parse(b'{"value":1.10,"unit":"x"}')
    patched = apply_patch(resource, read_patch(b'[{"op":"add","path":"/other","value":2.50}]'))
    assert encode(patched) == b'{"value":1.10,"unit":"x","other":2.50}'


@pytest.mark.parametrize(
    "document",
    [b"{}", b"[]", b"[1]", b'[{"op":"write","path":"/a"}]', b'[{"op":"add","path":"/a"}]', b'[{"op":"remove"}]',
     b'[{"op":"remove","path":"a"}]', b'[{"op":"move","path":"/a"}]', b"not json", b'["' + b"\xff" + b'"]'],
)  # fmt: skip
def test_what_is_no_patch_is_refused(document: bytes) -> None:
    with pytest.raises(Incorrect):
        read_patch(document)


@pytest.mark.parametrize("path", ["/id", "/resourceType", ""])
def test_a_patch_does_not_make_another_item_of_it(path: str) -> None:
    operations = read_patch(encode([{"op": "replace", "path": path, "value": "other"}]))
    with pytest.raises(Incorrect):
        apply_patch({"resourceType": "Patient", "id": "1"}, operations)
