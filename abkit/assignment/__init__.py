"""Who gets which arm, and did the shares come out? Begin with `hashing`: a position for every unit."""
