"""The texts people write: kept from every key on, opened from files and saved to them."""
