"""Text as it is compared: without case, accents and the width of spaces; and as it sounds."""

import unicodedata

_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i", "\u2019": "'"}
)
_SOUNDS = {
    letter: digit
    for letters, digit in (("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6"))
    for letter in letters
}


def fold(text: str) -> str:
    """Text as compared when neither case, accents nor the width of spaces count."""
    text = text.casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = text.translate(_LETTERS_WITHOUT_DECOMPOSITION)
    return " ".join(text.split())


def soundex(word: str) -> str:
    """A folded word as it sounds in English: "holroyd" and "hollroid" are both H463 (US patent 1,261,167)."""
    letters = [letter for letter in word if "a" <= letter <= "z"]
    if not letters:
        return word
    digits, last = "", _SOUNDS.get(letters[0], "")
    for letter in letters[1:]:
        digit = _SOUNDS.get(letter, "")
        if digit and digit != last:
            digits += digit
        if letter not in "hw":
            last = digit
    return (letters[0].upper() + digits + "000")[:4]
