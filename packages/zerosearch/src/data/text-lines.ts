/**
 * The lines of a text, one by one. Node's `readline` also breaks at U+2028 and U+2029, which JSON strings may hold as
 * they are.
 */

/**
 * Lines without their ends, `\n` or `\r\n`. A byte order mark is left out, and so is what follows the last line's end, if
 * nothing does.
 *
 * @param bytes  pieces of UTF-8, such as `createReadStream(path)` or `process.stdin`
 * @throws {TypeError} they are no UTF-8
 */
export async function* textLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest;
}
