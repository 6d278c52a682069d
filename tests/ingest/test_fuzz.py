"""Throw 10,000 rows of garbage at the readers: every one is counted, and nothing ends in a traceback."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ingest
from graphml.errors import GraphMLError
from ingest import Options

HEADERS = {
    "ibm_aml": "Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,Payment Format,Is Laundering",
    "saml_d": "Time,Date,Sender_account,Receiver_account,Amount,Payment_currency,Received_currency,Sender_bank_location,Receiver_bank_location,Payment_type,Is_laundering,Laundering_type",
    "amlsim": "tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id",
    "paysim": "step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud",
    "fincen": "id,icij_sar_id,begin_date,end_date,originator_bank_id,originator_bank,originator_iso,beneficiary_bank_id,beneficiary_bank,beneficiary_iso,number_transactions,amount_transactions",
}
ODD = (
    "", " ", "0", "-1", "1e400", "-1e400", "NaN", "inf", "1,5", "=1+1", "@SUM(A1)", "+7", "0000/00/00 00:00", "9999/12/31 23:59",
    "0001/01/01 00:00", "2022/09/01 00:20", "2022-09-01", "11:38:54", "8,00057E+035", "80057E030", "Euro", "US Dollar", "ACH", "True",
    '"', '""', '"a', "a\0b", "\u202e", "𝔘𝔫𝔦", "Ж", "\ud7ff", "9" * 60, "\t", "'; DROP TABLE", "99999999999999999999",
)  # fmt: skip
CELL = st.one_of(st.sampled_from(ODD), st.text(max_size=12), st.integers().map(str), st.floats().map(str))
ROWS = 100
RUNS = 17


@pytest.mark.parametrize("name", sorted(HEADERS))
@settings(
    max_examples=RUNS,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
@given(data=st.data())
def test_every_row_of_garbage_is_counted(name: str, data: st.DataObject, tmp_path: Path) -> None:
    width = HEADERS[name].count(",") + 1
    pool = data.draw(st.lists(CELL, min_size=8, max_size=8))
    random = Random(data.draw(st.integers(0, 2**32)))
    lines = []
    for _ in range(ROWS):
        cells = [
            random.choice(pool if random.random() < 0.5 else ODD)
            for _ in range(width + random.choice((0, 0, 0, 0, 1, -1)))
        ]
        lines.append(",".join(cells).replace("\n", " ").replace("\r", " ") or ",")
    path = tmp_path / "x.csv"
    content = "\n".join((HEADERS[name], *lines)).encode("utf-8", "surrogatepass")
    if random.random() < 0.2:
        content = content.replace(b"Euro", b"\xc3\x28")
    path.write_bytes(content)
    try:
        ledger = ingest.read(name, [path], Options(bad_share=1.0))
    except GraphMLError as fault:
        assert "there is no row to be read" in str(fault)  # noqa: PT017
        return
    meta = ledger.meta
    assert meta.rows_in == meta.rows_kept + meta.rows_quarantined
    assert meta.rows_kept == ledger.transactions.height
    assert meta.rows_quarantined == ledger.quarantine.height
    joined = sum(line.count('"') % 2 for line in lines)  # a quoted cell may run over lines, which are then one row
    assert meta.rows_in <= ROWS
    assert joined or meta.rows_in == ROWS
    assert (ledger.transactions["value"] > 0).all()
    assert ledger.transactions["time"].is_sorted()
    assert not ledger.quarantine["reason"].is_null().any()
