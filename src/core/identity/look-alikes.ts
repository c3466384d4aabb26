// Letters and digits that most fonts draw like Latin ones, of any script: the table behind `skeleton.ts`.
//
// Made by this rule from confusables.txt 10.0 of Unicode's UTS #39 (© Unicode, Inc.; https://www.unicode.org/license.txt):
// every single letter or digit whose prototype is one to three ASCII letters or digits, once its marks are gone, small
// capitals are their letters and upper case is lower case; without what NFKD says already. Added by hand: what that edition
// lacks and terminals draw alike (Greek and Cyrillic small letters, Latin ones with hooks, strokes or turned, Armenian).

/** Each row: what is seen, and the code points in hexadecimal that are seen so. */
const ROWS = `
  2 1a8 1bb 3e8 14bf a644 a6ef a75a
  3 21c 25c 292 437 44d 498 4e1 2ccc a76a 118ca 16f3b
  4 ab9e 118af
  5 1bc 118bb
  6 431 2cd2 abbe 118d5
  7 104d2 118c6
  8 223 9ea a6a 1031a 1e8cb
  9 9ed a67 b68 d6d 2cca a76e 118cc 118d6
  a 250 251 3b1 3bb 430 15c5 1d00 2c65 2c81 a4ee ab7a 102a0 16f40
  b df 180 183 185 253 299 3b2 411 432 44c 463 48d 13fc 15af 15f7 1d80 a4d0 a7b5 ab9f 10282 102a1 10301
  c 188 23c 255 3c2 3f2 441 481 4ab 1d04 2ca5 a4da abaf 102a2 10302 1043d 1051c 118e9 118f2
  d d0 111 18c 221 256 257 501 146f 15de 15ea 1d05 1d81 2c87 a4d2 a4d3 a77a ab70 abb7
  e 1dd 247 258 259 25b 3b5 3f5 435 454 4bd 4bf 1d07 2c89 2d39 a4f0 ab32 ab7c 10286 118a6 118ae
  f 192 3dc 493 584 15b4 1d6e 1d82 1e9d a4dd a730 a77c a799 ab35 10287 102a5 10525 118c2
  g 18d 1e5 260 261 262 50d 581 13fb 1d83 a4d6 a7a1 ab90
  h 127 266 29c 397 43d 45b 4a3 4bb 4c8 4ca 570 13fa 157c 2c67 2c8e a4e7 a695 ab8b ab92 102cf
  i 131 268 269 26a 3b9 456 4cf 1d7b 1d7c a647 ab75 118c3
  j 237 249 3f3 458 575 148d 1d0a a4d9 a7b2 ab7b
  k 138 199 3ba 43a 49b 49f 16d5 1d0b 1d84 2c69 2c95 a4d7 a740 a7a3 abb6 10518
  l 142 196 197 19a 1aa 1c0 234 26b 26d 29f 399 406 4c0 56c 5d5 5df 627 661 673 6f1 7ca 14aa 16c1 1d85 2c93
  l 2cd1 2d4f a4e1 a4f2 a749 abae 1028a 10309 10320 10443 10526 118a3 118b2 16f16 16f28 1e8c7
  m 271 28d 39c 3fa 43c 4ce 15f0 16d6 1d0d 1d6f 1d86 2c99 a4df ab87 102b0 10311 11700 118e3
  n 14b 19e 235 272 273 274 39d 3b7 3c0 43f 572 578 57c 1d28 1d70 1d87 2c9b a4e0 a7a5 10513
  o f8 254 275 3b8 3bf 3c3 43e 473 4e9 585 5e1 647 665 6be 6c1 6d5 6f5 6ff 7c0 966 9e6 a66 ae6 b20 b66 be6 c66
  o ce6 d20 d66 e50 ed0 1010 101d 1040 10ff 12d0 1d0f 1d11 2c7a 2c9f 2d31 2d41 2d54 3007 a4f3 a74b ab3d ab3e
  o ab74 ab8e abbb 10292 102ab 1042c 104ea 10516 114d0 118b5 118c8 118d7 118e0
  p fe 1a5 1bf 3c1 440 146d 1d18 1d29 1d7d 1d88 2ca3 a4d1 a751 a753 a755 abb2 10295
  q 2a0 51b 563 566 2d55 a757 a759 a7af
  r 24d 279 27c 27d 27e 280 281 433 1587 1d19 1d26 1d72 1d89 2c85 a4e3 a7a7 ab47 ab48 ab71 ab81 aba2 104b4
  r 16f35
  s 1bd 23f 282 455 54f 1d74 1d8a a4e2 a731 a7a9 aba5 abaa 10296 10448 118c1 16f3a
  t 167 1ad 236 23e 288 3c4 442 4ad 1d1b 1d75 2ca7 a4d4 a787 ab72 10297 102b1 10315 118bc 16f0a
  u 244 28b 3bc 3c5 446 57d 1200 144c 1d1c 1d7e a4f4 a79f ab4e ab52 ab9c 104f6 118d8 16f42
  v 28c 3bd 475 5d8 667 6f7 142f 1d20 2d38 a4e6 a6df aba9 1051d 11706 118c0 16f08
  w 26f 3c9 448 449 461 47d 51d 561 1d21 a4ea a761 ab83 aba4 114c5 1170a 1170e 1170f 118e6 118ef
  x 3c7 445 4b2 1541 157d 16b7 1d8d 2cad 2d5d a4eb ab53 10290 102b4 10317 10322 10527 118ec
  y 1b4 24f 263 265 28e 28f 3a5 3b3 443 4af 4b1 10e7 1d8c 1eff 2ca9 a4ec ab5a ab79 ab8d 102b2 118a4 118dc
  y 16f43
  z 1b6 225 240 290 291 3b6 1d22 1d76 1d8e a4dc ab93 102f5 118a9 118c4 118e5
  aa a733
  ae e6 4d5
  ao a735
  au a737
  av a739 a73b
  ay a73d
  bi 44b
  bl 42b
  dz 2a3
  ll 1c1 5f0
  lo 42e
  ls 2aa
  lz 2ab
  oe 153 276
  oo a699 a74f
  t3 a728
  tf a777
  ts 2a6
  ue 1d6b
  uo ab63
`;

/** A letter to the Latin letters or digits that it looks like, in lower case. */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  ROWS.trim()
    .split("\n")
    .flatMap((row) => {
      const [seen = "", ...points] = row.trim().split(" ");
      return points.map((point): [string, string] => [String.fromCodePoint(Number.parseInt(point, 16)), seen]);
    }),
);
