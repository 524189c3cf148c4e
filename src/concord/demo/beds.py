"""Where the hospital has room: no two people lie in one bed."""

from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class Beds:
    taken: dict[str, int] = field(default_factory=dict)

    def bed(self, ward: str) -> tuple[str, str, str]:
        number = self.taken[ward] = self.taken.get(ward, 0) + 1
        return (ward, f"Bay {'ABCDEFGH'[(number - 1) // 6 % 8]}", f"Bed {(number - 1) % 6 + 1}")

    def cubicle(self, area: str) -> tuple[str, str, str]:
        """Majors 1 to 9 and Minors 1 to 3 are kept for the protagonists."""
        number = self.taken[area] = self.taken.get(area, 9 if area == "Majors" else 3) + 1
        return (f"{area} {number}", "", "")
