"""Setting the loader up: a configuration to begin with, and a schedule that runs it."""

from firehose_loader.setup.config_file import Answers, composed
from firehose_loader.setup.schedule import Schedule, schedule

__all__ = ["Answers", "Schedule", "composed", "schedule"]
