"""Prove from the source files that every row of every drop is accounted for. Nothing is changed."""

from firehose_loader.audit.report import AuditReport, Difference, Kind, NotRead, Why
from firehose_loader.audit.work import audit

__all__ = ["AuditReport", "Difference", "Kind", "NotRead", "Why", "audit"]
