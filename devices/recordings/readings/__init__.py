"""How a recording's readings are held: packed, in columns, or in tracks, and made where they are looked at."""
