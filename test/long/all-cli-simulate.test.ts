import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { moneyFor } from '../../core/cli/money.ts';
import { cardLines, waterfallLines } from '../../core/cli/simulate-report.ts';
import type { CardSeen } from '../../core/counter/observer.ts';
import { cli } from '../helpers/cli.ts';
import { conversation } from '../helpers/conversation.ts';
import { temporaryFolder } from '../helpers/databases.ts';

const SECONDS = 12;
const folder = await temporaryFolder(t);

t.test('a WAV through the real path, with simulated vendors: utterances, cards, waterfall, nothing left', async (t) => {
  const file = join(folder, 'trecho.wav');
  const temporary = await temporaryFolder(t);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = temporary;
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  await writeFile(file, conversation().wav.subarray(0, 44 + SECONDS * 32_000));
  const env = { MOCK_MODE: '1', MOCK_LATENCY_MIN: '0.01', MOCK_LATENCY_MAX: '0.02' };
  const { code, out, error } = await cli(['simulate', file, '--pace', '10', '--json'], env);
  t.equal(code, 0, error);
  const report = JSON.parse(out) as {
    durationMs: number;
    lostMs: number;
    utterances: { startMs: number; endMs: number; cutReason: string }[];
    cards: { delivery: string; waterfall: Record<string, number>; card: { itens: { sugestao: string }[] } }[];
  };
  t.equal(report.durationMs, SECONDS * 1000);
  t.equal(report.lostMs, 0);
  t.ok(report.utterances.length >= 1);
  for (const { startMs, endMs } of report.utterances)
    t.ok(startMs >= 0 && endMs <= SECONDS * 1000 + 1000 && startMs < endMs);
  t.ok(report.cards.length >= 1);
  t.match(report.cards[0]?.card.itens[0]?.sugestao, /SIMULADO/);
  t.ok((report.cards[0]?.waterfall['stt'] ?? 0) > 0);
  const left = (await readdir(temporary)).filter((name) => name.startsWith('balto-'));
  t.same(left, [], 'its database is gone');
});

t.test('what is no audio is told, before anything is started', async (t) => {
  t.match(await cli(['simulate', join(folder, 'nada.wav')]), { code: 1, error: /ENOENT/ });
  await writeFile(join(folder, 'vazio.wav'), '');
  t.match(await cli(['simulate', join(folder, 'vazio.wav')]), { code: 1, error: /vazio/ });
  await writeFile(join(folder, 'outro.flac'), 'fLaC\0\0\0\x22aaaaaaaaaaaaaaaa');
  t.match(await cli(['simulate', join(folder, 'outro.flac')], { PATH: '' }), {
    code: 1,
    error: /O arquivo tem um formato não suportado: flac/,
  });
});

t.test('who chose a card is said in words', async (t) => {
  const waterfall = { hangOver: 900, decode: 5, vad: 5, stt: 600, context: 0, llm: 480, gate: 2, sent: 8 };
  const seen = { card: null, delivery: 'nada_a_sugerir', reason: null, waterfall, costMicroUsd: 0 };
  const head = (source: string) => cardLines({ ...seen, source } as CardSeen, moneyFor({}))[0];
  t.match(head('none'), /^ {2}cartão \(nada a sugerir, US\$ 0/);
  t.match(head('catalogue'), /^ {2}cartão \(catálogo, nada a sugerir, /);
  t.match(head('llm'), /^ {2}cartão \(modelo, /);
});

t.test('a waterfall: every bar starts where the one before ended', async (t) => {
  const lines = waterfallLines({ hangOver: 900, decode: 5, vad: 5, stt: 600, context: 0, llm: 480, gate: 2, sent: 8 });
  t.equal(lines.length, 9);
  t.match(lines.at(-1), /total +2000 ms/);
  t.match(lines[3], / {18}█{12}$/);
  for (const line of lines) t.ok(line.length <= 70);
});

t.test(
  'a device of protocol 2, its network cut half way: one session, nothing lost, nothing heard twice',
  async (t) => {
    const file = join(folder, 'retomada.wav');
    await writeFile(file, conversation().wav.subarray(0, 44 + SECONDS * 32_000));
    const env = { MOCK_MODE: '1', MOCK_LATENCY_MIN: '0.01', MOCK_LATENCY_MAX: '0.02' };
    const run = async (...more: string[]) => {
      const { code, out, error } = await cli(
        ['simulate', file, '--pace', '4', '--json', '--protocolo', '2', ...more],
        env,
      );
      t.equal(code, 0, error);
      return JSON.parse(out);
    };
    const [whole, cut] = [await run(), await run('--corta')];
    t.match(whole.protocol2, { connections: 1, sessions: 1, cut: null, impossible: [] });
    t.ok(whole.protocol2.acks >= 2 && whole.protocol2.safe > 0);
    t.equal(cut.lostMs, 0);
    t.match(cut.protocol2, { connections: 2, sessions: 1, impossible: [] });
    const { atByte, safe, resumedFrom } = cut.protocol2.cut;
    t.ok(atByte >= (SECONDS * 32_000) / 2 - 4096);
    t.ok(resumedFrom > 0 && resumedFrom >= safe && resumedFrom <= atByte);
    const places = ({ utterances }: { utterances: { startMs: number; endMs: number }[] }) =>
      utterances.map(({ startMs, endMs }) => [startMs, endMs]);
    t.same(places(cut), places(whole), 'the same utterances as without the cut');
    t.ok(cut.protocol2.cards >= 1);
  },
);

t.test('what cannot be asked for is said', async (t) => {
  const file = join(folder, 'retomada.wav');
  t.match(await cli(['simulate', file, '--protocolo', '3']), { code: 1, error: /--protocolo deve ser 1 ou 2/ });
  t.match(await cli(['simulate', file, '--corta']), { code: 1, error: /--corta precisa de --protocolo 2/ });
});
