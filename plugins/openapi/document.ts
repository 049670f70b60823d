import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

export const DOCS_PATH = '/docs';

/** What the document says besides the routes' own schemas. */
export const document: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Balto',
      description:
        'API REST do Balto. Os balcões falam por WebSocket (docs/websocket.md). Erros trazem `error` (pt-BR) e os membros de RFC 9457.',
      version: '1',
    },
    tags: [
      { name: 'Cadastro', description: 'Clientes e balcões' },
      { name: 'Administração', description: 'Sessões' },
      { name: 'Clientes', description: 'Quem tem balcões' },
      { name: 'Provedores', description: 'O que se pode usar, o que cada um usa, e como vai' },
      { name: 'Chaves de fornecedores', description: 'Gravadas, nunca lidas de volta' },
      { name: 'Configuração', description: 'Rascunhos, versões, e a volta a uma delas' },
      { name: 'Interações', description: 'O que foi dito, quem transcreveu e por quê, quanto custou' },
      { name: 'Avaliações', description: 'O que quem ouviu achou' },
      { name: 'Alertas', description: 'O que alguém precisa ver' },
      { name: 'Pessoas', description: 'Quem administra, e o que pode' },
      { name: 'Tokens', description: 'Acesso de programas' },
      { name: 'Auditoria', description: 'Quem mudou o quê, e por quê' },
      { name: 'Dados', description: 'Interações e métricas' },
      { name: 'Saúde', description: 'O processo e o que lhe falta' },
      { name: 'Balcões', description: 'Aprovar, ajustar, trocar a chave, revogar' },
      { name: 'Balcão', description: 'WebSocket' },
      { name: 'Roteamento', description: 'Regras que escolhem o provedor de cada fala; explicá-las e simulá-las' },
      { name: 'Dinheiro', description: 'Preços, orçamentos e custos' },
      { name: 'Limites', description: 'Quanto um cliente pode tomar do que é de todos' },
      { name: 'Números', description: 'Hoje, o mês, e os provedores lado a lado' },
      { name: 'Lista de venda livre', description: 'O que pode ser sugerido no balcão, e o que foi barrado' },
      { name: 'Catálogo', description: 'Produtos e importações' },
      { name: 'Funcionários', description: 'Turnos, vozes e consentimentos' },
      { name: 'Proteção de dados', description: 'Prazos, bases legais, entregar e apagar' },
      { name: 'Testes', description: 'Os passos de uma conversa, um a um, sem balcão' },
    ],
    components: {
      securitySchemes: {
        sessao: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-balto',
          description: 'Cookie de `POST /admin/login` (em http local o nome é admin_token)',
        },
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'bt_…',
          description: 'Token de `POST /api/v1/tokens`: `Authorization: Bearer bt_…`',
        },
      },
    },
  },
};

/** The page's own scripts and styles only; its components set styles inline. */
export const docsCsp: Record<string, string[]> = {
  'default-src': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
};
