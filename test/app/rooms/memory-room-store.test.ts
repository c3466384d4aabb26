import { MemoryRoomStore } from "../../../src/app/rooms/memory-room-store.ts";
import { describeRoomStore } from "./room-store-contract.ts";

describeRoomStore("rooms in memory", async () => new MemoryRoomStore());
