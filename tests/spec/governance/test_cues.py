"""Words that suggest a label: each is found in a text as the table writes it."""

from importlib.resources import files

import pytest
import yaml

from concord.governance.labels import cue_table
from concord.terminology import Label

TABLE = yaml.safe_load(files("concord.governance.labels").joinpath("cues.yaml").read_text(encoding="utf-8"))
WORDS = [(label, str(word)) for label, words in TABLE.items() for word in words]


@pytest.mark.parametrize(("label", "word"), WORDS)
@pytest.mark.parametrize("written", ["{}", "Seen today: {}, as told.", "SAID: {}"])
def test_a_word_of_the_table_is_found(label: str, word: str, written: str) -> None:
    said = written.format(word.replace("*", "sing").replace(" ", " - ")).title()
    assert Label(label) in {found for found, _ in cue_table().found(said)}


@pytest.mark.parametrize("said", ["He went to the clinic himself.", "No concern.", ""])
def test_other_words_suggest_nothing(said: str) -> None:
    assert list(cue_table().found(said)) == []
