"""A rate table is checked, dated and known by its content."""

from pathlib import Path

import pytest

from graphml.errors import InputError, UnknownName
from ingest._rates import Rates

GOOD = 'date = "2020-01-01"\nbase = "US Dollar"\n[rates]\nEuro = 1.25\n[names]\nEUR = "Euro"\n'


def test_the_built_in_table_has_the_published_rates_and_all_currencies_of_saml_d() -> None:
    rates = Rates.load().into("US Dollar")
    published = {"yen": 0.00949, "yuan": 0.1493, "canadian dollar": 0.758, "saudi riyal": 0.2666, "australian dollar": 0.7078,
                 "shekel": 0.2961, "swiss franc": 1.0929, "euro": 1.1718, "ruble": 0.01285, "uk pound": 1.2917,
                 "bitcoin": 11879, "rupee": 0.01362, "mexican peso": 0.0473, "brazil real": 0.1771, "us dollar": 1}  # fmt: skip
    assert {name: rates[name] for name in published} == published
    saml = ("UK pounds", "Euro", "US dollar", "Swiss franc", "Yen", "Mexican Peso", "Moroccan dirham", "Naira", "Albanian lek",
            "Indian rupee", "Dirham", "Turkish lira", "Pakistani rupee")  # fmt: skip
    assert all(name.casefold() in rates for name in saml)
    assert Rates.load().date == "2022-09-01"


def test_the_digest_is_of_the_content_and_not_of_comments(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text("# a comment\n" + GOOD)
    (tmp_path / "c.toml").write_text(GOOD.replace("1.25", "1.26"))
    a, b, c = (Rates.load(tmp_path / f"{n}.toml") for n in "abc")
    assert a.digest == b.digest != c.digest
    assert a.into("EUR") == {"us dollar": 0.8, "euro": 1.0, "eur": 1.0}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("r.toml", GOOD.replace("1.25", "0"), "rate of 'Euro' is 0"),
        ("r.toml", GOOD.replace("1.25", "inf"), "rate of 'Euro' is inf"),
        ("r.toml", GOOD.replace("1.25", "nan"), "rate of 'Euro' is nan"),
        ("r.toml", GOOD.replace("1.25", '"much"'), "rate of 'Euro' is 'much'"),
        ("r.toml", GOOD.replace("1.25", "true"), "rate of 'Euro' is True"),
        ("r.toml", GOOD.replace('= "Euro"', '= "Eruo"'), "'EUR' as 'Eruo'"),
        ("r.toml", GOOD.replace("date", "day"), "no rate table: 'date'"),
        ("r.toml", "rates = 5", "no rate table"),
        ("r.toml", 'date = "x"\nbase = "y"\nrates = 5', "no rate table"),
        ("r.toml", "[", "no rate table"),
        ("r.csv", "name,usd,date\nEuro,much,2020-01-01\n", "no number"),
        ("r.csv", "name,usd\nEuro,1\n", "no rate table"),
        ("r.csv", "name,usd,date\nEuro,1,2020-01-01\nYen,1,2021-01-01\n", "one date"),
    ],
)
def test_a_wrong_table_is_refused_with_what_is_wrong(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=says):
        Rates.load(tmp_path / name)


def test_a_table_that_is_not_there_and_a_currency_without_a_rate_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Rates.load(tmp_path / "no.toml")
    with pytest.raises(UnknownName, match="Doubloon"):
        Rates.load().into("Doubloon")
