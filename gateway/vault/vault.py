"""The vault of a gateway: what an exchange asks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import define, evolve

from gateway.attempt import Target
from gateway.log import log
from gateway.model import ChatRequest
from gateway.store.flags import StoreError
from gateway.store.turns import Turns
from gateway.vault.keeping import Keeper
from gateway.vault.keys import origin_of
from gateway.vault.restoring import restored
from gateway.vault.turn import KeptTurn


@define(eq=False)
class Vault:
    """Keeps sealed turns. A store that fails is a line in the log: the exchange goes on without."""

    turns: Turns

    def keeper(self, request: ChatRequest, target: Target, owner: str | None) -> Keeper:
        """What watches one reply of `target`. owner: the proxy key's id; None without one."""
        return Keeper(owner, origin_of(target), request)

    async def keep(self, keeper: Keeper) -> None:
        """Keep the whole reply that `keeper` has seen, at once for this process."""
        try:
            await self.turns.put(keeper.origin, keeper.keys(), keeper.turn().dumped())
        except StoreError as error:
            log().warning("seals_not_kept", why=str(error))

    def restored(self, request: ChatRequest, target: Target, owner: str | None) -> ChatRequest:
        """`request` with the seals that `target` issued and its client could not carry."""
        origin = origin_of(target)
        try:
            if not self.turns.has(origin):
                return request
            messages = restored(request.messages, target, owner, origin, self._find)
        except StoreError as error:
            log().warning("seals_not_read", why=str(error))
            return request
        return request if messages is request.messages else evolve(request, messages=messages)

    def close(self) -> None:
        self.turns.close()

    def _find(self, keys: Sequence[bytes]) -> Mapping[bytes, KeptTurn]:
        return {key: KeptTurn.loaded(turn) for key, turn in self.turns.get(keys).items()}
