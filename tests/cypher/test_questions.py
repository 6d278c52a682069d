import pytest

import cypher
from cypher.questions import Parameter, Question, bind, question, questions, statements
from graphml.errors import ParameterError, UnknownName


def test_every_question_says_what_it_asks_and_how_to_read_it() -> None:
    found = questions()
    assert {q.name for q in found} >= {"flagged_neighbourhood", "forward_trail", "ring_profile"}
    assert cypher.questions() == found
    for q in found:
        assert q.sentence.endswith("?")
        assert q.reading.endswith(".")
        assert q.describe()["parameters"][0]["sentence"]
        assert "ORDER BY" in q.text
        for word in ("apoc.", "gds.", "algo.", "elementId", "SHORTEST", "id("):
            assert word not in q.text
        for p in q.parameters:
            assert f"${p.name}" in q.text, f"{q.name} does not use {p.name}"
            assert p.default is None or p.value(p.default) is not None


def test_text_becomes_what_the_store_takes() -> None:
    bound = bind(
        "forward-trail", {"account": "B:1", "from": "2022-09-01", "max_gap": "1.5h", "keep": "1", "limit": "7"}
    )
    assert bound == {
        "account": "B:1", "from": 1_661_990_400_000, "to": bind("forward_trail", {"account": "x"})["to"], "hops": 4,
        "max_gap": 5_400_000, "window": 30 * 86_400_000, "keep": 1.0, "most": 1.25, "limit": 7,
    }  # fmt: skip
    assert isinstance(bound["keep"], float)
    # A bound between two milliseconds lies after the earlier one: the store's whole milliseconds divide as the instant does.
    assert bind("forward_trail", {"account": "x", "from": "1970-01-01T00:00:00.000001"})["from"] == 1
    assert bind("forward_trail", {"account": "x", "from": 5, "keep": 1})["from"] == 5


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "needs account"),
        ({"account": "x", "hop": 1}, "Did you mean hops"),
        ({"account": "x", "hops": 7}, "outside 1 to 6"),
        ({"account": "x", "hops": "two"}, "no whole number"),
        ({"account": "x", "hops": True}, "no integer"),
        ({"account": "x", "keep": "much"}, "no number"),
        ({"account": "x", "keep": float("nan")}, "outside 0 to 1"),
        ({"account": 5}, "no account"),
        ({"account": "x", "from": "yesterday"}, "not a date"),
        ({"account": "x", "max_gap": "3 weeks"}, "no length of time"),
    ],
)
def test_what_cannot_be_bound_is_said(given: dict[str, object], said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        bind("forward_trail", given)


def test_an_unknown_question_has_near_names() -> None:
    with pytest.raises(UnknownName, match="Did you mean ring_profile"):
        question("ring_profil")


def test_a_header_line_that_is_no_parameter_is_refused() -> None:
    assert Parameter.of("run: text = . The run.") == Parameter("run", "text", "The run.", "")
    assert Parameter.of("hops: integer 1..4 = 2. How many.") == Parameter("hops", "integer", "How many.", "2", 1.0, 4.0)
    with pytest.raises(ParameterError, match="no parameter"):
        Parameter.of("hops: whole = 2. How many.")


def test_a_question_is_its_header_and_its_text() -> None:
    made = Question.of("q", "// Who\n// pays?\n//\n// a: text. It.\n//\n// Read\n// this.\nMATCH (n)\nRETURN n\n")
    assert (made.sentence, made.reading, made.text) == ("Who pays?", "Read this.", "MATCH (n)\nRETURN n")


def test_statements_are_divided_without_comments() -> None:
    assert len(statements("write/stale.cypher")) == 3
    assert all("//" not in text for text in statements("schema/entities.cypher"))
