"""The schema that editors use, against packs that load and packs that do not."""

import json
import tomllib
from importlib.resources import files

import pytest

from circle15.standards.combine import RULE_KEYS, WrittenPack
from circle15.standards.kinds import KINDS, Option
from circle15.standards.load import list_standards, load_standard
from circle15.standards.rules import Cost
from circle15.standards.schema import standard_schema
from circle15.words import load_words

HEAD = 'name = "own"\ntitle_zh = "自"\ntitle_en = "Own"\nsource = "us"\n'
LISTS = ("rules", "override", "costs")
INCLUDING = HEAD + 'include = ["fifteen-minutes"]\n'
RULE = 'clause = "3"\ncategory = "park"\nconfidence = "inferred"\ntitle_zh = "园"\ntitle_en = "P"\n'
REACH = f'[[rules]]\nrule_id = "P-1"\nthreshold = 10\npass_share = 0.9\n{RULE}'
SUBSTITUTION = f"""[[rules]]
rule_id = "P-1"
kind = "substitution"
options = [{{ category = "supermarket" }}, {{ category = "kiosk", n = 2, min_area_m2 = 50 }}]
{RULE}"""
QUOTA = f"""[[rules]]
rule_id = "P-1"
kind = "quota"
{RULE}[rules.table]
"A" = 1
"""

GOOD = [
    HEAD + REACH,
    HEAD + SUBSTITUTION,
    HEAD + QUOTA,
    HEAD + '[defaults]\nconfidence = "inferred"\n' + REACH.replace('confidence = "inferred"\n', ""),
    INCLUDING,
    INCLUDING + 'exclude = ["F15-park"]\n',
    INCLUDING + '[[override]]\nrule_id = "F15-park"\nthreshold = 10\non = true\n',
    INCLUDING + '[[costs]]\ncategory = "park"\nyuan = 5\nper = "year"\nclause = "3"\n'
    'confidence = "confirmed"\n',
]
BAD = [
    HEAD,
    REACH,
    HEAD + 'colour = "red"\n' + REACH,
    HEAD + REACH + 'colour = "red"\n',
    HEAD + REACH + "members = ['a', 'b']\n",
    HEAD + REACH.replace("10", "0"),
    HEAD + REACH.replace("10", "'far'"),
    HEAD + REACH.replace('rule_id = "P-1"', ""),
    HEAD + REACH.replace("inferred", "sure"),
    HEAD + REACH + 'kind = "reech"\n',
    HEAD + REACH + 'kind = "basket"\nmembers = ["a"]\nminutes = 5\n',
    HEAD + SUBSTITUTION.replace("n = 2", "n = 0"),
    HEAD + SUBSTITUTION.replace("n = 2", "m = 2"),
    HEAD + QUOTA.replace("= 1\n", "= 'x'\n"),
    HEAD + '[defaults]\nkind = "quota"\n' + REACH,
    HEAD + "[defaults]\ncolour = 1\n" + REACH,
    INCLUDING + "[[override]]\nthreshold = 10\n",
    INCLUDING + '[[override]]\nrule_id = "F15-park"\nkind = "quota"\n',
    INCLUDING + '[[costs]]\ncategory = "park"\nyuan = 5\nper = "month"\n',
    INCLUDING + "exclude = 5\n",
]


@pytest.fixture(scope="module")
def schema():
    return standard_schema()


@pytest.fixture(scope="module")
def is_valid(schema):
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    return lambda text: validator.is_valid(tomllib.loads(text))


def loads(text, path):
    path.write_text(text, "utf-8")
    try:
        load_standard(path)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_what_loads_is_valid(text, is_valid, tmp_path):
    assert loads(text, tmp_path / "own.toml")
    assert is_valid(text)


@pytest.mark.parametrize("text", BAD)
def test_what_does_not_load_is_not_valid(text, is_valid, tmp_path):
    assert not loads(text, tmp_path / "own.toml")
    assert not is_valid(text)


@pytest.mark.parametrize("name", list_standards())
def test_shipped_packs_are_valid(name, is_valid):
    assert is_valid((files("circle15.standards") / "packs" / f"{name}.toml").read_text("utf-8"))


def test_every_key_is_in_it(schema):
    keys = schema["properties"]
    assert set(keys) == set(WrittenPack.model_fields)
    assert set(keys["rules"]["items"]["properties"]) == RULE_KEYS
    assert set(keys["override"]["items"]["properties"]) == RULE_KEYS - {"kind"}
    assert set(keys["defaults"]["properties"]) == RULE_KEYS - {"kind", "rule_id"}
    assert set(keys["costs"]["items"]["properties"]) == set(Cost.model_fields)
    assert {kind: set(each["properties"]) for kind, each in schema["definitions"].items()} == {
        kind: set(model.model_fields) for kind, model in KINDS.items()
    }


def test_every_key_is_described_and_no_description_is_left_over(schema):
    described = {key.removeprefix("field.") for key in load_words("en") if key.startswith("field.")}
    known = RULE_KEYS | {*WrittenPack.model_fields, *Cost.model_fields, *Option.model_fields}
    assert described == known
    for table in (schema, *schema["definitions"].values()):
        assert table["title"]
        assert table["description"]
        assert "``" not in table["description"]
    keys = schema["properties"]
    for table in (schema, keys["defaults"], *(keys[name]["items"] for name in LISTS)):
        for each in table["properties"].values():
            assert each["description"]


def test_it_says_nothing_that_toml_cannot(schema):
    assert '"null"' not in json.dumps(schema)
    assert "$defs" not in json.dumps(schema)
