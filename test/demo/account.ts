import type { Script } from '../helpers/conversation.ts';

/** The words of the script against the words heard, each in its order. */
export interface WordAccount {
  inScript: number;
  /** Words of the script that were heard, each once and in its place. */
  heard: number;
  /** Words of the script that nobody heard. */
  lost: string[];
  /** Their places among the words of the script. */
  lostAt: number[];
  /** Words heard more often than they were said. */
  repeated: string[];
  /** Words heard that nobody said. */
  foreign: string[];
}

/** Compares what was heard, in the order spoken, with the script. Case and punctuation do not count. */
export function accountOf(script: Script, texts: readonly string[]): WordAccount {
  const said = script.utterances.flatMap(({ words }) => words.map(({ text }) => plain(text)));
  const heard = texts.flatMap((text) => text.split(/\s+/).map(plain)).filter((word) => word !== '');
  const kept = longestCommon(said, heard);
  const lostAt = [...said.keys()].filter((index) => !kept.said.has(index));
  const extra = heard.filter((_, index) => !kept.heard.has(index));
  const known = new Set(said);
  return {
    inScript: said.length,
    heard: kept.said.size,
    lost: lostAt.map((index) => said[index] ?? ''),
    lostAt,
    repeated: extra.filter((word) => known.has(word)),
    foreign: extra.filter((word) => !known.has(word)),
  };
}

/** `124 de 124 palavras, 0 perdidas, 0 repetidas`. */
export function accountText({ inScript, heard, lost, repeated, foreign }: WordAccount): string {
  const others = foreign.length === 0 ? '' : `, ${foreign.length} que ninguém disse`;
  return `${heard} de ${inScript} palavras, ${lost.length} perdidas, ${repeated.length} repetidas${others}`;
}

export function isComplete({ lost, repeated, foreign }: WordAccount): boolean {
  return lost.length + repeated.length + foreign.length === 0;
}

/** Nearest rank: the smallest value that at least `percent` of all do not exceed; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Positions of a longest common subsequence: a lost word shifts nothing, and a repeated one matches only once. */
function longestCommon(said: readonly string[], heard: readonly string[]): { said: Set<number>; heard: Set<number> } {
  const width = heard.length + 1;
  const length = new Uint16Array((said.length + 1) * width);
  const at = (row: number, column: number) => length[row * width + column] ?? 0;
  for (let row = said.length - 1; row >= 0; row--) {
    for (let column = heard.length - 1; column >= 0; column--) {
      const longest =
        said[row] === heard[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      length[row * width + column] = longest;
    }
  }
  const kept = { said: new Set<number>(), heard: new Set<number>() };
  for (let row = 0, column = 0; row < said.length && column < heard.length; ) {
    if (said[row] === heard[column]) {
      kept.said.add(row++);
      kept.heard.add(column++);
    } else if (at(row + 1, column) >= at(row, column + 1)) row++;
    else column++;
  }
  return kept;
}
