// The errors of the operating system, TLS and HTTP for a connection or a listener, in words for a person. The technical
// code is in brackets at the end of the hint. Touches no socket.

import { formatHost, fromSystemHost, parseAddress } from "../../core/address.ts";
import { LairError } from "../../core/errors.ts";
import { errorCode } from "../system-error.ts";

/** A server answered, but with this HTTP status instead of 101. */
export class UnexpectedStatus extends Error {
  readonly code: string;

  constructor(status: number) {
    super(`HTTP status ${status}`);
    this.code = `HTTP ${status}`;
  }
}

/** Why the connection to `url` failed, as LairError `unreachable`. */
export function unreachable(url: string, cause: unknown): LairError {
  const code = errorCode(cause) ?? "";
  const { message, hint } = explain(url, code, cause);
  return new LairError("unreachable", message, {
    hint: code === "" ? hint : `${hint} [${code}]`,
    ...(code === "" ? {} : { systemCode: code }),
    cause,
  });
}

/** A Tor name without a way to reach it. */
export function onionWithoutTor(host: string): LairError {
  return new LairError("usage", `${host} can be reached only through Tor, and Lair was not told to use it.`, {
    hint: "Start Tor and say where it listens: --proxy socks5h://127.0.0.1:9050",
  });
}

/** Why the program cannot listen on `host:port`, given with `option`: LairError `address-in-use` or `address-unusable`. */
export function unusableAddress(host: string, port: number, cause: unknown, option = "--listen"): LairError {
  const code = errorCode(cause) ?? "";
  const where = `${formatHost(fromSystemHost(host))}:${port}`;
  const fail = (kind: "address-in-use" | "address-unusable", message: string, hint: string): LairError =>
    new LairError(kind, message, { hint: `${hint} [${code}]`, cause });
  switch (code) {
    case "EADDRINUSE":
      return fail(
        "address-in-use",
        `Another program already listens on ${where}.`,
        `Another Lair may be running; choose another port with ${option} HOST:PORT, or 127.0.0.1:0 for a free one.`,
      );
    case "EACCES":
    case "EPERM":
      return fail(
        "address-unusable",
        `This account may not listen on ${where}.`,
        `Ports below 1024 are often reserved; choose a higher one with ${option} HOST:PORT.`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fail("address-unusable", `The name ${host} does not resolve.`, `Check the host in ${option} HOST:PORT.`);
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
    case "EINVAL":
      return fail(
        "address-unusable",
        `${host} is not an address of this machine.`,
        "Listen on one that it has, on 127.0.0.1, or on 0.0.0.0 for all of them.",
      );
    default:
      return fail("address-unusable", `Cannot listen on ${where}.`, `Choose another address with ${option} HOST:PORT.`);
  }
}

/** Why a listener cannot use its TLS certificate and key. */
export function unusableCertificate(cause: unknown): LairError {
  return new LairError("usage", "The TLS certificate and key cannot be used.", {
    hint: `Both must be PEM, and the key must belong to the certificate. [${errorCode(cause) ?? ""}]`,
    cause,
  });
}

const CERTIFICATE_CODES = /CERT|UNABLE_TO_|HOSTNAME_MISMATCH|CRL_/;

function explain(url: string, code: string, cause: unknown): { message: string; hint: string } {
  const address = parseAddress(url);
  const host = address === undefined ? url : formatHost(address);
  switch (code) {
    case "ECONNREFUSED":
      return { message: `Nobody answers at ${url}.`, hint: "Is lair-server running there, and is the port open?" };
    case "ENOTFOUND":
    case "EAI_NODATA":
    case "EAI_FAIL":
    case "EAI_NONAME":
      return { message: `The name ${host} does not resolve.`, hint: "Check its spelling." };
    case "EINVAL":
      return {
        message: `${host} cannot be reached from here.`,
        hint: "A link-local address names an interface of this machine, such as [fe80::1%25eth0].",
      };
    case "EAI_AGAIN":
      return { message: `The name ${host} does not resolve at the moment.`, hint: "Is this machine online?" };
    case "ETIMEDOUT":
      return {
        message: `No answer from ${url} in time.`,
        hint: "Is the address right, and does a firewall let the port through?",
      };
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "ENETDOWN":
    case "EHOSTDOWN":
    case "EADDRNOTAVAIL":
      return {
        message: `There is no route to ${host} from here.`,
        hint: "Is this machine online, and in the right network?",
      };
    case "ECONNRESET":
    case "EPIPE":
      return {
        message: `${url} hung up without an answer.`,
        hint: "It may be busy: try again in a moment. Or something other than lair-server listens there.",
      };
    case "HTTP 403":
      return {
        message: `The server at ${url} refuses this connection.`,
        hint: "Behind a proxy, lair-server needs --allow-host with the name in the address. Or it is no Lair server.",
      };
  }
  if (CERTIFICATE_CODES.test(code)) {
    return {
      message: `The certificate of ${url} cannot be trusted: ${sentence(cause)}.`,
      hint: "Check the address; a certificate of your own must be known to the system (NODE_EXTRA_CA_CERTS).",
    };
  }
  if (/^(?:EPROTO|ERR_SSL_|ERR_TLS_)/.test(code)) {
    return { message: `${host} does not speak TLS as expected.`, hint: "Should the address begin with ws://?" };
  }
  return {
    message: `What answers at ${url} is not a Lair server.`,
    hint: code === "" ? `Check the address and the port: ${sentence(cause)}.` : "Check the address and the port.",
  };
}

/** Node's own text, which may quote a certificate: so it is kept short and printable. */
function sentence(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : "unknown reason";
  return text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .slice(0, 120)
    .replace(/[.\s]+$/, "");
}
