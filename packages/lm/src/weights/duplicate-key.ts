/** Finds what JSON.parse hides: of two equal keys it keeps the last and says nothing. */

/**
 * The first key that an object of a JSON text has twice, compared after unescaping.
 *
 * @param json  text that JSON.parse accepts; anything else gives a meaningless answer
 * @returns undefined if there is none
 */
export function duplicateKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === '"') {
      const end = endOfString(json, i);
      const keys = open.at(-1);
      if (keys && isFollowedByColon(json, end)) {
        const key: string = JSON.parse(json.slice(i, end));
        if (keys.has(key)) return key;
        keys.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** The index after the closing quote of the string that starts at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === "\\" ? 2 : 1;
  return i + 1;
}

function isFollowedByColon(json: string, index: number): boolean {
  let i = index;
  while (/[ \t\n\r]/.test(json.charAt(i))) i++;
  return json[i] === ":";
}
