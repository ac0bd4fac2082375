"""Inference table: days that are not of the last two years, and days and moments that follow others of their row."""

from schema_svc.core.inference.entries import CALENDAR, Days, Entry, Follower, Pair

_RECENT = Days("", "")
"""The two years before the run's day, as without a rule."""

TIMES: tuple[Entry, ...] = (
    Entry(
        "birth_date birth_datetime date_of_birth dob birthday birthdate born",
        CALENDAR,
        Days("1945-01-01", "2007-12-31"),
    ),
    Entry(
        "hire_date hired_on hired_at joined_on joining_date start_of_employment",
        CALENDAR,
        Days("2012-01-01", "2025-06-30"),
    ),
    Entry("founded founded_on incorporated_on established established_on", CALENDAR, Days("1950-01-01", "2020-12-31")),
    Entry(
        "launched_on launch_date release_date released_on publication_date published_on",
        CALENDAR,
        Days("2015-01-01", "2025-06-30"),
    ),
    Entry("deleted_at deleted_on removed_at archived_at deactivated_at", CALENDAR, _RECENT, nulls=0.95),
    Entry("returned_at returned_on return_date refunded_at cancelled_at canceled_at", CALENDAR, _RECENT, nulls=0.9),
    Entry("termination_date terminated_at discontinued_on discontinued_at retired_at", CALENDAR, _RECENT, nulls=0.8),
)

_MADE = "created_at created_on created_date create_date create_time created creation_date date_created inserted_at"
_ORDERED = "ordered_at ordered_on order_date order_time order_datetime placed_at purchase_date purchased_at sale_date"
_STARTED = "started_at start_time start_date started_on opened_at open_date begin_date"

FOLLOWERS: tuple[Follower, ...] = (
    Follower(
        "updated_at updated_on updated_date update_date update_time updated modified_at modified_on "
        "modified_date modified last_modified last_updated last_update date_modified changed_at",
        f"{_MADE} {_ORDERED} registered_at signup_date",
        0,
        90,
    ),
    Follower("paid_at paid_on payment_date paid_date", f"{_ORDERED} invoice_date issued_at {_MADE}", 0, 10, 0.1),
    Follower(
        "approved_at approved_on approval_date confirmed_at verified_at activated_at processed_at",
        f"submitted_at requested_at request_date {_ORDERED} {_MADE}",
        0,
        5,
        0.1,
    ),
    Follower(
        "shipped_at shipped_on shipped_date ship_date shipping_date dispatched_at ship_time",
        f"{_ORDERED} paid_at {_MADE}",
        1,
        7,
        0.1,
    ),
    Follower(
        "required_date promised_date estimated_delivery expected_date estimated_delivery_date",
        f"{_ORDERED} {_MADE}",
        5,
        30,
    ),
    Follower(
        "delivered_at delivered_on delivery_date delivered_date received_at receipt_date received_on commit_date",
        f"shipped_at shipped_on shipped_date ship_date dispatched_at {_ORDERED} {_MADE}",
        1,
        10,
        0.15,
    ),
    Follower(
        "returned_at returned_on return_date refunded_at refund_date",
        f"delivered_at delivered_on delivery_date shipped_at shipped_on ship_date {_ORDERED} rental_date "
        f"borrowed_at loan_date {_MADE}",
        1,
        30,
        0.9,
    ),
    Follower(
        "cancelled_at canceled_at cancelled_on cancellation_date cancelled_date",
        f"{_ORDERED} signup_date {_STARTED} {_MADE}",
        0,
        30,
        0.9,
    ),
    Follower(
        "completed_at finished_at completed_on completion_date finish_date finish_time completed_date ended_at",
        f"{_STARTED} {_ORDERED} {_MADE}",
        0,
        30,
        0.15,
    ),
    Follower(
        "resolved_at closed_at resolved_on closed_on closed_date close_date resolution_date",
        f"{_STARTED} {_MADE} reported_at",
        0,
        45,
        0.25,
    ),
    Follower(
        "deleted_at deleted_on removed_at archived_at deactivated_at",
        f"{_MADE} registered_at signup_date",
        1,
        365,
        0.95,
    ),
    Follower(
        "due_date due_on due_at payment_due_date",
        f"issued_at issue_date invoice_date invoiced_at borrowed_at loan_date {_ORDERED} {_MADE}",
        14,
        60,
    ),
    Follower(
        "expires_at expires_on expiry_date expiration_date expired_at expires",
        f"issued_at issue_date activated_at {_STARTED} effective_date {_ORDERED} {_MADE}",
        30,
        730,
    ),
    Follower(
        "last_login last_login_at last_seen last_seen_at last_active_at last_activity_at last_sign_in_at "
        "last_order_date last_purchase_date",
        f"signup_date signed_up_at registered_at registration_date joined_at first_seen_at {_MADE}",
        0,
        365,
        0.05,
    ),
    Follower(
        "termination_date terminated_at left_on end_of_employment",
        "hire_date hired_on hired_at joined_on start_date",
        180,
        2500,
        0.8,
    ),
    Follower(
        "discontinued_on discontinued_at discontinued_date retired_at sunset_date",
        f"launched_on launch_date release_date released_on {_MADE}",
        180,
        1500,
        0.85,
    ),
    Follower(
        "discharged_at discharge_date discharge_time discharged_on dischtime",
        "admitted_at admission_date admit_date admission_time admittime admit_time",
        1,
        21,
    ),
    Follower("check_out checkout_date check_out_date checkout", "check_in checkin_date check_in_date checkin", 1, 14),
    Follower(
        "arrival_time arrival_date arrived_at arrival", "departure_time departure_date departed_at departure", 0, 1
    ),
)

PAIRS: tuple[Pair, ...] = (
    Pair("date", "datetime", seconds=(0, 86_399)),
    Pair("start", "end"),
    Pair("begin", "end"),
    Pair("begin", "finish"),
    Pair("start", "finish"),
    Pair("start", "stop"),
    Pair("started", "ended"),
    Pair("starts", "ends"),
    Pair("from", "to"),
    Pair("from", "until"),
    Pair("first", "last"),
    Pair("open", "close"),
    Pair("opened", "closed"),
    Pair("effective", "expiration"),
    Pair("min", "max", numbers=True),
    Pair("minimum", "maximum", numbers=True),
    Pair("low", "high", numbers=True),
    Pair("lower", "upper", numbers=True),
)
