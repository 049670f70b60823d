import type { RoleGrant, RoleName } from '../store/roles-table.ts';

/** What each permission opens; pt-BR, as the manual's table shows it. */
export const PERMISSIONS = {
  'clients.read': 'Ver o cliente, seus balcões, sua configuração, a saúde dos provedores e as sessões',
  'clients.write': 'Cadastrar e mudar clientes, renovar o código',
  'counters.write': 'Aprovar, renomear, ajustar, trocar a chave de balcões e revogá-los',
  'employees.write': 'Cadastrar funcionários, suas vozes, turnos e consentimentos',
  'interactions.read': 'Ler o que foi dito nos balcões, métricas e planilhas',
  'audio.read': 'Ouvir o áudio guardado de uma fala',
  'reviews.write': 'Avaliar transcrições e recomendações',
  'lists.tighten': 'Restringir listas de produtos e de regras (nunca afrouxar)',
  'lists.write': 'Mudar catálogo e listas',
  'providers.write': 'Escolher provedores, e testar com eles',
  'routing.write': 'Mudar regras de rota',
  'limits.write': 'Mudar o orçamento (os limites são da plataforma)',
  'secrets.write': 'Gravar chaves de fornecedores',
  'audit.read': 'Ler a auditoria',
  'users.write': 'Convidar pessoas, mudar papéis, tirar o acesso',
  'privacy.write': 'Mudar prazos de guarda, a guarda de áudio e as bases legais',
  'privacy.erase': 'Entregar e apagar os dados de alguém (LGPD)',
  'users.reset': 'Dar senha nova a outra pessoa',
  'tokens.write': 'Criar e revogar tokens de API',
  'prices.write': 'Mudar a tabela de preços (só na plataforma)',
  platform: 'O que é da instalação inteira (só na plataforma)',
} as const;

/** One thing that a principal may do, in one client or in all. */
export type Permission = keyof typeof PERMISSIONS;

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(PERMISSIONS, text);
}

const VIEWER: Permission[] = ['clients.read', 'interactions.read'];
const PHARMACIST: Permission[] = [...VIEWER, 'reviews.write', 'lists.tighten'];
const ADMIN: Permission[] = [
  ...PHARMACIST,
  ...([
    'clients.write',
    'counters.write',
    'employees.write',
    'lists.write',
    'providers.write',
    'routing.write',
    'limits.write',
  ] as const),
  ...(['secrets.write', 'audit.read', 'audio.read', 'privacy.write', 'users.write', 'tokens.write'] as const),
];
const OWNER: Permission[] = [...ADMIN, 'privacy.erase', 'users.reset'];

/** What each role may do in its client; the manual's table is tested against this one. */
export const ROLE_PERMISSIONS: Readonly<Record<RoleName, ReadonlySet<Permission>>> = {
  viewer: new Set(VIEWER),
  farmaceutico: new Set(PHARMACIST),
  admin: new Set(ADMIN),
  owner: new Set(OWNER),
};

/** What the owner of the whole installation may do beside that. */
export const PLATFORM_OWNER_PERMISSIONS: ReadonlySet<Permission> = new Set(Object.keys(PERMISSIONS) as Permission[]);

/** What one grant allows, in the client that it names or, without one, in every client and for all. */
export function permissionsOf({ clientId, role }: RoleGrant): ReadonlySet<Permission> {
  return clientId === null && role === 'owner' ? PLATFORM_OWNER_PERMISSIONS : ROLE_PERMISSIONS[role];
}
