"""Say what is unknown, what is near, and where the names stand."""

from graphml.errors import UnknownName


def test_few_names_are_listed_even_where_a_command_lists_them() -> None:
    said = str(UnknownName.of("ring", "a1", ["b2", "a2"], "muletrail rings run"))
    assert said == "Unknown ring 'a1'. Did you mean a2? Known: a2, b2."


def test_many_names_are_left_to_the_command_that_lists_them() -> None:
    names = [f"{k:05d}" for k in range(1_200)]
    said = str(UnknownName.of("ring", "00007x", names, "muletrail rings run"))
    assert said.startswith("Unknown ring '00007x'. Did you mean 00007")
    assert said.endswith("`muletrail rings run` lists the 1,200 there are.")
    assert str(UnknownName.of("feature", "x", names)).endswith("00039 and 1,160 more.")
