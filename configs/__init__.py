"""What people write: the YAML of trunks, profiles and call scripts, and the environment.

Whoever writes such a file gets every mistake at once, each with file, line and the fix, instead
of the first one as a stack trace. Every package that reads YAML reads it through here; this
package knows nothing of what the files mean.
"""

from configs.environment import WrongSettings, read_environment
from configs.reading import ConfigError, Mistake, load

__all__ = ["ConfigError", "Mistake", "WrongSettings", "load", "read_environment"]
