// The address at which others can reach a listening server, for an invite: as given by the user, or else derived from
// the certificate, --listen and the machine's networks. Knows no socket. Nobody outside can reach the address of a
// machine behind NAT or in a container, and nothing here can detect that: --announce is for those.

import { isIP } from "node:net";
import { networkInterfaces, type NetworkInterfaceInfo } from "node:os";
import { type Address, fromSystemHost } from "../core/address.ts";
import type { Announced } from "./addresses.ts";
import type { CertificateNames } from "./certificate-names.ts";

type Networks = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, "address" | "family" | "internal">[] | undefined>
>;

export interface Whereabouts {
  /** By --announce. */
  readonly announced: Announced | undefined;
  /** The value of --listen: a name, or an IP address in the operating system's form. */
  readonly listenHost: string;
  /** The actual address of the listener. */
  readonly host: string;
  readonly port: number;
  /** With TLS. */
  readonly certificate: CertificateNames | undefined;
  readonly isTls: boolean;
}

/** Where clients find a server. Parts that --announce leaves open are as here. */
export function reachableAddress(where: Whereabouts, networks: Networks = networkInterfaces()): Address {
  const { announced, isTls, port } = where;
  if (announced !== undefined) return { ...announced, isTls: announced.isTls ?? isTls, port: announced.port ?? port };
  return { ...fromSystemHost(reachableHost(where, networks)), isTls, port, path: "/" };
}

/** A server that listens everywhere has no particular address. */
function reachableHost({ listenHost, host, certificate }: Whereabouts, networks: Networks): string {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const own = isEverywhere ? ownAddresses(networks, host === "::") : [host];
  const isName = isIP(listenHost) === 0;
  if (certificate !== undefined) {
    const given = isName ? [listenHost] : isEverywhere ? [] : [host];
    const covered = [...given, ...certificate.names, ...own].find((name) => certificate.covers(name));
    if (covered !== undefined) return covered;
  }
  return isName ? listenHost : (own[0] ?? (host === "::" ? "::1" : "127.0.0.1"));
}

/** The machine's addresses, those that others can most likely reach first; IPv6 ones if the listener has them. */
function ownAddresses(networks: Networks, hasIpv6: boolean): string[] {
  const addresses = Object.entries(networks).flatMap(([name, list]) =>
    (list ?? []).filter(({ internal }) => !internal).map(({ address, family }) => ({ name, address, family })),
  );
  return addresses
    .filter(({ family, address }) => family === "IPv4" || (hasIpv6 && !isLinkLocal(address)))
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ address }) => address);
}

/** The lower, the likelier. */
function rank({ name, address, family }: { name: string; address: string; family: string }): number {
  if (isLinkLocal(address)) return 4;
  if (isVirtual(name)) return 3;
  if (family === "IPv4") return 0;
  return isGlobalIpv6(address) ? 1 : 2;
}

/** RFC 3927, RFC 4291 §2.5.6: link-local; another machine cannot even name our zone. */
function isLinkLocal(address: string): boolean {
  return address.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/i.test(address);
}

/** RFC 4291 §2.4: what is given out is 2000::/3. */
function isGlobalIpv6(address: string): boolean {
  return /^[23][0-9a-f]{3}:/i.test(address);
}

/** Ours: networks that containers and virtual machines share only with their host. */
const VIRTUAL =
  /^(?:docker|br-(?!lan|wan)|veth|cni|cali|flannel|cilium|kube|virbr|vnet|podman|lxc|lxd|incus|nerdctl|vmnet|vboxnet|bridge1\d\d|vEthernet)/i;

function isVirtual(name: string): boolean {
  return VIRTUAL.test(name);
}
