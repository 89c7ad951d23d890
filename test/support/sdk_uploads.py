"""Uploads a file with google-genai, sync and async, directly and through Flint; one line of JSON each."""

import asyncio
import json
import sys
import tempfile

from google import genai

SETUP = json.loads(sys.argv[1])
FLINT_HEADERS = {"Authorization": f"Bearer {SETUP['flintKey']}", "x-provider-key": SETUP["providerKey"]}


def client(through):
    base = SETUP["flint"] + "/v1/proxy/gemini" if through else SETUP["provider"]
    return genai.Client(
        api_key=SETUP["providerKey"], http_options={"base_url": base, "headers": FLINT_HEADERS if through else {}}
    )


def described(file):
    return [file.name, file.size_bytes, file.mime_type]


async def play():
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"hello " * 1000)
        file.flush()
        for through in (False, True):
            # Kept while it works: a client that is forgotten closes its connections.
            gemini = client(through)
            sync = described(gemini.files.upload(file=file.name))
            later = described(await gemini.aio.files.upload(file=file.name))
            print(json.dumps({"through": through, "sync": sync, "async": later}), flush=True)


asyncio.run(play())
