"""What must hold of segments before they are released: one a customer, of one night and one model."""

from datetime import date

from expectations.features import batch_of
from expectations.suite import Suite, between, no_rows, not_empty, not_null, rarely_in_set, rows_where, unique
from model.vocabulary import MAX_DEPTH, WITHOUT_SEGMENT
from warehouse.queries import quoted

NAME = "segments"
TABLE = "candidates.by_date"
# Most customers of a bank spend in every period: beyond this the night lacks sources rather than spenders.
MAX_UNKNOWN = 0.5


def suite(as_of: date, max_unknown: float = MAX_UNKNOWN, min_size: int = 20) -> Suite:
    """Expectations of the segments of one business date.

    Args:
        as_of: The business date.
        max_unknown: Share of customers without a segment above which the reader is warned.
        min_size: Fewest customers of a group that may be seen.
    """
    unknown = ", ".join(quoted(name) for name in WITHOUT_SEGMENT)
    well_formed, modelled = "segments_well_formed", "segments_modelled"
    small, shallow = f"No group has fewer than {min_size} customers.", "No segment names more traits than its depth."
    return Suite(
        name=NAME,
        table=TABLE,
        batch=batch_of(TABLE, as_of),
        expectations=(
            not_empty(),
            *not_null("customer_key", "segment", "depth"),
            unique("customer_key"),
            between("depth", 0, MAX_DEPTH),
            between("margin", 0, None),
            rows_where(
                "well_formed",
                well_formed,
                "A segment is distinct trait letters, as in E.A.O.",
                unknown=unknown,
            ),
            rows_where("modelled", modelled, "Segments come from one model and have a margin.", unknown=unknown),
            no_rows("not_small", "segments_not_small", small, min_size=str(min_size)),
            no_rows("not_too_deep", "segments_not_too_deep", shallow),
            rarely_in_set("segment", WITHOUT_SEGMENT, max_unknown, "warning"),
        ),
    )
