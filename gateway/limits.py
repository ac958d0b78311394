"""Every bound of the world outside the X12 itself, with its unit in its name and the reason for its size.

The bounds inside an interchange (segments, elements, findings) stand beside the parser that keeps them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one gateway process allows. Tests and benchmarks set their own; operators set those in ``settings``."""

    interchange_bytes_max: int = 256 * 1024
    """Body of one real-time request. The usual 270 has 500 to 1500 bytes; 99 service types make it 2000."""

    head_bytes_max: int = 16 * 1024
    """Request line and header fields together; the parser itself has no bound."""

    request_bytes_max: int = 16 * 1024 * 1024
    """Read and thrown away of a request that was refused early, so that its sender gets to read why; then cut off.

    It also bounds what chunk framing and trailers can add to a body that is within its limit.
    """

    pipelined_requests_max: int = 256
    """Requests waiting on one connection behind an unfinished one; each holds about 2 KiB."""

    connections_max: int = 4096
    """Open connections per worker. With ``interchange_bytes_max`` it bounds the memory of bodies in arrival."""

    requests_in_work_max: int = 512
    """Complete requests being answered per worker. Beyond it the wait would outlast ``answer_s_max`` anyway."""

    requests_in_work_per_submitter_max: int = 256
    """Half of the worker, so that one submitter cannot keep out all others."""

    followers_max: int = 2_000
    """Requests that wait for claims to change, or for reviews, per worker; each holds a connection and about 10 KiB."""

    followers_per_submitter_max: int = 1_000
    """Half of them, so that one submitter cannot keep out all others."""

    head_s_max: float = 10.0
    """From the connection, or from a request's first byte, to the end of its header fields."""

    body_s_max: float = 15.0
    """From the end of the header fields to the end of the body."""

    keep_alive_s_max: float = 75.0
    """Idle time between two requests; longer than the 60 s of the usual proxies, so that they close first."""

    write_s_max: float = 15.0
    """For the client to take an answer that is ready."""

    linger_s_max: float = 2.0
    """Reading on behind a refusal: closing at once would reset the connection before its client has read why."""

    answer_s_max: float = 8.0
    """From the complete request to the answer. CORE allows 20 s end to end, clearinghouses on the way included."""

    readiness_s_max: float = 2.0
    """For ``/readyz`` to hear from what we depend on; a probe commonly waits 3 s or more."""

    retry_after_s: int = 2
    """What a client that is turned away for now is told; a worker is restarted and warm in about that time."""

    sweep_s: float = 0.5
    """How often deadlines of connections are looked at, and so by how much they may be missed."""

    metrics_flush_s: float = 1.0
    """How far the figures of the other workers may lag behind in ``/metrics``."""

    drain_s_max: float = 9.0
    """After SIGTERM, for the answers in work: ``answer_s_max`` and a second to send them."""

    drain_unfinished_s_max: float = 2.0
    """After SIGTERM, for requests that are still arriving."""

    worker_stop_s_max: float = 12.0
    """After SIGTERM, until a worker that is still there is killed; leaves 3 s of the 15 for the embedded servers."""

    worker_start_s_max: float = 60.0
    """For a worker to import, connect and listen; a cold disk takes most of it."""

    worker_restart_s_min: float = 1.0
    """Between two starts of the same worker, so that one that dies at once does not take the machine."""

    server_restart_s_min: float = 1.0
    """Between two looks whether the embedded servers run, and so between two starts of one that ends at once."""

    worker_silence_s_max: float = 20.0
    """Without a sign of life from a worker, which gives one a second, until it is killed and replaced."""

    backlog_connections_max: int = 2048
    """Connections that the kernel holds for us while all workers are busy or being restarted."""
