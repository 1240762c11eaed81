"""The one redactor: what it takes out, and what stays readable."""
