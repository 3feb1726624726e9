"""Say in Chinese what the stages word in English."""
