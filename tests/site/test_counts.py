"""What the first page counts: investigations and people, each once."""

from __future__ import annotations

import pytest

from probatum.review.model import Study
from probatum.site.pages import counts as counting

STUDIES = {
    one.id: one
    for one in (
        Study(id="a", title="A", randomised=True, status="completed", n_randomised=40),
        Study(id="a-again", title="A", randomised=True, status="completed", companion_of="a"),
        Study(id="b", title="B", randomised=True, status="completed", n_analysed=10),
        Study(id="c", title="C", status="completed", n_analysed=500),
        Study(id="d", title="D", randomised=True, status="ongoing", n_randomised=300),
    )
}


def test_companions_are_never_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "study_ids", lambda ctx: list(STUDIES))
    monkeypatch.setattr(counting, "about", lambda ctx, name: STUDIES[name])
    found = {shown.id: shown.value for _, shown in counting.counts(None)}  # type: ignore[arg-type]
    expected = {"studies": 4, "trials": 2, "people": 50, "running": 1}
    assert found == {f"studies/{name}": value for name, value in expected.items()}
