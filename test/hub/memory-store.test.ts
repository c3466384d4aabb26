import { MemoryHubStore } from "../../src/hub/memory-store.ts";
import { describeHubStore } from "./store-contract.ts";

describeHubStore("MemoryHubStore", async () => new MemoryHubStore());
