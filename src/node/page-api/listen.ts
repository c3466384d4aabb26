// Opens the page's listener.

import { type HttpListener, listenHttp } from "../http/listen.ts";
import { createPageApp, type PageAppOptions } from "./app.ts";

interface PageListenOptions extends Omit<PageAppOptions, "port"> {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Whether an address is one of this machine alone. */
  readonly isLoopbackAddress: (address: string) => boolean;
  /** The error for an address that cannot be had. */
  readonly unusable: (host: string, port: number, error: Error) => Error;
  /** The error for an address that others can reach. */
  readonly notLoopback: (address: string) => Error;
}

/** Ours: a page has one connection for events and up to six for calls. */
const MOST_CONNECTIONS = 128;
/** Ours: another user of the machine can have as many, and no more. */
const MOST_STRANGERS = 48;

/** Rejects with what `unusable` or `notLoopback` makes of it. */
export async function listenForPage(options: PageListenOptions): Promise<HttpListener> {
  const listener = await listenHttp(
    { ...options, mostConnections: MOST_CONNECTIONS, mostStrangers: MOST_STRANGERS },
    ({ port }) => createPageApp({ ...options, port }),
  );
  if (options.isLoopbackAddress(listener.address)) return listener;
  // A name that leads elsewhere.
  await listener.close();
  throw options.notLoopback(listener.address);
}
