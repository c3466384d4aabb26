import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LairError } from "../../../src/core/errors.ts";
import { formatInvite, looksLikeInvite, parseInvite } from "../../../src/core/identity/invite.ts";
import { bobPublic, somePsk } from "./known-keys.ts";

// "lair://127.0.0.1:8080/#" + base64.urlsafe_b64encode(b"\1" + psk + bob).decode().rstrip("=") in Python
const letters = "Ae3cc98kBX5RwFmw7jl3Y6-TqdcXz85NcTqe56czXlNf3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08";
const known = `lair://127.0.0.1:8080/#${letters}`;

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const host = fc.oneof(
  fc.ipV4(),
  fc.ipV6().map((address) => new URL(`ws://[${address}]`).hostname),
  fc.domain().map((name) => name.toLowerCase()),
  fc.constantFrom("localhost", "a", "my_host", "host.docker.internal."),
);
const invite = fc.record(
  {
    url: fc
      .tuple(fc.constantFrom("ws", "wss"), host, fc.integer({ min: 1, max: 65_535 }))
      .map(([scheme, name, port]) => `${scheme}://${name}:${port}`),
    psk: bytes32,
    serverKey: bytes32,
  },
  { noNullPrototype: true },
);

function faultOf(text: string): LairError {
  let thrown: unknown;
  try {
    parseInvite(text);
  } catch (error) {
    thrown = error;
  }
  assert.ok(thrown instanceof LairError);
  assert.equal(thrown.code, "invite-malformed");
  // What is no invite at all gets its hint from the words of the programs.
  assert.equal(thrown.hint === undefined, thrown.message.startsWith("This is not an invite"));
  assert.equal(thrown.cause, undefined);
  return thrown;
}

describe("invite (docs/PROTOCOL.md §9)", () => {
  it("is the text that Python computes", () => {
    const decoded = { url: "ws://127.0.0.1:8080", psk: somePsk, serverKey: bobPublic };
    assert.equal(formatInvite(decoded), known);
    assert.deepEqual(parseInvite(known), decoded);
  });

  it("is read back as it was written", () => {
    fc.assert(fc.property(invite, (it) => assert.deepEqual(parseInvite(formatInvite(it)), it)));
  });

  it("says lairs:// where TLS is outside, and knows IPv6", () => {
    const text = formatInvite({ url: "wss://[::1]:443", psk: somePsk, serverKey: bobPublic });
    assert.equal(text, `lairs://[::1]:443/#${letters}`);
    assert.equal(parseInvite(text).url, "wss://[::1]:443");
  });

  it("fills in the scheme's port and takes any case in the address", () => {
    assert.equal(parseInvite(`LAIR://Example.ORG/#${letters}`).url, "ws://example.org:80");
    assert.equal(parseInvite(`lairs://example.org#${letters}`).url, "wss://example.org:443");
    assert.ok(
      formatInvite({ url: "wss://example.org/", psk: somePsk, serverKey: bobPublic }).startsWith(
        "lairs://example.org:443/#",
      ),
    );
  });

  it("is read through the line breaks of a chat program", () => {
    const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\r\n", "\t", "\u{a0}"), maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(known.length), space)), (breaks) => {
        let text = known;
        for (const [at, white] of breaks) text = text.slice(0, at) + white + text.slice(at);
        assert.deepEqual(parseInvite(text), parseInvite(known));
      }),
    );
  });

  it("is refused at every length that is not its own", () => {
    for (let length = 0; length < known.length; length++) faultOf(known.slice(0, length));
    for (const more of ["A", "AAAA", letters, "%41", "-", "_"]) faultOf(known + more);
  });

  it("is refused in every other version", () => {
    for (let version = 0; version < 256; version++) {
      if (version === 1) continue;
      const payload = Buffer.from(letters, "base64url");
      payload[0] = version;
      const fault = faultOf(`lair://127.0.0.1:8080/#${payload.toString("base64url")}`);
      assert.match(fault.message, /another version/);
    }
  });

  it("says what is wrong, each time differently", () => {
    const broken: Record<string, RegExp> = {
      "": /empty/,
      "ws://127.0.0.1:8080": /not an invite/,
      "hello, see you at eight": /not an invite/,
      "lair://127.0.0.1:8080/": /after # is missing/,
      [`lair://127.0.0.1:99999/#${letters}`]: /address/,
      [`lair://127.0.0.1:0/#${letters}`]: /address/,
      [`lair:///#${letters}`]: /address/,
      [`lair://a b:1@c:2/#${letters}`]: /address/,
      [`lair://user@host:80/#${letters}`]: /address/,
      [`lair://::1:80/#${letters}`]: /address/,
      [`lair://-host:80/#${letters}`]: /address/,
      [known.slice(0, -3)]: /cut short: 3 letters/,
      [`${known}AA`]: /too long by 2/,
      [`${known.slice(0, -1)}9`]: /last letter/,
      [`${known.slice(0, -1)}!`]: /cut short: 1 letter is missing/,
      [`${known.slice(0, -9)}!${known.slice(-8)}`]: /After 78 letters, this invite has a character that no/,
      [`${known.slice(0, -9)}\u{2013}${known.slice(-8)}`]: /After 78 letters/,
      [`${known.slice(0, -9)}...`]: /cut short: 9 letters are missing/,
      [`here: ${known.slice(0, -9)} see you at eight`]: /cut short, or it has other words/,
      [known.toUpperCase()]: /turned into capital/,
      [known.toLowerCase()]: /turned into capital/,
      "lair:": /address is missing/,
      [`lair://127.0.0.1:8080/#B${letters.slice(1)}`]: /another version/,
    };
    for (const [text, message] of Object.entries(broken)) assert.match(faultOf(text).message, message);
  });

  it("says that there are two different ones, and takes one that stands there twice", () => {
    const other = formatInvite({ url: "ws://127.0.0.1:8080", psk: bobPublic, serverKey: bobPublic });
    assert.match(faultOf(`${known}\n${other}`).message, /more than one invite/);
    assert.match(faultOf(`${known} ${known.replace("127.0.0.1", "127.0.0.2")}`).message, /more than one invite/);
    assert.deepEqual(parseInvite(`${known}\n${known}`), parseInvite(known));
    assert.deepEqual(parseInvite(`[${known.slice(0, 40)}\u{2026}](${known})`), parseInvite(known));
  });

  it("never repeats any of the secret part in a message", () => {
    const noise = fc.constantFrom("", "!", "#", "é", "x".repeat(9), "lair://");
    fc.assert(
      fc.property(invite, fc.nat(86), noise, (it, cut, extra) => {
        const text = formatInvite(it);
        const secret = text.slice(text.indexOf("#") + 1);
        const fault = faultOf(text.slice(0, text.indexOf("#") + 1) + secret.slice(0, cut) + extra + "?");
        const said = `${fault.message} ${fault.hint}`;
        for (let i = 0; i + 6 <= secret.length; i++) assert.ok(!said.includes(secret.slice(i, i + 6)));
      }),
    );
  });

  it("carries every address that there is, and reads it as the URL standard does", () => {
    const addresses: Record<string, string> = {
      "wss://chat.example:443/lair": "lairs://chat.example:443/lair",
      "wss://chat.example:443/lair/?a=b": "lairs://chat.example:443/lair/?a=b",
      "ws://[fe80::1%25eth0]:8080": "lair://[fe80::1%25eth0]:8080/",
      "ws://xn--bcher-kva.example:8080": "lair://xn--bcher-kva.example:8080/",
      // What an encoding or a mark would look like.
      "ws://[fe80::1%2523]:8080": "lair://[fe80::1%2523]:8080/",
      "wss://chat.example:443/room%231": "lairs://chat.example:443/room%231",
      "wss://chat.example:443/&amp;x": "lairs://chat.example:443/&amp;x",
      "wss://chat.example:443/lair://z": "lairs://chat.example:443/lair://z",
    };
    for (const [url, start] of Object.entries(addresses)) {
      const text = formatInvite({ url, psk: somePsk, serverKey: bobPublic });
      assert.equal(text, `${start}#${letters}`);
      assert.equal(parseInvite(text).url, url);
    }
    const beyondAscii = formatInvite({ url: "ws://bücher.example:8080", psk: somePsk, serverKey: bobPublic });
    assert.equal(beyondAscii, `lair://xn--bcher-kva.example:8080/#${letters}`);
    assert.equal(parseInvite(`lair://bücher.example:8080/#${letters}`).url, "ws://xn--bcher-kva.example:8080");
    assert.equal(parseInvite(`lair://[fe80::1%eth0]:8080/#${letters}`).url, "ws://[fe80::1%25eth0]:8080");
  });

  it("is not made of wrong lengths or what is no address", () => {
    const good = { url: "ws://host:1", psk: somePsk, serverKey: bobPublic };
    assert.throws(() => formatInvite({ ...good, psk: somePsk.slice(1) }), RangeError);
    assert.throws(() => formatInvite({ ...good, serverKey: new Uint8Array(33) }), RangeError);
    for (const url of [
      "http://host:1",
      "ws://host:1/#path",
      "ws://host:70000",
      "ws://user@host:1",
      "ws://",
      "host:1",
    ]) {
      assert.throws(() => formatInvite({ ...good, url }), RangeError, url);
    }
  });
});

function quotedPrintable(letter: string): string {
  return `=${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function wide(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) + 0xfee0);
}

describe("an invite in a text", () => {
  const surroundings: Record<string, string> = {
    "angle brackets": `<${known}>`,
    "a full stop": `${known}.`,
    "a comma and a word": `${known}, see you`,
    "a sentence": `here: ${known} see you at eight`,
    "a sentence without a space": `\u{9080}\u{8bf7}${known}\u{3002}\u{8c22}\u{8c22}`,
    quotes: `"${known}"`,
    "curly quotes": `\u{201c}${known}\u{201d}!`,
    "a bracket": `(${known})`,
    markdown: `[the invite](${known})`,
    "markdown with a title": `[${known}](${known} "invite")`,
    "a link of Slack": `<${known}|${known}>`,
    "bold, and code": `**\`${known}\`**`,
    "emphasis by underscores": `__${known}__`,
    html: `<a href="${known}">invite</a>`,
    json: `{"invite":"${known.replaceAll("/", String.raw`\/`)}"}`,
    "json with escapes": JSON.stringify(`${known}\n`).replace("#", String.raw`\u0023`),
    "escapes of markdown": known.replaceAll(/[-_#.]/g, String.raw`\$&`),
    "a sharp in percent": known.replace("#", "%23"),
    "a sharp in percent, twice": known.replace("#", "%2523"),
    "all of it in percent": `https://share.example/?text=${encodeURIComponent(`see ${known}`)}`,
    "all of it in percent, twice": encodeURIComponent(encodeURIComponent(known)),
    "letters in percent": known.replaceAll(/[Q5-]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    "entities of html": known.replace("://", ":&#47;&#x2F;").replace("#", "&num;"),
    "entities, twice": known.replace("#", "&amp;#35;"),
    "a scheme in capitals": known.replace("lair", "LAIR"),
    "quoting of mails": `> hello\n> ${known.slice(0, 60)}\n> ${known.slice(60)}\n> bye`,
    "quoting of quoted mails": `>> ${known.slice(0, 20)}\r\n>> ${known.slice(20, 90)}\r\n>> ${known.slice(90)}`,
    "soft line ends of mails": `${known.slice(0, 70)}=\r\n${known.slice(70)}`,
    "what a terminal puts around a paste": `\u{1b}[200~${known}\u{1b}[201~`,
    "colours of a terminal": `\u{1b}[1;32m${known}\u{1b}[0m`,
    "padding of base64": `${known}=`,
    "soft line ends of quoted mails": `> ${known.slice(0, 70)}=\r\n> ${known.slice(70)}`,
    "quoting in the middle of a line": `> see ${known.slice(0, 60)} > ${known.slice(60)} > bye`,
    "quoting of quoting in the middle of a line": `${known.slice(0, 60)} > > ${known.slice(60, 80)} >> ${known.slice(80)}`,
    "quoting that stands at a letter": `${known.slice(0, 60)}> ${known.slice(60)}`,
    "quoting by bars in the middle of a line": `${known.slice(0, 60)} \u{2502} ${known.slice(60)}`,
    "quoting as entities in the middle of a line": `${known.slice(0, 60)} &gt; ${known.slice(60)}`,
    "quoting by other marks": `\u{203a} ${known.slice(0, 60)}\n\u{203a} ${known.slice(60)}`,
    "breaks of html": `${known.slice(0, 30)}<br>${known.slice(30, 60)}<br/>${known.slice(60, 80)}<BR />\n${known.slice(80)}`,
    "chances of a break of html": `<p>${known.slice(0, 30)}<wbr>${known.slice(30, 60)}<wbr/>${known.slice(60)}</p>`,
    "pieces of html": `<div><span class="a">${known.slice(0, 25)}</span><span style='b: "c>d"' data-x=1>${known.slice(25, 60)}</span>${known.slice(60)}</div>`,
    "html that marks a find": `<b>${known.slice(0, 4)}</b><mark>${known.slice(4, 50)}</mark>${known.slice(50)}<i>!</i>`,
    "comments of html": `${known.slice(0, 30)}<!-- -->${known.slice(30, 50)}<!---->${known.slice(50)}`,
    "html as entities": `${known.slice(0, 30)}&lt;wbr&gt;${known.slice(30)}`,
    "html in a link of html": `<a href="${known}" target=_blank>${known.slice(0, 30)}<wbr>${known.slice(30)}</a>`,
    "html whose text is cut": `<a href="${known}">${known.slice(0, 60)}\u{2026}</a>`,
    "html of a mail": `<a href=3D"${known.replace("#", "=23")}">${known.slice(0, 50)}=\r\n${known.slice(50)}</a>`,
    "quoting of a mail": `${known.slice(0, 60).replace("#", "=23")} =3E ${known.slice(60).replaceAll("-", "=2D")}`,
    "a sharp of a mail": known.replace("#", "=23"),
    "all marks of a mail": `see ${known.replaceAll(/[^a-z0-9]/gi, quotedPrintable)}=20=E2=82=AC`,
    "all of it as of a mail": Array.from(known, quotedPrintable).join(""),
    "a wide sharp": known.replace("#", "\u{ff03}"),
    "a small sharp": known.replace("#", "\u{fe5f}"),
    "wide marks": known.replace(/[:/.#]/g, wide).replace(/[:/.#]/g, wide),
    "wide letters": Array.from(known, wide).join(""),
    "a wide sharp in percent": `see%20${encodeURIComponent(known.replace("#", "\u{ff03}"))}`,
    "hyphens of Unicode": known.replaceAll("-", "\u{2010}"),
    "hyphens that never break": known.replaceAll("-", "\u{2011}"),
    "dashes of figures": known.replaceAll("-", "\u{2012}"),
    "signs of minus": known.replaceAll("-", "\u{2212}"),
    "wide hyphens": known.replaceAll("-", "\u{ff0d}"),
    "hyphens of Unicode at the ends of lines": known.replaceAll("-", "\u{2010}\n"),
    "hyphens of Unicode in percent": encodeURIComponent(known.replaceAll("-", "\u{2010}")),
    "hyphens as entities": known.replaceAll("-", "&dash;"),
    "hyphens as numbers": known.replaceAll("-", "&#45;").replace("_", "&#x5f;"),
    "hyphens in percent": known.replaceAll("-", "%2D").replaceAll("_", "%5f"),
    "itself, without a gap": known + known,
    "itself, three times": known + known + known,
    "itself in another form, without a gap": known + known.replace("#", "%23"),
    "itself, without a gap and wrapped": `${known}la\nir${known.slice(4)}`,
    "itself, once with a sharp in percent": known.replace("#", "%23") + known,
    "a break of html in its address": `${known.slice(0, 23)}<wbr>${known.slice(23)}`,
    "itself in brackets of each kind": `[${known}](${known}) <${known}> {${known}}`,
    "bold in the middle": `${known.slice(0, 40)}**${known.slice(40, 50)}**${known.slice(50)}`,
    "a code in two pieces": `\`${known.slice(0, 40)}\`\n\`${known.slice(40)}\``,
    "a hidden text of Discord": `||${known}||`,
    "a cell of a table": `| ada | ${known} |`,
    "a dash and a word": `${known} \u{2014} see you`,
    "a dash and a word, without a gap": `${known}\u{2014}see you`,
    "a hyphen of Unicode and a blank": `${known}\u{2010} see you`,
    "a wide word": `${known}\u{ff0c}\u{ff12}\u{4ef6}`,
    "tags of Unicode": known.replace("AQ", "A\u{e0041}Q"),
    "a byte order mark": `\u{feff}${known}`,
  };
  for (const [what, text] of Object.entries(surroundings)) {
    it(`is read within ${what}`, () => {
      assert.deepEqual(parseInvite(text), parseInvite(known));
      assert.ok(looksLikeInvite(text));
    });
  }

  it("is read where two hyphens became one dash, and nowhere else", () => {
    const psk = somePsk.slice();
    // Two hyphens are letters 9 and 10, four are letters 21 to 24.
    psk.set([0xfb, 0xe3, 0x41], 5);
    psk.set([0xfb, 0xef, 0xbe], 14);
    const text = formatInvite({ url: "ws://127.0.0.1:8080", psk, serverKey: bobPublic });
    assert.match(text, /#.{8}--.{10}----/);
    for (const dash of ["\u{2013}", "\u{2014}", "&ndash;", "&mdash;", "%E2%80%93"]) {
      assert.deepEqual(parseInvite(text.replaceAll("--", dash)), parseInvite(text), dash);
      assert.deepEqual(parseInvite(text.replace(/--(?=[^-]*$)/, dash)), parseInvite(text), dash);
    }
    const name = formatInvite({ url: "ws://xn--bcher-kva.example:8080", psk, serverKey: bobPublic });
    assert.deepEqual(parseInvite(name.replaceAll("--", "\u{2013}")), parseInvite(name));
    // One of two dashes is one hyphen: which, nobody knows.
    assert.match(faultOf(text.replace(/#(.*?)--/, "#$1-").replaceAll("--", "\u{2013}")).message, /has a character/);
    assert.match(faultOf(known.replaceAll("-", "\u{2013}")).message, /has a character that no/);
    assert.match(faultOf(`${known.slice(0, -2)}\u{2014}`).message, /cut short: 2 letters/);
  });

  it("is not used when another one stands there, in whatever form", () => {
    const other = formatInvite({ url: "ws://127.0.0.1:8080", psk: bobPublic, serverKey: bobPublic });
    for (const text of [
      known + other,
      `${known} > ${other}`,
      `${known} ${other.replace("#", "=23")}`,
      `${other.slice(0, 40)}<br>${other.slice(40)} ${known}`,
      `<a href="${known}">${other}</a>`,
      `[${other}](${known})`,
      `${known}\n${Array.from(other, wide).join("")}`,
      `${known} ${other.replace("#", "&num;")}`,
      // One of them is broken.
      `${known}\n${other.slice(0, -5)}`,
      `${other.slice(0, 60)} and now ${known}`,
      `${known} ${other.slice(0, 60)}!${other.slice(61)}`,
    ])
      assert.match(faultOf(text).message, /more than one invite/, text);
    const example = "An invite looks like lair://HOST:PORT/#SECRET or lair://host/#abc.";
    assert.deepEqual(parseInvite(`${example} Here is yours: ${known}`), parseInvite(known));
  });

  it("says what is wrong with what was read through marks", () => {
    const broken: Record<string, RegExp> = {
      [`${known.slice(0, 40)}<wbr>${known.slice(40, -3)}`]: /cut short: 3 letters/,
      [`${known.slice(0, 40)}<wbr>${known.slice(40)}AA`]: /too long by 2/,
      [known.slice(0, -3).replace("#", "=23")]: /cut short: 3 letters/,
      [known.slice(0, -3).replace("#", "\u{ff03}")]: /cut short: 3 letters/,
      [`${known.slice(0, -9)}*${known.slice(-8)}`]: /cut short: 1 letter is missing/,
      [`${known.slice(0, 40)}<br>${known.slice(40, -1)}9`]: /last letter/,
      "lair\u{ff1a}\u{ff0f}\u{ff0f}h:1": /after # is missing/,
      "lair://h/#abc": /cut short: 84 letters are missing/,
      "lair://h/#": /cut short: 87 letters are missing/,
      "lair://h/#AAAA": /cut short: 83 letters are missing/,
    };
    for (const [text, message] of Object.entries(broken)) assert.match(faultOf(text).message, message, text);
  });

  it("is read through characters that nobody sees, wherever they are", () => {
    const unseen =
      "\u{200b}\u{200c}\u{200d}\u{2060}\u{ad}\u{feff}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{fe0f}";
    const mark = fc.constantFrom(
      ...unseen.split(""),
      "\u{a0}",
      "\u{34f}",
      "\u{3164}",

      "\u{0}",
      "\u{2028}",
      "\u{3000}",
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(known.length), mark), { maxLength: 9 }), (marks) => {
        let text = known;
        for (const [at, one] of marks) text = text.slice(0, at) + one + text.slice(at);
        assert.deepEqual(parseInvite(text), parseInvite(known));
        assert.deepEqual(parseInvite(encodeURIComponent(text)), parseInvite(known));
      }),
    );
  });

  it("is read whatever it is and whatever stands around it", () => {
    const before = fc.constantFrom("", "see ", "<", "(", "> ", "\u{201c}", "x=", "hello, this is it:\n\n");
    const after = fc.constantFrom(
      "",
      ".",
      ",",
      ">",
      ")",
      " see you",
      "\n-- \nada",
      "%20",
      '"',
      "\u{3002}",
      " 12345678",
    );
    fc.assert(
      fc.property(invite, before, after, (it, front, back) => {
        assert.deepEqual(parseInvite(front + formatInvite(it) + back), it);
      }),
    );
  });

  it("is refused, or the same, when one character of it is another", () => {
    const other = fc.constantFrom("!", "\u{2013}", "\u{430}", "*", "~", "\u{212a}");
    fc.assert(
      fc.property(fc.integer({ min: known.indexOf("#") + 1, max: known.length - 1 }), other, (at, letter) => {
        faultOf(known.slice(0, at) + letter + known.slice(at + 1));
      }),
    );
  });

  it("is none that never throws anything else", () => {
    const text = fc.string({
      unit: fc.constantFrom(...known.slice(0, 40).split(""), "%", "2", "3", "&", ";", "\\", " ", "\u{200b}"),
    });
    fc.assert(
      fc.property(text, (some) => {
        faultOf(some);
        looksLikeInvite(some);
      }),
    );
  });
});

describe("looksLikeInvite", () => {
  it("recognises what was meant as one, broken or not", () => {
    for (const text of [known, ` ${known}\n`, "lair://", "LAIRS://host", "lair:x"])
      assert.ok(looksLikeInvite(text), text);
  });

  it("leaves addresses and words alone", () => {
    for (const text of ["", "ws://127.0.0.1:8080", "lair", "my lair: here", "chair://x", "lair-server"])
      assert.ok(!looksLikeInvite(text), text);
  });
});
