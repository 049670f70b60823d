import { flag, mock, number, privacy, text, whole } from './variable-kinds.ts';

/** For who integrates a device, and for demonstrations. */
export const mockVariables = {
  mockMode: flag(mock('MOCK_MODE', 'Envia cartões simulados e identificados como tais.'), false),
  mockVoice: flag(mock('MOCK_VOICE', 'Transcrição simulada: nenhum fornecedor de voz é chamado.'), false),
  mockLatencyMinS: number(mock('MOCK_LATENCY_MIN', 'Menor espera simulada, em segundos.'), 0, 60, 0.5),
  mockLatencyMaxS: number(mock('MOCK_LATENCY_MAX', 'Maior espera simulada, em segundos.'), 0, 60, 2),
  mockRecommendation: flag(mock('MOCK_RECOMMENDATION', 'Ouve e transcreve, mas nunca chama o modelo.'), false),
};

/** What may be suggested, and what is kept of what was said. */
export const pharmacyVariables = {
  restrictProducts: flag(
    privacy(
      'RESTRICT_PRODUCTS',
      'Sugerir somente produtos do catálogo do cliente; 0: também os itens genéricos do catálogo inicial.',
    ),
    false,
  ),
  saveAudioDumps: flag(
    privacy(
      'SAVE_AUDIO_DUMPS',
      'Nada guarda por si: o áudio das falas só é guardado de clientes que o decidiram, com motivo, base e data final.',
    ),
    false,
  ),
  auditRetentionYears: whole(
    privacy('AUDIT_RETENTION_YEARS', 'Anos que a auditoria fica; as linhas mais velhas são aposentadas com selo.'),
    5,
    100,
    5,
  ),
  audioDumpDir: text(
    privacy('AUDIO_DUMP_DIR', 'Pasta do áudio que clientes decidiram guardar; o padrão é audio na pasta de dados.'),
  ),
};
