"""How every process of AlertMesh writes its log."""

import logging
import sys

import structlog


class _StandardError:
    """Write each line to what standard error is by then: a logger lives longer than a redirection."""

    def msg(self, line: str) -> None:
        """Write one line."""
        print(line, file=sys.stderr, flush=True)

    debug = info = warning = error = critical = msg


def configure_logs(least: int = logging.INFO) -> None:
    """Write one key=value line per event to standard error, from level `least` on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], bool_as_flag=False
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_: _StandardError(),
        cache_logger_on_first_use=True,
    )
