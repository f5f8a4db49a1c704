"""The model servers of this process, by upstream: started when asked for, again if they die."""

from __future__ import annotations

import asyncio

from gateway.hooks import Address
from gateway_local.child import Child
from gateway_local.facts import LocalSettings
from gateway_local.model_file import model_file


class Servers:
    """One child process for each upstream with the `local` backend."""

    def __init__(self) -> None:
        self._children: dict[str, asyncio.Task[Child]] = {}

    async def address(self, upstream: str, settings: LocalSettings) -> Address:
        """Where the server of `upstream` listens, once it has loaded its model.

        All who ask while it loads wait for the same start, and one that leaves doesn't end it.
        Raises Unavailable.
        """
        task = self._children.get(upstream)
        if task is None or not _serves(task, settings):
            task = asyncio.create_task(_start(settings, task))
            task.add_done_callback(_note_failure)
            self._children[upstream] = task
        child = await asyncio.shield(task)
        return child.address

    async def stop(self) -> None:
        """Stop every server, those that still load too, and wait until they are gone."""
        tasks, self._children = list(self._children.values()), {}
        await asyncio.gather(*(_stop(task) for task in tasks))


def _serves(task: asyncio.Task[Child], settings: LocalSettings) -> bool:
    """Whether `task` starts, or has started, a living server with these settings."""
    if not task.done():
        return True
    if task.cancelled() or task.exception():
        return False
    child = task.result()
    return child.alive and child.settings == settings


async def _start(settings: LocalSettings, former: asyncio.Task[Child] | None) -> Child:
    if former:
        await _stop(former)
    return await Child.start(model_file(settings), settings)


async def _stop(task: asyncio.Task[Child]) -> None:
    task.cancel()
    [child] = await asyncio.gather(task, return_exceptions=True)
    if isinstance(child, Child):
        await child.stop()


def _note_failure(task: asyncio.Task[Child]) -> None:
    """Mark a failed start as seen: everyone who waited for it may have left."""
    if not task.cancelled():
        task.exception()
