// Names that could pass for words or lines of ours where a peer's name stands: "you", a time, a mark of the program. They
// are shown with a question mark in front. Letters of other scripts that look like ours are taken for ours.

/** What stands in the place of a name when it is not one. */
const OWN_WORDS: ReadonlySet<string> = new Set(["you", "nobody", "offline", "peer"]);

/** Cyrillic, Greek and Armenian letters that most fonts draw like the Latin ones of {@link OWN_WORDS}. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  у: "y",
  ү: "y",
  ұ: "y",
  γ: "y",
  ყ: "y",
  о: "o",
  ο: "o",
  օ: "o",
  ս: "u",
  υ: "u",
  ц: "u",
  μ: "u",
  ո: "n",
  п: "n",
  η: "n",
  ь: "b",
  β: "b",
  в: "b",
  ԁ: "d",
  ӏ: "l",
  і: "i",
  ι: "i",
  ı: "i",
  е: "e",
  ε: "e",
  ҽ: "e",
  р: "p",
  ρ: "p",
  г: "r",
  ғ: "f",
};

/** Whether a sanitised name could be taken for something that the program says. */
export function passesForOurs(name: string): boolean {
  if (!/^[\p{L}\p{N}]/u.test(name) || /^\d{1,2}\W\d\d/.test(name)) return true;
  const plain = name.normalize("NFKC").toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const latin = Array.from(plain, (letter) => LOOKALIKES[letter] ?? letter)
    .join("")
    .replaceAll("0", "o")
    .replaceAll(/[1|]/g, "l");
  const [firstWord = ""] = /^[\p{L}\p{N}]*/u.exec(latin) ?? [];
  return OWN_WORDS.has(firstWord);
}
