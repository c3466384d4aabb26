// Names that look the same, script by script: facts of Unicode's confusables.txt (UTS #39), and what terminals draw alike.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pairedPeer } from "../../../src/core/identity/peer.ts";
import { looksLike } from "../../../src/core/identity/skeleton.ts";
import { NOBLE_SUITE } from "../../../src/core/noise/index.ts";
import { keysOf } from "./keys-of.ts";

/** What kind of likeness, and groups of names that look the same, parted by blanks. */
const ALIKE: Readonly<Record<string, readonly string[]>> = {
  "yeh, kaf, heh and alef of Arabic and Persian": [
    "\u0639\u0644\u064a \u0639\u0644\u06cc \u0639\u0644\u0649",
    "\u0643\u0631\u064a\u0645 \u06a9\u0631\u06cc\u0645 \u06aa\u0631\u064a\u0645",
    "\u0647\u0627\u0644\u0647 \u06c1\u0627\u0644\u06c1 \u06be\u0627\u0644\u06be \u06d5\u0627\u0644\u06d5 \ufeeb\u0627\ufedf\ufeea",
    "\u0641\u0627\u0637\u0645\u0629 \u0641\u0627\u0637\u0645\u0647 \u0641\u0627\u0637\u0645\u06c3",
    "\u0623\u062d\u0645\u062f \u0627\u062d\u0645\u062f \u0671\u062d\u0645\u062f \u0672\u062d\u0645\u062f \u0674\u0627\u062d\u0645\u062f",
    "\u0645\u062d\u0645\u062f \u0645\u062d\u0640\u0645\u062f \u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f \u0645\u062d\u0645\u062f\u06e1",
    "\ufecb\ufee0\ufef2 \u0639\u0644\u06cc",
  ],
  "digits of Arabic and Persian": [
    "\u0639\u0644\u06cc\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669 \u0639\u0644\u06cc\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
  ],
  "kana and Han": [
    "ニナ 二ナ",
    "ハナ 八ナ",
    "エリ 工リ",
    "カナ 力ナ",
    "ロミ 口ミ 囗三 ロ三",
    "トモ 卜モ",
    "タロ 夕口 タ口",
    "太一 太ー 太— 太─ 太─",
    "イサ 亻サ",
    "ムラ 厶ラ",
    "ヒナ 匕ナ",
    "チカ 千力",
    "ノア 丿ア ／ア",
    "ヨシ 彐シ",
    "ヌイ 又イ",
    "オト 才卜",
    "セナ 七ナ",
    "日向 曰向",
    "土井 士井 土ヰ",
    "戸田 戶田 戸⽥",
    "克己 克已 克巳",
    "末央 未央",
  ],
  "kana and kana": [
    "へび ヘび",
    "りか リか ﾘか",
    "ユウ ユゥ ﾕｳ",
    "みつ みっ",
    "きょう きよう",
    "ガク カ\u3099ク カ゛ク ｶﾞク",
    "ぺこ ペこ",
  ],
  "jamo, letters and Han": [
    "ㅣan lan Ian ᅵan 丨an ￨an |an │an",
    "bㅇb bob bᄋb",
    "ㅡa ーa 一a",
    "ㅁㅂ 口ㅂ ロㅂ □ㅂ",
    "to\u3145 to人 to\u1109",
    "민수 \u1106\u1175\u11ab\u1109\u116e",
    "ㅋㅋ ﾻﾻ",
    "ㅐanna Hanna",
    "ㅜom Tom",
  ],
  "signs and letters": [
    "dave ∂ave",
    "eve ℮ve €ve ∊ve ∈ve evℯ",
    "vova ∨ova √ova vov∀ vo⋁a",
    "udo ∪do ⋃do ud○ ud◯ ud° ud⭘ ud◦ ud〇",
    "xavi ×avi ⨯avi ✕avi ╳avi メavi 乂avi",
    "tom ⊤om 丁om ┬om ₮om",
    "ann a∩∩ ∀nn ∧nn a⋂n",
    "sam ∫am",
    "kim ₭im",
    "wei ₩ei",
    "yan ¥an 丫an",
    "cem ¢em ⊂em",
    "a:b a꞉b a∶b a׃b aːb a：b",
    "a/b a∕b a⁄b a／b a╱b aノb",
    "a-b a‐b a‑b a–b a—b a−b a➖b aーb",
    "a.b a․b a．b",
    "a,b a‚b a，b",
    "a~b a∼b a～b",
    "a<b a‹b a＜b a˂b",
    "o'neill o’neill oʼneill o′neill oʹneill o‘neill o＇neill oꞌneill",
  ],
  "Greek, Cyrillic, Armenian, Cherokee, Georgian, Coptic, Lisu": [
    "apple αρρle арр1е аррӏе",
    "ΛNNA ANNA ᐱnna",
    "єvа eva ԑva",
    "soso ѕоѕо ՏօՏօ ꓢꓳꓢꓳ",
    "coco ⲤⲞⲤⲞ ϲоϲо",
    "hunq հսոզ",
    "Dave ᎠᎪᏙᎬ ꓓꓮꓦꓰ",
    "WAS ᎳᎪᏚ",
    "yo ყჿ ყo",
    "Θeo Θео ϴeo",
    "Φoto Фото Փoto",
    "ΨI ѰI Ѱl",
  ],
  "fullwidth, mathematical, circled and raised letters": [
    "Bob Ｂｏｂ 𝐁𝐨𝐛 𝔅𝔬𝔟 𝕭𝖔𝖇 𝙱𝚘𝚋 ℬ𝑜𝑏 Ⓑⓞⓑ 🅑🅞🅑 🄱🄾🄱 ᴮᵒᵇ ʙᴏʙ B०b Boƅ ⒝⒪⒝ 🄑🄞🄑",
  ],
  Hebrew: ["רחל רָחֵל רּחל", "lo וס וo ןס", "יוסי 'וס' ׳וסי"],
  "India, Thailand, Laos, Burma, Khmer": [
    "चांद चाँद चाद",
    "आशा अाशा",
    "ऑम अॉम",
    "राम रा\u0307म",
    "lआ ।आ |आ",
    "কৰা কৰা়",
    "আলী অালী",
    "ಅ అ",
    "ರಲಯ ರలయ",
    "കാ കാ\u0307",
    "ബപ ബപ\u0323",
    "บปพ ບປພ",
    "แก้ว เเก้ว",
    "กา กๅ",
    "กำ กํา",
    "২০ ২o",
  ],
  "digits and letters": ["Oli 0li Oll 0l1 О1і", "bill bi11 biII bіlӏ ЬіІІ", "Lola L0la Lo1a"],
  "marks that hide or that nobody asked for": [
    "bob b\u0336o\u0336b\u0336 b\u20ddob bo\u20e3b bo\u0338b b\u0363ob bo\u0332b bo\u05b4b bo\u064eb bo\u0902b bo\u0e4db",
    "राम राम\u0338 रा\u0336म",
    "李 李\u0323 李\u20dd",
    "かな か\u0308な",
  ],
  "punctuation around": [
    "Bob Bob. Bob, Bob! Bob… 'Bob' \"Bob\" “Bob” ‘Bob’ «Bob» ‹Bob› (Bob) [Bob] {Bob} <Bob> -Bob- –Bob— ~Bob~ ·Bob· _Bob_ *Bob* `Bob` ´Bob´ ʻBobʼ |Bob| =Bob= @Bob Bob: Bob; 「Bob」 【Bob】 Bob。 ¿Bob?",
    "علی «علی» علی، علی؟ علی۔",
    "太郎 「太郎」 太郎。 太郎・ （太郎）",
    "राम राम। राम॥",
    "Łukasz -Lukasz.",
  ],
};

/** Names of one script that their readers tell apart. */
const APART: readonly string[] = [
  "علی علا کریم گریم شارا سارا ژاله بابا تاتا پاپا فاطمه محمد احمد حمید خان",
  "ハナ ハル カナ ガナ ニナ エリ ユリ ケン レン シン はな ばな ぱな みか りか ひろ 太郎 太一 太二 太 次郎 一郎 二郎 三郎 八郎 七海 美咲 美月",
  "민수 민주 지수 지우 은지 인지 안나 아나 아인 이안 각가 가까 나나 니나 강아 가아",
  "רחל דוד משה יוסף שרה מרים",
  "राम रमा रवि सीता गीता आशा उषा निशा",
  "দীপা নীপা রূপা আলী",
  "ดา ตา คา มา ซา ทา แก้ว",
  "రమ భరత్ బలరామ్ ధన",
  "Юля Юра Оля Коля Толя Лена Лина Анна Алла Мария Марина Яна Иван Лев",
  "Άννα Νίκος Ηλίας Ελένη Δήμος Φώτης Ψυχή",
  "Անի Արա Սոնա Մարի Գոհար",
  "ნინო გიორგი მარი თამარ",
  "Ada Adam Anna Anne Bob Rob Ben Ken Tim Tom Ian Jan Eva Ava Bob2 Bob3 Mary-Ann Bobby ... ?! ♥ 🙂",
];

describe("names that look the same", () => {
  for (const [kind, groups] of Object.entries(ALIKE)) {
    it(`are told apart by the fingerprint: ${kind}`, () => {
      for (const [name = "", ...others] of groups.map((group) => group.split(" "))) {
        const bearer = pairedPeer(NOBLE_SUITE, { ...keysOf(1), claimedName: name, atMs: 1 }, []);
        for (const other of others) {
          assert.ok(looksLike(name)(other) && looksLike(other)(name), `${name} and ${other}`);
          const claimed = pairedPeer(NOBLE_SUITE, { ...keysOf(2), claimedName: other, atMs: 1 }, [bearer]).name;
          assert.match(claimed, / [a-z2-7]{4}( |$)/, `${name} and ${other}`);
        }
      }
    });
  }

  it("are not those that readers of their script tell apart", () => {
    for (const names of APART.map((row) => row.split(" "))) {
      for (const one of names)
        for (const other of names) assert.equal(looksLike(one)(other), one === other, `${one}, ${other}`);
    }
  });
});
