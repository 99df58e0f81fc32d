"""Reads a report as a program of another hand would: sections by title, tables by their rows, everything said."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Part:
    title: str
    tables: list = field(default_factory=list)
    lines: list = field(default_factory=list)
    pairs: dict = field(default_factory=dict)
    details: dict = field(default_factory=dict)

    def rows(self, place=0):
        """A table as one dict a row."""
        head, *rows = self.tables[place]
        return [dict(zip(head, row, strict=True)) for row in rows]


class ReportReader(HTMLParser):
    _TEXTS = ("h1", "h2", "h3", "p", "li", "dt", "dd", "th", "td", "title", "figcaption", "text")

    def __init__(self, content):
        super().__init__()
        self.parts = {"": Part("")}
        self.tags = []
        self.links = []
        self.said = []
        self._here = self.parts[""]
        self._text = None
        self._style = False
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [(name, value) for name, value in attributes if name in ("src", "href", "action", "xlink:href")]
        self.links += [("on", name) for name, _ in attributes if name.startswith("on")]
        self._style = tag == "style"
        if tag == "table":
            self._here.tables.append([])
        if tag == "tr":
            self._here.tables[-1].append([])
        if tag in self._TEXTS:
            self._text = ""

    def handle_data(self, data):
        if not self._style:
            self.said.append(data)
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "style":
            self._style = False
        if tag not in self._TEXTS or self._text is None:
            return
        text, self._text = self._text, None
        here = self._here
        if tag == "h2":
            self._here = self.parts.setdefault(text, Part(text))
        elif tag == "h3":
            here.details[text] = []
        elif tag == "p":
            here.lines.append(text)
        elif tag == "li":
            list(here.details.values())[-1].append(text)
        elif tag == "dt":
            self._name = text
        elif tag == "dd":
            here.pairs[self._name] = text
        elif tag in ("th", "td"):
            here.tables[-1][-1].append(text)

    @property
    def text(self):
        return " ".join(" ".join(self.said).split())

    def __getitem__(self, title):
        return self.parts[title]
