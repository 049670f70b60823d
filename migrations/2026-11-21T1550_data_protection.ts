import { type Kysely, sql } from 'kysely';
import { createTable, isolateTenants } from './support/table.ts';

/** What a client decided about people's data, on which basis, how long it is kept, and what was erased or handed out. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createBases(db);
  await createSettings(db);
  await createReceipts(db);
  await createTable(db, {
    name: 'scheduled_jobs',
    meaning: 'Trabalhos periódicos: quem toma a linha faz o trabalho, os outros processos passam adiante.',
    columns: [
      ['name', 'text primary key', 'Trabalho.'],
      ['next_at', 'timestamptz not null', 'Quando roda de novo.'],
      ['claimed_by', 'text', 'Processo que o faz agora; NULL: nenhum.'],
      ['claimed_until', 'timestamptz', 'Depois disso quem o tomou é tido por morto.'],
      ['last_at', 'timestamptz', 'Quando terminou por último.'],
      ['last_result', 'jsonb', 'O que fez, em números; nunca textos.'],
    ],
  });
  await sql`alter table interacoes add column texto_expirado_em timestamptz`.execute(db);
  await sql`comment on column interacoes.texto_expirado_em is 'Quando os textos desta fala foram apagados pelo prazo de guarda; NULL: ainda estão aqui.'`.execute(
    db,
  );
  await sql`
    create index interacoes_com_texto on interacoes (cliente_id, "timestamp", id) where texto_expirado_em is null`.execute(
    db,
  );
  await sql`
    create index interacoes_com_audio on interacoes (id) where audio_file_path is not null`.execute(db);
  await sql`create index interacoes_funcionario on interacoes (funcionario_id) where funcionario_id is not null`.execute(
    db,
  );
}

async function createBases(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'bases_legais',
    meaning: 'Registro das bases legais de cada cliente (LGPD, art. 37), entrada do relatório de impacto.',
    columns: [
      ['id', 'bigserial primary key', 'Identificador.'],
      ['cliente_id', 'text not null references clientes on delete cascade deferrable', 'Cliente: o controlador.'],
      [
        'finalidade',
        "text not null check (finalidade in ('atendimento', 'reconhecimento_de_voz', 'guarda_de_audio'))",
        'Para que os dados são tratados.',
      ],
      [
        'base',
        `text not null check (base in ('consentimento', 'obrigacao_legal', 'exercicio_de_direitos', 'protecao_da_vida',
          'tutela_da_saude', 'prevencao_a_fraude'))`,
        'Base do art. 11: dados de saúde e de voz são sensíveis.',
      ],
      ['descricao', 'text not null', 'Por que esta base, nas palavras do cliente.'],
      ['riscos', 'text', 'Riscos para os titulares, para o relatório de impacto.'],
      ['medidas', 'text', 'Medidas que os reduzem.'],
      ['registrado_em', 'timestamptz not null', 'Quando.'],
      ['registrado_por', 'text not null', 'Quem registrou.'],
      ['valido_ate', 'timestamptz', 'Até quando vale; NULL: sem data.'],
      ['encerrado_em', 'timestamptz', 'Quando outra tomou o lugar ou foi retirada; NULL: é a que vale.'],
    ],
  });
  await sql`
    create unique index bases_legais_atual on bases_legais (cliente_id, finalidade) where encerrado_em is null`.execute(
    db,
  );
  await isolateTenants(db, 'bases_legais');
  await sql`grant usage, select on sequence bases_legais_id_seq to balto_app`.execute(db);
}

async function createSettings(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'protecao_dados',
    meaning:
      'Prazos de guarda de cada cliente e a guarda de áudio, quando ligada. Sem linha valem os prazos de fábrica.',
    columns: [
      ['cliente_id', 'text primary key references clientes on delete cascade deferrable', 'Cliente.'],
      ['revisao', 'integer not null default 1', 'Aumenta a cada mudança.'],
      ['transcricao_dias', 'integer', 'Dias que os textos ficam; NULL: 30.'],
      ['metricas_meses', 'integer', 'Meses que a linha, sem textos, fica; NULL: 13.'],
      ['audio_dias', 'integer', 'Dias que um áudio guardado fica; NULL: 0, que é até o fim da guarda.'],
      ['audio_ate', 'timestamptz', 'Guardar o áudio das falas até esta data; NULL: não se guarda.'],
      ['audio_motivo', 'text', 'Por que se guarda.'],
      ['audio_base', 'text', 'Base legal da guarda.'],
      ['audio_desde', 'timestamptz', 'Quando foi ligada.'],
      ['audio_por', 'text', 'Quem ligou.'],
      ['atualizado_em', 'timestamptz not null', 'Última mudança.'],
    ],
  });
  await isolateTenants(db, 'protecao_dados');
}

async function createReceipts(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'recibos_lgpd',
    meaning: 'O que foi entregue ou apagado a pedido: números e alcance, nunca o que foi dito. Fica depois do cliente.',
    columns: [
      ['id', 'text primary key', 'Recibo (UUID).'],
      ['cliente_id', 'text not null', 'Cliente.'],
      ['acao', "text not null check (acao in ('export', 'erase'))", 'Entregue ou apagado.'],
      ['escopo', 'jsonb not null', 'O que foi pedido: interação, funcionário, balcão ou período.'],
      ['contagens', 'jsonb not null', 'Linhas por tabela, e arquivos.'],
      ['nao_alcancado', 'jsonb not null', 'Cópias fora do alcance: fornecedores, backups.'],
      ['hash', 'text not null', 'SHA-256 do recibo; na exportação, também do arquivo.'],
      ['em', 'timestamptz not null', 'Quando terminou.'],
      ['por', 'text not null', 'Quem pediu.'],
    ],
  });
  await sql`create index recibos_lgpd_cliente on recibos_lgpd (cliente_id, em)`.execute(db);
  await isolateTenants(db, 'recibos_lgpd');
}
