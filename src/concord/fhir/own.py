"""The extensions of Concord's own by which a resource says how it was told."""

CLOCKS_CHANGED = "https://concord.example/StructureDefinition/clocks-changed"
"""Extension (valueDateTime): a time of the resource that was sent without an offset in an hour that the clocks repeat
or leave out; which instant is meant was settled by the order of the messages."""
TOLD_BY = "https://concord.example/StructureDefinition/told-by"
"""Extension (valueString): the message whose words a resource or an element has: the version of the mapping that read
it, its type, its control id ("1 ADT^A02 M123")."""
