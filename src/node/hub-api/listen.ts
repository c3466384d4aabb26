// Opens the operator's listener.

import { listenHttp } from "../http/listen.ts";
import { type AppOptions, createApp } from "./app.ts";

interface OperatorListenOptions extends Omit<AppOptions, "isLoopback" | "ofProcess"> {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Whether an address is one of this machine alone. */
  readonly isLoopbackAddress: (address: string) => boolean;
  /** The error for an address that cannot be had. */
  readonly unusable: (host: string, port: number, error: Error) => Error;
}

export interface OperatorListener {
  /** http:// with the actual address and port. */
  readonly url: string;
  readonly isLoopback: boolean;
  /** Takes no more requests, and resolves when the last is answered; at once if that takes over a second. */
  close(): Promise<void>;
}

/** Ours. */
const MOST_CONNECTIONS = 64;

/** Rejects with what `unusable` makes of the error. */
export async function listenForOperator(options: OperatorListenOptions): Promise<OperatorListener> {
  let isLoopback = false;
  const listener = await listenHttp({ ...options, mostConnections: MOST_CONNECTIONS }, ({ address }) => {
    isLoopback = options.isLoopbackAddress(address);
    return createApp({ ...options, isLoopback, ofProcess: true });
  });
  return { url: listener.url, isLoopback, close: async () => await listener.close() };
}
