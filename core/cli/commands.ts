import type { Command } from './command.ts';

/** Every command, in the order of `balto --help`; loaded only when it is called. */
export const COMMANDS: Record<string, { summary: string; load(): Promise<Command> }> = {
  start: { summary: 'Inicia o servidor', load: async () => (await import('./start.ts')).command },
  demo: {
    summary: 'Mostra uma conversa inteira, sem chaves e sem rede',
    load: async () => (await import('./demo.ts')).command,
  },
  doctor: {
    summary: 'Confere a instalação e diz o remédio do que falta',
    load: async () => (await import('./doctor.ts')).command,
  },
  simulate: {
    summary: 'Passa um arquivo de áudio pelo caminho real de um balcão',
    load: async () => (await import('./simulate.ts')).command,
  },
  plugins: { summary: 'Lista os provedores instalados', load: async () => (await import('./plugins.ts')).command },
  new: { summary: 'Faz um plugin novo, já verde no kit', load: async () => (await import('./new.ts')).command },
  models: {
    summary: 'Lista e traz os modelos que rodam nesta máquina',
    load: async () => (await import('./models.ts')).command,
  },
  backup: { summary: 'Grava um backup em um arquivo', load: async () => (await import('./backup.ts')).backupCommand },
  restore: {
    summary: 'Restaura um backup, em qualquer um dos bancos',
    load: async () => (await import('./backup.ts')).restoreCommand,
  },
  'import-legacy': {
    summary: 'Traz os dados do servidor original',
    load: async () => (await import('./import-legacy.ts')).command,
  },
  catalogue: {
    summary: 'Importa o catálogo de um cliente, e desfaz',
    load: async () => (await import('./catalogue.ts')).command,
  },
  keys: {
    summary: 'Troca a chave que cifra os segredos guardados',
    load: async () => (await import('./keys.ts')).command,
  },
  lgpd: {
    summary: 'Entrega ou apaga o que se guarda de alguém, com recibo',
    load: async () => (await import('./lgpd.ts')).command,
  },
  audit: { summary: 'Confere se alguém mexeu na auditoria', load: async () => (await import('./audit.ts')).command },
};
