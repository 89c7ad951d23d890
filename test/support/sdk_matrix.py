"""Calls every official SDK in every key configuration, plain and streaming, at the provider and through Flint.

Reads {"provider", "flint", "flintKey", "providerKey", "oauth"} from its first argument, prints one JSON line per call pair:
{sdk, keys, stream, claim, credential, direct, through}. `direct` and `through` are what the code behind the SDK saw.
"""
import json
import sys
import uuid

import anthropic
import openai
from google import genai
from google.genai import types

SETUP = json.loads(sys.argv[1])
FLINT, PROVIDER, KEY, PROVIDER_KEY, OAUTH = (SETUP[name] for name in ("flint", "provider", "flintKey", "providerKey", "oauth"))
BEARER = ["authorization", f"Bearer {PROVIDER_KEY}"]
X_API_KEY = ["x-api-key", PROVIDER_KEY]
X_GOOG = ["x-goog-api-key", PROVIDER_KEY]
AUTHORIZATION = {"Authorization": f"Bearer {KEY}"}
X_PROVIDER_KEY = {"x-provider-key": PROVIDER_KEY}
BOTH = {**AUTHORIZATION, **X_PROVIDER_KEY}
ASK = [{"role": "user", "content": "hello"}]


def taken(answer, stream):
    """An answer, or the list of a stream's events, as plain data."""
    return [event.model_dump(mode="json") for event in answer] if stream else answer.model_dump(mode="json")


def chat(base, model):
    def call(origin, through, keys, headers, stream, extra):
        path = f"/v1/proxy/{base[0]}" if through else base[1]
        client = openai.OpenAI(base_url=origin + path, default_headers=headers, max_retries=0, **keys)
        options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        return taken(client.chat.completions.create(model=model, messages=ASK, extra_headers=extra, **options), stream)
    return call


def responses(origin, through, keys, headers, stream, extra):
    client = openai.OpenAI(base_url=origin + ("/v1/proxy/openai" if through else "/v1"), default_headers=headers, max_retries=0, **keys)
    return taken(client.responses.create(model="gpt-4o", input="hello", stream=stream, extra_headers=extra), stream)


def claude(origin, through, keys, headers, stream, extra):
    base = origin + ("/v1/proxy/anthropic" if through else "")
    client = anthropic.Anthropic(base_url=base, default_headers=headers, max_retries=0, **keys)
    asked = client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=ASK, stream=stream, extra_headers=extra)
    return taken(asked, stream)


def gemini(origin, through, keys, headers, stream, extra):
    base = origin + ("/v1/proxy/gemini" if through else "")
    client = genai.Client(http_options=types.HttpOptions(base_url=base, headers=headers), **keys)
    config = types.GenerateContentConfig(http_options=types.HttpOptions(headers=extra))
    ask = client.models.generate_content_stream if stream else client.models.generate_content
    answer = ask(model="gemini-2.5-flash", contents="hello", config=config)
    parts = [part.model_dump(mode="json", exclude={"sdk_http_response"}) for part in (answer if stream else [answer])]
    return parts if stream else parts[0]


OPENAI = chat(("openai", "/v1"), "gpt-4o")
COMPATIBLE = chat(("gemini/v1beta/openai", "/v1beta/openai"), "gemini-2.5-flash")
KEY_ONLY = {"api_key": PROVIDER_KEY}

# name, how the keys are given, call, keys directly, keys through Flint, default headers, headers of the call, credential at the provider
MATRIX = [
    row
    for name, call in (("chat.completions", OPENAI), ("gemini-compatible chat.completions", COMPATIBLE), ("responses", responses))
    for row in (
        (f"openai ({name})", "api_key = Flint key, header x-provider-key", call, KEY_ONLY, {"api_key": KEY}, X_PROVIDER_KEY, {}, BEARER),
        (f"openai ({name})", "api_key = Flint key, x-provider-key with the request", call, KEY_ONLY, {"api_key": KEY}, {}, X_PROVIDER_KEY, BEARER),
        (f"openai ({name})", "api_key = provider key, headers Authorization and x-provider-key", call, KEY_ONLY, KEY_ONLY, BOTH, {}, BEARER),
        (f"openai ({name})", "api_key = provider key, Flint key in x-api-key", call, KEY_ONLY, KEY_ONLY, {"x-api-key": KEY}, {}, BEARER),
    )
] + [
    # Not here: api_key with Authorization alone (the SDK then leaves the key out), and api_key with auth_token (it refuses both).
    ("anthropic", "api_key = provider key, headers Authorization and x-provider-key", claude, KEY_ONLY, KEY_ONLY, BOTH, {}, X_API_KEY),
    ("anthropic", "auth_token = Flint key, header x-provider-key", claude, KEY_ONLY, {"auth_token": KEY}, X_PROVIDER_KEY, {}, X_API_KEY),
    ("anthropic", "auth_token = Flint key, header X-Api-Key", claude, KEY_ONLY, {"auth_token": KEY}, {"X-Api-Key": PROVIDER_KEY}, {}, X_API_KEY),
    ("anthropic", "api_key = Flint key, header x-provider-key", claude, KEY_ONLY, {"api_key": KEY}, X_PROVIDER_KEY, {}, X_API_KEY),
    ("anthropic", "headers only: Authorization and x-provider-key", claude, KEY_ONLY, {}, BOTH, {}, X_API_KEY),
    ("anthropic", "auth_token = Flint key, an OAuth token in x-provider-key", claude, {"auth_token": OAUTH}, {"auth_token": KEY},
     {"x-provider-key": OAUTH}, {}, ["authorization", f"Bearer {OAUTH}"]),
    ("google-genai", "api_key = provider key, headers Authorization and x-provider-key", gemini, KEY_ONLY, KEY_ONLY, BOTH, {}, X_GOOG),
    ("google-genai", "api_key = provider key, header Authorization", gemini, KEY_ONLY, KEY_ONLY, AUTHORIZATION, {}, X_GOOG),
    ("google-genai", "api_key = Flint key, header x-provider-key", gemini, KEY_ONLY, {"api_key": KEY}, X_PROVIDER_KEY, {}, X_GOOG),
    ("google-genai", "api_key = any text, headers x-goog-api-key = provider key and Authorization", gemini, KEY_ONLY, {"api_key": "unused"},
     {"x-goog-api-key": PROVIDER_KEY, **AUTHORIZATION}, {}, X_GOOG),
    ("google-genai", "keys with the request: Authorization and x-provider-key", gemini, KEY_ONLY, KEY_ONLY, {}, BOTH, X_GOOG),
]


def seen(call, *arguments):
    try:
        return {"value": call(*arguments), "error": None}
    except Exception as error:  # whatever an SDK throws is what its user sees
        return {"value": None, "error": f"{type(error).__name__}: {error}"}


for sdk, keys, call, direct, through, headers, extra, credential in MATRIX:
    for stream in (False, True):
        claim = str(uuid.uuid4())
        line = {
            "sdk": sdk, "keys": keys, "stream": stream, "claim": claim, "credential": credential,
            "direct": seen(call, PROVIDER, False, direct, {}, stream, {}),
            "through": seen(call, FLINT, True, through, {**headers, "x-flint-request-id": claim}, stream, extra),
        }
        print(json.dumps(line), flush=True)
