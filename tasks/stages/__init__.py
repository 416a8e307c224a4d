"""The stages as Prefect tasks, and nothing else: names, retries, progress and skipping."""
