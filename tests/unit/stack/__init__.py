"""Set-up, and the stack on paper: ports, parts, configuration, images."""
