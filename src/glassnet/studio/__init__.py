"""A page on which a network is seen as it learns: a recorded training, its views, and the server of both."""
