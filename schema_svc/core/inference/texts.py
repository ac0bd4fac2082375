"""Inference table: text columns that a provider or words fill."""

from schema_svc.core.inference.entries import TEXT, Entry, Provider, Uuids, Words
from schema_svc.core.vocabulary import TextUnit

PEOPLE = (
    "actor agent artist author borrower client contact customer dependent director doctor donor driver employee guest "
    "instructor lead manager member owner passenger patient people person player professor rep salesperson sender "
    "speaker staff student subscriber supervisor teacher tenant user worker"
)
COMPANIES = (
    "account agency airline bank brand business carrier company corporation distributor employer firm maker "
    "manufacturer merchant organisation organization partner provider publisher retailer seller shipper shop sponsor "
    "store supplier tenant vendor"
)
GOODS = "article good inventory item material merchandise part product sku"
_TITLES = "album article book course event film game movie playlist post project show song track"
_LINE = Words(TextUnit.SENTENCES, 1, 1, least=12)
_SENTENCES = Words(TextUnit.SENTENCES, 1, 3, least=12)


def _dates(pattern: str) -> Provider:
    """Make dates as text: digits stand for #, 1 to 9 for %."""
    return Provider("numerify", len(pattern), arguments=(("text", f'"{pattern}"'),))


TEXTS: tuple[Entry, ...] = (
    Entry("email e_mail email_address e_mail_address mail email_addr", TEXT, Provider("email", 14, distinct=True)),
    Entry("first_name firstname fname forename given_name first_nm", TEXT, Provider("first_name", 3)),
    Entry("middle_name middlename", TEXT, Provider("first_name", 3), nulls=0.4),
    Entry("last_name lastname lname surname family_name last_nm", TEXT, Provider("last_name", 3)),
    Entry("full_name fullname display_name person_name", TEXT, Provider("name", 8)),
    Entry(
        "initial middle_initial initials",
        TEXT,
        Provider("lexify", arguments=(("text", '"?"'), ("letters", '"ABCDEFGHJKLMNPRSTW"'))),
    ),
    Entry("salutation honorific name_prefix", TEXT, Provider("prefix", 4)),
    Entry(
        "user_name username login login_name user_login screen_name nickname handle",
        TEXT,
        Provider("user_name", 6, distinct=True),
    ),
    Entry(
        "phone phone_number phone_no telephone mobile mobile_number cell cell_phone tel",
        TEXT,
        Provider("phone_number", 7),
    ),
    Entry("fax fax_number", TEXT, Provider("phone_number", 7), nulls=0.5),
    Entry("ssn social_security_number", TEXT, Provider("ssn", 11)),
    Entry("address", TEXT, Provider("street_address", 8), near="city town zip zip_code postal_code postcode"),
    Entry("address full_address mailing_address", TEXT, Provider("address", 40)),
    Entry(
        "address street street_address address_1 address1 address_line address_line_1 address_line1 addr addr1 line1",
        TEXT,
        Provider("street_address", 8),
    ),
    Entry(
        "address_2 address2 address_line_2 address_line2 addr2 line2", TEXT, Provider("secondary_address", 8), nulls=0.7
    ),
    Entry("street_name", TEXT, Provider("street_name", 8)),
    Entry("street_type street_suffix", TEXT, Provider("street_suffix", 4)),
    Entry("street_number house_number building_number", TEXT, Provider("building_number", 3)),
    Entry("city town city_name municipality", TEXT, Provider("city", 4)),
    Entry("district suburb borough neighborhood", TEXT, Provider("city", 4)),
    Entry("suite suite_number apartment apt apartment_number", TEXT, Provider("secondary_address", 8)),
    Entry(
        "manager author composer contact contact_person supervisor salesperson sales_rep driver doctor teacher "
        "instructor assignee approver cardholder recipient beneficiary",
        TEXT,
        Provider("name", 8),
    ),
    Entry("county county_name", TEXT, Provider("last_name", 3)),
    Entry("state_code state_abbr state_abbreviation state_province_code state_cd", TEXT, Provider("state_abbr", 2)),
    Entry("state st province", TEXT, Provider("state_abbr", 2, most=3)),
    Entry(
        "state province state_name state_province",
        TEXT,
        Provider("state", 2),
        near="city zip zip_code postal_code country street address town county state_id",
    ),
    Entry("zip zip_code zipcode postal_code postalcode postcode post_code", TEXT, Provider("postcode", 5)),
    Entry("country country_name nation nation_name nationality", TEXT, Provider("country", 2)),
    Entry("country_code country_cd country_iso iso_country", TEXT, Provider("country_code", 2)),
    Entry(
        "company company_name employer organization organisation organization_name brand brand_name "
        "manufacturer maker vendor_name supplier_name legal_name",
        TEXT,
        Provider("company", 5),
    ),
    Entry("job job_title occupation profession contact_title", TEXT, Provider("job", 5)),
    Entry("language language_name", TEXT, Provider("language_name", 4)),
    Entry("color colour", TEXT, Provider("safe_color_name", 4)),
    Entry("url website web_site homepage link href web_url site_url", TEXT, Provider("url", 12)),
    Entry("uri path url_path page_url", TEXT, Provider("uri", 12)),
    Entry("domain domain_name", TEXT, Provider("domain_name", 12)),
    Entry("host hostname host_name", TEXT, Provider("hostname", 20)),
    Entry("ip ip_address ip_addr ipv4 client_ip remote_addr", TEXT, Provider("ipv4", 15)),
    Entry("ipv6", TEXT, Provider("ipv6", 39)),
    Entry("mac mac_address", TEXT, Provider("mac_address", 17)),
    Entry("http_method request_method", TEXT, Provider("http_method", 7)),
    Entry("uuid guid uid session_id request_id trace_id correlation_id visitor_id device_id token", TEXT, Uuids()),
    Entry("md5 checksum hash fingerprint etag", TEXT, Provider("md5", 32)),
    Entry("sha1", TEXT, Provider("sha1", 40)),
    Entry("sha256 hash digest password_hash", TEXT, Provider("sha256", 64)),
    Entry("password password_digest", TEXT, Provider("sha256", 64)),
    Entry("password password_digest", TEXT, Provider("sha1", 40)),
    Entry("iban", TEXT, Provider("bothify", 22, arguments=(("text", '"DE####################"'),))),
    Entry(
        "bic swift swift_code",
        TEXT,
        Provider("lexify", 8, arguments=(("text", '"????DEFF"'), ("letters", '"ABCDEFGHKLMNPRST"'))),
    ),
    Entry("isbn", TEXT, Provider("numerify", 13, arguments=(("text", '"978##########"'),))),
    Entry("ean upc barcode gtin", TEXT, Provider("numerify", 12, arguments=(("text", '"############"'),))),
    Entry(
        "card_number credit_card_number creditcard cc_number",
        TEXT,
        Provider("numerify", 16, arguments=(("text", '"4###############"'),)),
    ),
    Entry("vat_number tax_id tax_number", TEXT, Provider("numerify", 11, arguments=(("text", '"DE#########"'),))),
    Entry("license_plate plate", TEXT, Provider("bothify", 7, arguments=(("text", '"???-###"'),))),
    Entry(
        "sku item_code product_code part_number model_number tracking_number serial_number",
        TEXT,
        Provider("code", 8, distinct=True),
    ),
    Entry("coupon coupon_code promo_code voucher voucher_code gift_code", TEXT, Provider("code", 8), nulls=0.8),
    Entry(
        "order_number invoice_number reference_number reference confirmation_number ticket_number "
        "account_number customer_number employee_number policy_number order_no invoice_no",
        TEXT,
        Provider("code", 8, distinct=True),
    ),
    Entry("product_name item_name product article_name", TEXT, Provider("product_name", 8)),
    Entry("name full_nm nm", TEXT, Provider("name", 8), owners=PEOPLE),
    Entry("name", TEXT, Provider("company", 5), owners=COMPANIES),
    Entry("name title label", TEXT, Provider("product_name", 8), owners=GOODS),
    Entry("name", TEXT, Provider("city", 4), owners="city town"),
    Entry("name", TEXT, Provider("country", 2), owners="country nation"),
    Entry("name", TEXT, Provider("state", 2), owners="state province"),
    Entry("name", TEXT, Provider("currency_name", 8), owners="currency"),
    Entry("name", TEXT, Provider("language_name", 4), owners="language"),
    Entry("title", TEXT, Provider("job", 5), owners=PEOPLE + " job position"),
    Entry("name title", TEXT, Words(TextUnit.WORDS, 2, 4), owners=_TITLES),
    Entry("subject headline subtitle tagline slogan", TEXT, Provider("catch_phrase", 12)),
    Entry("description desc summary abstract bio biography about details", TEXT, _SENTENCES),
    Entry("comment comments note notes remark remarks message feedback reason memo annotation", TEXT, _LINE, nulls=0.3),
    Entry("body content text review review_text", TEXT, _SENTENCES),
    Entry("tag tags keyword keywords slug", TEXT, Words(TextUnit.WORDS, 1, 1)),
    Entry("date day dt", TEXT, _dates("202#-0%-1#")),
    Entry("timestamp datetime created_at updated_at", TEXT, _dates("202#-0%-1# 1#:3#:4#")),
)

UNOWNED: tuple[Entry, ...] = (Entry("name title label heading caption short_name", TEXT, Words(TextUnit.WORDS, 1, 3)),)
"""What names and titles are that are nobody's in particular."""
