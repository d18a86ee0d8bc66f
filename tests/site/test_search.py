"""The search index: made of the finished pages, harmless, and small."""

from __future__ import annotations

import json
from pathlib import Path

from walk import walk

from probatum.site.finish import finish, said
from probatum.site.search import kind_of, sort_key


def index(out: Path) -> dict[str, list]:
    text = (out / "static/search-index.js").read_text("utf-8")
    start, end = "window.probatumIndex=", ";\n"
    assert text.startswith(start)
    assert text.endswith(end)
    assert not set("<>&\u2028\u2029") & set(text)
    return json.loads(text[len(start) : -len(end)])


def test_each_entry_leads_to_a_page_and_a_place_on_it(built) -> None:
    _, _, out, _ = built
    found = index(out)
    for kind, title, url, _, parts in found["pages"]:
        assert found["kinds"][kind]
        assert title.strip(), url
        anchors = set(walk((out / url).read_text("utf-8")).ids)
        for kind_of_part, name, anchor, _ in parts:
            assert found["kinds"][kind_of_part]
            assert name.strip(), (url, anchor)
            assert anchor in anchors, (url, anchor)
    assert (out / "static/search-index.js").stat().st_size < 100_000


def test_every_page_is_found_and_stands_in_the_list_for_readers_without_scripts(built) -> None:
    _, _, out, _ = built
    pages = {p.relative_to(out).as_posix() for p in out.rglob("*.html")}
    pages -= {"404.html", "search.html", "problems.html"}
    assert pages == {page[2] for page in index(out)["pages"]}
    listed = walk((out / "search.html").read_text("utf-8")).links
    assert pages <= {url for tag, _, url in listed if tag == "a"}


def test_hostile_titles_stay_text(tiny_site: Path) -> None:
    titles = [page[1] for page in index(tiny_site)["pages"]]
    assert "A tiny review <script>alert(1)</script>" in titles
    assert "Relapse within 12 weeks" in titles


def test_kinds_and_order() -> None:
    assert kind_of("studies/x.html") == "Study"
    assert kind_of("studies/index.html") == kind_of("methods.html") == "Page"
    assert sorted(["Zoë", "“Ether”", "Éden", "alpha"], key=sort_key)[:2] == ["alpha", "Éden"]


def test_a_finished_page_lists_its_headings_without_links() -> None:
    page = '<div class="sheet band"><h1>T</h1><p class="lead">A &lt;b&gt; lead</p>{}</div>'
    heads = "".join(f'<h2 id="h{i}"><a href="#x">Part {i}</a></h2>' for i in range(3))
    made = finish("\ue0ff" + page.format(heads + "<!--contents-->\n"), about="else")
    assert made.startswith("A &lt;b&gt; lead")
    assert '<li><a href="#h1">Part 1</a></li>' in made
    assert "toc" not in finish(page.format("<!--contents-->\n"), about="else")
    assert finish("\ue0ff", about='"1"') == "&quot;1&quot;"
    assert said("a <b>b</b>\n c") == "a b c"
