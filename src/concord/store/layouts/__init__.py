"""The layouts of the record's database, each as what it changes of the one before: numbered, forward only.

A change of layout is a new module here, `layout_N.py` with its STATEMENTS, named in LAYOUTS; a released one is never
edited. The statements are SQL that SQLite and PostgreSQL both take. Opening a database brings it to the newest layout
in one transaction.
"""

from concord.store.layouts import (
    layout_1,
    layout_2,
    layout_3,
    layout_4,
    layout_5,
    layout_6,
    layout_7,
    layout_8,
    layout_9,
    layout_10,
    layout_11,
    layout_12,
    layout_13,
    layout_14,
    layout_15,
    layout_16,
    layout_17,
    layout_18,
    layout_19,
    layout_20,
    layout_21,
    layout_22,
    layout_23,
    layout_24,
    layout_25,
    layout_26,
    layout_27,
    layout_28,
)

LAYOUTS = (
    layout_1.STATEMENTS,
    layout_2.STATEMENTS,
    layout_3.STATEMENTS,
    layout_4.STATEMENTS,
    layout_5.STATEMENTS,
    layout_6.STATEMENTS,
    layout_7.STATEMENTS,
    layout_8.STATEMENTS,
    layout_9.STATEMENTS,
    layout_10.STATEMENTS,
    layout_11.STATEMENTS,
    layout_12.STATEMENTS,
    layout_13.STATEMENTS,
    layout_14.STATEMENTS,
    layout_15.STATEMENTS,
    layout_16.STATEMENTS,
    layout_17.STATEMENTS,
    layout_18.STATEMENTS,
    layout_19.STATEMENTS,
    layout_20.STATEMENTS,
    layout_21.STATEMENTS,
    layout_22.STATEMENTS,
    layout_23.STATEMENTS,
    layout_24.STATEMENTS,
    layout_25.STATEMENTS,
    layout_26.STATEMENTS,
    layout_27.STATEMENTS,
    layout_28.STATEMENTS,
)
NEWEST = len(LAYOUTS)
