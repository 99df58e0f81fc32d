"""A report as one HTML file: nothing is fetched, nothing runs, and it prints on A4. Pure.

Every text is a person's, a device's or a file's and is escaped here, once; the drawings are this program's own.
"""

from __future__ import annotations

import re
from html import escape

from dashboard.reports.document import Block, Details, Figure, Pairs, Report, Section, Table, Text

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 190mm; padding: 6mm; background: #fff; color: #14181d;
  font: 10pt/1.38 "Inter", "Segoe UI", "Noto Sans", "DejaVu Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
h1 { font-size: 15pt; margin: 0 0 1mm; line-height: 1.2; overflow-wrap: anywhere; }
h2 { font-size: 11.5pt; margin: 4.5mm 0 1mm; padding-bottom: .6mm; border-bottom: .3mm solid #39424e;
  break-after: avoid; }
h3 { font-size: 10pt; margin: 3mm 0 .5mm; break-after: avoid; }
p { margin: .8mm 0; } ul { margin: .5mm 0 1.5mm; padding-left: 5mm; } li { margin: .25mm 0; }
.who { font-size: 12pt; font-weight: 700; overflow-wrap: anywhere; }
.made { color: #59636e; font-size: 9pt; }
.mark { border: .7mm dashed #7a1fa2; color: #7a1fa2; font-weight: 800; padding: 1.5mm 3mm; margin-bottom: 3mm; }
.water { display: none; }
.important { border-left: 1.2mm solid #14181d; padding-left: 3mm; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .3mm 4mm; margin: 1mm 0; }
main > dl { font-size: 9.2pt; line-height: 1.25; }
dt { color: #59636e; } dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 8.6pt; line-height: 1.3; margin: 1mm 0 2mm; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; color: #39424e; border-bottom: .25mm solid #39424e; vertical-align: bottom; }
th, td { padding: .6mm 3mm .6mm 0; }
td { border-bottom: .15mm solid #c9cfd6; vertical-align: top; overflow-wrap: break-word; }
.n { text-align: right; white-space: nowrap; }
figure { margin: 1mm 0; break-inside: avoid; } svg { width: 100%; height: auto; display: block; }
svg text { font-family: inherit; }
figcaption { color: #59636e; font-size: 8.4pt; }
.about { break-inside: avoid; } .about ul { font-size: 9pt; }
footer { margin-top: 7mm; border-top: .3mm solid #39424e; padding-top: 1.5mm; font-size: 8.4pt; color: #39424e; }
@media print {
  body { padding: 0; max-width: none; }
  .marked .water { display: block; position: fixed; inset: 0; z-index: -1; text-align: center; padding-top: 90mm;
    font-size: 60pt; font-weight: 800; color: #7a1fa2; opacity: .10; transform: rotate(-30deg); }
}
"""

_NO_SOURCES = "default-src 'none'; style-src 'unsafe-inline'"


def page(report: Report) -> str:
    """The report as HTML; the same report gives the same file."""
    mark = report.mark.split(":")[0] if report.mark else ""
    marked = f'<div class="mark" role="note">{escape(report.mark)}</div>' if report.mark else ""
    body = "".join(_section(each) for each in report.sections)
    head = _block(report.head)
    title = " · ".join(each for each in (mark, report.title, report.who) if each)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_NO_SOURCES}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}{_page_margins(report, mark)}</style></head>"
        f'<body{" class=marked" if mark else ""}><div class="water" aria-hidden="true">{escape(mark)}</div>{marked}'
        f'<header><h1>{escape(report.title)}</h1><div class="who">{escape(report.who)}</div>'
        f'<div class="made">{escape(report.made)}</div></header><main>{head}{body}</main>'
        f"<footer>{'. '.join(escape(each) for each in report.statements)}.</footer></body></html>\n"
    )


def _page_margins(report: Report, mark: str) -> str:
    """On every printed page: whose it is, what it is not, and its number."""
    left = _css_text(" · ".join(each for each in (mark, report.who) if each))
    small = "font: 8pt Arial, sans-serif; color: #39424e;"
    return (
        f"@page {{ size: A4; margin: 14mm 12mm 15mm; @top-left {{ content: {left}; {small} font-weight: 700; }} "
        f"@top-right {{ content: {_css_text(report.title)}; {small} }} "
        f"@bottom-left {{ content: {_css_text('Not a medical device. ' + report.made)}; {small} }} "
        f'@bottom-right {{ content: counter(page) " / " counter(pages); {small} }} }}\n'
    )


def _css_text(text: str) -> str:
    """`text` as a string of CSS within HTML: whatever is not a letter, a digit or a blank is written by its number."""
    plain = re.sub(r"[^A-Za-z0-9 ]", lambda found: f"\\{ord(found[0]):x} ", text)
    return f'"{plain}"'


def _section(section: Section) -> str:
    return f"<section><h2>{escape(section.title)}</h2>{''.join(_block(each) for each in section.blocks)}</section>"


def _block(block: Block) -> str:
    match block:
        case Text(sentences, important):
            lines = "".join(f"<p>{escape(each)}</p>" for each in sentences)
            return f'<div class="important">{lines}</div>' if important else lines
        case Pairs(pairs):
            return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in pairs) + "</dl>"
        case Figure(svg, about, caption):
            return f'<figure aria-label="{escape(about)}">{svg}<figcaption>{escape(caption)}</figcaption></figure>'
        case Details(title, sentences):
            lines = "".join(f"<li>{escape(each)}</li>" for each in sentences)
            return f'<div class="about"><h3>{escape(title)}</h3><ul>{lines}</ul></div>'
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    def cells(row: tuple[str, ...], tag: str) -> str:
        classes = [' class="n"' if place in table.numeric else "" for place in range(len(row))]
        return "".join(f"<{tag}{kind}>{escape(each)}</{tag}>" for kind, each in zip(classes, row, strict=True))

    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in table.rows)
    head = cells(table.columns, "th")
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
