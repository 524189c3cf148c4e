"""What whoever looks after a feed may do about a reject: for each reason that Concord gives, a first thing to try."""

_ADVICE = (
    ("held for a later version", "Nothing is wrong with it. Replay it once Concord reads messages of this type."),
    ("in its shadow", "It waits for the feed to go live: write `shadow: no` in its file, then replay the feed."),
    ("behind an earlier", "Replay or discard the earlier one: this one follows by itself."),
    ("does not allow", "If it should come this way, allow it in the feed's file and replay; else discard it."),
    ("came before with other content", "Look which of the two is right. A mended message needs a number of its own."),
    ("word that is not known", "Add the word to the column's codes in the mapping and replay."),
    ("real date", "Add how the source writes dates to the mapping (`dates`) and replay, or have the row mended."),
    ("`delimiter:", "Write that delimiter in the mapping and replay."),
    ("The header", "Columns were renamed or left out: mend the mapping, or have the extract sent as it was."),
    ("no table of the mapping", "Mend the mapping's headers or file names, then send the file again."),
    ("a fault of Concord's", "Report it with the number under which it is held; replay it after the next release."),
    ("more than may go at once", "See whether the extract is whole. If it is, raise `at_most` and take it in again."),
    ("cut short", "Have the sender send it again."),
    ("directory", "Add the organisation to the directory, then replay."),
    (
        "8859/1 in MSH-18",
        "Write what the sender uses into the feed's file (`character_set: windows-1252`), then replay.",
    ),
    ("not UTF-8", "Write the encoding in the mapping (of tables), then replay."),
)
_ELSE = "Have the source mend and send it again, then discard this one."


def advice_on(reason: str) -> str:
    """A first thing to try for what was rejected for this reason."""
    return next((advised for words, advised in _ADVICE if words in reason), _ELSE)
