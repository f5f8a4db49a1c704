"""What a Gemini client says reaches a Gemini model as it was, though a plugin touched it."""

from __future__ import annotations

import pytest
from attrs import evolve

from gateway.attempt import Attempt, Target
from gateway.errors import BadRequest
from gateway.model import Reasoning, Seal, Text
from gateway.seals import tagged
from gateway_gemini.outbound import write_request

FUNCTION = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}}
BODIES = {
    "unknown fields everywhere": {
        "contents": [
            {
                "role": "user",
                "note": 1,
                "parts": [
                    {"text": "x", "partMetadata": {"a_b": 1}},
                    {
                        "inlineData": {"mimeType": "image/png", "data": "aGk=", "new": 1},
                        "mediaResolution": {},
                    },
                    {
                        "fileData": {"mimeType": "video/mp4", "fileUri": "gs://b/v", "new": 1},
                        "videoMetadata": {"fps": 2},
                    },
                ],
            },
            {
                "role": "model",
                "parts": [
                    {
                        "functionCall": {"name": "f", "args": {}, "willContinue": True},
                        "thoughtSignature": "c2ln",
                    },
                    {"executableCode": {"language": "PYTHON", "code": "1"}},
                ],
            },
            {
                "role": "function",
                "parts": [
                    {
                        "functionResponse": {
                            "name": "f",
                            "response": {"a_b": [1]},
                            "scheduling": "SILENT",
                        },
                        "partMetadata": {},
                    },
                    {"functionResponse": {"name": "f"}},
                ],
            },
        ],
        "systemInstruction": {"role": "user", "parts": [{"text": "s"}], "new": 1},
        "safetySettings": [{"category": "C", "threshold": "T"}],
        "cachedContent": "cachedContents/1",
        "labels": {"a": "b"},
        "toolConfig": {
            "functionCallingConfig": {"mode": "VALIDATED", "new": 1},
            "retrievalConfig": {"languageCode": "de"},
        },
        "generationConfig": {
            "temperature": 1,
            "mediaResolution": "LOW",
            "speechConfig": {},
            "responseModalities": ["TEXT"],
        },
    },
    "thinking off": {"contents": [], "generationConfig": {"thinkingConfig": {"thinkingBudget": 0}}},
    "thinking left to the model": {
        "contents": [],
        "generationConfig": {"thinkingConfig": {"thinkingBudget": -1, "includeThoughts": False}},
    },
    "a level of thinking": {
        "contents": [],
        "generationConfig": {"thinkingConfig": {"thinkingLevel": "high", "includeThoughts": True}},
    },
    "a level nobody knows": {
        "contents": [],
        "generationConfig": {"thinkingConfig": {"thinkingLevel": "WILD"}},
    },
    "an empty thinking": {"contents": [], "generationConfig": {"thinkingConfig": {}}},
    "its own schemas": {
        "contents": [],
        "tools": [
            {
                "functionDeclarations": [
                    FUNCTION,
                    {"name": "g"},
                    {"name": "h", "parametersJsonSchema": {"type": "OBJECT"}},
                ]
            }
        ],
        "generationConfig": {
            "responseMimeType": "text/x.enum",
            "responseSchema": {"type": "STRING", "enum": ["A"]},
        },
    },
    "a signature alone": {"contents": [{"role": "model", "parts": [{"thoughtSignature": "c2ln"}]}]},
    "an image with a signature": {
        "contents": [
            {
                "role": "model",
                "parts": [
                    {
                        "inlineData": {"mimeType": "image/png", "data": "aGk="},
                        "thoughtSignature": "c2ln",
                    }
                ],
            }
        ]
    },
    "an empty turn": {
        "contents": [{"role": "model"}, {"role": "user", "parts": []}, {"parts": [{"text": ""}]}]
    },
    "a mode nobody knows": {
        "contents": [],
        "toolConfig": {"functionCallingConfig": {"mode": "NEW"}},
    },
    "a media result": {
        "contents": [
            {
                "role": "user",
                "parts": [
                    {
                        "functionResponse": {
                            "id": "c",
                            "name": "f",
                            "response": {},
                            "parts": [{"inlineData": {"mimeType": "image/png", "data": "aGk="}}],
                        }
                    }
                ],
            }
        ]
    },
}


@pytest.mark.parametrize("name", BODIES)
def test_it_comes_home_as_it_was(gemini, name):
    assert gemini.home(BODIES[name]) == BODIES[name]


def test_what_a_plugin_changed_wins_over_what_the_client_wrote(gemini):
    body = {
        **gemini.said(
            {"functionResponse": {"id": "c", "name": "f", "response": {"output": "old"}}}
        ),
        "tools": [{"functionDeclarations": [FUNCTION]}],
        "generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}},
    }
    request = gemini.read(body)
    result = evolve(request.messages[0].parts[0], parts=[Text("new")])
    changed = evolve(
        request,
        messages=[evolve(request.messages[0], parts=[result])],
        tools=[evolve(request.tools[0], schema={"type": "object", "properties": {"b": {}}})],
        reasoning=evolve(request.reasoning, effort="high"),
    )

    sent = write_request(changed, gemini.attempt("gemini")).body

    assert sent["contents"][0]["parts"][0]["functionResponse"]["response"] == {"output": "new"}
    function = sent["tools"][0]["functionDeclarations"][0]
    assert "b" in function["parametersJsonSchema"]["properties"]
    assert sent["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "HIGH"}


def test_tk3_only_the_targets_own_seals_go_back(gemini):
    own = tagged(Seal("b3du", "gemini", "google", "m"), "gemini")
    foreign = tagged(Seal("Zm8=", "claude", "anthropic", "c"), "gemini")
    parts = [
        {"text": "mine", "thought": True, "thoughtSignature": own},
        {"text": "theirs", "thought": True, "thoughtSignature": foreign},
        {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": foreign},
        {"inlineData": {"mimeType": "image/png", "data": "aGk="}, "thoughtSignature": foreign},
    ]

    body = gemini.home({"contents": [{"role": "model", "parts": parts}]})

    sent = body["contents"][0]["parts"]
    assert sent[0] == {"text": "mine", "thought": True, "thoughtSignature": "b3du"}
    assert [part.get("text") for part in sent] == ["mine", None, None]
    assert sent[1]["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in sent[2]


def test_settings_of_the_target_join_the_body(gemini):
    facts = {
        "params": {"generationConfig": {"topK": 3}, "safetySettings": []},
        "defaults": {"temperature": 0.5, "top_p": 0.1},
    }

    sent = gemini.home(gemini.said({"text": "x"}, generationConfig={"topP": 0.9}), **facts)

    assert sent["generationConfig"] == {"temperature": 0.5, "topP": 0.9, "topK": 3}
    assert sent["safetySettings"] == []


def test_several_answers_are_for_the_relay_alone(gemini):
    with pytest.raises(BadRequest, match="candidateCount"):
        gemini.home(gemini.said({"text": "x"}, generationConfig={"candidateCount": 2}))


def test_the_models_name_is_one_segment_of_the_address(gemini):
    one = Attempt(Target("g", "a/b c?", "gemini", "gemini"), client="gemini")

    sent = write_request(gemini.read(gemini.said({"text": "x"}), stream=True), one)

    assert sent.path == "/models/a%2Fb%20c%3F:streamGenerateContent"
    assert sent.query == {"alt": "sse"}


def test_a_reasoning_of_our_own_making_is_written(gemini):
    request = evolve(gemini.read(gemini.said({"text": "x"})), reasoning=Reasoning(effort="xhigh"))

    sent = write_request(request, gemini.attempt("gemini")).body

    assert sent["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "HIGH"}
