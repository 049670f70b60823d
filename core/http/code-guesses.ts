import type { FastifyRequest } from 'fastify';
import type { CodeOwner } from '../store/clients.ts';
import type { Client } from '../store/clients-table.ts';
import { type Attempt, addressKey, FailureWindow } from './failure-window.ts';
import { identifyCallers } from './identify.ts';
import type { HttpOptions } from './options.ts';
import { may } from './principal.ts';
import { refuse } from './problem.ts';
import { refuseForeign } from './session.ts';

const MINUTE_MS = 60_000;
const WRONG_CODES = { perAddress: { max: 5, windowMs: 10 * MINUTE_MS }, inAll: { max: 30, windowMs: 60 * MINUTE_MS } };

/** Whose code it was, and who used it, as audit rows name him. */
export interface CodeUser {
  client: Client;
  actor: string;
}

/** One use of a code: it counts as wrong until it opened. */
export interface CodeTry {
  /** The client of a living code. @throws 404 for a wrong or expired one. */
  codeOwner(code: string): Promise<CodeOwner>;
  /**
   * The same; once the code has expired, also a client's id, from somebody who may change its employees.
   * @throws 404 for all else: nobody learns which clients there are.
   */
  clientOf(codeOrId: string): Promise<CodeUser>;
  /** The request is over: where no code was looked up, none was wrong. */
  end(): void;
}

/** Codes as every route that takes one sees them: one count of wrong ones for all. */
export class CodeGuesses {
  readonly #options: Pick<HttpOptions, 'clients' | 'admin' | 'tokens'>;
  readonly #byAddress: FailureWindow;
  readonly #all: FailureWindow;

  constructor(options: Pick<HttpOptions, 'clients' | 'admin' | 'tokens' | 'clock'>) {
    const { perAddress, inAll } = WRONG_CODES;
    this.#options = options;
    this.#byAddress = new FailureWindow(perAddress.max, perAddress.windowMs, options.clock);
    this.#all = new FailureWindow(inAll.max, inAll.windowMs, options.clock);
  }

  /** @throws 429 when there were too many wrong ones, from this address or in all. */
  begin(request: FastifyRequest): CodeTry {
    const attempt = this.#count(request);
    let isOpen = true;
    const forgive = () => {
      if (isOpen) attempt.forgive();
      isOpen = false;
    };
    let isTried = false;
    const codeOwner = async (code: string): Promise<CodeOwner> => {
      isTried = true;
      const owner = await this.#options.clients.byCode(code.trim());
      if (!owner) throw wrongCode();
      forgive();
      return owner;
    };
    return {
      codeOwner,
      end: () => {
        if (!isTried) forgive();
      },
      clientOf: async (codeOrId) => {
        isTried = true;
        const owner = await this.#options.clients.byCode(codeOrId.trim());
        const user = owner
          ? { client: owner.client, actor: `client:${owner.client.clientId}` }
          : await this.#byId(request, codeOrId.trim());
        if (!user) throw wrongCode();
        forgive();
        return user;
      },
    };
  }

  async #byId(request: FastifyRequest, clientId: string): Promise<CodeUser | null> {
    const principal = await identifyCallers(this.#options)(request);
    if (!principal || !may(principal, 'employees.write', clientId)) return null;
    if (principal.kind === 'user') refuseForeign(request);
    const client = await this.#options.clients.byId(clientId);
    return client && { client, actor: principal.actor };
  }

  #count(request: FastifyRequest): Attempt {
    const own = this.#byAddress.begin(addressKey(request.ip));
    const shared = own && this.#all.begin('');
    if (own && shared) {
      return {
        forgive() {
          own.forgive();
          shared.forgive();
        },
      };
    }
    own?.forgive();
    throw refuse(429, 'BALTO_CLIENT_CODE_TOO_MANY', 'Códigos errados demais; tente de novo mais tarde.');
  }
}

/** Unaccented: a tool in the field looks for exactly this text. */
function wrongCode() {
  return refuse(404, 'BALTO_CLIENT_CODE', 'Codigo invalido ou expirado', 'user_codigo');
}
