"""One violation for every expectation: what spoils it and how many failing rows must then be counted."""

from typing import NamedTuple

from model.vocabulary import LETTERS, STEPS, WINDOW_MONTHS


class Violation(NamedTuple):
    """A statement on the copy `t` of a suite's table; `{n}` is a row that no other violation of the suite touches."""

    suite: str
    expectation: str
    column: str | None
    statement: str
    rows: int = 1

    @property
    def key(self) -> tuple[str, str, str | None]:
        return self.suite, self.expectation, self.column


def missing(suite: str, *columns: str) -> list[Violation]:
    return [Violation(suite, "not_null", column, f"UPDATE t SET {column} = NULL WHERE n = {{n}}") for column in columns]


def spoil(suite: str, expectation: str, column: str, value: str) -> Violation:
    return Violation(suite, expectation, column, f"UPDATE t SET {column} = {value} WHERE n = {{n}}")


def rule(suite: str, expectation: str, assignment: str, column: str | None = None) -> Violation:
    return Violation(suite, expectation, column, f"UPDATE t SET {assignment} WHERE n = {{n}}")


def repeated(suite: str, *columns: str) -> Violation:
    return Violation(suite, "unique", ", ".join(columns), "INSERT INTO t SELECT * FROM t WHERE n = {n}")


def feature_keys(suite: str, *columns: str) -> list[Violation]:
    return [
        *missing(suite, *columns),
        repeated(suite, *columns),
        spoil(suite, "in_set", "window_name", "'weekly'"),
        *([spoil(suite, "between", "step", str(STEPS + 1))] if "step" in columns else []),
    ]


RAW, MONTHLY, PERIOD = "raw_transactions", "spend_monthly", "spend_by_period"
PERSONALITY, TRAJECTORIES, ANGLES = "features_personality", "features_trajectories", "features_angles"
CURRENT = "segments"
FRESHNESS = "freshness"
PERIOD_KEYS = ("window_name", "customer_key", "step", "class_id")

# Planted together, each in rows of its own, and evaluated in one run of the suite.
TOGETHER = [
    *missing(RAW, "transaction_id", "customer_key", "booked_on", "amount", "currency", "kind", "load_id"),
    repeated(RAW, "transaction_id"),
    spoil(RAW, "in_set", "kind", "'gift'"),
    spoil(RAW, "between", "amount", "1000000.01"),
    spoil(RAW, "between", "booked_on", "DATE '2024-05-18'"),
    rule(RAW, "not_zero", "amount = 0", "amount"),
    rule(RAW, "customer_known", "customer_key = 99"),
    rule(RAW, "class_known", "class_id = 99, kind = 'spend'"),
    rule(RAW, "classified", "class_id = NULL, kind = 'spend'"),
    Violation(
        RAW,
        "rarely_in_set",
        "kind",
        "UPDATE t SET kind = 'other' WHERE kind = 'unclassified';"
        "UPDATE t SET kind = 'unclassified', class_id = NULL WHERE n > 4000",
        999,
    ),
    *missing(MONTHLY, "customer_key", "month", "amount", "transactions"),
    repeated(MONTHLY, "customer_key", "month", "class_id"),
    spoil(MONTHLY, "between", "transactions", "0"),
    rule(MONTHLY, "first_of_month", "month = month + 1", "month"),
    rule(MONTHLY, "customer_known", "customer_key = 99"),
    rule(MONTHLY, "class_known", "class_id = 99"),
    *missing(PERIOD, *PERIOD_KEYS, "period_start", "period_end", "amount", "share"),
    repeated(PERIOD, *PERIOD_KEYS),
    spoil(PERIOD, "in_set", "window_name", "'weekly'"),
    spoil(PERIOD, "between", "step", "0"),
    spoil(PERIOD, "between", "amount", "0"),
    spoil(PERIOD, "between", "share", "1.01"),
    rule(PERIOD, "customer_known", "customer_key = 99"),
    rule(PERIOD, "class_known", "class_id = 99"),
    *feature_keys(PERSONALITY, "window_name", "customer_key", "step"),
    *missing(PERSONALITY, *(f"{kind}_{trait}" for kind in ("score", "membership") for trait in LETTERS.lower())),
    *missing(PERSONALITY, "dominant", "total", "coverage"),
    *(spoil(PERSONALITY, "between", f"score_{trait}", "'NaN'") for trait in LETTERS.lower()),
    *(spoil(PERSONALITY, "between", f"membership_{trait}", "0") for trait in LETTERS.lower()),
    spoil(PERSONALITY, "between", "total", "0"),
    spoil(PERSONALITY, "between", "coverage", "1.1"),
    *feature_keys(TRAJECTORIES, "window_name", "customer_key", "step"),
    *missing(TRAJECTORIES, "h1", "h2", "h3", "model_version"),
    *(spoil(TRAJECTORIES, "between", state, "-1.01") for state in ("h1", "h2", "h3")),
    rule(TRAJECTORIES, "one_model", "model_version = 'v2'"),
    *feature_keys(ANGLES, "window_name", "customer_key"),
    *missing(ANGLES, "radius", "determined", "model_version"),
    spoil(ANGLES, "between", "azimuth", "3.15"),
    spoil(ANGLES, "between", "polar", "-0.01"),
    spoil(ANGLES, "between", "radius", "1.74"),
    rule(ANGLES, "angles_given", "polar = NULL"),
    rule(ANGLES, "one_model", "model_version = 'v2'"),
    *missing(CURRENT, "customer_key", "segment", "depth"),
    repeated(CURRENT, "customer_key"),
    rule(CURRENT, "between", "segment = 'undetermined', depth = -1", "depth"),
    spoil(CURRENT, "between", "margin", "-0.1"),
    rule(CURRENT, "modelled", "model_version = 'v2'"),
    Violation(
        CURRENT,
        "rarely_in_set",
        "segment",
        "UPDATE t SET segment = 'insufficient_data', depth = 0, margin = NULL WHERE n > 15",
        26,
    ),
    *missing(FRESHNESS, "feed", "level"),
    repeated(FRESHNESS, "feed"),
    rule(FRESHNESS, "alive", "level = 'critical'"),
    rule(FRESHNESS, "delivers", "level = 'warning'"),
    rule(FRESHNESS, "usual_volume", "unusual_days = 1"),
]

# Planted one at a time: these look at many rows, so that other violations would show in them too.
ALONE = [
    Violation(
        MONTHLY,
        "conserves_months",
        None,
        "UPDATE t SET amount = amount + CASE WHEN n = 1 THEN 0.01 ELSE -0.01 END WHERE n IN (1, 500);"
        "UPDATE t SET transactions = transactions + 1 WHERE n = 1000;"
        "UPDATE t SET class_id = NULL WHERE n = (SELECT max(n) FROM t WHERE class_id = 1)",
        5,
    ),
    Violation(MONTHLY, "months_known", None, "UPDATE t SET month = DATE '1999-01-01' WHERE n = 1"),
    Violation(RAW, "in_ledger", None, "DELETE FROM t WHERE n = 1"),
    Violation(PERIOD, "bounds", None, "UPDATE t SET period_end = period_end + 1 WHERE n = 1"),
    Violation(
        PERIOD,
        "contiguous",
        None,
        "UPDATE t SET period_end = period_end - 1 WHERE window_name = 'annual' AND step = 2;"
        "UPDATE t SET period_end = period_start WHERE window_name = 'annual' AND step = 6;"
        "UPDATE t SET period_end = period_end + 1 WHERE n = (SELECT max(n) FROM t WHERE step = 6)",
        3,
    ),
    Violation(PERIOD, "shares_sum_to_one", None, "UPDATE t SET share = share - 1e-8 WHERE n = 1"),
    Violation(
        PERIOD,
        "conserves_annual_1",
        None,
        "UPDATE t SET amount = amount + CASE customer_key WHEN 1 THEN 0.01 ELSE -0.01 END "
        "WHERE customer_key IN (1, 2) AND window_name = 'annual' AND step = 1 AND class_id = 1",
        2,
    ),
    Violation(
        PERSONALITY,
        "dominant_is_highest",
        None,
        "UPDATE t SET dominant = 'E' WHERE n = 1; UPDATE t SET dominant = 'X' WHERE n = 2",
        2,
    ),
    Violation(
        CURRENT,
        "well_formed",
        None,
        ";".join(
            f"UPDATE t SET segment = '{segment}', depth = {depth} WHERE n = {n}"
            for n, (segment, depth) in enumerate(
                [("E.A.E", 3), ("E.A.X", 3), ("E.A", 3), ("E.", 1), ("", 0), ("undetermined", 1)], start=1
            )
        ),
        6,
    ),
    # 18 customers share a shallower segment and the missing third trait, and one has a neighbour of his own.
    Violation(
        CURRENT,
        "not_small",
        None,
        "UPDATE t SET segment = 'C.A', segment_3 = NULL, depth = 2 WHERE n > 22;"
        "UPDATE t SET neighbour = 'E' WHERE n = 1",
        3,
    ),
    Violation(
        CURRENT,
        "not_too_deep",
        None,
        "UPDATE t SET segment_4 = 'C.A.E.O' WHERE n = 1; UPDATE t SET segment_2 = NULL WHERE n = 2;"
        "UPDATE t SET segment_1 = 'E' WHERE n = 3;"
        "UPDATE t SET segment = 'withheld', depth = 0, segment_1 = NULL, segment_2 = NULL, segment_3 = NULL "
        "WHERE n = 4",
        4,
    ),
    *(
        Violation(suite, "not_empty", None, "DELETE FROM t", 0)
        for suite in (PERSONALITY, TRAJECTORIES, ANGLES, CURRENT)
    ),
]
# Spoilt by tests of their own: (suite, expectation, column).
CONSERVED = [f"conserves_{window}_{step}" for window in WINDOW_MONTHS for step in range(1, STEPS + 1)]
ELSEWHERE = [
    (RAW, "ledger_adds_up", None),
    (PERIOD, "steps_of_date", None),
    *((PERIOD, name, None) for name in CONSERVED),
]
