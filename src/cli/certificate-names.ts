// The names in a TLS certificate. Reads the certificate, and no socket.

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { fromSystemHost, isLoopbackName, parseHostAndPort, withoutFinalDot } from "../core/address.ts";

export interface CertificateNames {
  /** Its host names, those beyond this machine first; a wildcard is not a host name. */
  readonly names: readonly string[];
  /** Whether a client accepts the certificate for this name or IP address. */
  covers(host: string): boolean;
}

/** Undefined if it is not a certificate: listening with it fails with an error. */
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
  // As clients do (RFC 6125 §6.4.4): the common name counts only if there are no other names.
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
