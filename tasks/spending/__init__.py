"""From raw rows to spending by month and by period."""
