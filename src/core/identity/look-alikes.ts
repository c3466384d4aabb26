// Letters, digits and signs that look the same in most fonts, in all scripts: the tables for `skeleton.ts`.
//
// The source is confusables.txt 13.0 of Unicode's UTS #39 (© Unicode, Inc.; https://www.unicode.org/license.txt). The
// tables have every single letter, digit, vowel sign and punctuation mark from it, and every other sign whose prototype
// consists of letters or ASCII, after accents are removed and upper case is made lower case. They leave out what NFKD
// already covers, scripts that are no longer used, and pairs that readers of the script can tell apart (Arabic letters
// that differ only by their dots, Thai, Telugu, parts of Hangul syllables). Added by hand, because that edition lacks
// them and terminals draw them alike: Greek and Cyrillic small letters, Latin letters with hooks or strokes or turned,
// Armenian, mathematical signs, box drawing, small kana, kana that look like Han, Han that differ only by the length of
// a stroke, single jamo, Arabic kaf.

/** Each row: how it looks, in Latin letters or digits, and the code points that look like it, in hexadecimal. */
const LATIN_ROWS = `
  2 1a8 1bb 3e8 3e9 14bf 1d24 a644 a645 a6ef a75a
  3 21c 25c 292 437 44d 498 499 4e1 1d08 2108 2ccc a76a 118ca 16f3b
  4 ab9e 118af
  5 1bc 118bb
  6 431 2cd2 abbe 118d5
  7 104d2 118c6
  8 223 9ea a6a b03 1031a 1e8cb
  9 9ed a67 b68 d6d 2cca a76e 118cc 118d6
  a 250 251 3b1 3bb 430 668 6f8 1431 15c4 15c5 1d00 2200 2227 22c0 2376 237a 25b3 2c65 2c81 2c96 2d37 a4e5 a4ee a4ef
  a ab7a 1028d 102a0 104b0 104db 16f3d 16f40
  b df 180 183 185 253 299 3b2 411 432 44c 463 48d 13f0 13fc 1472 15af 15f7 1d80 a4d0 a7b5 ab9f 10282 102a1 10301
  c a2 188 23c 255 3c2 3db 3f2 441 481 4ab 1d04 20a1 2282 228f 2ca5 a4da abaf 102a2 10302 1043d 1051c 118e9 118f2 1f16e
  d d0 f0 111 18c 221 256 257 501 146f 15de 15ea 1d05 1d81 20ab 2202 2c87 a4d2 a4d3 a77a ab70 abb7 1e8cc 1e8cd
  e 1dd 247 258 259 25b 3b5 3f5 435 454 4bd 4bf 4d8 4d9 510 511 1110 13cb 1d07 20ac 212e 2203 2208 220a 22f4 22ff 2377
  e 2c89 2d39 2d3a a4f0 a4f1 a793 ab32 ab7c ab9b 10286 10401 10429 118a6 118ae 118ce 16f2d
  f 192 3dc 493 584 15b4 1d6e 1d82 1e9d 20bd a4dd a730 a77c a799 ab35 10287 102a5 10525 118c2
  g 18d 1e5 260 261 262 50d 581 13fb 1d83 a4d6 a7a1 ab90
  h 127 266 29c 397 43d 45b 4a3 4bb 4c8 4ca 570 1162 13fa 157c 2c67 2c8e a4e7 a695 ab8b ab92 102cf 104cd
  i 131 268 269 26a 3b9 456 4cf 1d7b 1d7c a647 ab75 118c3
  j 237 249 3f3 458 575 148d 1d0a a4d9 a7b2 ab7b
  k 138 199 3ba 43a 49b 49f 16d5 1d0b 1d84 20ad 22c9 2c69 2c95 a4d7 a740 a7a3 abb6 10518
  l 7c 142 196 197 19a 1aa 1c0 234 26b 26d 29f 399 406 4c0 56c 5c0 5d5 5df 627 661 671 672 673 6f1 7ca 964 1102 1175
  l 14aa 16c1 1d85 221f 2223 2373 2378 239c 239f 23a2 23a5 23aa 23ae 23d0 23fd 2502 2503 2575 2577 257d 257f 2758 2c93
  l 2cd1 2d4f 31d1 4e28 a4e1 a4f2 a749 a830 abae 1028a 10309 10320 10443 10526 118a3 118b2 16f16 16f28 1e8c7
  m 271 28d 39c 3fa 43c 4ce 15f0 16d6 1d0d 1d6f 1d86 20a5 2c99 a4df ab87 102b0 10311 11700 118e3
  n 14b 19e 235 272 273 274 39d 3b7 3c0 43f 572 578 57c 1260 144e 1d28 1d70 1d87 220f 2229 2293 22c2 2c9b 2ca0 a4e0 a4f5
  n a7a5 1018e 10513
  o b0 f8 254 275 37b 3b8 3bf 3c3 3fd 43e 473 4e9 585 5e1 629 647 665 6be 6c1 6c3 6d5 6f5 6ff 7c0 966 9e6 a66 ae6 b20
  o b66 be6 c02 c66 c82 ce6 d02 d20 d66 d82 e50 ed0 1010 101d 1040 10ff 110b 12d0 1d0f 1d10 1d11 2183 2184 2296 2299
  o 229a 229d 2365 236c 24ff 25cb 25e6 25ef 26aa 2b55 2b58 2c7a 2c9f 2d31 2d41 2d54 2e30 3007 a4db a4f3 a74b ab3d ab3e
  o ab3f ab74 ab8e abbb 10292 102ab 10423 1042c 1044b 104ea 10516 114d0 118b5 118c8 118d7 118e0
  p fe 1a5 1bf 3c1 3f7 3f8 440 146d 1d18 1d29 1d7d 1d88 2374 2ca3 a4d1 a751 a753 a755 abb2 10295 104c4
  q 2a0 51b 563 566 2d55 a757 a759 a7af
  r 24d 279 27c 27d 27e 280 281 433 1587 1d19 1d26 1d72 1d73 1d89 2c85 a4e3 a7a7 ab47 ab48 ab71 ab81 aba2 104b4 16f35
  s 1bd 23f 282 455 54f 1d74 1d8a 222b a4e2 a731 a7a9 aba5 abaa 10296 10448 118c1 16f3a
  t 167 1ad 236 23e 288 3c4 442 4ad 10a0 116e 1d1b 1d75 20ae 22a4 2361 252c 2564 27d9 2ca7 4e01 a4d4 a787 ab72 10297
  t 102b1 10315 118bc 16f0a
  u 244 28b 3bc 3c5 446 57d 1200 144c 1d1c 1d7e 222a 2294 22c3 a4f4 a79f ab4e ab52 ab9c 104f6 118d8 16f42
  v 28c 3bd 475 5d8 667 6f7 142f 1d20 1d27 221a 2228 22c1 2335 2d38 a4e6 a6df aba9 10197 104d8 1051d 11706 118c0 16f08
  w 26f 3c9 448 449 461 47d 51d 561 13c7 15ef 162f 1635 1d21 20a9 2375 2379 2c73 2cb1 2cbc 2cbd a4ea a64d a761 a7b6 a7b7
  w ab83 aba4 102b6 114c5 1170a 1170e 1170f 118e6 118ef
  x d7 3c7 445 4b2 1541 157d 166d 166e 16b7 1d8d 2573 2715 2716 2717 2718 274c 292b 292c 2a2f 2a30 2cad 2d5d 3024 30e1
  x 4e42 a4eb ab53 ab55 10196 10290 102b4 10317 10322 10527 118ec
  y a5 1b4 24f 263 265 28e 28f 3a5 3b3 443 4af 4b1 10e7 14a5 1d8c 1eff 2ca9 4e2b a4ec ab5a ab79 ab8d 102b2 118a4 118dc
  y 16f07 16f43
  z 1b6 225 240 290 291 3b6 1d22 1d76 1d8e a4dc ab93 102f5 118a9 118c4 118e5
  aa a733
  ae e6 4d5
  ao a735
  au a737
  av a739 a73b
  ay a73d
  bi 44b
  bl 42b
  dz 2a3 2a5
  eo 1d14 ab41 ab42
  fn 2a9
  ll 1c1 5f0 2016 2225 10199
  lo 42e 23e8
  ls 2aa
  lt 20b6
  lz 2ab
  oe 153 276 ab62
  oo 221e a699 a74f
  t3 a728
  tc 2a8
  tf a777
  ts 2a6
  ue 1d6b
  uo ab63
  lls 10198
`;

/**
 * Each entry: an appearance other than Latin letters or digits, and the code points that look like it; all in
 * hexadecimal.
 */
const OTHER_WORDS = `
  21=1c3,2d51 24=1f10f 26=a778 27=2be,2ca,2cb,2f4,55a,55d,5d9,7f4,7f5,144a,16cc,2032,2035,a78c,16f51,16f52
  27+27=2ba,2ee,2f6,5f2,5f4,1cd3,201c,201d,201f,3003 28=2768,2772,3014,fd3e 28+28=2e28 29=2769,2773,3015,fd3f 29+29=2e29
  2a=66d,204e,2217,1031f 2b=16ed,2214,2a22,2a23,2a24,2a25,2a26,1029b 2b+32=2a27 2c=60d,66b,201a,a4f9
  2d=2d7,6d4,1173,2014,2043,2238,2500,2501,2796,2a29,2a2a,2cba,30fc,31d0,4e00,a7f7 2d+2e=a4fe
  2e=660,6f0,701,702,a4f8,a60e,1d16d 2e+2c=a4fb 2e+2e=a4fa
  2f=1735,2041,2044,2215,2571,27cb,29f6,29f8,2cc6,3033,30ce,31d3,4e3f 2f+2f=2afd 2f+2f+2f=2afb
  3a=2d0,2f8,589,5c3,703,704,903,a83,16ec,1803,1809,205a,2236,a4fd,a789 3c=2c2,1438,16b2,2039,276e 3c+3c=226a
  3c+3c+3c=22d8 3c+b7=2cb4 3d=2250,2251,2257,2259,225a,225e,2a6e,a4ff 3e=2c3,1433,203a,276f,16f3f 3e+3c=2aa5
  3e+3e=226b,2a20 3e+3e+3e=22d9 3f=241,294,97d,13ae 5c=2216,27cd,29f5,29f9,31d4,4e36 5c+5c=244a,2cf9 5e=2c4,2c6 5f=7fa
  64+21d=2a4 65+2de=25a 6c+27=5f1 6c+21d=26e 6f+2f+6f=66a,2052 6f+2f+6f+6f=609,2030 6f+2f+6f+6f+6f=60a,2031
  6f+d30+6f=d5f 72+27=491 74+21d=a729 74+283=2a7 79+27=490 7b=2774,1d114 7d=2775 7e=2053,223c,2368,2a6a,2e1e,2e1f
  b6=2e3f b7=1427,16eb,2022,2027,2e31,30fb,a78f,10101 b7+b7+b7=2d48 195=50a 1ab=13bf 21d=10f3,2ccd,a76b 242=ab7e
  24b=1d90 252=1041f 25e=10442 270=57a,1223 277=1043f 278=3c6,424,444,553,1240,16f0,2caa,2cab,102b3 27f=2129
  283=2211,2d49,ab4d 28a=162e,1634,1d7f,2127 298=2609,2a00,2d59,a668,104c3 29a=a79d,1042a 2c1=295 2c7=a67e 2c9=2594
  2c9+62=44a 2c9+62+6c=a650,a651 2cf=375 2f3=3002 3c8=470,471,16d8,2cae,102b5,104d1,104f9 3d7=2ce4 3d9=102ad,10312
  3ed=2cdc 436=496,497 43b=1d2b 459=ab60 4b7=4cb,4cc 4c4=104bc 559=2bf,2d3 571=1294 60c=66c,2e32 61b=2e35 61f=2e2e
  621=6fd 62f=102e1 635=102f2 637=102e8 639=60f 641=6a7 643=6a9,6aa 645=6fe 648=8b1,102e4 649=64a,6cc,8bd 662=6f2,a9cf
  663=6f3,1e8c9 664=6f4 666=6f6 669=6f9,967,118e4 67b=6d0 6a1=66f,8bb,8bc 6ac=762 6af=8b0 754=767,8a9 905+93e=906
  905+93e+946=912 905+93e+947=913 905+93e+948=914 905+946=904 905+949=911 90f+945=90d 90f+946=90e 90f+947=910
  930+94d+907=908 93d=abd 941=ac1 942=ac2 946=a4b 94d=a4d,acd 968=ae8 969=ae9 96a=aea 96e=aee 970=af0 971=d4e
  983=a03,c03,c83,d03,d83,1038 985+9be=986 98b+9c3=9e0,9e1 a05+a3e=a06 a05+a48=a10 a05+a4c=a14 a72+a3f=a07 a72+a40=a08
  a72+a47=a0f a73+a41=a09 a73+a42=a0a a85+abe=a86 a85+abe+ac5=a91 a85+abe+ac7=a93 a85+abe+ac8=a94 a85+ac5=a8d
  a85+ac7=a8f a85+ac8=a90 b05+b3e=b06 b85=bee b88=bb0,bbe b88+bc1=beb b89=be8,d09 b89+bb3=b8a b89+d57=d0a b8e=bed
  b8e+bb5=bf7 b90=b9c,d1c b95=be7 b9a=bea b9a+bc1=bec b9a+bc2=bf2 b9f+bbf=d3a ba3=d23 ba9=bc8 baf=bf0 bb3=bd7 bb4=d34
  bb6=d36 bb7=bf8 bbf=d3f,d40 c05=c85 c06=c86 c07=c87 c0b+c3e=c60 c0c+c3e=c61 c12=c92 c12+c4c=c14,c94 c12+c55=c13,c93
  c1c=c9c c1e=c9e c23=ca3 c2f=caf c31=cb1 c32=cb2 c35+c3e=c39 c35+c41=c2e c41+c3e=c42 c43+c3e=c44 c67=ce7 c68=ce8
  c6f=cef c8c+cbe=ce1 d07+d57=d08 d0e+d46=d10 d12+d3e=d13 d12+d57=d14 d1e=d61 d26+d4d+d30=d6b d28+d41=d0c,d19
  d28+d4d=d6f,d7b d28+d4d+d28=d6c d28+d4d+d2e=d5a d30=d31 d30+d4d=d6a,d7c d35+d4d+d30=d6e d39+d4d+d2e=d76 d41=d42,d43
  d46+d46=d48 da2=dea daf=deb de8+dcf=de9 de8+dd3=def e02=e03 e08=e88 e1a=e9a e1b=e9b e1d=e9d e1e=e9e e1f=e9f e22=e8d
  e2f=17d4 e32=e45 e34=17b7 e35=17b8 e36=17b9 e37=17ba e38=eb8 e39=eb9 e40+e40=e41 e48=ec8,17cb e49=ec9 e4a=eca e4b=ecb
  e4f=17d9 e5a=17d5 e5b=17da f0d+f0d=f0e f62=f6a f68+f7c+f7e=f00 1002+102c=1000 1002+103e=1081 1003+103e=1070
  1015+102c=101f 1015+102c+103e=106f 1015+103e=1066 101e+103c=1029 1041=1065 104a+104a=104b 107d+103e=107e 1206=544
  12ae=53b 1323=54a 1421=14d1 1429=1540 1455=2e26 1489=1603 1490=1602 14d3=1604 14da=1607 1543=1622 1546=1623 154a=1624
  15e1=a4f7 1660=a4ed 16bc=16e1 16bd=16c2 16dc=10294 16e6=104d0 16ef=2d63 17a2=17a3 1835=1855 185c=1896 18f5=18db
  1c7e+1c7e=1c7f 1d0e=376,377,438,48a,48b,10425,1044d 1e9f=3b4,56e,1403,1577,2206,2359,2d60,2e39,10285,102a3,16f1a
  214e=15b5,a4de 2220=1e8c8 2234=2e2b 2235=2e2a 2237=2e2c 276c=27e8,3008,304f,21fe8 276d=27e9,3009 27e6=301a 27e7=301b
  299a=29d9 2c76=370,13a8,13b0,ab80 2cb7=2630 2d40=102b8 2d42=205e,2999,2e3d 2d57=205d,22ee 303c=2341,29c4 3042=3041
  3044=3043 3046=3045 3048=3047 304a=3049 304b=3095 3051=3096 3064=3063 3078=30d8,31f8 3084=3083 3086=3085 3088=3087
  308f=308e 30a2=30a1 30a6=30a5 30af=31f0 30b1=30f6 30b7=31f1 30b9=110c,31f2 30c4=30c3 30d5=1100,2e82,31f7 30db=31f9
  30e4=30e3 30e6=30e5 30e9=31fb 30ea=308a,31fc 30eb=31fd 30ec=31fe 30ef=30ee 353e=2e8b 3588=439b 363d=39b3 38fa=2e97
  3a41=6409 3ada=66f6 3b35=80f6 3b3a=5e50 3b3b=4420 3ba3=69e9 4039=9fc3 403f=6663 4443=6726 46b6=8a1e 4e03=30bb
  4e09=30df 4e2c=2ea6 4e59=31e0 4e5a=2e83,31df 4e5b=31d6 4e80=2ef2 4e85=31da 4e8c=30cb 4e95=30f0 4eba=1109,5165
  4ebb=2e85,30a3,30a4 4f75=5002 5024=503c 5140=2e8e 516b=30cf,31f5 5202=2e89 529b=30ab,30f5 5315=30d2,31f6 5343=30c1
  534d=fd6 5350=fd5 535c=1161,251c,30c8,31f3 53b6=30e0,31fa 53c8=30cc,31f4 53e3=1106,25a1,25a2,25fb,2b1c,30ed,31ff,56d7
  5553=555f 571f=58eb 5861=586b 58ab=58ff 5915=30bf 5aaf=5b00 5c22=2e90 5c23=2e8f 5de5=30a7,30a8 5df1=2e92,5df2,5df3
  672a=672b 5e21=5e32 5e7a=2e93 5f50=30e7,30e8 5f51=2e94 5fc4=2e96 6236=6238 624c=2e98 624d=30a9,30aa 6535=2e99
  6589=2eeb 65e1=2e9b 65e5=66f0 665a=6669 670c=80a6 670f=80d0 6710=80ca 6713=8101 6718=8127 6723=81a7 676e=67ff
  699d=6a27 6b6f=2eed 6b7a=2e9e 6c11=2ea0 6c35=2ea1 6c3a=2ea2 6e88=6f59 706c=2ea3 722b=2ea4 72ad=2ea8 7814=784f
  793b=2ead 7adc=2eef 7cf9=2eaf 7d55=7d76 7f52=2eab,2eb2 7f53=2eb1 8002=2eb9 8080=2eba 80fc=8141 8279=2ebe,2ebf,2ec0
  848d=853f 8637=8641 864e=2ec1 8864=2ec2 897f=2ec4 8980=2ec3 89c1=2ec5 8a2e=8a7d 8b86=8b8f 8ba0=2ec8 8c5c=8c63
  8d1d=2ec9 8d7f=8d86 8de5=8dfa 8e97=8e9b 8eff=8f27 8f66=2ecb 8fb6=2ecc,2ecd 90ce=90de 93ad=93ae 9485=2ed0 9577=2ed1
  9578=2ed2 957f=2ed3 95e8=2ed4 961d=2ecf,2ed6 96b7=96b8 9752=2ed8 97e6=2ed9 9875=2eda 98ce=2edb 98de=2edc 98df=2edd
  98e0=2edf 9963=2ee0 9a6c=2ee2 9b3c=2ee4 9c7c=2ee5 9e42=9e43 9ea6=2ee8 9ec4=2ee9 9ed1=9ed2 9f50=2eec 9f7f=2eee
  9f99=2ef0 a4d5=a7b1 a4f6=10411,16f26 a659=16f1c a669=104eb a727=a795 a73f=37d,3ff a7fb=15b7
`;

/**
 * Maps a letter or sign to what it looks like: Latin letters or digits in lower case where possible, otherwise one
 * character of its own kind.
 */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([
  ...LATIN_ROWS.trim().split("\n").flatMap(latinRow),
  ...OTHER_WORDS.trim().split(/\s+/).flatMap(otherWord),
]);

function latinRow(row: string): [string, string][] {
  const [seen = "", ...points] = row.trim().split(" ");
  return points.map((point) => [letter(point), seen]);
}

function otherWord(word: string): [string, string][] {
  const [seen = "", points = ""] = word.split("=");
  const shown = seen.split("+").map(letter).join("");
  return points.split(",").map((point) => [letter(point), shown]);
}

function letter(hex: string): string {
  return String.fromCodePoint(Number.parseInt(hex, 16));
}
