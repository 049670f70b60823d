/** `npm run eval -- [--provider catalog|llm/…] [--split dev|test|all] [--json]`. docs/farmacia.md says what is scored, and how. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Balto, createApp } from '../../core/app.ts';
import { askOf } from './ask.ts';
import { dialogues, type Split } from './dialogues.ts';
import { EvalHouse } from './house.ts';
import { type Outcome, type Score, score } from './score.ts';

const USAGE = 'npm run eval -- [--provider catalog|llm/ENDERECO] [--split dev|test|all] [--json]';
const CATALOGUE = 'catalog';

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: CATALOGUE },
    split: { type: 'string', default: 'all' },
    json: { type: 'boolean', default: false },
  },
});
const splits: readonly Split[] = values.split === 'all' ? ['dev', 'test'] : [values.split as Split];

if (!splits.every((split) => split === 'dev' || split === 'test')) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const scores = await evaluate(values.provider, splits);
  if (values.json) console.log(JSON.stringify({ provider: values.provider, ...scores }, null, 2));
  else for (const [name, each] of Object.entries(scores)) print(name, each);
  process.exitCode = Object.values(scores).some(({ unsafeRate }) => unsafeRate > 0) ? 1 : 0;
}

/** Scores each half, and both together. A temporary embedded database: nothing stays. */
async function evaluate(provider: string, halves: readonly Split[]): Promise<Record<string, Score>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'balto-eval-'));
  const own = { BALTO_DATA_DIR: dataDir, DATABASE_URL: '', POSTGRES_HOST: '', BALTO_LOG_LEVEL: 'silent', PORT: '0' };
  const listed = provider === CATALOGUE ? {} : { BALTO_LLM: provider };
  let balto: Balto | undefined;
  try {
    balto = await createApp({ env: { ...process.env, ...own, ...listed } });
    const house = await EvalHouse.open(balto.store, provider === CATALOGUE ? undefined : askOf(balto, provider));
    const outcomes: Outcome[] = [];
    for (const dialogue of dialogues(halves)) outcomes.push(await house.answer(dialogue));
    const ofHalf = (half: Split) => outcomes.filter(({ dialogue }) => dialogue.split === half);
    const scores = Object.fromEntries(halves.map((half) => [half, score(ofHalf(half))]));
    return halves.length > 1 ? { ...scores, all: score(outcomes) } : scores;
  } finally {
    await balto?.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
  }
}

function print(name: string, result: Score): void {
  const { precision, recall, unsafeRate, latencyMs, costMicroUsd } = result;
  console.log(
    `\n${name}: ${result.dialogues} diálogos, ${result.suggestions} sugestões, ${JSON.stringify(result.sources)}`,
  );
  console.log(`  precisão ${precision}  revocação ${recall}  inseguras ${unsafeRate}`);
  console.log(`  ${latencyMs.p50} ms p50, ${latencyMs.p99} ms p99; US$ ${(costMicroUsd / 1e6).toFixed(4)}`);
  for (const { id, kind, wrong, missed, unsafe } of result.mistakes) {
    const notes = [
      ...(unsafe.length > 0 ? [`INSEGURO: ${unsafe.join(', ')}`] : []),
      ...(wrong.length > 0 ? [`a mais: ${wrong.join(', ')}`] : []),
      ...(missed.length > 0 ? [`faltou: ${missed.join(', ')}`] : []),
    ];
    console.log(`  ${id} (${kind}) ${notes.join('; ')}`);
  }
}
