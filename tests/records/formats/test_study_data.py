"""Study data of RevMan files come out as printed, under one set of names."""

import io
import zipfile
from pathlib import Path

import pytest

from probatum.errors import BadInput
from probatum.records.formats import read, read_study_data
from probatum.records.formats.package import SIZE
from probatum.records.source import Source

SAMPLES = Path(__file__).parent / "samples"


def test_rm5_has_rows_of_each_kind_with_their_study() -> None:
    data = read_study_data(Source(SAMPLES / "revman-rm5-included-and-data.rm5"))
    assert [row.kind for row in data.rows] == ["dich", "cont", "iv", "other"]
    dich, cont, iv, other = data.rows
    assert (dich.comparison, dich.outcome) == ("Ketamine versus control", "Abstinence")
    assert (dich.subgroup, dich.study, dich.line) == ("At one year", "Krupitsky 1997", 25)
    cells = dict(dich.cells)
    assert [cells[name] for name in ("events_1", "total_1", "events_2", "total_2")] == [
        *("73", "111", "24", "100")
    ]
    assert dict(cont.cells)["mean_1"] == "1.50"  # as printed
    assert (iv.study, dict(iv.cells)["estimate"]) == ("STD-Unknown", "-0.2")
    assert dict(other.cells)["text"] == "None died"
    assert [one.outcome for one in data.settings][:2] == ["Abstinence", "Abstinence"]
    pooled = dict(data.settings[0].cells)
    assert (pooled["effect_measure"], pooled["i2"], pooled["group_label_1"]) == (
        *("RR", "12.5", "Ketamine"),
    )
    assert [study["name"] for study in data.studies] == ["Krupitsky 1997", "Doe 2001"]
    assert data.rejected == []


def test_web_package_gives_the_same_names() -> None:
    data = read_study_data(Source(SAMPLES / "revman-web-package-in-a-package.zip"))
    first, second = data.rows
    assert (first.comparison, first.outcome, first.subgroup) == ("1", "1", "At one year")
    assert (first.study, first.kind, second.kind) == ("Krupitsky 1997", "dich", "cont")
    assert dict(first.cells)["events_1"] == "73"
    assert dict(second.cells)["mean_1"] == "1.50"
    assert "ci_start" not in dict(second.cells)  # it was printed as #N/A
    assert dict(data.settings[0].cells)["effect measure"] == "RR"
    assert data.studies == [
        {"table": "CD1-study-information", "study": "Krupitsky 1997", "year": "1997"}
    ]


def test_a_bomb_is_rejected_without_unpacking_it() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("included.ris", b"\0" * (SIZE + 1))
        archive.writestr("excluded.ris", b"TY  - JOUR\nTI  - a\nER  - \n")
    reading = read(Source(data=packed.getvalue()), "revman-web")
    assert [one.title for one in reading.records] == ["a"]
    assert "unpacks to more than" in reading.rejected[0].reason


def test_a_format_without_study_data_is_refused() -> None:
    with pytest.raises(BadInput, match="revman-rm5"):
        read_study_data(Source(data=b"TY  - JOUR\nTI  - a\nER  - \n"))
