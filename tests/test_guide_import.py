"""The guide's example is a program: its file, read by its mapping, gives what the guide says."""

import re
import tomllib
from datetime import date

from tests.conftest import ROOT

from vertrauenskonto.engine.importing import ImportRequest, import_files
from vertrauenskonto.importers.mapping import mapping_from_dict
from vertrauenskonto.importers.policy import read_policy


def test_the_guides_mapping_reads_the_guides_file(tmp_path):
    guide = (ROOT / "docs" / "guides" / "import-your-files.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", guide, re.DOTALL)
    (mapping,) = (text for kind, text in blocks if kind == "toml" and "name = " in text)
    (content,) = (text for _, text in blocks if text.startswith("Auftrag;"))
    path = tmp_path / "orders.csv"
    path.write_bytes(content.encode("cp1252"))
    report = import_files(
        ImportRequest(
            path=path,
            mapping=mapping_from_dict(tomllib.loads(mapping)),
            policy=read_policy("default"),
            today=date(2026, 11, 22),
        )
    )
    assert report.events == {
        "order_received": 3,
        "promise_kept": 1,
        "promise_late_with_notice": 1,
    }
    assert report.outcomes == {"purchase": 3}
    (problem,) = report.problems
    assert problem.in_language("en") in guide
