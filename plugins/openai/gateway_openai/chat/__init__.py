"""The chat-completions dialect: four arrows and their tables."""
