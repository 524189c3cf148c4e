"""Publishing: the files that an installation goes by from its next request on. What breaks a promise is refused."""

from datetime import datetime

import msgspec

from concord.base import Incorrect
from concord.governance.agreements.proof import refuse_broken_promises
from concord.governance.gate import PolicyFiles, published_files, unsigned_policy
from concord.governance.grammar import named_by
from concord.governance.policy import Policy
from concord.store import Writing, body, registers


def read_policy(files: PolicyFiles) -> Policy:
    """The policy that the files make before anybody has signed, every promise proved against all files together.

    Raises FileRefused or Incorrect; then nothing of it may be published.
    """
    policy = unsigned_policy(files)
    refuse_broken_promises(policy, filenames=sorted(files.agreements))
    return policy


def publish_policy(writing: Writing, files: PolicyFiles, at: datetime) -> int:
    """Put a policy in force for the next request of every process; the number of its publication.

    Raises FileRefused or Incorrect, also for a version of an agreement that is older than the one published.
    """
    read_policy(files)
    published = dict(map(named_by, published_files(writing).agreements.values()))
    for agreement, version in map(named_by, files.agreements.values()):
        if version < published.get(agreement, 0):
            raise Incorrect(
                f"Version {published[agreement]} of {agreement} is published, and this is version {version}. To have "
                "what is published in the folder: concord agreements save --data DIR"
            )
    return registers.publish_policy(writing, msgspec.json.encode(files).decode(), body.microseconds(at))
