import type { Contracts, Kind } from '../../contracts/index.ts';
import { type Check, type Life, must, type Tier } from '../check.ts';
import type { EmulatorOptions } from '../emulator/index.ts';
import type { Expected } from '../expect.ts';
import { modeOf, type Proof, withoutEmulator } from '../proof.ts';
import { type Stage, type StageSetting, setStage } from '../stage.ts';
import { type KitOptions, type KitSubject, settingsOf } from '../subject.ts';

/** One run of a suite of a kind that asks a vendor over HTTP. */
export interface RemoteProof<K extends Kind, Options extends EmulatorOptions = EmulatorOptions>
  extends Proof<KitSubject<K, Options>> {
  capabilities: Contracts[K]['capabilities'];
}

export type RemoteCheck<K extends Kind> = Check<RemoteProof<K>>;
export type Need<K extends Kind> = (proof: RemoteProof<K>) => string | null;

/** One way to ask a provider of a kind: the checks about faults and aborts are made for each. */
export interface Way<K extends Kind> {
  /** Start of the checks' ids: `complete` makes `complete-refused`. */
  id: string;
  /** Start of the checks' titles. */
  title: string;
  needs: readonly Need<K>[];
  /** Asks for something a right vendor answers, to the end of the answer. */
  ask(stage: Stage<K>, signal: AbortSignal): Promise<unknown>;
  /** Whether the whole answer is one JSON text; else an answer in pieces may also be taken for one that was cut. */
  isJson: boolean;
  /** Whether the answer is raw bytes: then nothing in it can be malformed. */
  isRaw?: boolean;
}

/** What differs from kind to kind in the checks all of them share. */
export interface RemoteSuite<K extends Kind> {
  kind: K;
  ways: readonly Way<K>[];
  /** What neither an error nor a log line may show: the kit's own question and answer. */
  hidden: readonly (string | RegExp)[];
}

export const emulated = (proof: Pick<Proof, 'mode'>): string | null => withoutEmulator(proof);

/** A check, written short; the first need that is not met exempts. */
export function remoteCheck<K extends Kind>(
  id: string,
  tier: Tier,
  title: string,
  needs: readonly Need<K>[],
  run: (proof: RemoteProof<K>, life: Life) => Promise<void>,
): RemoteCheck<K> {
  const exempt = (proof: RemoteProof<K>) => needs.map((need) => need(proof)).find((reason) => reason !== null) ?? null;
  return { id, title, tier, exempt, run };
}

export const live = (): AbortSignal => new AbortController().signal;

/** A fresh provider before a fresh vendor. */
export function stageOf<K extends Kind, Options extends EmulatorOptions>(
  proof: RemoteProof<K, Options>,
  life: Life,
  given: StageSetting = {},
  options: Options = {} as Options,
): Promise<Stage<K>> {
  return setStage(proof, life, options, given);
}

/** The emulator's side; checks that use it need {@link emulated}. */
export function vendorOf<K extends Kind>(stage: Stage<K>): NonNullable<Stage<K>['emulator']> {
  must(stage.emulator !== undefined, 'an emulator');
  return stage.emulator;
}

/** What a broken answer must be taken for. */
export function unreadable<K extends Kind>({ isJson }: Way<K>): Expected {
  return isJson ? { code: 'protocol', blame: 'vendor' } : { code: ['protocol', 'connection', 'server', 'output'] };
}

export function proofOf<K extends Kind, Options extends EmulatorOptions>(
  subject: KitSubject<K, Options>,
  options: KitOptions,
): RemoteProof<K, Options> {
  const mode = modeOf(subject, options);
  const { capabilities: stated } = subject.provider;
  const settings = { ...settingsOf(subject), ...options.live?.settings };
  const capabilities = typeof stated === 'function' ? stated(settings) : stated;
  const patienceMs = options.patienceMs ?? (mode === 'emulator' ? 3000 : 30_000);
  return { subject, mode, live: options.live, patienceMs, capabilities };
}
