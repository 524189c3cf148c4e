"""Whether a narrative is safe to show: one well-formed XHTML div of formatting alone.

The rules are txt-1 and txt-2 (http://hl7.org/fhir/R4/narrative.html): the elements and attributes of chapters 7 to 11
and 15 of HTML 4.0 that format text, links, images; nothing that runs; no entities beyond XML's own; and some content.
"""

from xml.parsers import expat

_XHTML = "http://www.w3.org/1999/xhtml"
_ELEMENTS = frozenset(
    {
        "a", "abbr", "acronym", "address", "area", "b", "bdo", "big", "blockquote", "br", "caption", "center",
        "cite", "code", "col", "colgroup", "dd", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4",
        "h5", "h6", "hr", "i", "img", "kbd", "li", "map", "ol", "p", "pre", "q", "s", "samp", "small", "span",
        "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
        "var",
    }
)  # fmt: skip
_ATTRIBUTES = frozenset(
    {
        "abbr", "accesskey", "align", "alt", "axis", "bgcolor", "border", "cellpadding", "cellspacing", "char",
        "charoff", "charset", "cite", "class", "clear", "color", "colspan", "compact", "coords", "dir", "face",
        "frame", "headers", "height", "href", "hreflang", "hspace", "id", "lang", "longdesc", "name", "noshade",
        "nowrap", "rel", "rev", "rowspan", "rules", "scope", "shape", "size", "span", "src", "start", "style",
        "summary", "tabindex", "target", "title", "type", "usemap", "valign", "value", "vspace", "width",
        "xml:lang", "xml:space", "xmlns",
    }
)  # fmt: skip
_ADDRESSES = ("href", "src", "cite", "longdesc")
_RUNNING = ("javascript:", "vbscript:", "data:text")
_SHOWS = frozenset(("img",))  # counts as content without any text

MALFORMED = "one well-formed XHTML div, its entities XML's own"


class _Unsafe(Exception):
    """Stops the parser: what was found, in its message."""


def narrative_fault(text: str) -> str | None:
    """What a narrative should have been and is not, as a phrase that quotes nothing of it; None when it is safe."""
    reading = _Reading()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reading.start
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse_declaration
    parser.ProcessingInstructionHandler = _refuse_declaration
    try:
        parser.Parse(text.strip(), True)
    except _Unsafe as unsafe:
        return str(unsafe)
    except (expat.ExpatError, UnicodeEncodeError):
        return MALFORMED
    return None if reading.has_content else "some content that is not blank (txt-2)"


class _Reading:
    """What has been read of one narrative."""

    def __init__(self) -> None:
        self.has_content = False
        self._begun = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self._begun:
            self._begun = True
            if name != "div" or attributes.get("xmlns", _XHTML) != _XHTML:
                raise _Unsafe(MALFORMED)
        if name not in _ELEMENTS:
            raise _Unsafe("no elements but those that format text, links and images (txt-1)")
        if name in _SHOWS:
            self.has_content = True
        for attribute, value in attributes.items():
            if attribute not in _ATTRIBUTES:
                raise _Unsafe("no attributes but those that format, and none that runs (txt-1)")
            if attribute in _ADDRESSES and "".join(value.split()).lower().startswith(_RUNNING):
                raise _Unsafe("no address that runs (txt-1)")

    def text(self, text: str) -> None:
        if not self.has_content and not text.isspace():
            self.has_content = True


def _refuse_declaration(*_: object) -> None:
    raise _Unsafe(MALFORMED)
