"""Where the marks of the page's drawings lie: pure functions from values to coordinates; templates draw them."""
