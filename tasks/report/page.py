"""Page: draws the report of a release or one customer as one HTML file that asks nothing of a network."""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from model import drift
from model.vocabulary import LETTERS, TRAITS
from tasks.report import changes, content, customer_findings, findings, names, phrases, study_figures, trust
from tasks.report.charts import angle_map, bars, flow, icicle, space, sparkline, timeline
from tasks.report.customer_content import CustomerPage

_CHARTS: Final = {
    "bars": bars.bars,
    "children": icicle.children,
    "draw_map": angle_map.draw_map,
    "draw_space": space.draw_space,
    "flow": flow.flow,
    "icicle": icicle.icicle,
    "sparkline": sparkline.sparkline,
    "timeline": timeline.timeline,
    "two_way_bars": bars.two_way_bars,
}
_WORDS: Final = (
    names.anchor,
    phrases.counted,
    phrases.day,
    phrases.degrees,
    names.hue,
    names.is_order,
    names.last_trait,
    phrases.listed,
    phrases.moment,
    names.name_of,
    phrases.number,
    phrases.part,
    phrases.percent,
    phrases.points,
    phrases.short_day,
    phrases.sentence,
    names.short_name,
    phrases.shorten,
    phrases.signed,
    phrases.spoken,
    phrases.told,
)
_SAFE_SCHEMES: Final = ("", "file", "http", "https")


def render_report(report: content.Report, links: Mapping[str, str], told: Mapping[str, str] | None = None) -> str:
    """Draw the page of a release.

    Args:
        report: All that it says.
        links: Addresses of what lies beside the page, by what they are called; only files and web pages are linked.
        told: What the head of the page keeps: of which release it tells.

    Returns:
        One HTML document, without any request to the outside.
    """
    points = trust.concerns(report)
    return _render(
        "report.html",
        report=report,
        release=report.release,
        published={segment.code for segment in report.segments},
        points=points,
        verdict=trust.verdict(points),
        links={name: address for name, address in links.items() if is_safe(address)},
        identity=json.dumps(told, sort_keys=True) if told else "",
    )


def render_customer(page: CustomerPage) -> str:
    """Draw the page of one customer: personal data, for the officer who asked.

    Args:
        page: All that it says.

    Returns:
        One HTML document, without any request to the outside.
    """
    return _render("customer.html", page=page, identity="")


def is_safe(address: str) -> bool:
    """Whether an address leads to a file or a web page, and cannot run anything.

    >>> is_safe("../docs/index.html"), is_safe("javascript:alert(1)")
    (True, False)
    """
    return urlsplit(phrases.plain(address).strip()).scheme in _SAFE_SCHEMES


def _render(template: str, **values: object) -> str:
    style, script = _source("page.css"), _source("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    inline = {"style": Markup(style), "script": Markup(script), "policy": policy}  # noqa: S704 - our own files
    return _environment().get_template(template).render(values | inline)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tasks.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: phrases.plain(value) if type(value) is str else value,
    )
    environment.globals |= _CHARTS | {function.__name__: function for function in _WORDS}
    environment.globals |= {
        "LETTERS": LETTERS,
        "TRAITS": TRAITS,
        "NEAR": content.NEAR,
        "SPECIAL": names.SPECIAL,
        "about": customer_findings,
        "changes": changes,
        "drift_limits": drift,
        "findings": findings,
        "study": study_figures,
        "trust": trust,
    }
    return environment


@cache
def _source(name: str) -> str:
    return files("tasks.report").joinpath("templates", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
