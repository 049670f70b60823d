/** Marks are words of letters: a number in a sentence might be taken for somebody's. */
const MARK = /zq[a-z]+zq/g;
let count = 0;

/** A word that nobody says, never the same twice. */
export function nextMark(): string {
  let text = '';
  for (let rest = ++count; rest > 0; rest = Math.floor(rest / 20)) text += 'abcdefghijklmnoprstu'[rest % 20];
  return `zq${text}zq`;
}

/** All marks of a text, in order. */
export function marksIn(text: string): string[] {
  return text.match(MARK) ?? [];
}
