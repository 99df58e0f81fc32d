"""What decides, keeps and shows: rises, alarms, sessions, the store, the watch and the Streamlit screens."""

__version__ = "0.1.0"
