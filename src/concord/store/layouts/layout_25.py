"""Layout 25: what the data of each organisation are like, day by day, as counts (JSON).

`quality_pass` is a measuring that has not ended: how far it has come, and what it has counted.
"""

STATEMENTS = (
    """CREATE TABLE quality (
        organisation TEXT NOT NULL, day TEXT NOT NULL, figures TEXT NOT NULL, PRIMARY KEY (organisation, day))""",
    """CREATE TABLE quality_pass (
        organisation TEXT NOT NULL, day TEXT NOT NULL, after INTEGER NOT NULL, figures TEXT NOT NULL,
        PRIMARY KEY (organisation))""",
)
