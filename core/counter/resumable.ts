import { randomBytes } from 'node:crypto';
import type { HealthChange } from '../runtime/health.ts';
import type { BudgetState } from '../store/budget-claims.ts';
import type { ResumeRecord } from '../store/resume-table.ts';
import { sha256 } from '../store/secrets.ts';
import type { SessionDeps } from './deps.ts';
import { DeviceLink } from './device-link.ts';
import { DEVICE_KEEPS_MS, type SavedConversation } from './saved-conversation.ts';
import { Conversation } from './session.ts';
import type { CounterIdentity, CounterTransport, Handshake, ResumableSession } from './types.ts';

/** What a record holds; another version of the program may not read it. */
export interface ResumeState {
  v: 1;
  handshake: Handshake;
  conversation: SavedConversation;
}

/** Told to devices in `pronto`. */
export interface ResumeLimits {
  /** How long a session waits for its device. */
  windowMs: number;
  maxFrameBytes: number;
  textBytes: number;
}

export interface ResumableParts {
  deps: SessionDeps;
  identity: CounterIdentity;
  handshake: Handshake;
  limits: ResumeLimits;
  /** A token its device already has; absent: a new one. */
  token?: string;
  saved?: SavedConversation;
  /** The session is over; its last rows are in the journal. */
  onOver(session: ResumableConversation): void;
  /** Something is to be written without waiting for its turn. */
  onUrgent(): void;
  /** It waits for its device. */
  onAway(session: ResumableConversation): void;
  /** The server ends: hands the session over, or finishes it where that cannot be. */
  onDrain(session: ResumableConversation): Promise<void>;
}

/** While a session goes on its record is refreshed long before it expires. */
export const RECORD_MARGIN_MS = 15_000;
/** A record is written at most this often, unless a card is on its way. */
const SAVE_EVERY_MS = 1000;
/** Said again once the device has had everything for a while. */
const SAVED_AGAIN_MS = DEVICE_KEEPS_MS / 2;

/**
 * One counter's conversation in protocol 2: it outlives its connections, tells its device what need not be kept any
 * more, and can be gone on with by another process.
 */
export class ResumableConversation implements ResumableSession {
  readonly sessionId: string;
  readonly tokenHash: string;
  readonly identity: CounterIdentity;
  readonly #parts: ResumableParts;
  readonly #token: string;
  readonly #link = new DeviceLink();
  readonly #conversation: Conversation;
  #isFresh = true;
  #isSwitching = false;
  #isOver = false;
  #ending: Promise<void> | null = null;
  #cancelWindow: (() => void) | null = null;
  #awayUntilMs = 0;
  /** Changed since it was saved; a card makes it urgent. */
  #isDirty = true;
  #isUrgent = true;
  #savedAtMs = Number.NEGATIVE_INFINITY;
  /** What another process could go on with. */
  #safe = { byte: 0, positionMs: 0 };
  #acked = { bytes: -1, safe: -1 };

  constructor(parts: ResumableParts) {
    const { deps, identity, handshake, saved } = parts;
    this.#parts = parts;
    this.#token = parts.token ?? randomBytes(32).toString('base64url');
    this.tokenHash = sha256(this.#token);
    this.identity = identity;
    this.#conversation = new Conversation(deps, identity, handshake, this.#link, {
      saved,
      onChange: (isCard) => {
        this.#isDirty = true;
        if (isCard) this.#hurry();
      },
    });
    this.sessionId = this.#conversation.sessionId;
    if (!saved) return;
    this.#safe = { byte: saved.place.point.byte, positionMs: saved.place.ear.position / 16 };
    this.#waitForDevice();
  }

  get isConnected(): boolean {
    return this.#link.isConnected;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  attach(transport: CounterTransport, keptFrom = 0): void {
    if (this.#isOver) {
      transport.close(4000, 'handshake inválido: retomar');
      return;
    }
    this.#cancelWindow?.();
    this.#cancelWindow = null;
    this.#replace(transport);
    const { bytes } = this.#conversation;
    const missed = Math.max(0, keptFrom - bytes);
    this.#link.send(this.#ready(bytes + missed));
    this.#conversation.comeBack(missed);
    this.#isFresh = false;
    this.#isDirty = true;
  }

  detach(transport: CounterTransport): void {
    if (!this.#link.detach(transport) || this.#isOver) return;
    this.#conversation.leave();
    this.#waitForDevice();
    this.#isDirty = true;
    this.#hurry();
    this.#parts.onAway(this);
  }

  audio(bytes: Uint8Array): void {
    if (this.#isSwitching || this.#isOver) return;
    this.#isDirty = true;
    this.#conversation.audio(bytes);
  }

  command(message: Record<string, unknown>): void {
    if (this.#isSwitching || this.#isOver) return;
    this.#isDirty = true;
    this.#conversation.command(message);
  }

  /** `drain` hands the session over to whichever process its device comes to; any other reason ends it. */
  end(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    if (this.#ending && why === 'drain') void this.#conversation.end('drain');
    this.#ending ??= why === 'drain' ? this.#parts.onDrain(this) : this.finish(why);
    return this.#ending;
  }

  /** Nobody comes back: what was heard is finished and stored. */
  async finish(why: 'disconnect' | 'client_end' | 'drain'): Promise<void> {
    this.#stop();
    await this.#conversation.end(why);
    this.#parts.onOver(this);
  }

  /** Another process goes on; see {@link Conversation.handOver}. The record is the last one. */
  async handOver(patience: Promise<unknown>): Promise<ResumeRecord | null> {
    this.#stop();
    const saved = await this.#conversation.handOver(patience);
    return saved && this.#recordOf(saved);
  }

  /** The device's connection belongs to another process, or to nobody. */
  close(code: number, reason: string): void {
    this.#link.close(code, reason);
  }

  /** Tells the device how far it has been heard, and how much of that it need not keep. */
  tick(): void {
    const { bytes } = this.#conversation;
    const { byte } = this.#safe;
    if ((bytes !== this.#acked.bytes || byte !== this.#acked.safe) && this.#link.isConnected) {
      if (this.#link.send({ comando: 'ack', bytes, seguros: byte })) this.#acked = { bytes, safe: byte };
    }
    const behindMs = this.#conversation.heardMs - this.#safe.positionMs;
    if (behindMs > DEVICE_KEEPS_MS) this.#conversation.news.unsaved(behindMs);
    else if (behindMs < SAVED_AGAIN_MS) this.#conversation.news.unsaved(0);
  }

  /** What is to be written now; null: nothing new, or it was written a moment ago. `written` is called once it is. */
  due(): { record: ResumeRecord; written: () => void } | null {
    const now = this.#parts.deps.clock.now();
    if (!this.#isDirty || this.#isOver || (!this.#isUrgent && now - this.#savedAtMs < SAVE_EVERY_MS)) return null;
    const saved = this.#conversation.save();
    // A format that only its own process can take up: its device keeps nothing for another one.
    if (!saved || saved.place.discard > DEVICE_KEEPS_MS * 16) return null;
    this.#savedAtMs = now;
    this.#isDirty = false;
    this.#isUrgent = false;
    const { point, ear } = saved.place;
    return {
      record: this.#recordOf(saved),
      written: () => {
        this.#safe = { byte: Math.max(this.#safe.byte, point.byte), positionMs: ear.position / 16 };
      },
    };
  }

  /** The record could not be written: it is tried again. */
  notWritten(): void {
    this.#isDirty = true;
  }

  provider(change: HealthChange): void {
    if (this.#conversation.uses(change.kind, change.address)) this.#conversation.news.provider(change);
  }

  budget(state: BudgetState): void {
    this.#conversation.news.budget(state);
  }

  #ready(bytes: number): object {
    const { windowMs, maxFrameBytes, textBytes } = this.#parts.limits;
    return {
      comando: 'pronto',
      sessao: this.sessionId,
      token_retomada: this.#token,
      versao_config: this.#conversation.configVersion,
      bytes,
      limites: {
        buffer_s: DEVICE_KEEPS_MS / 1000,
        retomada_s: windowMs / 1000,
        quadro_bytes: maxFrameBytes,
        texto_bytes: textBytes,
      },
    };
  }

  /** What the connection that is replaced had not handed on yet comes again over the new one. */
  #replace(transport: CounterTransport): void {
    const wasConnected = this.#link.isConnected;
    this.#isSwitching = true;
    this.#link.attach(transport)?.close(4009, 'sessão retomada em outra conexão');
    this.#isSwitching = false;
    if (wasConnected && !this.#isFresh) this.#conversation.leave();
  }

  #waitForDevice(): void {
    const { clock } = this.#parts.deps;
    const { windowMs } = this.#parts.limits;
    this.#awayUntilMs = clock.now() + windowMs;
    this.#cancelWindow = clock.after(windowMs, () => void this.end('disconnect'));
  }

  #hurry(): void {
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    this.#parts.onUrgent();
  }

  #stop(): void {
    this.#isOver = true;
    this.#cancelWindow?.();
    this.#cancelWindow = null;
  }

  #recordOf(conversation: SavedConversation): ResumeRecord {
    const { clientId, counterId } = this.identity;
    const { resume: _resume, ...handshake } = this.#parts.handshake;
    const state: ResumeState = { v: 1, handshake, conversation };
    const { windowMs } = this.#parts.limits;
    const leftMs = this.#cancelWindow ? this.#awayUntilMs - this.#parts.deps.clock.now() : windowMs + RECORD_MARGIN_MS;
    return {
      tokenHash: this.tokenHash,
      clientId,
      counterId,
      sessionId: this.sessionId,
      state: JSON.stringify(state),
      ttlMs: this.#isOver ? windowMs : leftMs,
    };
  }
}
