"""Divisions are joined by code alone, whatever a spreadsheet has done to the code."""

import numpy as np
import pandas as pd
import pytest

from circle15.errors import ColumnError, FileError
from circle15.sources.divisions import join_divisions, read_divisions

LISTED = pd.DataFrame(
    {"name": ["当湖街道", "三北村委会", "塘桥村委会"], "level": ["street", "village", "village"]},
    index=pd.Index(["330482001", "330482001201", "330482001202"], name="code"),
)


@pytest.mark.parametrize(
    "code",
    ["330482001201", 330482001201, 330482001201.0, " 330482001201 ", "３３０４８２００１２０１", "330482001201.0"],
)  # fmt: skip
def test_a_code_is_known_in_whatever_form(code):
    rows = pd.DataFrame({"code": [code], "name": ["三北村"]}, index=["x"])
    joined = join_divisions(rows, LISTED)
    assert joined.loc["x", ["division", "status"]].tolist() == ["330482001201", "matched"]


def test_a_padded_code_is_that_of_the_street():
    joined = join_divisions(pd.DataFrame({"code": ["330482001000"]}), LISTED)
    assert joined["division"].tolist() == ["330482001"]
    assert joined["level"].tolist() == ["street"]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("330482001299", "not_listed"), ("33048200120", "bad_code"), ("村", "bad_code"),
        ("", "no_code"), (None, "no_code"), (np.nan, "no_code"), ("-5", "bad_code"),
    ],
)  # fmt: skip
def test_what_does_not_match_says_why(code, status):
    joined = join_divisions(pd.DataFrame({"code": [code], "name": ["三北村"]}), LISTED)
    assert joined["status"].tolist() == [status]
    assert joined["division"].isna().all()


def test_a_name_never_makes_a_match_but_is_held_against_the_listed_one():
    rows = pd.DataFrame({"code": ["330482001201", "330482001202"], "name": ["塘桥村", "塘桥村"]})
    assert join_divisions(rows, LISTED)["status"].tolist() == ["name_differs", "matched"]


def test_a_code_that_stands_twice_is_told_at_both():
    rows = pd.DataFrame({"code": ["330482001201"] * 2})
    assert join_divisions(rows, LISTED)["status"].tolist() == ["double", "double"]


def test_the_whole_country_is_joined(shared_data):
    divisions = read_divisions(shared_data("china-division/villages.csv.gz"))
    assert len(divisions) == 620_573
    assert divisions["level"].eq("village").all()
    rows = divisions.reset_index()[["code", "name"]].sample(frac=1.0, random_state=0)
    joined = join_divisions(rows, divisions)
    assert joined["status"].eq("matched").all()
    assert joined["division"].eq(rows["code"]).all()


def test_a_file_that_is_no_list_is_refused(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ColumnError, match="code"):
        read_divisions(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match=r"codes\.csv"):
        read_divisions(path)
