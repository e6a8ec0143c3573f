"""Programs made of recorded graphs."""
