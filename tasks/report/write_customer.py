"""Write: the page of one customer, for nobody to read but whoever asked for it."""

from pathlib import Path

from tasks.report.customer import read_customer
from tasks.report.page import render_customer
from warehouse.files import write_text
from warehouse.privacy import private_folder
from warehouse.settings import Settings


def write_customer(settings: Settings, customer_id: str) -> Path:
    """Write `<home>/lookups/customer-KEY.html`, in place of an earlier one, readable for its owner alone.

    The name of the file holds the key of the customer in the warehouse, not the bank's identifier.

    Args:
        settings: The warehouse; `home` takes the page.
        customer_id: The bank's own identifier; it appears in no message.

    Returns:
        The page.

    Raises:
        MicrosegError: The customer has no published segment, or the model that made it is gone.
    """
    customer = read_customer(settings, customer_id)
    folder = settings.home.resolve() / "lookups"
    private_folder(folder)
    page = folder / f"customer-{customer.customer_key}.html"
    write_text(page, render_customer(customer), 0o600)
    return page
