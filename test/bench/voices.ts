import { execFileSync } from 'node:child_process';
import { setImmediate } from 'node:timers/promises';
import { decodeUpload, prepareDecoders } from '../../core/audio/decode/index.ts';
import { matchVoice } from '../../core/counter/voice-match.ts';
import { loadSpeakerModels, thresholdsOf } from '../../core/counter/voice-models.ts';
import { MODEL, vendor } from '../../plugins/acoustic-voice/config.ts';
import { voiceprintOf } from '../../plugins/acoustic-voice/voiceprint.ts';
import { SILENT } from './recording.ts';

/** Variants of espeak-ng's Portuguese voice. Those in even places made the plugin's constants; the others are measured. */
const VARIANTS =
  'Adam Alex Alicia Andrea Andy Annie Antonio Auntie Belinda Benjamin Boris Caleb David Denis Diogo Ed Edward Gene Gustave Henrique Hugo Jacky John Kaukovalta Lee Linda Marcelo Marco Mario Michael Michel Miguel Mike Nguyen Pablo Paul Pedro Quincy Rob Robert Steph Travis Zac anika anxiousAndy f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 m8 grandma grandpa croak klatt klatt2 klatt3 norbert sandro shelby victor'.split(
    ' ',
  );
const ENROLLED = [
  'Bom dia, em que posso ajudar a senhora hoje?',
  'Esse aqui é bem procurado para dor de cabeça, é só seguir a bula.',
  'A senhora tem cadastro na loja? Pode me dizer o telefone, por favor.',
];
const SAID = [
  'Temos também o genérico, que sai mais em conta neste mês.',
  'Vou chamar a farmacêutica para conversar com o senhor, só um instante.',
  'O protetor solar está na prateleira do lado, perto dos hidratantes.',
  'Vai pagar no cartão ou no dinheiro? A sacola é por nossa conta.',
];
const TEAM = 4;
const TEAMS = 500;
const SNR_DB = 15;
const QUIETEST_DB = 30;
const { signal } = new AbortController();

/** How a voice was told: rates over all that was said. */
export interface VoiceFigures {
  voices: number;
  /** Of what employees said: themselves, a colleague, nobody. */
  employees: { right: number; wrong: number; nobody: number };
  /** Of what strangers said: taken for an employee. */
  strangersNamed: number;
  /** Where as many pairs of one voice are below as pairs of two are above, over single sentences. */
  equalErrorRate: number;
  cpuMsPerSecond: number;
  longestTurnMs: number;
}

/** The acoustic hint on synthetic voices that are in none of its constants, with noise at 15 dB. Needs espeak-ng. */
export async function voices(say: (line: string) => void, seed = 1): Promise<VoiceFigures> {
  await prepareDecoders();
  const people = [];
  const random = randomOf(seed);
  const cost = { ms: 0, seconds: 0, longestMs: 0 };
  for (const variant of VARIANTS.filter((_, index) => index % 2 === 1)) {
    const enrolled = await measure(await spoken(variant, ENROLLED.join(' '), 165), cost);
    const said: Float32Array[] = [];
    for (const text of SAID) {
      const vector = await measure(noisy(await spoken(variant, text, 180), random), cost);
      if (vector) said.push(vector);
    }
    if (enrolled && said.length === SAID.length) people.push({ enrolled, said });
    // The first one compiles.
    if (people.length <= 1) cost.longestMs = 0;
  }
  const figures: VoiceFigures = {
    voices: people.length,
    ...tell(people, random),
    equalErrorRate: equalErrorRate(people.map(({ said }) => said)),
    cpuMsPerSecond: round(cost.ms / cost.seconds, 1),
    longestTurnMs: round(cost.longestMs, 1),
  };
  report(figures, say);
  return figures;
}

type Person = { enrolled: Float32Array; said: Float32Array[] };

/** Teams at random: their own sentences, and those of everybody else. */
function tell(people: readonly Person[], random: () => number): Pick<VoiceFigures, 'employees' | 'strangersNamed'> {
  const thresholds = thresholdsOf(`speaker/${vendor.id}:${MODEL}`, loadSpeakerModels(), {});
  const count = { right: 0, wrong: 0, nobody: 0, ofEmployees: 0, named: 0, ofStrangers: 0 };
  for (let team = 0; team < TEAMS; team++) {
    const order = people.map((person, id) => ({ id, ...person, at: random() })).sort((a, b) => a.at - b.at);
    const employees = order.slice(0, TEAM).map(({ id, enrolled }) => ({ id, name: String(id), vector: enrolled }));
    for (const [place, { id, said }] of order.entries()) {
      for (const vector of said) {
        const { employee } = matchVoice(vector, employees, thresholds, true);
        if (place >= TEAM) {
          count.ofStrangers += 1;
          if (employee) count.named += 1;
        } else {
          count.ofEmployees += 1;
          count[employee === null ? 'nobody' : employee.id === id ? 'right' : 'wrong'] += 1;
        }
      }
    }
  }
  const share = (part: number) => round(part / count.ofEmployees, 3);
  const employees = { right: share(count.right), wrong: share(count.wrong), nobody: share(count.nobody) };
  return { employees, strangersNamed: round(count.named / count.ofStrangers, 3) };
}

function equalErrorRate(people: readonly (readonly Float32Array[])[]): number {
  const same: number[] = [];
  const other: number[] = [];
  const clips = people.flatMap((said, person) => said.map((vector) => ({ person, vector })));
  for (const [index, a] of clips.entries()) {
    for (const b of clips.slice(0, index)) {
      const [score] = matchVoice(
        a.vector,
        [{ id: 0, name: '', vector: b.vector }],
        { score: 0, margin: 0 },
        true,
      ).scores;
      (a.person === b.person ? same : other).push(score?.score ?? 0);
    }
  }
  const share = (values: number[], holds: (value: number) => boolean) => values.filter(holds).length / values.length;
  let best = 1;
  for (let threshold = -1; threshold < 1; threshold += 0.01) {
    const error = Math.max(
      share(same, (value) => value < threshold),
      share(other, (value) => value >= threshold),
    );
    best = Math.min(best, error);
  }
  return round(best, 3);
}

async function spoken(variant: string, text: string, speed: number): Promise<Int16Array> {
  const wav = execFileSync('espeak-ng', ['-v', `pt-br+${variant}`, '-s', String(speed), '--stdout', text], {
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 1 << 26,
  });
  return decodeUpload(wav, { log: SILENT, ffmpegPath: null, maxSeconds: 60 });
}

/** Low-passed noise, as of a shop. */
function noisy(pcm: Int16Array, random: () => number): Int16Array {
  const power = pcm.reduce((sum, value) => sum + value * value, 0) / pcm.length;
  const level = Math.sqrt((power / 10 ** (SNR_DB / 10)) * 17);
  let before = 0;
  return pcm.map((value) => {
    before = 0.7 * before + 0.3 * (random() * 2 - 1) * level;
    return Math.max(-32_768, Math.min(32_767, value + before));
  });
}

/** The vector, and what it costs the thread that audio shares. */
async function measure(pcm: Int16Array, cost: { ms: number; seconds: number; longestMs: number }) {
  const state = { isOver: false };
  const turns = (async () => {
    // CPU, not wall time: what others do on this machine is not ours.
    for (let before = process.cpuUsage(); !state.isOver; before = process.cpuUsage()) {
      await setImmediate();
      const { user, system } = process.cpuUsage(before);
      cost.longestMs = Math.max(cost.longestMs, (user + system) / 1000);
    }
  })();
  const before = process.cpuUsage();
  const vector = await voiceprintOf(pcm, QUIETEST_DB, signal);
  const { user, system } = process.cpuUsage(before);
  state.isOver = true;
  await turns;
  cost.ms += (user + system) / 1000;
  cost.seconds += pcm.length / 16_000;
  return vector;
}

function report(
  { voices: count, employees, strangersNamed, ...rest }: VoiceFigures,
  say: (line: string) => void,
): void {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  say(`${count} synthetic voices, ${TEAMS} teams of ${TEAM}, noise at ${SNR_DB} dB`);
  say(
    `employees: right ${percent(employees.right)}, a colleague ${percent(employees.wrong)}, nobody ${percent(employees.nobody)}`,
  );
  say(`strangers taken for an employee: ${percent(strangersNamed)}`);
  say(`equal error rate of single sentences: ${percent(rest.equalErrorRate)}`);
  say(`CPU ${rest.cpuMsPerSecond} ms per second of audio, longest turn ${rest.longestTurnMs} ms`);
}

/** Park and Miller, 1988. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
