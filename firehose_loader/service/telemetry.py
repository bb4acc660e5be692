"""Runs as OpenTelemetry traces and as OpenLineage events, for those who collect them."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from firehose_loader import __version__
from firehose_loader.config import Config, plain, redacted
from firehose_loader.errors import ExitCode, ExtraMissing
from firehose_loader.observe import (
    BatchLoaded,
    DropFailed,
    DropQuarantined,
    Event,
    Observer,
    RunFinished,
    RunStarted,
    SourceFailed,
    Troubles,
)

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span

_SECONDS = 5
"""What a collector may take at most; a load does not wait for it longer than that."""
_PRODUCER = f"https://pypi.org/project/firehose-loader/{__version__}"


class _Listener(Protocol):
    def take(self, event: Event) -> None: ...

    def close(self) -> None: ...


@contextmanager
def telemetry(config: Config, observe: Observer) -> Iterator[Observer]:
    """Pass on what is observed, and send it where the configuration wants it too.

    What cannot be sent is told, once, and fails no run.

    Raises:
        ExtraMissing: the packages for it are not installed.
    """
    troubles = Troubles(observe)
    listeners: list[_Listener] = []
    if config.telemetry.otlp is not None:
        listeners.append(_Traces(config, troubles))
    if config.telemetry.openlineage is not None:
        listeners.append(_Lineage(config, troubles))

    def tell(event: Event) -> None:
        observe(event)
        for listener in listeners:
            listener.take(event)

    try:
        yield tell
    finally:
        for listener in listeners:
            listener.close()


class _Traces:
    """A span for each run, with one for each batch below it."""

    def __init__(self, config: Config, troubles: Troubles) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
        except ImportError:
            raise ExtraMissing("telemetry.otlp", "telemetry") from None
        # It logs what fails, with the address and each time; we tell it once.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        exporter = OTLPSpanExporter(
            endpoint=f"{str(config.telemetry.otlp).rstrip('/')}/v1/traces",
            headers={name: plain(value) for name, value in config.telemetry.otlp_headers.items()},
            timeout=_SECONDS,
        )
        export = exporter.export

        def watched(spans: object) -> SpanExportResult:
            result = export(spans)  # type: ignore[arg-type]
            if result is SpanExportResult.SUCCESS:
                troubles.worked("traces")
            else:
                troubles.failed("traces", "the collector did not take them; look at telemetry.otlp")
            return result

        exporter.export = watched  # type: ignore[method-assign]
        resource = Resource.create({"service.name": "firehose-loader"})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("firehose_loader", __version__)
        self._run: Span | None = None

    def take(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._run = self._tracer.start_span(  # type: ignore[assignment]
                "run",
                attributes={"firehose.run_id": event.run_id, "firehose.sources": event.sources},
            )
            return
        if self._run is None:
            return
        match event:
            case BatchLoaded():
                self._batch(event)
            case DropFailed() | DropQuarantined() | SourceFailed():
                self._run.add_event(
                    type(event).__name__,
                    {"firehose.source": event.source, "message": event.message},
                )
            case RunFinished():
                self._run.set_attribute("firehose.status", event.status)
                self._end(good=event.exit_code == ExitCode.OK)
            case _:
                pass

    def close(self) -> None:
        self._end(good=False)
        self._provider.force_flush(_SECONDS * 1000)
        self._provider.shutdown()

    def _batch(self, event: BatchLoaded) -> None:
        from opentelemetry.trace import set_span_in_context

        assert self._run is not None  # noqa: S101 - the caller looked
        end = time.time_ns()
        span = self._tracer.start_span(
            "batch",
            context=set_span_in_context(self._run),
            start_time=end - int(event.seconds * 1e9),
            attributes={
                "firehose.source": event.source,
                "firehose.drops": event.drops,
                "firehose.rows.parsed": event.rows.parsed,
                "firehose.rows.inserted": event.rows.inserted,
                "firehose.rows.duplicate": event.rows.duplicate,
                "firehose.rows.quarantined": event.rows.quarantined,
                "firehose.rows.expired": event.rows.expired,
            },
        )
        span.end(end)

    def _end(self, *, good: bool) -> None:
        from opentelemetry.trace import Status, StatusCode

        if self._run is not None:
            self._run.set_status(Status(StatusCode.OK if good else StatusCode.ERROR))
            self._run.end()
            self._run = None


class _Lineage:
    """What a run read, and which tables it wrote."""

    def __init__(self, config: Config, troubles: Troubles) -> None:
        try:
            from openlineage.client import OpenLineageClient
            from openlineage.client.transport.http import (
                ApiKeyTokenProvider,
                HttpConfig,
                HttpTransport,
            )
        except ImportError:
            raise ExtraMissing("telemetry.openlineage", "telemetry") from None
        logging.getLogger("openlineage").setLevel(logging.CRITICAL)
        wanted = config.telemetry
        url = str(wanted.openlineage)
        place = HttpConfig(url=url, timeout=_SECONDS, retry={"total": 1})
        if wanted.openlineage_key is not None:
            place.auth = ApiKeyTokenProvider({"apiKey": plain(wanted.openlineage_key)})
        self._client = OpenLineageClient(transport=HttpTransport(place))
        self._config = config
        self._troubles = troubles
        self._open: RunStarted | None = None

    def take(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._open = event
            self._emit("START", ())
        elif isinstance(event, RunFinished) and self._open is not None:
            fine = event.exit_code in {ExitCode.OK, ExitCode.FAILED_DROPS}
            self._emit("COMPLETE" if fine else "FAIL", event.tables)
            self._open = None

    def close(self) -> None:
        if self._open is not None:
            self._emit("ABORT", ())
            self._open = None

    def _emit(self, state: str, tables: tuple[str, ...]) -> None:
        from openlineage.client.event_v2 import (
            InputDataset,
            Job,
            OutputDataset,
            Run,
            RunEvent,
            RunState,
        )

        assert self._open is not None  # noqa: S101 - the callers looked
        warehouse = self._config.warehouse
        event = RunEvent(
            eventTime=datetime.now(UTC).isoformat(),
            eventType=RunState[state],
            producer=_PRODUCER,
            job=Job(namespace=self._config.telemetry.namespace, name="firehose_loader.run"),
            run=Run(runId=str(uuid.uuid5(uuid.NAMESPACE_URL, self._open.run_id))),
            inputs=[
                InputDataset(*_dataset(source.url))
                for source in self._config.source
                if source.name in self._open.sources
            ],
            outputs=[
                OutputDataset(_target(warehouse.url), f"{warehouse.schema_name}.{table}")
                for table in tables
            ],
        )
        try:
            self._client.emit(event)
        except Exception as error:  # noqa: BLE001 - whatever its transport raises: the load goes on
            self._troubles.failed(
                "lineage",
                f"the collector did not take it ({type(error).__name__}); look at"
                " telemetry.openlineage",
            )
        else:
            self._troubles.worked("lineage")


def _dataset(url: str) -> tuple[str, str]:
    """Return namespace and name of a place, as OpenLineage names them."""
    if "://" not in url or url.startswith("file:"):
        return "file", url.partition("://")[2] or url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}", parts.path.lstrip("/") or "/"


def _target(url: str) -> str:
    """Return the namespace of a warehouse: its URL without what signs in."""
    plain_url = redacted(url).partition("?")[0]
    scheme, separator, rest = plain_url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else f"duckdb://{plain_url}"
