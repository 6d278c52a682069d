import pytest

from graphml.errors import ParameterError
from graphml.window import DAY, HOUR, Window, instant, to_datetime


def test_an_instant_without_a_zone_is_utc() -> None:
    assert instant("1970-01-02") == DAY
    assert instant("1970-01-02T02:00:00+02:00") == DAY
    assert to_datetime(instant("2022-09-01T00:20:00")).isoformat() == "2022-09-01T00:20:00+00:00"


@pytest.mark.parametrize("text", ["", "yesterday", "2022-13-01", "01/09/2022"])
def test_a_text_that_is_no_date_is_answered_with_an_example(text: str) -> None:
    with pytest.raises(ParameterError, match="2022-09-01"):
        instant(text)


def test_a_window_is_half_open_and_cannot_be_reversed() -> None:
    window = Window.of(0, HOUR)
    assert 0 in window
    assert HOUR not in window
    with pytest.raises(ParameterError, match="Swap the two"):
        Window.of(HOUR, 0)
