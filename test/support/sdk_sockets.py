"""Opens the websockets of the SDKs for Python, at the provider and through Flint, and has one conversation on each.

Reads {"provider", "flint", "flintKey", "providerKey"} from its first argument, prints one JSON line per pair:
{name, claim, direct, through}: what the code behind the SDK heard.
"""
import asyncio
import json
import sys
import uuid

import openai
from google import genai

SETUP = json.loads(sys.argv[1])
FLINT, PROVIDER, KEY, PROVIDER_KEY = (SETUP[name] for name in ("flint", "provider", "flintKey", "providerKey"))
# How the two keys are given: to the client, and as headers.
WAYS = {
    "the keys as in the guide": ({"api_key": PROVIDER_KEY}, {"Authorization": f"Bearer {KEY}", "x-provider-key": PROVIDER_KEY}),
    "api_key = Flint key, header x-provider-key": ({"api_key": KEY}, {"x-provider-key": PROVIDER_KEY}),
}


async def realtime(origin, through, keys, headers):
    client = openai.AsyncOpenAI(base_url=origin + ("/v1/proxy/openai" if through else "/v1"), **keys)
    heard = []
    async with client.realtime.connect(model="gpt-realtime", extra_headers=headers) as connection:
        content = [{"type": "input_text", "text": "hello"}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create()
        async for event in connection:
            heard.append(event.model_dump(mode="json", exclude_unset=True))
            if event.type == "response.done":
                return heard


async def live(origin, through, keys, headers):
    base = origin + ("/v1/proxy/gemini" if through else "")
    # v1beta: aimock knows no other.
    client = genai.Client(http_options={"base_url": base, "headers": headers, "api_version": "v1beta"}, **keys)
    # This client dials TLS always; Flint and the provider speak plain HTTP on loopback.
    client._api_client._websocket_base_url = lambda *_: base.replace("http://", "ws://")
    client._api_client._websocket_ssl_ctx = {}
    # Opened, set up and closed: this client says `client_content`, which Google takes and aimock does not.
    async with client.aio.live.connect(model="gemini-2.0-flash-live-001", config={"response_modalities": ["TEXT"]}) as session:
        return [type(session).__name__]


async def play():
    for name, talk in (("openai, realtime", realtime), ("google-genai, Live", live)):
        for way, (keys, headers) in WAYS.items():
            claim = str(uuid.uuid4())
            direct = await talk(PROVIDER, False, {"api_key": PROVIDER_KEY}, {})
            through = await talk(FLINT, True, keys, {**headers, "x-flint-request-id": claim})
            print(json.dumps({"name": f"{name}, {way}", "claim": claim, "direct": direct, "through": through}), flush=True)


asyncio.run(play())
