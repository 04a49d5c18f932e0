"""Short-lived copies of raw records, by keyed hash of the question; never on disk, never per reader."""
