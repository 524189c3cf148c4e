"""Learning the weights from the people held, with Splink: on DuckDB in this process, or on Spark.

Nothing is written to a file, and what is learnt tells of nobody: rates, and how common those values are that many have.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Any, Literal

from concord.base import Conflict, Unavailable
from concord.identity.likeness import COMPARISONS, MISSING, Comparison, Rates, Weights
from concord.identity.traits import Described, Traits, traits

Engine = Literal["duckdb", "spark"]

LINK, REVIEW = 12.0, 3.0  # bits; see docs/reference/matching.md for what they were chosen by
FEWEST = 1_000  # pairs that agree in number, or in names and date of birth, below which nothing can be learnt
MANY, COMMON = 10, 1 / 2_000  # source patients, and their share, that have a value before it is named in the weights
_PAIRS = 4_000_000  # sampled at random to learn how often two different people agree
_COUNTED = ("given", "family", "born_on")
_KNOWN = (  # pairs that are nearly all one person: by these the share of such pairs is guessed
    "l.nhs_number = r.nhs_number AND l.nhs_number <> '' AND l.born_on = r.born_on",
    (
        "l.family = r.family AND l.given = r.given AND l.born_on = r.born_on AND l.postcode = r.postcode "
        "AND l.family <> '' AND l.given <> '' AND l.born_on <> '' AND l.postcode <> ''"
    ),
)
_FOUND_BY_KNOWN = 0.8  # the share of all such pairs that _KNOWN is taken to find
_LEARNT_ON = (  # pairs by which the other comparisons are learnt
    "l.nhs_number = r.nhs_number AND l.nhs_number <> ''",
    "l.born_on = r.born_on AND l.family = r.family AND l.born_on <> '' AND l.family <> ''",
    "l.born_on = r.born_on AND l.postcode = r.postcode AND l.born_on <> '' AND l.postcode <> ''",
    "l.postcode = r.postcode AND l.given = r.given AND l.postcode <> '' AND l.given <> ''",
)
_LEAST = Rates(m=1e-4, u=1e-7)  # what never occurred among the pairs sampled is rare, not impossible
_UNTOLD = Rates(m=_LEAST.m, u=_LEAST.m)  # what occurred neither in one person nor between two tells nothing


def learn(people: Iterable[Described], engine: Engine = "duckdb") -> Weights:
    """Learn from all source patients. Takes seconds for 100,000.

    Raises Unavailable where Splink (or, for Spark, pyspark) is not installed, Conflict when too few people agree.
    """
    held = [traits(each) for each in people]
    frequencies, rarest = _frequencies(held)
    with redirect_stdout(StringIO()):  # Splink speaks of what it does
        linker = _linker(held, _database(engine), _settings(None, engine), frequencies, rarest)
        training = linker.training
        prior = _prior(linker, len(held))
        training.estimate_u_using_random_sampling(max_pairs=_PAIRS, seed=1)
        for rule in _LEARNT_ON:
            with suppress(_no_pairs()):  # nobody agrees so: another rule teaches what this one would
                training.estimate_parameters_using_expectation_maximisation(rule)
        learnt = {
            each["output_column_name"]: {level["label_for_charts"]: level for level in each["comparison_levels"]}
            for each in linker.misc.save_model_to_json()["comparisons"]
        }
    rates = {each.name: _rates(each, learnt) for each in COMPARISONS}
    return Weights(
        source_patients=len(held),
        prior=prior,
        rates=rates,
        frequencies=frequencies,
        # What is not named is no commoner than the commonest of that kind, nor than what any two people share.
        rarest={trait: min(share, rates[trait]["the same"].u) for trait, share in rarest.items()},
        link=LINK,
        review=REVIEW,
    )


def _prior(linker: Any, count: int) -> float:
    """The share of pairs that are one person. Raises Conflict when there are too few to learn from."""
    pairs = count * (count - 1) / 2
    if pairs:
        linker.training.estimate_probability_two_random_records_match(list(_KNOWN), recall=_FOUND_BY_KNOWN)
        prior = float(linker.misc.save_model_to_json()["probability_two_random_records_match"])
        if prior * pairs * _FOUND_BY_KNOWN >= FEWEST:
            return prior
    raise Conflict(
        f"Too few people are held to learn from: fewer than {FEWEST:,} pairs of source patients agree in NHS number "
        "and date of birth, or in names, date of birth and postcode. Load more, then train again."
    )


def _settings(weights: Weights | None, engine: Engine) -> dict[str, Any]:
    """The comparisons as Splink takes them; with `weights`, as a model that has learnt already."""
    told: dict[str, Any] = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "number",
        "comparisons": [_comparison(each, weights, engine) for each in COMPARISONS],
        "blocking_rules_to_generate_predictions": list(_LEARNT_ON),
    }
    return told if weights is None else told | {"probability_two_random_records_match": weights.prior}


def _comparison(comparison: Comparison, weights: Weights | None, engine: Engine) -> dict[str, Any]:
    levels = []
    for level in comparison.levels:
        told: dict[str, Any] = {"sql_condition": _in_dialect(level.sql, engine), "label_for_charts": level.name}
        if level.name == MISSING:
            told["is_null_level"] = True
        elif weights is not None:
            rates = weights.rates[comparison.name][level.name]
            told |= {"m_probability": rates.m, "u_probability": rates.u}
        if level.frequency:
            told["tf_adjustment_column"] = level.frequency
        levels.append(told)
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _in_dialect(sql: str, engine: Engine) -> str:
    """Spark names two functions otherwise; Splink brings the first as a Java function."""
    if engine == "duckdb":
        return sql
    return sql.replace("jaro_winkler_similarity", "jaro_winkler").replace("s_with(", "swith(")


def linker_of(held: Sequence[Traits], weights: Weights, engine: Engine = "duckdb") -> Any:
    """A Splink Linker that has learnt already, for whoever would see all pairs at once."""
    return _linker(held, _database(engine), _settings(weights, engine), weights.frequencies, weights.rarest)


def _linker(
    held: Sequence[Traits],
    database: Any,
    settings: Mapping[str, Any],
    frequencies: Mapping[str, Mapping[str, float]],
    rarest: Mapping[str, float],
) -> Any:
    from splink import Linker  # noqa: PLC0415 - an extra, and slow to import

    columns = {name: [each[place] for each in held] for place, name in enumerate(Traits._fields)}
    linker = Linker(database.register({"number": list(range(len(held)))} | columns), dict(settings), log_level="ERROR")
    for trait in _COUNTED:
        values = sorted({value for value in columns[trait] if value})
        shares = [frequencies[trait].get(value, rarest[trait]) for value in values]
        table = database.register({trait: values, f"tf_{trait}": shares})
        linker.table_management.register_term_frequency_lookup(table, trait)
    return linker


def _database(engine: Engine) -> Any:
    try:
        if engine == "duckdb":
            from splink import DuckDBAPI  # noqa: PLC0415 - an extra: whoever does not train need not have it

            return DuckDBAPI()
        from pyspark.sql import SparkSession  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415 - comes with the extra, and is not among what is locked
        from splink.backends.spark import SparkAPI, similarity_jar_location  # noqa: PLC0415 - an extra: whoever does not train need not have it

        session = SparkSession.builder.config("spark.jars", similarity_jar_location()).getOrCreate()
        return SparkAPI(  # type: ignore[no-untyped-call, unused-ignore]  # the library has no types
            spark_session=session,
            break_lineage_method="persist",  # nobody's details in files
        )
    except ImportError as error:
        wanted = "concord[matching]" + (" pyspark" if engine == "spark" else "")
        raise Unavailable(f"Learning needs {error.name}. Install it with: pip install {wanted}") from error


def _no_pairs() -> type[Exception]:
    from splink.internals.exceptions import EMTrainingException  # noqa: PLC0415 - an extra: whoever does not train need not have it

    return EMTrainingException


def _frequencies(held: Sequence[Traits]) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """The shares of values that many have, and of the commonest that is not named among them."""
    frequencies, rarest = {}, {}
    for trait in _COUNTED:
        counted = Counter(value for each in held if (value := getattr(each, trait)))
        known = max(1, counted.total())
        many = max(MANY, known * COMMON)
        frequencies[trait] = {value: count / known for value, count in sorted(counted.items()) if count >= many}
        few = max((count for count in counted.values() if count < many), default=0)
        rarest[trait] = min(1.0, max(MANY, few) / known)
    return frequencies, rarest


def _rates(comparison: Comparison, learnt: Mapping[str, Mapping[str, Any]]) -> dict[str, Rates]:
    """`learnt`: levels by comparison and name, without what never occurred."""
    found = learnt.get(comparison.name, {})
    told = any("m_probability" in level for level in found.values())
    return {
        level.name: Rates(
            m=max(found[level.name].get("m_probability", 0.0), _LEAST.m),
            u=max(found[level.name].get("u_probability", 0.0), _LEAST.u),
        )
        if told and ("m_probability" in found[level.name] or "u_probability" in found[level.name])
        else _UNTOLD
        for level in comparison.levels
        if level.name != MISSING
    }
