// Which names a TLS certificate stands for. Reads the certificate, and no socket.

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { fromSystemHost, isLoopbackName, parseHostAndPort, withoutFinalDot } from "../core/address.ts";

export interface CertificateNames {
  /** The names of hosts in it, those beyond this machine first; a wildcard is the name of none. */
  readonly names: readonly string[];
  /** Whether a client that asks for this name or IP address is content with it. */
  covers(host: string): boolean;
}

/** Undefined for what is no certificate: listening with it fails, and says so. */
export function certificateNames(pem: string | Buffer): CertificateNames | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return undefined;
  }
  const alternatives = certificate.subjectAltName?.split(", ") ?? [];
  const named = alternatives.filter((name) => name.startsWith("DNS:")).map((name) => name.slice("DNS:".length));
  const common = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? "";
  // As clients do (RFC 6125 §6.4.4): the common name counts only where nothing else is said.
  const names = (alternatives.length > 0 ? named : [common]).filter((name) => isHostName(name));
  return {
    names: [...names.filter((name) => !isLoopbackName(name)), ...names.filter((name) => isLoopbackName(name))],
    covers: (asked) => {
      const { host } = fromSystemHost(withoutFinalDot(asked));
      return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
    },
  };
}

function isHostName(text: string): boolean {
  const place = parseHostAndPort(text);
  return isIP(text) === 0 && place !== undefined && place.port === undefined;
}
