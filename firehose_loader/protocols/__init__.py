"""The two seams: where drops come from, and where rows go. The docstrings are the contract.

To add a storage: implement ``Storage`` in ``storage/<kind>.py``, add it to ``storage/__init__.py``,
give ``tests/rigs`` a rig, and the contract suite tells what is missing. Likewise a warehouse.
"""

from firehose_loader.protocols.claims import Claim, SourceClaims
from firehose_loader.protocols.evidence import Gaps, TableEvidence, TableUsage, Usage
from firehose_loader.protocols.external import External, TypedRows
from firehose_loader.protocols.missing import Missing
from firehose_loader.protocols.staged import (
    StagedAddition,
    StagedBatch,
    StagedDrop,
    StagedTable,
)
from firehose_loader.protocols.status import (
    EventStatus,
    RunStatus,
    SourceStatus,
    Status,
    TablesVersion,
)
from firehose_loader.protocols.storage import (
    Notice,
    Notices,
    Shelf,
    Storage,
    StorageTraits,
)
from firehose_loader.protocols.views import MadeView
from firehose_loader.protocols.warehouse import (
    Action,
    Departure,
    Known,
    Listing,
    Warehouse,
)

__all__ = [
    "Action",
    "Claim",
    "Departure",
    "EventStatus",
    "External",
    "Gaps",
    "Known",
    "Listing",
    "MadeView",
    "Missing",
    "Notice",
    "Notices",
    "RunStatus",
    "Shelf",
    "SourceClaims",
    "SourceStatus",
    "StagedAddition",
    "StagedBatch",
    "StagedDrop",
    "StagedTable",
    "Status",
    "Storage",
    "StorageTraits",
    "TableEvidence",
    "TableUsage",
    "TablesVersion",
    "TypedRows",
    "Usage",
    "Warehouse",
]
