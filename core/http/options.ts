import type { Clock } from '../contracts/index.ts';
import type { LiveSessions } from '../counter/live-sessions.ts';
import type { Store } from '../store/index.ts';
import type { PasswordChecks } from './password-checks.ts';

/** What `/health/ready` says. */
export interface Readiness {
  /** False: calls and counters should go elsewhere. */
  ready: boolean;
  /** pt-BR, each with its remedy; empty when nothing is. */
  missing: string[];
}

/** What the routes need of the rest of the house. */
export interface HttpOptions
  extends Pick<
    Store,
    | 'clients'
    | 'counters'
    | 'counterChanges'
    | 'interactions'
    | 'admin'
    | 'users'
    | 'passwords'
    | 'tokens'
    | 'logins'
    | 'audit'
    | 'idempotency'
  > {
  liveSessions: Pick<LiveSessions, 'page'>;
  clock: Clock;
  readiness(): Readiness | Promise<Readiness>;
  settings: {
    /** CADASTRO_ABERTO. */
    openRegistration: boolean;
    /** CADASTRO_POR_MINUTO. */
    registrationsPerMinute: number;
    /** CODIGO_TTL_HORAS. */
    codeTtlHours: number;
    /** CORS_ORIGINS. */
    corsOrigins: string[];
    /** IANA zone of the times that reports show. Default America/Sao_Paulo. */
    timeZone?: string;
  };
}

/** The same, and what the doors share among them. */
export interface DoorOptions extends HttpOptions {
  passwordChecks: PasswordChecks;
}
