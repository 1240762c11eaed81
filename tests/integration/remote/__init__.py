"""Tools of a real MCP server, through the gate."""
