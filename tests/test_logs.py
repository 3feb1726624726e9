import io
import sys

import pytest
import structlog

from alertmesh.logs import configure_logs


@pytest.fixture
def configured():
    before = structlog.get_config()
    configure_logs()
    yield
    structlog.configure(**before)


def test_a_logger_outlives_a_redirection_of_standard_error(configured, monkeypatch):
    log = structlog.get_logger()
    for text in ("one", "other"):
        with io.StringIO() as stream, monkeypatch.context() as patched:
            patched.setattr(sys, "stderr", stream)
            log.warning("said", text=text)
            assert stream.getvalue().endswith(f"level=warning event=said text={text}\n")
