"""What follows a run, beside the load: metrics, alerts. Nothing that fails here fails the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firehose_loader.config import Config
from firehose_loader.errors import FirehoseError
from firehose_loader.observe import Troubles

if TYPE_CHECKING:
    from firehose_loader.service.health import Health

# What judges and tells is imported where somebody is told: most runs start without it.


def aftermath(config: Config, troubles: Troubles) -> None:
    """Tell of a run wherever the configuration wants it told."""
    metrics = config.metrics
    if metrics.textfile is None and metrics.push is None and not config.alerts.is_wanted:
        return
    if (found := judged_health(config, troubles)) is not None:
        publish(config, found, troubles)


def judged_health(config: Config, troubles: Troubles) -> Health | None:
    """Return how things stand; None, and told, where the warehouse cannot be read now."""
    from firehose_loader.service.health import health

    what = "state of the feed"
    try:
        found = health(config)
    except FirehoseError as error:
        troubles.failed(what, str(error))
        return None
    troubles.worked(what)
    return found


def publish(config: Config, found: Health, troubles: Troubles) -> None:
    """Hand the metrics on, and tell people what they do not know yet."""
    from firehose_loader.service.metrics import push, write_textfile

    if config.alerts.is_wanted:
        from firehose_loader.service.alerts import alert

        alert(config, found, troubles)
    metrics = config.metrics
    if metrics.textfile is not None:
        what = f"metrics in {metrics.textfile}"
        try:
            write_textfile(metrics.textfile, found)
            troubles.worked(what)
        except OSError as error:
            troubles.failed(what, f"cannot be written: {error}; look at metrics.textfile")
    if metrics.push is not None:
        what = f"metrics to {metrics.push}"
        try:
            push(metrics, found)
            troubles.worked(what)
        except (OSError, ValueError) as error:
            troubles.failed(what, f"cannot be sent: {error}; look at metrics.push")
