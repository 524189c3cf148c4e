"""The people of Northfield who have a story: the same NHS numbers, names and birth dates for every seed.

Journeys, the README and the tutorials name them by `key`.
"""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, kw_only=True, slots=True)
class Protagonist:
    """`nhs_number` is "" for the one whom nobody has identified. `practice` is an ODS code, "" for no practice."""

    key: str
    nhs_number: str
    title: str
    given: str
    family: str
    sex: str
    born_on: date
    practice: str
    story: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


_ROWS: Final = (
    ("peggy", "9990003114", "Mrs", "Margaret", "Holroyd", "female", "1942-02-14", "ZZP01",
     ("Frail, 84, in the emergency department now after a fall: penicillin anaphylaxis that the ambulance crew did not "
      "know of, a ReSPECT plan, apixaban at two doses, ramipril stopped by the hospital and still on the GP's list, "
      "carers four times a day, a social worker, a pressure ulcer. The largest record.")),
    ("same_name", "9995182637", "Miss", "Margaret Ann", "Holroyd", "female", "1947-09-14", "ZZP02",
     "Another Margaret Holroyd, in the emergency department at the same time."),
    ("twin", "9997331052", "Miss", "Marjorie", "Holroyd", "female", "1942-02-14", "ZZP02",
     "Peggy's twin sister: same birth date, like name; nothing links her to the hospital."),
    ("died", "9990001014", "Mrs", "Margaret", "Holroyd", "female", "1944-08-02", "ZZP03",
     "A third Margaret Holroyd, who died last year."),
    ("yusuf", "9996204170", "Mr", "Yusuf", "Iqbal", "male", "1971-11-30", "ZZP03",
     "In the emergency department with chest pain; diabetes, an allergy that only the hospital knows."),
    ("an_le", "9992755180", "Miss", "An", "Le", "female", "2019-05-05", "ZZP02",
     "A child in the emergency department with a broken wrist."),
    ("unidentified", "", "", "", "Tango Four", "male", "1996-01-01", "",
     "An unidentified man in resus: no NHS number, so kept apart from everyone."),
    ("tail", "9990002029", "Mr", "Bernard", "Crowther", "male", "1949-03-22", "ZZP01",
     "Discharged from hospital 20 days ago: the emergency department no longer sees his GP record."),
    ("discharged", "9990003033", "Mrs", "Sunita", "Mehta", "female", "1955-07-09", "ZZP02",
     "Discharged from hospital 3 days ago: still within the 14 days."),
    ("unsigned", "9990004048", "Mr", "Kenneth", "Ogden", "male", "1951-12-03", "ZZP04",
     "In the emergency department now; his practice has not signed, so it shares nothing yet."),
    ("protected", "9990005052", "Ms", "Rebecca", "Lomax", "female", "1988-10-17", "ZZP01",
     "In the emergency department now; where she lives is protected."),
    ("objector", "9990006067", "Mr", "Desmond", "Baptiste", "male", "1960-05-28", "ZZP01",
     "In the emergency department now; he objects to the shared record."),
    ("silent_objector", "9990007071", "Mrs", "Irena", "Kaczmarek", "female", "1967-02-11", "ZZP02",
     "In the emergency department now; she objects and asked that this be not told either."),
    ("sealed_flagged", "9990008086", "Mr", "Gareth", "Pugh", "male", "1963-08-19", "ZZP03",
     "On an acute ward; one problem is sealed, and the record says that something is withheld."),
    ("sealed_locked", "9990009090", "Ms", "Amara", "Okafor", "female", "1979-04-06", "ZZP01",
     "On an acute ward; one problem is locked: nothing says that anything is withheld."),
    ("sexual_health", "9990010102", "Mr", "Callum", "Reid", "male", "1994-09-25", "ZZP02",
     "In the emergency department now; also a patient of the sexual health clinic, living with HIV."),
    ("gender_history", "9990011117", "Mr", "Alex", "Fairweather", "male", "1990-06-13", "ZZP03",
     "On an acute ward; his record holds a gender history that the law protects."),
    ("termination", "9990012121", "Ms", "Keira", "Walsh", "female", "2000-01-29", "ZZP02",
     "In the emergency department now; had a termination two years ago."),
    ("child", "9990013136", "Master", "Tyler", "Marsh", "male", "2017-11-08", "ZZP01",
     "A child with a protection plan, in the emergency department now."),
    ("sibling", "9990014140", "Miss", "Ruby", "Marsh", "female", "2021-03-16", "ZZP01",
     "Tyler's sister, under the same protection plan, at home."),
    ("twice_registered", "9990015155", "Mrs", "Katherine", "Sutcliffe", "female", "1958-11-02", "ZZP03",
     "On an acute ward; the hospital registered her twice, under two hospital numbers."),
    ("no_link", "9990017174", "Mr", "Hamza", "Siddiqui", "male", "1985-08-07", "ZZP01",
     "Known to his practice alone: nobody at the hospital has a relationship with him."),
    ("caseload", "9990018189", "Mr", "Walter", "Entwistle", "male", "1938-06-30", "ZZP02",
     "On the social worker Tom Ashworth's caseload; admitted to the frailty ward yesterday."),
    ("mental_health", "9990019193", "Ms", "Naomi", "Ncube", "female", "1982-12-21", "ZZP01",
     "Under the community mental health team for bipolar disorder; on an acute ward after an overdose."),
    ("care_home", "9990020205", "Mrs", "Winifred", "Ramsbottom", "female", "1934-04-18", "ZZP03",
     "Lives at Larkfield House; dementia, falls, a contingency plan."),
    ("hospice", "9990022224", "Mr", "Malcolm", "Hinchliffe", "male", "1953-09-05", "ZZP02",
     "At home with lung cancer under the hospice's nurses; medicines in the house for the last days."),
    ("share_out", "9990023239", "Mrs", "Parveen", "Akhtar", "female", "1972-03-14", "ZZP02",
     "In the emergency department now; asked her practice to share nothing with others."),
    ("crew_at_home", "9990025258", "Mr", "Stanley", "Oldroyd", "male", "1947-01-19", "ZZP01",
     "An ambulance crew is with him at home now; nothing links him to the hospital."),
    ("out_of_hours", "9990026262", "Ms", "Leila", "Hosseini", "female", "1991-07-23", "ZZP02",
     "Rang 111 last night; an out-of-hours doctor will ring her back."),
    ("future_dated", "9990024243", "Mr", "Reginald", "Thackray", "male", "1946-10-10", "ZZP01",
     "A slip of the keyboard dated one of his blood tests in the future."),
)  # fmt: skip

PROTAGONISTS: Final = MappingProxyType(
    {
        key: Protagonist(
            key=key,
            nhs_number=number,
            title=title,
            given=given,
            family=family,
            sex=sex,
            born_on=date.fromisoformat(born),
            practice=practice,
            story=story,
        )
        for key, number, title, given, family, sex, born, practice, story in _ROWS
    }
)
