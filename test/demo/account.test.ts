import t from 'tap';
import type { Script } from '../helpers/conversation.ts';
import { accountOf, accountText, isComplete, percentile } from './account.ts';

const words = (text: string) => text.split(' ').map((word) => ({ text: word, startMs: 0, endMs: 0 }));
const line = (text: string) => ({ speaker: 'cliente' as const, text, startMs: 0, endMs: 0, words: words(text) });
const script: Script = {
  title: '',
  sampleRateHz: 16_000,
  durationMs: 0,
  webmOffsetMs: 0,
  utterances: [line('Bom dia! Bom mesmo.'), line('Quero soro nasal.')],
};

t.test('every word once and in its place is complete, whatever its case and punctuation', async (t) => {
  const account = accountOf(script, ['bom dia bom mesmo', 'Quero SORO nasal']);
  t.equal(accountText(account), '7 de 7 palavras, 0 perdidas, 0 repetidas');
  t.ok(isComplete(account));
});

t.test('a lost word is named and shifts no other', async (t) => {
  const account = accountOf(script, ['Bom dia! Bom mesmo.', 'Quero nasal.']);
  t.same(account.lost, ['soro']);
  t.same(account.repeated, []);
  t.notOk(isComplete(account));
});

t.test('a word heard twice, and one that nobody said, are told apart', async (t) => {
  const account = accountOf(script, ['Bom dia! Bom mesmo.', 'Quero quero soro fresco nasal.']);
  t.same(account.lost, []);
  t.same(account.repeated, ['quero']);
  t.same(account.foreign, ['fresco']);
  t.notOk(isComplete(account));
});

t.test('percentiles are values that were measured', async (t) => {
  t.equal(percentile([30, 10, 20, 40], 50), 20);
  t.equal(percentile([30, 10, 20, 40], 95), 40);
  t.ok(Number.isNaN(percentile([], 50)));
});
