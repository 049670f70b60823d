import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { VadSettings } from '../audio/settings.ts';
import type { DeclaredAudio } from '../audio/types.ts';
import type { Handshake, ResumeWish } from '../counter/types.ts';
import { parseObject } from './messages.ts';

export type HandshakeResult =
  | { ok: true; apiKey: string; handshake: Handshake; ignored: string[] }
  /** `reason` names the field; pt-BR. */
  | { ok: false; reason: string };

const FORMATS: readonly DeclaredAudio['format'][] = ['pcm_s16le', 'webm', 'ogg', 'wav'];
const LONGEST_KEY = 512;
/** 256 bits in base64url. */
const TOKEN = /^[\w-]{43}$/;

/**
 * Reads the first frame. A listening setting that is wrong is passed over in protocol 1, as devices in the field send
 * what they like, and refused in protocol 2; `audio` is new, so a wrong one is refused in both.
 */
export function parseHandshake(text: string): HandshakeResult {
  const message = parseObject(text);
  if (!message) return refused('esperado um objeto JSON');
  const { comando, api_key: apiKey, protocolo } = message;
  if (comando !== undefined && comando !== 'auth') return refused('comando');
  if (typeof apiKey !== 'string' || apiKey === '' || apiKey.length > LONGEST_KEY) return refused('api_key');
  if (protocolo !== undefined && protocolo !== 1 && protocolo !== 2) return refused('protocolo');
  const protocol = protocolo ?? 1;
  const { vad, wrong } = readVad(message['vad_settings']);
  if (protocol === 2 && wrong[0]) return refused(wrong[0]);
  const audio = readAudio(message['audio']);
  if ('wrong' in audio) return refused(audio.wrong);
  const resume = protocol === 2 ? readResume(message) : {};
  if ('wrong' in resume) return refused(resume.wrong);
  return { ok: true, apiKey, handshake: { protocol, vad, ...audio, ...resume }, ignored: wrong };
}

function refused(field: string): HandshakeResult {
  return { ok: false, reason: `handshake inválido: ${field}` };
}

function readVad(given: unknown): { vad: Handshake['vad']; wrong: string[] } {
  if (given === undefined) return { vad: {}, wrong: [] };
  if (!isObject(given)) return { vad: {}, wrong: ['vad_settings'] };
  const vad: Handshake['vad'] = {};
  const wrong: string[] = [];
  const read = (name: string, schema: TSchema, keep: (value: number) => void) => {
    const value = given[name];
    if (value === undefined) return;
    if (typeof value === 'number' && Value.Check(schema, value)) keep(value);
    else wrong.push(`vad_settings.${name}`);
  };
  const { thresholdMultiplier, minEnergy } = VadSettings.properties;
  read('threshold_multiplier', thresholdMultiplier, (value) => {
    vad.thresholdMultiplier = value;
  });
  read('min_energy_threshold', minEnergy, (value) => {
    vad.minEnergy = value;
  });
  read('min_energy', minEnergy, (value) => {
    vad.minEnergy = value; // after its alias: where both are sent, the documented name wins
  });
  return { vad, wrong };
}

function readAudio(given: unknown): { audio?: DeclaredAudio } | { wrong: string } {
  if (given === undefined || given === null) return {};
  if (!isObject(given)) return { wrong: 'audio' };
  const format = FORMATS.find((known) => known === given['formato']);
  if (!format) return { wrong: 'audio.formato' };
  const { taxa, canais } = given;
  if (taxa !== undefined && !isWhole(taxa, 8000, 192_000)) return { wrong: 'audio.taxa' };
  if (canais !== undefined && !isWhole(canais, 1, 2)) return { wrong: 'audio.canais' };
  return {
    audio: {
      format,
      ...(isWhole(taxa, 8000, 192_000) ? { sampleRateHz: taxa } : {}),
      ...(isWhole(canais, 1, 2) ? { channels: canais } : {}),
    },
  };
}

function readResume({ retomar, desde }: Record<string, unknown>): { resume?: ResumeWish } | { wrong: string } {
  if (retomar === undefined || retomar === null) return {};
  if (typeof retomar !== 'string' || !TOKEN.test(retomar)) return { wrong: 'retomar' };
  if (desde === undefined || desde === null) return { resume: { token: retomar } };
  if (!isWhole(desde, 0, Number.MAX_SAFE_INTEGER)) return { wrong: 'desde' };
  return { resume: { token: retomar, keptFrom: desde } };
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
