import { BaltoError } from '../contracts/index.ts';
import type { ConfigDrafts } from '../store/config-drafts.ts';
import type { ConfigDraft } from '../store/config-drafts-table.ts';
import { type ConfigSnapshot, nextSnapshot } from '../store/config-snapshot.ts';
import type { ConfigChange, Place } from '../store/config-table.ts';
import type { Activated, Author, ConfigVersions } from '../store/config-versions.ts';
import type { LiveConfig } from '../store/live-config.ts';
import type { VendorCredentials } from '../store/vendor-credentials.ts';
import { type CanaryAsked, canaryChanges, canaryCounters, withdrawn } from './canary.ts';
import { type ChangeCheck, ChangeChecks, type ChangesChecked } from './change-checks.ts';
import type { Configuration } from './client-config.ts';
import type { RuleNote } from './rule-notes.ts';
import { note } from './section-checks.ts';

/** What changes of the configuration go through. */
export interface ConfigChangesOptions extends Omit<ChangeCheck, 'configuration'> {
  configuration: Pick<Configuration, 'whatIf' | 'problems'>;
  versions: ConfigVersions;
  drafts: ConfigDrafts;
  credentials: VendorCredentials;
  live: LiveConfig;
}

/** A draft with what its validation found. */
export interface ValidatedDraft extends ConfigDraft {
  validation: ChangesChecked | null;
}

/**
 * How the configuration is changed: a draft is validated (schemas, capabilities, keys asked at their vendors, nobody left
 * without a candidate), and becomes the next version in one transaction. What returns from here is in force in this process,
 * and within a second in the others.
 */
export class ConfigChanges {
  readonly #options: ConfigChangesOptions;
  readonly #checks: ChangeChecks;

  constructor(options: ConfigChangesOptions) {
    this.#options = options;
    this.#checks = new ChangeChecks(options);
  }

  /** Keeps changes for later; nothing is validated yet. @param baseVersion default: what is in force now. */
  async draft(input: Place & { changes: ConfigChange[]; author: string; baseVersion?: number }): Promise<ConfigDraft> {
    const baseVersion = input.baseVersion ?? (await this.#options.versions.newest());
    return await this.#options.drafts.create({ ...input, baseVersion });
  }

  /** Keeps one change as a draft, validated: what a REST door does that is asked not to activate. */
  async keep(place: Place, change: ConfigChange, by: Author, baseVersion?: number): Promise<ValidatedDraft> {
    const base = baseVersion === undefined ? {} : { baseVersion };
    const { id } = await this.draft({ ...place, changes: [change], author: by.actor, ...base });
    return await this.validate(id);
  }

  /** What is wrong with a draft, and what looks wrong; kept with it. @throws BaltoError `BALTO_CONFIG_DRAFT_UNKNOWN` (404). */
  async validate(draftId: string): Promise<ValidatedDraft> {
    const { drafts } = this.#options;
    const draft = await this.#draft(draftId);
    const validation = await this.check(draft.changes);
    await drafts.validated(draftId, validation, validation.errors.length === 0 ? 'valid' : 'refused');
    return (await this.#draft(draftId)) as ValidatedDraft;
  }

  /**
   * Puts a draft in force; one that was not validated is validated first.
   * @throws BaltoError the first error of the validation; `BALTO_CONFIG_STALE` (412); `BALTO_CONFIG_DRAFT_USED` (409);
   * `BALTO_CONFIG_DRAFT_UNKNOWN` (404).
   */
  async activate(draftId: string, by: Author): Promise<Activated & { warnings: ChangesChecked['warnings'] }> {
    // What was right when it was validated may not be now: a key may be gone, a rule of somebody else new.
    const draft = await this.validate(draftId);
    const { validation, changes, baseVersion, state } = draft;
    if (state === 'active' || state === 'discarded') throw usedDraft();
    const { errors = [], warnings = [] } = validation ?? {};
    refuse(errors);
    // Where it was tried first it stands for everyone now.
    const tried = withdrawn(draft, this.#options.live.snapshot());
    const activated = await this.#apply(() =>
      this.#options.versions.activate({
        ...by,
        changes: [...changes, ...tried],
        unchangedSince: baseVersion,
        draftId,
      }),
    );
    return { ...activated, warnings };
  }

  /**
   * Puts a draft in force at some counters first: those named, or a share of all that have no choice of their own.
   * @throws BaltoError as {@link activate}; `BALTO_CONFIG_CANARY` (422) where a draft cannot be tried so.
   */
  async startCanary(draftId: string, asked: CanaryAsked, by: Author): Promise<ValidatedDraft> {
    const draft = await this.validate(draftId);
    refuse(draft.validation?.errors ?? []);
    if (draft.state !== 'valid') throw usedDraft();
    const { live, versions } = this.#options;
    const known = await this.#options.counters(draft.clientId === null ? null : [draft.clientId]);
    const { counters, of } = canaryCounters(draft, asked, known, live.snapshot());
    const changes = canaryChanges(draft, counters);
    refuse((await this.check(changes)).errors);
    const { baseVersion: unchangedSince, changes: standingOn } = draft;
    const canary = { draftId, counterIds: counters.map(({ counterId }) => counterId), of };
    await this.#apply(() => versions.activate({ ...by, changes, unchangedSince, standingOn, canary }));
    return (await this.#draft(draftId)) as ValidatedDraft;
  }

  /** Takes a draft back from the counters it was tried at; what somebody else put there since stays. */
  async endCanary(draftId: string, by: Author): Promise<ConfigDraft> {
    const draft = await this.#draft(draftId);
    const { live, versions, drafts } = this.#options;
    await live.refresh();
    const changes = withdrawn(draft, live.snapshot());
    if (changes.length > 0) await this.#apply(() => versions.activate({ ...by, changes }));
    await drafts.endCanary(draftId);
    return await this.#draft(draftId);
  }

  /** Draft, validation and activation in one: what the REST doors' single call does. @throws as {@link activate}. */
  async change(
    changes: ConfigChange[],
    by: Author,
    unchangedSince?: number,
  ): Promise<Activated & { warnings: ChangesChecked['warnings'] }> {
    const { errors, warnings } = await this.check(changes);
    refuse(errors);
    const since = unchangedSince === undefined ? {} : { unchangedSince };
    const activated = await this.#apply(() => this.#options.versions.activate({ ...by, changes, ...since }));
    return { ...activated, warnings };
  }

  /**
   * The state of an older version, of everything or of one client, as a new one. It asks nobody and refuses nothing: who
   * goes back is in a hurry. What of it cannot be used any more (a key, a provider) is told as warnings.
   * @throws BaltoError `BALTO_CONFIG_VERSION_UNKNOWN` (404).
   */
  async rollback(
    to: number,
    by: Author & { clientId?: string; keep?: readonly string[] },
  ): Promise<Activated & { warnings: RuleNote[] }> {
    const activated = await this.#apply(() => this.#options.versions.rollback(to, by));
    const places = new Map(activated.changed.map((each) => [`${each.clientId}/${each.counterId}`, each]));
    const problems = [...places.values()].flatMap(({ clientId, counterId }) =>
      this.#options.configuration.problems(clientId ?? '', counterId),
    );
    return { ...activated, warnings: problems.map(({ section, reason }) => note('UNUSABLE', section, reason)) };
  }

  /** Validates changes that nobody has kept. @param options `probe` false: without asking vendors about keys. */
  async check(changes: ConfigChange[], options: { probe?: boolean } = {}): Promise<ChangesChecked> {
    const { live } = this.#options;
    await live.refresh();
    const before = live.snapshot();
    return await this.#checks.check(changes, { before, after: await this.preview(changes) }, options);
  }

  /** The configuration as it would be with these changes; in force nowhere. */
  async preview(changes: readonly ConfigChange[]): Promise<ConfigSnapshot> {
    const { live, credentials } = this.#options;
    const before = live.snapshot();
    const version = before.version + 1;
    const items = changes.map((change) => ({ ...change, version }));
    return await nextSnapshot(before, version, items, (ids) => credentials.open(ids));
  }

  /** Whoever asked for a change finds it in force when the answer comes. */
  async #apply(write: () => Promise<Activated>): Promise<Activated> {
    const activated = await write();
    await this.#options.live.refresh();
    return activated;
  }

  async #draft(id: string): Promise<ConfigDraft> {
    const draft = await this.#options.drafts.byId(id);
    if (draft) return draft;
    throw new BaltoError({
      code: 'BALTO_CONFIG_DRAFT_UNKNOWN',
      message: 'Não há esse rascunho.',
      statusCode: 404,
    });
  }
}

function refuse([first]: ChangesChecked['errors']): void {
  if (!first) return;
  throw new BaltoError({ code: first.code, field: first.field, message: `${first.field}: ${first.message}` });
}

function usedDraft(): BaltoError {
  return new BaltoError({
    code: 'BALTO_CONFIG_DRAFT_USED',
    message: 'Este rascunho já entrou em vigor ou foi abandonado.',
    statusCode: 409,
  });
}
