"""`make call`: scripts, the verdict, the live lines and the summary, without a call."""
