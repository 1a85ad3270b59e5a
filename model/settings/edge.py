"""The area of the settings that faces the internet: CloudFront and its firewall.

Owns who may reach the site and how much one address may ask. Limits are AWS's own.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from model.settings.base import Section


class Edge(Section):
    """CloudFront and its web ACL.

    Attributes:
        price_class: Which of CloudFront's locations serve: 100 is America and Europe, 200 adds Asia, All the rest.
        countries: ISO 3166 codes of those that may order; none means the whole world.
        requests_per_address: In five minutes; more and the address is blocked until it asks less. Phones of one carrier
            share addresses, so a number near what one person asks would block a cinema.
        anti_ddos: The managed rules against floods at the application, about 20 USD a month and 0.15 per million
            requests.
    """

    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]
    countries: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...], Field(examples=["[KR, JP]"])]
    requests_per_address: Annotated[int, Field(ge=10, le=2_000_000_000)]
    anti_ddos: bool
