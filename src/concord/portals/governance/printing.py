"""A page of governance's as PDF, A4: from reportlab alone, so that it is made wherever Concord runs."""

from collections.abc import Iterator, Sequence
from html import escape
from io import BytesIO
from unicodedata import normalize

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)

from concord.governance.agreements import Page, Section, Table

_BLUE, _INK, _GREY, _LINE = (HexColor(each) for each in ("#005eb8", "#212b32", "#4c6272", "#d8dde0"))
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10, leading=13.5, textColor=_INK, spaceAfter=4)
_TITLE = ParagraphStyle("title", _BODY, fontName="Helvetica-Bold", fontSize=20, leading=24, spaceAfter=6)
_LEAD = ParagraphStyle("lead", _BODY, fontSize=12, leading=16, textColor=_GREY, spaceAfter=8)
_HEADING = ParagraphStyle(
    "heading", _BODY, fontName="Helvetica-Bold", fontSize=14, leading=18, spaceBefore=12, spaceAfter=4, keepWithNext=1
)
_CAPTION = ParagraphStyle("caption", _HEADING, fontSize=11, leading=14, spaceBefore=8, keepWithNext=0)
_ITEM = ParagraphStyle("item", _BODY, leftIndent=12, bulletIndent=2)
_CELL = ParagraphStyle("cell", _BODY, fontSize=9, leading=11.5, spaceAfter=0)
_NAME = ParagraphStyle("name", _CELL, fontName="Helvetica-Bold")
_MARGIN = 18 * mm
_PADDING = 6  # within reportlab's frame
_LEFT = 30 * mm  # of a page, less than which a table does not begin on it
_RULED = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
)
_HEADED = TableStyle([("LINEBELOW", (0, 0), (-1, 0), 1, _INK)], parent=_RULED)
_WIDE = 4  # columns, from which on a table wants the paper on its side
_PRINTED = "cp1252"  # what PDF's own fonts have


def as_pdf(page: Page) -> bytes:
    """A PDF file. The same page gives the same bytes."""
    written = BytesIO()
    wide = any(len(table.head) > _WIDE for section in page.sections for table in section.tables)
    size = landscape(A4) if wide else A4
    document = SimpleDocTemplate(
        written,
        pagesize=size,
        leftMargin=_MARGIN - _PADDING,
        rightMargin=_MARGIN - _PADDING,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=_printable(page.title),
        author="Concord",
        lang="en-GB",
        invariant=True,
    )
    width = size[0] - 2 * _MARGIN
    story: list[Flowable] = [Paragraph(_marked(page.title), _TITLE), Paragraph(_marked(page.lead), _LEAD)]
    for section in page.sections:
        story += _section(section, width)
    document.build(story, onFirstPage=_footed, onLaterPages=_footed)
    return written.getvalue()


def _footed(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(_GREY)
    canvas.drawString(_MARGIN, 10 * mm, str(document.title))
    canvas.drawRightString(document.pagesize[0] - _MARGIN, 10 * mm, f"Page {canvas.getPageNumber()}")
    canvas.setStrokeColor(_BLUE)
    canvas.setLineWidth(2)
    canvas.line(_MARGIN, document.pagesize[1] - 12 * mm, document.pagesize[0] - _MARGIN, document.pagesize[1] - 12 * mm)
    canvas.restoreState()


def _section(section: Section, width: float) -> Iterator[Flowable]:
    if section.title:
        yield Paragraph(_marked(section.title), _HEADING)
    alone = len(section.sentences) == 1
    for sentence in section.sentences:
        plain = alone or sentence.endswith(":")
        yield Paragraph(_marked(sentence), _BODY) if plain else Paragraph(_marked(sentence), _ITEM, bulletText="•")
    for table in section.tables:
        yield CondPageBreak(_LEFT)
        if table.title:
            yield Paragraph(_marked(table.title), _CAPTION)
        yield _table(table, width)
        yield Spacer(0, 6)


def _table(table: Table, width: float) -> Flowable:
    head = [[Paragraph(_marked(name), _NAME) for name in table.head]] if any(table.head) else []
    rows = [
        [Paragraph(_marked(cell), _NAME if number == 0 else _CELL) for number, cell in enumerate(row)]
        for row in table.rows
    ]
    return LongTable(
        [*head, *rows],
        colWidths=_widths(table, width),
        repeatRows=len(head),
        splitInRow=1,
        style=_HEADED if head else _RULED,
    )


def _widths(table: Table, width: float) -> Sequence[float]:
    """Of columns: by the square root of how much each has to say, but never less than its longest word."""
    columns = list(zip(*(table.head, *table.rows), strict=True))
    words = [{word for cell in column for word in cell.split()} or {""} for column in columns]
    least = [max(stringWidth(word, _NAME.fontName, _NAME.fontSize) for word in each) + _PADDING for each in words]
    said = [sum(map(len, column)) ** 0.5 for column in columns]
    tight: set[int] = set()
    while True:
        left = width - sum(least[column] for column in tight)
        sharing = sum(each for column, each in enumerate(said) if column not in tight)
        found = [least[at] if at in tight else left * each / sharing for at, each in enumerate(said)]
        more = {column for column, each in enumerate(found) if each < least[column]} - tight
        if not more or len(tight | more) == len(columns):
            return found
        tight |= more


def _marked(text: str) -> str:
    return escape(_printable(text), quote=False)


def _printable(text: str) -> str:
    """Letters that PDF's own fonts do not have without their accents, or as a question mark: Tŷ as Ty."""
    return "".join(
        each if _has(each) else normalize("NFKD", each).encode(_PRINTED, "ignore").decode(_PRINTED) or "?"
        for each in text
    )


def _has(character: str) -> bool:
    try:
        character.encode(_PRINTED)
    except UnicodeEncodeError:
        return False
    return True
