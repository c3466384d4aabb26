// Closes a room without seats: only a link could lead there, and nobody would be there to let anybody in.

import type { HubRooms } from "./store.ts";

/** Closes the room if nobody sits in it. Rejects with LairError store-*. */
export async function closeIfEmpty(rooms: Pick<HubRooms, "room" | "closeRoom">, id: Uint8Array): Promise<void> {
  const room = await rooms.room(id);
  if (room?.seats.length === 0) await rooms.closeRoom(id);
}
