"""Areas out of OpenAPI documents. `crm.py` is what is made of `crm.yaml`; mypy checks it too."""
