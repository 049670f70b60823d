import type { SttCapabilities } from '../../contracts/index.ts';
import { SPEC_VERSION } from '../../contracts/index.ts';
import { must } from '../check.ts';
import { propertiesOf } from '../config.ts';
import { type SttCheck, stageOf, sttCheck } from './proof.ts';

/** What the manifest says of the provider. */
export const manifestChecks: readonly SttCheck[] = [
  sttCheck(
    'manifest-named',
    'bronze',
    'The manifest says what it is: kind, ids, titles, models, the contracts it was written for.',
    [],
    async ({ subject: { vendor, provider } }) => {
      must(provider.kind === 'stt', 'kind stt');
      must(provider.vendor === vendor.id, 'the vendor the provider names is the one it came with');
      must(/^[a-z0-9][a-z0-9-]*$/.test(provider.id), 'an id in kebab-case');
      must(provider.title !== '' && vendor.title !== '', 'titles');
      must(vendor.specVersion === SPEC_VERSION, `contract version ${SPEC_VERSION}`);
      must(provider.models.length > 0, 'at least one model');
      const { model } = propertiesOf(provider.settings);
      const first = provider.models[0];
      must(model?.default === undefined || model.default === first, 'the default model is the first of the models');
    },
  ),
  sttCheck(
    'manifest-hosts',
    'silver',
    'The vendor names the hosts a key may be sent to, and every default address is one of them.',
    [({ mode }) => (mode === 'local' ? 'works in this process: no key is sent anywhere' : null)],
    async ({ subject: { vendor, provider } }) => {
      const hosts = vendor.hosts ?? [];
      const defaults = Object.values(propertiesOf(provider.settings)).map((property) => property.default);
      const urls = defaults.filter((each) => typeof each === 'string' && /^(https?|wss?):\/\//.test(each));
      must(hosts.length > 0 || urls.length === 0, 'hosts are named');
      must(
        hosts.every((host) => /^[a-z0-9.*-]+$/.test(host)),
        'hosts are bare names',
      );
      for (const url of urls) {
        const { hostname } = new URL(url as string);
        const isHere = hostname === '127.0.0.1' || hostname === 'localhost';
        must(isHere || hosts.includes(hostname), 'the default address is one of the hosts');
      }
    },
  ),
  sttCheck(
    'capabilities-valid',
    'bronze',
    'The capabilities hold together: languages with Portuguese, rates, chunk sizes, limits, region.',
    [],
    async ({ capabilities }) => mustHoldTogether(capabilities),
  ),
  sttCheck(
    'capabilities-true',
    'bronze',
    'What it states it does: open() is there when it streams, and only then.',
    [],
    async (proof, life) => {
      const { instance } = await stageOf(proof, life);
      must(typeof instance.transcribe === 'function', 'transcribe() is there');
      must((typeof instance.open === 'function') === proof.capabilities.streaming, 'open() is there when it streams');
    },
  ),
];

function mustHoldTogether(stated: SttCapabilities): void {
  for (const flag of ['streaming', 'interim', 'words', 'diarization'] as const) {
    must(typeof stated[flag] === 'boolean', `${flag} true or false`);
  }
  must(
    stated.languages.some((tag) => /^pt(-BR)?$/i.test(tag)),
    'languages with pt or pt-BR',
  );
  must(stated.sampleRates.length > 0 && stated.sampleRates.every((rate) => rate >= 8000), 'sample rates, in Hz');
  must(stated.chunkMs.min > 0 && stated.chunkMs.min <= stated.chunkMs.max, 'chunkMs: 0 < min <= max');
  must(stated.maxSeconds > 0, 'maxSeconds over 0');
  must(stated.minMs === undefined || stated.minMs >= 0, 'minMs from 0');
  must(stated.region !== '', 'a region');
  must(Number.isInteger(stated.maxConcurrent) && stated.maxConcurrent > 0, 'maxConcurrent from 1');
  must(!stated.streaming || stated.maxSessionMs > 0, 'maxSessionMs over 0');
  must(!stated.interim || stated.streaming, 'interim results only where it streams');
  mustBeOneOf(stated.endpointing, ['off', 'vendor'], 'endpointing');
  mustBeOneOf(stated.finalize, ['ack', 'watermark', 'none'], 'finalize');
  mustBeOneOf(stated.pushRate, ['fast', 'realtime'], 'pushRate');
  mustBeOneOf(stated.idle, ['keepalive', 'close'], 'idle');
  mustBeOneOf(stated.billing, ['audio', 'session'], 'billing');
  const { keyterms } = stated;
  must(keyterms === undefined || (keyterms.max > 0 && keyterms.maxChars > 0), 'key terms with limits over 0');
}

function mustBeOneOf(value: string, allowed: readonly string[], what: string): void {
  must(allowed.includes(value), `${what} one of ${allowed.join(', ')}`);
}
