"""What the company sells: `GET /products`."""

from fastapi import APIRouter
from pydantic import BaseModel

from rehearsal.office.access import REFUSALS, Office

router = APIRouter(tags=["products"], responses=REFUSALS)


class Product(BaseModel):
    """One article; `price_cents` in US cents."""

    sku: str
    name: str
    category: str
    price_cents: int
    in_stock: int


class Products(BaseModel):
    """Articles by name."""

    products: list[Product]


@router.get("/products")
async def list_products(office: Office, search: str = "") -> Products:
    """All articles, or those whose name contains `search`."""
    found = await office.database.all(
        "SELECT * FROM products WHERE instr(lower(name), lower(?)) OR ? = '' ORDER BY name",
        search,
        search,
    )
    return Products(products=[Product.model_validate(dict(row)) for row in found])
