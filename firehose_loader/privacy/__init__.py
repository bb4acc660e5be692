"""Personal data: its classes, what becomes of each, and the keys of its pseudonyms."""

from firehose_loader.privacy.forgotten import ForgottenRecord, People, Person
from firehose_loader.privacy.keys import KeyRecord, Keyring
from firehose_loader.privacy.policy import CLASSES, KEEP_ALL, PiiClass, Policies, Policy, allowed
from firehose_loader.privacy.retention import Retention, Rules, Screen, ScreenVersion

__all__ = [
    "CLASSES",
    "KEEP_ALL",
    "ForgottenRecord",
    "KeyRecord",
    "Keyring",
    "People",
    "Person",
    "PiiClass",
    "Policies",
    "Policy",
    "Retention",
    "Rules",
    "Screen",
    "ScreenVersion",
    "allowed",
]
