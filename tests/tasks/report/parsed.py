"""A page as a reader's program sees it: its elements, its text, and its tables read back into numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr"}
NOTHING = ("not shown", "–", "few", "not shown: too few")


@dataclass
class Element:
    """An element with its attributes; `parts` are elements and texts, in their order."""

    tag: str
    attributes: dict[str, str]
    parts: list["Element | str"] = field(default_factory=list)
    named: dict[str, "Element"] = field(default_factory=dict)

    def all(self, *tags: str) -> Iterator["Element"]:
        waiting = [part for part in reversed(self.parts) if isinstance(part, Element)]
        while waiting:
            element = waiting.pop()
            if not tags or element.tag in tags:
                yield element
            waiting += [part for part in reversed(element.parts) if isinstance(part, Element)]

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].parts.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].parts.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].parts.append(data)


def parse(page: str) -> Element:
    """Read a page; every element has to be closed where it was opened."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root]
    reader.root.named = {
        element.attributes["id"]: element for element in reader.root.all() if "id" in element.attributes
    }
    return reader.root


def by_id(page: Element, name: str) -> Element:
    return page.named[name]


def rows_of(page: Element, table: str) -> list[list[Element]]:
    """The cells of a table's body."""
    (body,) = by_id(page, table).all("tbody")
    return [list(row.all("th", "td")) for row in body.all("tr")]


def cells(page: Element, table: str) -> list[list[str]]:
    """The words in a table's body."""
    return [[cell.words for cell in row] for row in rows_of(page, table)]


def code_of(cell: Element) -> str:
    """The code in a cell that names a segment, or its words where they are all there is."""
    codes = list(cell.all("code"))
    return codes[0].words if codes else cell.words


def figure(words: str) -> float | None:
    """A number read back from a cell."""
    if words in NOTHING:
        return None
    text = words.replace(",", "").replace("−", "-").removesuffix("%").removesuffix(" points")
    return 0.0 if words.startswith("under ") else float(text)
