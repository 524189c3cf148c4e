"""Files that people write for feeds: read whole, or refused in a sentence."""

from pathlib import Path

from concord.base import Incorrect


def text_of(path: Path, what: str) -> str:
    """In UTF-8. Raises Incorrect."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Incorrect(f"There is no {what} at {path}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Incorrect(f"The {what} {path} cannot be read: {error}.") from None
