"""What a text column holds, guessed from its name and its table's, so that a schema without rules looks like data.

Guesses never fail: a provider whose values would not fit the column is not guessed.
"""

import re
import string
from collections.abc import Mapping
from typing import Final

from generator_svc.core.rules import Choice, FakerRule, Rule, TextRule, TextUnit, WeightedChoiceRule
from generator_svc.core.spec import ColumnSpec

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST_ENDING: Final = 3

_PROVIDERS: Final[Mapping[str, str]] = {
    "address": "address",
    "address_1": "street_address",
    "address_2": "secondary_address",
    "address_line": "street_address",
    "address_line_1": "street_address",
    "address_line_2": "secondary_address",
    "brand": "company",
    "brand_name": "company",
    "browser_ip": "ipv4",
    "building_number": "building_number",
    "city": "city",
    "color": "safe_color_name",
    "colour": "safe_color_name",
    "comment": "sentence",
    "comments": "sentence",
    "company": "company",
    "company_name": "company",
    "contact_name": "name",
    "country": "country",
    "country_code": "country_code",
    "country_name": "country",
    "currency": "currency_code",
    "currency_code": "currency_code",
    "currency_name": "currency_name",
    "description": "text",
    "domain": "domain_name",
    "domain_name": "domain_name",
    "e_mail": "email",
    "email": "email",
    "email_address": "email",
    "employer": "company",
    "family_name": "last_name",
    "fax": "phone_number",
    "first_name": "first_name",
    "firstname": "first_name",
    "fname": "first_name",
    "forename": "first_name",
    "full_name": "name",
    "fullname": "name",
    "given_name": "first_name",
    "guid": "uuid4",
    "host": "hostname",
    "hostname": "hostname",
    "ip": "ipv4",
    "ip_address": "ipv4",
    "ipv4": "ipv4",
    "ipv6": "ipv6",
    "job": "job",
    "job_title": "job",
    "language": "language_name",
    "last_name": "last_name",
    "lastname": "last_name",
    "lname": "last_name",
    "login": "user_name",
    "mac_address": "mac_address",
    "mail": "email",
    "manufacturer": "company",
    "md5": "md5",
    "message": "sentence",
    "middle_name": "first_name",
    "mobile": "phone_number",
    "note": "sentence",
    "notes": "sentence",
    "occupation": "job",
    "phone": "phone_number",
    "phone_number": "phone_number",
    "postal_code": "postcode",
    "postcode": "postcode",
    "product_name": "product_name",
    "province": "state",
    "remarks": "sentence",
    "review_text": "text",
    "session_id": "uuid4",
    "sha1": "sha1",
    "sha256": "sha256",
    "sku": "code",
    "slogan": "catch_phrase",
    "ssn": "ssn",
    "state": "state",
    "state_code": "state_abbr",
    "state_name": "state",
    "street": "street_address",
    "street_address": "street_address",
    "street_name": "street_name",
    "supplier_name": "company",
    "surname": "last_name",
    "tagline": "catch_phrase",
    "telephone": "phone_number",
    "uri": "uri",
    "url": "url",
    "user_name": "user_name",
    "username": "user_name",
    "uuid": "uuid4",
    "vendor_name": "company",
    "website": "url",
    "zip": "postcode",
    "zip_code": "postcode",
    "zipcode": "postcode",
}
_LEAST_LENGTH: Final[Mapping[str, int]] = {
    "company_email": 9,
    "email": 9,
    "domain_name": 12,
    "hostname": 20,
    "ipv4": 15,
    "ipv6": 39,
    "mac_address": 17,
    "md5": 32,
    "phone_number": 7,
    "postcode": 5,
    "sha1": 40,
    "sha256": 64,
    "ssn": 11,
    "uri": 12,
    "url": 12,
    "uuid4": 32,
    "state": 2,
    "state_abbr": 2,
    "country": 2,
    "country_code": 2,
    "currency_code": 3,
    "code": 8,
}
# Providers with too few values for a column that has to be distinct, or none that are distinct by construction.
_SCARCE: Final = frozenset(
    ("country", "country_code", "currency_code", "ipv6", "md5", "postcode", "sha1", "sha256", "state", "state_abbr")
)
_LEAST_DISTINCT: Final = 14
_PEOPLE: Final = (
    "author", "client", "contact", "customer", "driver", "employee", "guest", "member", "passenger", "patient",
    "people", "person", "player", "rep", "salesperson", "staff", "student", "subscriber", "teacher", "user",
)  # fmt: skip
_COMPANIES: Final = (
    "account", "brand", "carrier", "company", "employer", "manufacturer", "merchant", "partner", "publisher",
    "retailer", "seller", "shop", "store", "supplier", "vendor",
)  # fmt: skip
_GOODS: Final = ("article", "good", "inventory", "item", "part", "product", "sku")
_CODES: Final = (["code"], ["key"], ["number"], ["no"], ["nr"], ["num"], ["ref"], ["reference"], ["id"], ["sku"])
_PLACES: Final[Mapping[str, str]] = {"city": "city", "country": "country", "state": "state", "region": "state"}

_CHOICES: Final[Mapping[str, Mapping[str, float]]] = {
    "gender": {"female": 49, "male": 49, "other": 2},
    "sex": {"F": 50, "M": 50},
    "priority": {"low": 20, "medium": 50, "high": 25, "urgent": 5},
    "severity": {"low": 40, "medium": 35, "high": 20, "critical": 5},
    "channel": {"web": 45, "mobile": 30, "store": 15, "phone": 7, "partner": 3},
    "payment_method": {"credit_card": 55, "debit_card": 20, "paypal": 15, "bank_transfer": 7, "gift_card": 3},
    "payment_type": {"credit_card": 55, "debit_card": 20, "paypal": 15, "bank_transfer": 7, "gift_card": 3},
    "shipping_method": {"standard": 60, "express": 25, "overnight": 10, "pickup": 5},
    "ship_mode": {"standard": 60, "express": 25, "overnight": 10, "pickup": 5},
    "device": {"mobile": 55, "desktop": 38, "tablet": 7},
    "device_type": {"mobile": 55, "desktop": 38, "tablet": 7},
    "event_type": {"page_view": 60, "click": 25, "search": 8, "add_to_cart": 5, "purchase": 2},
    "level": {"basic": 60, "silver": 25, "gold": 12, "platinum": 3},
    "tier": {"basic": 60, "silver": 25, "gold": 12, "platinum": 3},
    "segment": {"consumer": 52, "corporate": 30, "home office": 18},
    "plan": {"free": 55, "basic": 25, "pro": 15, "enterprise": 5},
    "size": {"S": 20, "M": 35, "L": 30, "XL": 15},
    "category": {
        "electronics": 22, "home": 18, "clothing": 18, "books": 12, "sports": 10, "toys": 8, "beauty": 7, "garden": 5,
    },
    "department": {"sales": 25, "engineering": 25, "operations": 20, "support": 15, "marketing": 10, "finance": 5},
    "currency": {"USD": 60, "EUR": 25, "GBP": 8, "JPY": 4, "CAD": 3},
    "currency_code": {"USD": 60, "EUR": 25, "GBP": 8, "JPY": 4, "CAD": 3},
    "region": {"north": 25, "south": 25, "east": 25, "west": 25},
    "role": {"user": 75, "editor": 15, "admin": 8, "owner": 2},
    "source": {"organic": 40, "direct": 25, "paid": 20, "referral": 10, "email": 5},
    "carrier": {"UPS": 35, "FedEx": 30, "USPS": 25, "DHL": 10},
    "browser": {"Chrome": 65, "Safari": 19, "Edge": 8, "Firefox": 6, "Opera": 2},
    "os": {"Windows": 40, "Android": 30, "iOS": 18, "macOS": 9, "Linux": 3},
    "unit": {"piece": 70, "pack": 20, "box": 8, "pallet": 2},
    "flag": {"N": 70, "Y": 30},
    "indicator": {"N": 70, "Y": 30},
    "type": {"standard": 60, "premium": 25, "basic": 10, "custom": 5},
    "kind": {"standard": 60, "premium": 25, "basic": 10, "custom": 5},
    "status": {"active": 70, "inactive": 15, "pending": 10, "closed": 5},
}  # fmt: skip
_STATUS: Final[Mapping[str, Mapping[str, float]]] = {
    "order": {"delivered": 55, "shipped": 20, "processing": 12, "pending": 8, "cancelled": 5},
    "payment": {"captured": 80, "authorized": 8, "refunded": 6, "failed": 6},
    "invoice": {"paid": 75, "open": 15, "overdue": 8, "void": 2},
    "shipment": {"delivered": 70, "in_transit": 20, "pending": 7, "returned": 3},
    "ticket": {"closed": 60, "open": 20, "in_progress": 15, "on_hold": 5},
}


def guess_provider(column_name: str) -> str | None:
    """Guess a Faker provider from a column's name alone; the ending decides (`billing_zip_code` is a postcode)."""
    return next((_PROVIDERS[ending] for ending in _endings(column_name) if ending in _PROVIDERS), None)


def guess_rule(table_name: str, column: ColumnSpec, *, distinct: bool = False) -> Rule | None:
    """Guess the rule of a text column from its name, its table's name and its length; None if the names say nothing.

    A distinct column never gets a choice among a few words or a scarce provider: it gets codes instead.
    """
    length = column.type.length
    name = _name_rule(table_name, column.name)
    if name:
        return name
    for ending in _endings(column.name):
        choices = _choices(table_name, ending, length)
        if choices:
            return FakerRule("code") if distinct else choices
        provider = _PROVIDERS.get(ending)
        if provider and (not length or length >= _LEAST_LENGTH.get(provider, 1)):
            scarce = provider in _SCARCE or 0 < length < _LEAST_DISTINCT
            return FakerRule("code" if distinct and scarce else provider)
    return _code_rule(column, distinct) if _words(column.name)[-1:] in _CODES else None


def _code_rule(column: ColumnSpec, distinct: bool) -> Rule:
    """Make codes: capitals in a short column, unless they have to suffice for distinct rows."""
    length = column.type.length
    if distinct or not 0 < length < _LEAST_LENGTH["code"]:
        return FakerRule("code")
    return FakerRule("lexify", arguments={"text": f'"{"?" * length}"', "letters": f'"{string.ascii_uppercase}"'})


def _name_rule(table_name: str, column_name: str) -> Rule | None:
    """Read `name` and `title` by whose they are: the word before (`vendor_name`) or else the table (`vendors.name`)."""
    words = _words(column_name)
    if words[-1:] not in (["name"], ["title"], ["label"]):
        return None
    owner = words[-2] if len(words) > 1 else (_words(table_name) or [""])[-1]
    if owner in ("first", "last", "middle", "given", "family", "full", "user", "domain", "host", "job"):
        return None
    if _is_one_of(owner, _PEOPLE):
        return FakerRule("job" if words[-1] == "title" else "name")
    if _is_one_of(owner, _COMPANIES):
        return FakerRule("company")
    if _is_one_of(owner, _GOODS):
        return FakerRule("product_name")
    place = next((provider for noun, provider in _PLACES.items() if _is_one_of(owner, (noun,))), None)
    return FakerRule(place) if place else TextRule(TextUnit.WORDS, 1, 3)


def _choices(table_name: str, ending: str, length: int) -> WeightedChoiceRule | None:
    """Choose plausible words that fit the column: cut to their first letters if they all differ there."""
    weights = _CHOICES.get(ending)
    if ending == "status":
        owner = (_words(table_name) or [""])[-1]
        weights = next((words for noun, words in _STATUS.items() if _is_one_of(owner, (noun,))), weights)
    if not weights:
        return None
    fitting: dict[str, float] = {}
    for word, weight in weights.items():
        short = word if not length or len(word) <= length else word[:length].upper()
        fitting.setdefault(short, weight)
    return WeightedChoiceRule(tuple(Choice(word, weight) for word, weight in fitting.items()))


def _endings(name: str) -> list[str]:
    """List a name's last words, the longest ending first: `billing_zip_code`, `zip_code`, `code`."""
    words = _words(name)
    return ["_".join(words[-size:]) for size in range(min(_LONGEST_ENDING, len(words)), 0, -1)]


def _words(name: str) -> list[str]:
    """Split snake_case and camelCase into lower-case words."""
    return [word.lower() for word in _WORD.findall(name)]


def _is_one_of(noun: str, singulars: tuple[str, ...]) -> bool:
    """Compare a noun with singulars, itself singular or plural."""
    singular = noun.removesuffix("ies") + "y" if noun.endswith("ies") else noun.removesuffix("s")
    return noun in singulars or singular in singulars
