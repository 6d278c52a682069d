"""Write small files in AMLworld's layout."""

import random
from collections.abc import Sequence
from pathlib import Path

HEADER = (
    "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,"
    "Amount Paid,Payment Currency,Payment Format,Is Laundering"
)
GOOD = "2022/09/01 00:20,012,80057E030,00220,8000E1234,5.50,Euro,6.25,US Dollar,ACH,0"


def line(**changed: str) -> str:
    """Return a good line with some cells changed; cells are named by their place: t fb fa tb ta ar cr ap cp f l."""
    names = ("t", "fb", "fa", "tb", "ta", "ar", "cr", "ap", "cp", "f", "l")
    return ",".join(changed.get(n, cell) for n, cell in zip(names, GOOD.split(","), strict=True))


def lines(n: int, seed: int = 0) -> list[str]:
    """Return *n* good lines with ties in time, hubs, self-payments and equal lines."""
    pick = random.Random(seed)
    made = []
    for _ in range(n):
        payer, payee = (pick.choice([1, pick.randrange(n // 4 + 2)]) for _ in range(2))
        amount = f"{pick.choice([10, 20, 950])}.{pick.choice(['00', '10'])}"
        when = f"2022/09/{pick.randrange(1, 4):02} {pick.randrange(2):02}:{pick.randrange(3):02}"
        money = pick.choice(["US Dollar", "Euro", "Yen"])
        made.append(
            line(t=when, fb=f"0{payer % 3}", fa=f"8{payer:03X}E030", tb=f"00{payee % 5}", ta=f"8{payee:03X}", ar=amount,
                 ap=amount, cr=money, cp=money, l=str(int(pick.random() < 0.2)))
        )  # fmt: skip
    return made


def write(path: Path, rows: Sequence[str], end: str = "\n") -> Path:
    """Write the header and *rows*."""
    path.write_bytes(end.join([HEADER, *rows, ""]).encode("utf-8", "surrogateescape"))
    return path
