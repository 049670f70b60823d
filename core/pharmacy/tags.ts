const LIST =
  'sem_sugestao outros suporte higiene_pessoal higiene_oral higiene_intima primeiros_socorros pele_feridas ' +
  'antisseptico_topico curativos queimaduras picadas_insetos repelente protetor_solar pos_sol hidratacao_pele ' +
  'protetor_labial assaduras acne_oleosidade cabelo_couro_cabeludo olhos_irritacao ouvido_cuidados nariz_sinus ' +
  'garganta_tosse rinite_resfriado gripe_febre dor_generica dor_cabeca dor_muscular dor_articular contusao_torção ' +
  'termoterapia gastro_digestivo azia_refluxo diarreia constipacao nausea hidratacao_reidratacao ressaca alergia ' +
  'dermatite_coceira fungos_micose herpes_labial saude_feminina saude_masculina gestacao_lactacao_suporte ' +
  'criancas_bebe idoso_suporte vitaminas_minerais imunidade energia_fadiga sono_relaxamento_suporte ' +
  'estresse_ansiedade_suporte performance_esportiva_suporte controle_peso_suporte diabetes_suporte_nao_rx ' +
  'pressao_arterial_suporte colesterol_suporte circulacao_suporte ortopedia_acessorios compressas meias_compressao ' +
  'inalacao_nebulizacao_suporte soro_fisiologico_suporte equipamentos_saude testes_rapidos medicao_temperatura ' +
  'medicao_pressao medicao_glicemia preservativos lubrificantes planejamento_familiar_suporte cardio_pressao ' +
  'endocrino_metabolico suplementos';

/** The tags devices choose an icon by (protocol.md §1.3), as they stand on the wire. */
export const TAGS: ReadonlySet<string> = new Set(LIST.split(' '));

/** The tag as devices know it; anything else is `outros`. */
export function wireTag(tag: string): string {
  return TAGS.has(tag) ? tag : 'outros';
}
