"""Layout 7: audit rows in chains, what they share beside them, and signed checkpoints.

A row names the link of the chain that holds it, and carries the salted hash of its details, so that these can be
erased and the chain still be proved. Rows written under layout 1 stand in no chain.
"""

STATEMENTS = (
    "ALTER TABLE audit ADD COLUMN context INTEGER",
    "ALTER TABLE audit ADD COLUMN chain INTEGER",
    "ALTER TABLE audit ADD COLUMN link INTEGER",
    "ALTER TABLE audit ADD COLUMN salt TEXT",
    "ALTER TABLE audit ADD COLUMN digest BLOB",
    # Who asked, from where and by what right: what many rows share is kept once, under its salted hash.
    """CREATE TABLE audit_context (
        number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, salt BLOB NOT NULL, content TEXT NOT NULL)""",
    # A chain has one writer at a time. `signed`: up to which link a checkpoint holds it.
    "CREATE TABLE audit_chain (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, signed INTEGER NOT NULL)",
    """CREATE TABLE audit_link (
        chain INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,
        PRIMARY KEY (chain, position)) WITHOUT ROWID""",
    # `content` is what was signed, byte for byte; key and signatures in hexadecimal.
    """CREATE TABLE audit_checkpoint (
        number INTEGER PRIMARY KEY, content TEXT NOT NULL, public_key TEXT NOT NULL, signature TEXT NOT NULL)""",
    """CREATE TABLE audit_cosignature (
        checkpoint INTEGER NOT NULL, public_key TEXT NOT NULL, signature TEXT NOT NULL,
        PRIMARY KEY (checkpoint, public_key)) WITHOUT ROWID""",
)
