"""OpenAI's Responses, both faces: what Codex and the newer SDKs speak."""
