"""What a profile may say of MCP servers, and what of theirs is offered."""
