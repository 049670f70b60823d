import { type Kysely, sql } from 'kysely';
import { type Column, createTable, isolateTenants } from './support/table.ts';

/** One row per utterance, with every column that existing reports read, and ours. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(db, {
    name: 'interacoes',
    meaning: 'Interações: uma linha por fala que saiu do detector de voz, também as descartadas.',
    columns: [...CONVERSATION, ...TIMES, ...CUT, ...SOUND, ...SETTINGS, ...OURS],
  });
  await sql`create index interacoes_balcao on interacoes (balcao_id, timestamp desc, id desc)`.execute(db);
  await sql`create index interacoes_cliente on interacoes (cliente_id, timestamp desc, id desc)`.execute(db);
  await sql`create index interacoes_timestamp on interacoes (timestamp desc, id desc)`.execute(db);
  await isolateTenants(db, 'interacoes');
  await sql`grant usage, select on sequence interacoes_id_seq to balto_app`.execute(db);
}

const CONVERSATION: Column[] = [
  [
    'id',
    'serial primary key',
    'Identificador; distribuído em blocos de 1.000, por isso a ordem no tempo é a de timestamp.',
  ],
  ['balcao_id', 'text not null', 'Balcão em que se falou.'],
  ['timestamp', 'timestamptz(3) not null', 'Quando a fala foi recebida.'],
  ['transcricao_completa', 'text', 'Contexto enviado ao modelo quando ele foi chamado; senão, o texto desta fala.'],
  ['transcricao_normalizada', 'text', 'MED:…; SINT:…; DOENCA:… | HINT, ou NADA_RELEVANTE | OUTRO.'],
  ['transcricao_classificacao', 'text', 'JSON {macros_top2, micro_categoria, ancoras_para_excluir}.'],
  [
    'recomendacao_gerada',
    'text',
    'NULL: o modelo não foi chamado; Nenhuma: chamado, nada a sugerir; senão S: … | S: ….',
  ],
  [
    'resultado_feedback',
    'text',
    'processado, discarded ou mock_voice; depois aceito, recusado ou ignorado, dito pelo balcão.',
  ],
  ['funcionario_id', 'integer', 'Funcionário reconhecido pela voz; NULL: ninguém reconhecido.'],
  ['modelo_stt', 'text', 'Fornecedor que transcreveu.'],
  ['custo_estimado', 'real', 'Custo estimado, em US$.'],
  ['snr', 'real', 'Relação sinal-ruído da fala, em dB.'],
  ['grok_raw_response', 'text', 'Resposta crua do modelo, de qualquer fornecedor.'],
];

const TIMES: Column[] = [
  ['ts_audio_received', 'timestamptz', 'Chegada do quadro de áudio que completou a fala.'],
  ['ts_transcription_sent', 'timestamptz', 'Pedido de transcrição enviado.'],
  ['ts_transcription_ready', 'timestamptz', 'Transcrição recebida.'],
  ['ts_ai_request', 'timestamptz', 'Pedido ao modelo enviado.'],
  ['ts_ai_response', 'timestamptz', 'Resposta do modelo recebida.'],
  ['ts_client_sent', 'timestamptz', 'Cartão escrito na conexão do balcão.'],
];

const CUT: Column[] = [
  ['speaker_data', 'text', 'JSON [{id, name, score}], o melhor primeiro.'],
  [
    'interaction_type',
    'text not null',
    'valid, discarded_empty, discarded_ia, mock_voice; sem_provedor: nenhum fornecedor configurado; perdida: passou do limite sem resposta.',
  ],
  ['segment_duration_ms', 'integer', 'Duração da fala, em ms.'],
  ['segment_bytes', 'integer', 'Tamanho da fala, em bytes de PCM 16 kHz.'],
  ['frames_len', 'integer', 'Quadros de 30 ms da fala.'],
  ['cut_reason', 'text', 'Por que foi cortada: silence_end, safety_limit, client_end, disconnect ou gap.'],
  ['silence_frames_count_at_cut', 'integer', 'Quadros de silêncio contados no corte.'],
  ['noise_level_start', 'real', 'Piso de ruído no início (RMS int16).'],
  ['noise_level_end', 'real', 'Piso de ruído no fim (RMS int16).'],
  ['dynamic_threshold_start', 'real', 'Limiar de energia no início (RMS int16).'],
  ['dynamic_threshold_end', 'real', 'Limiar de energia no fim (RMS int16).'],
];

const SOUND: Column[] = [
  ['energy_rms_mean', 'real', 'Energia média (RMS int16).'],
  ['energy_rms_max', 'real', 'Energia máxima (RMS int16).'],
  ['peak_dbfs', 'real', 'Pico, em dBFS.'],
  ['clipping_ratio', 'real', 'Fração de amostras acima de 0,995.'],
  ['dc_offset', 'real', 'Desvio médio do sinal.'],
  ['zcr', 'real', 'Taxa de cruzamentos por zero.'],
  ['spectral_centroid', 'real', 'Centroide espectral do quadro mais forte, em Hz.'],
  ['spectral_centroid_mean', 'real', 'Centroide espectral médio, em Hz.'],
  ['band_energy_low', 'real', 'Energia até 250 Hz.'],
  ['band_energy_mid', 'real', 'Energia de 250 Hz a 4 kHz.'],
  ['band_energy_high', 'real', 'Energia acima de 4 kHz.'],
  ['snr_estimate', 'real', 'Relação sinal-ruído estimada, em dB.'],
  ['audio_cleaner_gain_db', 'real', 'Ganho do limpador de ruído, em dB.'],
  ['audio_pitch_mean', 'real', 'Tom médio da voz, em Hz (50 a 400).'],
  ['audio_pitch_std', 'real', 'Desvio-padrão do tom, em Hz.'],
  ['audio_classification', 'text', 'fala, fala_com_ruido, ruido ou silencio_com_ruido.'],
  ['speech_ranges', 'text', 'JSON {ranges, speech_pct, silence_pct, word_count}, em segundos.'],
];

const SETTINGS: Column[] = [
  ['threshold_multiplier', 'real', 'Multiplicador do piso de ruído em vigor.'],
  ['min_energy_threshold', 'real', 'Energia mínima em vigor (RMS int16).'],
  ['alpha', 'real', 'Peso de um quadro novo no piso de ruído.'],
  ['vad_aggressiveness', 'integer', 'Rigor do detector de voz, onde ele o tem.'],
  ['silence_frames_needed', 'integer', 'Quadros de silêncio que encerram a fala.'],
  ['pre_roll_len', 'integer', 'Quadros guardados antes da fala.'],
  ['segment_limit_frames', 'integer', 'Limite da fala, em quadros.'],
  ['config_snapshot', 'text', 'JSON dos ajustes em vigor.'],
  ['mock_status', 'text', 'JSON: o que foi simulado; NULL: nada.'],
  ['cpu_usage_percent', 'real', 'Uso de CPU do processo, em %.'],
  ['ram_usage_mb', 'real', 'Memória do processo, em MB.'],
  ['audio_file_path', 'text', 'Arquivo de áudio guardado, se houver.'],
];

const OURS: Column[] = [
  ['cliente_id', 'text not null', 'Cliente dono do balcão.'],
  ['sessao_id', 'text not null', 'Conexão em que se falou.'],
  ['segmento', 'integer not null', 'Número da fala na conexão, a partir de 1.'],
  ['chave_idempotencia', 'text not null unique', 'Garante que a mesma fala não entra duas vezes.'],
  ['ts_speech_end', 'timestamptz', 'Fim acústico da fala: as latências se medem a partir daqui.'],
  ['versao_config', 'integer', 'Versão da configuração em vigor.'],
  ['versao_prompt', 'text', 'Versão das instruções ao modelo.'],
  ['versao_lista', 'text', 'Versão da lista de venda livre.'],
  ['decisao', 'jsonb', 'Por que estes fornecedores, nesta ordem, e o que houve em cada tentativa.'],
  ['portao', 'jsonb', 'O que os filtros e o portão de venda livre fizeram.'],
  ['candidatos', 'jsonb', 'Produtos do catálogo considerados.'],
  ['custo_micro_usd', 'bigint', 'Custo, em milionésimos de US$.'],
];
