"""The tables of the office. Read by `database` when it makes a new file.

Times are UTC in ISO 8601, money is integer cents, numbers that people say aloud are text.
"""

import re

TABLES = """
CREATE TABLE customers (
    customer_number TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL, street TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL,
    zip_code TEXT NOT NULL, time_zone TEXT NOT NULL, pin TEXT NOT NULL
) STRICT;
CREATE TABLE codes (
    customer_number TEXT PRIMARY KEY REFERENCES customers, code TEXT NOT NULL,
    sent_at TEXT NOT NULL, looks_left INTEGER NOT NULL
) STRICT;
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, customer_number TEXT NOT NULL,
    sent_by TEXT NOT NULL, sent_to TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE TABLE products (
    sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL,
    price_cents INTEGER NOT NULL CHECK (price_cents > 0), in_stock INTEGER NOT NULL
) STRICT;
CREATE TABLE orders (
    order_number TEXT PRIMARY KEY, customer_number TEXT NOT NULL REFERENCES customers,
    status TEXT NOT NULL CHECK (status IN ('processing', 'shipped', 'delivered', 'cancelled')),
    placed_at TEXT NOT NULL, expected_on TEXT NOT NULL,
    street TEXT NOT NULL, city TEXT NOT NULL, state TEXT NOT NULL, zip_code TEXT NOT NULL,
    refunded_cents INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX orders_by_customer ON orders (customer_number);
CREATE TABLE order_items (
    order_number TEXT NOT NULL REFERENCES orders, position INTEGER NOT NULL,
    sku TEXT NOT NULL REFERENCES products, quantity INTEGER NOT NULL CHECK (quantity > 0),
    price_cents INTEGER NOT NULL, PRIMARY KEY (order_number, position)
) STRICT;
CREATE TABLE locations (
    location TEXT PRIMARY KEY, name TEXT NOT NULL, time_zone TEXT NOT NULL
) STRICT;
CREATE TABLE opening_hours (
    location TEXT NOT NULL REFERENCES locations, weekday INTEGER NOT NULL,
    opens TEXT NOT NULL, closes TEXT NOT NULL, PRIMARY KEY (location, weekday, opens)
) STRICT;
CREATE TABLE closures (
    location TEXT NOT NULL REFERENCES locations, day TEXT NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (location, day)
) STRICT;
CREATE TABLE services (
    service TEXT PRIMARY KEY, name TEXT NOT NULL, minutes INTEGER NOT NULL,
    price_cents INTEGER NOT NULL
) STRICT;
CREATE TABLE resources (
    resource TEXT PRIMARY KEY, location TEXT NOT NULL REFERENCES locations, name TEXT NOT NULL
) STRICT;
CREATE TABLE resource_services (
    resource TEXT NOT NULL REFERENCES resources, service TEXT NOT NULL REFERENCES services,
    PRIMARY KEY (resource, service)
) STRICT;
CREATE TABLE appointments (
    appointment INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_number TEXT NOT NULL REFERENCES customers,
    service TEXT NOT NULL REFERENCES services, resource TEXT NOT NULL REFERENCES resources,
    starts_at TEXT NOT NULL, ends_at TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'booked' CHECK (status IN ('booked', 'cancelled')),
    confirmed INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX one_booking_per_start ON appointments (resource, starts_at)
    WHERE status = 'booked';
CREATE TABLE operations (
    key TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('done', 'fenced')),
    fingerprint TEXT, status INTEGER, body TEXT, at TEXT NOT NULL
) STRICT;
CREATE TABLE effects (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, key TEXT NOT NULL,
    operation TEXT NOT NULL, subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL
) STRICT;
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""

TABLE_NAMES = re.findall(r"CREATE TABLE (\w+)", TABLES)
