import { describeRoomStore } from "../../app/rooms/room-store-contract.ts";
import { openRoomStore } from "../../../src/node/store/rooms/sql-room-store.ts";
import type { SqlStore } from "../../../src/node/store/sql-store.ts";
import type { RoomStore } from "../../../src/app/rooms/room-store.ts";
import { newPlace, open } from "./places.ts";

/** The files of open stores, so that they can be opened again. */
const opened = new Map<RoomStore, { readonly place: string; readonly file: SqlStore }>();

function openRooms(place: string): RoomStore {
  const file = open(place);
  const store = openRoomStore(file);
  opened.set(store, { place, file });
  return store;
}

describeRoomStore(
  "rooms on the disk",
  async () => openRooms(newPlace()),
  async (store) => {
    const { place, file } = opened.get(store)!;
    file.close();
    return openRooms(place);
  },
);
