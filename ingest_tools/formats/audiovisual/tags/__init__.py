"""Tags of films and recordings: their texts, and the people in them."""
