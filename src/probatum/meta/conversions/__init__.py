"""From what reports give to what effect measures need; each conversion says what it assumes."""
