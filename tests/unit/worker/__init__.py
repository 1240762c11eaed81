"""The worker's pure parts: decisions, profiles, reports, logs."""
