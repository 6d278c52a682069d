"""Let a continuous integration run refuse skips, and say where data made elsewhere lies."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the command line does; read when OpenMP is loaded


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if os.environ.get("MULETRAIL_NO_SKIP") == "1" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may skip: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def data() -> Path:
    """Return the folder of data made elsewhere, or skip."""
    folder = Path(os.environ.get("MULETRAIL_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("Data made elsewhere is absent; name its folder in MULETRAIL_DATA.")
    return folder
