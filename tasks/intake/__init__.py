"""From the bank's files and tables into raw.*: contract, quarantine, ledger."""
