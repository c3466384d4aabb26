// A proxy as it is named and shown. Loads nothing: `proxy.ts` connects through it.

import { type Address, formatHost } from "../../core/address.ts";

export interface Proxy extends Pick<Address, "host" | "zone" | "port"> {
  readonly type: "socks5h" | "http";
  /** From the environment, never from an argument. */
  readonly credentials: { readonly name: string; readonly password: string } | undefined;
  /** The origin of the address: --proxy, or a variable of the environment. */
  readonly from: "--proxy" | "environment";
}

/** The proxy as it is shown: without its credentials. */
export function formatProxy({ type, port, ...place }: Pick<Proxy, "type" | "host" | "zone" | "port">): string {
  return `${type}://${formatHost(place)}:${port}`;
}
