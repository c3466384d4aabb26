import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { columnsAtMost } from "../../src/ui/columns.ts";
import { sanitiseLine, sanitiseText } from "../../src/ui/sanitise.ts";
import { anyText } from "../any-text.ts";
import { effort } from "../effort.ts";

const ESC = "\x1b";
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\0-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\p{Cs}\p{Cn}\p{Co}\p{Zl}\p{Zp}]/u;
const UNSEEN = String.raw`\u00ad\u061c\u180b-\u180f\u200b\u200e\u200f\ufe00-\ufe02\u{e0100}-\u{e01ef}`;
const TWO_UNSEEN = new RegExp(`[${UNSEEN}]{2}`, "u");

describe("sanitiseText", () => {
  const hostile: readonly [string, string, string][] = [
    ["an OSC title ended by BEL", `${ESC}]0;owned\x07hi`, "hi"],
    ["an OSC title ended by ST", `${ESC}]2;owned${ESC}\\hi`, "hi"],
    ["an OSC without an end, up to that of its line", `${ESC}]0;owned\nhi`, "\nhi"],
    ["an OSC that another one cuts short", `a${ESC}]0;x${ESC}]0;y\x07b`, "ab"],
    ["an OSC that CAN breaks off", `a${ESC}]0;x\x18b`, "ab"],
    ["the clipboard (OSC 52)", `a${ESC}]52;c;ZXZpbA==\x07`, "a"],
    ["a hyperlink (OSC 8)", `${ESC}]8;;http://evil${ESC}\\x${ESC}]8;;${ESC}\\y`, "xy"],
    ["the palette of the Linux console", `a${ESC}]P1ff0000b${ESC}]Rc`, "abc"],
    ["cursor moves, each of which ends a row", `a${ESC}[2A${ESC}[10;10Hb${ESC}[Dc${ESC}[3Cd`, "a\nb\nc d"],
    ["clearing and the other screen", `a${ESC}[2J${ESC}[?1049h${ESC}c`, "a"],
    ["colours of all notations", `${ESC}[31mr${ESC}[38;5;1me${ESC}[38:2::1:2:3md${ESC}[m!`, "red!"],
    ["private and intermediate bytes", `a${ESC}[?25l${ESC}[>4;2m${ESC}[!p${ESC}[2 qb`, "ab"],
    ["a CSI without its end", `a${ESC}[31é${ESC}[1\nb${ESC}[`, "aé\nb"],
    ["a CSI that goes on for ever, up to a bound", `${ESC}[${"1".repeat(300)}`, "1".repeat(300 - 256)],
    ["DCS with and without an end", `a${ESC}P1$r${ESC}\\b${ESC}Px`, "ab"],
    ["a picture over several lines (DCS)", `a${ESC}Pq#0\n#1\n-${ESC}\\b`, "ab"],
    ["a sequence wrapped for tmux", `a${ESC}Ptmux;${ESC}${ESC}]52;c;eA==\x07${ESC}\\b`, "ab"],
    [
      "APC, PM, SOS and the title of screen",
      `1${ESC}_a${ESC}\\2${ESC}^b${ESC}\\3${ESC}Xc${ESC}\\4${ESC}kd${ESC}\\5`,
      "12345",
    ],
    ["character sets, shifts and double height", `a${ESC}(B${ESC})0${ESC}%G${ESC}#8\x0e\x0f${ESC}OAb`, "ab"],
    ["single escapes", `a${ESC}7${ESC}8${ESC}=${ESC}>${ESC}c${ESC}~b`, "ab"],
    ["an ESC that begins nothing", `a${ESC}${ESC}é${ESC}`, "aé"],
    ["what would be one once another is gone", `a${ESC}${ESC}[m[31mb\x9b\x9b31m`, "a[31mb"],
    ["C1 in eight bits", "a\x9b31mb\x9d0;t\x9cc\x90q\x9cd\x98s\x9ce\x9ep\x9cf\x9fa\x9cg\x85h\x84i", "abcdefg\nh\ni"],
    ["overwriting by CR and BS", "good\rbad\b\b\b!", "good\nbad\n!"],
    ["BEL, NUL and DEL", "a\x07\0\x7fb", "ab"],
    ["a bidi override", "a\u202egpj.exe", "a<U+202E>gpj.exe"],
    ["a bidi isolate", "a\u2066b\u2069", "a<U+2066>b<U+2069>"],
    ["zero-width blanks", "pay\u200bpal\ufeff\u2060", "pay<U+200B>pal<U+FEFF><U+2060>"],
    ["line and paragraph separators", "a\u2028b\u2029c", "a\nb\nc"],
    ["tags", "x\u{e0041}\u{e0042}", "x<U+E0041><U+E0042>"],
    ["variation selectors that vary nothing", "A\ufe0fB\u{e0100}", "A<U+FE0F>B<U+E0100>"],
    ["a soft hyphen and fillers", "a\u00adb\u3164c\u115f", "a<U+00AD>b<U+3164>c<U+115F>"],
    ["a soft hyphen behind a variation selector", "x\u{f900}\u{e0100}\u00adAB", "x\u{f900}\u{e0100}<U+00AD>AB"],
    ["a soft hyphen two before a selector that varies nothing", "ab\u00adc\ufe0f", "ab<U+00AD>c<U+FE0F>"],
    ["lone surrogates", "a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["private use", "\ue0b0", "<U+E0B0>"],
    ["blanks of other kinds", "a\u00a0b\u2003c\u2800d", "a b c d"],
    ["a mark without a letter", "\u0301x", "◌\u0301x"],
    [
      "marks of direction between letters, and in runs",
      "a\u200e! של\u200fום א\u200f\u200f!",
      "a\u200e! של<U+200F>ום א\u200f<U+200F>!",
    ],
    ["marks of direction where nothing goes the other way", "a\u200e\u200f\u061c!", "a<U+200E><U+200F><U+061C>!"],
    [
      "selectors behind another one, or behind nothing",
      "漢\u{e0100}\u{e0101}\u{e0102} \ufe00",
      "漢\u{e0100}<U+E0101><U+E0102> <U+FE00>",
    ],
    ["selectors of another script", "ᠠ\u180b\u180ca\u180b漢\u180b", "ᠠ\u180b<U+180C>a<U+180B>漢<U+180B>"],
    [
      "soft hyphens in runs or at an edge",
      "ab\u00ad\u00adcd a\u00adbc ab\u00ad",
      "ab<U+00AD><U+00AD>cd a<U+00AD>bc ab<U+00AD>",
    ],
    [
      "a tag sequence that is no flag",
      "🏴\u{e0067}\u{e0062}🏴\u{e0041}\u{e007f}",
      "🏴<U+E0067><U+E0062>🏴<U+E0041><U+E007F>",
    ],
    ["ends of words in other scripts", "a\u200bb ក\u200b\u200bខ", "a<U+200B>b ក\u200b<U+200B>ខ"],
    ["a joiner with nothing to join", "a\u200db👩\u200d", "a<U+200D>b👩<U+200D>"],
  ];
  for (const [what, raw, shown] of hostile) {
    it(`disarms ${what}`, () => assert.equal(sanitiseText(raw), shown));
  }

  it("leaves honest text as it is", () => {
    for (const text of [
      "plain, with\nlines",
      "Grüße, naïve Straße",
      "e\u0301 Việt",
      "漢字　かな 한글",
      "שָׁלוֹם",
      "สวัสดี",
      "မြန်မာစာ ကါ",
      "می\u200cخواهم",
      "क्\u200dष",
      "👨‍👩‍👧‍👦 👍🏽 ❤️ 1️⃣ 🇩🇪 🏳️‍🌈 👩🏽‍❤️‍💋‍👨🏻 ☎︎",
      "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} 🏴\u{e0075}\u{e0073}\u{e0074}\u{e0078}\u{e007f}",
      "שלום (C++\u200f) \u200eabc\u200e, ١٢\u061c/٣",
      "Donau\u00addampf\u00adschiff",
      "葛\u{e0100}城 辻\u{e0101} 神\ufe00 、\ufe00 ≨\ufe00",
      "ᠮᠣᠩᠭᠣᠯ\u180bᠠ\u180eᠠ",
      "ក\u200bខ្មែរ ไทย\u200bไทย",
      "ן\u05b8\u034f\u05b4",
      "ന്\u200d അവൻ ه\u200d.ش",
      "\u0661\u06dd \u0600\u0661",
    ]) {
      assert.equal(sanitiseText(text), text);
    }
  });

  it("turns a TAB into blanks and CR LF into one line end", () => {
    assert.equal(sanitiseText("a\tb\r\nc\r\r\nd\r"), "a    b\nc\nd");
  });

  // As curl, apt, pip, npm, and docker count.
  for (const [what, raw] of [
    ["CR", "\r10%\r20%\r100%\r\n"],
    ["CR and erasing", `10%\r${ESC}[K20%\r${ESC}[K100%\n`],
    ["erasing and a move", `10%${ESC}[2K${ESC}[1G20%${ESC}[2K${ESC}[0G100%\n`],
    ["BS", "10%\b\b\b20%\b\b\b100%\n"],
    ["moving up", `10%\n${ESC}[1A${ESC}[2K20%\n${ESC}[A\r100%\n`],
    ["saving and restoring", `${ESC}7${ESC}[u10%${ESC}[u20%${ESC}[u100%\n`],
  ] as const) {
    it(`gives each state of a counter a row: ${what}`, () => {
      assert.deepEqual(sanitiseText(raw).split("\n").filter(Boolean), ["10%", "20%", "100%"]);
    });
  }

  it("reads what nroff has printed over", () => {
    assert.equal(sanitiseText("N\bNA\bAM\bME\bE _\bf_\bi 漢\b\b漢 x\b_ a\ba\ba"), "NAME fi 漢 x a");
  });

  it("ends a row at VT and FF", () => assert.equal(sanitiseText("a\x0bb\x0cc"), "a\nb\nc"));

  it("keeps five marks on a letter", () => {
    assert.equal(sanitiseText(`z${"\u0335\u0301".repeat(40)}!`), "z\u0335\u0301\u0335\u0301\u0335!");
  });

  it("shows 500 of 10,000 lines and says so", () => {
    const lines = sanitiseText("x\n".repeat(9_999) + "x").split("\n");
    assert.equal(lines.length, 501);
    assert.equal(lines.at(-1), "[9500 more lines not shown]");
  });

  it("cuts what is too long, however it grew", () => {
    for (const text of ["x".repeat(1_000_000), "\u200b".repeat(20_000)]) {
      const shown = sanitiseText(text);
      assert.ok(shown.length < 33_000);
      assert.ok(shown.endsWith("[the rest is too long to show]"));
    }
  });

  it("uses ASCII only for a terminal without UTF-8, in which continuation bytes are C1 controls", () => {
    assert.equal(sanitiseText("Grüße · … Û", { unicode: false }), "Gru<U+00DF>e - ... U");
    assert.equal(sanitiseText("漢\n👍", { unicode: false }), "<U+6F22>\n<U+1F44D>");
  });

  it("lets no control, bidi or unassigned character through, whatever comes, and is stable", () => {
    const unit = fc.oneof(
      anyText(),
      fc.string({ unit: "grapheme" }),
      fc.constantFrom(
        "א",
        "ab",
        "漢",
        "ᠠ",
        "ក",
        "ی",
        "\u200f",
        "\u200c",
        "\u200b",
        "\u00ad",
        "\u{e0100}",
        "\u180b",
        "\u034f",
        "\u200d",
        "\ufe0f",
        "\u202e",
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x1b\\",
        "\x9b",
        "\x9d",
        "\x07",
        "\r",
        "\b",
        "31m",
        "(B",
        "\ud83d",
        "👩",
        "\u0301",
        "\u{e0067}",
        "\n",
      ),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), (parts) => {
        const shown = sanitiseText(parts.join(""));
        assert.doesNotMatch(shown, FORBIDDEN);
        assert.equal(sanitiseText(shown), shown);
        // Nothing is hidden in what needs no look: never two of it in a row.
        assert.doesNotMatch(shown, TWO_UNSEEN);
        // oxlint-disable-next-line no-control-regex
        assert.match(sanitiseText(parts.join(""), { unicode: false }), /^[\n\x20-\x7e]*$/);
      }),
      { numRuns: effort(200, 2_000) },
    );
  });
});

describe("sanitiseLine", () => {
  it("is one line, without blanks around or in rows", () => {
    assert.equal(sanitiseLine("  ada\n14:03  you\tyes "), "ada 14:03 you yes");
  });

  it("has 64 columns at most, or as many as asked for", () => {
    assert.equal(sanitiseLine("n".repeat(1000)), `${"n".repeat(63)}…`);
    assert.equal(sanitiseLine("漢".repeat(100), 10), "漢漢漢漢…");
    fc.assert(
      fc.property(anyText(), fc.integer({ min: 3, max: 80 }), (raw, columns) => {
        const line = sanitiseLine(raw, columns);
        assert.ok(columnsAtMost(line) <= columns);
        assert.ok(!line.includes("\n"));
      }),
    );
  });

  it("may be empty", () => assert.equal(sanitiseLine("\x1b\r\n\u0007"), ""));
});
