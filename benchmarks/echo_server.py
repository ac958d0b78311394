"""The handler that the gateway is measured against: reads the body, returns as many bytes as the gateway would.

``python -m benchmarks.echo_server FD BYTES``; the same uvicorn, settings and connections as the gateway's.
"""

import asyncio
import signal
import sys
from socket import socket

import uvloop

from gateway.doors.asgi import Receive, Scope, Send, respond
from gateway.doors.connections import Patrol
from gateway.doors.serving import http_server
from gateway.limits import Limits
from gateway.logs import set_up_logs
from gateway.metrics import Metrics
from gateway.server_process import READY


async def serve(listener: socket, size: int) -> None:
    """Answer until SIGTERM."""
    body = b"*" * size
    headers = [(b"content-type", b"application/edi-x12"), (b"content-length", str(size).encode())]

    async def echo(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass
        await respond(send, 200, headers, body)

    limits = Limits()
    server = http_server(echo, Patrol(limits, Metrics()), limits)
    server.on_ready = lambda: print(READY.decode(), end="", flush=True)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    set_up_logs("info")
    uvloop.run(serve(socket(fileno=int(sys.argv[1])), int(sys.argv[2])))
