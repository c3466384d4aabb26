// Under which name a server that listens can be reached, for an invite. Knows the machine's networks, no socket.

import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";

type Networks = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, "address" | "family" | "internal">[] | undefined>
>;

/** The host part of a URL. A server that listens everywhere is reached at none of its names in particular. */
export function reachableHost(host: string, networks: Networks = networkInterfaces()): string {
  if (host !== "0.0.0.0" && host !== "::") return host.includes(":") ? `[${host}]` : host;
  const addresses = Object.values(networks).flatMap((list) => list ?? []);
  return addresses.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
}
