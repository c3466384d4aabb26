// The package string-width as the bundled programs have it: loaded when the first text is measured that is not plain ASCII. Its
// regular expressions take some 20 ms to be made, which is a tenth of a start.

/** @type {typeof import("string-width").default | undefined} */
let stringWidth;

/** @type {typeof import("string-width").default} */
export default function measure(text, options) {
  stringWidth ??= require("../node_modules/string-width/index.js").default;
  return stringWidth(text, options);
}
