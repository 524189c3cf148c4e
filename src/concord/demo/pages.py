"""The pages of a chart: the resources, their ids, and what makes one more than ordinarily private."""

from typing import Any, Final

from concord.demo import codes

Resource = dict[str, Any]

_SEAL: Final = codes.CONCORD + "seal"
_ACT_CODE: Final = codes.HL7 + "v3-ActCode"


class Pages:
    """`patient` is the Patient resource, or None where another feed of the organisation sends it (as `patient_id`)."""

    def __init__(
        self, holder: str, patient_id: str, patient: Resource | None = None, service: str = "", prefix: str = ""
    ) -> None:
        self.holder = holder
        self.patient_id = patient_id
        self.patient = patient
        self.service = service
        self.resources: list[Resource] = [patient] if patient else []
        self._prefix = prefix
        self._counts: dict[str, int] = {}

    @property
    def subject(self) -> Resource:
        return {"reference": f"Patient/{self.patient_id}"}

    def add(self, resource: Resource, *, service: str = "") -> str:
        """Files a resource under the next free id of its type; gives `Type/id`."""
        kind = resource["resourceType"]
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        resource = {"resourceType": kind, "id": f"{self._prefix}{self.patient_id}-{count}", **resource}
        if service or self.service:
            tag = {"system": codes.CONCORD + "service", "code": service or self.service}
            resource["meta"] = {**resource.get("meta", {}), "tag": [tag]}
        self.resources.append(resource)
        return f"{kind}/{resource['id']}"

    # What makes an item more than ordinarily private

    def seal(self, reference: str, how: str) -> None:
        """The person had this item sealed: `flagged` or `locked`."""
        self._secure(reference, _SEAL, how)

    def sensitive(self, reference: str, act_code: str) -> None:
        """The source itself labels this item with one of HL7's sensitivity codes (v3-ActCode)."""
        self._secure(reference, _ACT_CODE, act_code)

    def labelled(self, reference: str, label: str) -> None:
        """The source itself labels this item with one of Concord's own sensitivity labels."""
        self._secure(reference, codes.CONCORD + "sensitivity", label)

    def _secure(self, reference: str, system: str, value: str) -> None:
        resource = self.found(reference)
        resource.setdefault("meta", {}).setdefault("security", []).append({"system": system, "code": value})

    def found(self, reference: str) -> Resource:
        kind, _, identifier = reference.partition("/")
        return next(each for each in self.resources if each["id"] == identifier and each["resourceType"] == kind)


def noted(resource: Resource, note: str) -> Resource:
    return resource | {"note": [{"text": note}]} if note else resource
