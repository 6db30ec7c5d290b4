"""Stories: a tree of turns that is written with a model, kept in a database."""
