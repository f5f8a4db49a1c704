"""The official SDKs that ask for vectors, behind one shape: texts in, vectors and tokens out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import ollama
import openai
from attrs import frozen
from google import genai
from google.genai import types


@frozen
class Vectors:
    """What an SDK's typed reply holds. tokens: None where it says nothing of them."""

    vectors: list[list[float]]
    tokens: int | None


class _Client:
    """Closes its SDK when the block ends."""

    sdk: Any

    def __enter__(self) -> Self:
        self.sdk.__enter__()
        return self

    def __exit__(self, *why: object) -> None:
        self.sdk.__exit__(*why)


class OpenAIClient(_Client):
    """The SDK asks for base64, and decodes it, unless told otherwise."""

    error: Any = openai.APIStatusError

    def __init__(self, url: str, key: str) -> None:
        self.sdk = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)

    def embed(
        self, model: str, texts: Sequence[str], length: int | None = None, **more: Any
    ) -> Vectors:
        given: Any = {} if length is None else {"dimensions": length}
        reply = self.sdk.embeddings.create(model=model, input=list(texts), **given, **more)
        assert [one.index for one in reply.data] == list(range(len(texts)))
        assert reply.usage.prompt_tokens == reply.usage.total_tokens
        return Vectors([one.embedding for one in reply.data], reply.usage.prompt_tokens)


class FloatClient(OpenAIClient):
    """The same, asking for numbers."""

    def embed(
        self, model: str, texts: Sequence[str], length: int | None = None, **more: Any
    ) -> Vectors:
        return super().embed(model, texts, length, encoding_format="float", **more)


class GeminiClient(_Client):
    """google-genai, which always sends a batch."""

    error: Any = genai.errors.APIError

    def __init__(self, url: str, key: str) -> None:
        options = types.HttpOptions(base_url=url)
        self.sdk = genai.Client(api_key=key, http_options=options)

    def embed(
        self, model: str, texts: Sequence[str], length: int | None = None, **more: Any
    ) -> Vectors:
        config = types.EmbedContentConfig(output_dimensionality=length, **more)
        contents = [types.Content(parts=[types.Part(text=text)]) for text in texts]
        reply = self.sdk.models.embed_content(model=model, contents=contents, config=config)
        usage = reply.usage_metadata
        tokens = usage.prompt_token_count if usage else None
        return Vectors([list(one.values or []) for one in reply.embeddings or []], tokens)


class OllamaClient(_Client):
    error: Any = ollama.ResponseError

    def __init__(self, url: str, key: str) -> None:
        self.sdk = ollama.Client(url, headers={"authorization": f"Bearer {key}"})

    def embed(
        self, model: str, texts: Sequence[str], length: int | None = None, **more: Any
    ) -> Vectors:
        reply = self.sdk.embed(model=model, input=list(texts), dimensions=length, **more)
        return Vectors([list(one) for one in reply.embeddings], reply.prompt_eval_count)


CLIENTS = {
    "openai": OpenAIClient,
    "openai-floats": FloatClient,
    "gemini": GeminiClient,
    "ollama": OllamaClient,
}
