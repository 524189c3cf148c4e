"""FHIR over HTTP, and what surrounds every answer of the server.

Promises: what goes out has passed the record's door and its audit row is durable; hidden and absent answer with the
same bytes; every error has one status and one OperationOutcome; every response says how long it took; no log line
names anyone. Refuses: deciding who may see, and knowing where anything lies.
"""

from concord.api.admission import Limits
from concord.api.connections import PatientConnection
from concord.api.doors import AccountsDoor, Bulk, Found, RecordsDoor, Served
from concord.api.health import health_routes
from concord.api.log_lines import JsonLines
from concord.api.measures import Level, Measures
from concord.api.origins import Origins
from concord.api.outermost import edge
from concord.api.routes import fhir_routes

__all__ = [
    "AccountsDoor",
    "Bulk",
    "Found",
    "JsonLines",
    "Level",
    "Limits",
    "Measures",
    "Origins",
    "PatientConnection",
    "RecordsDoor",
    "Served",
    "edge",
    "fhir_routes",
    "health_routes",
]
