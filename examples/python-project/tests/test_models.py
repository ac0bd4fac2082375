"""What the models promise, on 2,000 orders that keep every key of the schema."""

import psycopg2
import pytest
from shop_models import MODELS, model_sql


@pytest.mark.parametrize("model", sorted(path.stem for path in MODELS.glob("*.sql")))
def test_a_model_runs_as_redshift_would_run_it(shop, model):
    """EXACT says that Redshift would give these very rows."""
    result = shop.query(model_sql(model))
    assert result.to_arrow().num_rows > 0
    assert result.verdict == "EXACT", result.notes


def test_every_customer_is_in_customer_revenue_once(shop):
    customers = [row["customer_id"] for row in shop.query(model_sql("customer_revenue")).to_pylist()]
    assert len(customers) == len(set(customers)) == shop.rows["customers"]


def test_no_revenue_is_lost_between_the_models(shop):
    """A join that drops or doubles orders changes the sum."""
    total = shop.query("SELECT SUM(amount) FROM orders").scalar()
    for model in ("customer_revenue", "monthly_revenue"):
        assert shop.query(f"SELECT SUM(revenue) FROM ({model_sql(model)}) AS m").scalar() == total


def test_revenue_so_far_ends_at_the_total(shop):
    rows = shop.query(f"SELECT * FROM ({model_sql('monthly_revenue')}) AS m ORDER BY order_month").to_pylist()
    assert rows[-1]["revenue_so_far"] == sum(row["revenue"] for row in rows)


def test_nothing_is_shipped_before_it_is_ordered(shop):
    late = f"SELECT COUNT(*) FROM ({model_sql('stg_orders')}) AS m WHERE days_to_ship < 0"
    assert shop.query(late).scalar() == 0


def test_code_with_a_connection_of_its_own_sees_the_same_tables(shop):
    """What an application or a loader would do: no client of ours, no schema in the names."""
    with psycopg2.connect(shop.connection_string) as db, db.cursor() as cursor:
        cursor.execute("SELECT COUNT(DISTINCT customer_id) FROM orders")
        (buyers,) = cursor.fetchone()
    db.close()
    assert buyers == shop.query("SELECT COUNT(DISTINCT customer_id) FROM orders").scalar()
