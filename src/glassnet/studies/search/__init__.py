"""A search for settings: candidates drawn one after the other, by what the earlier ones came to."""
