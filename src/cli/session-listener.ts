// The listener of a program that waits for others: its certificate, its names, and where others find it.

import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type Address, formatHost } from "../core/address.ts";
import { LairError } from "../core/errors.ts";
import { readSecretFile } from "../node/home/home.ts";
import { isLoopbackAddress } from "../node/websocket/connection-limits.ts";
import { type Listener, listen, type ListenOptions } from "../node/websocket/listen.ts";
import type { Announced } from "./addresses.ts";
import { type CertificateNames, certificateNames } from "./certificate-names.ts";
import { reachableAddress } from "./reachable-host.ts";

interface ListeningArguments {
  readonly host: string;
  readonly port: number;
  readonly announce: Announced | undefined;
  readonly allowOrigins: readonly string[];
  readonly allowHosts: readonly string[];
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
}

interface SessionListener {
  readonly listener: Listener;
  /** Where others find it, for invites. */
  readonly reachable: Address;
  /** What its user should know, a sentence or two each. */
  readonly notices: readonly string[];
}

/** Rejects with LairError `usage`, home-mode, file-unreadable, address-in-use, address-unusable. */
export async function openSessionListener(
  args: ListeningArguments,
  on: Pick<ListenOptions, "onLink" | "onRefused">,
): Promise<SessionListener> {
  const tls =
    args.tlsCert === undefined || args.tlsKey === undefined
      ? undefined
      : { cert: readTlsFile(args.tlsCert), key: Buffer.from(readSecretFile(args.tlsKey, "the TLS key")) };
  const certificate = tls === undefined ? undefined : certificateNames(tls.cert);
  const listener = await listen({
    host: args.host,
    port: args.port,
    allowOrigins: args.allowOrigins,
    // An invite must not contain a name that this server refuses.
    allowHosts: [...args.allowHosts, ...ownNames(args, certificate)],
    tls,
    ...on,
  });
  const { host, port } = listener;
  const reachable = reachableAddress({
    announced: args.announce,
    listenHost: args.host,
    host,
    port,
    certificate,
    isTls: tls !== undefined,
  });
  const notices: string[] = [];
  if (!isLoopbackAddress(host)) {
    notices.push(
      "Anybody who can reach this address can try to connect. Without an invite or a pairing, nobody gets an answer.",
    );
  }
  if (args.announce === undefined && certificate?.covers(reachable.host) === false) {
    notices.push(
      `Invites say ${formatHost(reachable)}, but the certificate is for other names: give one of them with --announce NAME.`,
    );
  }
  return { listener, reachable, notices };
}

/** The names that clients may use for this server, whatever it is bound to. */
function ownNames(
  { announce, host }: Pick<ListeningArguments, "announce" | "host">,
  certificate: CertificateNames | undefined,
): string[] {
  const given = announce === undefined ? [] : [formatHost(announce)];
  return [...given, ...(isIP(host) === 0 ? [host] : []), ...(certificate?.names ?? [])];
}

function readTlsFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LairError("usage", `${path} cannot be read.`, { hint: "Check the path.", cause });
  }
}
