"""A page for a call: one HTML file with everything in it, that a reviewer opens and listens to."""

from records.page.page import file_name_of, page_of

__all__ = ["file_name_of", "page_of"]
