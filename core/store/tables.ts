import type {
  AdminInvitesTable,
  AdminSessionsTable,
  AdminUsersTable,
  LoginAttemptsTable,
  LoginPlacesTable,
} from './admin-table.ts';
import type { AlertsTable } from './alerts-table.ts';
import type { ApiTokensTable } from './api-tokens-table.ts';
import type { AuditHeadTable, AuditRetiredTable, AuditTable } from './audit-table.ts';
import type { BudgetClaimsTable } from './budget-claims.ts';
import type { ImportIssuesTable, ImportLinesTable, ImportsTable } from './catalogue-imports-table.ts';
import type { ClientsTable } from './clients-table.ts';
import type { ConfigDraftsTable } from './config-drafts-table.ts';
import type { ConfigAppliedTable, ConfigItemsTable, ConfigVersionsTable } from './config-table.ts';
import type { CopiesTable } from './copies-table.ts';
import type { CostCorrectionsTable, CostDaysTable } from './cost-tables.ts';
import type { CounterReservationsTable } from './counter-places.ts';
import type { CountersTable } from './counters-table.ts';
import type {
  DataProtectionTable,
  LegalBasesTable,
  ReceiptsTable,
  ScheduledJobsTable,
} from './data-protection-table.ts';
import type { EmployeesTable, ShiftsTable, VoiceConsentsTable } from './employees-table.ts';
import type { IdempotencyTable } from './idempotency-table.ts';
import type { InteractionsTable } from './interactions-table.ts';
import type { LiveSessionsTable } from './live-sessions-table.ts';
import type { PriceBookTable } from './price-book.ts';
import type { ProductsTable } from './products-table.ts';
import type { ProviderHealthTable } from './provider-health-table.ts';
import type { RateWindowsTable } from './rate-counter.ts';
import type { ResumeRecordsTable } from './resume-table.ts';
import type { ReviewsTable } from './reviews-table.ts';
import type { AdminRolesTable } from './roles-table.ts';
import type { ShadowTable } from './shadow-table.ts';
import type { UsageTable } from './usage-table.ts';
import type { VendorCredentialsTable } from './vendor-credentials-table.ts';

/** Every table as Kysely sees it. Each one's columns, and their mapping to the code's words, stand in its own file. */
export interface Tables {
  clientes: ClientsTable;
  balcoes: CountersTable;
  funcionarios: EmployeesTable;
  funcionario_turnos: ShiftsTable;
  consentimentos_voz: VoiceConsentsTable;
  interacoes: InteractionsTable;
  produtos: ProductsTable;
  catalogo_importacoes: ImportsTable;
  catalogo_importacao_linhas: ImportLinesTable;
  catalogo_importacao_avisos: ImportIssuesTable;
  usage_ledger: UsageTable;
  copias: CopiesTable;
  budget_claims: BudgetClaimsTable;
  cost_days: CostDaysTable;
  rate_windows: RateWindowsTable;
  counter_reservations: CounterReservationsTable;
  cost_corrections: CostCorrectionsTable;
  shadow_results: ShadowTable;
  admin_users: AdminUsersTable;
  admin_sessions: AdminSessionsTable;
  admin_roles: AdminRolesTable;
  admin_invites: AdminInvitesTable;
  api_tokens: ApiTokensTable;
  login_attempts: LoginAttemptsTable;
  login_places: LoginPlacesTable;
  audit_log: AuditTable;
  audit_head: AuditHeadTable;
  audit_retired: AuditRetiredTable;
  journal_positions: JournalPositionsTable;
  price_book: PriceBookTable;
  provider_health: ProviderHealthTable;
  config_versions: ConfigVersionsTable;
  config_items: ConfigItemsTable;
  config_drafts: ConfigDraftsTable;
  config_applied: ConfigAppliedTable;
  vendor_credentials: VendorCredentialsTable;
  idempotency_keys: IdempotencyTable;
  live_sessions: LiveSessionsTable;
  avaliacoes: ReviewsTable;
  alertas: AlertsTable;
  resume_records: ResumeRecordsTable;
  bases_legais: LegalBasesTable;
  protecao_dados: DataProtectionTable;
  recibos_lgpd: ReceiptsTable;
  scheduled_jobs: ScheduledJobsTable;
}

export interface JournalPositionsTable {
  journal_id: string;
  segment: number;
  position: number;
  updated_at: Date;
}
