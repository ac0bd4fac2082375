"""Inference table: columns that take few values."""

from schema_svc.core.inference.entries import NUMBER, TEXT, TRUTH, WHOLE, Choices, Entry, Ranks, Truth

_YES = "is_* has_* was_* can_* allow_* allows_* should_* did_* does_* likes_* flag ind indicator yn"
_ORDERS = {"delivered": 55.0, "shipped": 20, "processing": 12, "pending": 8, "cancelled": 5}
_STATES = {"active": 70.0, "inactive": 15, "pending": 10, "closed": 5}
_TASKS = {"done": 60.0, "running": 10, "queued": 10, "failed": 8, "open": 12}
_PAYING = {"credit_card": 55.0, "debit_card": 20, "paypal": 15, "bank_transfer": 7, "gift_card": 3}
_SHIPPING = {"standard": 60.0, "express": 25, "overnight": 10, "pickup": 5}
_TIERS = {"basic": 60.0, "silver": 25, "gold": 12, "platinum": 3}
_CURRENCIES = {"USD": 60.0, "EUR": 25, "GBP": 8, "JPY": 4, "CAD": 3}
_CATEGORIES = {
    "electronics": 22.0, "home": 18, "clothing": 18, "books": 12, "sports": 10, "toys": 8, "beauty": 7, "garden": 5,
}  # fmt: skip
_AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36": 50.0,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148": 25,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15": 15,
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0": 10,
}
_DAYS = dict.fromkeys(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), 1.0)
_MONTHS = dict.fromkeys(
    (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    1.0,
)

CHOICES: tuple[Entry, ...] = (
    Entry(
        "is_deleted is_cancelled is_returned is_fraud is_test is_refunded is_blocked deleted cancelled",
        TRUTH,
        Truth(0.05),
    ),
    Entry(
        "is_active is_enabled is_valid is_current is_available is_verified active enabled is_visible", TRUTH, Truth(0.9)
    ),
    Entry("holiday weekend discontinued", TRUTH, Truth(0.1)),
    Entry("holiday weekend discontinued", WHOLE, Choices({"0": 90, "1": 10})),
    Entry(_YES, TRUTH, Truth(0.3)),
    Entry(
        "is_deleted is_cancelled is_returned is_fraud is_test is_refunded is_blocked deleted cancelled",
        WHOLE,
        Choices({"0": 95, "1": 5}),
    ),
    Entry(
        "is_active is_enabled is_valid is_current is_available is_verified active enabled is_visible",
        WHOLE,
        Choices({"1": 90, "0": 10}),
    ),
    Entry(_YES, NUMBER, Choices({"0": 70, "1": 30})),
    Entry(
        "is_deleted is_cancelled is_returned is_fraud is_test deleted cancelled delete_flag deleted_flag",
        TEXT,
        Choices({"N": 95, "Y": 5}),
    ),
    Entry(
        "is_active is_enabled is_valid is_current active enabled active_flag current_flag",
        TEXT,
        Choices({"Y": 90, "N": 10}),
    ),
    Entry(_YES, TEXT, Choices({"N": 70, "Y": 30})),
    Entry("gender sex", TEXT, Choices({"female": 49, "male": 49, "other": 2})),
    Entry("marital_status", TEXT, Choices({"married": 48, "single": 35, "divorced": 11, "widowed": 6})),
    Entry(
        "education education_level education_status",
        TEXT,
        Choices({"secondary": 40, "bachelor": 30, "master": 15, "primary": 10, "doctorate": 5}),
    ),
    Entry("order_status fulfillment_status", TEXT, Choices(_ORDERS)),
    Entry("status state", TEXT, Choices(_ORDERS), owners="order purchase"),
    Entry(
        "status state",
        TEXT,
        Choices({"captured": 80, "authorized": 8, "refunded": 6, "failed": 6}),
        owners="payment transaction",
    ),
    Entry("status state", TEXT, Choices({"paid": 75, "open": 15, "overdue": 8, "void": 2}), owners="invoice bill"),
    Entry(
        "status state",
        TEXT,
        Choices({"delivered": 70, "in_transit": 20, "pending": 7, "returned": 3}),
        owners="shipment delivery parcel",
    ),
    Entry(
        "status state",
        TEXT,
        Choices({"closed": 60, "open": 20, "in_progress": 15, "on_hold": 5}),
        owners="ticket issue case claim",
    ),
    Entry("status state", TEXT, Choices(_TASKS), owners="job task run build process batch pipeline workflow"),
    Entry("status", TEXT, Choices(_STATES)),
    Entry(
        "state",
        TEXT,
        Choices(_TASKS),
        near="started_at finished_at created_at updated_at status started completed_at job_id task_id",
    ),
    Entry("state", TEXT, Choices(_STATES)),
    Entry("status status_code state status_id type_code", WHOLE, Choices({"1": 60, "2": 25, "3": 10, "4": 5})),
    Entry(
        "http_status response_code http_code response_status", WHOLE, Choices({"200": 88, "301": 3, "404": 6, "500": 3})
    ),
    Entry(
        "type kind class customer_type account_type user_type",
        TEXT,
        Choices({"standard": 60, "premium": 25, "basic": 10, "custom": 5}),
    ),
    Entry("type kind class level_code", WHOLE, Choices({"1": 60, "2": 25, "3": 15})),
    Entry("category category_name product_category subcategory department_name", TEXT, Choices(_CATEGORIES)),
    Entry("name", TEXT, Choices(_CATEGORIES), owners="category"),
    Entry(
        "event_type action activity",
        TEXT,
        Choices({"page_view": 60, "click": 25, "search": 8, "add_to_cart": 5, "purchase": 2}),
    ),
    Entry("priority", TEXT, Choices({"low": 20, "medium": 50, "high": 25, "urgent": 5})),
    Entry("priority severity urgency", WHOLE, Choices({"3": 50, "2": 25, "4": 15, "1": 10})),
    Entry("severity urgency", TEXT, Choices({"low": 40, "medium": 35, "high": 20, "critical": 5})),
    Entry("channel sales_channel", TEXT, Choices({"web": 45, "mobile": 30, "store": 15, "phone": 7, "partner": 3})),
    Entry("payment_method payment_type pay_method tender_type", TEXT, Choices(_PAYING)),
    Entry(
        "card_type credit_card_type card_brand",
        TEXT,
        Choices({"Visa": 50, "Mastercard": 35, "Amex": 10, "Discover": 5}),
    ),
    Entry("shipping_method ship_mode delivery_method shipping_type ship_method", TEXT, Choices(_SHIPPING)),
    Entry("carrier shipping_carrier", TEXT, Choices({"UPS": 35, "FedEx": 30, "USPS": 25, "DHL": 10})),
    Entry("device device_type platform", TEXT, Choices({"mobile": 55, "desktop": 38, "tablet": 7})),
    Entry("browser", TEXT, Choices({"Chrome": 65, "Safari": 19, "Edge": 8, "Firefox": 6, "Opera": 2})),
    Entry("os operating_system", TEXT, Choices({"Windows": 40, "Android": 30, "iOS": 18, "macOS": 9, "Linux": 3})),
    Entry("user_agent useragent", TEXT, Choices(_AGENTS)),
    Entry("tier level membership loyalty_tier grade plan_name", TEXT, Choices(_TIERS)),
    Entry("plan subscription_plan", TEXT, Choices({"free": 55, "basic": 25, "pro": 15, "enterprise": 5})),
    Entry("segment customer_segment", TEXT, Choices({"consumer": 52, "corporate": 30, "home office": 18})),
    Entry("size", TEXT, Choices({"M": 35, "L": 30, "S": 20, "XL": 15})),
    Entry(
        "department dept",
        TEXT,
        Choices({"sales": 25, "engineering": 25, "operations": 20, "support": 15, "marketing": 10, "finance": 5}),
    ),
    Entry("currency currency_code currency_cd ccy", TEXT, Choices(_CURRENCIES)),
    Entry(
        "language_code lang locale_code language_cd", TEXT, Choices({"en": 60, "de": 12, "fr": 10, "es": 10, "ja": 8})
    ),
    Entry("locale", TEXT, Choices({"en_US": 60, "de_DE": 12, "fr_FR": 10, "es_ES": 10, "ja_JP": 8})),
    Entry(
        "time_zone timezone tz",
        TEXT,
        Choices({"UTC": 40, "America/New_York": 30, "Europe/Berlin": 20, "Asia/Tokyo": 10}),
    ),
    Entry("gmt_offset utc_offset tz_offset", NUMBER, Choices({"-5": 35, "-6": 25, "-7": 10, "-8": 20, "1": 10})),
    Entry("am_pm meridiem", TEXT, Choices({"AM": 50, "PM": 50})),
    Entry("shift", TEXT, Choices({"first": 45, "second": 35, "third": 20})),
    Entry("credit_rating risk_rating", TEXT, Choices({"Good": 50, "Low Risk": 30, "High Risk": 12, "Unknown": 8})),
    Entry("region territory zone", TEXT, Choices({"north": 25, "south": 25, "east": 25, "west": 25})),
    Entry("role user_role", TEXT, Choices({"user": 75, "editor": 15, "admin": 8, "owner": 2})),
    Entry(
        "source utm_source traffic_source referrer_source",
        TEXT,
        Choices({"organic": 40, "direct": 25, "paid": 20, "referral": 10, "email": 5}),
    ),
    Entry("medium utm_medium", TEXT, Choices({"organic": 45, "cpc": 30, "email": 15, "social": 10})),
    Entry("unit uom unit_of_measure units", TEXT, Choices({"piece": 70, "pack": 20, "box": 8, "pallet": 2})),
    Entry("blood_type", TEXT, Choices({"O+": 38, "A+": 34, "B+": 9, "O-": 7, "A-": 6, "AB+": 3, "B-": 2, "AB-": 1})),
    Entry("day day_of_week day_name weekday", TEXT, Choices(_DAYS, cut=True)),
    Entry("month month_name", TEXT, Choices(_MONTHS, cut=True)),
    Entry("quarter qtr quarter_name", TEXT, Choices({"Q1": 1, "Q2": 1, "Q3": 1, "Q4": 1})),
    Entry("rating stars star_rating", WHOLE, Choices({"5": 45, "4": 30, "3": 13, "2": 6, "1": 6})),
    Entry("version revision", WHOLE, Ranks(10, 1.5)),
)
