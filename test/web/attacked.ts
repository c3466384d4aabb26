// The real listener over a fake program, for the page of somebody else to attack (browser/attacks.test.ts).

import { listenForPage } from "../../src/node/page-api/listen.ts";
import { isLoopbackAddress } from "../../src/node/websocket/connection-limits.ts";
import { isAllowedHost } from "../../src/node/websocket/upgrade-rules.ts";
import { FakeApi } from "../node/page-api/fake-api.ts";
import { pageOptions, TOKEN } from "../node/page-api/open-page.ts";
import { pageProof } from "../node/page-api/sign-in.ts";
import type { Attacked } from "./browser/attacked-types.ts";

export async function openAttacked(): Promise<Attacked> {
  const api = new FakeApi();
  const listener = await listenForPage({
    ...pageOptions(api),
    host: "127.0.0.1",
    port: 0,
    isLoopbackAddress,
    isOwnHost: (host) => isAllowedHost(host, []),
    unusable: (_host, _port, error) => error,
    notLoopback: (address) => new Error(address),
  });
  return {
    port: listener.port,
    proofOf: (pageNonce, nonce) => pageProof(TOKEN, listener.port, `${pageNonce} ${nonce}`),
    calls: () => api.calls.length,
    readers: () => api.listeners,
    close: async () => await listener.close(),
  };
}
