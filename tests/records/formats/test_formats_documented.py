"""docs/records.md lists the formats that there are, as they describe themselves."""

import re
from pathlib import Path

from probatum.records.formats import FORMATS

DOCS = Path(__file__).parents[3] / "docs/records.md"


def test_the_list_of_formats_is_the_registry() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?) \| (yes|no) \|", DOCS.read_text("utf-8"), re.M)
    assert rows == [
        (name, one.title, "yes" if one.write else "no") for name, one in sorted(FORMATS.items())
    ]
