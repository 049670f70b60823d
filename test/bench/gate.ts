import { gate } from '../../core/pharmacy/gate.ts';
import { tighteningOf } from '../../core/pharmacy/tightening.ts';
import { data, starter } from '../core/pharmacy/support.ts';
import { type Machine, machine, machineLine } from './machine.ts';

/** Microseconds of one call. */
interface GateRow {
  case: string;
  p50Us: number;
  p99Us: number;
  maxUs: number;
}

export interface GateFigures {
  machine: Machine;
  list: string;
  rows: GateRow[];
}

const CALLS = 5000;
const WARM_UP = 1000;
/** As many as a send hands to the gate. */
const CHOICES = 12;
/** Catalogues whose leaflets nobody has read, a fresh one each call. */
const NEVER_SEEN = 100;
const SAID = 'Olha, acordei com nariz entupido, espirrando, muita febre e dor de cabeça. Tomo losartana e tenho asma.';
const LEAFLET = `Contraindicado para menores de 12 anos. ${'Não use em caso de úlcera, doença renal ou gravidez. '.repeat(60)}`;

/** `npm run bench -- gate`: what one decision about a whole send costs, and what reading who is at the counter costs. */
export function gateBench(say: (line: string) => void): GateFigures {
  const here = machine();
  say(machineLine(here));
  const { otc: list } = data;
  const needs = [...new Set(starter.flatMap(({ indications }) => indications))];
  const leaflet = {
    indication: null,
    contraindication: LEAFLET,
    warnings: LEAFLET,
    interactions: LEAFLET,
    url: null,
    version: '1',
  };
  const withLeaflets = starter.map((each) => ({ ...each, leaflet }));
  const own = (of: string) => (text: string) => `${text.slice(0, -of.length - 1)} ${of}`;
  const withTheirOwn = (mark: string) =>
    starter.map((each) => {
      const texts = ['c', 'a', 'i'].map((field) => own(`${mark}${field}${each.id}`)(LEAFLET));
      const [contraindication = null, warnings = null, interactions = null] = texts;
      return { ...each, leaflet: { ...leaflet, contraindication, warnings, interactions } };
    });
  const eachItsOwn = withTheirOwn('x');
  let nextUnseen = 0;
  const neverSeen = Array.from({ length: NEVER_SEEN }, (_, index) => withTheirOwn(`n${index}`));
  const restrictions = Array.from({ length: 500 }, (_, index) => ({
    id: `r_${index}`,
    kind: 'produto' as const,
    target: String(100_000 + index),
    minAgeYears: null,
    why: 'x',
    by: 'x',
    at: 'x',
  }));
  const ground = (said: string) => ({
    situation: list.situation.read([said], { needs }),
    list,
    tightening: tighteningOf({ items: restrictions }, list.names),
    today: '2026-11-21',
  });
  const choicesAt = (from: number) =>
    Array.from({ length: CHOICES }, (_, index) => ({
      candidateId: starter[(from + index * 7) % starter.length]?.id ?? 0,
      explanation: 'Ajuda a aliviar o nariz entupido, com suavidade.',
      tag: 'outros',
      confidence: 'alta' as const,
    }));
  const [plain, spoken] = [ground('bom dia'), ground(SAID)];
  const long = Array.from({ length: 40 }, () => SAID);
  const rows = [
    measured('12 choices, nothing said that matters', CALLS, (n) => gate(choicesAt(n), starter, plain, data.gate)),
    measured('12 choices, condition and medicine said', CALLS, (n) => gate(choicesAt(n), starter, spoken, data.gate)),
    measured('12 choices with leaflets of 3 × 3,000 characters', CALLS / 10, (n) =>
      gate(choicesAt(n), withLeaflets, spoken, data.gate),
    ),
    measured('12 choices, a leaflet of their own each', CALLS / 10, (n) =>
      gate(choicesAt(n), eachItsOwn, spoken, data.gate),
    ),
    measured('12 choices, leaflets read for the first time', NEVER_SEEN / 2, () =>
      gate(choicesAt(0), neverSeen[nextUnseen++] ?? [], spoken, data.gate),
    ),
    measured('reading two sentences', CALLS / 10, () => list.situation.read([SAID], { needs })),
    measured(`reading ${long.join(' ').length} characters`, CALLS / 100, () => list.situation.read(long, { needs })),
  ];
  for (const row of rows) say(`${row.case}: p50 ${row.p50Us} µs, p99 ${row.p99Us} µs, max ${row.maxUs} µs`);
  return { machine: here, list: list.version, rows };
}

function measured(name: string, calls: number, call: (index: number) => unknown): GateRow {
  for (let index = 0; index < Math.min(WARM_UP, calls); index++) call(index);
  const took: number[] = [];
  for (let index = 0; index < calls; index++) {
    const begun = process.hrtime.bigint();
    call(index);
    took.push(Number(process.hrtime.bigint() - begun) / 1000);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) =>
    Number((took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0).toFixed(1));
  return { case: name, p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1) };
}
