"""`risewatch report` of a recording: the worked examples' own numbers, the explanations of `flag --explain`, nothing
from elsewhere, nothing half written."""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from report_reader import ReportReader
from typer.testing import CliRunner

from dashboard.cli import build, main

SAMPLES = Path(__file__).parents[2] / "sample_data"
EXAMPLE = SAMPLES / "worked-example-a.csv"
TIMES = ["--infusion-start", "2026-03-01T09:00:00Z", "--infusion-end", "2026-03-01T09:40:00Z"]
ALL_CLEAR = re.compile(r"\b(normal|safe|all clear|unremarkable|healthy|fine)\b", re.IGNORECASE)


def run(*arguments):
    return CliRunner().invoke(build(str(arguments[0])), [str(each) for each in arguments])


def report(tmp_path, recording=EXAMPLE, *options):
    out = tmp_path / "report.html"
    done = run("report", recording, *options, "-o", out)
    assert done.exit_code == 0, done.output
    return out.read_text(encoding="utf-8")


def test_it_says_the_worked_example_as_it_is_written(tmp_path):
    read = ReportReader(report(tmp_path, EXAMPLE, *TIMES))
    rises = [
        tuple(row[name] for name in ("Signal", "Level", "Limit", "Onset", "Peak", "At", "Return", "Outcome"))
        for row in read["Rises"].rows()
    ]
    back = "transient: back in time"
    assert rises == [
        ("SBP", "1", "140", "09:20:00 (+20 min)", "184", "09:40:00 (+40 min)", "10:25:00 (+85 min)", back),
        ("DBP", "1", "91", "09:20:00 (+20 min)", "104", "09:40:00 (+40 min)", "10:10:00 (+70 min)", back),
        ("SBP", "2", "160", "09:30:00 (+30 min)", "184", "09:40:00 (+40 min)", "10:10:00 (+70 min)", back),
        ("SBP", "3", "180", "09:40:00 (+40 min)", "184", "09:40:00 (+40 min)", "09:55:00 (+55 min)", back),
        ("DBP", "2", "100", "09:35:00 (+35 min)", "104", "09:40:00 (+40 min)", "09:50:00 (+50 min)", back),
    ]
    assert read["Baseline"].rows()[0] == {
        "Signal": "SBP",
        "Baseline": "120 mmHg",
        "Status": "ok",
        "Rests on": "median of 124 (08:50:00), 120 (08:55:00), 116 (09:00:00)",
    }
    (limit,) = (row for row in read["Thresholds"].rows() if (row["Signal"], row["Level"]) == ("SBP", "2"))
    assert (limit["Criteria"], limit["Limit"], limit["Over at"]) == ("165 mmHg or baseline + 40", "160", "150")
    doubts = read["Readings to be doubted, and readings that do not count"]
    assert [row["What"].split(":")[0] for row in doubts.rows(0)] == ["146/140"]
    assert re.search(r"SHA-256: [0-9a-f]{64}$", read["Thresholds"].details["adult-iv in full"][-1])


def test_each_rise_is_explained_by_the_very_words_of_flag(tmp_path):
    read = ReportReader(report(tmp_path, EXAMPLE, *TIMES))
    told = run("flag", EXAMPLE, *TIMES, "--explain").output
    explained = read["Why each rise was flagged"].details
    assert len(explained) == 5

    def without_times(text):
        return re.sub(r"\d\d:\d\d:\d\d|[+-]\d+\.\d min", "T", text)

    blocks = [block.splitlines() for block in told.split("\n\n") if re.match(r"(SBP|DBP|HR) level", block)]
    for (title, lines), block in zip(explained.items(), blocks, strict=True):
        assert title.split(". ", 1)[1] == block[0]
        assert [without_times(each) for each in lines] == [without_times(each.strip()) for each in block[1:]]


def test_it_says_what_flag_finds_in_every_sample(tmp_path):
    for name in ("made/typical.csv", "made/vasovagal.csv", "made/hypertensive.edf", "made/strong-rise.vital"):
        read = ReportReader(report(tmp_path, SAMPLES / name))
        start = re.search(r"infusion start (\S+?)[,:] ", read["Where the numbers are from"].pairs["Infusion times"])[1]
        stop = re.search(r"infusion stop (\S+?)[,:] ", read["Where the numbers are from"].pairs["Infusion times"])[1]
        end = re.search(r"session end (\S+?): ", read["Where the numbers are from"].pairs["Infusion times"])
        limits = ["--infusion-start", start, "--infusion-end", stop, *(["--session-end", end[1]] if end else [])]
        flagged = json.loads(run("flag", SAMPLES / name, *limits, "--json").stdout)
        rows = read["Rises"].rows() if flagged["rises"] else []
        found = [(row["Signal"], int(row["Level"]), float(row["Peak"])) for row in rows]
        assert found == [(each["signal"], each["level"], each["peak"]) for each in flagged["rises"]]
        lows = read["Low limits"].rows() if flagged["low_limits"] else []
        assert len(lows) == len(flagged["low_limits"])
        assert not ALL_CLEAR.search(read.text)


def test_nothing_is_fetched_and_nothing_runs(tmp_path):
    content = report(tmp_path, EXAMPLE, *TIMES)
    read = ReportReader(content)
    assert not {"script", "link", "img", "iframe", "object", "form", "a"} & set(read.tags)
    assert read.links == []
    assert "default-src 'none'" in content
    assert "url(" not in content and "@import" not in content


def test_what_a_recording_is_stands_on_every_page(tmp_path):
    content = report(tmp_path, EXAMPLE, *TIMES)
    read = ReportReader(content)
    assert "IMPORTED: a recording, not watched here" in read.text
    margins = re.search(r"@page \{.*?\n", content)[0]
    assert "IMPORTED" in margins and "Not a medical device" in margins and "counter(page)" in margins
    for statement in ("Does not diagnose", "Thresholds are local choices", "not a primary alarm source"):
        assert statement in read.text


def test_cuffs_are_bars_that_are_never_joined_and_lines_break(tmp_path):
    rows = ["time,HR,NIBP_SYS,NIBP_DIA"]
    rows += [f"2026-03-01T09:{minute:02d}:00Z,,{120 + minute},80" for minute in range(0, 60, 5)]
    rows += [
        f"2026-03-01T09:{second // 60:02d}:{second % 60:02d}Z,70,,"
        for second in (*range(0, 600, 5), *range(1200, 1800, 5))
    ]
    recording = tmp_path / "two.csv"
    recording.write_text("\n".join(rows) + "\n")
    content = report(tmp_path, recording, "--infusion-start", "2026-03-01T09:10:00Z")
    svg = ElementTree.fromstring(re.search(r"<svg.*?</svg>", content, re.DOTALL)[0])
    shapes = [each for each in svg if each.get("stroke") == "#5b2ea6" and each.get("stroke-width") == "2.2"]
    assert len(shapes) == 12
    assert all(each.tag.endswith("line") and each.get("x1") == each.get("x2") for each in shapes)
    (rate,) = (each for each in svg if each.tag.endswith("path") and each.get("stroke") == "#0b7a3b")
    assert rate.get("d").count("M") == 2  # one stretch before the gap of ten minutes, one after it


def test_a_text_from_a_file_is_never_markup(tmp_path):
    recording = tmp_path / "x.csv"
    lines = EXAMPLE.read_text().splitlines()
    evil = "</style><script>alert(1)</script>"
    recording.write_text(
        "\n".join([lines[0] + ",event", *(f"{each}," for each in lines[1:-1]), lines[-1] + f',"{evil}"']) + "\n"
    )
    content = report(tmp_path, recording, *TIMES)
    assert "<script" not in content
    assert evil in ReportReader(content)["Technical notices"].tables[0][-1][-1]


def test_times_are_written_in_the_zone_that_is_asked_for(tmp_path):
    read = ReportReader(report(tmp_path, EXAMPLE, *TIMES, "--timezone", "Europe/Vienna"))
    assert read[""].pairs["Infusion"] == "10:00:00 to 10:40:00"
    assert "Europe/Vienna with the offset +01:00" in read[""].pairs["Times"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["missing.csv"], 1, "missing.csv"),
        (["7"], 1, "risewatch:"),
        ([EXAMPLE], 1, "--infusion-start"),
        ([EXAMPLE, *TIMES, "--initials"], 2, "--initials"),
        (["7", *TIMES], 2, "--infusion-start"),
        ([EXAMPLE, "--infusion-start", "noon"], 2, "noon"),
        ([EXAMPLE, *TIMES, "--thresholds", "none-such"], 1, "none-such"),
        ([EXAMPLE, "--infusion-start", "2026-03-02T09:00:00Z"], 1, "outside the recording"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_no_file(tmp_path, capsys, arguments, status, said):
    out = tmp_path / "r.html"
    options = ["--data", tmp_path / "none"] if arguments == ["7"] else []
    with pytest.raises(SystemExit) as ended:
        main([str(each) for each in ("report", *arguments, "-o", out, *options)])
    told = capsys.readouterr().err
    assert ended.value.code == status
    assert said in told
    assert "Traceback" not in told and "fault of the program" not in told
    assert list(tmp_path.glob("*")) == []


def test_only_html_is_written_and_an_old_report_stays_whole(tmp_path):
    out = tmp_path / "report.pdf"
    done = run("report", EXAMPLE, *TIMES, "-o", out)
    assert done.exit_code == 2 and "HTML" in done.output
    old = tmp_path / "report.html"
    old.write_text("the old one")
    assert run("report", EXAMPLE, "-o", old).exit_code != 0
    assert old.read_text() == "the old one"
    folder = tmp_path / "folder.html"
    folder.mkdir()
    assert run("report", EXAMPLE, *TIMES, "-o", folder).exit_code != 0
    assert sorted(each.name for each in tmp_path.iterdir()) == ["folder.html", "report.html"]


@pytest.mark.browser
def test_it_prints_on_a4_and_asks_nobody_for_anything(browser, tmp_path):
    content = report(tmp_path, SAMPLES / "made/strong-rise.vital")
    path = tmp_path / "report.html"
    page = browser.new_page(viewport={"width": 794, "height": 1123})  # A4 at 96 px an inch
    asked, said = [], []
    page.on("request", lambda each: asked.append(each.url))
    page.on("console", lambda each: said.append(each.text))
    page.goto(path.as_uri())
    assert asked == [path.as_uri()]
    assert said == []
    wide = (
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert page.evaluate(wide) == 0
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})  # what the margins leave
    assert page.evaluate(wide) == 0
    assert page.locator(".water").is_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 2
    assert content.count("<svg") == 1
