"""Calls every official SDK in every key configuration, plain and streaming, sync and async, at the provider and through Flint.

Reads {"provider", "flint", "flintKey", "providerKey", "oauth"} from its first argument, prints one JSON line per call pair:
{sdk, keys, asynchronous, stream, claim, credential, direct, through}. `direct` and `through` are what the code behind the SDK saw.
Where the SDK leaves the provider key out, `credential` is null, and there is no direct call.
"""
import asyncio
import inspect
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
X_FLINT_KEY = {"x-flint-key": KEY}
JOINED = {"api_key": f"{PROVIDER_KEY}.{KEY}"}
BOTH = {**AUTHORIZATION, **X_PROVIDER_KEY}
ASK = [{"role": "user", "content": "hello"}]


async def taken(answer, stream, **dump):
    """An answer, or the list of a stream's events, as plain data; of a sync and of an async client."""
    if inspect.isawaitable(answer):
        answer = await answer
    if not stream:
        return answer.model_dump(mode="json", **dump)
    events = [event async for event in answer] if hasattr(answer, "__aiter__") else list(answer)
    return [event.model_dump(mode="json", **dump) for event in events]


# A way to call an SDK: (origin, through Flint, async, keys, default headers) -> (stream, headers of the call) -> what its code sees.
# One client serves the plain and the streamed call: making one costs more than both calls.


def openai_client(base, origin, through, asynchronous, keys, headers):
    client = openai.AsyncOpenAI if asynchronous else openai.OpenAI
    return client(base_url=origin + (f"/v1/proxy/{base[0]}" if through else base[1]), default_headers=headers, max_retries=0, **keys)


def chat(base, model):
    def connect(*given):
        client = openai_client(base, *given)

        def call(stream, extra):
            options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
            return taken(client.chat.completions.create(model=model, messages=ASK, extra_headers=extra, **options), stream)
        return call
    return connect


def responses(*given):
    client = openai_client(("openai", "/v1"), *given)
    return lambda stream, extra: taken(client.responses.create(model="gpt-4o", input="hello", stream=stream, extra_headers=extra), stream)


def claude(origin, through, asynchronous, keys, headers):
    client = (anthropic.AsyncAnthropic if asynchronous else anthropic.Anthropic)(
        base_url=origin + ("/v1/proxy/anthropic" if through else ""), default_headers=headers, max_retries=0, **keys)
    return lambda stream, extra: taken(
        client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=ASK, stream=stream, extra_headers=extra), stream)


def genai_client(origin, through, asynchronous, keys, headers):
    base = origin + ("/v1/proxy/gemini" if through else "")
    client = genai.Client(http_options=types.HttpOptions(base_url=base, headers=headers), **keys)
    return client.aio if asynchronous else client


def gemini(*given):
    client = genai_client(*given)

    def call(stream, extra):
        config = types.GenerateContentConfig(http_options=types.HttpOptions(headers=extra))
        ask = client.models.generate_content_stream if stream else client.models.generate_content
        return taken(ask(model="gemini-2.5-flash", contents="hello", config=config), stream, exclude={"sdk_http_response"})
    return call


def interactions(*given):
    client = genai_client(*given)
    return lambda stream, extra: taken(
        client.interactions.create(model="gemini-2.5-flash", input="hello", stream=stream, extra_headers=extra), stream,
        exclude={"sdk_http_response"})


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
        (f"openai ({name})", "api_key = <provider key>.<Flint key>", call, KEY_ONLY, JOINED, {}, {}, BEARER),
        (f"openai ({name})", "api_key = provider key, header x-flint-key", call, KEY_ONLY, KEY_ONLY, X_FLINT_KEY, {}, BEARER),
        (f"openai ({name})", "api_key = provider key, Flint key in x-api-key", call, KEY_ONLY, KEY_ONLY, {"x-api-key": KEY}, {}, BEARER),
    )
] + [
    # Not here: api_key with auth_token, which the SDK refuses.
    ("anthropic", "api_key = provider key, header Authorization", claude, None, KEY_ONLY, AUTHORIZATION, {}, None),
    ("anthropic", "api_key = provider key, headers Authorization and x-provider-key", claude, KEY_ONLY, KEY_ONLY, BOTH, {}, X_API_KEY),
    ("anthropic", "auth_token = Flint key, header x-provider-key", claude, KEY_ONLY, {"auth_token": KEY}, X_PROVIDER_KEY, {}, X_API_KEY),
    ("anthropic", "api_key = <provider key>.<Flint key>", claude, KEY_ONLY, JOINED, {}, {}, X_API_KEY),
    ("anthropic", "api_key = provider key, header x-flint-key", claude, KEY_ONLY, KEY_ONLY, X_FLINT_KEY, {}, X_API_KEY),
    ("anthropic", "auth_token = Flint key, header X-Api-Key", claude, KEY_ONLY, {"auth_token": KEY}, {"X-Api-Key": PROVIDER_KEY}, {}, X_API_KEY),
    ("anthropic", "api_key = Flint key, header x-provider-key", claude, KEY_ONLY, {"api_key": KEY}, X_PROVIDER_KEY, {}, X_API_KEY),
    ("anthropic", "headers only: Authorization and x-provider-key", claude, KEY_ONLY, {}, BOTH, {}, X_API_KEY),
    ("anthropic", "auth_token = Flint key, an OAuth token in x-provider-key", claude, {"auth_token": OAUTH}, {"auth_token": KEY},
     {"x-provider-key": OAUTH}, {}, ["authorization", f"Bearer {OAUTH}"]),
] + [
    row
    for name, call in (("models", gemini), ("interactions", interactions))
    for row in (
        (f"google-genai ({name})", "api_key = provider key, headers Authorization and x-provider-key", call, KEY_ONLY, KEY_ONLY, BOTH, {}, X_GOOG),
        (f"google-genai ({name})", "api_key = provider key, header Authorization", call, KEY_ONLY, KEY_ONLY, AUTHORIZATION, {}, X_GOOG),
        (f"google-genai ({name})", "api_key = <provider key>.<Flint key>", call, KEY_ONLY, JOINED, {}, {}, X_GOOG),
        (f"google-genai ({name})", "api_key = provider key, header x-flint-key", call, KEY_ONLY, KEY_ONLY, X_FLINT_KEY, {}, X_GOOG),
        (f"google-genai ({name})", "api_key = Flint key, header x-provider-key", call, KEY_ONLY, {"api_key": KEY}, X_PROVIDER_KEY, {}, X_GOOG),
        (f"google-genai ({name})", "api_key = any text, headers x-goog-api-key = provider key and Authorization", call, KEY_ONLY,
         {"api_key": "unused"}, {"x-goog-api-key": PROVIDER_KEY, **AUTHORIZATION}, {}, X_GOOG),
        (f"google-genai ({name})", "keys with the request: Authorization and x-provider-key", call, KEY_ONLY, KEY_ONLY, {}, BOTH, X_GOOG),
    )
]


async def seen(call, *arguments):
    try:
        return {"value": await call(*arguments), "error": None}
    except Exception as error:  # whatever an SDK throws is what its user sees
        return {"value": None, "error": f"{type(error).__name__}: {error}"}


async def play():
    for asynchronous in (False, True):
        for sdk, keys, connect, direct_keys, through_keys, headers, extra, credential in MATRIX:
            direct = None if direct_keys is None else connect(PROVIDER, False, asynchronous, direct_keys, {})
            through = connect(FLINT, True, asynchronous, through_keys, headers)
            for stream in (False, True):
                claim = str(uuid.uuid4())
                line = {
                    "sdk": sdk, "keys": keys, "asynchronous": asynchronous, "stream": stream, "claim": claim, "credential": credential,
                    "direct": None if direct is None else await seen(direct, stream, {}),
                    "through": await seen(through, stream, {**extra, "x-flint-request-id": claim}),
                }
                print(json.dumps(line), flush=True)


asyncio.run(play())
