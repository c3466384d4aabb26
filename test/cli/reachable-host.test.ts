// Under which address an invite says that a server is to be found.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatAddress } from "../../src/core/address.ts";
import { parseAnnounce } from "../../src/cli/addresses.ts";
import { certificateNames } from "../../src/cli/certificate-names.ts";
import { reachableAddress, type Whereabouts } from "../../src/cli/reachable-host.ts";

type Interface = { address: string; family: "IPv4" | "IPv6"; internal: boolean };
const of = (...addresses: string[]): Interface[] =>
  addresses.map((address) => ({ address, family: address.includes(":") ? "IPv6" : "IPv4", internal: false }));
const LO = [{ address: "127.0.0.1", family: "IPv4", internal: true } as const];
const NETWORKS = { lo: LO, eth0: of("fe80::1", "192.0.2.7") };

const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
// openssl req -x509 -newkey ec ... -subj /CN=old.example
//   -addext "subjectAltName=DNS:*.example.org,DNS:localhost,DNS:chat.example,IP:192.0.2.7"
const CERTIFICATE = pem(
  "MIIBvDCCAWKgAwIBAgIUeadnZQYtuNLvkm69Ioc/cxo+jmMwCgYIKoZIzj0EAwIwFjEUMBIGA1UEAwwLb2xkLmV4YW1wbGUwHhcNMjYxMTI2MDIzMzUyWhcNMjYxMTI4MDIzMzUyWjAWMRQwEgYDVQQDDAtvbGQuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABENmZQie6Ktm0b/cJFREtwgYBWvNjh8doDR06QW7xlYNCSW6UIEEAYGoNA5/zi9nUVBG3CZwMOnfYzMcsr9P7gCjgY0wgYowHQYDVR0OBBYEFHPDDARgJP+LtXEG6yPWDJ9yd1QyMB8GA1UdIwQYMBaAFHPDDARgJP+LtXEG6yPWDJ9yd1QyMA8GA1UdEwEB/wQFMAMBAf8wNwYDVR0RBDAwLoINKi5leGFtcGxlLm9yZ4IJbG9jYWxob3N0ggxjaGF0LmV4YW1wbGWHBMAAAgcwCgYIKoZIzj0EAwIDSAAwRQIhAKm6iI82PPiMR8yQcBcOAZN3UH+/sPyQO2FZGlW1MZ/KAiBsJaF+inHdhP2ibk0pMCWOjTZMUM0jmmOdukakxMv7cw==",
);
// openssl req -x509 -newkey ec ... -subj /CN=only.example
const COMMON_NAME_ONLY = pem(
  "MIIBgzCCASmgAwIBAgIUBSQefMucAIZ9MBhQ5iKCD1cXe/wwCgYIKoZIzj0EAwIwFzEVMBMGA1UEAwwMb25seS5leGFtcGxlMB4XDTI2MTEyNjAyMzM1MloXDTI2MTEyODAyMzM1MlowFzEVMBMGA1UEAwwMb25seS5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIvOY5hvEmh9CLCjc+Se9Bfu9PLY0n8cB982fwV/uIE9N9sRtg5OEjojrw2kyDwMLHvjodTWCKre9eq9PsuSkZqNTMFEwHQYDVR0OBBYEFPX89CFL3HOgINo72R0WRiydNMVvMB8GA1UdIwQYMBaAFPX89CFL3HOgINo72R0WRiydNMVvMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgUQVd9hb95uoNSU3tvlS/V9GGfJ2uOc6iK628dPaI2jwCIQDbfwSGa4LBJ+rMTynWcc0Hz7JKn3OXfPJj23jv0HAKmQ==",
);

function urlOf(given: Partial<Whereabouts> & { readonly host: string }, networks: object = NETWORKS): string {
  const where = { announced: undefined, listenHost: given.host, port: 8080, certificate: undefined, isTls: false };
  return formatAddress(reachableAddress({ ...where, ...given }, networks as typeof NETWORKS));
}

describe("where an invite says that a server is", () => {
  it("is the address that it has taken, an IPv6 one in brackets", () => {
    assert.equal(urlOf({ host: "192.0.2.1" }), "ws://192.0.2.1:8080");
    assert.equal(urlOf({ host: "::1" }), "ws://[::1]:8080");
    assert.equal(urlOf({ host: "fe80::1%eth0" }), "ws://[fe80::1%25eth0]:8080");
  });

  it("is the name that was given to --listen", () => {
    assert.equal(urlOf({ host: "192.0.2.1", listenHost: "my-host.example" }), "ws://my-host.example:8080");
  });

  it("is the machine's own address in its network for a server that listens everywhere", () => {
    for (const host of ["0.0.0.0", "::"]) assert.equal(urlOf({ host }), "ws://192.0.2.7:8080", host);
  });

  it("is the loopback address on a machine without a network", () => {
    assert.equal(urlOf({ host: "0.0.0.0" }, { lo: LO }), "ws://127.0.0.1:8080");
    assert.equal(urlOf({ host: "::" }, { lo: LO, eth0: of("fe80::1") }), "ws://[::1]:8080");
  });

  it("is a global IPv6 address where there is no IPv4, if the server listens there", () => {
    const networks = { lo: LO, eth0: of("fe80::1", "fd00::2", "2001:db8::7") };
    assert.equal(urlOf({ host: "::" }, networks), "ws://[2001:db8::7]:8080");
    assert.equal(urlOf({ host: "::" }, { eth0: of("fe80::1", "fd00::2") }), "ws://[fd00::2]:8080");
    assert.equal(urlOf({ host: "0.0.0.0" }, networks), "ws://127.0.0.1:8080");
  });

  it("is never a link-local address or a container's network before a real one", () => {
    const others = "docker0 br-0123456789ab veth12ab cni0 virbr0 podman1 lxcbr0 lxdbr0 vboxnet0 bridge100".split(" ");
    for (const name of [...others, "vEthernet (WSL)", "flannel.1", "cali1234"]) {
      const networks = {
        lo: LO,
        [name]: of("172.17.0.1", "2001:db8::1"),
        avahi: of("169.254.3.4"),
        wlan0: of("10.0.0.5"),
      };
      for (const host of ["0.0.0.0", "::"]) assert.equal(urlOf({ host }, networks), "ws://10.0.0.5:8080", name);
      const withIpv6 = { [name]: of("172.17.0.1"), avahi: of("169.254.3.4"), wlan0: of("fe80::5", "2001:db8::5") };
      assert.equal(urlOf({ host: "::" }, withIpv6), "ws://[2001:db8::5]:8080", name);
    }
    assert.equal(
      urlOf({ host: "::" }, { avahi: of("169.254.3.4"), docker0: of("172.17.0.1") }),
      "ws://172.17.0.1:8080",
    );
    assert.equal(urlOf({ host: "0.0.0.0" }, { "br-lan": of("192.168.1.1") }), "ws://192.168.1.1:8080");
  });

  it("is what --announce says, and the rest as the server has it", () => {
    const said: Record<string, [plain: string, tls: string]> = {
      "chat.example": ["ws://chat.example:8080", "wss://chat.example:8080"],
      "chat.example:9": ["ws://chat.example:9", "wss://chat.example:9"],
      "bücher.example/lair": ["ws://xn--bcher-kva.example:8080/lair", "wss://xn--bcher-kva.example:8080/lair"],
      "[2001:db8::1]:80": ["ws://[2001:db8::1]:80", "wss://[2001:db8::1]:80"],
      "wss://chat.example/lair": ["wss://chat.example:443/lair", "wss://chat.example:443/lair"],
      "ws://abc.onion": ["ws://abc.onion:80", "ws://abc.onion:80"],
    };
    for (const [text, [plain, tls]] of Object.entries(said)) {
      const given = { host: "0.0.0.0", announced: parseAnnounce(text), certificate: certificateNames(CERTIFICATE) };
      assert.equal(urlOf(given), plain);
      assert.equal(urlOf({ ...given, isTls: true }), tls);
    }
  });
});

describe("where an invite says that a server with a certificate is", () => {
  const tls = { isTls: true, certificate: certificateNames(CERTIFICATE) };

  it("is one of the certificate's names, and no wildcard", () => {
    assert.deepEqual(tls.certificate?.names, ["chat.example", "localhost"]);
    for (const host of ["0.0.0.0", "::", "198.51.100.1", "127.0.0.1"]) {
      assert.equal(urlOf({ ...tls, host }), "wss://chat.example:8080", host);
    }
    const certificate = certificateNames(COMMON_NAME_ONLY);
    assert.equal(urlOf({ isTls: true, certificate, host: "0.0.0.0" }), "wss://only.example:8080");
  });

  it("is the name or the address of --listen, where the certificate stands for it", () => {
    assert.equal(urlOf({ ...tls, host: "10.0.0.1", listenHost: "a.example.org" }), "wss://a.example.org:8080");
    assert.equal(urlOf({ ...tls, host: "10.0.0.1", listenHost: "a.example.net" }), "wss://chat.example:8080");
    assert.equal(urlOf({ ...tls, host: "192.0.2.7" }), "wss://192.0.2.7:8080");
  });

  it("is an address where the certificate has nothing that would do", () => {
    const certificate = { names: [], covers: (host: string) => host === "192.0.2.7" };
    const networks = { eth0: of("10.0.0.5"), eth1: of("192.0.2.7") };
    assert.equal(urlOf({ ...tls, certificate, host: "0.0.0.0" }, networks), "wss://192.0.2.7:8080");
    const useless = { names: [], covers: () => false };
    assert.equal(urlOf({ ...tls, certificate: useless, host: "0.0.0.0" }, networks), "wss://10.0.0.5:8080");
  });

  it("is told without one that can be read: the listener refuses it", () => {
    assert.equal(certificateNames("no certificate"), undefined);
  });
});
