import { readFileSync, writeFileSync } from 'node:fs';
import { loadPrivacyData } from '../../core/privacy/data.ts';
import { Masker, maskText, NO_CLIENT_WORDS } from '../../core/privacy/mask.ts';
import { type Kind, LABELS } from '../../core/privacy/types.ts';
import { card, cnpj, holdsNumber, seeded, telling } from '../helpers/identifiers.ts';
import { emailSaid, namesSaid, plainSentences } from '../helpers/personal-speech.ts';

interface Recall {
  said: number;
  masked: number;
  recall: number;
}

interface Excess {
  said: number;
  masked: number;
}

export interface MaskingFigures {
  cpf: Recall;
  telefone: Recall;
  cnpj: Recall;
  cartao: Recall;
  email: Recall;
  names: Record<string, Recall>;
  /** Sentences without anybody's data in which something was masked all the same. */
  falsePositives: { sentences: Excess; dialogues: Excess };
  microsecondsPerUtterance: number;
}

const data = loadPrivacyData();

/**
 * What masking finds of `n` invented CPFs and telephones, and of names, and what it takes that it should not. One that
 * leaves a single digit or word of a number standing is missed whole. The misses are written to `report`.
 */
export function masking(
  order: { n: number; seed: number; report: string | null },
  say: (line: string) => void,
): MaskingFigures {
  const random = seeded(order.seed);
  const misses: string[] = [];
  const startedAt = performance.now();
  let utterances = 0;
  const measure = (kind: 'cpf' | 'telefone', count: number): Recall => {
    let masked = 0;
    for (let index = 0; index < count; index++) {
      const { form, utterances: said } = telling(random, kind);
      const masker = new Masker(data, () => NO_CLIENT_WORDS);
      const kept = said.map((each) => masker.next(each).text);
      utterances += said.length;
      if (kept.some(holdsNumber)) misses.push(`${form}: ${said.join(' | ')} → ${kept.join(' | ')}`);
      else masked += 1;
    }
    return rate(count, masked);
  };
  const alone = (kind: Kind, count: number, make: () => string): Recall => {
    let masked = 0;
    for (let index = 0; index < count; index++) {
      const said = make();
      const kept = maskText(said, data).text;
      if (kept.includes(LABELS[kind]) && !holdsNumber(kept)) masked += 1;
      else misses.push(`${kind}: ${said} → ${kept}`);
    }
    return rate(count, masked);
  };
  const cpf = measure('cpf', order.n);
  const telefone = measure('telefone', order.n);
  const microsecondsPerUtterance = Number((((performance.now() - startedAt) * 1000) / utterances).toFixed(1));
  const tenth = Math.ceil(order.n / 10);
  const figures: MaskingFigures = {
    cpf,
    telefone,
    cnpj: alone('CNPJ', tenth, () => `o CNPJ da loja é ${written(cnpj(random))}`),
    cartao: alone('CARTAO', tenth, () => `anota o cartão ${card(random).replace(/(\d{4})(?=\d)/g, '$1 ')}`),
    email: emailRecall(tenth, random, misses),
    names: nameRecall(tenth, random, misses),
    falsePositives: falsePositives(misses),
    microsecondsPerUtterance,
  };
  tell(figures, say);
  if (order.report) writeFileSync(order.report, `${misses.join('\n')}\n`);
  return figures;
}

function emailRecall(count: number, random: () => number, misses: string[]): Recall {
  let masked = 0;
  for (let index = 0; index < count; index++) {
    const { said, secret } = emailSaid(random);
    const kept = maskText(said, data).text.toLowerCase();
    if (secret.every((part) => !kept.includes(part.toLowerCase()))) masked += 1;
    else misses.push(`EMAIL: ${said} → ${kept}`);
  }
  return rate(count, masked);
}

function nameRecall(count: number, random: () => number, misses: string[]): Record<string, Recall> {
  const tally: Record<string, { said: number; masked: number }> = {};
  for (let index = 0; index < count; index++) {
    const { said, name, form } = namesSaid(random);
    const kept = maskText(said, data).text.toLowerCase();
    const found = tally[form] ?? { said: 0, masked: 0 };
    tally[form] = found;
    found.said += 1;
    const isGone = name
      .toLowerCase()
      .split(' ')
      .every((part) => !kept.split(/[^\p{L}]+/u).includes(part) || part.length < 3);
    if (isGone) found.masked += 1;
    else misses.push(`NOME, ${form}: ${said} → ${kept}`);
  }
  return Object.fromEntries(Object.entries(tally).map(([form, { said, masked }]) => [form, rate(said, masked)]));
}

function falsePositives(misses: string[]): MaskingFigures['falsePositives'] {
  const { sentences, dialogues } = plainSentences((path) => readFileSync(path, 'utf8'));
  const excess = (said: readonly string[]): Excess => {
    const masked = said
      .map((text) => ({ text, kept: maskText(text, data) }))
      .filter(({ kept }) => isMasked(kept.counts));
    misses.push(...masked.map(({ text, kept }) => `a mais: ${text} → ${kept.text}`));
    return { said: said.length, masked: masked.length };
  };
  return { sentences: excess(sentences), dialogues: excess(dialogues) };
}

function isMasked(counts: object): boolean {
  return Object.keys(counts).length > 0;
}

function written(digits: string): string {
  return digits.replace(/^(\d{2})(\d{3})(\d{3})(\d{4})(\d{2})$/, '$1.$2.$3/$4-$5');
}

function rate(said: number, masked: number): Recall {
  return { said, masked, recall: Number((masked / said).toFixed(4)) };
}

function tell(
  { names, falsePositives, microsecondsPerUtterance, ...kinds }: MaskingFigures,
  say: (line: string) => void,
): void {
  for (const [kind, { said, masked, recall }] of Object.entries(kinds))
    say(`${kind}: ${masked} de ${said} (${percent(recall)})`);
  for (const [form, { said, masked, recall }] of Object.entries(names)) {
    say(`nome, ${form}: ${masked} de ${said} (${percent(recall)})`);
  }
  for (const [where, { said, masked }] of Object.entries(falsePositives)) say(`a mais, ${where}: ${masked} de ${said}`);
  say(`${microsecondsPerUtterance} µs por fala`);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
