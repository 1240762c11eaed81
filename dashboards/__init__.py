"""What operators see and are woken by: dashboards for Grafana, rules for Prometheus, one page.

Panels, promises and alarms are data, each written once; the JSON, the YAML and the page are made
from them (`make dashboards`, `make dashboard`). A test compares what is committed with what would
be made. Nothing in the product imports this package: it reads the names of series and reaches the
worker through Prometheus only.
"""

__all__: list[str] = []
