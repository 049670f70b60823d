/** `npm run bench -- chain|latency|plugins|failover|faults|gate|routing|runtime|export|masking|import|retrieval|voices|interactions-search|simulate|panel-load|panel-live [--json] [--n 50,100,150] [--seconds 40]`. README.md says what is measured, and how. */
import { parseArgs } from 'node:util';
import { chain } from './chain.ts';
import { exported } from './export.ts';
import { failover } from './failover.ts';
import { faults } from './faults.ts';
import { gateBench } from './gate.ts';
import { imports } from './import.ts';
import { interactionsSearch } from './interactions-search.ts';
import { latency } from './latency.ts';
import { masking } from './masking.ts';
import { panelLive } from './panel-live.ts';
import { panelLoad } from './panel-load.ts';
import { plugins } from './plugins.ts';
import { retrieval } from './retrieval.ts';
import { routing } from './routing.ts';
import { runtime } from './runtime.ts';
import { simulate } from './simulate.ts';
import { voices } from './voices.ts';

const USAGE =
  'npm run bench -- chain|latency|plugins|failover|faults|gate|routing|runtime|export|masking|import|retrieval|voices|interactions-search|simulate|panel-load|panel-live [--json] [--n 50,100,150] [--seconds 40] [--profile FOLDER] [--runs 7] [--faults 1000] [--seed 1] [--report FILE] [--rows 100000]';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    n: { type: 'string' },
    seconds: { type: 'string', default: '40' },
    profile: { type: 'string' },
    runs: { type: 'string', default: '7' },
    faults: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
    rows: { type: 'string', default: '100000' },
  },
});

const say = values.json ? () => {} : (line: string) => console.log(line);
/** An hour of the live view takes five minutes. */
const SPEED = 12;
/** Counters, or live sessions. */
const DEFAULT_COUNTS: Record<string, string> = { latency: '100', plugins: '50' };
const counts = (values.n ?? DEFAULT_COUNTS[positionals[0] ?? ''] ?? '50,100,150').split(',').map(Number);
const seconds = Number(values.seconds);
const runs = Number(values.runs);
const isValid = [...counts, runs].every((n) => Number.isInteger(n) && n > 0) && seconds > 0;

if (positionals[0] === 'chain' && isValid) {
  const figures = await chain({ counts, seconds, profileTo: values.profile ?? null }, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'latency' && isValid && counts.length === 1) {
  const figures = await latency({ n: counts[0] ?? 0, seconds }, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'plugins' && isValid && counts.length === 1) {
  const figures = await plugins({ runs, calls: 500, streams: counts[0] ?? 0, seconds }, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'failover') {
  const figures = await failover(say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'faults' && Number(values.faults) > 0) {
  const order = { faults: Number(values.faults), seed: Number(values.seed), report: values.report ?? null };
  const figures = await faults(order, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'panel-load' && isValid) {
  const figures = await panelLoad(runs, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'panel-live' && isValid) {
  const order = { counters: Number(values.n ?? 200), seconds, speed: SPEED, minutes: 60 };
  const figures = await panelLive(order, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'masking') {
  const order = { n: Number(values.n ?? 5000), seed: Number(values.seed), report: values.report ?? null };
  const figures = masking(order, say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'import') {
  const figures = await imports(Number(values.n ?? 25_000), say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'export') {
  const figures = await exported(Number(values.rows), say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'gate') {
  const figures = gateBench(say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'routing') {
  const figures = routing(say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'runtime') {
  const figures = await runtime(say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'voices') {
  const figures = await voices(say, Number(values.seed));
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'interactions-search') {
  const figures = await interactionsSearch(Number(values.n ?? 1_000_000), say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'simulate') {
  const figures = await simulate(Number(values.n ?? 1_000_000), say);
  if (values.json) console.log(JSON.stringify(figures));
} else if (positionals[0] === 'retrieval') {
  const figures = await retrieval(say);
  if (values.json) console.log(JSON.stringify(figures));
} else {
  console.error(USAGE);
  process.exitCode = 2;
}
