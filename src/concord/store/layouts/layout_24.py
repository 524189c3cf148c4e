"""Layout 24: weights that were learnt name a level as it is called now, since it holds for spellings too."""

_OLD, _NEW = '"one short for the other"', '"two forms of one name"'
STATEMENTS = (f"UPDATE matching_weights SET content = replace(content, '{_OLD}', '{_NEW}')",)
