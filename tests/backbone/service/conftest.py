"""A client of an application in this process."""

import asyncio
from typing import Any

import httpx


class AppClient:
    """Calls an ASGI application without a socket."""

    def __init__(self, app: Any, token: str | None = "secret"):
        self.app, self.headers = app, {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://app", headers=self.headers) as client:
                return await client.request(method, path, **options)

        return asyncio.run(call())

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)
