"""What the doctor says as one tree of values, and the media that show it."""
