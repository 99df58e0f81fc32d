"""The errors of this package. Each message is one sentence for a person: what, where, what to do.

RisewatchError
 ├── ConfigurationError   a bed configuration, a setting or an option that cannot be
 ├── ThresholdError       a threshold set refused by the rules of clinical section 3.10, or not readable
 ├── SessionError         an act that does not fit the session's state (stop without a start)
 └── StoreError           a database that cannot be opened, is of another version or is full
"""

from __future__ import annotations


class RisewatchError(Exception):
    """Anything the program refuses to do, said in one sentence."""


class ConfigurationError(RisewatchError):
    """A wrong key, two beds on one port, an unknown protocol: nothing is started."""


class ThresholdError(RisewatchError):
    """A threshold set that is not readable, or by which some rule could never fire."""


class SessionError(RisewatchError):
    """An act that the session's state does not allow."""


class StoreError(RisewatchError):
    """A database that cannot be opened, read or written."""
