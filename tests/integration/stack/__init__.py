"""Real servers of a stack: started, killed, ended, left alone."""
