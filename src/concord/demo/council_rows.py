"""What the council's systems export: five CSV files about people and the care they have."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import StringIO
from typing import Final

from concord.demo.copies import Copy
from concord.demo.moments import instant
from concord.demo.staff import workers

_HEADERS: Final[Mapping[str, str]] = {
    "people": "person_id,nhs_number,family_name,given_name,date_of_birth,sex,address_line,town,postcode,telephone,"
    "share_choice,updated_at",
    "packages": "package_id,person_id,service,package_type,provider,visits_per_day,start_date,end_date,status,"
    "updated_at",
    "involvements": "involvement_id,person_id,service,staff_id,worker_name,job,team,telephone,key_worker,start_date,"
    "end_date,updated_at",
    "safeguarding": "concern_id,person_id,service,concern_type,description,start_date,end_date,status,updated_at",
}
_SERVICES: Final = (
    "service_id,service,name,kind,telephone",
    "S1,adult-social-care,Adult social care,council,01632 960330",
    "S2,childrens-services,Children's services,council,01632 960340",
)

ADULTS: Final = "adult-social-care"
CHILDREN: Final = "childrens-services"


@dataclass(kw_only=True, slots=True)
class CouncilRecord:
    """The council's rows about one person."""

    copy: Copy
    updated_at: datetime
    share_choice: str = ""
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def package(
        self,
        kind: str,
        provider: str,
        visits: int,
        since: date,
        *,
        until: date | None = None,
        status: str = "active",
        service: str = ADULTS,
    ) -> None:
        self._add(
            "packages",
            "package_id",
            service=service,
            package_type=kind,
            provider=provider,
            visits_per_day=str(visits) if visits else "",
            start_date=since.isoformat(),
            end_date=until.isoformat() if until else "",
            status=status,
        )

    def involve(
        self,
        name: str,
        job: str,
        team: str,
        since: date,
        *,
        telephone: str,
        key_worker: bool = True,
        until: date | None = None,
        service: str = ADULTS,
    ) -> None:
        worker = workers().get(name)
        self._add(
            "involvements",
            "involvement_id",
            service=service,
            staff_id=worker.staff_id if worker else "",
            worker_name=name,
            job=job,
            team=team,
            telephone=telephone,
            key_worker="yes" if key_worker else "no",
            start_date=since.isoformat(),
            end_date=until.isoformat() if until else "",
        )

    def concern(
        self,
        kind: str,
        text: str,
        since: date,
        *,
        until: date | None = None,
        status: str = "active",
        service: str = CHILDREN,
    ) -> None:
        self._add(
            "safeguarding",
            "concern_id",
            service=service,
            concern_type=kind,
            description=text,
            start_date=since.isoformat(),
            end_date=until.isoformat() if until else "",
            status=status,
        )

    def _add(self, table: str, key: str, **columns: str) -> None:
        rows = self.rows.setdefault(table, [])
        row = {key: f"{self.copy.local_id}-{table[0].upper()}{len(rows) + 1}", "person_id": self.copy.local_id}
        rows.append(row | columns | {"updated_at": instant(self.updated_at)})

    def person_row(self) -> dict[str, str]:
        copy = self.copy
        return {
            "person_id": copy.local_id,
            "nhs_number": copy.nhs_number,
            "family_name": copy.family,
            "given_name": copy.given,
            "date_of_birth": copy.born_on.isoformat(),
            "sex": copy.sex,
            "address_line": copy.address.line,
            "town": copy.address.town,
            "postcode": copy.address.postcode,
            "telephone": copy.telephone,
            "share_choice": self.share_choice,
            "updated_at": instant(self.updated_at),
        }


def council_files(records: Iterable[CouncilRecord]) -> dict[str, str]:
    """The export, by file name. People come first in order of name: what names a person stands after them."""
    held = list(records)
    files = {
        "1-people.csv": _csv("people", [each.person_row() for each in held]),
        "2-services.csv": "\n".join(_SERVICES) + "\n",
    }
    for number, table in enumerate(("packages", "involvements", "safeguarding"), 3):
        files[f"{number}-{table}.csv"] = _csv(table, [row for each in held for row in each.rows.get(table, ())])
    return files


def _csv(table: str, rows: Iterable[Mapping[str, str]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, _HEADERS[table].split(","), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
