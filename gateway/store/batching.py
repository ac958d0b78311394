"""Look-ups of the same moment share one round trip.

Keys asked for in one turn of the event loop form a batch; a key that is being looked up already is not asked again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

V = TypeVar("V")


class _Batch(Generic[V]):
    """Keys and what they will turn out to be."""

    __slots__ = ("found", "keys")

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.found: asyncio.Future[dict[str, V]] = asyncio.get_running_loop().create_future()


class Batcher(Generic[V]):
    """Gathers keys into batches.

    Args:
        read: looks up a batch; has to give a value for every key.
        keep: gets what a batch found, without the keys that were forgotten meanwhile: their values may have been read
            before the change that made somebody forget them.
    """

    def __init__(
        self, read: Callable[[list[str]], Awaitable[dict[str, V]]], keep: Callable[[dict[str, V]], None]
    ) -> None:
        self._read = read
        self._keep = keep
        self._gathering: _Batch[V] | None = None
        self._under_way: dict[str, _Batch[V]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, keys: Iterable[str]) -> dict[str, V]:
        """The values of these keys. A caller that is cancelled disturbs nobody.

        Raises:
            what ``read`` raised for a batch that these keys were in.
        """
        batches: dict[_Batch[V], list[str]] = {}
        for key in keys:
            batches.setdefault(self._batch_of(key), []).append(key)
        values: dict[str, V] = {}
        for batch, wanted in batches.items():
            found = await asyncio.shield(batch.found)
            values.update((key, found[key]) for key in wanted)
        return values

    def forget(self, keys: Iterable[str]) -> None:
        """Ask anew for these keys from now on, also where they are being looked up."""
        for key in keys:
            self._under_way.pop(key, None)

    def forget_all(self) -> None:
        """Ask anew for every key."""
        self._under_way.clear()

    async def close(self) -> None:
        """Give up what is under way; who waits for it is cancelled."""
        if self._gathering is not None:
            self._gathering.found.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _batch_of(self, key: str) -> _Batch[V]:
        batch = self._under_way.get(key)
        if batch is None:
            batch = self._under_way[key] = self._open_batch()
            batch.keys.append(key)
        return batch

    def _open_batch(self) -> _Batch[V]:
        if self._gathering is None:
            self._gathering = _Batch()
            # The task starts in the loop's next turn, after everybody who is ready in this one has asked.
            task = asyncio.get_running_loop().create_task(self._look_up(self._gathering))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return self._gathering

    async def _look_up(self, batch: _Batch[V]) -> None:
        self._gathering = None
        kept: dict[str, V] = {}
        try:
            values = await self._read(batch.keys)
            kept = {key: values[key] for key in batch.keys if self._under_way.get(key) is batch}
            batch.found.set_result(values)
        except asyncio.CancelledError:
            batch.found.cancel()
            raise
        except Exception as error:
            batch.found.set_exception(error)
            # Everybody who asked may have gone; that is nothing to complain about.
            batch.found.exception()
        finally:
            for key in batch.keys:
                if self._under_way.get(key) is batch:
                    del self._under_way[key]
        self._keep(kept)
